"""What an employer asked, as plain data: the answers given, with the gaps filled from their own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from skillsmatch.area.areas import Area
from skillsmatch.area.models import PostcodePoint
from skillsmatch.area.places import Place, find_place
from skillsmatch.extensions import db
from skillsmatch.matching import FacetReading, Reading, read_need
from skillsmatch.offers.indexing import open_index

if TYPE_CHECKING:
    from skillsmatch.needs.models import Need

GRID = (
    2  # decimals of latitude and longitude that are used and kept: about 1 km, so no single firm is located
)
READ_OUT = ("people", "level", "modes", "attendance", "wanted_when", "who_for", "max_km", "budget")
# The need form as it is when nothing is filled in, for needs that come by another road.
NOT_ASKED: Mapping[str, Any] = {
    "council": "", "who_for": "", "people": None, "wanted_when": "", "size_band": "", "sector": "", "max_km": "",
    "modes": [], "attendance": [], "level": "", "budget": None, "strict": False, "ages": [], "hosts_t_level": False,
    "hosts_teacher": False, "ambassador": False, "business_name": "", "email": "", "postcode": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One employer's request. `from_words` names the answers that were read out of the text."""

    text: str
    place: Place | None = None
    council: str = ""  # ONS code, where the employer said it
    who_for: str = ""
    people: int | None = None
    wanted_when: str = ""
    size_band: str = ""
    sic_section: str = ""
    max_km: float | None = None
    modes: frozenset[str] = frozenset()
    attendance: frozenset[str] = frozenset()
    level: int | None = None
    budget: float | None = None  # pounds in all
    strict: bool = False
    ages: frozenset[str] = frozenset()
    facets: tuple[FacetReading, ...] = ()
    from_words: frozenset[str] = field(default_factory=frozenset)

    @property
    def district(self) -> str:
        """The council's ONS code: as said, else of the place where it lies in one council; else empty."""
        return self.council or (self.place.district if self.place and self.place.district else "")


def exact_point(postcode: str) -> tuple[float, float, str | None] | None:
    """The 1 km square a full postcode lies in, if the operator has loaded a table of postcodes.

    Not the point itself: from the distances on a page of results a point could be found again.
    """
    row = db.session.get(PostcodePoint, postcode.replace(" ", "").upper())
    return (round(row.lat, GRID), round(row.lon, GRID), row.district or None) if row else None


def place_of(text: str, area: Area) -> Place | None:
    """The place behind a postcode, half a postcode or a town's name."""
    return find_place(text, area, exact=exact_point) if text else None


def read_asked(asked: Asked, area: Area) -> Asked:
    """The request with facets, and with what the words say where no answer was given. Answers win over words."""
    index = open_index()
    towns = [name for town in area.towns for name in (town.name, *town.other_names)]
    topic_of = index.themes.sure if index else None
    reading: Reading = read_need(asked.text, towns, topic_of)
    several = len(reading.facets) > 1
    people_each = several and any(f.people for f in reading.facets)
    level_each = several and any(f.level is not None for f in reading.facets)
    said: dict[str, Any] = {
        # "Forklift x3 and someone for Sage" is not three for Sage; "TIG level 3 and Sage" is not Sage level 3.
        "people": None if people_each else reading.people,
        "level": None if level_each else reading.level,
        "modes": reading.modes,
        "attendance": reading.attendance,
        "wanted_when": reading.when or "",
        "who_for": reading.who_for or "",
        "max_km": reading.max_km,
        "budget": reading.budget,
    }
    # Of a single need it is the whole that says how many and at what level, so that an answer or a correction wins.
    facets = reading.facets if several else tuple(replace(f, people=None, level=None) for f in reading.facets)
    new = {
        name: said[name]
        for name in READ_OUT
        if said[name] and getattr(asked, name) in (None, "", frozenset())
    }
    if said["level"] == 0 and asked.level is None:
        new["level"] = 0
    if asked.place is None:
        place = place_of(reading.postcode or reading.place or "", area)
        if place is not None:
            new["place"] = place
    return replace(
        asked,
        facets=asked.facets or facets,
        from_words=asked.from_words | frozenset(new),
        **new,
    )


def asked_again(need: Need, facets: tuple[FacetReading, ...]) -> Asked:
    """A stored need as a request, to search again without reading anything anew."""
    place = None
    if need.outcode or need.lat is not None or need.place:
        place = Place(
            outcode=need.outcode,
            lat=need.lat,
            lon=need.lon,
            district=need.district or None,
            straddles=(),
            inside=not need.outside_area,
            exact=False,
            text=need.place,
        )
    return Asked(
        text=need.text,
        place=place,
        council=need.district,
        who_for=need.who_for,
        people=need.people,
        wanted_when=need.wanted_when,
        size_band=need.size_band,
        sic_section=need.sic_section,
        max_km=need.max_km,
        modes=frozenset(need.modes),
        attendance=frozenset(need.attendance),
        level=need.level,
        budget=need.budget,
        strict=need.strict,
        ages=frozenset(need.ages),
        facets=facets,
        from_words=frozenset(need.from_words),
    )


def asked_from(answers: Mapping[str, Any], area: Area) -> Asked:
    """A request from a form's answers (`NeedForm.data`), read and completed."""
    from skillsmatch.needs.forms import sector_letter

    asked = Asked(
        text=answers["text"],
        place=place_of(answers["postcode"], area),
        council=answers["council"] or "",
        who_for=answers["who_for"] or "",
        people=answers["people"],
        wanted_when=answers["wanted_when"] or "",
        size_band=answers["size_band"] or "",
        sic_section=(sector_letter(answers["sector"]) or "") if answers["sector"] else "",
        max_km=float(answers["max_km"]) if answers["max_km"] else None,
        modes=frozenset(answers["modes"] or ()),
        attendance=frozenset(answers["attendance"] or ()),
        level=int(answers["level"]) if answers["level"] else None,
        budget=float(answers["budget"]) if answers["budget"] is not None else None,
        strict=bool(answers["strict"]),
        ages=frozenset(answers["ages"] or ()),
    )
    return read_asked(asked, area)
