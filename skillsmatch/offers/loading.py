"""Taking a course file into the catalogue: all of it or none of it, and only what has changed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

from flask import current_app
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from skillsmatch import clock
from skillsmatch.area.areas import Area
from skillsmatch.area.models import PostcodePoint
from skillsmatch.area.places import Point
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import db
from skillsmatch.offers.catalogue import hold_catalogue
from skillsmatch.offers.checking import CheckedFile, Progress, Refused, WrongUse, check_file, chunks
from skillsmatch.offers.comparing import CHANGED, NEW, LoadReport, compare
from skillsmatch.offers.models import Offer
from skillsmatch.offers.standing import known_standards
from skillsmatch.offers.tables import Context
from skillsmatch.offers.writing import Change, Writer, place_exactly
from skillsmatch.offers.writing_lists import ListWriter, known_venues

__all__ = ["LoadReport", "Refused", "WrongUse", "load_offers"]

log = logging.getLogger(__name__)
BATCH = 500  # offers written at once; SQLite's oldest limit on values in one statement is 999


def load_offers(
    path: Path,
    *,
    complete: bool = False,
    area_only: bool = False,
    ukprn: int | None = None,
    progress: Progress | None = None,
) -> LoadReport:
    """Takes what a file of a known format holds into the catalogue; renews the search index.

    Afterwards each course of the file is an offer that says what the file says, save those that their provider
    has changed at its desk since its own last upload: they are left alone. With `complete`, every other
    offer of this format is withdrawn, or with `ukprn` every other one of that provider. With `area_only`,
    courses outside the area are left out. The same file again changes nothing. Raises Refused, the catalogue
    being as it was, where anything in the file is wrong; WrongUse where the format names no provider and
    `ukprn` is not given, or where `complete` makes no sense for it; NotSaved where the database did not answer.
    """
    area: Area = current_app.extensions["area"]
    context = file_context(ukprn)
    checked = check_file(
        path,
        context,
        complete=complete,
        area=area if area_only else None,
        exact=exact_point,
        progress=progress,
    )
    try:
        report = keep(lambda: _write(checked, path.name, area, context.today, complete, progress))
    except IntegrityError as error:
        # Another load that ran at the same moment has put the same keys there.
        log.warning("not saved: %s", error.orig)
        raise NotSaved from error
    finally:
        checked.close()
    return _index(report, progress)


def _index(report: LoadReport, progress: Progress | None) -> LoadReport:
    from skillsmatch.offers.indexing import build_index, index_is_stale

    try:
        if report.made_a_change or index_is_stale():
            if progress is not None:
                progress("Building the search index", 0, 0)
            build_index()
    except Exception as error:  # the offers are safe by now, so whatever went wrong must not say otherwise
        log.exception("the search index was not built")
        return replace(report, index_problem=f"{type(error).__name__}: {error}")
    return report


def file_context(ukprn: int | None) -> Context:
    """What a file loaded now is checked against."""
    return Context(clock.today(), ukprn, venues=cache(known_venues), standards=cache(known_standards))


def exact_point(postcode: str) -> Point | None:
    """Where a full postcode lies, if the operator has loaded it."""
    found = db.session.get(PostcodePoint, postcode)
    return (found.lat, found.lon, found.district or None) if found else None


def _write(
    checked: CheckedFile, name: str, area: Area, today: date, complete: bool, progress: Progress | None
) -> LoadReport:
    """Puts the checked records into the tables, inside the caller's transaction."""
    now = clock.now()
    catalogue = hold_catalogue()
    found = compare(checked)
    writer: Writer | ListWriter
    if checked.form.makes == "course":
        writer = Writer(checked.form.source, area, today, now)
    else:
        writer = ListWriter(checked.form.makes, area)
    todo = [place for place, state in enumerate(found.states) if state in (NEW, CHANGED)]
    for done, places in enumerate(chunks(todo, BATCH)):
        if progress is not None:
            progress("Saving", done * BATCH, len(todo))
        writer.write([Change(checked.values(p), checked.digest(p), found.ids[p]) for p in places])
    withdrawn = _withdraw(found.gone, now) if complete else 0
    place_exactly()
    report = found.report(checked, withdrawn, found.spared if complete else 0)
    if report.made_a_change:
        catalogue.number += 1
        catalogue.changed_at = now
        catalogue.last_load = {"file": name, **asdict(report)}
    return report


def _withdraw(ids: Sequence[int], now: datetime) -> int:
    for some in chunks(ids, BATCH):
        db.session.execute(update(Offer).where(Offer.id.in_(some)).values(withdrawn_at=now, changed_at=now))
    return len(ids)
