"""Files that officers sent: taken in, kept until they are saved or dropped, and forgotten then."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, select

from skillsmatch.area.areas import Area
from skillsmatch.cases.gathering_files import CheckedFile, FileKind, read_file
from skillsmatch.cases.gathering_models import GatheredFile, SurveyRow
from skillsmatch.cases.members import MEMBERS
from skillsmatch.cases.survey import SURVEY
from skillsmatch.cases.survey_rows import NoIndex, forget_rows, match_rows
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.extensions import db

KINDS: dict[str, FileKind] = {"survey": SURVEY, "members": MEMBERS}
WORKERS_PATIENCE = 3.0  # seconds of matching before mail and all else has its turn
WAITING = ("read", "faulty")
KEPT_WAITING = timedelta(
    days=14
)  # then a file on which nobody decided is forgotten: it holds employers' words


class SavedBefore(Exception):
    """The very same file was saved already; the words say when."""


def take(
    content: bytes,
    name: str,
    kind: str,
    area: Area,
    by: int | None,
    occasion: str = "",
    met_on: date | None = None,
) -> GatheredFile:
    """The file, checked and kept, in the caller's transaction. Sent again while it waits, it is the same file.

    Refused (SavedBefore) for a survey that was saved already: its needs would be counted twice.
    """
    digest = hashlib.sha256(content).hexdigest()
    same = select(GatheredFile).where(GatheredFile.kind == kind, GatheredFile.digest == digest)
    for other in db.session.scalars(same.where(GatheredFile.state.in_(("saved", *WAITING)))):
        if other.is_waiting:
            if occasion:
                other.occasion, other.met_on = occasion, met_on
            return other
        if kind == "survey":
            raise SavedBefore(f"This file was saved before, as “{other.occasion}”. Nothing was taken in")
    checked = read_file(content, KINDS[kind], area)
    file = GatheredFile(
        kind=kind,
        state="read" if checked.right else "faulty",
        file_name=plain_name(name),
        digest=digest,
        occasion=occasion,
        met_on=met_on,
        rows=len(checked.cells),
        errors=len(checked.faults),
        taken_at=now(),
        account_id=by,
        content=content,
    )
    db.session.add(file)
    db.session.flush()
    return file


def name(number: int, occasion: str, met_on: date | None) -> None:
    """Which survey a file that waits is of. One that no longer waits stays as it is."""
    file = db.session.get_one(GatheredFile, number, with_for_update=True, populate_existing=True)
    if file.is_waiting:
        file.occasion, file.met_on = occasion, met_on


def checked_again(file: GatheredFile, area: Area) -> CheckedFile:
    """What stands in a file that waits."""
    return read_file(file.content or b"", KINDS[file.kind], area)


def match_waiting(area: Area) -> int:
    """Matches rows of surveys that wait and are not matched yet, for a few seconds; returns how many are left.

    For the worker: a page matches only as many as an answer has time for.
    """
    matched = select(func.count()).where(SurveyRow.file_id == GatheredFile.id).scalar_subquery()
    waiting = select(GatheredFile.id).where(
        GatheredFile.kind == "survey",
        GatheredFile.state == "read",
        GatheredFile.begun_at.is_(None),
        GatheredFile.rows > matched,
    )
    number = db.session.scalar(waiting.order_by(GatheredFile.id).limit(1))
    if number is None:
        return 0
    rows = checked_again(db.session.get_one(GatheredFile, number), area).rows
    try:
        return match_rows(number, rows, area, WORKERS_PATIENCE, last_first=True)
    except NoIndex:
        return len(rows)


def drop(file: GatheredFile) -> bool:
    """The file is forgotten; False where it no longer waited."""
    if not file.is_waiting:
        return False
    forget_rows(file.id)
    file.state, file.content, file.ended_at = "dropped", None, now()
    return True


def drop_left_waiting() -> int:
    """Files that have waited for a fortnight are dropped; returns how many. For the worker."""

    def forget() -> int:
        left = select(GatheredFile).where(
            GatheredFile.state.in_(WAITING),
            GatheredFile.begun_at.is_(None),
            GatheredFile.taken_at < now() - KEPT_WAITING,
        )
        return sum(drop(file) for file in db.session.scalars(left))

    return keep(forget)


def same_name(file: GatheredFile) -> GatheredFile | None:
    """The survey of the same name that was saved last, if one was."""
    saved = select(GatheredFile).where(GatheredFile.kind == "survey", GatheredFile.state == "saved")
    named = saved.where(func.lower(GatheredFile.occasion) == file.occasion.lower(), GatheredFile.id != file.id)
    return db.session.scalar(named.order_by(GatheredFile.id.desc()).limit(1))


def latest(limit: int) -> Sequence[GatheredFile]:
    """The files sent last."""
    return db.session.scalars(select(GatheredFile).order_by(GatheredFile.id.desc()).limit(limit)).all()


def plain_name(name: str) -> str:
    """The file's own name: without folders, and without what no name should hold."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[-200:] or "a file without a name"
