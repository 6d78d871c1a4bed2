"""Measures as they stand: those of the area's file and those that officers added, each with its values over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, select

from skillsmatch.area.areas import Area
from skillsmatch.area.measures import Measure, Measured, load_measures
from skillsmatch.cases.plan import MeasureAdded, MeasureEntry, MeasureVersion, not_invented
from skillsmatch.clock import now
from skillsmatch.extensions import db


class MeasureChanged(ValueError):
    """Somebody else changed this measure since the form was opened; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A measure with its values, the earliest first."""

    measure: Measure
    values: tuple[Measured, ...]
    version: int = 0  # of its title, unit and priority; 0 as it was added
    removed: bool = False  # no longer followed

    @property
    def latest(self) -> Measured | None:
        """The value of the latest day; None before the first."""
        return self.values[-1] if self.values else None

    @property
    def change(self) -> str:
        """How the latest value differs from the one before, in words; "" where there is none before."""
        if len(self.values) < 2:
            return ""
        change = self.values[-1].value - self.values[-2].value
        if not change:
            return "no change"
        return f"{'up' if change > 0 else 'down'} {value_words(abs(change))}"

    def share_of(self, value: Decimal) -> int:
        """The value as a share of the largest, from 0 to 100, for a bar beside it."""
        largest = max((abs(v.value) for v in self.values), default=Decimal(0))
        return round(100 * abs(value) / largest) if largest else 0


def value_words(value: Decimal) -> str:
    """A value as it is read: "1,480", "99.25"."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def amount_words(value: Decimal, unit: str) -> str:
    """A value with its unit: "148 learners", "99.25% of £1.5 million"."""
    return f"{value_words(value)}{'' if unit.startswith('%') else ' '}{unit}".rstrip()


def all_measures(area: Area) -> list[Followed]:
    """Every measure that is followed, those of the file first."""
    return [one for one in ever_followed(area) if not one.removed]


def ever_followed(area: Area) -> list[Followed]:
    """The same with those that are no longer followed. The latest entry of a day stands; one taken back is left out."""
    own, first_values = load_measures(area.slug)
    added = [
        Measure(m.code, m.title, m.unit, m.about, m.priority)
        for m in db.session.scalars(select(MeasureAdded).order_by(MeasureAdded.id))
    ]
    standing: dict[tuple[str, date], Measured | None] = {(v.measure, v.day): v for v in first_values}
    for entry in db.session.scalars(entered().order_by(MeasureEntry.id)):
        standing[entry.measure, entry.day] = (
            None
            if entry.value is None
            else Measured(entry.measure, entry.day, entry.value, entry.note, entry.source, entry.url)
        )
    values: dict[str, list[Measured]] = {}
    for value in standing.values():
        if value is not None:
            values.setdefault(value.measure, []).append(value)
    changed = {row.code: row for row in db.session.scalars(select(MeasureVersion).order_by(MeasureVersion.number))}
    return [
        _followed(m, tuple(sorted(values.get(m.code, ()), key=lambda v: v.day)), changed.get(m.code))
        for m in (*own, *(m for m in added if m.code not in {o.code for o in own}))
    ]


def _followed(added: Measure, values: tuple[Measured, ...], latest: MeasureVersion | None) -> Followed:
    if latest is None:
        return Followed(added, values)
    now_called = Measure(added.code, latest.title, latest.unit, latest.about, latest.priority)
    return Followed(now_called, values, latest.number, latest.removed)


def find_measure(area: Area, code: str) -> Followed | None:
    """The measure of this code, followed or no longer; None where there is none."""
    return next((m for m in ever_followed(area) if m.measure.code == code), None)


def versions_of(code: str) -> list[MeasureVersion]:
    """What officers changed of the measure itself, the latest first."""
    every = select(MeasureVersion).where(MeasureVersion.code == code)
    return list(db.session.scalars(every.order_by(MeasureVersion.number.desc())))


def entries_of(code: str) -> list[MeasureEntry]:
    """Everything that officers entered for a measure, the latest first, replaced values and those taken back too."""
    return list(db.session.scalars(entered().where(MeasureEntry.measure == code).order_by(MeasureEntry.id.desc())))


def entered() -> Select[tuple[MeasureEntry]]:
    """What officers entered of any measure; an invented value is there in a demonstration only."""
    return select(MeasureEntry).where(not_invented(MeasureEntry.added_by))


def add_measure(measure: Measure, by: str) -> MeasureAdded:
    """A new measure in the caller's transaction. The caller has seen that its code is free."""
    row = MeasureAdded(
        code=measure.code,
        title=measure.title,
        unit=measure.unit,
        about=measure.about,
        priority=measure.priority,
        added_at=now(),
        added_by=by,
    )
    db.session.add(row)
    db.session.flush()
    return row


def change_measure(measure: Measure, removed: bool, seen: int, by: str) -> MeasureVersion:
    """A new version of the measure in the caller's transaction; its values stay.

    `seen` is the version that the person changed. Refused (MeasureChanged) where another one stands by now.
    """
    before = versions_of(measure.code)
    if (before[0].number if before else 0) != seen:
        raise MeasureChanged(measure.code)
    row = MeasureVersion(
        code=measure.code,
        number=seen + 1,
        title=measure.title,
        unit=measure.unit,
        about=measure.about,
        priority=measure.priority,
        removed=removed,
        saved_at=now(),
        saved_by=by,
    )
    db.session.add(row)
    db.session.flush()
    return row


def enter(value: Measured, by: str, *, taken_back: bool = False) -> MeasureEntry:
    """The value of a day from now on, in the caller's transaction; with `taken_back` the day has none any more."""
    row = MeasureEntry(
        measure=value.measure,
        day=value.day,
        value=None if taken_back else value.value,
        note=value.note,
        source=value.source,
        url=value.url,
        added_at=now(),
        added_by=by,
    )
    db.session.add(row)
    db.session.flush()
    return row
