"""What is on offer, found without typing: by kind, subject, district and provider, twenty to a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, joinedload

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import Kind
from skillsmatch.area.national import load_routes
from skillsmatch.extensions import db
from skillsmatch.offers.freshness import MARKED, unconfirmed
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.standing import offered

PAGE_SIZE = 20  # offers; about what fits on three screens of a phone before a reader gives up
SHOWN_PER_KIND = 12  # offers of one kind on a provider's page; the rest are one link away
ANYWHERE = "anywhere"  # online, or delivered wherever the employer is
ELSEWHERE = "elsewhere"  # outside the area, or the place is not known


@dataclass(frozen=True)
class Filters:
    """What a reader has narrowed the list to. Empty means every one."""

    kind: str = ""
    route: str = ""
    district: str = ""
    provider: int | None = None  # UKPRN

    def without(self, name: str) -> Filters:
        """The same filters, with the one called `name` off."""
        empty: dict[str, Any] = {name: None if name == "provider" else ""}
        return replace(self, **empty)

    def query(self) -> dict[str, Any]:
        """The filters that are on, as an address says them."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Choice:
    """One value of a filter, and how many offers a reader would then see."""

    value: str
    name: str
    count: int


@dataclass(frozen=True)
class Listing:
    """One page of offers."""

    offers: tuple[Offer, ...]
    total: int
    page: int
    pages: int


class UnknownFilter(LookupError):
    """A filter names a kind, subject, district or provider that does not exist."""


def check_filters(filters: Filters, area: Area) -> None:
    """Refused (UnknownFilter): a value on no list of ours, so that a mistyped address is not "no offers"."""
    if filters.kind and filters.kind not in set(Kind):
        raise UnknownFilter(filters.kind)
    if filters.route and filters.route not in load_routes():
        raise UnknownFilter(filters.route)
    if filters.district and filters.district not in {*area.districts, ANYWHERE, ELSEWHERE}:
        raise UnknownFilter(filters.district)
    if filters.provider is not None and find_provider(filters.provider) is None:
        raise UnknownFilter(str(filters.provider))


