"""How fresh an offer is: when it was last confirmed, and whether it can still be started."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select

from skillsmatch import clock
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.matching.months import STALE_MONTHS, months_before
from skillsmatch.offers.catalogue import hold_catalogue, note_change
from skillsmatch.offers.models import Catalogue, Offer
from skillsmatch.offers.records import STANDARDS_SOURCE

MARKED = STALE_MONTHS  # without confirmation, after which an offer is marked and ranked down
HIDDEN = 12  # months after which employers no longer see it


class Freshness(StrEnum):
    """How an offer stands on a day."""

    FRESH = "fresh"
    MARKED = "marked"  # its dates have passed, or nobody has confirmed it for half a year
    HIDDEN = "hidden"  # nobody has confirmed it for a year


def months_old(confirmed: date, day: date, months: int) -> bool:
    """True from the day on that lies so many months after the confirmation."""
    return confirmed <= months_before(day, months)


def freshness(confirmed: date, passed: bool, day: date, national: bool = False) -> Freshness:
    """How an offer stands that was confirmed on that day, and whose every date has `passed` or not.

    A `national` standard has no provider to confirm it: loading the list again does. It is marked, never hidden,
    because an operator's forgetfulness does not end it.
    """
    if months_old(confirmed, day, HIDDEN) and not national:
        return Freshness.HIDDEN
    return Freshness.MARKED if passed or months_old(confirmed, day, MARKED) else Freshness.FRESH


def freshness_of(offer: Offer, day: date) -> Freshness:
    """The same of an offer that we hold."""
    national = offer.source == STANDARDS_SOURCE
    return freshness(offer.confirmed_on, offer.date_has_passed(day), day, national)


def unconfirmed_words(confirmed: date, day: date) -> str:
    """What a card says of an offer that nobody has confirmed for half a year; empty before that."""
    return f"Not confirmed since {confirmed:%B %Y}" if months_old(confirmed, day, MARKED) else ""


def mark_words(offer: Offer, day: date) -> list[str]:
    """What a reader must know of a standing offer before anything else; empty for a fresh one."""
    passed = "Date has passed" if offer.date_has_passed(day) else ""
    return [words for words in (passed, unconfirmed_words(offer.confirmed_on, day)) if words]


def unconfirmed(day: date, months: int) -> ColumnElement[bool]:
    """True for an offer that nobody has confirmed for so many months."""
    return Offer.confirmed_on <= months_before(day, months)


def shown_on(day: date, offer: type[Offer] = Offer) -> ColumnElement[bool]:
    """True for an offer that is not hidden on that day, whether withdrawn or not."""
    return or_(offer.confirmed_on > months_before(day, HIDDEN), offer.source == STANDARDS_SOURCE)


def note_hidden() -> int:
    """Has the search index let go of the offers that have become hidden since it last changed; how many those are.

    Nothing in their rows has changed, so it is the passing day that has to be noticed.
    """
    day = clock.today()

    def lately() -> int:
        changed = db.session.scalar(select(Catalogue.changed_at))
        if changed is None:
            return 0
        since = clock.day_of(changed)
        were = Offer.confirmed_on > months_before(since, HIDDEN)
        standing = and_(Offer.withdrawn_at.is_(None), Offer.source != STANDARDS_SOURCE)
        wanted = select(func.count()).select_from(Offer).where(standing, were, unconfirmed(day, HIDDEN))
        return db.session.scalar(wanted) or 0

    def work() -> int:
        hold_catalogue()
        count = lately()
        if count:
            note_change()
        return count

    return keep(work) if lately() else 0
