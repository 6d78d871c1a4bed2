"""Emptying what an employer wrote: when they withdraw, and when its time is over. The codes stay."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from skillsmatch.clock import now, today
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.models import Correction, Need, NeedMatch
from skillsmatch.needs.moments import let_take_part, when_forgotten

QUOTED = ("text", "facet", "place")  # corrections that hold the employer's own words


def forget(need: Need) -> None:
    """The need holds no words, contact or place any more, nor does what was shown for it, nor its mails."""
    let_take_part(when_forgotten, need)
    need.text = need.email = need.business_name = need.payload_digest = need.outcode = need.place = ""
    need.email_verified_at = need.verify_digest = need.verify_until = None
    need.lat = need.lon = None
    need.changed_at = now()
    for facet in need.facets:
        facet.text = facet.employer_words = ""
        for match in facet.matches:
            _forget_match(match)
    corrections = update(Correction).where(Correction.need_id == need.id, Correction.field.in_(QUOTED))
    db.session.execute(corrections.values(before=None, after=None))
    mails = delete(MailMessage).where(
        MailMessage.key.startswith(f"verify-{need.reference}-", autoescape=True)
    )
    db.session.execute(mails)


def _forget_match(match: NeedMatch) -> None:
    """The evidence quotes the employer, and its distances tell a place."""
    wordless: dict[str, list[str]] = {"matched": [], "missing": [], "gaps": []}
    match.evidence = match.evidence | wordless | {"distance_km": None}
    match.shown = match.shown | wordless | {"place_words": match.shown.get("town", "")}


def forget_old() -> int:
    """Forgets the needs whose time is over; returns how many."""

    def forget_them() -> int:
        old = db.session.scalars(select(Need).where(Need.kept_until < today(), Need.text != "")).all()
        for need in old:
            forget(need)
            need.manage_digest = None
        return len(old)

    return keep(forget_them)
