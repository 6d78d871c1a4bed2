"""The pack as a Word document: headings, tables with repeated header rows, charts, quotes; to be edited further."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from skillsmatch.cases.days import plain_day
from skillsmatch.cases.pack.sheets import Bars, Pack, Sheet, Value, packed, plain
from skillsmatch.demand.charts import BAR, FACE, GROUND, INK

if TYPE_CHECKING:
    from docx.document import Document

# The chapters of the document, in the order of the plan's format, with the outputs in each.
HEADINGS = (
    ("What skills are needed", ("R1",)),
    ("Who took part", ("R2",)),
    ("Where training is missing", ("R3", "R4")),
    ("What employers say", ("R6",)),
    ("Who does what, by when", ("R5", "R10")),
    ("Progress", ("R8", "R9", "R11")),
    ("Method", ("R7",)),
)
MARGIN = 15  # millimetres at the left and right
TEXT_WIDTH = 297 - 2 * MARGIN  # millimetres of an A4 page on its side
LONGEST_WORD = 20  # letters for which a column makes room; a longer one is broken
LETTERS = "Arial"  # on every machine that may open it
HEADER = "E4ECEA"  # behind the names of columns
WIDE = 9  # columns; a wider table leaves out those that only a workbook has room for
LEFT_OUT = (
    *("Filter", "Filter or source", "Theme code", "Theme", "Other SOC 2020 (skills)", "Kinds on offer", "Searches"),
    *("Districts of offers", "Employers from", "Employers to", "Of these confirmed", "Later, within 3 years"),
    "Levels",
    *("Now or within 6 months", "Employers before", "First seen", "Last seen", "Reviewer", "Number", "Done on"),
    *("Courses that fit since", "Partners", "Start", "Said on", "Skill", "Levels asked for", "Levels on offer"),
)


def write_docx(pack: Pack) -> bytes:
    """The document. In an internal pack the mark stands at the head of every page."""
    from docx import Document as new_document
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm, Pt

    document = new_document()
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Mm(297), Mm(210)  # A4; the library's own default is US Letter
    page.left_margin = page.right_margin = Mm(MARGIN)
    _number_pages(page.footer.paragraphs[0])
    page.header.paragraphs[0].text = pack.mark or f"skillsmatch, {pack.area}"
    _properties(document.core_properties, pack)
    words = document.styles["Normal"]
    words.font.name, words.font.size = LETTERS, Pt(10)
    document.add_heading(str(plain(pack.title)), 0)
    made = plain_day(pack.made_on)
    for words in (pack.mark, f"{pack.dates}. Made for {pack.chamber} on {made}.", *pack.opening):
        if words:
            document.add_paragraph(str(plain(words)))
    for heading, codes in HEADINGS:
        document.add_heading(heading, 1)
        for sheet in pack.sheets:
            if sheet.code in codes:
                _sheet(document, sheet, pack)
        if "R6" in codes:
            _quotes(document, pack)
    document.add_heading("What else there is", 1)
    for sheet in pack.sheets:
        if not sheet.in_document and sheet.code != "R6":
            words = f"{sheet.code} {sheet.title}: {len(sheet.rows):,} rows in the workbook."
            document.add_paragraph(words, style="List Bullet")
    file = BytesIO()
    document.save(file)
    return packed(file.getvalue(), pack.made_on)


def _number_pages(line: Any) -> None:
    """Writes "Page 3 of 20" into a footer, as fields that the word processor counts."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for words, name in (("Page ", "PAGE"), (" of ", "NUMPAGES")):
        line.add_run(words)
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), name)
        shown, number = OxmlElement("w:r"), OxmlElement("w:t")
        number.text = "1"
        shown.append(number)
        field.append(shown)
        line._p.append(field)


def _sheet(document: Document, sheet: Sheet, pack: Pack) -> None:
    if not sheet.in_document:
        return
    document.add_heading(f"{sheet.code} {sheet.title}", 2)
    for words in sheet.words:
        document.add_paragraph(str(plain(words)))
    if sheet.chart and sheet.chart.bars:
        _picture(document, sheet.chart, pack)
    if not sheet.rows:
        document.add_paragraph(sheet.none)
        return
    kept = columns_of(sheet)
    _table(
        document,
        [sheet.header[k] for k in kept],
        [[row[k] for k in kept] for row in sheet.rows[: sheet.most]],
    )
    left = len(sheet.rows) - sheet.most
    if left > 0 or len(kept) < len(sheet.header):
        rows = f"{left:,} more rows" if left > 0 else ""
        more = "more columns" if len(kept) < len(sheet.header) else ""
        document.add_paragraph(f"The workbook has {' and '.join(filter(None, (rows, more)))}.")


