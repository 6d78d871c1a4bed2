"""Which offers stand: neither withdrawn nor hidden, and a national standard only where no local provider lists it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from skillsmatch import clock
from skillsmatch.area.areas import Area
from skillsmatch.extensions import db
from skillsmatch.offers.freshness import shown_on
from skillsmatch.offers.models import Offer, Venue
from skillsmatch.offers.records import STANDARDS_SOURCE
from skillsmatch.offers.tables import KnownStandard


def offered() -> ColumnElement[bool]:
    """True for an offer that stands today."""
    day = clock.today()
    area: Area = current_app.extensions["area"]
    other, venue = aliased(Offer), aliased(Venue)
    within = [venue.postcode.like(f"{code} %") for code in area.postcode_districts]
    local = or_(other.national, other.mode == "online", venue.id.is_(None), *within)
    listed = select(other.standard_ref).outerjoin(venue, other.venue_id == venue.id)
    listed = listed.where(other.withdrawn_at.is_(None), other.source != STANDARDS_SOURCE)
    listed = listed.where(other.standard_ref != "", local, shown_on(day, other))
    return and_(
        Offer.withdrawn_at.is_(None),
        shown_on(day),
        or_(Offer.source != STANDARDS_SOURCE, Offer.standard_ref.not_in(listed)),
    )


def known_standards() -> Mapping[str, KnownStandard]:
    """The standards that we hold, by LARS code."""
    wanted = select(Offer).where(Offer.source == STANDARDS_SOURCE, Offer.lars_ref != "")
    wanted = wanted.where(Offer.withdrawn_at.is_(None))
    return {
        held.lars_ref: KnownStandard(
            reference=held.standard_ref,
            title=held.title,
            level=held.level,
            route=held.route,
            kind=held.kind,
            duration_value=held.duration_value,
            duration_unit=held.duration_unit,
            max_funding=held.max_funding,
        )
        for held in db.session.scalars(wanted)
    }
