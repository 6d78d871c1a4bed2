"""Courses, venues and providers as rows of the tables they came in by: column by column, the way back of the readers.

A cell may be several texts: those that a reader takes for the same. Which of them a file had is not kept; the
exporter writes the first with which the row reads back as what we hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from skillsmatch.area.kinds import Kind
from skillsmatch.offers.course_codes import SECTORS
from skillsmatch.offers.models import Offer, Provider, Venue

Cell = str | tuple[str, ...]
Cells = Mapping[str, Cell]

LIVE_SOURCE = "ncs-live-courses"
LINE = 100  # characters of one line of an address
CODED_MODES = {"classroom": "1", "online": "2", "workplace": "3", "blended": "4"}
CODED_STUDY_MODES = {"full-time": "1", "part-time": "2", "flexible": "3"}
CODED_ATTENDANCE = {"daytime": "1", "evening": "2", "weekend": "3", "block": "4"}
CODED_UNITS = {"days": "1", "weeks": "2", "months": "3", "years": "4", "hours": "5", "minutes": "6"}
CODED_KINDS = {
    Kind.ESOL: "1",
    Kind.FUNCTIONAL_SKILLS: "1",
    Kind.T_LEVEL_PLACEMENT: "2",
    Kind.HTQ: "3",
    Kind.FREE_COURSE_FOR_JOBS: "4",
    Kind.SKILLS_BOOTCAMP: "6",
}
MODES = {
    "classroom": "Classroom based",
    "online": "Online",
    "workplace": "Work based",
    "blended": "Blended learning",
}
STUDY_MODES = {"full-time": "Full time", "part-time": "Part time", "flexible": "Flexible"}
ATTENDANCE = {
    "daytime": "Daytime",
    "evening": "Evening",
    "weekend": "Weekend",
    "block": "Day/Block Release",
}
METHODS = {"classroom": "Classroom based", "workplace": "Employer based", "blended": "Both"}
RADIUS = re.compile(r"Within ([0-9]{1,3}) miles of .+", re.S)


def live_course(offer: Offer) -> Cells:
    """The offer as a row of the National Careers Service's live courses."""
    course_id, run_id = _two_keys(offer)
    return {
        "PROVIDER_UKPRN": str(offer.provider.ukprn),
        "COURSE_ID": course_id,
        "COURSE_RUN_ID": run_id,
        "LEARN_AIM_REF": offer.standard_ref or offer.lars_ref,
        "COURSE_NAME": offer.title,
        "WHO_THIS_COURSE_IS_FOR": offer.who_for,
        "DELIVER_MODE": CODED_MODES.get(offer.mode, ""),
        "STUDY_MODE": CODED_STUDY_MODES.get(offer.study_mode, ""),
        "ATTENDANCE_PATTERN": CODED_ATTENDANCE.get(offer.attendance, ""),
        "FLEXIBLE_STARTDATE": "1" if offer.flexible_start else "0",
        "STARTDATE": next(iter(offer.start_dates), ""),
        "DURATION_UNIT": CODED_UNITS.get(offer.duration_unit, ""),
        "DURATION_VALUE": number(offer.duration_value),
        "COST": pounds(offer.cost),
        "COST_DESCRIPTION": offer.cost_description,
        "NATIONAL": "1" if offer.national else "0",
        "REGIONS": offer.regions,
        **_location(offer.venue),
        "COURSE_URL": offer.url,
        "UPDATED_DATE": offer.source_updated.isoformat() if offer.source_updated else "",
        "ENTRY_REQUIREMENTS": offer.entry_requirements,
        "HOW_YOU_WILL_BE_ASSESSED": offer.assessment,
        "COURSE_TYPE": (CODED_KINDS.get(Kind(offer.kind), ""), "", offer.kind),
        "SECTOR": SECTORS.get(offer.route, ""),
        "EDUCATION_LEVEL": "" if offer.level is None else str(offer.level),
        "AWARDING_BODY": offer.awarding_body,
    }


def _two_keys(offer: Offer) -> tuple[str, str]:
    """The course's and the run's own key; an offer from elsewhere is known by where it is from, and its number."""
    if offer.source != LIVE_SOURCE:
        return offer.source, str(offer.id)
    for place in (found.start() for found in re.finditer("/", offer.source_ref)):
        course, run = offer.source_ref[:place], offer.source_ref[place + 1 :]
        if course and run and course == course.strip() and run == run.strip():
            return course, run
    return offer.source_ref, ""


def _location(venue: Venue | None) -> dict[str, Cell]:
    if venue is None:
        return {}
    first, second = address_lines(venue.address)
    return {
        "LOCATION_NAME": venue.name,
        "LOCATION_ADDRESS1": first,
        "LOCATION_ADDRESS2": second,
        "LOCATION_COUNTY": venue.county,
        "LOCATION_EMAIL": venue.email,
        # Where a file gave no point, ours may be that of the postcode.
        "LOCATION_LATITUDE": (degrees(venue.lat), ""),
        "LOCATION_LONGITUDE": (degrees(venue.lon), ""),
        "LOCATION_POSTCODE": venue.postcode,
        "LOCATION_TELEPHONE": venue.phone,
        "LOCATION_TOWN": venue.town,
        "LOCATION_WEBSITE": venue.website,
    }


