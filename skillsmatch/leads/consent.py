"""Giving and withdrawing consent. Every box is a row of its own; a row is closed and never changed otherwise."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update

from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.leads.models import Consent
from skillsmatch.leads.opening import close_lead, open_lead
from skillsmatch.leads.wording import PRESENT
from skillsmatch.needs.models import Need


class ConsentRefused(ValueError):
    """The box makes no sense as things stand; the words say why."""


def live_consents(need: Need) -> list[Consent]:
    """The consents of this need that stand now, as they were given."""
    asked = select(Consent).where(Consent.need_id == need.id, Consent.withdrawn_at.is_(None))
    return list(db.session.scalars(asked.order_by(Consent.id)))


def is_shared(need: Need) -> bool:
    """Whether its employer lets anybody see it, once the e-mail is verified."""
    return any(c.purpose == "share" for c in live_consents(need))


def give(need: Need, *, named: Iterable[int] = (), nearby: bool = False, pool: bool = False) -> list[Consent]:
    """The new consents, one row for each box; what stands already is not given twice. Opens the lead.

    Refused (ConsentRefused) for a need that was withdrawn or whose words are gone; for all nearby where the
    place is not known; and for pooling where nobody may see the need, because a group is shown to nobody else.
    """
    db.session.refresh(need, with_for_update=True)  # two forms at one moment go one after the other
    if not need.is_open or not need.text:
        raise ConsentRefused("This need is no longer on record, so there is nothing to share")
    if (nearby or pool) and need.lat is None:
        raise ConsentRefused("Say where you are first: without a place we cannot tell who is near")
    standing = {(c.purpose, c.recipients, c.ukprn) for c in live_consents(need)}
    asked = [("share", "named", ukprn) for ukprn in sorted(set(named))]
    asked += [("share", "nearby", 0)] if nearby else []
    if pool and not asked and not any(purpose == "share" for purpose, _, _ in standing):
        raise ConsentRefused("Choose who may see your need as well: a group is shown only to them")
    asked += [("pool", "chosen", 0)] if pool else []
    given = [_row(need, *box) for box in asked if box not in standing]
    db.session.add_all(given)
    db.session.flush()
    if given:
        open_lead(need)
    return given


def _row(need: Need, purpose: str, recipients: str, ukprn: int) -> Consent:
    return Consent(
        need_id=need.id,
        purpose=purpose,
        recipients=recipients,
        ukprn=ukprn,
        wording=PRESENT,
        given_at=now(),
    )


def withdraw_consent(need: Need, number: int) -> bool:
    """Withdraws one consent of this need, which hides at once; False where the need has no such live consent.

    With the last sharing the lead is over, and pooling with it: nobody is left to show a group to.
    """
    row = db.session.scalar(
        select(Consent).where(
            Consent.id == number, Consent.need_id == need.id, Consent.withdrawn_at.is_(None)
        )
    )
    if row is None:
        return False
    row.withdrawn_at = now()
    db.session.flush()
    if row.purpose == "share" and not is_shared(need):
        stop(need)
    return True


def stop(need: Need, why: str = "stopped") -> None:
    """Withdraws every consent of this need and closes its lead."""
    standing = update(Consent).where(Consent.need_id == need.id, Consent.withdrawn_at.is_(None))
    db.session.execute(standing.values(withdrawn_at=now()))
    close_lead(need, why)
