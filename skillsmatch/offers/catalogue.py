"""The catalogue's one number: it grows with every change, so that the search index knows when it has fallen behind."""

from __future__ import annotations

from sqlalchemy import select

from skillsmatch import clock
from skillsmatch.extensions import db
from skillsmatch.offers.models import Catalogue


def hold_catalogue() -> Catalogue:
    """The one row, held until the commit, so that two writers on PostgreSQL go one after the other."""
    found = db.session.get(Catalogue, 1, with_for_update=True)
    if found is None:
        found = Catalogue(id=1, number=0, last_load={})
        db.session.add(found)
        db.session.flush()
    return found


def note_change() -> None:
    """Says, in the caller's transaction, that something readers see has changed; the index follows within seconds."""
    catalogue = hold_catalogue()
    catalogue.number += 1
    catalogue.changed_at = clock.now()


def catalogue_number() -> int:
    """The number of now; 0 before the first change."""
    return db.session.scalar(select(Catalogue.number)) or 0
