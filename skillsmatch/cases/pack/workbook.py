"""The pack as a workbook: a sheet for each output, one of contents. Words are text, never formulas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from skillsmatch.cases.pack.sheets import NO_ROWS, Pack, Sheet, Value, plain
from skillsmatch.demand.files import put_cell

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

WIDEST, NARROWEST = 60, 9  # characters of a column
LOOKED_AT = 200  # rows that decide a column's width


def write_xlsx(pack: Pack) -> bytes:
    """The workbook. Every sheet begins with its title, and in an internal pack with the mark."""
    from openpyxl import Workbook

    book = Workbook()
    about = book.active
    assert about is not None  # noqa: S101  (a new workbook has one sheet)
    about.title = "Contents"
    lines: list[Sequence[Value]] = [
        [line] for line in (pack.mark, pack.title, pack.dates, *pack.opening) if line
    ]
    lines += [[""], ["Sheet", "What it holds", "Rows"]]
    lines += [[sheet.tab, sheet.title, len(sheet.rows)] for sheet in pack.sheets]
    _fill(about, lines)
    for column, width in (("A", 28), ("B", 80), ("C", 9)):
        about.column_dimensions[column].width = width
    for sheet in pack.sheets:
        _sheet(book.create_sheet(sheet.tab), sheet, pack)
    _properties(book.properties, pack)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _sheet(page: Worksheet, sheet: Sheet, pack: Pack) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    top = [pack.mark] if pack.internal else []
    top += [f"{sheet.code} {sheet.title}, {pack.dates}", *sheet.words]
    if not sheet.rows:
        top.append(NO_ROWS)
    head = len(top) + 2
    _fill(page, [[line] for line in top])
    _fill(page, [sheet.header, *sheet.rows], begin=head)
    for number in range(1, len(top) + 1):
        page.cell(row=number, column=1).font = Font(
            bold=number <= 1 + pack.internal, color="A31B1B" if pack.internal and number == 1 else None
        )
    for column, width in enumerate(widths(sheet), start=1):
        page.column_dimensions[get_column_letter(column)].width = width
        page.cell(row=head, column=column).font = Font(bold=True)
        page.cell(row=head, column=column).alignment = Alignment(wrap_text=True, vertical="top")
    page.freeze_panes = page.cell(row=head + 1, column=1)
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = f"{head}:{head}"
    page.oddHeader.center.text = pack.mark[:200]  # on every printed page
    if sheet.chart and sheet.chart.bars:
        _chart(page, sheet, head)


def widths(sheet: Sheet) -> list[int]:
    """The width of each column, by its first rows."""
    found = []
    for place, name in enumerate(sheet.header):
        longest = max(
            (len(str(row[place])) for row in sheet.rows[:LOOKED_AT] if row[place] is not None), default=0
        )
        found.append(min(WIDEST, max(NARROWEST, longest + 2, min(len(name), 18) + 2)))
    return found


def _chart(page: Worksheet, sheet: Sheet, head: int) -> None:
    """A bar chart of the sheet's own numbers, beside them on a sheet of its own cells."""
    from openpyxl.chart import BarChart, Reference

    assert sheet.chart is not None  # noqa: S101  (its caller has looked)
    begin = head + len(sheet.rows) + 3
    lines: list[Sequence[Value]] = [[sheet.chart.title, sheet.chart.unit], *sheet.chart.bars]
    _fill(page, lines, begin=begin)
    chart = BarChart()
    chart.type, chart.title, chart.legend = "bar", sheet.chart.title, None
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.scaling.orientation = "maxMin"
    end = begin + len(sheet.chart.bars)
    chart.add_data(Reference(page, min_col=2, min_row=begin, max_row=end), titles_from_data=True)
    chart.set_categories(Reference(page, min_col=1, min_row=begin + 1, max_row=end))
    chart.height, chart.width = 11, 22
    page.add_chart(chart, f"D{begin}")


def _fill(page: Any, rows: Sequence[Sequence[Value]], begin: int = 1) -> None:
    for number, row in enumerate(rows, start=begin):
        for place, value in enumerate(row, start=1):
            if isinstance(value, float):
                page.cell(row=number, column=place).value = value
            else:
                put_cell(page, number, place, plain(value))  # type: ignore[arg-type]


def _properties(properties: Any, pack: Pack) -> None:
    properties.title, properties.creator = pack.title, "skillsmatch"
    properties.subject = "Internal" if pack.internal else "Public"
    properties.created = properties.modified = datetime.combine(pack.made_on, time())
