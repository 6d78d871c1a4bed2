"""What a provider's file would change, as its page shows it, and the mark by which a later change is noticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import func, select

from skillsmatch.extensions import db
from skillsmatch.offers.checking import CheckedFile
from skillsmatch.offers.comparing import NEW, Comparison, FieldChange, LoadReport, compare
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.previewing import Listed, preview_of

WORDS = {  # the fields of an offer or venue, as a page names them
    "on offer": "On offer",
    "who for": "Who it is for",
    "what learned": "What people learn",
    "how taught": "How people learn",
    "bring": "What to bring",
    "where next": "What it can lead to",
    "entry requirements": "What you need to start",
    "assessment": "How it is assessed",
    "route": "Subject",
    "mode": "How it is taught",
    "attendance": "When",
    "study mode": "How much of the week",
    "start dates": "Start dates",
    "flexible start": "Can start at any time",
    "duration value": "Length",
    "duration unit": "Unit of length",
    "cost": "Price in pounds",
    "cost description": "About the price",
    "max funding": "Most that is funded",
    "lars ref": "Learning aim",
    "standard ref": "Standard",
    "url": "Web page",
    "venue_name": "Venue",
    "venue_id": "Venue",
    "lat": "Latitude",
    "lon": "Longitude",
    "source updated": "Changed in its source on",
}


def field_words(name: str) -> str:
    """A field's name in words: "What it can lead to" for "where next"."""
    plain = name.replace("_", " ")
    return WORDS.get(name) or WORDS.get(plain) or plain[:1].upper() + plain[1:]


@dataclass(frozen=True)
class Difference:
    """A file beside the provider's own part of the catalogue. `mark` changes when either does."""

    report: LoadReport
    new: Sequence[Listed]
    changed: Sequence[Listed]
    gone: Sequence[Listed]
    doubles: int  # offers of this provider that came another way and have the name of one that is new here
    mark: str

    @property
    def changes_nothing(self) -> bool:
        """True where everything in the file is on offer as it stands."""
        return not self.report.made_a_change


def difference_of(checked: CheckedFile, provider: Provider | None, *, whole: bool) -> Difference:
    """What publishing the checked file would change now."""
    found = compare(checked, own=True)
    preview = preview_of(checked, found, complete=whole)
    return Difference(
        report=preview.report,
        new=preview.new,
        changed=[_named(one) for one in preview.changed],
        gone=preview.gone,
        doubles=_doubles(checked, found, provider),
        mark=mark_of(checked, provider),
    )


def mark_of(checked: CheckedFile, provider: Provider | None) -> str:
    """A mark of the file's records and of what the provider has: its offers from such files, and its venues."""
    mark = blake2b(digest_size=16)
    for place in range(len(checked)):
        mark.update(checked.digest(place).encode())
    if provider is not None:
        held = select(Offer.id, Offer.digest, Offer.withdrawn_at).order_by(Offer.id)
        held = held.where(Offer.provider_id == provider.id, Offer.source == checked.form.source)
        venues = select(Venue.__table__).where(Venue.provider_id == provider.id).order_by(Venue.id)
        for rows in (db.session.execute(held), db.session.execute(venues)):
            for row in rows:
                mark.update(repr(tuple(row)).encode())
    return mark.hexdigest()


def _named(listed: Listed) -> Listed:
    changes = tuple(FieldChange(field_words(c.name), c.before, c.after) for c in listed.changes)
    return Listed(listed.row, listed.title, changes)


def _doubles(checked: CheckedFile, found: Comparison, provider: Provider | None) -> int:
    if provider is None or checked.form.makes != "course":
        return 0
    new = {_title(checked.values(p)) for p, state in enumerate(found.states) if state == NEW}
    others = select(func.lower(Offer.title)).where(
        Offer.provider_id == provider.id, Offer.source != checked.form.source, Offer.withdrawn_at.is_(None)
    )
    return sum(title in new for title in db.session.scalars(others)) if new else 0


def _title(values: Mapping[str, str]) -> str:
    return values["title"].lower()
