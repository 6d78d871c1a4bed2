"""A provider's evidence pack as a Word document and as a workbook, both to be edited further."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from skillsmatch.area.areas import Area
from skillsmatch.demand.charts import chart_words
from skillsmatch.demand.evidence import Pack
from skillsmatch.demand.files import file_of, put_cell
from skillsmatch.demand.published import read_table
from skillsmatch.forms import CONTROL
from skillsmatch.words import day_words

if TYPE_CHECKING:
    from docx.document import Document

TYPES: Mapping[str, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_RESPONSES = 60  # offers in the document; the workbook has them all
Row = Sequence[str | int]


def title_of(pack: Pack) -> str:
    """The pack's title."""
    return f"What employers ask for, and our response: {pack.provider}"


def sections_of(pack: Pack) -> Iterator[tuple[str, str, str, list[Row]]]:
    """The tables of the pack: name of the sheet, heading, the words under it, and the rows with their header."""
    period = pack.edition.words
    yield (
        "Asked for",
        f"What employers in {pack.where} ask for",
        f"Distinct employers in {period}, by skill theme. The most asked for stand first.",
        [
            ("Theme", "Employers", "Change since the year before", "Our offers", "Others’ offers", "LSIP"),
            *(
                (
                    *(one.gap.name, one.gap.asked.words, one.change or "nothing to compare with"),
                    *(one.gap.mine.offers, one.gap.others.offers, ", ".join(one.gap.priorities)),
                )
                for one in pack.asked
            ),
        ],
    )
    yield (
        "Trend",
        "Trend in the whole area",
        f"Distinct employers in all of {pack.area}, release by release.",
        [
            ("Theme", *(f"{e.period}: {e.words}" for e in pack.trend_editions)),
            *((one.name, *one.words) for one in pack.trend),
        ],
    )
    yield (
        "Priorities",
        "Priorities of the local skills improvement plan",
        "Each priority is the sum of its themes’ published numbers, as a range.",
        [
            ("Code", "Priority", "Themes", "Employers", "Our offers", "Others’ offers"),
            *(
                (p.priority.code, p.priority.title, "; ".join(p.themes), p.asked.words, p.mine, p.others)
                for p in pack.priorities
            ),
        ],
    )
    yield (
        "Our response",
        "What we added or changed",
        f"Our offers that were added or changed since {day_words(pack.since)}, those on the most asked-for themes "
        "first. An offer that only had new dates was changed, too.",
        [
            ("Theme", "Employers who ask", "Offer", "Kind", "Next start", "What we did"),
            *((r.theme or "not clear", r.asked, r.title, r.kind, r.start, r.did) for r in pack.responses),
        ],
    )
    yield (
        "Not yet met",
        "What we do not offer yet",
        "Themes from the first table on which we have no offer. Say here what you plan, or why not.",
        [
            ("Theme", "Employers", "Others’ offers", "Our plan"),
            *((g.name, g.asked.words, g.others.offers, "") for g in pack.not_yet),
        ],
    )


def replies_words(pack: Pack) -> str:
    """What the provider answered to leads, in a sentence; "" where that is not known."""
    if pack.replies is None:
        return ""
    return (
        f"Employers who agreed to it have shown us their needs. Since {day_words(pack.replies.since)} we have sent "
        f"{pack.replies.words} replies, of those still kept."
    )


