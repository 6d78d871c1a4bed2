"""The Course Directory's old upload file of apprenticeships: a provider, a standard and a place in each row.

The file names a standard by its LARS code alone, so the national standards must be loaded first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from skillsmatch.offers import cells
from skillsmatch.offers.cells import Wrong, shown
from skillsmatch.offers.directory_courses import find_venues, national, needed, sub_regions, the_venue
from skillsmatch.offers.records import CourseRow, reference_of
from skillsmatch.offers.tables import AtOdds, Context, Got, KnownVenue, Reader, TableFormat

METHODS = {  # where it is taught, as the file says it: as an offer says it
    **dict.fromkeys(("classroom based", "classroom-based", "classroombased", "classroom"), "classroom"),
    **dict.fromkeys(("employer based", "employer-based", "employerbased", "employer"), "workplace"),
    "both": "blended",
}
RELEASES = {
    **dict.fromkeys(("day release", "dayrelease", "day"), "day"),
    **dict.fromkeys(("block release", "blockrelease", "block"), "block"),
    **dict.fromkeys(("employer address", "employeraddress", "employer"), "employer"),
}
FURTHEST = 874  # miles; the length of Great Britain, and the Course Directory's own limit


def _code(text: str) -> str:
    code = text.lstrip("0")
    if not re.fullmatch("[0-9]{1,8}", code):
        raise Wrong(f"{shown(text)} is not a standard's LARS code (use a whole number such as 349)")
    return code


def _releases(text: str) -> frozenset[str]:
    names = [name.strip() for name in text.split(";") if name.strip()]
    for name in names:
        if name.casefold() not in RELEASES:
            raise Wrong(f"{shown(name)} is not a release (use Day Release;Block Release;Employer address)")
    return frozenset(RELEASES[name.casefold()] for name in names)


def _radius(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= FURTHEST:
        raise Wrong(f"{shown(text)} is not a distance (use whole miles from 1 to {FURTHEST})")
    return int(text)


COLUMNS: Mapping[str, tuple[int, Reader]] = {
    "STANDARD_CODE": (20, _code),
    "STANDARD_VERSION": (20, cells.line),
    "APPRENTICESHIP_INFORMATION": (750, needed(str, "say what you offer to employers")),
    "APPRENTICESHIP_WEBPAGE": (255, cells.secure_address),
    "CONTACT_EMAIL": (254, needed(cells.email, "give an address that employers can write to")),
    "CONTACT_PHONE": (40, needed(cells.line, "give a number that employers can ring")),
    "CONTACT_URL": (255, cells.secure_address),
    "DELIVERY_METHOD": (
        40,
        needed(
            cells.chooser(METHODS, "a way of teaching", "Classroom based, Employer based or Both"),
            "say Classroom based, Employer based or Both",
        ),
    ),
    "VENUE": (250, cells.line),
    "YOUR_VENUE_REFERENCE": (255, cells.line),
    "RADIUS": (20, _radius),
    "DELIVERY_MODE": (80, _releases),
    "NATIONAL_DELIVERY": (10, national),
    "SUB_REGION": (5_000, sub_regions),
}


def _at_odds(got: Got, context: Context) -> AtOdds:
    if got["STANDARD_CODE"] not in context.standards():
        message = (
            f"{shown(got['STANDARD_CODE'])} is not a standard that we hold; load the national standards first"
        )
        yield "STANDARD_CODE", message
    method = got["DELIVERY_METHOD"]
    if method == "workplace":
        for column in ("VENUE", "YOUR_VENUE_REFERENCE", "RADIUS"):
            if got[column]:
                yield column, "is given though all of it is at the employer's; empty it"
    else:
        yield from the_venue(got, "VENUE", context)
        if not got["DELIVERY_MODE"] & {"day", "block"}:
            yield "DELIVERY_MODE", "names neither Day Release nor Block Release; say when people come to you"
    if method != "classroom":
        yield from _about_the_reach(got)
    elif got["NATIONAL_DELIVERY"] or got["SUB_REGION"]:
        column = "NATIONAL_DELIVERY" if got["NATIONAL_DELIVERY"] else "SUB_REGION"
        yield column, "is given though all of it is in a classroom; empty it"


def _about_the_reach(got: Got) -> AtOdds:
    """How far the provider goes out to employers: anywhere, to some councils, or so many miles."""
    if got["NATIONAL_DELIVERY"]:
        if got["SUB_REGION"]:
            yield "SUB_REGION", "is given though NATIONAL_DELIVERY says Yes; keep one of them"
    elif got["DELIVERY_METHOD"] == "blended":
        if got["RADIUS"] is None and not got["SUB_REGION"]:
            yield "RADIUS", "is empty; say how many miles from the venue you go, or Yes in NATIONAL_DELIVERY"
    elif got["NATIONAL_DELIVERY"] is None:
        yield "NATIONAL_DELIVERY", "is empty; say Yes, or No and name the councils in SUB_REGION"
    elif not got["SUB_REGION"]:
        yield "SUB_REGION", "is empty; name the councils you go to, such as Derby;Leicester"


def _apprenticeship(number: int, got: Got, context: Context) -> CourseRow:
    standard = context.standards()[got["STANDARD_CODE"]]
    ukprn, venue = context.ukprn or 0, None
    if got["DELIVERY_METHOD"] != "workplace":
        (venue,) = find_venues(got["VENUE"], got["YOUR_VENUE_REFERENCE"], context)
    where = venue.name if venue else got["SUB_REGION"]
    return CourseRow(
        row=number,
        ref=reference_of(str(ukprn), got["STANDARD_CODE"], got["DELIVERY_METHOD"], where.casefold()),
        ukprn=ukprn,
        kind=standard.kind,
        title=standard.title,
        who_for=got["APPRENTICESHIP_INFORMATION"],
        level=standard.level,
        route=standard.route,
        mode=got["DELIVERY_METHOD"],
        attendance="block" if got["DELIVERY_MODE"] & {"day", "block"} else "",
        duration_value=standard.duration_value,
        duration_unit=standard.duration_unit,
        max_funding=standard.max_funding,
        national=bool(got["NATIONAL_DELIVERY"]),
        regions=_reach(got, venue),
        lars_ref=got["STANDARD_CODE"],
        standard_ref=standard.reference,
        url=got["APPRENTICESHIP_WEBPAGE"] or got["CONTACT_URL"],
        contact_email=got["CONTACT_EMAIL"],
        contact_phone=got["CONTACT_PHONE"],
        venue_id=venue.id if venue else None,
        venue_name=venue.name if venue else "",
        venue_postcode=venue.postcode if venue else "",
    )


def _reach(got: Got, venue: KnownVenue | None) -> str:
    if got["SUB_REGION"] or got["RADIUS"] is None or venue is None:
        regions: str = got["SUB_REGION"]
        return regions
    return f"Within {got['RADIUS']} miles of {venue.name}"


OLD_APPRENTICESHIPS = TableFormat(
    source="directory-apprenticeships",
    name="Course Directory apprenticeships",
    columns=COLUMNS,
    record=_apprenticeship,
    at_odds=_at_odds,
    key=("STANDARD_CODE", "the same standard at the same place; each stands once"),
    empty="there is no apprenticeship below the header; a file needs at least one",
)
