"""Saying that offers are still right: by whom, and on which day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from skillsmatch import clock
from skillsmatch.accounts import audit
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.offers.catalogue import hold_catalogue, note_change
from skillsmatch.offers.models import Offer, Provider


@dataclass(frozen=True)
class Confirmed:
    """What one press has confirmed, and what it could not."""

    offers: int = 0
    passed: int = 0  # their start dates have passed, so they cannot be right as they stand


def confirm(provider: Provider, numbers: Collection[int]) -> Confirmed:
    """Afterwards those of these offers that stand, and can still be started, are confirmed as of today.

    Another provider's offers, and withdrawn ones, are passed over. Confirmed today already, an offer stays so.
    """
    owner = provider.id
    wanted = list(numbers)

    def work() -> Confirmed:
        hold_catalogue()
        day = clock.today()
        mine = select(Offer).where(Offer.provider_id == owner, Offer.withdrawn_at.is_(None))
        found = db.session.scalars(
            mine.where(Offer.id.in_(wanted)).order_by(Offer.id).with_for_update()
        ).all()
        right = [offer for offer in found if not offer.date_has_passed(day)]
        name = db.session.get_one(Provider, owner).name[:120]
        for offer in right:
            offer.confirmed_on, offer.confirmed_by = day, name
        if right:
            note_change()
            ids = ", ".join(str(offer.id) for offer in right)
            audit.note("offers confirmed", f"provider {provider.ukprn}", count=len(right), offers=ids)
        return Confirmed(len(right), len(found) - len(right))

    return keep(work)
