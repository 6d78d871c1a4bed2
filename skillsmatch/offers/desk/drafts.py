"""Drafts: what somebody has typed of an offer and not finished. Only people of its provider see one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from skillsmatch import clock
from skillsmatch.accounts import audit
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.offers.desk.models import OfferDraft
from skillsmatch.offers.models import Provider

LONGEST_ANSWER = 20_000  # characters of one box; more is somebody's whole file


class DraftMoved(Exception):
    """A colleague has saved the draft since it was opened. Nothing was saved; `draft` is as it stands now."""

    def __init__(self, draft: OfferDraft) -> None:
        super().__init__()
        self.draft = draft


def save_draft(
    answers: Mapping[str, str],
    provider: Provider,
    *,
    token: str,
    offer: int | None = None,
    draft: int | None = None,
    seen: int = 0,
    by: str,
) -> int:
    """The id of the draft that now holds the answers as typed. The same form sent twice is one draft.

    Raises DraftMoved where a colleague has saved that draft since it was opened.
    """
    number = provider.id
    plain = {name: text[:LONGEST_ANSWER] for name, text in answers.items()}

    def save() -> int:
        mine = select(OfferDraft).where(OfferDraft.provider_id == number).with_for_update()
        which = OfferDraft.id == draft if draft is not None else OfferDraft.token == token
        found = db.session.scalar(mine.where(which))
        if found is None:
            found = OfferDraft(provider_id=number, offer_id=offer, token=token, saves=0, answers={})
            db.session.add(found)
        elif found.answers == plain:
            return found.id
        elif found.saves != seen:
            raise DraftMoved(found)
        found.answers, found.saves = plain, found.saves + 1
        found.saved_by, found.saved_at = by, clock.now()
        db.session.flush()
        audit.note("draft saved", f"draft {found.id}")
        return found.id

    return keep(save)


def drop_draft(draft: OfferDraft) -> None:
    """The draft is gone."""
    number = draft.id

    def drop() -> None:
        found = db.session.get(OfferDraft, number, with_for_update=True)
        if found is not None:
            db.session.delete(found)
            audit.note("draft dropped", f"draft {number}")

    keep(drop)


def find_draft(provider: Provider | None, number: int) -> OfferDraft | None:
    """The provider's draft with this number; None for another's."""
    if provider is None:
        return None
    wanted = select(OfferDraft).where(OfferDraft.id == number, OfferDraft.provider_id == provider.id)
    return db.session.scalar(wanted)


def drafts_of(provider: Provider | None) -> Sequence[OfferDraft]:
    """The provider's drafts, the last saved first."""
    if provider is None:
        return []
    wanted = select(OfferDraft).where(OfferDraft.provider_id == provider.id)
    return db.session.scalars(wanted.order_by(OfferDraft.saved_at.desc(), OfferDraft.id.desc())).all()
