"""My provision against demand as files: CSV and XLSX, each with its method."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from skillsmatch.demand.files import put_cell, safe_cell

if TYPE_CHECKING:
    from skillsmatch.demand.mine import Mine

Row = Sequence[str | int | None]
HEADER = (
    *(
        "release",
        "theme_code",
        "theme",
        "theme_group",
        "employers_from",
        "employers_to",
        "employers_in_words",
    ),
    *("nothing_fitted_in_words", "my_offers", "my_next_start", "other_offers", "other_next_start"),
    *("gap_in_words", "priorities"),
)
WIDTHS = (9, 14, 40, 28, 14, 12, 18, 18, 10, 26, 12, 26, 24, 20)


def rows_of(found: Mine) -> Iterator[Row]:
    """A row for each theme, in the order of the page."""
    for gap in found.rows:
        yield (
            *(found.edition.period, gap.theme, gap.name, gap.group, gap.asked.low, gap.asked.high),
            *(gap.asked.words, gap.unmet, gap.mine.offers, gap.mine.words, gap.others.offers),
            *(gap.others.words, gap.words, "; ".join(gap.priorities)),
        )


def write_gaps_csv(found: Mine) -> bytes:
    """The rows as CSV with a byte-order mark; the method stands in the last rows."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(HEADER)
    for row in rows_of(found):
        writer.writerow([safe_cell(v) if isinstance(v, str) else v for v in row])
    for words in found.method:
        writer.writerow(["method", safe_cell(words)])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def write_gaps_xlsx(found: Mine) -> bytes:
    """A workbook of three sheets: the themes, the plan's priorities, the method. Words are text, never formulas."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101  (a new workbook has one sheet)
    sheet.title = "Themes"
    _fill(sheet, [HEADER, *rows_of(found)])
    sheet.freeze_panes = "A2"
    for column, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    of_plan: list[Row] = [("code", "priority", "themes", "employers_in_words", "my_offers", "other_offers")]
    for one in found.priorities:
        own = (one.priority.code, one.priority.title, "; ".join(one.themes))
        of_plan.append((*own, one.asked.words, one.mine, one.others))
    _fill(book.create_sheet("Priorities"), of_plan)
    method = book.create_sheet("Method")
    _fill(method, [[words] for words in found.method])
    method.column_dimensions["A"].width = 110
    if found.edition.published_at:
        book.properties.created = book.properties.modified = found.edition.published_at
    book.properties.creator, book.properties.title = "skillsmatch", "My provision against demand"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _fill(sheet: object, rows: Sequence[Row]) -> None:
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            put_cell(sheet, number, place, value)


GAP_MAKERS: Mapping[str, Callable[[Mine], bytes]] = {"csv": write_gaps_csv, "xlsx": write_gaps_xlsx}
