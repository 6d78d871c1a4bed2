"""The Course Directory's own upload files: courses with a learning aim, and those without (Skills Bootcamps).

Source of the columns, lengths and rules: the Course Directory's schemas and validators. A file is one provider's
and does not say whose. Its venues must be known already, from a file of venues or from courses loaded before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from skillsmatch.offers import cells
from skillsmatch.offers import course_codes as codes
from skillsmatch.offers.cells import Wrong, shown
from skillsmatch.offers.course_kinds import in_weeks, kind_of, level_in
from skillsmatch.offers.records import CourseRow, reference_of
from skillsmatch.offers.tables import AtOdds, Context, Got, KnownVenue, Reader, TableFormat

LONGEST = Decimal(999)  # of any unit; the Course Directory's own limit
AT_A_VENUE = ("classroom", "blended")  # ways of teaching that need a place
SUB_REGION = re.compile(r"[^\W\d_][\w .,'&()-]{1,60}")  # a council's name; the national list is not checked


def _length(text: str) -> Decimal | None:
    if not text:
        raise Wrong("is empty; give a whole number of the unit beside it")
    if not re.fullmatch("[0-9]{1,3}", text) or not int(text):
        raise Wrong(f"{shown(text)} is not a length of time (use a whole number from 1 to {LONGEST})")
    return Decimal(text)


def _flexible(text: str) -> bool:
    if not text:
        raise Wrong(
            "is empty; say Yes where people can start at any time, and No where there is a START_DATE"
        )
    return cells.flag(text)


def national(text: str) -> bool | None:
    """Yes or no; None where it is empty."""
    return cells.flag(text) if text else None


def sub_regions(text: str) -> str:
    """Councils' names, parted by semicolons; empty allowed."""
    names = [name.strip() for name in text.split(";") if name.strip()]
    for name in names:
        if not SUB_REGION.fullmatch(name):
            raise Wrong(f"{shown(name)} is not a council's name (use names such as Derby;Leicester)")
    return ";".join(names)


def _learning_aim(text: str) -> str:
    if not re.fullmatch("[0-9A-Z]{8}", text.upper()):
        raise Wrong(f"{shown(text)} is not a learning aim (use 8 characters such as 60133600)")
    return text.upper()


def needed(read: Reader, what: str) -> Callable[[str], str]:
    """A reader that refuses an empty cell."""

    def read_needed(text: str) -> str:
        if not text:
            raise Wrong(f"is empty; {what}")
        found: str = read(text)
        return found

    return read_needed


TEXTS: dict[str, tuple[int, Reader]] = {
    "WHO_THIS_COURSE_IS_FOR": (
        2_000,
        needed(str, "say whom the course is for"),
    ),
    "ENTRY_REQUIREMENTS": (500, str),
    "WHAT_YOU_WILL_LEARN": (1_500, str),
    "HOW_YOU_WILL_LEARN": (500, str),
    "WHAT_YOU_WILL_NEED_TO_BRING": (500, str),
    "HOW_YOU_WILL_BE_ASSESSED": (500, str),
    "WHERE_NEXT": (500, str),
}
RUN: dict[str, tuple[int, Reader]] = {
    "COURSE_NAME": (255, cells.required),
    "YOUR_REFERENCE": (255, cells.line),
    "DELIVERY_MODE": (
        40,
        needed(codes.mode, "say Classroom based, Online, Work based or Blended learning"),
    ),
    "START_DATE": (40, str),
    "FLEXIBLE_START_DATE": (10, _flexible),
    "VENUE_NAME": (250, cells.line),
    "YOUR_VENUE_REFERENCE": (255, cells.line),
    "NATIONAL_DELIVERY": (10, national),
    "SUB_REGION": (5_000, sub_regions),
    "COURSE_WEBPAGE": (255, cells.secure_address),
    "COST": (30, cells.price),
    "COST_DESCRIPTION": (255, cells.line),
    "DURATION": (20, _length),
    "DURATION_UNIT": (20, needed(codes.unit, "say Minutes, Hours, Days, Weeks, Months or Years")),
    "STUDY_MODE": (40, codes.study_mode),
    "ATTENDANCE_PATTERN": (40, codes.attendance),
}
WITH_AIM: Mapping[str, tuple[int, Reader]] = {"LARS_QAN": (20, _learning_aim), **TEXTS, **RUN}
WITHOUT_AIM: Mapping[str, tuple[int, Reader]] = {
    "COURSE_TYPE": (40, codes.kind),
    "SECTOR": (40, codes.route),
    "EDUCATION_LEVEL": (20, cells.level),
    "AWARDING_BODY": (255, cells.line),
    **TEXTS,
    **RUN,
}
IDENTITY = (  # what tells one run from the next; the texts, the cost and the length may change
    *("LARS_QAN", "COURSE_NAME", "YOUR_REFERENCE", "DELIVERY_MODE", "START_DATE", "VENUE_NAME"),
    *("YOUR_VENUE_REFERENCE", "NATIONAL_DELIVERY", "SUB_REGION", "STUDY_MODE", "ATTENDANCE_PATTERN"),
)


