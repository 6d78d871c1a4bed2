"""From a request to the offers that fit: facet by facet, ranked, with reasons. It reads; it writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from skillsmatch import clock
from skillsmatch.area.themes import load_themes
from skillsmatch.extensions import db
from skillsmatch.matching import (
    UNCLEAR_BELOW,
    UNMET_BELOW,
    FacetReading,
    Match,
    Query,
    why_unmet,
    wishes_of,
    without_wishes,
)
from skillsmatch.needs.asked import Asked
from skillsmatch.offers.freshness import shown_on
from skillsmatch.offers.indexing import SearchIndex, open_index
from skillsmatch.offers.models import Offer

SHOWN = 24  # offers kept for a facet: enough for a filter by kind to find something
RANKED = 80  # asked of the engine, so that repeats of one course can be put on one card
SOON = {"now": 60, "6-months": 183, "1-year": 365}  # days within which a start still serves
SHIFTS = frozenset({"evening", "weekend"})  # what "around our shifts" means to a college's timetable
AT_ONCE = 500  # offers named in one statement
LABELS = 3  # themes and occupations offered for a correction


Labels = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One offer put forward, and the same course at other times and places."""

    match: Match
    offer: Offer
    also: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundFacet:
    """What was found for one facet: offers best first, and why nothing fits where nothing does."""

    reading: FacetReading
    hits: tuple[Hit, ...]
    reasons: tuple[str, ...]
    themes: tuple[tuple[str, float], ...]
    occupations: tuple[tuple[str, float], ...]

    @property
    def strength(self) -> float:
        """The strength of the best match, 0 to 1; 0 where there is none."""
        return max((h.match.strength for h in self.hits), default=0.0)

    @property
    def fits(self) -> bool:
        """Whether an adviser would more likely than not call the best offer useful."""
        return self.strength >= UNMET_BELOW

    @property
    def theme(self) -> str:
        """The likeliest theme, or empty: unclear."""
        return _clear(self.themes)

    @property
    def occupation(self) -> str:
        """The likeliest SOC 2020 unit group, or empty: unclear."""
        return _clear(self.occupations)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one request. Without an index `version` is empty and nothing was searched."""

    asked: Asked
    facets: tuple[FoundFacet, ...]
    version: str


def _clear(labels: tuple[tuple[str, float], ...]) -> str:
    return labels[0][0] if labels and labels[0][1] >= UNCLEAR_BELOW else ""


class Read(dict[str, Offer | None]):
    """Offers that one run over many needs has read, by number; None for those that are not shown."""


def find_matches(asked: Asked, today: date, read: Read | None = None) -> Found:
    """The offers that fit each facet of `asked`, which has been read already. Nothing is stored.

    With `read`, offers that were read for an earlier need are not read again: for many needs in one go.
    """
    index = open_index()
    if index is None:
        bare = tuple(FoundFacet(f, (), (), (), ()) for f in asked.facets)
        return Found(asked, bare, "")
    seen = Read() if read is None else read
    return Found(asked, tuple(_find_facet(index, f, asked, today, seen) for f in asked.facets), index.version)


def query_for(facet: FacetReading, asked: Asked, today: date) -> Query:
    """The facet as the engine sees it, with the employer's limits."""
    attendance = asked.attendance - {"shifts"} | (SHIFTS if "shifts" in asked.attendance else frozenset())
    days = SOON.get(asked.wanted_when)
    people = facet.people or asked.people or 1
    limits = {"distance", "mode", "attendance", "level", "budget"}
    return Query(
        text=facet.text,
        lat=asked.place.lat if asked.place else None,
        lon=asked.place.lon if asked.place else None,
        max_km=asked.max_km,
        modes=asked.modes,
        attendance=frozenset(attendance),
        level=facet.level if facet.level is not None else asked.level,
        start_by=(today + timedelta(days)).toordinal() if days else None,
        budget=asked.budget / people if asked.budget is not None else None,
        kinds=frozenset({facet.kind_hint}) if facet.kind_hint else frozenset(),
        today=today.toordinal(),
        hard=frozenset(limits) if asked.strict else frozenset(),
    )


def _find_facet(
    index: SearchIndex, facet: FacetReading, asked: Asked, today: date, read: Read
) -> FoundFacet:
    query = query_for(facet, asked, today)
    wishes = wishes_of(facet.text, [asked.place.text] if asked.place else [])
    ranked = [without_wishes(match, wishes) for match in index.offers.rank(query, limit=RANKED)]
    themes, occupations = _labels(index, facet)
    return FoundFacet(
        reading=facet,
        hits=_collapse(ranked, _offers_of(ranked, read)),
        reasons=tuple(why_unmet(index.offers, query, ranked)),
        themes=themes,
        occupations=occupations,
    )


def _labels(index: SearchIndex, facet: FacetReading) -> tuple[Labels, Labels]:
    """The likeliest themes, and the likeliest occupations within the first."""
    themes = load_themes()
    labels = tuple(themes.label(index.themes, facet.text, LABELS))
    return labels, tuple(themes.occupations(_clear(labels), index.occupations.label(facet.text, LABELS)))


def _offers_of(ranked: list[Match], read: Read) -> dict[str, Offer]:
    lacking = [int(m.id) for m in ranked if m.id not in read]
    if lacking:
        found = offers_to_read(lacking)
        read.update({str(number): found.get(str(number)) for number in lacking})
    return {m.id: offer for m in ranked if (offer := read[m.id]) is not None}


def offers_to_read(numbers: Iterable[int]) -> dict[str, Offer]:
    """Those of these offers that are shown today, by number in words: copies to read, which belong to no session."""
    wanted = list(numbers)
    offers: dict[str, Offer] = {}
    shown = (
        select(Offer)
        .where(Offer.withdrawn_at.is_(None), shown_on(clock.today()))
        .options(joinedload(Offer.provider), joinedload(Offer.venue))
    )
    for start in range(0, len(wanted), AT_ONCE):
        some = shown.where(Offer.id.in_(wanted[start : start + AT_ONCE]))
        offers |= {str(o.id): o for o in db.session.scalars(some).all()}
    for one in {part for o in offers.values() for part in (o, o.provider, o.venue) if part is not None}:
        db.session.expunge(one)  # the write that follows does not fetch each of them again
    return offers


def _collapse(ranked: list[Match], offers: dict[str, Offer]) -> tuple[Hit, ...]:
    """One card for one course: the same title by the same provider comes once, its other runs beside it."""
    firsts: dict[tuple[int, str, str], list[Offer]] = {}
    matches: list[tuple[tuple[int, str, str], Match]] = []
    for match in ranked:
        offer = offers.get(match.id)
        if offer is None:  # withdrawn or hidden since the index was built
            continue
        key = (offer.provider_id, offer.title.casefold(), offer.kind)
        if key not in firsts:
            matches.append((key, match))
        firsts.setdefault(key, []).append(offer)
    return tuple(Hit(match, firsts[key][0], tuple(firsts[key][1:])) for key, match in matches[:SHOWN])
