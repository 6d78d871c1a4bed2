"""What goes from cases with a need's words: later fits, our mails about it, and officers' notes about that one need."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from skillsmatch.cases.case_models import Case, CaseNote
from skillsmatch.cases.fit_models import FitMail, NewFit
from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.models import Need
from skillsmatch.needs.moments import taking_part, when_forgotten


@taking_part(when_forgotten)
def end_with_the_need(need: Need) -> None:
    """No later fit stands, no mail waits, and notes in a case about this need alone are empty. Codes stay."""
    db.session.execute(delete(NewFit).where(NewFit.facet_id.in_([facet.id for facet in need.facets])))
    waiting = update(FitMail).where(FitMail.need_id == need.id, FitMail.posted_at.is_(None))
    db.session.execute(waiting.values(dropped_at=now()))
    about = select(Case.id).where(Case.need_id == need.id)
    db.session.execute(update(CaseNote).where(CaseNote.case_id.in_(about)).values(words=""))
    mails = delete(MailMessage).where(MailMessage.key.startswith(f"fits-{need.reference}-", autoescape=True))
    db.session.execute(mails)
