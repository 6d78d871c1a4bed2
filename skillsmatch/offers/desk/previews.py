"""How an offer that is not saved yet would look to employers: the very card that they get."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

from skillsmatch.clock import now, today
from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.views import short_card
from skillsmatch.offers.writing import AS_THEY_ARE, Change


def preview_card(change: Change, provider: Provider) -> dict[str, Any]:
    """The card of the offer that this change would make. Nothing is stored."""
    course = change.course
    venue = db.session.get(Venue, course["venue_id"]) if course["venue_id"] else None
    offer = Offer(**{name: course[name] for name in AS_THEY_ARE})
    offer.id = 0
    for name in ("duration_value", "cost", "max_funding"):
        setattr(offer, name, None if course[name] is None else Decimal(course[name]))
    offer.source, offer.source_ref, offer.digest = "desk", "", change.digest
    offer.created_at = offer.changed_at = now()
    day: date = today()
    offer.confirmed_on, offer.confirmed_by, offer.withdrawn_at = day, provider.name, None
    # Set behind the session's back: it must not take the offer in.
    set_committed_value(offer, "provider", provider)
    set_committed_value(offer, "venue", venue)
    return short_card(offer, day) | {"url": ""}
