"""A provider's venues by hand: added, changed, and removed where nothing is taught there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import cast

from flask import current_app
from sqlalchemy import func, select

from skillsmatch.accounts import audit
from skillsmatch.area.areas import Area
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.offers.catalogue import hold_catalogue, note_change
from skillsmatch.offers.directory_lists import VENUES
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.records import RowError, VenueRow
from skillsmatch.offers.tables import Context
from skillsmatch.offers.writing import Change, place_exactly
from skillsmatch.offers.writing_lists import ListWriter

FIELDS = {  # the form's boxes by the column of the file of venues that each fills
    "VENUE_NAME": "name",
    "YOUR_VENUE_REFERENCE": "reference",
    "ADDRESS_LINE_1": "address",
    "ADDRESS_LINE_2": "address_2",
    "TOWN_OR_CITY": "town",
    "COUNTY": "county",
    "POSTCODE": "postcode",
    "EMAIL": "email",
    "PHONE": "phone",
    "WEBSITE": "website",
}
KEPT = ("name", "reference", "address", "town", "county", "postcode", "email", "phone", "website")


class VenueMoved(Exception):
    """A colleague has changed it since it was opened. Nothing was saved; `venue` is as it stands now."""

    def __init__(self, venue: Venue) -> None:
        super().__init__()
        self.venue = venue


class InUse(Exception):
    """Something is taught there, so it cannot be removed. `offers` says how much, withdrawn ones too."""

    def __init__(self, offers: int) -> None:
        super().__init__()
        self.offers = offers


def mark(venue: Venue) -> str:
    """A mark that changes whenever somebody changes the venue."""
    parts = repr([getattr(venue, name) for name in KEPT])
    return blake2b(parts.encode(), digest_size=16).hexdigest()


def venues_of(provider: Provider | None) -> Sequence[Venue]:
    """All of the provider's venues, by name."""
    if provider is None:
        return []
    wanted = select(Venue).where(Venue.provider_id == provider.id)
    return db.session.scalars(wanted.order_by(func.lower(Venue.name), Venue.id)).all()


def find_venue(provider: Provider | None, number: int) -> Venue | None:
    """The provider's venue with this number; None for another's."""
    if provider is None:
        return None
    return db.session.scalar(select(Venue).where(Venue.id == number, Venue.provider_id == provider.id))


def taught_at(provider: Provider | None) -> Mapping[int, int]:
    """How many offers name each venue, withdrawn ones too."""
    if provider is None:
        return {}
    counted = select(Offer.venue_id, func.count()).where(Offer.provider_id == provider.id)
    rows = db.session.execute(counted.where(Offer.venue_id.is_not(None)).group_by(Offer.venue_id))
    return {row[0]: row[1] for row in rows}


def check_venue(
    answers: Mapping[str, str], provider: Provider, context: Context, number: int = 0
) -> VenueRow | list[RowError]:
    """The venue that these answers make; or what is wrong, each fault with the box it is about."""
    row = dict(zip(FIELDS, (answers.get(box) or "" for box in FIELDS.values()), strict=True))
    found = VENUES.check(1, [row[column] for column in VENUES.columns], context)
    if isinstance(found, list):
        return [replace(error, column=FIELDS[error.column]) for error in found]
    row_found = cast(VenueRow, found)
    return _twice(row_found, venues_of(provider), number) or row_found


def _twice(row: VenueRow, held: Sequence[Venue], number: int) -> list[RowError]:
    others = [venue for venue in held if venue.id != number]
    wrong = []
    if any(venue.name.casefold() == row.name.casefold() for venue in others):
        wrong.append(RowError(1, "name", "is the name of another of your venues; give each its own"))
    if row.reference and any(v.reference.casefold() == row.reference.casefold() for v in others):
        wrong.append(
            RowError(1, "reference", "is the reference of another of your venues; give each its own")
        )
    return wrong


def save_venue(row: VenueRow, provider: Provider, number: int = 0, seen: str = "") -> int:
    """The id of the venue that now says what `row` says; 0 adds one, and the same one twice is one.

    Raises VenueMoved where a colleague has changed it since.
    """
    owner = provider.id
    values = {name: getattr(row, name) for name in KEPT}

    def save() -> int:
        hold_catalogue()
        mine = select(Venue).where(Venue.provider_id == owner).with_for_update()
        same = mine.where(Venue.name == row.name, Venue.postcode == row.postcode)
        held = db.session.scalar(mine.where(Venue.id == number) if number else same)
        if held is not None and all(getattr(held, name) == value for name, value in values.items()):
            return held.id
        if held is not None and mark(held) != seen:
            raise VenueMoved(held)
        area: Area = current_app.extensions["area"]
        ListWriter("venue", area).write([Change({**values, "ukprn": row.ukprn}, "", held.id if held else 0)])
        place_exactly()
        note_change()
        db.session.expire_all()
        saved = db.session.scalars(same).one()
        audit.note("venue changed" if held else "venue added", f"venue {saved.id}", name=saved.name)
        return saved.id

    return keep(save)


def remove_venue(venue: Venue) -> None:
    """The venue is gone. Raises InUse where an offer names it."""
    number, provider = venue.id, venue.provider_id

    def remove() -> None:
        hold_catalogue()
        found = db.session.scalar(
            select(Venue).where(Venue.id == number, Venue.provider_id == provider).with_for_update()
        )
        if found is None:
            return
        used = select(func.count()).select_from(Offer).where(Offer.venue_id == number)
        if count := db.session.scalar(used):
            raise InUse(count)
        audit.note("venue removed", f"venue {number}", name=found.name)
        db.session.delete(found)

    keep(remove)
