"""An offer as its form has it: the same cells, rules and messages as a file, under the names that the form shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import cast

from skillsmatch.offers import cells
from skillsmatch.offers import course_codes as codes
from skillsmatch.offers.cells import Wrong, shown
from skillsmatch.offers.checking import CheckedFile
from skillsmatch.offers.course_kinds import level_in
from skillsmatch.offers.directory_courses import AT_A_VENUE, about_the_regions, national, needed, sub_regions
from skillsmatch.offers.models import Offer
from skillsmatch.offers.records import CourseRow, RowError
from skillsmatch.offers.tables import AtOdds, Context, Got, Reader, TableFormat
from skillsmatch.offers.writing import Change

MOST_DATES = 24  # start dates of one offer; more are another offer's
DESK_SOURCE = "desk"

FIELDS = {  # the form's boxes, in their order, by the column that each fills
    "COURSE_TYPE": "kind",
    "COURSE_NAME": "title",
    "WHO_THIS_COURSE_IS_FOR": "who_for",
    "WHAT_YOU_WILL_LEARN": "what_learned",
    "EDUCATION_LEVEL": "level",
    "SECTOR": "route",
    "DELIVERY_MODE": "mode",
    "VENUE": "venue",
    "NATIONAL_DELIVERY": "national",
    "SUB_REGION": "regions",
    "STUDY_MODE": "study_mode",
    "ATTENDANCE_PATTERN": "attendance",
    "FLEXIBLE_START_DATE": "flexible_start",
    "START_DATE": "start_dates",
    "DURATION": "duration",
    "DURATION_UNIT": "duration_unit",
    "COST": "cost",
    "COST_DESCRIPTION": "cost_description",
    "COURSE_WEBPAGE": "url",
    "CONTACT_EMAIL": "contact_email",
    "CONTACT_PHONE": "contact_phone",
    "HOW_YOU_WILL_LEARN": "how_taught",
    "ENTRY_REQUIREMENTS": "entry_requirements",
    "WHAT_YOU_WILL_NEED_TO_BRING": "bring",
    "HOW_YOU_WILL_BE_ASSESSED": "assessment",
    "WHERE_NEXT": "where_next",
    "AWARDING_BODY": "awarding_body",
    "REFERENCE": "reference",
}


def _dates(text: str) -> str:
    """Dates, one in a line, as ISO text parted by spaces, earliest first."""
    typed = [line.strip() for line in re.split(r"[\n;,]", text) if line.strip()]
    days = sorted(
        {cells.day(line.lstrip("+"), date.min) for line in typed}
    )  # "+30" is for made-up files alone
    if len(days) > MOST_DATES:
        raise Wrong(f"has {len(days)} dates; the most is {MOST_DATES}")
    return " ".join(days)


def _venue(text: str) -> int | None:
    if text and not re.fullmatch("[0-9]{1,9}", text):
        raise Wrong(f"{shown(text)} is not one of your venues")
    return int(text) if text else None


def _length(text: str) -> Decimal | None:
    if not text:
        raise Wrong("is empty; give a number, such as 10")
    return cells.length(text)


COLUMNS: Mapping[str, tuple[int, Reader]] = {
    "COURSE_TYPE": (40, needed(codes.kind, "choose the kind of training")),
    "COURSE_NAME": (255, needed(cells.line, "give the name that people know it by")),
    "WHO_THIS_COURSE_IS_FOR": (2_000, needed(str, "say whom it is for")),
    "WHAT_YOU_WILL_LEARN": (5_000, str),
    "EDUCATION_LEVEL": (20, cells.level),
    "SECTOR": (40, codes.route),
    "DELIVERY_MODE": (40, needed(codes.mode, "choose how it is taught")),
    "VENUE": (20, _venue),
    "NATIONAL_DELIVERY": (10, national),
    "SUB_REGION": (5_000, sub_regions),
    "STUDY_MODE": (40, codes.study_mode),
    "ATTENDANCE_PATTERN": (40, codes.attendance),
    "FLEXIBLE_START_DATE": (10, cells.flag),
    "START_DATE": (2_000, _dates),
    "DURATION": (20, _length),
    "DURATION_UNIT": (20, needed(codes.unit, "choose weeks, days, hours or another unit")),
    "COST": (30, cells.price),
    "COST_DESCRIPTION": (255, cells.line),
    "COURSE_WEBPAGE": (490, cells.secure_address),
    "CONTACT_EMAIL": (254, cells.email),
    "CONTACT_PHONE": (40, cells.line),
    "HOW_YOU_WILL_LEARN": (500, str),
    "ENTRY_REQUIREMENTS": (500, str),
    "WHAT_YOU_WILL_NEED_TO_BRING": (500, str),
    "HOW_YOU_WILL_BE_ASSESSED": (500, str),
    "WHERE_NEXT": (500, str),
    "AWARDING_BODY": (255, cells.line),
    "REFERENCE": (20, cells.aim),
}


def _at_odds(got: Got, context: Context) -> AtOdds:
    dates = got["START_DATE"].split()
    if got["FLEXIBLE_START_DATE"] and dates:
        yield "START_DATE", "is given though people can start at any time; keep one of them"
    elif not got["FLEXIBLE_START_DATE"] and not dates:
        yield "START_DATE", "is empty; give a date to come, or tick FLEXIBLE_START_DATE"
    elif dates and dates[-1] < context.today.isoformat():
        yield "START_DATE", "has passed; give a date to come, or tick FLEXIBLE_START_DATE"
    if got["COST"] is None and not got["COST_DESCRIPTION"]:
        yield "COST", "is empty, and so is COST_DESCRIPTION; fill in one of them (0 where it is free)"
    yield from _about_the_place(got, context)


def _about_the_place(got: Got, context: Context) -> AtOdds:
    if got["DELIVERY_MODE"] in AT_A_VENUE:
        held = {venue.id for venue in context.venues(context.ukprn or 0)}
        if got["VENUE"] is None:
            yield (
                "VENUE",
                "is empty, and what is taught in a classroom needs a place; choose one of your venues",
            )
        elif got["VENUE"] not in held:
            yield "VENUE", "is not one of your venues any more; choose another"
        for column in ("STUDY_MODE", "ATTENDANCE_PATTERN"):
            if not got[column]:
                yield column, "is empty, and a course taught in a classroom needs it"
    elif got["VENUE"] is not None:
        yield "VENUE", "is given though nothing is taught there; empty it, or change DELIVERY_MODE"
    yield from about_the_regions(got)


def _course(number: int, got: Got, context: Context) -> CourseRow:
    reference = got["REFERENCE"]
    standard = reference if len(reference) == 6 else ""
    place = got["VENUE"] if got["DELIVERY_MODE"] in AT_A_VENUE else None
    venue = next((v for v in context.venues(context.ukprn or 0) if v.id == place), None)
    level = got["EDUCATION_LEVEL"]
    return CourseRow(
        row=number,
        ref="",  # whoever saves it says which offer it is
        ukprn=context.ukprn or 0,
        kind=got["COURSE_TYPE"],
        title=got["COURSE_NAME"],
        who_for=got["WHO_THIS_COURSE_IS_FOR"],
        what_learned=got["WHAT_YOU_WILL_LEARN"],
        how_taught=got["HOW_YOU_WILL_LEARN"],
        bring=got["WHAT_YOU_WILL_NEED_TO_BRING"],
        where_next=got["WHERE_NEXT"],
        entry_requirements=got["ENTRY_REQUIREMENTS"],
        assessment=got["HOW_YOU_WILL_BE_ASSESSED"],
        awarding_body=got["AWARDING_BODY"],
        level=level if level is not None else level_in(got["COURSE_NAME"]),
        route=got["SECTOR"],
        mode=got["DELIVERY_MODE"],
        study_mode=got["STUDY_MODE"],
        attendance=got["ATTENDANCE_PATTERN"],
        start_dates=tuple(got["START_DATE"].split()),
        flexible_start=got["FLEXIBLE_START_DATE"],
        duration_value=got["DURATION"],
        duration_unit=got["DURATION_UNIT"],
        cost=got["COST"],
        cost_description=got["COST_DESCRIPTION"],
        national=bool(got["NATIONAL_DELIVERY"]),
        regions=got["SUB_REGION"],
        lars_ref="" if standard else reference,
        standard_ref=standard,
        url=got["COURSE_WEBPAGE"],
        contact_email=got["CONTACT_EMAIL"],
        contact_phone=got["CONTACT_PHONE"],
        venue_id=venue.id if venue else None,
        venue_name=venue.name if venue else "",
        venue_postcode=venue.postcode if venue else "",
    )


FORM = TableFormat(
    source=DESK_SOURCE,
    name="offers typed at the desk",
    columns=COLUMNS,
    record=_course,
    at_odds=_at_odds,
    key=None,
)


def check_answers(answers: Mapping[str, str], context: Context) -> CourseRow | list[RowError]:
    """The offer that these answers make, by box; or what is wrong, each fault with the box it is about."""
    row = [answers.get(box) or "" for box in FIELDS.values()]
    found = FORM.check(1, row, context)
    if isinstance(found, list):
        return [replace(error, column=FIELDS[error.column]) for error in found]
    return cast(CourseRow, found)


def as_change(record: CourseRow, id: int = 0) -> Change:
    """The checked offer as the writer takes it; 0 for a new one."""
    aside = CheckedFile(FORM, record.ukprn)
    try:
        aside.add(record)
        return Change(aside.values(0), aside.digest(0), id)
    finally:
        aside.close()


def answers_of(offer: Offer) -> dict[str, str]:
    """The offer as the boxes of its form hold it."""
    at_a_venue = offer.mode in AT_A_VENUE
    return {
        "kind": offer.kind,
        "title": offer.title,
        "who_for": offer.who_for,
        "what_learned": offer.what_learned,
        "level": "" if offer.level is None else str(offer.level),
        "route": offer.route,
        "mode": offer.mode,
        "venue": str(offer.venue_id) if at_a_venue and offer.venue_id else "",
        "national": ("yes" if offer.national else "no") if offer.mode == "workplace" else "",
        "regions": offer.regions,
        "study_mode": offer.study_mode,
        "attendance": offer.attendance,
        "flexible_start": "yes" if offer.flexible_start else "",
        "start_dates": "\n".join(_british(day) for day in offer.start_dates),
        "duration": "" if offer.duration_value is None else f"{offer.duration_value.normalize():f}",
        "duration_unit": offer.duration_unit,
        "cost": "" if offer.cost is None else f"{offer.cost:.2f}".removesuffix(".00"),
        "cost_description": offer.cost_description,
        "url": offer.url,
        "contact_email": offer.contact_email,
        "contact_phone": offer.contact_phone,
        "how_taught": offer.how_taught,
        "entry_requirements": offer.entry_requirements,
        "bring": offer.bring,
        "assessment": offer.assessment,
        "where_next": offer.where_next,
        "awarding_body": offer.awarding_body,
        "reference": offer.standard_ref or offer.lars_ref,
    }


def _british(day: str) -> str:
    year, month, number = day.split("-")
    return f"{number}/{month}/{year}"
