"""Taking a course file into the catalogue: all of it or none of it, and only what has changed."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from skillsmatch import clock
from skillsmatch.area.areas import Area
from skillsmatch.area.models import PostcodePoint
from skillsmatch.area.places import Point
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import db
from skillsmatch.offers.checking import CheckedFile, Progress, Refused, check_file, chunks
from skillsmatch.offers.live_courses import SOURCE
from skillsmatch.offers.models import Catalogue, Offer
from skillsmatch.offers.writing import Change, Writer, place_exactly

__all__ = ["LoadReport", "Refused", "load_offers"]

log = logging.getLogger(__name__)
BATCH = 500  # offers written at once; SQLite's oldest limit on values in one statement is 999
SAME, CHANGED, NEW = range(3)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, in offers. Taken, changed and unchanged are all the courses of the file that count."""

    taken: int = 0  # new to the catalogue
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0  # no longer in the file, which was said to be complete
    outside: int = 0  # left out: outside the area
    passed: int = 0  # of the file's courses, those whose date has passed
    index_problem: str = ""  # why the search index is not up to date; the load itself stands

    @property
    def in_file(self) -> int:
        """How many of the file's courses are in the catalogue now."""
        return self.taken + self.changed + self.unchanged

    @property
    def made_a_change(self) -> bool:
        """Whether the catalogue differs from before."""
        return bool(self.taken or self.changed or self.withdrawn)


def load_offers(
    path: Path, *, complete: bool = False, area_only: bool = False, progress: Progress | None = None
) -> LoadReport:
    """Takes the courses of a live-courses file, plain or gzip, into the catalogue; renews the search index.

    Afterwards each course of the file is an offer that says what the file says. With `complete`, every other
    offer of this source is withdrawn. With `area_only`, courses outside the area are left out. The same file
    again changes nothing. Raises Refused, the catalogue being as it was, where anything in the file is wrong;
    NotSaved where the database did not answer.
    """
    area: Area = current_app.extensions["area"]
    today = clock.today()
    checked = check_file(path, today, area=area if area_only else None, exact=_exact_point, progress=progress)
    try:
        report = keep(lambda: _write(checked, path.name, area, today, complete, progress))
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


def _exact_point(postcode: str) -> Point | None:
    found = db.session.get(PostcodePoint, postcode)
    return (found.lat, found.lon, found.district or None) if found else None


def _write(
    checked: CheckedFile, name: str, area: Area, today: date, complete: bool, progress: Progress | None
) -> LoadReport:
    """Puts the checked courses into the tables, inside the caller's transaction."""
    now = clock.now()
    catalogue = _catalogue()
    states, ids, gone = _compare(checked)
    writer = Writer(area, today, now)
    todo = [place for place, state in enumerate(states) if state != SAME]
    for done, places in enumerate(chunks(todo, BATCH)):
        if progress is not None:
            progress("Saving", done * BATCH, len(todo))
        writer.write([Change(checked.course(p), checked.digest(p), ids[p]) for p in places])
    withdrawn = _withdraw(gone, now) if complete else 0
    place_exactly()
    report = LoadReport(
        taken=states.count(NEW),
        changed=states.count(CHANGED),
        unchanged=states.count(SAME),
        withdrawn=withdrawn,
        outside=checked.outside,
        passed=checked.passed,
    )
    if report.made_a_change:
        catalogue.number += 1
        catalogue.changed_at = now
        catalogue.last_load = {"file": name, **asdict(report)}
    return report


def _catalogue() -> Catalogue:
    """The one row, held until the commit, so that two loads on PostgreSQL go one after the other."""
    found = db.session.get(Catalogue, 1, with_for_update=True)
    if found is None:
        found = Catalogue(id=1, number=0, last_load={})
        db.session.add(found)
        db.session.flush()
    return found


def _compare(checked: CheckedFile) -> tuple[bytearray, array[int], list[int]]:
    """Whether each course is new, changed or the same; its offer's id; and the offers not in the file."""
    states = bytearray([NEW]) * len(checked)
    ids = array("q", bytes(8 * len(checked)))
    gone = []
    known = select(Offer.id, Offer.source_ref, Offer.digest, Offer.withdrawn_at.is_(None)).where(
        Offer.source == SOURCE
    )
    for id, ref, digest, offered in db.session.execute(known.execution_options(yield_per=5_000)):
        place = checked.place(ref)
        if place is None:
            if offered:
                gone.append(id)
            continue
        ids[place] = id
        states[place] = SAME if offered and digest == checked.digest(place) else CHANGED
    return states, ids, gone


def _withdraw(ids: Sequence[int], now: datetime) -> int:
    for some in chunks(ids, BATCH):
        db.session.execute(update(Offer).where(Offer.id.in_(some)).values(withdrawn_at=now, changed_at=now))
    return len(ids)
