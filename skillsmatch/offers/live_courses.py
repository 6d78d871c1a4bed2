"""The National Careers Service live-courses format: 36 columns, one row for each run of a course.

Source of the columns, codes and lengths: the Course Directory's open data report and its bulk-upload rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import blake2b
from operator import itemgetter
from pathlib import Path
from typing import Any

from skillsmatch.offers import cells
from skillsmatch.offers.cells import Wrong, shown
from skillsmatch.offers.course_codes import ATTENDANCE, MODES, ROUTES, SECTORS, STUDY_MODES, TYPES, UNITS
from skillsmatch.offers.course_kinds import in_weeks, kind_of, level_in
from skillsmatch.offers.rows import Unreadable, read_rows

SOURCE = "ncs-live-courses"
HEADER = "HEADER"  # stands for the column in a message about the whole file
ROW = "ROW"  # stands for the column in a message about a whole row
DEMONSTRATION = "DEMO-"  # a COURSE_ID that begins so is invented, and is shown as such
SATURDAY = 5  # as date.weekday() counts
LONGEST_REFERENCE = 120  # characters; offer.source_ref


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one cell, in words for the person who can put it right. The header is row 1."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class CourseRow:
    """One run of a course, checked. Dates are ISO text; empty text or None means "not given"."""

    row: int
    ref: str  # the offer's key in this source
    ukprn: int
    demonstration: bool
    kind: str
    title: str
    who_for: str
    entry_requirements: str
    assessment: str
    awarding_body: str
    level: int | None
    route: str
    mode: str
    study_mode: str
    attendance: str
    start_dates: tuple[str, ...]
    flexible_start: bool
    duration_value: Decimal | None
    duration_unit: str
    cost: Decimal | None
    cost_description: str
    national: bool
    regions: str
    lars_ref: str
    standard_ref: str
    url: str
    source_updated: str
    venue_name: str
    venue_address: str
    venue_town: str
    venue_county: str
    venue_postcode: str
    lat: float | None
    lon: float | None
    venue_email: str
    venue_phone: str
    venue_website: str

    def has_passed(self, day: date) -> bool:
        """True where it has a start date, which is before `day`, and cannot be started at any time."""
        return bool(self.start_dates) and not self.flexible_start and self.start_dates[-1] < day.isoformat()


_kind = cells.chooser(TYPES, "a course type", "1 to 6, or a kind such as short-course")
_mode = cells.chooser(
    MODES, "a way of teaching", "1 or Classroom, 2 or Online, 3 or Work based, 4 or Blended"
)
_study = cells.chooser(STUDY_MODES, "a study mode", "1 or Full time, 2 or Part time, 3 or Flexible")
_attendance = cells.chooser(
    ATTENDANCE, "a pattern", "1 or Daytime, 2 or Evening, 3 or Weekend, 4 or Day/Block Release"
)
_unit = cells.chooser(
    UNITS, "a unit", "1 or Days, 2 or Weeks, 3 or Months, 4 or Years, 5 or Hours, 6 or Minutes"
)
_route = cells.chooser(ROUTES, "a sector", "one of " + ", ".join(SECTORS.values()))

Reader = Callable[[str], Any]
DATES = ("STARTDATE", "UPDATED_DATE")
FORMAT: dict[str, tuple[int, Reader]] = {  # column: its greatest length in characters, and what reads it
    "PROVIDER_UKPRN": (20, cells.ukprn),
    "COURSE_ID": (128, cells.required),
    "COURSE_RUN_ID": (128, cells.required),
    "LEARN_AIM_REF": (20, cells.aim),
    "COURSE_NAME": (255, cells.required),
    "WHO_THIS_COURSE_IS_FOR": (2_000, str),
    "DELIVER_MODE": (40, _mode),
    "STUDY_MODE": (40, _study),
    "ATTENDANCE_PATTERN": (40, _attendance),
    "FLEXIBLE_STARTDATE": (10, cells.flag),
    "STARTDATE": (40, str),
    "DURATION_UNIT": (20, _unit),
    "DURATION_VALUE": (20, cells.length),
    "COST": (30, cells.price),
    "COST_DESCRIPTION": (255, cells.line),
    "NATIONAL": (10, cells.flag),
    "REGIONS": (5_000, cells.line),
    "LOCATION_NAME": (250, cells.line),
    "LOCATION_ADDRESS1": (100, cells.line),
    "LOCATION_ADDRESS2": (100, cells.line),
    "LOCATION_COUNTY": (75, cells.line),
    "LOCATION_EMAIL": (254, cells.email),
    "LOCATION_LATITUDE": (25, cells.latitude),
    "LOCATION_LONGITUDE": (25, cells.longitude),
    "LOCATION_POSTCODE": (12, cells.postcode),
    "LOCATION_TELEPHONE": (40, cells.line),
    "LOCATION_TOWN": (75, cells.line),
    "LOCATION_WEBSITE": (248, cells.web_address),
    "COURSE_URL": (490, cells.web_address),
    "UPDATED_DATE": (40, str),
    "ENTRY_REQUIREMENTS": (500, str),
    "HOW_YOU_WILL_BE_ASSESSED": (500, str),
    "COURSE_TYPE": (40, _kind),
    "SECTOR": (40, _route),
    "EDUCATION_LEVEL": (20, cells.level),
    "AWARDING_BODY": (255, cells.line),
}
COLUMNS = tuple(FORMAT)


def read_courses(
    path: Path, today: date, on_bytes: Callable[[int], None] | None = None
) -> Iterator[CourseRow | list[RowError]]:
    """Each course of the file, or what is wrong with its row; `today` is the day of loading, for "+30" dates.

    Blank rows are passed over. After a header that is wrong, or bytes that are not CSV, nothing more comes.
    """
    order: Sequence[str] = ()
    encoding = cells.Encoding()
    found = 0
    try:
        for number, row in read_rows(path, on_bytes):
            if number == 1:
                order, wrong = _read_header(row)
                if wrong:
                    yield wrong
                    return
                arrange = itemgetter(*map(order.index, COLUMNS))
            elif len(row) != len(COLUMNS):
                if row:
                    yield [_ragged(number, len(row), order)]
            elif any(row):
                found += 1
                yield _check(number, arrange(row), encoding, today)
    except Unreadable as fault:
        yield [RowError(fault.row, _column(fault, order), fault.message)]
        return
    if not found:
        yield [RowError(2, ROW, "there is no course below the header; a file needs at least one")]


def _column(fault: Unreadable, order: Sequence[str]) -> str:
    if fault.row == 1:
        return HEADER
    return order[fault.place] if fault.place is not None and fault.place < len(order) else ROW


def _read_header(row: list[str]) -> tuple[list[str], list[RowError]]:
    """The columns in the file's order, and what is wrong: each must stand there once, and no other."""
    names = [name.strip() for name in row]
    wrong = []
    for name, times in Counter(names).items():
        if name not in FORMAT:
            plain = shown(name)
            wrong.append(
                RowError(
                    1, plain.strip('"') or HEADER, f"{plain} is not a column of this format; take it out"
                )
            )
        elif times > 1:
            wrong.append(RowError(1, name, f"stands {times} times in the header; keep one"))
    for name in COLUMNS:
        if name not in names:
            wrong.append(
                RowError(1, name, f"is missing from the header; all {len(COLUMNS)} columns are needed")
            )
    return names, wrong


