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

PAGE_SIZE = 50  # providers on a page
_LISTED = (Offer.withdrawn_at.is_(None), Provider.ukprn != NEAR_YOU)


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


@dataclass(frozen=True)
class FreshnessPage:
    """One page of the table."""

    rows: Sequence[FreshnessRow]
    page: int
    pages: int
    total: int


def freshness_page(day: date, page: int) -> FreshnessPage:
    """The page of the table with this number, or the nearest there is."""
    with_offers = select(func.count(Offer.provider_id.distinct())).join(Offer.provider).where(*_LISTED)
    total = db.session.scalar(with_offers) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    return FreshnessPage(freshness_table(day, PAGE_SIZE, (page - 1) * PAGE_SIZE), page, pages, total)


def freshness_table(day: date, most: int | None = None, after: int = 0) -> Sequence[FreshnessRow]:
    """A row for each provider with something on offer, those least confirmed first; or `most` of them after so many."""
    old = unconfirmed(day, MARKED)
    confirmed, oldest = _count(not_(old)), func.min(Offer.confirmed_on)
    wanted = (
        select(
            Provider.ukprn,
            Provider.name,
            func.count(),
            confirmed,
            _count(or_(old, passed(day))),
            _count(unconfirmed(day, HIDDEN)),
            oldest,
        )
        .join(Offer.provider)
        .where(*_LISTED)
        .group_by(Provider.id, Provider.ukprn, Provider.name)
        # Ties break on the id, so that no provider stands on two pages.
        .order_by(confirmed * 1.0 / func.count(), oldest, Provider.name, Provider.id)
    )
    return [FreshnessRow(*row) for row in db.session.execute(wanted.limit(most).offset(after))]


def _count(where: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((where, 1), else_=0))
