"""Whose desk it is: the provider of the account that is signed in, and how long its leads have waited."""

from __future__ import annotations

from datetime import datetime

from flask import abort
from sqlalchemy import select

from skillsmatch.accounts.access import current_account
from skillsmatch.accounts.models import Account
from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.leads.models import LeadReply
from skillsmatch.leads.seeing import Shown
from skillsmatch.offers.models import Provider
from skillsmatch.words import count_words


def the_account() -> Account:
    """The account signed in; the view's audience has seen to it that there is one."""
    return current_account() or abort(403)


def own_provider() -> Provider | None:
    """The provider this account's organisation is, by its UKPRN and by nothing else; None where it has none."""
    ukprn = the_account().organisation.ukprn
    return db.session.scalar(select(Provider).where(Provider.ukprn == ukprn)) if ukprn else None


def ago_words(moment: datetime, until: datetime | None = None) -> str:
    """How long ago: "today", "1 day ago", "3 days ago"; or how long it took, "within a day", "in 3 days"."""
    days = ((until or now()) - moment).days
    if until is not None:
        return "within a day" if days < 1 else f"in {count_words(days, 'day')}"
    return "today" if days < 1 else f"{count_words(days, 'day')} ago"


def clock_words(shown: Shown, replies: list[LeadReply]) -> str:
    """The response clock: "Asked 3 days ago; no reply yet", or how soon the provider replied."""
    asked = f"Asked {ago_words(shown.since)}"
    if not replies:
        return f"{asked}; no reply yet"
    return f"{asked}; you replied {ago_words(shown.since, replies[0].sent_at)}"
