"""What a file would change, shown before anything is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from skillsmatch.extensions import db
from skillsmatch.offers.checking import CheckedFile, Progress, check_file
from skillsmatch.offers.comparing import (
    CHANGED,
    NEW,
    Comparison,
    FieldChange,
    LoadReport,
    compare,
    differences,
)
from skillsmatch.offers.formats import OpenFile
from skillsmatch.offers.loading import exact_point, file_context, refuse_one_for_all
from skillsmatch.offers.models import Offer
from skillsmatch.offers.records import RowError
from skillsmatch.offers.tables import Read

MOST_LISTED = 50  # records of each sort; the rest are counted


@dataclass(frozen=True, slots=True)
class Listed:
    """One record that a load would change. `row` is 0 for an offer that the file does not name."""

    row: int
    title: str
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What a load would do, and the first of each sort by name."""

    report: LoadReport
    new: Sequence[Listed]
    changed: Sequence[Listed]
    gone: Sequence[Listed]


def preview_load(
    path: Path,
    *,
    complete: bool = False,
    area_only: bool = False,
    ukprn: int | None = None,
    everyone: bool = False,
    progress: Progress | None = None,
    on_row: Callable[[OpenFile, Read, list[RowError]], None] | None = None,
) -> Preview:
    """What `load_offers` would do with the same file and wishes. Nothing is written; refuses what it refuses."""
    area = current_app.extensions["area"] if area_only else None
    context = file_context(ukprn)
    checked = check_file(
        path, context, complete=complete, area=area, exact=exact_point, progress=progress, on_row=on_row
    )
    try:
        found = compare(checked)
        if complete:
            refuse_one_for_all(checked, found, everyone)
        return preview_of(checked, found, complete=complete)
    finally:
        checked.close()
        db.session.rollback()


def preview_of(checked: CheckedFile, found: Comparison, *, complete: bool) -> Preview:
    """The same of a file that has been checked and compared."""
    gone = found.gone if complete else []
    return Preview(
        report=found.report(checked, len(gone), found.spared if complete else 0),
        new=_listed(checked, found, NEW),
        changed=_listed(checked, found, CHANGED),
        gone=[Listed(0, title) for title in _titles(gone[:MOST_LISTED])],
    )


def _listed(checked: CheckedFile, found: Comparison, state: int) -> list[Listed]:
    places = [place for place, its in enumerate(found.states) if its == state][:MOST_LISTED]
    listed = []
    for place in places:
        values = checked.values(place)
        id = found.ids[place]
        changes = tuple(differences(values, checked.form.makes, id)) if id else ()
        listed.append(Listed(checked.row(place), values.get("title") or values["name"], changes))
    return listed


def _titles(ids: Sequence[int]) -> list[str]:
    return [offer.title for id in ids if (offer := db.session.get(Offer, id)) is not None]
