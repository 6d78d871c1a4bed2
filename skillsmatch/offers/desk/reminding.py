"""Reminders to providers: at most one mail a week, that gathers every offer which has come due since the last one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select

from skillsmatch import clock
from skillsmatch.accounts import audit
from skillsmatch.accounts.models import Account, Organisation
from skillsmatch.accounts.roles import Role
from skillsmatch.addresses import whole_address
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.matching.months import months_before
from skillsmatch.offers.browsing import passed
from skillsmatch.offers.desk.due import WARNED
from skillsmatch.offers.freshness import unconfirmed
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.texts.reading import letter

log = logging.getLogger(__name__)

BETWEEN = timedelta(days=7)  # between two mails to one provider
NAMED = 10  # offers of each sort that a mail names; the rest are counted


@dataclass
class Due:
    """A provider's offers that have come due since its last mail, by the reason that weighs most."""

    passed: list[Offer]
    nearly_hidden: list[Offer]  # 11 months
    nearly_marked: list[Offer]  # 5 months

    def __len__(self) -> int:
        return len(self.passed) + len(self.nearly_hidden) + len(self.nearly_marked)


def remind_providers() -> int:
    """Posts the mails that are due now; returns how many providers have one. Those without an account get none.

    Raises NoAddress where a mail is due and the worker knows no address for its link; what is due stays so.
    """
    day = clock.today()
    waiting = or_(Provider.reminded_on.is_(None), Provider.reminded_on <= day - BETWEEN)
    ids = db.session.scalars(select(Provider.id).where(waiting).order_by(Provider.id)).all()
    with_people = {ukprn for ukprn, _ in _people()}
    known = {row.id: row.ukprn for row in db.session.execute(select(Provider.id, Provider.ukprn))}
    db.session.rollback()
    return sum(keep(lambda id=id: _remind(id, day)) for id in ids if known[id] in with_people)  # type: ignore[misc]


def _people() -> Sequence[tuple[int, Account]]:
    """Everybody who looks after a provider's offers and may sign in, by its UKPRN."""
    wanted = select(Organisation.ukprn, Account).join(Account.organisation)
    wanted = wanted.where(Organisation.ukprn.is_not(None), Account.disabled_at.is_(None)).order_by(Account.id)
    return [(row[0], row[1]) for row in db.session.execute(wanted) if row[1].has(Role.PROVIDER)]


def _remind(number: int, day: date) -> bool:
    provider = db.session.get_one(Provider, number, with_for_update=True, populate_existing=True)
    if provider.reminded_on is not None and provider.reminded_on > day - BETWEEN:
        return False  # another worker was quicker
    due = due_since(provider, day)
    if not due:
        return False
    mail = letter(
        "offers.reminder",
        provider=provider.name,
        passed=len(due.passed),
        passed_offers=_some(due.passed),
        hidden=len(due.nearly_hidden),
        hidden_offers=_some(due.nearly_hidden),
        marked=len(due.nearly_marked),
        marked_offers=_some(due.nearly_marked),
        where=whole_address("desk.home", show="to-confirm"),
    )
    for account in [account for ukprn, account in _people() if ukprn == provider.ukprn]:
        try:
            key = f"still-right-{provider.id}-{day.isoformat()}-{account.id}"
            post(key, account.email, mail.subject, mail.body)
        except TooManyMessages:
            log.info("account %d has had its mails for today", account.id)
    provider.reminded_on = day
    audit.note("provider reminded", f"provider {provider.ukprn}", offers=len(due))
    return True


def _some(offers: Sequence[Offer]) -> str:
    """The first titles, and how many more there are."""
    titles = [f"  - {offer.title}" for offer in offers[:NAMED]]
    more = len(offers) - NAMED
    return "\n".join([*titles, f"  - and {more} more"] if more > 0 else titles)


def due_since(provider: Provider, day: date) -> Due:
    """The standing offers that have come due since the provider's last mail, or all that are due where it had none."""
    last = provider.reminded_on
    early, late = WARNED
    wanted = select(Offer).where(Offer.provider_id == provider.id, Offer.withdrawn_at.is_(None))
    wanted = wanted.where(or_(unconfirmed(day, early), passed(day))).order_by(
        func.lower(Offer.title), Offer.id
    )
    due = Due([], [], [])
    for offer in db.session.scalars(wanted):
        is_new = last is None or clock.day_of(offer.changed_at) > last
        starts = offer.start_dates[-1] if offer.date_has_passed(day) else ""
        if starts and (is_new or starts >= str(last)):
            due.passed.append(offer)
        elif _came(offer, late, day, None if is_new else last):
            due.nearly_hidden.append(offer)
        elif _came(offer, early, day, None if is_new else last):
            due.nearly_marked.append(offer)
    return due


def _came(offer: Offer, months: int, day: date, last: date | None) -> bool:
    """True where so many months were over by `day`, and were not yet at the last mail."""
    over = offer.confirmed_on <= months_before(day, months)
    return over and (last is None or offer.confirmed_on > months_before(last, months))
