"""The desk's figures as files: CSV and XLSX, each with its method."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO, StringIO

from skillsmatch.demand.files import put_cell, safe_cell
from skillsmatch.demand.offer_figures import Figures, Steps
from skillsmatch.demand.offers_seen import STEPS

Row = Sequence[str | int | None]
HEADER = (
    *("release", "offer", "offer_name", "withdrawn"),
    *(f"employers_{step}{part}" for step in STEPS for part in ("", "_in_words")),
    "change_of_shown",
)
WIDTHS = (9, 9, 60, 10, 12, 16, 12, 16, 12, 16, 18)


def rows_of(found: Figures) -> Iterator[Row]:
    """A row for all offers together, then one for each. A hidden number is None and says so in words."""
    period = found.edition.period
    yield (period, None, "All my offers together", "", *_numbers(found.together), found.change)
    for row in found.rows:
        withdrawn = "yes" if row.withdrawn else "no"
        yield (period, row.offer_id, row.title, withdrawn, *_numbers(row.steps), row.change)


def _numbers(steps: Steps) -> Iterator[str | int | None]:
    for number, words in zip(steps.numbers, steps.words, strict=True):
        yield from (number, words)


def write_figures_csv(found: Figures) -> bytes:
    """The rows as CSV with a byte-order mark; the method stands in the last rows."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(HEADER)
    for row in rows_of(found):
        writer.writerow(["" if v is None else safe_cell(v) if isinstance(v, str) else v for v in row])
    for words in found.method:
        writer.writerow(["method", safe_cell(words)])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def write_figures_xlsx(found: Figures) -> bytes:
    """A workbook of two sheets: the offers, the method. Words are text, never formulas."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet, method = book.active, book.create_sheet("Method")
    assert sheet is not None  # noqa: S101  (a new workbook has one sheet)
    sheet.title = "Offers"
    for number, row in enumerate((HEADER, *rows_of(found)), start=1):
        for place, value in enumerate(row, start=1):
            put_cell(sheet, number, place, value)
    for number, words in enumerate(found.method, start=1):
        put_cell(method, number, 1, words)
    sheet.freeze_panes = "A2"
    for column, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    method.column_dimensions["A"].width = 110
    if found.edition.published_at:
        book.properties.created = book.properties.modified = found.edition.published_at
    book.properties.creator, book.properties.title = "skillsmatch", "My offers: shown, opened, chosen"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


FIGURE_MAKERS: Mapping[str, Callable[[Figures], bytes]] = {
    "csv": write_figures_csv,
    "xlsx": write_figures_xlsx,
}
