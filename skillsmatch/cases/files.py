"""The register as CSV and XLSX, marked as internal in every row: exact numbers, for officers and nobody else."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from io import BytesIO, StringIO

from flask import url_for

from skillsmatch.area.areas import Area
from skillsmatch.cases.case_keeping import open_cases
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.case_moves import State
from skillsmatch.cases.filters import Filters
from skillsmatch.cases.flags import LONG_ENOUGH, MOST_COMPARED
from skillsmatch.cases.nearest import Nearest, nearest_by_group
from skillsmatch.cases.priority import EMPLOYERS, GROWTH, NO_PROVISION, PEOPLE, PRIORITY, QUARTER
from skillsmatch.cases.register import GroupRow
from skillsmatch.cases.remembered import same_words
from skillsmatch.cases.wording import breakdowns, in_a_line
from skillsmatch.demand.files import put_cell, safe_cell

MARK = "INTERNAL"
WARNING = "Internal: exact numbers. Not to be published, nor sent to colleges or training providers."
HEADER = (
    *("marking", "group", "need_group", "theme_code", "theme", "priority_score", "employers"),
    *(
        "employers_with_confirmed_email",
        "unverified_percent",
        "needs",
        "people_wanted",
        "employers_not_saying_people",
    ),
    *("districts", "sectors", "sizes", "levels", "first_seen", "last_seen", "employers_last_91_days"),
    *(
        "employers_91_days_before",
        "surge",
        "employers_with_same_words",
        "reasons_by_service",
        "reasons_by_employers",
        "lsip_priorities",
    ),
    *("local_offers_of_theme", "nearest_offer", "why_it_fell_short", "score_in_words"),
    *("case", "case_stands", "case_owner", "lead_organisation", "due_on", "rag", "reproduce"),
)
Value = str | int | None


def rows_of(rows: Sequence[GroupRow], filters: Filters, area: Area) -> Iterator[list[Value]]:
    """The lines of the file under HEADER. `reproduce` is the address that shows the same numbers."""
    nearest = nearest_by_group({row.group: row.facets for row in rows})
    cases = open_cases([row.group for row in rows])
    for row in rows:
        near = next(iter(nearest.get(row.group, [])), None)
        yield _line(row, near, cases.get(row.group), filters, area)


def _line(
    row: GroupRow, near: Nearest | None, case: Case | None, filters: Filters, area: Area
) -> list[Value]:
    places, sectors, sizes, levels, found, said = map(in_a_line, breakdowns(row, area))
    parts = "; ".join(f"{part.name} {part.points} of {part.most}: {part.because}" for part in row.score.parts)
    return [
        *(MARK, f"G{row.group}", row.name, row.theme, row.theme_name, row.score.points, row.employers),
        *(row.confirmed, row.unverified, row.needs, row.people, row.people_not_said),
        *(places, sectors, sizes, levels, row.first.isoformat(), row.last.isoformat(), row.now),
        *(row.before, "yes" if row.surge else "no", same_words(row), found, said, ", ".join(row.priorities)),
        row.offers,
        *((f"{near.title} ({near.provider})", near.why) if near else ("", "")),
        *(parts, *_case(case), url_for("cases.group", number=row.group, **filters.given)),
    ]


def _case(case: Case | None) -> tuple[Value, ...]:
    if case is None:
        return ("", "", "", "", "", "")
    stands, due = State(case.state).words, case.due_on.isoformat() if case.due_on else ""
    return (f"Case {case.id}", stands, case.owner.name if case.owner else "", case.lead, due, case.rag)


def method(filters: Filters, area: Area) -> list[str]:
    """What has to go with the numbers."""
    return [
        WARNING,
        f"Unmet needs, {'; '.join(filters.words(area))}",
        "Employers are distinct: one business domain or mailbox is one. Robots and colleges' own posts are left out.",
        "People: the most that each employer asked for, summed; an employer that did not say counts as one.",
        f"Priority score, 100 points: employers {EMPLOYERS} (2 each with a confirmed e-mail, 1 without), "
        f"people {PEOPLE} (1 for two), growth {GROWTH} (3 for each employer more than in the {QUARTER} days before), "
        f"a priority of the plan {PRIORITY}, no provision {NO_PROVISION}.",
        "Surge: more than three standard deviations of a Poisson count above the quarter before.",
        f"Same words: employers whose need is all but word for word another's, from {LONG_ENOUGH} characters on; of a "
        f"group with more than {MOST_COMPARED:,} different texts, exact likeness alone counts among the rest.",
    ]


def write_csv(lines: Sequence[Sequence[Value]], notes: Sequence[str]) -> bytes:
    """The lines with a byte-order mark for spreadsheets; the notes in the last rows. Equal lines, equal bytes."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(HEADER)
    for line in lines:
        writer.writerow(["" if v is None else safe_cell(v) if isinstance(v, str) else v for v in line])
    for words in notes:
        writer.writerow([MARK, "method", safe_cell(words)])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def write_xlsx(lines: Sequence[Sequence[Value]], notes: Sequence[str], filters: Filters) -> bytes:
    """A workbook of two sheets, "INTERNAL register" and "INTERNAL method". Words are text, never formulas."""
    from openpyxl import Workbook

    book = Workbook()
    sheet, about = book.active, book.create_sheet(f"{MARK} method")
    assert sheet is not None  # noqa: S101  (a new workbook has one sheet)
    sheet.title = f"{MARK} register"
    for number, line in enumerate([HEADER, *lines], start=1):
        for place, value in enumerate(line, start=1):
            put_cell(sheet, number, place, value)
    for number, words in enumerate(notes, start=1):
        put_cell(about, number, 1, words)
    sheet.freeze_panes = "D2"
    sheet.oddHeader.center.text = about.oddHeader.center.text = WARNING
    sheet.column_dimensions["C"].width, about.column_dimensions["A"].width = 44, 110
    book.properties.created = book.properties.modified = datetime.combine(
        filters.last_day, time(), UTC
    ).replace(tzinfo=None)
    book.properties.creator, book.properties.title = "skillsmatch", f"{MARK}: register of unmet needs"
    file = BytesIO()
    book.save(file)
    return file.getvalue()
