"""Which leads a provider may see at this moment. The one road to a lead on the college side.

Every condition is asked of the tables each time: a consent withdrawn, an e-mail no longer verified or twelve weeks
gone by hide a lead at once, on lists and on pages alike. Nothing of this is ever cached.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from skillsmatch.area.places import distance_km
from skillsmatch.clock import now, today
from skillsmatch.extensions import db
from skillsmatch.leads.models import Consent, Lead, LeadReply
from skillsmatch.leads.places import Point, teaches_at
from skillsmatch.leads.wording import NEAR_KM
from skillsmatch.needs.models import Facet, Need, is_here
from skillsmatch.offers.models import Provider

AT_ONCE = 500  # leads read by one statement


@dataclass(frozen=True, slots=True)
class Shown:
    """A lead as one provider may see it now."""

    lead: Lead
    since: datetime  # when this provider could first see it
    km: float | None  # from the nearest place where the provider is known to teach; None: one is not known
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


@dataclass(frozen=True, slots=True)
class Sight:
    """That one provider may see a lead now, without the lead: what a list is counted and put in order by."""

    lead_id: int
    since: datetime
    km: float | None
    pooled: bool


@dataclass(slots=True)
class _Given:
    """A live lead with those of its consents that stand."""

    opened_at: datetime
    lat: float | None
    lon: float | None
    named: dict[int, datetime]  # when each UKPRN was given it
    nearby: datetime | None = None
    pooled: bool = False

    def since(self, ukprn: int, km: float | None) -> datetime | None:
        """When the provider could first see it; None where it may not."""
        near = self.nearby if km is not None and km <= NEAR_KM else None
        letting = [at for at in (self.named.get(ukprn), near) if at is not None]
        return max(self.opened_at, min(letting)) if letting else None


def _given(*where: ColumnElement[bool]) -> dict[int, _Given]:
    """The live leads that `where` is true of, by number, each with its live consents. No words are read."""
    asked = (
        select(Lead.id, Lead.opened_at, Need.lat, Need.lon)
        .add_columns(Consent.purpose, Consent.recipients, Consent.ukprn, Consent.given_at)
        .join(Lead.need)
        .join(Consent, and_(Consent.need_id == Need.id, Consent.withdrawn_at.is_(None)))
        .where(is_live(), *where)
        .order_by(Lead.id, Consent.id)
    )
    found: dict[int, _Given] = {}
    for id, opened_at, lat, lon, purpose, recipients, ukprn, given_at in db.session.execute(asked).tuples():
        one = found.setdefault(id, _Given(opened_at or given_at, lat, lon, {}))
        if purpose == "pool":
            one.pooled = True
        elif recipients == "nearby":
            one.nearby = given_at
        else:
            one.named[ukprn] = given_at
    return found


def _to(ukprn: int) -> ColumnElement[bool]:
    return or_(Consent.recipients != "named", Consent.ukprn == ukprn)


def sights_for(provider: Provider, *where: ColumnElement[bool]) -> list[Sight]:
    """Which leads this provider may see now, the newest first; of those that `where` is true of, with Lead and Need."""
    points = teaches_at([provider])[provider.id]
    sights = []
    for id, given in _given(_to(provider.ukprn), *where).items():
        km = _km(given.lat, given.lon, points)
        since = given.since(provider.ukprn, km)
        if since is not None:
            sights.append(Sight(id, since, km, given.pooled))
    return sorted(sights, key=lambda s: (s.since, s.lead_id), reverse=True)


def read(sights: Sequence[Sight]) -> list[Shown]:
    """The leads themselves, in the same order, with facets and replies; one that has ended meanwhile is left out."""
    leads: dict[int, Lead] = {}
    for start in range(0, len(sights), AT_ONCE):
        numbers = [sight.lead_id for sight in sights[start : start + AT_ONCE]]
        leads |= {lead.id: lead for lead in db.session.scalars(_whole().where(Lead.id.in_(numbers)))}
    return [Shown(leads[s.lead_id], s.since, s.km, s.pooled) for s in sights if s.lead_id in leads]


def _whole() -> Select[tuple[Lead]]:
    return (
        select(Lead)
        .join(Lead.need)
        .where(is_live())
        .options(contains_eager(Lead.need).selectinload(Need.facets).joinedload(Facet.signal))
        .options(selectinload(Lead.replies).joinedload(LeadReply.offer))
        .execution_options(populate_existing=True)  # what this session read before may have changed since
    )


def leads_for(provider: Provider) -> list[Shown]:
    """The leads this provider may see now, the newest first."""
    return read(sights_for(provider))


def lead_for(provider: Provider, number: int) -> Shown | None:
    """This lead, if the provider may see it now."""
    return next(iter(read(sights_for(provider, Lead.id == number))), None)


def pooled_for(
    providers: Collection[Provider], need: Need, where: ColumnElement[bool]
) -> list[frozenset[int]]:
    """Of each provider that may see this need's pooled lead: the numbers of the pooled leads that it may see now.

    Of those that `where` is true of. The leads are read once, however many providers there are.
    """
    given = {id: one for id, one in _given(where).items() if one.pooled}
    own = set(db.session.scalars(select(Lead.id).where(Lead.need_id == need.id))) & set(given)
    places = teaches_at(providers) if own else {}

    def seen(provider: Provider, numbers: Iterable[int]) -> frozenset[int]:
        points = places[provider.id]
        kms = {id: _km(given[id].lat, given[id].lon, points) for id in numbers}
        return frozenset(id for id, km in kms.items() if given[id].since(provider.ukprn, km) is not None)

    return [seen(provider, given) for provider in (providers if own else ()) if seen(provider, own)]


def reach_km(need: Need, points: list[Point]) -> float | None:
    """Kilometres from the need's place to the nearest of `points`."""
    return _km(need.lat, need.lon, points)


def _km(lat: float | None, lon: float | None, points: list[Point]) -> float | None:
    if lat is None or lon is None:
        return None
    return min((distance_km(lat, lon, *point) for point in points), default=None)
