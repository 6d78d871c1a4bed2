"""How the Chamber's own list has the employers that asked: members, listed without being one, or not listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from skillsmatch.cases.gathering_models import KnownBusiness, business_is_here
from skillsmatch.demand.merging import roots_of
from skillsmatch.extensions import db

MEMBERS = {"yes": "Members", "no": "On the list, not members", "none": "Not on the list"}


def listed_businesses(employers: Iterable[int]) -> dict[int, KnownBusiness]:
    """The listed business of each employer; a member where any that was merged into it is one."""
    known = select(KnownBusiness).where(business_is_here())
    every = db.session.scalars(known.order_by(KnownBusiness.member, KnownBusiness.id)).all()
    roots = roots_of({one.employer_key_id for one in every})
    wanted = set(employers)
    return {roots[one.employer_key_id]: one for one in every if roots[one.employer_key_id] in wanted}


def is_list_loaded() -> bool:
    """Whether there is a list at all; without one nobody's membership is known."""
    return db.session.scalar(select(KnownBusiness.id).where(business_is_here()).limit(1)) is not None


def standing_of(listed: Mapping[int, KnownBusiness], employer: int) -> str:
    """One of MEMBERS."""
    one = listed.get(employer)
    return "none" if one is None else "yes" if one.member else "no"