def directory_course(offer: Offer) -> Cells:
    """The offer as a row of the Course Directory's own file; its columns are those of both kinds of that file."""
    at_work = offer.mode == "workplace"
    return {
        "LARS_QAN": offer.lars_ref,
        "COURSE_TYPE": ("Skills Bootcamp" if offer.kind == Kind.SKILLS_BOOTCAMP else "", offer.kind),
        "SECTOR": SECTORS.get(offer.route, ""),
        "EDUCATION_LEVEL": "" if offer.level is None else str(offer.level) if offer.level else "Entry Level",
        "AWARDING_BODY": offer.awarding_body,
        "WHO_THIS_COURSE_IS_FOR": offer.who_for,
        "ENTRY_REQUIREMENTS": offer.entry_requirements,
        "WHAT_YOU_WILL_LEARN": offer.what_learned,
        "HOW_YOU_WILL_LEARN": offer.how_taught,
        "WHAT_YOU_WILL_NEED_TO_BRING": offer.bring,
        "HOW_YOU_WILL_BE_ASSESSED": offer.assessment,
        "WHERE_NEXT": offer.where_next,
        "COURSE_NAME": offer.title,
        "YOUR_REFERENCE": offer.reference,
        "DELIVERY_MODE": MODES.get(offer.mode, ""),
        "START_DATE": british(next(iter(offer.start_dates), "")),
        "FLEXIBLE_START_DATE": "Yes" if offer.flexible_start else "No",
        **_named_venue(offer, "VENUE_NAME"),
        "NATIONAL_DELIVERY": _yes(offer.national) if at_work else ("", "No"),
        "SUB_REGION": offer.regions,
        "COURSE_WEBPAGE": offer.url,
        "COST": pounds(offer.cost),
        "COST_DESCRIPTION": offer.cost_description,
        "DURATION": number(offer.duration_value),
        "DURATION_UNIT": offer.duration_unit.capitalize(),
        "STUDY_MODE": STUDY_MODES.get(offer.study_mode, ""),
        "ATTENDANCE_PATTERN": ATTENDANCE.get(offer.attendance, ""),
    }


def apprenticeship(offer: Offer) -> Cells:
    """The offer as a row of the Course Directory's old file of apprenticeships."""
    method = METHODS.get(offer.mode, "")
    reach = RADIUS.fullmatch(offer.regions) if offer.venue else None
    national: Cell = ""
    if offer.mode == "workplace" or offer.national:
        national = _yes(offer.national)
    elif offer.mode == "blended":
        national = ("", "No")
    return {
        "STANDARD_CODE": offer.lars_ref,
        "APPRENTICESHIP_INFORMATION": offer.who_for,
        "APPRENTICESHIP_WEBPAGE": offer.url,
        "CONTACT_EMAIL": offer.contact_email,
        "CONTACT_PHONE": offer.contact_phone,
        "DELIVERY_METHOD": method,
        **_named_venue(offer, "VENUE"),
        "RADIUS": reach[1] if reach else "",
        "DELIVERY_MODE": "Day Release;Block Release" if offer.attendance else "Employer address",
        "NATIONAL_DELIVERY": national,
        "SUB_REGION": "" if reach else offer.regions,
    }


def _named_venue(offer: Offer, column: str) -> dict[str, Cell]:
    """The place by its name, by its reference, or by both."""
    if offer.venue is None:
        return {}
    name, reference = offer.venue.name, offer.venue.reference
    return {column: (name, ""), "YOUR_VENUE_REFERENCE": ("", reference) if reference else ""}


def venue_row(venue: Venue) -> Cells:
    """The place as a row of the Course Directory's file of venues."""
    first, second = address_lines(venue.address)
    return {
        "YOUR_VENUE_REFERENCE": venue.reference,
        "VENUE_NAME": venue.name,
        "ADDRESS_LINE_1": first,
        "ADDRESS_LINE_2": second,
        "TOWN_OR_CITY": venue.town,
        "COUNTY": venue.county,
        "POSTCODE": venue.postcode,
        "EMAIL": venue.email,
        "PHONE": venue.phone,
        "WEBSITE": venue.website,
    }


def provider_row(provider: Provider) -> Cells:
    """The provider as a row of the national list; only its number and name are ours to say."""
    return {"Org UKPRN": str(provider.ukprn), "Org Legal Name": provider.name}


def address_lines(address: str) -> tuple[str, str]:
    """An address on one line, or on two that are each short enough where there is a comma to part them at."""
    if len(address) > LINE:
        for found in re.finditer(", ", address):
            first, second = address[: found.start()], address[found.end() :]
            if first and len(first) <= LINE and len(second) <= LINE:
                return first, second
    return address, ""


def british(day: str) -> str:
    """An ISO date as dd/mm/yyyy."""
    return "/".join(reversed(day.split("-")))


def pounds(amount: Decimal | None) -> str:
    """Pounds and pence; empty where not known."""
    return "" if amount is None else f"{amount:.2f}"


def number(value: Decimal | None) -> str:
    """A number without needless noughts; empty where not known."""
    return "" if value is None else f"{value.normalize():f}"


def degrees(value: float | None) -> str:
    """Degrees in decimals, never with an exponent; empty where not known."""
    return "" if value is None else f"{Decimal(repr(value)):f}"


def _yes(flag: bool) -> str:
    return "Yes" if flag else "No"


def variants(cells: Cells) -> Iterator[dict[str, str]]:
    """Every row that the cells can be, the likeliest first."""
    rows: list[dict[str, str]] = [{}]
    for column, cell in cells.items():
        texts = dict.fromkeys((cell,) if isinstance(cell, str) else cell)
        rows = [{**row, column: text} for row in rows for text in texts]
    yield from rows