def _ragged(number: int, count: int, order: Sequence[str]) -> RowError:
    if count < len(order):
        return RowError(
            number, order[count], f"the row ends before this: it has {count} cells, not {len(order)}"
        )
    words = f"the row goes on after this: it has {count} cells, not {len(order)}"
    words += "; put text that holds commas in quotation marks"
    return RowError(number, order[-1], words)


def _check(
    number: int, row: Sequence[str], encoding: cells.Encoding, today: date
) -> CourseRow | list[RowError]:
    errors: list[RowError] = []
    got: dict[str, Any] = {}
    for column, cell in zip(COLUMNS, row, strict=True):
        longest, read = FORMAT[column]
        try:
            text = encoding.clean(cell) if cell else ""
            if len(text) > longest:
                raise Wrong(f"is {len(text):,} characters long; the most is {longest:,}")
            got[column] = cells.day(text, today) if column in DATES else read(text)
        except Wrong as wrong:
            errors.append(RowError(number, column, str(wrong)))
    if not errors:
        errors = [RowError(number, column, message) for column, message in _at_odds(got)]
    return errors or _course(number, got)


def _at_odds(got: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Cells that are right alone and wrong together."""
    if got["DURATION_VALUE"] is not None and not got["DURATION_UNIT"]:
        yield (
            "DURATION_UNIT",
            "is empty though DURATION_VALUE is given; say days, weeks, months, years, hours or minutes",
        )
    for one, other in (("LATITUDE", "LONGITUDE"), ("LONGITUDE", "LATITUDE")):
        if got["LOCATION_" + one] is None and got["LOCATION_" + other] is not None:
            yield "LOCATION_" + one, f"is empty though LOCATION_{other} is given; give both or neither"


def _course(number: int, got: dict[str, Any]) -> CourseRow:
    title, text, reference = got["COURSE_NAME"], got["WHO_THIS_COURSE_IS_FOR"], got["LEARN_AIM_REF"]
    level = got["EDUCATION_LEVEL"]
    value, unit = got["DURATION_VALUE"], got["DURATION_UNIT"]
    standard = reference if len(reference) == 6 else ""
    kind = kind_of(
        got["COURSE_TYPE"],
        title,
        text,
        level,
        standard,
        in_weeks(value, unit),
        price_words=got["COST_DESCRIPTION"],
    )
    return CourseRow(
        row=number,
        ref=reference_of(got["COURSE_ID"], got["COURSE_RUN_ID"]),
        ukprn=got["PROVIDER_UKPRN"],
        demonstration=got["COURSE_ID"].startswith(DEMONSTRATION),
        kind=kind,
        title=title,
        who_for=text,
        entry_requirements=got["ENTRY_REQUIREMENTS"],
        assessment=got["HOW_YOU_WILL_BE_ASSESSED"],
        awarding_body=got["AWARDING_BODY"],
        level=level if level is not None else level_in(title),
        route=got["SECTOR"],
        mode=got["DELIVER_MODE"],
        study_mode=got["STUDY_MODE"],
        attendance=got["ATTENDANCE_PATTERN"],
        start_dates=(_start(got),) if got["STARTDATE"] else (),
        flexible_start=got["FLEXIBLE_STARTDATE"],
        duration_value=value,
        duration_unit=unit if value is not None else "",
        cost=got["COST"],
        cost_description=got["COST_DESCRIPTION"],
        national=got["NATIONAL"],
        regions=got["REGIONS"],
        lars_ref="" if standard else reference,
        standard_ref=standard,
        url=got["COURSE_URL"],
        source_updated=got["UPDATED_DATE"],
        venue_name=got["LOCATION_NAME"] or got["LOCATION_ADDRESS1"] or got["LOCATION_POSTCODE"],
        venue_address=", ".join(filter(None, (got["LOCATION_ADDRESS1"], got["LOCATION_ADDRESS2"]))),
        venue_town=got["LOCATION_TOWN"],
        venue_county=got["LOCATION_COUNTY"],
        venue_postcode=got["LOCATION_POSTCODE"],
        lat=got["LOCATION_LATITUDE"],
        lon=got["LOCATION_LONGITUDE"],
        venue_email=got["LOCATION_EMAIL"],
        venue_phone=got["LOCATION_TELEPHONE"],
        venue_website=got["LOCATION_WEBSITE"],
    )


def _start(got: dict[str, Any]) -> str:
    """The start date; that of a demonstration course is moved on to a day on which it would be taught."""
    day = date.fromisoformat(got["STARTDATE"])
    if not got["COURSE_ID"].startswith(DEMONSTRATION):
        return got["STARTDATE"]
    if got["ATTENDANCE_PATTERN"] == "weekend":
        return (day + timedelta((SATURDAY - day.weekday()) % 7)).isoformat()
    return (day + timedelta(7 - day.weekday() if day.weekday() >= SATURDAY else 0)).isoformat()


def reference_of(course: str, run: str) -> str:
    """The key of one run of a course, `course/run`; a long one is cut and ends in a hash of the whole."""
    whole = f"{course}/{run}"
    if len(whole) <= LONGEST_REFERENCE:
        return whole
    return f"{whole[: LONGEST_REFERENCE - 33]}~{blake2b(whole.encode(), digest_size=16).hexdigest()}"
