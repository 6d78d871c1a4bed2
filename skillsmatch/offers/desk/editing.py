"""Offers changed by hand: added, edited, withdrawn and brought back, each by one save that nobody else's undoes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app
from sqlalchemy import select

from skillsmatch import clock
from skillsmatch.accounts import audit
from skillsmatch.area.areas import Area
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.offers.catalogue import hold_catalogue, note_change
from skillsmatch.offers.comparing import FieldChange, differences
from skillsmatch.offers.desk.form_format import DESK_SOURCE, answers_of, as_change
from skillsmatch.offers.desk.models import OfferDraft
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.offers.records import CourseRow, reference_of
from skillsmatch.offers.writing import AS_THEY_ARE, Writer

TOKEN = re.compile(r"[\w-]{16,40}")
BY_FORM = frozenset(AS_THEY_ARE) - {
    "reference",
    "demonstration",
}  # what the form says; the rest stays as it is


class Moved(Exception):
    """Somebody else has changed it since it was opened. Nothing was saved; `offer` is as it stands now."""

    def __init__(self, offer: Offer) -> None:
        super().__init__()
        self.offer = offer


@dataclass(frozen=True)
class Origin:
    """Where the words in a form came from, so that they are saved in the right place and once."""

    offer: int | None = None  # the offer that is changed; None for a new one
    seen: str = ""  # its mark when the form was opened
    token: str = ""  # of the form, for a new offer
    draft: int | None = None  # the draft that ends with this


def new_token() -> str:
    """A form's own token: what is sent twice with it is kept once."""
    return secrets.token_urlsafe(16)


def mark(offer: Offer) -> str:
    """A mark that changes whenever somebody changes the offer."""
    return f"{offer.digest}{'-' if offer.withdrawn_at else '+'}"


def find_offer(provider: Provider | None, number: int) -> Offer | None:
    """The provider's offer with this number, withdrawn ones too; None for another's."""
    if provider is None:
        return None
    return db.session.scalar(select(Offer).where(Offer.id == number, Offer.provider_id == provider.id))


def save_offer(record: CourseRow, provider: Provider, origin: Origin) -> int:
    """The id of the offer that now says what `record` says, and is on offer and confirmed by that.

    The same form sent twice makes one offer. Raises Moved where somebody has changed it since.
    """
    number, name = provider.id, provider.name

    def save() -> int:
        hold_catalogue()
        standing = _standing(number, origin, record.ukprn)
        if standing is None:
            return _write(replace(record, ref=_reference(record.ukprn, origin.token)), None, name, origin)
        change = _as_change(record, standing)
        if change.digest == standing.digest and standing.withdrawn_at is None:
            _end_draft(origin)
            return standing.id  # sent twice, or nothing changed
        if mark(standing) != origin.seen:
            raise Moved(standing)
        return _write(record, standing, name, origin)

    return keep(save)


def _standing(provider: int, origin: Origin, ukprn: int) -> Offer | None:
    wanted = select(Offer).where(Offer.provider_id == provider).with_for_update()
    if origin.offer is not None:
        return db.session.scalars(wanted.where(Offer.id == origin.offer)).one()
    reference = _reference(ukprn, origin.token)
    return db.session.scalar(wanted.where(Offer.source == DESK_SOURCE, Offer.source_ref == reference))


def _reference(ukprn: int, token: str) -> str:
    return reference_of(str(ukprn), token if TOKEN.fullmatch(token) else new_token())


def _as_change(record: CourseRow, standing: Offer) -> Any:
    """The record with what the form does not say of it, as it stands."""
    kept: dict[str, Any] = {name: getattr(standing, name) for name in AS_THEY_ARE if name not in BY_FORM}
    if record.standard_ref and record.standard_ref == standing.standard_ref:
        kept["lars_ref"] = standing.lars_ref  # a standard has a code of its own besides
    updated = standing.source_updated.isoformat() if standing.source_updated else ""
    whole = replace(
        record, ref=standing.source_ref, max_funding=standing.max_funding, source_updated=updated, **kept
    )
    return as_change(whole, standing.id)


def _write(record: CourseRow, standing: Offer | None, provider: str, origin: Origin) -> int:
    area: Area = current_app.extensions["area"]
    moment, day = clock.now(), clock.today()
    change = as_change(record) if standing is None else _as_change(record, standing)
    source = DESK_SOURCE if standing is None else standing.source
    facts: dict[str, Any] = {}
    if standing is not None:
        facts["fields"] = [c.name for c in differences(change.course, "course", standing.id)]
    Writer(source, area, day, moment).write([change])
    db.session.expire_all()
    wanted = select(Offer).where(Offer.source == source, Offer.source_ref == change.course["ref"])
    offer = db.session.scalars(wanted).one()
    offer.confirmed_on, offer.confirmed_by, offer.desk_at = day, provider[:120], moment
    _end_draft(origin)
    note_change()
    audit.note("offer added" if standing is None else "offer changed", f"offer {offer.id}", **facts)
    return offer.id


def _end_draft(origin: Origin) -> None:
    draft = db.session.get(OfferDraft, origin.draft) if origin.draft is not None else None
    if draft is not None:
        db.session.delete(draft)


def withdraw(offer: Offer) -> None:
    """The offer is no longer on offer; withdrawn already, it stays so."""
    _set_standing(offer.id, "offer withdrawn", withdrawn=True)


def bring_back(offer: Offer) -> None:
    """The offer is on offer again."""
    _set_standing(offer.id, "offer brought back", withdrawn=False)


def _set_standing(number: int, action: str, *, withdrawn: bool) -> None:
    def work() -> None:
        hold_catalogue()
        offer = db.session.get_one(Offer, number, with_for_update=True)
        if (offer.withdrawn_at is not None) == withdrawn:
            return
        moment = clock.now()
        offer.withdrawn_at = moment if withdrawn else None
        offer.changed_at = offer.desk_at = moment
        if not withdrawn:
            offer.confirmed_on, offer.confirmed_by = clock.today(), offer.provider.name[:120]
        note_change()
        audit.note(action, f"offer {number}", title=offer.title)

    keep(work)


def both_versions(offer: Offer, typed: Mapping[str, str]) -> list[FieldChange]:
    """Box by box, what stands now beside what was typed, where the two differ."""
    return [
        FieldChange(name, now, typed.get(name, ""))
        for name, now in answers_of(offer).items()
        if _plain(now) != _plain(typed.get(name, ""))
    ]


def _plain(text: str) -> str:
    return " ".join(text.split())
