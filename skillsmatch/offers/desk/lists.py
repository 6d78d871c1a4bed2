"""A provider's own offers: found, narrowed, counted, with those first that need looking at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import joinedload

from skillsmatch.area.kinds import Kind
from skillsmatch.extensions import db
from skillsmatch.offers.browsing import Listing, marked, passed
from skillsmatch.offers.freshness import HIDDEN, MARKED, unconfirmed
from skillsmatch.offers.models import Offer, Provider, Venue

PAGE_SIZE = 20  # offers on one page of the desk
NOWHERE = "none"  # stands for no venue
SHOWS = {  # which offers the list shows, by the word in its address
    "": "On offer",
    "to-confirm": "Needs confirming",
    "passed": "Start date has passed",
    "hidden": "Hidden from employers",
    "confirmed": f"Confirmed in the last {MARKED} months",
    "withdrawn": "Withdrawn",
    "all": "All of them",
}


@dataclass(frozen=True)
class Mine:
    """What a person has narrowed the list to. Empty means every one."""

    words: str = ""
    kind: str = ""
    show: str = ""
    venue: str = ""

    def query(self) -> dict[str, Any]:
        """The filters that are on, as an address says them."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Standing:
    """How a provider's offers stand, in offers."""

    on_offer: int = 0
    to_confirm: int = 0  # the next two among them
    passed: int = 0
    hidden: int = 0
    withdrawn: int = 0
    from_operator: int = 0  # that nobody of the provider has brought, changed or confirmed


def standing_of(provider: Provider | None, day: date) -> Standing:
    """The counts for the top of the desk."""
    if provider is None:
        return Standing()
    stands = Offer.withdrawn_at.is_(None)
    counts = {
        "on_offer": stands,
        "to_confirm": and_(stands, marked(day)),
        "passed": and_(stands, passed(day)),
        "hidden": and_(stands, unconfirmed(day, HIDDEN)),
        "withdrawn": not_(stands),
        "from_operator": and_(stands, Offer.confirmed_by == "", Offer.desk_at.is_(None)),
    }
    columns = [
        func.coalesce(func.sum(case((where, 1), else_=0)), 0).label(name) for name, where in counts.items()
    ]
    row = db.session.execute(select(*columns).where(Offer.provider_id == provider.id)).one()
    return Standing(**{name: int(value) for name, value in row._mapping.items()})


def my_offers(provider: Provider, mine: Mine, page: int, day: date) -> Listing:
    """One page of the provider's offers: what needs confirming first, then by title."""
    wanted = _wanted(provider, mine, day)
    total = (
        db.session.scalar(select(func.count()).select_from(wanted.with_only_columns(Offer.id).subquery()))
        or 0
    )
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), pages)
    urgent = case((and_(Offer.withdrawn_at.is_(None), marked(day)), 0), else_=1)
    # Ties break on the id, so that no offer stands on two pages.
    rows = wanted.order_by(urgent, func.lower(Offer.title), Offer.id).options(
        joinedload(Offer.venue), joinedload(Offer.provider)
    )
    found = db.session.scalars(rows.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return Listing(tuple(found), total, page, pages)


def _wanted(provider: Provider, mine: Mine, day: date) -> Select[Any]:
    wanted = select(Offer).where(Offer.provider_id == provider.id, _shown(mine.show, day))
    for word in mine.words.split()[:8]:
        like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        named = (Offer.title.ilike(like, escape="\\"), Offer.source_ref.ilike(like, escape="\\"))
        wanted = wanted.where(or_(*named, Offer.lars_ref.ilike(like, escape="\\")))
    if mine.kind:
        wanted = wanted.where(Offer.kind == mine.kind)
    if mine.venue == NOWHERE:
        wanted = wanted.where(Offer.venue_id.is_(None))
    elif mine.venue:
        wanted = wanted.where(Offer.venue_id == int(mine.venue))
    return wanted


def _shown(show: str, day: date) -> ColumnElement[bool]:
    stands = Offer.withdrawn_at.is_(None)
    return {
        "": stands,
        "to-confirm": and_(stands, marked(day)),
        "passed": and_(stands, passed(day)),
        "hidden": and_(stands, unconfirmed(day, HIDDEN)),
        "confirmed": and_(stands, not_(unconfirmed(day, MARKED))),
        "withdrawn": not_(stands),
        "all": Offer.id.is_not(None),
    }[show]


def kinds_of(provider: Provider) -> Mapping[str, str]:
    """The kinds that the provider has offers of, withdrawn ones too, by code."""
    held = set(db.session.scalars(select(Offer.kind).where(Offer.provider_id == provider.id).distinct()))
    return {kind.value: kind.words.plural for kind in Kind if kind.value in held}


def venue_names(provider: Provider) -> Mapping[str, str]:
    """The provider's venues by number; two of one name are told apart by their postcodes."""
    wanted = select(Venue).where(Venue.provider_id == provider.id).order_by(func.lower(Venue.name), Venue.id)
    held = db.session.scalars(wanted).all()
    names = [venue.name for venue in held]
    return {
        str(v.id): f"{v.name}, {v.postcode}" if names.count(v.name) > 1 and v.postcode else v.name
        for v in held
    }