def write_docx(pack: Pack, area: Area) -> bytes:
    """The pack as a Word document: headings, tables with repeated header rows, one chart, citations, method."""
    from docx import Document as new_document
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    document = new_document()
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE  # the trend has a column for each release
    page.page_width, page.page_height = Mm(297), Mm(210)  # A4; the library's own default is US Letter
    _properties(document.core_properties, pack)
    document.add_heading(_plain(title_of(pack)), 0)
    for words in _opening(pack):
        document.add_paragraph(_plain(words))
    for name, heading, words, rows in sections_of(pack):
        document.add_heading(_plain(heading), 1)
        document.add_paragraph(_plain(words))
        left = rows[1 + MOST_RESPONSES :] if name == "Our response" else []
        _table(document, rows[: len(rows) - len(left)])
        if left:
            document.add_paragraph(f"{len(left)} more are in the workbook.")
        if name == "Asked for":
            _chart(document, pack, area)
        if name == "Our response" and pack.replies:
            document.add_paragraph(replies_words(pack))
    document.add_heading("Where the numbers come from", 1)
    for words in pack.citations:
        document.add_paragraph(_plain(words), style="List Number")
    document.add_heading("How they are made", 1)
    for words in pack.method:
        document.add_paragraph(_plain(words))
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _opening(pack: Pack) -> Iterator[str]:
    if pack.edition.demonstration:
        yield "Demonstration: these employers are invented. Do not use this document."
    made = day_words(pack.made_on)
    yield f"{pack.provider} (UKPRN {pack.ukprn}). Made {made} from published releases of skillsmatch."
    if pack.districts:
        yield f"Our offers are taught in {pack.where}. The first table is of employers there."
    else:
        yield f"No district of our offers is known, so the first table is of all of {pack.area}."
    yield pack.edition.rests_on


def _plain(words: str) -> str:
    """Words without the control characters that no document may have."""
    return CONTROL.sub(" ", words)


def _properties(properties: Any, pack: Pack) -> None:
    properties.title, properties.author = _plain(title_of(pack))[:255], "skillsmatch"
    properties.comments = f"Release {pack.edition.period}"
    properties.created = properties.modified = datetime.combine(pack.made_on, time())
    properties.last_modified_by, properties.language = "skillsmatch", "en-GB"


def _table(document: Document, rows: list[Row]) -> None:
    """A table whose header row stands again on each page; in words where it has no rows."""
    from docx.oxml import OxmlElement

    if len(rows) < 2:
        document.add_paragraph("There is nothing to show here.")
        return
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for number, row in enumerate(rows):
        cells = table.add_row().cells
        for cell, value in zip(cells, row, strict=True):
            run = cell.paragraphs[0].add_run(_plain(str(value)))
            run.bold = number == 0
    again = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(again)


def _chart(document: Document, pack: Pack, area: Area) -> None:
    """The whole area's themes as a picture with its words as text alternative."""
    from docx.shared import Cm

    table = read_table(area, pack.edition.period, "theme")
    document.add_page_break()
    picture = document.add_picture(str(file_of(table, "png")), height=Cm(14))
    picture._inline.docPr.set("descr", chart_words(table))
    document.add_paragraph(f"{table.title} in all of {pack.area}, {pack.edition.words}.")


def write_xlsx(pack: Pack, _area: Area) -> bytes:
    """The pack as a workbook: a sheet for each table, one of citations and method. Words are text, never formulas."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    about = book.active
    assert about is not None  # noqa: S101  (a new workbook has one sheet)
    about.title = "About"
    lines = [title_of(pack), *_opening(pack), replies_words(pack), "", *pack.citations, "", *pack.method]
    _fill(about, [[line] for line in lines])
    about.column_dimensions["A"].width = 120
    for name, _heading, words, rows in sections_of(pack):
        sheet = book.create_sheet(name)
        _fill(sheet, rows)
        put_cell(sheet, len(rows) + 2, 1, _plain(words))
        sheet.freeze_panes = "A2"
        for column in range(1, len(rows[0]) + 1):
            sheet.column_dimensions[get_column_letter(column)].width = 44 if column == 1 else 26
    _book_properties(book.properties, pack)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _book_properties(properties: Any, pack: Pack) -> None:
    properties.title, properties.creator = _plain(title_of(pack)), "skillsmatch"
    properties.created = properties.modified = datetime.combine(pack.made_on, time())


def _fill(sheet: object, rows: Sequence[Row]) -> None:
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            put_cell(sheet, number, place, _plain(value) if isinstance(value, str) else value)


MAKERS: Mapping[str, Callable[[Pack, Area], bytes]] = {"docx": write_docx, "xlsx": write_xlsx}
