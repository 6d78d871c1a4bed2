"""Which offers a provider has to look at: a start that has passed, or half a year in which nobody confirmed them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from sqlalchemy import ColumnElement, or_

from skillsmatch.offers.browsing import passed
from skillsmatch.offers.models import Offer

MARKED = 6  # months without confirmation after which an offer is marked and ranked down
HIDDEN = 12  # months after which employers no longer see it
WARNED = (5, 11)  # months after which its provider is reminded, a month before each


def months_before(day: date, months: int) -> date:
    """The day so many months earlier; the last of the month where that month is shorter."""
    month = day.year * 12 + day.month - 1 - months
    year, place = divmod(month, 12)
    return date(year, place + 1, min(day.day, monthrange(year, place + 1)[1]))


def unconfirmed(day: date, months: int) -> ColumnElement[bool]:
    """True for an offer that nobody has confirmed for so many months."""
    return Offer.confirmed_on <= months_before(day, months)


def to_confirm(day: date) -> ColumnElement[bool]:
    """True for an offer that its provider should look at now."""
    return or_(unconfirmed(day, MARKED), passed(day))


def due_words(offer: Offer, day: date) -> list[str]:
    """What its provider should know of it, the worst first; empty where it is as it should be."""
    if offer.withdrawn_at is not None:
        return ["Withdrawn"]
    words = []
    if offer.confirmed_on <= months_before(day, HIDDEN):
        words.append(f"Not confirmed for {HIDDEN} months: employers no longer see it")
    elif offer.confirmed_on <= months_before(day, MARKED):
        words.append(f"Not confirmed for {MARKED} months")
    if offer.date_has_passed(day):
        words.append("Start date has passed")
    return words