def at_odds(got: Got, context: Context) -> AtOdds:
    """Cells that are right alone and wrong together."""
    yield from _about_the_start(got, context)
    if got["COST"] is None and not got["COST_DESCRIPTION"]:
        yield "COST", "is empty, and so is COST_DESCRIPTION; give one of them (0 where it is free)"
    if got["DELIVERY_MODE"] in AT_A_VENUE:
        yield from the_venue(got, "VENUE_NAME", context)
        for column in ("STUDY_MODE", "ATTENDANCE_PATTERN"):
            if not got[column]:
                yield column, "is empty, and a course taught in a classroom needs it"
    else:
        for column in ("VENUE_NAME", "YOUR_VENUE_REFERENCE"):
            if got[column]:
                yield column, "is given though nothing is taught there; empty it, or change DELIVERY_MODE"
    yield from about_the_regions(got)


def _about_the_start(got: Got, context: Context) -> AtOdds:
    start = got["START_DATE"]
    if got["FLEXIBLE_START_DATE"] and start:
        yield "START_DATE", "is given though FLEXIBLE_START_DATE says Yes; keep one of them"
    elif not got["FLEXIBLE_START_DATE"] and not start:
        yield "START_DATE", "is empty; give a date to come, or say Yes in FLEXIBLE_START_DATE"
    elif start and start < context.today.isoformat():
        yield "START_DATE", f"{start} has passed; give a date to come, or say Yes in FLEXIBLE_START_DATE"


def the_venue(got: Got, column: str, context: Context) -> AtOdds:
    """What is wrong with the place that a row names: it must be one venue that we hold, and only one."""
    name, reference = got[column], got["YOUR_VENUE_REFERENCE"]
    if not name and not reference:
        yield column, "is empty, and what is taught in a classroom needs a place; name one of your venues"
        return
    found = find_venues(name, reference, context)
    where, given = ("YOUR_VENUE_REFERENCE", reference) if reference else (column, name)
    if not found:
        yield where, f"{shown(given)} is not a venue that we hold; load your venues file first"
    elif len(found) > 1:
        yield where, f"{shown(given)} is {len(found)} of your venues; give YOUR_VENUE_REFERENCE of one"
    elif reference and name and found[0].name.casefold() != name.casefold():
        yield column, f"{shown(name)} is not the venue of that reference, {shown(found[0].name)}"


