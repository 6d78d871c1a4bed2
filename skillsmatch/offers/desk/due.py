"""Which offers a provider has to look at: a start that has passed, or half a year in which nobody confirmed them."""

from __future__ import annotations

from datetime import date

from skillsmatch.offers.freshness import HIDDEN, MARKED, months_old
from skillsmatch.offers.models import Offer

WARNED = (5, 11)  # months without confirmation after which its provider is reminded, a month before each


def due_words(offer: Offer, day: date) -> list[str]:
    """What its provider should know of it, the worst first; empty where it is as it should be."""
    if offer.withdrawn_at is not None:
        return ["Withdrawn"]
    words = []
    if months_old(offer.confirmed_on, day, HIDDEN):
        words.append(f"Not confirmed for {HIDDEN} months: employers no longer see it")
    elif months_old(offer.confirmed_on, day, MARKED):
        words.append(f"Not confirmed for {MARKED} months")
    if offer.date_has_passed(day):
        words.append("Start date has passed")
    return words
