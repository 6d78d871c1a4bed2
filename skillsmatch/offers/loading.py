"""Taking a course file into the catalogue: all of it or none of it, and only what has changed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from skillsmatch import clock
from skillsmatch.area.areas import Area
from skillsmatch.area.models import PostcodePoint
from skillsmatch.area.places import Point
from skillsmatch.database import NotSaved, empty_log, keep
from skillsmatch.extensions import db
from skillsmatch.offers.catalogue import hold_catalogue
from skillsmatch.offers.checking import (
    CheckedFile,
    NeedsTexts,
    Progress,
    Refused,
    WrongUse,
    check_file,
    chunks,
)
from skillsmatch.offers.comparing import CHANGED, NEW, Comparison, LoadReport, compare
from skillsmatch.offers.known_rows import Known
from skillsmatch.offers.models import Catalogue
from skillsmatch.offers.records import STANDARDS_SOURCE
from skillsmatch.offers.staging import Overtaken, Staging
from skillsmatch.offers.standing import known_standards
from skillsmatch.offers.tables import Context
from skillsmatch.offers.writing import Change, place_exactly
from skillsmatch.offers.writing_lists import ListWriter, known_venues

__all__ = ["LoadReport", "NotAgreed", "Refused", "WrongUse", "load_offers"]

log = logging.getLogger(__name__)
BATCH = 500  # offers written at once; SQLite's oldest limit on values in one statement is 999
TRIES = 3  # how often a load is compared anew because others write; then it has the database to itself
Agree = Callable[[int, int], bool]  # told how many offers are to be withdrawn, and of how many providers


class NotAgreed(Exception):
    """The offers that would have been withdrawn are not to be. The catalogue is as it was."""


def load_offers(
    path: Path,
    *,
    complete: bool = False,
    area_only: bool = False,
    ukprn: int | None = None,
    everyone: bool = False,
    by: str = "",
    afresh: bool = False,
    index: bool = True,
    agree: Agree | None = None,
    progress: Progress | None = None,
) -> LoadReport:
    """Takes what a file of a known format holds into the catalogue; renews the search index.

    Afterwards each course of the file is an offer that says what the file says, save those that their provider
    has changed at its desk: they are left alone until its own next upload. With `complete`, every other offer of
    this format is withdrawn, or with `ukprn` every other one of that provider; `agree` is asked first.
    With `area_only`, courses outside the area are left out. The same file again changes nothing but the day on
    which its offers were last confirmed: today where the file is its provider's own (`ukprn`), `by` whom.
    Rows that stand as they were taken before need no second check, unless the file is to be checked `afresh`.
    Without `index` the search index is left to `flask work`.
    Raises Refused, the catalogue being as it was, where anything in the file is wrong; WrongUse where the format
    names no provider and `ukprn` is not given, or where `complete` makes no sense for it, or would withdraw what
    others offer for a file of one provider alone (`everyone` allows that); NotAgreed; NotSaved where the
    database did not answer.
    """
    area: Area = current_app.extensions["area"]
    inside = area if area_only else None

    def check(known: Known | None) -> CheckedFile:
        context = file_context(ukprn)
        context.known = known
        return check_file(path, context, complete=complete, area=inside, exact=exact_point, progress=progress)

    def load() -> LoadReport:
        known = None if area_only else Known.of(ukprn, empty=afresh)
        try:
            checked = check(known)
        except NeedsTexts:
            known = Known.of(ukprn, empty=True)
            checked = check(known)
        try:
            work = _Load(checked, path.name, area, complete, everyone, by, agree, progress)
            try:
                report = work.run()
            except NeedsTexts:
                checked.close()
                checked = work.checked = check(None)
                report = work.run()
            if known is not None:
                known.replace(checked)
            return report
        finally:
            checked.close()

    try:
        report = load()
    except DBAPIError as error:  # while reading; what is written is tried again by itself
        db.session.rollback()
        raise NotSaved from error
    return _index(report, progress) if index else report


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


class _Load:
    """One checked file on its way into the tables."""

    def __init__(
        self,
        checked: CheckedFile,
        name: str,
        area: Area,
        complete: bool,
        everyone: bool,
        by: str,
        agree: Agree | None,
        progress: Progress | None,
    ) -> None:
        self.checked, self._name, self._area = checked, name, area
        self._complete, self._everyone, self._by, self._agree = complete, everyone, by, agree
        self._progress = progress or (lambda stage, done, whole: None)
        self._agreed = 0  # withdrawals that were agreed to

    def run(self) -> LoadReport:
        """Compares, makes ready and writes; again where the catalogue has changed in between.

        The last time all of it is done in one transaction, with nobody else writing.
        """
        if self.checked.form.makes != "course":
            try:
                return keep(self._write_list)
            except IntegrityError as error:
                raise NotSaved from error
        for _ in range(TRIES):
            number = _number()
            found = self._compare()
            self._ask(found)
            staging = self._staged(found)
            db.session.rollback()  # ends the reads, which would keep SQLite's log from being emptied
            try:
                report = keep(lambda: self._write(staging, found, number))  # noqa: B023  (done before the next turn)
                empty_log()
                return report
            except (Overtaken, IntegrityError) as error:
                log.info("the catalogue changed during the load; comparing again (%s)", type(error).__name__)
            finally:
                staging.close()
        try:
            return keep(self._all_at_once)
        except (Overtaken, IntegrityError) as error:
            raise NotSaved from error

    def _compare(self) -> Comparison:
        found = compare(self.checked)
        changed = (place for place, state in enumerate(found.states) if state in (NEW, CHANGED))
        if any(map(self.checked.without_text, changed)):
            raise NeedsTexts
        if self._complete:
            refuse_one_for_all(self.checked, found, self._everyone)
        return found

    def _ask(self, found: Comparison) -> None:
        count = len(found.gone) if self._complete else 0
        if count > self._agreed and self._agree is not None:
            db.session.rollback()  # nobody knows how long the answer takes
            if not self._agree(count, len(found.losers)):
                raise NotAgreed
        self._agreed = max(count, self._agreed)

    def _staged(self, found: Comparison) -> Staging:
        checked = self.checked
        own = checked.ukprn is not None
        staging = Staging(checked.form.source, self._area, clock.today(), clock.now(), own, self._by)
        try:
            todo = [place for place, state in enumerate(found.states) if state in (NEW, CHANGED)]
            for done, places in enumerate(chunks(todo, BATCH)):
                self._progress("Preparing", done * BATCH, len(todo))
                changes = [Change(checked.values(p), checked.digest(p), found.ids[p]) for p in places]
                staging.stage(changes, found.before)
            staging.confirm(found.confirmed)
            if self._complete:
                staging.withdraw(found.gone)
        except BaseException:
            staging.close()
            raise
        return staging

    def _write(self, staging: Staging, found: Comparison, number: int) -> LoadReport:
        self._progress("Saving", 0, 0)
        catalogue = hold_catalogue()
        if catalogue.number != number:
            raise Overtaken
        staging.apply()
        return self._note(found, catalogue)

    def _all_at_once(self) -> LoadReport:
        catalogue = hold_catalogue()
        found = self._compare()
        if self._complete and self._agree is not None and len(found.gone) > self._agreed:
            raise Overtaken  # nobody is asked while others wait to write
        staging = self._staged(found)
        try:
            return self._write(staging, found, catalogue.number)
        finally:
            staging.close()

    def _write_list(self) -> LoadReport:
        """Venues and providers, which are few: compared and written in one transaction."""
        catalogue = hold_catalogue()
        found = self._compare()
        writer = ListWriter(self.checked.form.makes, self._area)
        todo = [place for place, state in enumerate(found.states) if state in (NEW, CHANGED)]
        for done, places in enumerate(chunks(todo, BATCH)):
            self._progress("Saving", done * BATCH, len(todo))
            values, digest = self.checked.values, self.checked.digest
            writer.write([Change(values(p), digest(p), found.ids[p]) for p in places])
        return self._note(found, catalogue)

    def _note(self, found: Comparison, catalogue: Catalogue) -> LoadReport:
        place_exactly()
        report = found.report(self.checked, *((len(found.gone), found.spared) if self._complete else (0, 0)))
        if report.made_a_change:
            catalogue.number += 1
            catalogue.changed_at = clock.now()
            catalogue.last_load = {"file": self._name, **asdict(report)}
        return report


def refuse_one_for_all(checked: CheckedFile, found: Comparison, everyone: bool) -> None:
    """Refused (WrongUse): one provider's file that would, as the complete list, withdraw what others offer."""
    if everyone or checked.ukprn is not None or checked.form.source == STANDARDS_SOURCE:
        return
    others = {ukprn: count for ukprn, count in found.losers.items() if ukprn not in checked.providers}
    if len(checked.providers) == 1 and others:
        (only,) = checked.providers
        count = sum(others.values())
        offers = "1 offer" if count == 1 else f"{count:,} offers"
        whose = "1 other provider" if len(others) == 1 else f"{len(others):,} other providers"
        raise WrongUse(
            f"The file holds courses of {only} alone. As the complete list it would withdraw {offers} of {whose}. "
            f"Say --ukprn {only} where it is that provider's list, or --all where it is everyone's."
        )


def _number() -> int:
    return db.session.scalar(select(Catalogue.number)) or 0
