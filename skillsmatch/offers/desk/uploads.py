"""A provider's uploads: taken in, looked at, published all or not at all, or dropped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from skillsmatch import clock
from skillsmatch.accounts import audit
from skillsmatch.area.areas import Area
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import db
from skillsmatch.offers.catalogue import hold_catalogue, note_change
from skillsmatch.offers.checking import CheckedFile, chunks
from skillsmatch.offers.comparing import CHANGED, NEW, LoadReport, compare
from skillsmatch.offers.desk.difference import Difference, difference_of, mark_of
from skillsmatch.offers.desk.models import Upload
from skillsmatch.offers.desk.receiving import read_upload
from skillsmatch.offers.desk.undoing import Before
from skillsmatch.offers.loading import BATCH
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.offers.staging import Overtaken, Staging
from skillsmatch.offers.writing import Change, place_exactly
from skillsmatch.offers.writing_lists import ListWriter

WAITING = ("read", "faulty")  # states of an upload about which its provider has still to decide

KEPT_WAITING = timedelta(days=30)  # then a file about which nobody decided is forgotten


class SinceChanged(Exception):
    """What the file would change is no longer what was shown; nothing was published."""

    def __init__(self, difference: Difference) -> None:
        super().__init__()
        self.difference = difference


class NotWaiting(Exception):
    """The upload was dropped, undone or found faulty meanwhile; nothing was published."""


def take_upload(content: bytes, name: str, provider: Provider, *, whole: bool, by: str) -> Upload:
    """The upload of this file, checked; the same file sent twice is one. Waiting ones before it are dropped."""
    digest = hashlib.sha256(content).hexdigest()
    with read_upload(content, provider.ukprn, whole=whole) as reading:
        report = (
            difference_of(reading.checked, provider, whole=whole).report if reading.checked else LoadReport()
        )
    number = provider.id

    def store() -> int:
        db.session.get_one(
            Provider, number, with_for_update=True
        )  # two presses at once go one after the other
        waiting = select(Upload).where(Upload.provider_id == number, Upload.state.in_(WAITING))
        for other in db.session.scalars(waiting):
            if (other.digest, other.whole) == (digest, whole):
                return other.id
            _end(other, "dropped", by)
        upload = Upload(
            provider_id=number,
            uploaded_by=by,
            uploaded_at=clock.now(),
            file_name=plain_name(name),
            format=reading.source,
            digest=digest,
            whole=whole,
            state="faulty" if reading.faults else "read",
            rows=reading.rows,
            errors=reading.faults,
            content=content,
        )
        _count(upload, report)
        db.session.add(upload)
        db.session.flush()
        counts = f"{upload.rows} rows, {upload.errors} errors"
        audit.note("upload taken", f"upload {upload.id}", file=upload.file_name, counts=counts)
        return upload.id

    return db.session.get_one(Upload, keep(store))


def plain_name(name: str) -> str:
    """The file's own name: without folders, and without what no name should hold."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[-200:] or "a file without a name"


def publish(upload: Upload, mark: str, by: str) -> Upload:
    """Afterwards the catalogue says what the file says; published again, nothing more happens.

    Raises SinceChanged with the new difference where that is no longer the one of `mark`, NotWaiting where the
    upload is no longer there to be published. Then nothing is changed.
    """
    if upload.state == "applied":
        return upload
    content = upload.content
    if upload.state != "read" or content is None:
        raise NotWaiting
    number, whole = upload.id, upload.whole
    with read_upload(content, upload.provider.ukprn, whole=whole) as reading:
        if reading.checked is None:
            raise NotWaiting  # a start date has passed, or a venue went, since it was found right
        work = _Publishing(db.session.get_one(Upload, number), reading.checked, mark, by)
        try:
            keep(work.apply)
        except Overtaken as error:
            raise SinceChanged(difference_of(reading.checked, work.provider, whole=whole)) from error
        except IntegrityError as error:  # a venue went, or the same keys came, a moment ago
            raise NotSaved from error
        finally:
            work.close()
    return db.session.get_one(Upload, number)


