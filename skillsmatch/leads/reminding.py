"""Reminding an employer that colleges see its need: on day 7, on day 42, and when the 12 weeks are over."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import contains_eager

from skillsmatch.clock import now, today
from skillsmatch.extensions import db
from skillsmatch.leads.mails import tell_employer
from skillsmatch.leads.models import Lead
from skillsmatch.leads.opening import LASTS
from skillsmatch.needs.models import Need
from skillsmatch.words import day_words

# Days after the 12 weeks began. After an extension the first is left out: that employer has just been here.
EARLY, LATE, OVER = 7, 42, LASTS.days
STAGES = (EARLY, LATE, OVER)
MAILS = {EARLY: "leads.reminder-week", LATE: "leads.reminder-later", OVER: "leads.reminder-over"}


def stage_due(lead: Lead) -> int:
    """The day whose reminder is due and has not been sent; 0 where none is. Of several missed, the last."""
    if lead.opened_at is None or lead.expires_at is None:
        return 0
    gone = (now() - (lead.extended_at or lead.opened_at)) // timedelta(days=1)
    stages = STAGES if lead.extended_at is None else STAGES[1:]
    reached = max((day for day in stages if day <= gone), default=0)
    return reached if reached > lead.stage_told else 0


def remind() -> int:
    """Posts the reminders that are due, each once; returns how many. For the worker, inside `keep`.

    Only to verified addresses of needs that still stand. An address that has had its mails for the day is
    reminded on the next one. Raises NoAddress where the worker knows no address for the link.
    """
    began = func.coalesce(Lead.extended_at, Lead.opened_at)
    due = or_(*(and_(Lead.stage_told < day, began <= now() - timedelta(days=day)) for day in STAGES))
    standing = (
        select(Lead)
        .join(Lead.need)
        .options(contains_eager(Lead.need))
        .where(Lead.closed_at.is_(None), Lead.opened_at.is_not(None), due)
        .where(Need.status == "open", Need.text != "", Need.email != "", Need.email_verified_at.is_not(None))
        .where(Need.kept_until >= today(), Need.suspect.is_(False))
        .order_by(Lead.id)
    )
    return sum(_remind(lead) for lead in db.session.scalars(standing).all())


def _remind(lead: Lead) -> bool:
    day = stage_due(lead)
    if not day:
        return False
    began = lead.extended_at or lead.opened_at
    occasion = f"day-{day}-{began:%Y%m%d%H%M}"
    words = {"until": day_words(lead.expires_at), "replies": str(len(lead.replies) or "none")}
    if not tell_employer(lead.need, occasion, MAILS[day], **words):
        return False
    lead.stage_told = day
    return True