def columns_of(sheet: Sheet) -> list[int]:
    """The places of the columns that the document has: those the sheet names, else at most WIDE of them."""
    if sheet.in_table:
        return [sheet.header.index(name) for name in sheet.in_table]
    every = list(range(len(sheet.header)))
    if len(every) <= WIDE:
        return [place for place in every if sheet.header[place] != "Filter"]
    return [place for place in every if sheet.header[place] not in LEFT_OUT][:WIDE]


def _table(document: Document, header: list[str], rows: list[list[Value]]) -> None:
    """A table whose header row stands again on each page, and of which no row is broken over two."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    table = document.add_table(rows=len(rows) + 1, cols=len(header), style="Table Grid")
    cells = table._cells  # asked for once: row by row it is made anew each time, which takes minutes
    lines = [header, *([_words(value) for value in row] for row in rows)]
    right = {
        place
        for place, values in enumerate(zip(*rows, strict=True))
        if all(value is None or isinstance(value, int | float) for value in values)
    }
    table.autofit = False
    wide = [Mm(millimetres) for millimetres in column_widths(lines)]
    for number, row in enumerate(lines):
        for place, words in enumerate(row):
            cell = cells[number * len(header) + place]
            cell.width = wide[place]
            line = cell.paragraphs[0]
            run = line.add_run(words)
            run.bold, run.font.size = number == 0, Pt(8.5)
            if place in right:
                line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if number == 0:
                shade = OxmlElement("w:shd")
                for name, told in (("val", "clear"), ("color", "auto"), ("fill", HEADER)):
                    shade.set(qn(f"w:{name}"), told)
                cell._tc.get_or_add_tcPr().append(shade)
    for place, column in enumerate(table.columns):
        column.width = wide[place]
    for line in table._tbl.tr_lst:
        line.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    table._tbl.tr_lst[0].get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def column_widths(lines: Sequence[Sequence[str]]) -> list[float]:
    """Millimetres of each column, together TEXT_WIDTH: room for its longest word, more where its cells hold much."""
    weights = []
    for cells in zip(*lines, strict=True):
        word = max((len(word) for cell in cells for word in cell.split()), default=1)
        much = sum(len(cell) for cell in cells) / len(cells)
        weights.append(max(3 + 1.2 * min(word, LONGEST_WORD), 3 * much**0.5))  # 3 for the cell's own margins
    return [TEXT_WIDTH * weight / sum(weights) for weight in weights]


def _words(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return plain_day(value)
    return (
        f"{value:,}"
        if isinstance(value, int) and value < 10_000_000
        else f"{value:g}"
        if isinstance(value, float)
        else str(plain(value))
    )


def _picture(document: Document, bars: Bars, pack: Pack) -> None:
    from docx.shared import Cm

    picture = document.add_picture(BytesIO(draw(bars, pack)), width=Cm(17))
    picture._inline.docPr.set("descr", bars.words)
    document.add_paragraph(f"{bars.title}, {pack.dates}." if pack.internal else f"{bars.title}.")


def draw(bars: Bars, pack: Pack) -> bytes:
    """The chart as PNG, with its numbers written on it."""
    import matplotlib
    from matplotlib.figure import Figure

    names = [name if len(name) < 50 else name[:48] + "…" for name, _ in bars.bars]
    values = [value for _, value in bars.bars]
    with matplotlib.rc_context({"font.family": FACE}):
        figure = Figure(figsize=(8.5, 0.7 + 0.32 * len(values)), layout="constrained", facecolor=GROUND)
        axes = figure.subplots()
        drawn = axes.barh(range(len(values)), values, color=BAR, height=0.62)
        axes.bar_label(drawn, [f"{value:,g}" for value in values], padding=3, color=INK, fontsize=8.5)
        axes.set_yticks(range(len(names)), names, fontsize=9, color=INK)
        axes.set_title(
            bars.title + (" (internal)" if pack.internal else ""), loc="left", fontsize=11, color=INK
        )
        axes.invert_yaxis()
        axes.margins(x=0.1)
        axes.xaxis.set_visible(False)
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        file = BytesIO()
        figure.savefig(file, format="png", dpi=160, metadata={"Software": None})
    return file.getvalue()


def _quotes(document: Document, pack: Pack) -> None:
    from docx.shared import Pt

    if not pack.quotes:
        document.add_paragraph("No quote with consent is held.")
    for words, said_by in pack.quotes:
        quote = document.add_paragraph(f"“{plain(words)}”", style="Quote")
        quote.paragraph_format.keep_with_next, quote.paragraph_format.space_after = True, Pt(2)
        document.add_paragraph(str(plain(said_by)))


def _properties(properties: Any, pack: Pack) -> None:
    properties.title, properties.author = pack.title[:255], "skillsmatch"
    properties.subject = "Internal" if pack.internal else "Public"
    properties.created = properties.modified = datetime.combine(pack.made_on, time())
    properties.last_modified_by, properties.language = "skillsmatch", "en-GB"
