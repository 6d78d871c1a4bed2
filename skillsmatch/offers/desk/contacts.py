"""How a provider is reached: what everybody sees, and where enquiries go."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from skillsmatch.accounts import audit
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.offers.catalogue import note_change
from skillsmatch.offers.models import Provider

KEPT = ("contact", "email", "phone", "website", "enquiry_email")


class ContactsMoved(Exception):
    """A colleague has changed them since the form was opened. Nothing was saved."""


def mark(provider: Provider) -> str:
    """A mark that changes whenever somebody changes the contacts."""
    return blake2b(repr([getattr(provider, name) for name in KEPT]).encode(), digest_size=16).hexdigest()


def save_contacts(provider: Provider, answers: Mapping[str, str], seen: str) -> None:
    """Afterwards the provider is reached as these answers say. Raises ContactsMoved."""
    number = provider.id

    def save() -> None:
        held = db.session.get_one(Provider, number, with_for_update=True, populate_existing=True)
        changed = [name for name in KEPT if getattr(held, name) != answers[name]]
        if not changed:
            return
        if mark(held) != seen:
            raise ContactsMoved
        for name in changed:
            setattr(held, name, answers[name])
        note_change()
        audit.note("contacts changed", f"provider {held.ukprn}", fields=changed)

    keep(save)
