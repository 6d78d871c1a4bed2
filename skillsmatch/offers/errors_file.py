"""A refused file again, as CSV, with what is wrong in a last column: put right there, it can be loaded as it is."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from skillsmatch.offers.cells import CONTROL, ESCAPED
from skillsmatch.offers.checking import WrongUse
from skillsmatch.offers.formats import OpenFile
from skillsmatch.offers.inert import as_written, inert
from skillsmatch.offers.records import RowError
from skillsmatch.offers.tables import ERRORS, Read


class ErrorsFile:
    """Written while a file is checked; afterwards `path` is there only if something was wrong with a row."""

    def __init__(self, path: Path) -> None:
        self._path, self._beside = path, path.with_name(path.name + ".part")
        self._file = self._beside.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._places: list[int] = []  # of the columns that are the file's own
        self.wrong = 0  # rows

    def add(self, file: OpenFile, read: Read, wrong: Sequence[RowError]) -> None:
        """One row of the file, and all that is wrong with it."""
        if not file.header:
            raise WrongUse(f"--errors writes a table, which a file of {file.form.name} is not.")
        if not self._places:
            names = [name.strip() for name in file.header]
            self._places = [place for place, name in enumerate(names) if name != ERRORS]
            self._writer.writerow([*(names[place] for place in self._places), ERRORS])
        self.wrong += bool(wrong)
        cells = [read.cells[place] if place < len(read.cells) else "" for place in self._places]
        said = "; ".join(f"{error.column}: {error.message}" for error in wrong)
        # A cell that came in marked is marked once and not twice.
        self._writer.writerow([*(inert(as_written(_text(cell))) for cell in cells), inert(said)])

    def __enter__(self) -> ErrorsFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self.wrong:
            self._beside.replace(self._path)
        else:
            self._beside.unlink()


def _text(cell: str) -> str:
    """The cell as text of one encoding; what no text may hold becomes a question mark."""
    if ESCAPED.search(cell):
        cell = cell.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    return CONTROL.sub("?", cell)
