"""How fresh each provider's offers are: the table that the Chamber reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, not_, or_, select

from skillsmatch.extensions import db
from skillsmatch.offers.browsing import passed
from skillsmatch.offers.freshness import HIDDEN, MARKED, unconfirmed
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.offers.records import NEAR_YOU


@dataclass(frozen=True)
class FreshnessRow:
    """One provider's standing offers, in offers, and the day on which the oldest was confirmed."""

    ukprn: int
    name: str
    offers: int
    confirmed: int  # in the last six months
    marked: int  # a start date that has passed, or six months without confirmation
    hidden: int  # twelve months without confirmation
    oldest: date

    @property
    def share(self) -> int:
        """Percent confirmed in the last six months, rounded down: 100 means every one."""
        return self.confirmed * 100 // self.offers


def freshness_table(day: date) -> Sequence[FreshnessRow]:
    """A row for each provider with something on offer, those least confirmed first."""
    old = unconfirmed(day, MARKED)
    wanted = (
        select(
            Provider.ukprn,
            Provider.name,
            func.count(),
            _count(not_(old)),
            _count(or_(old, passed(day))),
            _count(unconfirmed(day, HIDDEN)),
            func.min(Offer.confirmed_on),
        )
        .join(Offer.provider)
        .where(Offer.withdrawn_at.is_(None), Provider.ukprn != NEAR_YOU)
        .group_by(Provider.id, Provider.ukprn, Provider.name)
    )
    rows = [FreshnessRow(*row) for row in db.session.execute(wanted)]
    return sorted(rows, key=lambda row: (row.confirmed / row.offers, row.oldest, row.name))


def _count(where: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((where, 1), else_=0))
