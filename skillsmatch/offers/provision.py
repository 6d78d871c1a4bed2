"""What is taught here, by theme: every offer that stands, its theme, whose it is, where and when it starts.

Read from the tables once for each state of the catalogue and each day, so that a page need not read them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import select

from skillsmatch import clock
from skillsmatch.extensions import db
from skillsmatch.offers.catalogue import catalogue_number
from skillsmatch.offers.documents import offered
from skillsmatch.offers.indexing import index_folder, open_index
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.records import STANDARDS_SOURCE

READ = 2_000  # offers read at once


@dataclass(frozen=True, slots=True)
class Taught:
    """One offer, as far as it takes to count it."""

    offer_id: int
    title: str
    ukprn: int
    provider: str
    theme: str  # "" where its words are not clear, or the index has not read it yet
    place: str  # "Online", or the town or the venue
    district: str  # ONS code of its venue; "" where not known
    anywhere: bool  # taught online, or at any workplace: no district is too far
    start: date | None  # the next one
    any_time: bool


def all_taught() -> tuple[Taught, ...]:
    """Every offer that stands today and that a provider runs, in the order of their ids.

    The national list of apprenticeships is not among them: nobody is known to teach those here. Without an index no
    offer has a theme.
    """
    index, day = open_index(), clock.today()
    key = (index_folder(), catalogue_number(), index.number if index else None, day)
    known: tuple[object, tuple[Taught, ...]] | None = current_app.extensions.get("taught")
    if known is None or known[0] != key:
        known = (key, _read(dict(index.offer_themes) if index else {}, day))
        current_app.extensions["taught"] = known
    return known[1]


def _read(themes: dict[int, str], day: date) -> tuple[Taught, ...]:
    columns = (
        *(Offer.id, Offer.title, Offer.mode, Offer.national, Offer.start_dates, Offer.flexible_start),
        *(Provider.ukprn, Provider.name.label("provider"), Venue.district, Venue.town),
        Venue.name.label("venue"),
    )
    every = select(*columns).join(Provider, Offer.provider_id == Provider.id)
    every = every.outerjoin(Venue, Offer.venue_id == Venue.id)
    every = every.where(offered(), Offer.source != STANDARDS_SOURCE).order_by(Offer.id)
    found = []
    for row in db.session.execute(every.execution_options(yield_per=READ)):
        starts = [d for d in map(date.fromisoformat, row.start_dates) if d >= day]
        anywhere = row.mode == "online" or bool(row.national)
        found.append(
            Taught(
                offer_id=row.id,
                title=row.title,
                ukprn=row.ukprn,
                provider=row.provider,
                theme=themes.get(row.id, ""),
                place="Online" if row.mode == "online" else row.town or row.venue or "",
                district=row.district or "",
                anywhere=anywhere,
                start=starts[0] if starts else None,
                any_time=bool(row.flexible_start),
            )
        )
    return tuple(found)


def districts_of(taught: tuple[Taught, ...], ukprn: int) -> frozenset[str]:
    """The districts in which the provider's offers are taught."""
    return frozenset(t.district for t in taught if t.ukprn == ukprn and t.district)
