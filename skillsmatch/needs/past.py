"""Which past needs an offer would have met, for officers and for telling employers. It reads; it writes nothing.

Colleges never see this: it holds what employers wrote.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from skillsmatch.clock import today
from skillsmatch.demand.models import UNMET
from skillsmatch.extensions import db
from skillsmatch.matching import UNMET_BELOW, FacetReading, Match, PastNeeds, Query
from skillsmatch.needs.asked import asked_again
from skillsmatch.needs.models import Facet, Need
from skillsmatch.needs.search import query_for
from skillsmatch.offers.documents import documents
from skillsmatch.offers.indexing import SearchIndex, open_index

READ = 1_000  # facets read at once


class NoIndex(LookupError):
    """There is no search index yet, so nothing can be matched."""


class NoOffer(LookupError):
    """The offer is not in the catalogue, or was withdrawn."""


@dataclass(frozen=True, slots=True)
class PastFacet:
    """One skill need of a need that is still kept, in its employer's words."""

    need: str  # the need's reference
    position: int  # of the facet within its need, from 1
    text: str
    theme: str
    outcome: str
    asked_on: date


@dataclass(frozen=True, slots=True)
class MetFacets:
    """What one offer would have met: of so many looked at so many, and the best of them, best first."""

    looked_at: int
    count: int
    best: tuple[tuple[PastFacet, Match], ...]


def met_by(
    offers: Iterable[int], *, unmet_only: bool = False, least: float = UNMET_BELOW, most: int | None = None
) -> dict[int, MetFacets]:
    """For each offer, the kept facets that it would have met were they asked again today.

    With `unmet_only`, only those for which nothing fitted, or whose employer said that none fits. Facets whose
    words are forgotten, needs withdrawn or past their time, and posts by robots are never looked at.
    Raises NoIndex, and NoOffer for the first offer that is not in the catalogue.
    """
    index = _index()
    wanted = list(dict.fromkeys(offers))
    standing = list(documents(wanted))
    lacking = set(map(str, wanted)).difference(each.id for each in standing)
    if lacking:
        raise NoOffer(f"offer {min(lacking)} is not in the catalogue")
    day = today()
    kept: dict[str, PastFacet] = {}
    asked: list[tuple[str, Query]] = []
    for number, facet, query in _kept_facets(day, unmet_only):
        kept[number] = facet
        asked.append((number, query))
    jobs = os.cpu_count() or 1
    met = PastNeeds.read(index.offers, asked, jobs).met_by(standing, least, most, jobs)
    return {
        int(id): MetFacets(len(asked), told.count, tuple((kept[match.id], match) for match in told.best))
        for id, told in met.items()
    }


def unmet_again(jobs: int = 1) -> PastNeeds:
    """Every kept facet for which nothing fitted, or whose employer said so, ready to be held against offers.

    Each is known by its number in the table, as text. Raises NoIndex where there is no search index yet.
    """
    index = _index()
    asked = [(number, query) for number, _, query in _kept_facets(today(), unmet_only=True)]
    db.session.rollback()  # ends the read: matching takes a while, and SQLite's log could not be emptied meanwhile
    return PastNeeds.read(index.offers, asked, jobs)


def _index() -> SearchIndex:
    index = open_index()
    if index is None:
        raise NoIndex("there is no search index yet")
    return index


def _kept_facets(day: date, unmet_only: bool) -> Iterator[tuple[str, PastFacet, Query]]:
    """Each kept facet by its number, with the query that searching again would ask."""
    query = (
        select(Facet)
        .join(Facet.need)
        .options(contains_eager(Facet.need))
        .where(Need.status == "open", Need.text != "", Need.kept_until >= day, Need.suspect.is_(False))
        .where(Facet.text != "", Facet.removed_at.is_(None))
        .order_by(Facet.id)
    )
    if unmet_only:
        query = query.where(Facet.outcome.in_(UNMET))
    for facet in db.session.scalars(query.execution_options(yield_per=READ)):
        need = facet.need
        reading = FacetReading(
            text=facet.text, people=facet.people, level=facet.level, kind_hint=facet.kind_hint or None
        )
        told = PastFacet(
            need=need.reference,
            position=facet.position,
            text=facet.text,
            theme=facet.theme,
            outcome=facet.outcome,
            asked_on=need.created_at.date(),
        )
        yield str(facet.id), told, query_for(reading, asked_again(need, ()), day)
