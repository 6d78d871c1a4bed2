"""The need behind a number: its words with personal data hidden, and what may be seen of who wrote it."""

from __future__ import annotations

from sqlalchemy import select

from skillsmatch.accounts import audit
from skillsmatch.cases.models import FiledNeed
from skillsmatch.cases.redaction import redact
from skillsmatch.extensions import db
from skillsmatch.leads.consent import is_shared
from skillsmatch.leads.models import Lead
from skillsmatch.leads.seeing import is_live
from skillsmatch.needs.models import Facet, Need, is_here


class NoContact(LookupError):
    """There are no contact details that an officer may see; the words say why."""


def filed(name: str) -> FiledNeed | None:
    """The need that officers know by this name; an invented one in a demonstration only."""
    known = select(FiledNeed).join(FiledNeed.need).where(FiledNeed.name == name, is_here())
    return db.session.scalar(known)


def filed_names(needs: list[int]) -> dict[int, str]:
    """The names by which officers know these needs, by number."""
    query = select(FiledNeed.need_id, FiledNeed.name).where(FiledNeed.need_id.in_(needs))
    return dict(db.session.execute(query).tuples().all())


def hidden_words(need: Need, text: str) -> str:
    """Words of this need as an officer reads them."""
    return redact(text, need.business_name).text


def facet_words(facet: Facet) -> str:
    """A facet's words as an officer reads them."""
    return hidden_words(facet.need, facet.text) or "Words no longer kept"


def note_original(need: FiledNeed) -> None:
    """The audit log says who read the words as they were written. Nothing of the words goes into it."""
    audit.note("original words read", f"need {need.name}")


def may_contact(need: Need) -> bool:
    """Whether its employer agreed, and agrees still, that its contact details are shown: asked anew each time.

    As for a college: the e-mail is confirmed, a consent to share stands, and its twelve weeks are not over.
    """
    live = db.session.scalar(select(Lead.id).join(Lead.need).where(Need.id == need.id, is_live()))
    return live is not None and is_shared(need)


def note_contact(need: FiledNeed) -> None:
    """The audit log says who read the contact details. Refused (NoContact) where no consent stands."""
    if not may_contact(need.need):
        raise NoContact("The employer does not share its contact details now, so they are not shown")
    audit.note("contact of need read", f"need {need.name}")