def about_the_regions(got: Got) -> AtOdds:
    """What is wrong with where a course can be had: anywhere, or in which councils."""
    national, regions = got["NATIONAL_DELIVERY"], got["SUB_REGION"]
    if got["DELIVERY_MODE"] != "workplace":
        if national:
            yield "NATIONAL_DELIVERY", "says Yes, which only a Work based course can; empty it"
        return
    if national is None:
        yield "NATIONAL_DELIVERY", "is empty, and a Work based course needs it; say Yes or No"
    elif national and regions:
        yield "SUB_REGION", "is given though NATIONAL_DELIVERY says Yes; keep one of them"
    elif not national and not regions:
        yield "SUB_REGION", "is empty; name the councils you teach in, such as Derby;Leicester"


def find_venues(name: str, reference: str, context: Context) -> list[KnownVenue]:
    """The provider's venues of that reference, or where none is given of that name."""
    held = context.venues(context.ukprn or 0)
    if reference:
        return [venue for venue in held if venue.reference.casefold() == reference.casefold()]
    return [venue for venue in held if venue.name.casefold() == name.casefold()]


def _course(number: int, got: Got, context: Context) -> CourseRow:
    """One run, checked; a value of a column that this file does not have is not given."""
    title, text = got["COURSE_NAME"], got["WHO_THIS_COURSE_IS_FOR"]
    level, value, unit = got.get("EDUCATION_LEVEL"), got["DURATION"], got["DURATION_UNIT"]
    ukprn, venue = context.ukprn or 0, None
    if got["DELIVERY_MODE"] in AT_A_VENUE:
        (venue,) = find_venues(got["VENUE_NAME"], got["YOUR_VENUE_REFERENCE"], context)
    kind = kind_of(
        got.get("COURSE_TYPE", ""),
        title,
        text,
        level,
        "",
        in_weeks(value, unit),
        price_words=got["COST_DESCRIPTION"],
    )
    identity = (str(got.get(column, "")).casefold() for column in IDENTITY)
    return CourseRow(
        row=number,
        ref=reference_of(str(ukprn), *identity),
        reference=got["YOUR_REFERENCE"],
        ukprn=ukprn,
        kind=kind,
        title=title,
        who_for=text,
        what_learned=got["WHAT_YOU_WILL_LEARN"],
        how_taught=got["HOW_YOU_WILL_LEARN"],
        bring=got["WHAT_YOU_WILL_NEED_TO_BRING"],
        where_next=got["WHERE_NEXT"],
        entry_requirements=got["ENTRY_REQUIREMENTS"],
        assessment=got["HOW_YOU_WILL_BE_ASSESSED"],
        awarding_body=got.get("AWARDING_BODY", ""),
        level=level if level is not None else level_in(title),
        route=got.get("SECTOR", ""),
        mode=got["DELIVERY_MODE"],
        study_mode=got["STUDY_MODE"],
        attendance=got["ATTENDANCE_PATTERN"],
        start_dates=(got["START_DATE"],) if got["START_DATE"] else (),
        flexible_start=got["FLEXIBLE_START_DATE"],
        duration_value=value,
        duration_unit=unit,
        cost=got["COST"],
        cost_description=got["COST_DESCRIPTION"],
        national=bool(got["NATIONAL_DELIVERY"]),
        regions=got["SUB_REGION"],
        lars_ref=got.get("LARS_QAN", ""),
        url=got["COURSE_WEBPAGE"],
        venue_id=venue.id if venue else None,
        venue_name=venue.name if venue else "",
        venue_postcode=venue.postcode if venue else "",
    )


TWICE = ("COURSE_NAME", "the same course, place, start and times; each run of a course stands once")

DIRECTORY_COURSES = TableFormat(
    source="directory-courses",
    name="Course Directory courses",
    columns=WITH_AIM,
    record=_course,
    at_odds=at_odds,
    key=TWICE,
    dates=frozenset({"START_DATE"}),
)
DIRECTORY_OTHER_COURSES = TableFormat(
    source="directory-non-lars",
    name="Course Directory courses without a learning aim",
    columns=WITHOUT_AIM,
    record=_course,
    at_odds=at_odds,
    key=TWICE,
    dates=frozenset({"START_DATE"}),
)
