"""Which leads a provider may see at this moment. The one road to a lead on the college side.

Every condition is asked of the tables each time: a consent withdrawn, an e-mail no longer verified or twelve weeks
gone by hide a lead at once, on lists and on pages alike. Nothing of this is ever cached.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from skillsmatch.area.places import distance_km, find_place
from skillsmatch.clock import now, today
from skillsmatch.extensions import db
from skillsmatch.leads.models import Consent, Lead, LeadReply
from skillsmatch.leads.wording import NEAR_KM
from skillsmatch.needs.models import Facet, Need, is_here
from skillsmatch.offers.models import Provider, Venue

Point = tuple[float, float]  # latitude, longitude


@dataclass(frozen=True, slots=True)
class Shown:
    """A lead as one provider may see it now."""

    lead: Lead
    since: datetime  # when this provider could first see it
    km: float | None  # from the nearest place where the provider teaches; None where either is not known
    pooled: bool

    @property
    def need(self) -> Need:
        """The need behind it."""
        return self.lead.need

    @property
    def facets(self) -> list[Facet]:
        """What is asked for."""
        return self.need.live_facets


def is_live() -> ColumnElement[bool]:
    """True of a lead joined to its need that anybody at all may see now."""
    moment = now()
    return and_(
        Lead.opened_at.is_not(None),
        Lead.opened_at <= moment,
        Lead.closed_at.is_(None),
        Lead.expires_at > moment,
        Need.status == "open",
        Need.text != "",
        Need.email != "",
        Need.email_verified_at.is_not(None),
        Need.suspect.is_(False),
        Need.kept_until >= today(),
        is_here(),
    )


def _asked(ukprn: int) -> Select[tuple[Lead, Consent]]:
    """Live leads, each with every live consent that may let this provider see it."""
    to_it = or_(
        and_(Consent.recipients == "named", Consent.ukprn == ukprn),
        Consent.recipients == "nearby",
        Consent.purpose == "pool",
    )
    return (
        select(Lead, Consent)
        .join(Lead.need)
        .join(Consent, and_(Consent.need_id == Need.id, Consent.withdrawn_at.is_(None), to_it))
        .where(is_live())
        .options(contains_eager(Lead.need).selectinload(Need.facets).joinedload(Facet.signal))
        .options(selectinload(Lead.replies).joinedload(LeadReply.offer))
        .order_by(Lead.id, Consent.id)
        .execution_options(populate_existing=True)  # what this session read before may have changed since
    )


def leads_for(provider: Provider) -> list[Shown]:
    """The leads this provider may see now, the newest first."""
    return sorted(_shown(provider, _asked(provider.ukprn)), key=lambda s: (s.since, s.lead.id), reverse=True)


def lead_for(provider: Provider, number: int) -> Shown | None:
    """This lead, if the provider may see it now."""
    return next(iter(_shown(provider, _asked(provider.ukprn).where(Lead.id == number))), None)


def _shown(provider: Provider, asked: Select[tuple[Lead, Consent]]) -> list[Shown]:
    points = points_of(provider)
    consents: dict[Lead, list[Consent]] = {}
    for lead, consent in db.session.execute(asked):
        consents.setdefault(lead, []).append(consent)
    shown = []
    for lead, given in consents.items():
        km = reach_km(lead.need, points)
        near = km is not None and km <= NEAR_KM
        letting = [
            c.given_at for c in given if c.recipients == "named" or (c.recipients == "nearby" and near)
        ]
        if letting and lead.opened_at is not None:
            since = max(lead.opened_at, min(letting))
            shown.append(Shown(lead, since, km, any(c.purpose == "pool" for c in given)))
    return shown


def reach_km(need: Need, points: list[Point]) -> float | None:
    """Kilometres from the need's place to the nearest of `points`."""
    if need.lat is None or need.lon is None:
        return None
    return min((distance_km(need.lat, need.lon, *point) for point in points), default=None)


def points_of(provider: Provider) -> list[Point]:
    """Where the provider teaches: its venues, or else the middle of its postcode district."""
    venues = select(Venue.lat, Venue.lon).where(Venue.provider_id == provider.id, Venue.lat.is_not(None))
    points = [
        (lat, lon)
        for lat, lon in db.session.execute(venues.distinct())
        if lat is not None and lon is not None
    ]
    if points or not provider.postcode:
        return points
    place = find_place(provider.postcode, current_app.extensions["area"])
    return [(place.lat, place.lon)] if place and place.lat is not None and place.lon is not None else []
