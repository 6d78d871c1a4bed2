"""Whom the Chamber has heard from: distinct employers by size, sector, council, membership and channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import select

from skillsmatch.area.areas import Area
from skillsmatch.cases.asked import SMALL
from skillsmatch.cases.gathering import WAYS, is_providers
from skillsmatch.cases.gathering_models import KnownBusiness, business_is_here
from skillsmatch.demand.employers import provider_digests
from skillsmatch.demand.merging import roots_of
from skillsmatch.demand.models import DEMONSTRATION, DemandSignal, EmployerKey
from skillsmatch.extensions import db
from skillsmatch.needs.forms import SIZES

NOT_SAID = "Not said"
MEMBERS = {"yes": "Members", "no": "On the list, not members", "": "Not on the list"}


@dataclass(frozen=True)
class Engagement:
    """Distinct employers that asked in a span of days. Each table adds up to `employers`, but that of channels."""

    employers: int
    counted: int  # of them, those whose e-mail is confirmed or whom an officer confirmed
    sme_share: float | None  # of those whose size is known, 0 to 1; None where none is
    tables: dict[str, dict[str, int]]  # heading, and by category in words, the largest first


@dataclass
class _Heard:
    """One employer: what it said last of itself, and by which ways it asked."""

    size: str = ""
    sector: str = ""
    district: str = ""
    counted: bool = False
    channels: frozenset[str] = frozenset()


def engagement(first: date, last: date) -> Engagement:
    """Employers that asked from `first` to `last`, both included. Merged employers are one.

    Left out: what was withdrawn or looks automatic, and colleges and providers that no officer has confirmed.
    """
    heard = _heard(first, last)
    listed = _listed(heard)
    for key, one in heard.items():  # what an employer did not say, the list may know
        known = listed.get(key)
        if known is not None:
            one.size, one.sector = one.size or known.size_band, one.sector or known.sic_section
            one.district = one.district or known.district
    known_sizes = [one.size for one in heard.values() if one.size]
    return Engagement(
        employers=len(heard),
        counted=sum(one.counted for one in heard.values()),
        sme_share=sum(size in SMALL for size in known_sizes) / len(known_sizes) if known_sizes else None,
        tables=_tables(heard, listed),
    )


def _heard(first: date, last: date) -> dict[int, _Heard]:
    asked = (
        select(DemandSignal, EmployerKey)
        .join(DemandSignal.employer_key)
        .where(DemandSignal.made_on.between(first, last), DemandSignal.withdrawn_at.is_(None))
        .order_by(DemandSignal.made_on, DemandSignal.id)
    )
    if not current_app.config["DEMO"]:
        asked = asked.where(DemandSignal.channel != DEMONSTRATION)
    digests = provider_digests()
    rows = [
        (signal, key)
        for signal, key in db.session.execute(asked).tuples()
        if key.confirmed_at is not None or not (signal.suspect or is_providers(key, digests))
    ]
    roots = roots_of({key.id for _, key in rows})
    heard: dict[int, _Heard] = {}
    for signal, key in rows:
        one = heard.setdefault(roots[key.id], _Heard())
        one.size, one.sector = signal.size_band or one.size, signal.sic_section or one.sector
        one.district = signal.district or one.district
        one.counted = one.counted or signal.countable_at is not None
        one.channels |= {signal.channel}
    return heard


def _listed(heard: Iterable[int]) -> dict[int, KnownBusiness]:
    """The listed business of each employer; a member where any that was merged into it is one."""
    all_listed = db.session.scalars(
        select(KnownBusiness).where(business_is_here()).order_by(KnownBusiness.member, KnownBusiness.id)
    ).all()
    roots = roots_of({one.employer_key_id for one in all_listed})
    wanted = set(heard)
    return {roots[one.employer_key_id]: one for one in all_listed if roots[one.employer_key_id] in wanted}


def membership(employers: Iterable[int]) -> Mapping[int, str] | None:
    """By the key that an employer counts as, how the Chamber's list has it, in words; None where there is no list."""
    if db.session.scalar(select(KnownBusiness.id).where(business_is_here()).limit(1)) is None:
        return None
    wanted = set(employers)
    listed = _listed(wanted)
    return {key: _standing(listed.get(key)) for key in wanted}


def _standing(listed: KnownBusiness | None) -> str:
    return MEMBERS["" if listed is None else "yes" if listed.member else "no"]


def _tables(heard: Mapping[int, _Heard], listed: Mapping[int, KnownBusiness]) -> dict[str, dict[str, int]]:
    area: Area = current_app.extensions["area"]
    sizes = dict(SIZES)
    members = {key: _standing(listed.get(key)) for key in heard}
    return {
        "Size": _counts(sizes.get(one.size, NOT_SAID) for one in heard.values()),
        "Sector": _counts(area.sector_name(one.sector) if one.sector else NOT_SAID for one in heard.values()),
        "Council": _counts(area.district_name(one.district) or NOT_SAID for one in heard.values()),
        "Membership": _counts(members.values()),
        "How they asked": _counts(WAYS.get(way, way) for one in heard.values() for way in one.channels),
    }


def _counts(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items(), key=lambda pair: (-pair[1], pair[0])))
