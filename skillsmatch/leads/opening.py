"""A lead's life: it opens when its employer's e-mail is verified, lasts 12 weeks, is extended, and ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.leads.models import Lead
from skillsmatch.needs.models import Need

LASTS = timedelta(weeks=12)  # as long as the national employer demand service showed a demand


def lead_of(need: Need) -> Lead | None:
    """The need's lead, open or not."""
    return db.session.scalar(select(Lead).where(Lead.need_id == need.id))


def open_lead(need: Need) -> Lead:
    """The need's lead; its 12 weeks begin now if the e-mail is verified, and otherwise when it is.

    One that was stopped, or had run out, begins anew.
    """
    lead = lead_of(need)
    if lead is None:
        lead = Lead(need_id=need.id)
        db.session.add(lead)
    over = lead.closed_at is not None or (lead.expires_at is not None and lead.expires_at <= now())
    if over:
        lead.closed_at, lead.closed_why = None, ""
        lead.opened_at = lead.expires_at = None
    if lead.opened_at is None and need.email_verified_at is not None:
        begin(lead)
    db.session.flush()
    return lead


def begin(lead: Lead) -> None:
    """The lead's 12 weeks begin now."""
    lead.opened_at = now()
    lead.expires_at = lead.opened_at + LASTS
    lead.extended_at, lead.stage_told = None, 0


def extend_lead(lead: Lead) -> None:
    """Another 12 weeks from now, even after it has run out. A lead that was stopped stays stopped."""
    if lead.closed_at is None and lead.opened_at is not None:
        lead.extended_at = now()
        lead.expires_at = lead.extended_at + LASTS
        lead.stage_told = 0


def close_lead(need: Need, why: str) -> None:
    """Nobody sees the lead any more. What was replied is kept as long as the need's words are."""
    lead = lead_of(need)
    if lead is not None and lead.closed_at is None:
        lead.closed_at, lead.closed_why = now(), why
