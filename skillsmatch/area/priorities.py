"""The plan's priorities as they stand: those of the area's file, with what officers changed or added since."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, DateTime, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from skillsmatch.area.areas import Area, Priority
from skillsmatch.clock import now
from skillsmatch.database import Base, one_of
from skillsmatch.extensions import db

SORTS = ("priority", "recommendation")
FIELDS = tuple(field.name for field in fields(Priority) if field.name != "code")


class PriorityVersion(Base):
    """A priority as an officer saved it. Saving again is a new row: the database refuses to change or delete one.

    Version 0 of a priority is the area's file, and is not stored.
    """

    __tablename__ = "priority_version"
    __table_args__ = (
        UniqueConstraint("code", "number"),
        one_of("sort", SORTS, empty=False),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_it_begins"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]  # of the version, from 1
    title: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(Text, default="")
    sort: Mapped[str] = mapped_column(String(14))
    report: Mapped[str] = mapped_column(String(200), default="")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    themes: Mapped[list[str]] = mapped_column(JSON, default=list)
    soc: Mapped[list[str]] = mapped_column(JSON, default=list)
    sic: Mapped[list[str]] = mapped_column(JSON, default=list)
    follows: Mapped[list[str]] = mapped_column(JSON, default=list)
    source: Mapped[str] = mapped_column(String(300), default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    checked_on: Mapped[date] = mapped_column(Date)
    saved_at: Mapped[datetime] = mapped_column(DateTime)
    saved_by: Mapped[str] = mapped_column(String(120))
    why: Mapped[str] = mapped_column(Text, default="")


class ChangedMeanwhile(ValueError):
    """Somebody else saved this priority since the form was opened; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Version:
    """A priority as it was from one moment on. Version 0 is the area's file: nobody's name stands by it."""

    number: int
    priority: Priority
    saved_at: datetime | None
    saved_by: str
    why: str


def all_priorities(area: Area) -> tuple[Priority, ...]:
    """Every priority in its latest version: those of the file in its order, then those added since, by code."""
    latest: dict[str, PriorityVersion] = {}
    for row in db.session.scalars(
        select(PriorityVersion).order_by(PriorityVersion.code, PriorityVersion.number)
    ):
        latest[row.code] = row
    own = {p.code: p for p in area.priorities}
    changed = {code: _priority(row) for code, row in latest.items()}
    return (
        *(changed.get(code, p) for code, p in own.items()),
        *(p for c, p in changed.items() if c not in own),
    )


def priorities_on(area: Area, day: date) -> tuple[Priority, ...]:
    """Those in force on `day`, in the same order."""
    return tuple(p for p in all_priorities(area) if p.holds_on(day))


def priorities_between(area: Area, first: date, last: date) -> tuple[Priority, ...]:
    """Those in force on one day at least from `first` to `last`, both included."""
    return tuple(
        p
        for p in all_priorities(area)
        if p.valid_from <= last and (p.valid_to is None or first <= p.valid_to)
    )


def history_of(area: Area, code: str) -> tuple[Version, ...]:
    """Every version of a priority, the latest first; empty where there is no such priority."""
    rows = db.session.scalars(
        select(PriorityVersion).where(PriorityVersion.code == code).order_by(PriorityVersion.number.desc())
    )
    found = [Version(r.number, _priority(r), r.saved_at, r.saved_by, r.why) for r in rows]
    first = next((p for p in area.priorities if p.code == code), None)
    return (*found, *([Version(0, first, None, "", "")] if first else []))


def save_version(area: Area, priority: Priority, seen: int, by: str, why: str) -> PriorityVersion:
    """A new version in the caller's transaction. `seen` is the version that the person changed; -1 for a new one.

    Refused (ChangedMeanwhile) where another version stands by now, or a new code is taken.
    """
    history = history_of(area, priority.code)
    if (history[0].number if history else -1) != seen:
        raise ChangedMeanwhile(priority.code)
    plain = {name: _stored(getattr(priority, name)) for name in FIELDS}
    row = PriorityVersion(
        code=priority.code, number=max(seen, 0) + 1, **plain, saved_at=now(), saved_by=by, why=why
    )
    db.session.add(row)
    db.session.flush()
    return row


def changed_fields(before: Priority, after: Priority) -> list[str]:
    """The names of the fields in which two versions differ."""
    return [name for name in FIELDS if getattr(before, name) != getattr(after, name)]


def _stored(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _priority(row: PriorityVersion) -> Priority:
    values: dict[str, Any] = {name: getattr(row, name) for name in FIELDS}
    return Priority(code=row.code, **_tuples(values))


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
