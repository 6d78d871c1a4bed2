"""Courses as schema.org JSON-LD: a Course with its instances, as providers' own web pages carry them.

Source of the terms: schema.org. A Course gives one row for each of its hasCourseInstance, or one where it has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from skillsmatch.offers import cells
from skillsmatch.offers import course_codes as codes
from skillsmatch.offers.course_kinds import in_weeks, kind_of, level_in
from skillsmatch.offers.json_files import DocumentFormat, Item, WrongItem, read_as, text_of, texts_of
from skillsmatch.offers.records import LONGEST_REFERENCE, CourseRow, reference_of
from skillsmatch.offers.tables import Context

COURSE, INSTANCE = "Course", "CourseInstance"
# An ISO 8601 length of one unit.
PERIOD = re.compile(r"P(?:(\d{1,4}(?:\.\d{1,2})?)([YMWD])|T(\d{1,4}(?:\.\d{1,2})?)([HM]))")
PERIOD_UNITS = {"Y": "years", "M": "months", "W": "weeks", "D": "days", "TH": "hours", "TM": "minutes"}
MOST_TEXT = 20_000  # characters of a description
SOURCE_REFERENCE = "source-reference"  # the propertyID under which our own export says a run's key
MODES = {"onsite": "classroom", "in-person": "classroom", "blended": "blended", "workplace": "workplace"}


@dataclass(frozen=True)
class _Run:
    """A course, and one of its instances."""

    course: Item
    instance: Item
    place: int  # of the instance in its course, from 1


def _things(document: Any) -> Iterator[Any]:
    """Every object of the document's top: in a list, under @graph, or alone."""
    if isinstance(document, list):
        for one in document:
            yield from _things(one)
    elif isinstance(document, Mapping) and "@graph" in document:
        yield from _things(document["@graph"])
    else:
        yield document


def _is_a(thing: Any, name: str) -> bool:
    kinds = thing.get("@type") if isinstance(thing, Mapping) else None
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and re.split("[/:]", kind)[-1] == name for kind in kinds)


def _suits(document: Any) -> bool:
    return any(isinstance(thing, Mapping) and "@type" in thing for thing in _things(document))


def _items(document: Any, _: Context) -> Iterator[tuple[int, Any]]:
    """The runs of every course, each numbered by its course; other things of a page are passed over."""
    for number, thing in enumerate(_things(document), start=1):
        if _is_a(thing, COURSE):
            try:
                runs = _many(thing, "hasCourseInstance") or [{}]
            except WrongItem as wrong:
                yield number, wrong
                continue
            for place, run in enumerate(runs, start=1):
                yield number, _Run(thing, run, place)


def _many(item: Item, key: str) -> list[Item]:
    """The objects under a key, which may hold one or a list of them."""
    value = item.get(key)
    found = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(one, Mapping) for one in found):
        raise WrongItem(key, "is not an object in curly brackets, nor a list of them")
    return found


def _one(item: Item, key: str) -> Item:
    """The first object under a key; empty where there is none, or only text."""
    value = item.get(key)
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, Mapping) else {}


def _course(number: int, run: _Run, context: Context) -> CourseRow:
    course, instance = run.course, run.instance
    title = " ".join(text_of(course, "name", 255, needed=True).split())
    text = text_of(course, "description", MOST_TEXT)
    level = _level(course)
    mode, study_mode, attendance = _mode(instance)
    value, unit = _length(instance)
    price, price_words = _price(instance if "offers" in instance else course)
    start = read_as(
        "startDate", lambda text: cells.day(text, context.today), text_of(instance, "startDate", 40)
    )
    place = _one(instance, "location")
    address, (lat, lon) = _one(place, "address"), _point(_one(place, "geo"))
    postcode = read_as("postalCode", cells.postcode, text_of(address, "postalCode", 12))
    street = text_of(address, "streetAddress", 200)
    reference = text_of(course, "courseCode", 20)
    found = read_as("courseCode", cells.aim, reference) if _looks_like_an_aim(reference) else ""
    standard = found if len(found) == 6 else ""
    given = codes.TYPES.get(_term(course, "learningResourceType"), "")
    kind = kind_of(given, title, text, level, standard, in_weeks(value, unit), price_words=price_words)
    return CourseRow(
        row=number,
        ref=reference_of(*_key(run, context)),
        ukprn=context.ukprn or 0,
        kind=kind,
        title=title,
        who_for=text,
        what_learned="\n".join(texts_of(course, "teaches"))[:MOST_TEXT],
        entry_requirements=text_of(course, "coursePrerequisites", MOST_TEXT),
        awarding_body=_awarded_by(course),
        level=level if level is not None else level_in(title),
        route=codes.ROUTES.get(_term(course, "about"), ""),
        mode=mode,
        study_mode=study_mode,
        attendance=attendance,
        start_dates=(start,) if start else (),
        duration_value=value,
        duration_unit=unit,
        cost=price,
        cost_description=price_words,
        lars_ref="" if standard else found,
        standard_ref=standard,
        url=_address(course, instance),
        venue_name=text_of(place, "name", 250) or street or postcode,
        venue_address=street,
        venue_town=text_of(address, "addressLocality", 75),
        venue_county=text_of(address, "addressRegion", 75),
        venue_postcode=postcode,
        lat=lat,
        lon=lon,
    )


