"""The pack as a workbook: a sheet for each output, one of contents. Words are text, never formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from skillsmatch.cases.pack.sheets import Pack, Sheet, Value, packed, plain
from skillsmatch.demand.charts import BAR
from skillsmatch.demand.files import put_cell

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

WIDEST, FIRST, NARROWEST = 36, 32, 9  # characters of a column; FIRST of one that stays while the others move
ALONE = 80  # characters of a column where there are few
FEW = 5  # columns
WIDE = 9  # columns; more are printed on the larger paper, and the first of them stays in sight
LINE, HIGHEST = 13.5, 409  # points of a line, and of the highest row that a workbook may have
A4, A3 = 9, 8  # as a workbook names them
HEADER = "E4ECEA"  # behind the names of columns
DRAWING = re.compile(r"xl/drawings/drawing(\d+)\.xml")
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
DAY, WHOLE, BROKEN = "d mmm yyyy", "#,##0", "#,##0.0"
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
    _print(about, A4)
    for sheet in pack.sheets:
        _sheet(book.create_sheet(sheet.tab), sheet, pack)
    _properties(book.properties, pack)
    file = BytesIO()
    book.save(file)
    told = [sheet.chart.words for sheet in pack.sheets if sheet.chart and sheet.chart.bars]
    return packed(file.getvalue(), pack.made_on, lambda name, part: _finished(name, part, told, pack.made_on))


def _finished(name: str, part: bytes, told: Sequence[str], day: date) -> bytes:
    """A part of the workbook with what the library cannot write: a chart in words, and the day of the pack."""
    if drawing := DRAWING.fullmatch(name):
        words = quoteattr(told[int(drawing[1]) - 1])
        return part.replace(b'name="Chart 1"', b'name="Chart 1" descr=' + words.encode(), 1)
    if name == "docProps/core.xml":
        return MODIFIED.sub(rf"\g<1>{day.isoformat()}T00:00:00Z".encode(), part)
    return part


def _sheet(page: Worksheet, sheet: Sheet, pack: Pack) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    top = [pack.mark] if pack.internal else []
    top += [f"{sheet.code} {sheet.title}, {pack.dates}", *sheet.words]
    if not sheet.rows:
        top.append(sheet.none)
    head = len(top) + 2
    _fill(page, [[line] for line in top])
    _fill(page, [sheet.header, *sheet.rows], begin=head)
    for number in range(1, len(top) + 1):
        page.cell(row=number, column=1).font = Font(
            bold=number <= 1 + pack.internal, color="A31B1B" if pack.internal and number == 1 else None
        )
    for column, width in enumerate(widths(sheet), start=1):
        page.column_dimensions[get_column_letter(column)].width = width
        name = page.cell(row=head, column=column)
        name.font, name.fill = Font(bold=True), PatternFill("solid", start_color=HEADER)
        name.alignment = Alignment(wrap_text=True, vertical="top")
    _wrap(page, sheet, head)
    page.freeze_panes = page.cell(row=head + 1, column=2 if len(sheet.header) > WIDE else 1)
    if sheet.rows:
        page.auto_filter.ref = f"A{head}:{get_column_letter(len(sheet.header))}{head + len(sheet.rows)}"
    _print(page, A3 if len(sheet.header) > WIDE else A4)
    page.print_title_rows = f"{head}:{head}"
    if pack.internal:
        page.oddHeader.center.text = pack.mark[:200].replace("&", "&&")  # on every printed page
    if sheet.chart and sheet.chart.bars:
        _chart(page, sheet, head)


def _wrap(page: Worksheet, sheet: Sheet, head: int) -> None:
    """Long words stand on several lines within their column, in a row as high as they need."""
    from openpyxl.styles import Alignment

    below, wrapped = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
    width = widths(sheet)
    # The names are in bold letters, which are wider, and each has the filter's button beside it.
    names = max(lines_of(name, max(4, width[place] - 3)) for place, name in enumerate(sheet.header))
    page.row_dimensions[head].height = LINE * names + 2
    for number, row in enumerate(sheet.rows, start=head + 1):
        most = 1
        for place, value in enumerate(row):
            if value is None or value == "":
                continue
            lines = lines_of(value, width[place]) if isinstance(value, str) else 1
            page.cell(row=number, column=place + 1).alignment = wrapped if lines > 1 else below
            most = max(most, lines)
        if most > 1:
            page.row_dimensions[number].height = min(HIGHEST, LINE * most + 1)


def lines_of(words: str, width: int) -> int:
    """How many lines the words take in a column of so many characters, some to spare."""
    return sum(max(1, -(-len(line) // max(1, width - 1))) for line in words.split("\n"))


def widths(sheet: Sheet) -> list[int]:
    """The width of each column, by its first rows: WIDEST at most, and less for one that the others are read by."""
    found, most = [], ALONE if len(sheet.header) <= FEW else WIDEST
    for place, name in enumerate(sheet.header):
        longest = max(
            (len(_shown(row[place])) for row in sheet.rows[:LOOKED_AT] if row[place] is not None), default=0
        )
        word = max((len(word) for word in name.split()), default=0)
        needed = max(NARROWEST, longest + 2, min(len(name), 18) + 2, word + 4)  # 4: the filter's button
        found.append(min(most if place or len(sheet.header) <= WIDE else FIRST, needed))
    return found


def _shown(value: Value) -> str:
    return f"{value:%d %b %Y}" if isinstance(value, date) else str(value)


def _print(page: Worksheet, paper: int) -> None:
    """Printed on its side, all columns on one page, and the pages numbered."""
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", paper
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.oddFooter.right.text = "Page &P of &N"


def _chart(page: Worksheet, sheet: Sheet, head: int) -> None:
    """A bar chart of the sheet's own numbers, beside them on a sheet of its own cells."""
    from openpyxl.chart import BarChart, Reference
    from openpyxl.chart.label import DataLabelList

    assert sheet.chart is not None  # noqa: S101  (its caller has looked)
    begin = head + len(sheet.rows) + 3
    bars = [(name, int(value) if value.is_integer() else value) for name, value in sheet.chart.bars]
    lines: list[Sequence[Value]] = [[sheet.chart.title, sheet.chart.unit], *bars]
    _fill(page, lines, begin=begin)
    chart = BarChart()
    chart.type, chart.title, chart.legend = "bar", sheet.chart.title, None
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.scaling.orientation = "maxMin"
    end = begin + len(sheet.chart.bars)
    chart.add_data(Reference(page, min_col=2, min_row=begin, max_row=end), titles_from_data=True)
    chart.set_categories(Reference(page, min_col=1, min_row=begin + 1, max_row=end))
    chart.x_axis.tickLblSkip, chart.y_axis.majorGridlines = 1, None  # every name, and each bar with its number
    chart.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
    chart.series[0].graphicalProperties.solidFill = BAR.lstrip("#")
    chart.gapWidth = 40
    chart.height, chart.width = 3 + 0.7 * len(sheet.chart.bars), 26
    page.add_chart(chart, f"D{begin}")


def _fill(page: Any, rows: Sequence[Sequence[Value]], begin: int = 1) -> None:
    for number, row in enumerate(rows, start=begin):
        for place, value in enumerate(row, start=1):
            if value is None or isinstance(value, str):
                put_cell(page, number, place, plain(value))  # type: ignore[arg-type]
                continue
            cell = page.cell(row=number, column=place)
            cell.value = value
            if isinstance(value, date):
                cell.number_format = DAY
            elif isinstance(value, float):
                cell.number_format = "General" if value.is_integer() or round(value, 1) != value else BROKEN
            elif 1_000 <= value < 10_000_000:  # what is larger is a provider's number
                cell.number_format = WHOLE


def _properties(properties: Any, pack: Pack) -> None:
    properties.title, properties.creator = pack.title, "skillsmatch"
    properties.subject = "Internal" if pack.internal else "Public"
    properties.created = properties.modified = datetime.combine(pack.made_on, time())
