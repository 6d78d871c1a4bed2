"""The rows of an Excel workbook's first sheet, as if it were CSV; never a formula, and never more than we can hold."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from skillsmatch.offers.cells import shown
from skillsmatch.offers.rows import NotText, Unreadable

MOST_BYTES = 60_000_000  # unpacked; a sheet of 5,000 full rows has about 15 million
MOST_PARTS = 2_000  # files inside the workbook
MOST_COLUMNS = 100  # what stands to the right of them is not read; no format has half as many
WORKBOOK = "xl/workbook.xml"
FORMULA = "holds a formula; put what it works out in its place (Paste Special, Values)"
DAMAGED = "the workbook is damaged; open it in Excel and save it again, or save the sheet as CSV UTF-8"


def read_workbook(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row of the first sheet with its number, the first being 1; a blank row gives no cells.

    Numbers and dates come as people write them (dates as yyyy-mm-dd). A formula or an error comes as NotText.
    Raises Unreadable for a zip that is no workbook, or one that unpacks to more than MOST_BYTES.
    """
    _look(path)
    from openpyxl import (
        load_workbook,  # its import takes a third of a second, which other files need not wait for
    )

    number = 0
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about drop-down lists and the like, of which nothing is read
        try:
            book = load_workbook(file, read_only=True, keep_links=False)
            for number, row in enumerate(_rows(book), start=1):
                yield number, row
        except (Unreadable, GeneratorExit):
            raise
        # Whatever the library stumbles over in a damaged file (it has no error of its own for that) is named here.
        except Exception as error:
            raise Unreadable(number + 1, None, DAMAGED) from error


def _look(path: Path) -> None:
    """Refuses what must not be unpacked. Zip files are read to the sizes they declare, so these can be trusted."""
    try:
        with zipfile.ZipFile(path) as parts:
            listed = parts.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Unreadable(1, None, "the zip archive or Excel workbook is damaged; save it again") from None
    if WORKBOOK not in {part.filename for part in listed}:
        raise Unreadable(
            1, None, "this is a zip archive and no Excel workbook (.xlsx); save the sheet as CSV UTF-8"
        )
    if len(listed) > MOST_PARTS or sum(part.file_size for part in listed) > MOST_BYTES:
        size = f"{MOST_BYTES // 1_000_000} MB"
        raise Unreadable(1, None, f"the workbook unpacks to more than {size}; save the sheet as CSV UTF-8")


def _rows(book: Any) -> Iterator[list[str]]:
    if not book.worksheets:
        raise Unreadable(1, None, "the workbook has no sheet with rows; save the sheet as CSV UTF-8")
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # a workbook may declare a size that it has not
    width = 0
    for cells in sheet.iter_rows(max_col=MOST_COLUMNS):
        row = [_text(cell) for cell in cells]
        while row and not row[-1].strip():
            row.pop()
        if not width:
            width = len(row)
            if not width:
                raise Unreadable(1, None, "the first row is empty; it must name the columns")
        yield row + [""] * (width - len(row)) if row else row


def _text(cell: Any) -> str:
    """A cell as a person would type it."""
    value, sort = cell.value, cell.data_type
    if value is None:
        return ""
    if sort == "f":
        return NotText(str(getattr(value, "text", value)), FORMULA)
    if sort == "e":
        return NotText(str(value), f"holds the error {shown(str(value))}; put the value in its place")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{Decimal(repr(value)):f}"
    if isinstance(value, datetime):
        return (value.date() if value.time() == datetime.min.time() else value).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
