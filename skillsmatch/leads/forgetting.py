"""A lead follows its need: it begins when the e-mail is verified, and is closed and emptied with the need's words."""

from __future__ import annotations

from sqlalchemy import delete, update

from skillsmatch.extensions import db
from skillsmatch.leads.consent import is_shared, stop
from skillsmatch.leads.models import LeadReply
from skillsmatch.leads.opening import lead_of, open_lead
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.models import Need
from skillsmatch.needs.moments import taking_part, when_forgotten, when_verified


@taking_part(when_verified)
def begin_with_the_need(need: Need) -> None:
    """What was agreed to before the e-mail was verified is shared from now on."""
    if is_shared(need):
        open_lead(need)


@taking_part(when_forgotten)
def end_with_the_need(need: Need) -> None:
    """No consent stands any more; what colleges wrote to the employer is emptied, and our mails about it are gone."""
    stop(need, "withdrawn")
    lead = lead_of(need)
    if lead is not None:
        replies = update(LeadReply).where(LeadReply.lead_id == lead.id)
        db.session.execute(replies.values(words="", reach=""))
    mails = delete(MailMessage).where(MailMessage.key.startswith(f"lead-{need.reference}-", autoescape=True))
    db.session.execute(mails)