def _point(geo: Item) -> tuple[float | None, float | None]:
    lat = read_as("latitude", cells.latitude, text_of(geo, "latitude", 25))
    lon = read_as("longitude", cells.longitude, text_of(geo, "longitude", 25))
    if (lat is None) != (lon is None):
        raise WrongItem("geo", "gives only one of latitude and longitude; give both or neither")
    return lat, lon


def _key(run: _Run, context: Context) -> tuple[str, ...]:
    """What tells one run from the next: the addresses of course and run, else the title and the run's place.

    A file that we wrote says the key that the run had; only in a file of the same provider's does that count.
    """
    said = _one(run.instance, "identifier")
    if said.get("propertyID") == SOURCE_REFERENCE:
        key = text_of(said, "value", LONGEST_REFERENCE)
        if key.startswith(f"{context.ukprn or 0}/"):
            return (key,)
    course = text_of(run.course, "@id", 500) or text_of(run.course, "url", 500)
    course = course or text_of(run.course, "name", 255, needed=True).casefold()
    instance = text_of(run.instance, "@id", 500) or text_of(run.instance, "url", 500) or str(run.place)
    return str(context.ukprn or 0), course, instance


def _awarded_by(course: Item) -> str:
    """Who recognises the award; where that is not said, what stands as the award's name."""
    award = _one(course, "educationalCredentialAwarded")
    return text_of(_one(award, "recognizedBy"), "name", 255) or text_of(award, "name", 255)


def _term(item: Item, key: str) -> str:
    """The code of a term, or the term where it is only text, in small letters; it may be of nobody's list."""
    value = item.get(key)
    value = value.get("termCode") if isinstance(value, Mapping) else value
    return value.strip().casefold() if isinstance(value, str) else ""


def _looks_like_an_aim(code: str) -> bool:
    """A courseCode may be anything of a provider's own; only a learning aim or a standard is kept."""
    return re.fullmatch("[0-9]{7}[0-9A-Z]|(?:ST|FA|AU)[0-9]{4}", code.upper()) is not None


def _level(course: Item) -> int | None:
    stated = course.get("educationalLevel")
    text = text_of(stated if isinstance(stated, Mapping) else course, _level_key(stated), 100)
    try:
        return cells.level(text)
    except cells.Wrong:
        return None  # it may be "Beginner", which says nothing of the framework


def _level_key(stated: Any) -> str:
    return "name" if isinstance(stated, Mapping) else "educationalLevel"


def _mode(instance: Item) -> tuple[str, str, str]:
    """Way of teaching, study mode and attendance, each of which a courseMode may say."""
    mode = study_mode = attendance = ""
    for word in texts_of(instance, "courseMode"):
        plain = word.casefold().rsplit("/", 1)[-1]
        mode = MODES.get(plain) or codes.MODES.get(plain) or mode
        study_mode = codes.STUDY_MODES.get(plain) or study_mode
        attendance = codes.ATTENDANCE.get(plain) or attendance
    return mode, study_mode, attendance


def _length(instance: Item) -> tuple[Decimal | None, str]:
    """How long it takes, from the schedule or the workload; None where it is neither, or of several units."""
    schedule = _one(instance, "courseSchedule")
    for item, key in ((instance, "courseWorkload"), (schedule, "duration"), (instance, "duration")):
        period = PERIOD.fullmatch(text_of(item, key, 100))
        if period:
            number, unit = period[1] or period[3], period[2] or f"T{period[4]}"
            return read_as(key, cells.length, number), PERIOD_UNITS[unit]
    return None, ""


def _price(item: Item) -> tuple[Decimal | None, str]:
    offer = _one(item, "offers")
    currency = text_of(offer, "priceCurrency", 3).upper()
    if currency not in ("", "GBP"):
        raise WrongItem("priceCurrency", f"{cells.shown(currency)} is not GBP; give the price in pounds")
    return read_as("price", cells.price, text_of(offer, "price", 30)), text_of(offer, "description", 255)


def _address(course: Item, instance: Item) -> str:
    for item in (instance, course):
        found: str = read_as("url", cells.web_address, text_of(item, "url", 490))
        if found:
            return found
    return ""


LINKED_DATA = DocumentFormat(
    source="schema-org-courses",
    name="schema.org courses",
    suits=_suits,
    items=_items,
    record=_course,
    key=("@id", "the same @id or url; each run of a course has its own"),
    names_provider=False,
    empty="there is no schema.org Course in it; a file needs at least one",
)
