"""Venues and names of providers, written into the tables; and the venues that courses may be taught at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select, update

from skillsmatch.area.areas import Area
from skillsmatch.extensions import db
from skillsmatch.offers.models import Provider, Venue
from skillsmatch.offers.tables import KnownVenue
from skillsmatch.offers.writing import Change, add_providers, district_of


class ListWriter:
    """Writes a batch of venues or of providers; what it `makes` says which."""

    def __init__(self, makes: str, area: Area) -> None:
        self._write = {"venue": self._venues, "provider": self._providers}[makes]
        self._area = area

    def write(self, changes: Sequence[Change]) -> None:
        """Afterwards each change is in its table."""
        self._write(changes)

    def _venues(self, changes: Sequence[Change]) -> None:
        ukprn = changes[0].course["ukprn"]  # a file of venues is one provider's
        provider = db.session.scalar(select(Provider.id).where(Provider.ukprn == ukprn))
        provider = provider or add_providers({ukprn: ""}, self._area)[ukprn]
        for change in changes:
            values = {name: value for name, value in change.course.items() if name not in ("ref", "ukprn")}
            if not change.id:
                values |= {"provider_id": provider, "district": district_of(values["postcode"], self._area)}
                db.session.execute(insert(Venue).values(**values, lat=None, lon=None))
                continue
            if values["postcode"] != db.session.scalar(select(Venue.postcode).where(Venue.id == change.id)):
                # It has moved, so what we knew of its place is no longer true.
                values |= {"district": district_of(values["postcode"], self._area), "lat": None, "lon": None}
            db.session.execute(update(Venue).where(Venue.id == change.id).values(**values))

    def _providers(self, changes: Sequence[Change]) -> None:
        add_providers({c.course["ukprn"]: c.course["name"] for c in changes if not c.id}, self._area)
        named: list[dict[str, Any]] = [{"id": c.id, "name": c.course["name"]} for c in changes if c.id]
        if named:
            db.session.execute(update(Provider), named)


def known_venues(ukprn: int) -> Sequence[KnownVenue]:
    """The provider's venues that we hold."""
    columns = (Venue.id, Venue.name, Venue.reference, Venue.postcode)
    wanted = select(*columns).join(Venue.provider).where(Provider.ukprn == ukprn).order_by(Venue.id)
    return [KnownVenue(*row) for row in db.session.execute(wanted)]