class _Publishing:
    """A right file on its way into the catalogue: made ready beside the database, so that others wait little."""

    def __init__(self, upload: Upload, checked: CheckedFile, mark: str, by: str) -> None:
        self._number, self._whole, self.provider = upload.id, upload.whole, upload.provider
        self._checked, self._mark, self._by = checked, mark, by
        self._makes_courses = checked.form.makes == "course"
        if mark_of(checked, self.provider) != mark:
            raise SinceChanged(difference_of(checked, self.provider, whole=upload.whole))
        self._found = compare(checked, own=True)
        self._gone = self._found.gone if upload.whole else []
        self._before = Before(self.provider, checked, self._found, self._gone)
        area: Area = current_app.extensions["area"]
        name = self.provider.name[:120]
        self._staging = Staging(checked.form.source, area, clock.today(), clock.now(), own=True, by=name)
        if self._makes_courses:
            for changes in self._changes():
                self._staging.stage(changes, self._found.before)
            self._staging.withdraw(self._gone)
        db.session.rollback()  # ends the reads, which would keep SQLite's log from being emptied

    def _changes(self) -> Iterator[list[Change]]:
        todo = [place for place, state in enumerate(self._found.states) if state in (NEW, CHANGED)]
        values, digest, ids = self._checked.values, self._checked.digest, self._found.ids
        for places in chunks(todo, BATCH):
            yield [Change(values(p), digest(p), ids[p]) for p in places]

    def apply(self) -> None:
        """All of it, in the caller's transaction. Raises Overtaken where anything it goes by has changed."""
        hold_catalogue()
        upload = db.session.get_one(Upload, self._number, with_for_update=True, populate_existing=True)
        if upload.state == "applied":
            return
        if upload.state != "read":
            raise NotWaiting
        if mark_of(self._checked, upload.provider) != self._mark:
            raise Overtaken
        self._write()
        earlier = update(Upload).where(Upload.provider_id == upload.provider_id, Upload.undo.is_not(None))
        db.session.execute(earlier.values(undo=None))  # only the last upload can be undone
        upload.undo = self._before.beside_after()
        upload.state, upload.content = "applied", None
        upload.applied_by, upload.applied_at = self._by, clock.now()
        _count(upload, self._found.report(self._checked, len(self._gone)))
        note_change()
        counts = f"{upload.new} new, {upload.changed} changed, {upload.withdrawn} withdrawn"
        audit.note("upload published", f"upload {upload.id}", file=upload.file_name, counts=counts)

    def _write(self) -> None:
        area: Area = current_app.extensions["area"]
        if self._makes_courses:
            self._staging.apply()
            self._confirm()
        else:
            writer = ListWriter(self._checked.form.makes, area)
            for changes in self._changes():
                writer.write(changes)
        place_exactly()

    def _confirm(self) -> None:
        """What its provider has just published is confirmed by that, and belongs to the file again."""
        day, name = clock.today(), db.session.get_one(Provider, self.provider.id).name[:120]
        refs = self._checked.refs()
        for places in chunks(range(len(refs)), BATCH):
            mine = Offer.source_ref.in_([refs[place] for place in places])
            these = update(Offer).where(Offer.source == self._checked.form.source, mine)
            db.session.execute(these.values(confirmed_on=day, confirmed_by=name, desk_at=None))
        for some in chunks(self._gone, BATCH):
            # It stays withdrawn, whatever the operator loads.
            db.session.execute(update(Offer).where(Offer.id.in_(some)).values(desk_at=clock.now()))

    def close(self) -> None:
        """Drops what was made ready."""
        self._staging.close()


def drop(upload: Upload, by: str) -> None:
    """The waiting upload is dropped and its file forgotten; of any other, nothing changes."""
    number = upload.id

    def forget() -> None:
        waiting = db.session.get_one(Upload, number, with_for_update=True)
        if waiting.state in WAITING:
            _end(waiting, "dropped", by)
            audit.note("upload dropped", f"upload {waiting.id}", file=waiting.file_name)

    keep(forget)


def drop_left_waiting() -> None:
    """Uploads that have waited for a month are dropped, and their files forgotten."""
    before = clock.now() - KEPT_WAITING

    def forget() -> None:
        left = select(Upload).where(Upload.state.in_(WAITING), Upload.uploaded_at < before)
        for upload in db.session.scalars(left):
            _end(upload, "dropped", "the service, after a month")
            audit.note("upload dropped", f"upload {upload.id}", file=upload.file_name)

    keep(forget)


def _end(upload: Upload, state: str, by: str) -> None:
    upload.state, upload.content = state, None
    upload.ended_by, upload.ended_at = by, clock.now()


def _count(upload: Upload, report: LoadReport) -> None:
    upload.new, upload.changed = report.taken, report.changed
    upload.unchanged, upload.withdrawn = report.unchanged, report.withdrawn


def find_upload(provider: Provider | None, number: int) -> Upload | None:
    """The provider's upload with this number; None for another's."""
    if provider is None:
        return None
    return db.session.scalar(select(Upload).where(Upload.id == number, Upload.provider_id == provider.id))


def last_uploads(provider: Provider | None, limit: int, skip: int = 0) -> Sequence[Upload]:
    """The provider's uploads, the newest first."""
    if provider is None:
        return []
    wanted = select(Upload).where(Upload.provider_id == provider.id)
    return db.session.scalars(wanted.order_by(Upload.id.desc()).limit(limit).offset(skip)).all()


def count_uploads(provider: Provider | None) -> int:
    """How many there are."""
    if provider is None:
        return 0
    counted = select(func.count()).select_from(Upload).where(Upload.provider_id == provider.id)
    return db.session.scalar(counted) or 0
