"""The need behind a number: its words with personal data hidden, and what may be seen of who wrote it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, exists, or_, select

from skillsmatch.accounts import audit
from skillsmatch.cases.models import FiledNeed, GroupedFacet
from skillsmatch.cases.redaction import redact
from skillsmatch.extensions import db
from skillsmatch.leads.chamber import chamber_may_write
from skillsmatch.leads.models import Consent, Lead
from skillsmatch.leads.seeing import is_live
from skillsmatch.needs.models import Facet, Need, is_here

AT_ONCE = 500  # needs named in one statement
BY_CHAMBER, BY_SHARING = "chamber", "shared"  # to what its employer agreed


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


def is_shared_now() -> ColumnElement[bool]:
    """True of a need that its employer shares with a college or provider, as a college would see it.

    The e-mail is confirmed, a consent to share stands, and its twelve weeks are not over.
    """
    sharing = and_(Consent.need_id == Need.id, Consent.purpose == "share", Consent.withdrawn_at.is_(None))
    return and_(exists().where(sharing), exists().where(Lead.need_id == Need.id, is_live()))


def may_be_contacted() -> ColumnElement[bool]:
    """True of a need whose contact details an officer may see now, by either consent."""
    return or_(chamber_may_write(), is_shared_now())


def contacts_of(needs: Iterable[int]) -> dict[int, str]:
    """Of these needs those whose contact details may be seen, with what their employers agreed to.

    Asked anew each time. The Chamber's own consent goes before that to share with colleges, which ends after
    twelve weeks.
    """
    numbers, found = list(needs), dict[int, str]()
    for start in range(0, len(numbers), AT_ONCE):
        some = Need.id.in_(numbers[start : start + AT_ONCE])
        for why, agreed in ((BY_SHARING, is_shared_now()), (BY_CHAMBER, chamber_may_write())):
            found |= dict.fromkeys(db.session.scalars(select(Need.id).where(some, agreed)), why)
    return found


def reachable_facets(groups: Iterable[int]) -> dict[int, set[int]]:
    """By group, the facets whose employer's contact details an officer may see now."""
    query = select(GroupedFacet.group_id, Facet.id).join(GroupedFacet.facet).join(Facet.need)
    found: dict[int, set[int]] = {}
    for group, facet in db.session.execute(
        query.where(GroupedFacet.group_id.in_(list(groups)), may_be_contacted())
    ).tuples():
        found.setdefault(group, set()).add(facet)
    return found


def note_contact(need: FiledNeed) -> None:
    """The audit log says who read the contact details, and by which consent. Refused (NoContact) where none stands."""
    by = contacts_of([need.need_id]).get(need.need_id)
    if by is None:
        raise NoContact("The employer does not share its contact details now, so they are not shown")
    audit.note("contact of need read", f"need {need.name}", consent=by)
