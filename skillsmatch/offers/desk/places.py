"""Planned places: how many people a provider could take on an offer, quarter by quarter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from skillsmatch import clock
from skillsmatch.accounts import audit
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.offers.desk.models import PlannedPlaces
from skillsmatch.offers.models import Offer

QUARTERS_AHEAD = 6  # quarters that the form asks about, the present one being the first
MOST_PLACES = 10_000  # people; a larger number is a slip of the finger
MONTHS = ("January to March", "April to June", "July to September", "October to December")


def quarter_of(day: date) -> str:
    """The quarter of the calendar year that a day lies in: "2027-Q1"."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def quarter_words(quarter: str) -> str:
    """A quarter as a page names it: "January to March 2027"."""
    return f"{MONTHS[int(quarter[-1]) - 1]} {quarter[:4]}"


def quarters_from(day: date) -> list[str]:
    """The quarters that are asked about on that day."""
    first = day.year * 4 + (day.month - 1) // 3
    return [f"{n // 4}-Q{n % 4 + 1}" for n in range(first, first + QUARTERS_AHEAD)]


def places_of(offer: Offer) -> dict[str, int]:
    """The planned places by quarter, past ones too; a quarter of which nothing was said is not there."""
    wanted = select(PlannedPlaces.quarter, PlannedPlaces.places).where(PlannedPlaces.offer_id == offer.id)
    return {row.quarter: row.places for row in db.session.execute(wanted.order_by(PlannedPlaces.quarter))}


def save_places(offer: Offer, places: Mapping[str, int | None], by: str) -> None:
    """Afterwards these quarters have these places; None takes back what was said of a quarter."""
    number = offer.id

    def save() -> None:
        db.session.get_one(Offer, number, with_for_update=True)
        held = {
            row.quarter: row
            for row in db.session.scalars(select(PlannedPlaces).where(PlannedPlaces.offer_id == number))
        }
        changed = {q: n for q, n in places.items() if n != (held[q].places if q in held else None)}
        for quarter, count in changed.items():
            row = held.get(quarter)
            if count is None:
                db.session.delete(held[quarter])
            elif row is None:
                row = PlannedPlaces(offer_id=number, quarter=quarter, places=count)
                row.saved_by, row.saved_at = by, clock.now()
                db.session.add(row)
            else:
                row.places, row.saved_by, row.saved_at = count, by, clock.now()
        if changed:
            said = [f"{quarter}: {'none said' if n is None else n}" for quarter, n in sorted(changed.items())]
            audit.note("places planned", f"offer {number}", places=said)

    keep(save)
