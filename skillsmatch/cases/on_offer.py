"""What is on offer, with what it takes to hold it against demand: theme, kind, level, place and start. Public facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from skillsmatch.area.areas import Priority
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.days import plain_day
from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer, Venue
from skillsmatch.offers.provision import Taught, all_taught


@dataclass(frozen=True, slots=True)
class OnOffer:
    """One offer that stands and that a local provider runs."""

    taught: Taught
    kind: str
    level: int | None
    lat: float | None
    lon: float | None


def on_offer() -> tuple[OnOffer, ...]:
    """Every offer that stands today, in the order of their ids. The national list of apprenticeships is not among
    them, because nobody is known to teach those here."""
    rows = select(Offer.id, Offer.kind, Offer.level, Venue.lat, Venue.lon).outerjoin(
        Venue, Offer.venue_id == Venue.id
    )
    known = {row.id: row for row in db.session.execute(rows.where(Offer.withdrawn_at.is_(None)))}
    return tuple(
        OnOffer(one, (row := known[one.offer_id]).kind, row.level, row.lat, row.lon)
        for one in all_taught()
        if one.offer_id in known
    )


def for_priority(priority: Priority, offers: Sequence[OnOffer]) -> list[OnOffer]:
    """The offers of its themes and of its kinds."""
    themes = {t.code for t in load_themes().themes.values() if priority.names(t)}
    return [o for o in offers if o.taught.theme in themes or o.kind in priority.kinds]


def soonest(offers: Sequence[OnOffer]) -> str:
    """When the first of them starts, in words: "at any time", a day, "no date known", or "" where there is none."""
    if any(o.taught.any_time for o in offers):
        return "at any time"
    starts: list[date] = [o.taught.start for o in offers if o.taught.start is not None]
    return plain_day(min(starts)) if starts else "no date known" if offers else ""
