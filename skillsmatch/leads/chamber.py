"""The Chamber's own consent: that it may see who said a need, and write about it. Colleges have no part in it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, select, update

from skillsmatch.clock import now, today
from skillsmatch.extensions import db
from skillsmatch.leads.consent import ConsentRefused
from skillsmatch.leads.models import ChamberConsent
from skillsmatch.leads.wording import CHAMBER_PRESENT
from skillsmatch.needs.models import Need, is_here
from skillsmatch.needs.moments import taking_part, when_forgotten


def chamber_consent(need: Need) -> ChamberConsent | None:
    """The consent to the Chamber that stands now, if one does."""
    standing = select(ChamberConsent).where(
        ChamberConsent.need_id == need.id, ChamberConsent.withdrawn_at.is_(None)
    )
    return db.session.scalar(standing)


def agree_to_chamber(need: Need, chamber: str) -> None:
    """Its employer has ticked the box that names `chamber`, in the words of today; ticked already, it stays as it is.

    Refused (ConsentRefused) for a need that was withdrawn or whose words are gone.
    """
    db.session.refresh(need, with_for_update=True)  # two forms at one moment go one after the other
    if not need.is_open or not need.text:
        raise ConsentRefused("This need is no longer on record, so there is nothing to share")
    if chamber_consent(need) is None:
        db.session.add(
            ChamberConsent(need_id=need.id, chamber=chamber, wording=CHAMBER_PRESENT, given_at=now())
        )
        db.session.flush()


@taking_part(when_forgotten)
def end_chamber(need: Need) -> None:
    """The Chamber sees nothing of who said this need any more. Done again, nothing changes."""
    standing = update(ChamberConsent).where(
        ChamberConsent.need_id == need.id, ChamberConsent.withdrawn_at.is_(None)
    )
    db.session.execute(standing.values(withdrawn_at=now()))


def chamber_may_write() -> ColumnElement[bool]:
    """True of a need whose employer lets the Chamber write to it now.

    The box is ticked, the e-mail confirmed, and the need open, its time not over. It is asked anew each time.
    """
    return and_(
        exists().where(ChamberConsent.need_id == Need.id, ChamberConsent.withdrawn_at.is_(None)),
        Need.status == "open",
        Need.text != "",
        Need.email != "",
        Need.email_verified_at.is_not(None),
        Need.suspect.is_(False),
        Need.kept_until >= today(),
        is_here(),
    )
