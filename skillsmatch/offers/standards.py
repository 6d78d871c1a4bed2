"""Skills England's apprenticeship standards: what any provider may offer, shown where no local one lists it.

Source of the keys: the national endpoint's own answer, a list of every version of every standard; and the shape in
which DfE's services keep it, three lists by sort. Foundation apprenticeships and apprenticeship units stand in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from skillsmatch.area.kinds import Kind
from skillsmatch.area.national import load_routes
from skillsmatch.offers import cells
from skillsmatch.offers.json_files import DocumentFormat, Item, WrongItem, read_as, text_of, texts_of
from skillsmatch.offers.records import NEAR_YOU, STANDARDS_SOURCE, CourseRow
from skillsmatch.offers.tables import ROW, Context

LISTS = ("apprenticeships", "foundationapprenticeships", "apprenticeshipunits")
KINDS = {
    "ST": Kind.APPRENTICESHIP,
    "FA": Kind.FOUNDATION_APPRENTICESHIP,
    "AU": Kind.APPRENTICESHIP_UNIT,
}
TAUGHT = "approved for delivery"  # the status of a standard that people may start on
PAGES = ("standardPageUrl", "foundationApprenticeshipUrl", "apprenticeshipUnitUrl")
SKILLS = ("skills", "technicalSkills")
OTHER_ROUTES = {  # names that Skills England has used for the 15 routes, beside those of today
    "construction": "construction",
    "education and childcare": "education",
    "legal, financial and accounting": "legal-finance",
    "health": "health-and-science",
    "transport": "transport",
}
MOST_TEXT = 20_000  # characters


def _suits(document: Any) -> bool:
    if isinstance(document, list):
        return any(isinstance(item, Mapping) and "referenceNumber" in item for item in document)
    return isinstance(document, Mapping) and any(key.casefold() in LISTS for key in document)


def _items(document: Any, context: Context) -> Iterator[tuple[int, Any]]:
    """Of each standard, its latest version that people may start on; and whatever is no standard at all."""
    latest: dict[str, tuple[tuple[int, ...], int, Any]] = {}
    for number, item in enumerate(_all(document), start=1):
        if not isinstance(item, Mapping) or not isinstance(item.get("referenceNumber"), str):
            yield number, item
        elif _can_start(item, context):
            reference, version = item["referenceNumber"].strip().upper(), _version(item)
            if reference not in latest or latest[reference][0] < version:
                latest[reference] = (version, number, item)
    for _, number, item in sorted(latest.values(), key=lambda found: found[1]):
        yield number, item


def _all(document: Any) -> Iterator[Any]:
    if isinstance(document, list):
        yield from document
        return
    for key, items in document.items():
        if key.casefold() in LISTS and isinstance(items, list):
            yield from items


def _can_start(item: Item, context: Context) -> bool:
    last = str(item.get("latestStartDate") or "")[:10]
    status = str(item.get("status") or "").strip().casefold()
    return status == TAUGHT and (last < "2000" or last >= context.today.isoformat())


def _version(item: Item) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall("[0-9]{1,9}", str(item.get("version") or "")))


def _standard(number: int, item: Any, _: Context) -> CourseRow:
    if not isinstance(item, Mapping):
        raise WrongItem(ROW, "is not an object in curly brackets")
    reference = text_of(item, "referenceNumber", 20, needed=True).upper()
    if not re.fullmatch("(?:ST|FA|AU)[0-9]{4}", reference):
        raise WrongItem("referenceNumber", f"{cells.shown(reference)} is not a standard's (use ST0349)")
    kind = KINDS[reference[:2]]
    value, unit = _length(item, kind)
    titles = texts_of(item, "typicalJobTitles")
    about = text_of(item, "overviewOfRole", MOST_TEXT, markup=True)
    about = about or text_of(item, "overviewOfTheSkillsGap", MOST_TEXT, markup=True)
    jobs = f"Job titles: {', '.join(titles)}." if titles else ""
    return CourseRow(
        row=number,
        ref=reference,
        ukprn=NEAR_YOU,
        kind=kind.value,
        title=" ".join(text_of(item, "title", 255, needed=True, markup=True).split()),
        who_for="\n".join(filter(None, (about, jobs)))[:MOST_TEXT],
        what_learned="\n".join(skill for key in SKILLS for skill in texts_of(item, key, "detail"))[
            :MOST_TEXT
        ],
        entry_requirements=text_of(item, "entryRequirements", MOST_TEXT, markup=True),
        level=read_as("level", cells.level, text_of(item, "level", 20)),
        route=_route(text_of(item, "route", 200)),
        duration_value=value,
        duration_unit=unit,
        max_funding=read_as("maxFunding", cells.price, text_of(item, "maxFunding", 20)) or None,
        national=True,
        lars_ref=_code(item),
        standard_ref=reference,
        url=_page(item),
    )


def _length(item: Item, kind: Kind) -> tuple[Decimal | None, str]:
    unit = kind == Kind.APPRENTICESHIP_UNIT
    key = "minimumHoursForCompliance" if unit else "typicalDuration"
    text = text_of(item, key, 20)
    value = read_as(key, cells.length, "" if text == "0" else text)
    return value, ("hours" if unit else "months") if value is not None else ""


def _code(item: Item) -> str:
    code = text_of(item, "larsCode", 8)
    return "" if code == "0" else code


def _page(item: Item) -> str:
    for key in PAGES:
        address = text_of(item, key, 490)
        if address:
            found: str = read_as(key, cells.web_address, address)
            return found
    return ""


def _route(name: str) -> str:
    names = {route.name.casefold(): slug for slug, route in load_routes().items()} | OTHER_ROUTES
    return names.get(name.casefold(), "")


STANDARDS = DocumentFormat(
    source=STANDARDS_SOURCE,
    name="Skills England standards",
    suits=_suits,
    items=_items,
    record=_standard,
    key=("referenceNumber", "the same referenceNumber; each standard stands once"),
    names_provider=True,
    empty="there is no standard in it that is approved for delivery; a file needs at least one",
)
