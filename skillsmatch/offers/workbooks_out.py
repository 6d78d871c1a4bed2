"""An Excel workbook of one sheet whose every cell is text, so that nothing in it is worked out or reformatted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Any

from skillsmatch.offers.cells import CONTROL

LONGEST = 32_767  # characters of a cell; Excel's own limit
NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


class WorkbookWriter:
    """Rows go straight to a temporary file, so that a sheet may be longer than fits in memory."""

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        from openpyxl import Workbook  # its import takes a third of a second
        from openpyxl.cell import WriteOnlyCell

        self._file, self._cell = file, WriteOnlyCell
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("offers")
        self._sheet.freeze_panes = "A2"
        self.add(columns)

    def add(self, row: Sequence[str]) -> None:
        """One more row."""
        self._sheet.append([self._text(text) for text in row])

    def _text(self, text: str) -> Any:
        cell = self._cell(self._sheet, value="")
        cell.value = NOT_XML.sub("?", CONTROL.sub("?", text))[:LONGEST]
        cell.data_type = "s"  # or openpyxl would take what begins with "=" for a formula
        cell.number_format = "@"
        return cell

    def __enter__(self) -> WorkbookWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._book.save(self._file)
        else:
            self._sheet.close()
