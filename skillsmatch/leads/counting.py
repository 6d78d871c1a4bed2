"""How many leads there are and how they fare: counts for the Chamber, of needs whose employers agreed to share them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.leads.models import Consent, Lead, LeadReply
from skillsmatch.leads.seeing import is_live

LONG = timedelta(days=14)  # without any reply; an employer has given up by then


@dataclass(frozen=True, slots=True)
class Counts:
    """Leads and replies, now."""

    open: int
    answered: int  # with one reply or more
    long_waiting: int  # older than LONG, without any
    pooled: int
    replies: dict[str, int]  # by kind, of the open leads
    reasons: dict[str, int]  # why providers cannot help, of the open leads, the commonest first


def counts_now() -> Counts:
    """The counts at this moment."""
    live = dict(
        db.session.execute(select(Lead.id, Lead.opened_at).join(Lead.need).where(is_live())).tuples().all()
    )
    replies = (
        select(LeadReply.lead_id, LeadReply.kind, LeadReply.reason)
        .join(LeadReply.lead)
        .join(Lead.need)
        .where(is_live())
    )
    rows = db.session.execute(replies).all()
    answered = {row.lead_id for row in rows}
    before = now() - LONG
    pooled = (
        select(func.count(Lead.id.distinct()))
        .join(Lead.need)
        .join(Consent, Consent.need_id == Lead.need_id)
        .where(is_live(), Consent.purpose == "pool", Consent.withdrawn_at.is_(None))
    )
    return Counts(
        open=len(live),
        answered=len(answered),
        long_waiting=sum(
            opened <= before for number, opened in live.items() if opened and number not in answered
        ),
        pooled=db.session.scalar(pooled) or 0,
        replies=dict(Counter(row.kind for row in rows)),
        reasons=dict(Counter(row.reason for row in rows if row.reason).most_common()),
    )