def browse(filters: Filters, page: int, area: Area, day: date) -> Listing:
    """One page of standing offers, by title, those that are marked last. A page too far is the last one."""
    wanted = narrowed(filters, area)
    numbers = wanted.with_only_columns(Offer.id).subquery()
    total = db.session.scalar(select(func.count()).select_from(numbers)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), pages)
    rows = wanted.options(contains_eager(Offer.venue), joinedload(Offer.provider))
    # Ties break on the id, so that no offer stands on two pages.
    rows = rows.order_by(marked(day), func.lower(Offer.title), Offer.id)
    found = db.session.scalars(rows.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return Listing(tuple(found), total, page, pages)


def choices(filters: Filters, area: Area) -> dict[str, list[Choice]]:
    """The values of each filter with their counts, under the other filters that are on."""
    kinds = _counts(Offer.kind, filters.without("kind"), area)
    routes = _counts(Offer.route, filters.without("route"), area)
    places = _counts(_place(area), filters.without("district"), area)
    place_names = {code: d.name for code, d in area.districts.items()}
    place_names |= {ANYWHERE: "Online or anywhere", ELSEWHERE: "Outside the area, or not known"}
    return {
        "kind": _named({k.value: k.words.plural for k in Kind}, kinds, filters.kind),
        "route": _named({slug: r.name for slug, r in load_routes().items()}, routes, filters.route),
        "district": _named(place_names, places, filters.district),
    }


def _named(names: Mapping[str, str], counts: Mapping[str, int], chosen: str) -> list[Choice]:
    """The values in the order of `names`; those with nothing behind them are left out, unless chosen."""
    return [Choice(v, name, counts.get(v, 0)) for v, name in names.items() if counts.get(v) or v == chosen]


def _counts(
    column: ColumnElement[str] | InstrumentedAttribute[str], filters: Filters, area: Area
) -> dict[str, int]:
    rows = narrowed(filters, area).with_only_columns(column.label("value")).subquery()
    counted = select(rows.c.value, func.count()).group_by(rows.c.value)
    return {row.value: row[1] for row in db.session.execute(counted)}


def narrowed(filters: Filters, area: Area, counting: ColumnElement[bool] | None = None) -> Select[Any]:
    """Offers that stand (or those that `counting` says) and pass the filters, with their venues beside them."""
    wanted = select(Offer).outerjoin(Offer.venue).where(offered() if counting is None else counting)
    if filters.kind:
        wanted = wanted.where(Offer.kind == filters.kind)
    if filters.route:
        wanted = wanted.where(Offer.route == filters.route)
    if filters.district:
        wanted = wanted.where(_place(area) == filters.district)
    if filters.provider is not None:
        wanted = wanted.where(
            Offer.provider_id.in_(select(Provider.id).where(Provider.ukprn == filters.provider))
        )
    return wanted


def _place(area: Area) -> ColumnElement[str]:
    """Where an offer counts, as its card says it: ANYWHERE, the venue's district in this area, or ELSEWHERE.

    An online course is often filed under its college's address; nobody has to go there.
    """
    return case(
        (or_(Offer.mode == "online", and_(Offer.mode == "workplace", Offer.national)), ANYWHERE),
        (Venue.district.in_(list(area.districts)), Venue.district),
        (Offer.national, ANYWHERE),
        else_=ELSEWHERE,
    )


def passed(day: date) -> ColumnElement[bool]:
    """True for offers whose every date is before `day`; the same as `Offer.date_has_passed`."""
    if db.engine.dialect.name == "sqlite":  # which counts from the end in its own way
        last: ColumnElement[Any] = func.json_extract(Offer.start_dates, "$[#-1]")
    else:
        last = Offer.start_dates[-1].as_string()
    return func.coalesce(and_(not_(Offer.flexible_start), last < day.isoformat()), False)


def marked(day: date) -> ColumnElement[bool]:
    """True for offers that are marked; the same as `freshness.freshness_of`."""
    return or_(passed(day), unconfirmed(day, MARKED))


def find_offer(number: int) -> Offer | None:
    """The offer with this number, withdrawn ones too, with its provider and venue."""
    wanted = select(Offer).where(Offer.id == number)
    return db.session.scalar(wanted.options(joinedload(Offer.provider), joinedload(Offer.venue)))


def other_runs(offer: Offer, limit: int = 6) -> list[Offer]:
    """Other standing offers of this title by this provider: the same course on other days or elsewhere."""
    same = and_(Offer.provider_id == offer.provider_id, Offer.title == offer.title, Offer.id != offer.id)
    wanted = select(Offer).where(same, offered()).options(joinedload(Offer.venue))
    return list(db.session.scalars(wanted.order_by(Offer.id).limit(limit)))


def find_provider(ukprn: int) -> Provider | None:
    """The provider with this UK provider reference number."""
    return db.session.scalar(select(Provider).where(Provider.ukprn == ukprn))


def venues_of(provider: Provider) -> list[Venue]:
    """The places where this provider has something standing on offer, by town and name."""
    used = select(Offer.venue_id).where(Offer.provider_id == provider.id, offered())
    return list(db.session.scalars(select(Venue).where(Venue.id.in_(used)).order_by(Venue.town, Venue.name)))


def offers_by_kind(provider: Provider, area: Area, day: date) -> list[tuple[Choice, tuple[Offer, ...]]]:
    """The provider's standing offers, kind by kind: how many there are, and the first SHOWN_PER_KIND."""
    counts = _counts(Offer.kind, Filters(provider=provider.ukprn), area)
    found = []
    for kind in Kind:
        if kind in counts:
            wanted = narrowed(Filters(kind=kind, provider=provider.ukprn), area).options(
                contains_eager(Offer.venue)
            )
            rows = wanted.order_by(marked(day), func.lower(Offer.title), Offer.id).limit(SHOWN_PER_KIND)
            found.append((Choice(kind, kind.words.plural, counts[kind]), tuple(db.session.scalars(rows))))
    return found
