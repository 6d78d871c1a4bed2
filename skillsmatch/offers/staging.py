"""A load made ready beside the database: then writing it is a few statements, and others wait for seconds at most."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnClause,
    ColumnElement,
    TableClause,
    case,
    column,
    func,
    insert,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects import sqlite

from skillsmatch.area.areas import Area
from skillsmatch.database import NotSaved, attach
from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.writing import COMPARED, Change, VenueKey, Writer, provider_values

MEMORY = 64  # MB in which SQLite may hold pages while it writes
MODELS: Mapping[str, Any] = {
    "provider": Provider,
    "venue": Venue,
    "moved": Venue,  # venues of which the file says something new
    "offer": Offer,
    "changed": Offer,
    "gone": Offer,
    "confirmed": Offer,
}
WHOLE = (
    "provider",
    "venue",
    "offer",
    "changed",
)  # those that hold every column of which a table makes a check
BEFORE = "before"  # the digest that an offer had when the file was compared with it


class Overtaken(Exception):
    """What this load was compared with has changed meanwhile. It has to be compared again; nothing was written."""


class Staging(Writer):
    """Takes changes as a Writer does and keeps them in a file of its own; `apply` writes them all.

    What is new has a number below 0 there in place of its id. The tables' own checks are made in the file, so that
    nobody waits for them. Raises NotSaved for what they refuse.
    """

    def __init__(
        self, source: str, area: Area, today: date, now: datetime, own: bool = False, by: str = ""
    ) -> None:
        super().__init__(source, area, today, now, own, by)
        self._folder = TemporaryDirectory()
        self._path = Path(self._folder.name) / "staged.sqlite"
        self._file = sqlite3.connect(self._path, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = OFF")  # a draft: after a crash it is made anew
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.execute("BEGIN")
        self._columns: dict[str, tuple[str, ...]] = {}
        self._counts = dict.fromkeys(MODELS, 0)
        self._before: Mapping[int, str] = {}

    def stage(self, changes: Sequence[Change], before: Mapping[int, str]) -> None:
        """Takes changes, and the digest of each offer that they were compared with."""
        self._before = before
        self.write(changes)

    def withdraw(self, ids: Sequence[int]) -> None:
        """Takes offers that are to be withdrawn."""
        self._keep("gone", [{"id": id} for id in ids])

    def confirm(self, days: Iterable[tuple[int, date]]) -> None:
        """Takes offers that the file confirms as of a day and does not change."""
        self._keep("confirmed", [{"id": id, "confirmed_on": day} for id, day in days])

    def close(self) -> None:
        """Drops the file."""
        self._file.close()
        self._folder.cleanup()

    def _insert_providers(self, new: Mapping[int, str]) -> dict[int, int]:
        rows = provider_values(new, self._area)
        return dict(zip((row["ukprn"] for row in rows), self._numbered("provider", rows), strict=True))

    def _insert_venues(self, new: Mapping[VenueKey, dict[str, Any]]) -> dict[VenueKey, int]:
        return dict(zip(new, self._numbered("venue", list(new.values())), strict=True))

    def _numbered(self, name: str, rows: Sequence[dict[str, Any]]) -> range:
        first = -1 - self._counts[name]
        ids = range(first, first - len(rows), -1)
        self._keep(name, [{"id": id, **row} for id, row in zip(ids, rows, strict=True)])
        return ids

    def _update_venues(self, old: list[dict[str, Any]]) -> None:
        self._keep("moved", [{name: row[name] for name in ("id", *COMPARED)} for row in old])

    def _insert_offers(self, new: list[dict[str, Any]]) -> None:
        self._keep("offer", new)

    def _update_offers(self, old: list[dict[str, Any]]) -> None:
        self._keep("changed", [_renamed(row, self._before) for row in old])

    def _keep(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        names = self._columns.get(name)
        if names is None:
            names = self._columns[name] = tuple(rows[0])
            self._file.execute(
                f"CREATE TABLE {name} ({', '.join((*map(_as_held(name), names), *_checks(name)))})"
            )
        ready = [(one, _binder(name, one)) for one in names]
        marks = ", ".join("?" * len(names))
        plain = ([bind(row[one]) if bind else row[one] for one, bind in ready] for row in rows)
        try:
            self._file.executemany(f"INSERT INTO {name} VALUES ({marks})", plain)  # noqa: S608  (names of ours)
        except sqlite3.IntegrityError as error:
            raise NotSaved from error
        self._counts[name] += len(rows)

    def apply(self) -> None:
        """Writes everything, inside the caller's write transaction.

        Raises Overtaken where an offer is no longer as it was when the file was compared with it, and
        IntegrityError where another load has put the same keys there.
        """
        if self._file.in_transaction:
            self._file.execute("COMMIT")
        if db.engine.dialect.name == "sqlite":
            attach(self._path, "staged", MEMORY)
        else:
            self._copy()
        with _checked_before():
            firsts = {"provider_id": self._begin_ids("provider"), "venue_id": self._begin_ids("venue")}
            self._insert("provider", {"id": firsts["provider_id"]})
            self._insert("venue", {"id": firsts["venue_id"], **firsts})
            self._update("moved", {})
            self._insert("offer", firsts)
            self._update("changed", firsts)
            self._withdraw()
            self._confirm()

    def _begin_ids(self, name: str) -> int:
        """The number after which the new rows' ids come; on PostgreSQL nobody else takes one of them."""
        count = self._counts[name]
        if not count:
            return 0
        last: ColumnElement[int] = func.coalesce(func.max(MODELS[name].id), 0)
        if db.engine.dialect.name == "sqlite":
            return db.session.scalar(select(last)) or 0
        db.session.execute(text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))
        sequence = f"{name}_id_seq"
        first = func.greatest(func.nextval(sequence) - 1, select(last).scalar_subquery())
        return (db.session.scalar(select(func.setval(sequence, first + count))) or 0) - count

    def _insert(self, name: str, firsts: Mapping[str, int]) -> None:
        if self._counts[name]:
            names, staged = self._columns[name], self._table(name)
            chosen = select(*(_value(staged, one, firsts) for one in names))
            db.session.execute(insert(MODELS[name].__table__).from_select(names, chosen))

    def _update(self, name: str, firsts: Mapping[str, int]) -> None:
        if not self._counts[name]:
            return
        mine, staged = MODELS[name].__table__, self._table(name)
        names = [one for one in self._columns[name] if one not in ("id", BEFORE)]
        wanted = update(mine).where(mine.c.id == staged.c.id)
        wanted = wanted.values({one: _value(staged, one, firsts) for one in names})
        if BEFORE in self._columns[name]:
            wanted = wanted.where(mine.c.digest == staged.c[BEFORE])
        if db.session.connection().execute(wanted).rowcount != self._counts[name]:
            raise Overtaken

    def _withdraw(self) -> None:
        if self._counts["gone"]:
            these = Offer.id.in_(select(self._table("gone").c.id)) & Offer.withdrawn_at.is_(None)
            values = {"withdrawn_at": self._now, "changed_at": self._now}
            db.session.execute(update(Offer.__table__).where(these).values(values))  # type: ignore[arg-type]

    def _confirm(self) -> None:
        if self._counts["confirmed"]:
            staged, mine = self._table("confirmed"), Offer.__table__.c
            older = (mine.id == staged.c.id) & (mine.confirmed_on < staged.c.confirmed_on)
            values = {"confirmed_on": staged.c.confirmed_on, "confirmed_by": self._by}
            db.session.execute(update(Offer.__table__).where(older).values(values))  # type: ignore[arg-type]

    def _table(self, name: str) -> TableClause:
        columns: list[ColumnClause[Any]] = [column(one) for one in self._columns[name]]
        if db.engine.dialect.name == "sqlite":
            return table(name, *columns, schema="staged")
        return table(f"staged_{name}", *columns)

    def _copy(self) -> None:
        """Puts the drafts into tables of this transaction's own, which go with it."""
        raw: Any = db.session.connection().connection.driver_connection
        for name, names in self._columns.items():
            model = MODELS[name].__tablename__
            like = ", ".join(f"digest AS {BEFORE}" if one == BEFORE else one for one in names)
            made = f"CREATE TEMPORARY TABLE staged_{name} ON COMMIT DROP AS SELECT {like} FROM {model} WITH NO DATA"  # noqa: S608
            db.session.execute(text(made))
            with (
                raw.cursor() as cursor,
                cursor.copy(f"COPY staged_{name} ({', '.join(names)}) FROM STDIN") as out,
            ):
                for row in self._file.execute(f"SELECT * FROM {name}"):  # noqa: S608
                    out.write_row(row)


@contextmanager
def _checked_before() -> Iterator[None]:
    """Leaves out SQLite's checks of rows that the staged file has checked: a third of the time that others wait."""
    if db.engine.dialect.name != "sqlite":
        yield
        return
    connection = db.session.connection()
    connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")


def _renamed(row: dict[str, Any], before: Mapping[int, str]) -> dict[str, Any]:
    id = row.pop("of_id")
    return {"id": id, **row, BEFORE: before[id]}


def _value(staged: TableClause, name: str, firsts: Mapping[str, int]) -> ColumnElement[Any]:
    """The staged value; where it is an id below 0, the first new one stands for -1, the next for -2."""
    held: ColumnElement[Any] = staged.c[name]
    return case((held < 0, firsts[name] - held), else_=held) if name in firsts else held


def _as_held(name: str) -> Callable[[str], str]:
    """What declares a column as the table has it, so that the file holds the same values."""
    columns, dialect = MODELS[name].__table__.c, sqlite.dialect()
    return lambda one: f"{one} {columns[one].type.compile(dialect)}" if one in columns else one


def _checks(name: str) -> list[str]:
    """The checks that the table makes of a whole row."""
    every = MODELS[name].__table__.constraints if name in WHOLE else ()
    checks = [one for one in every if isinstance(one, CheckConstraint)]
    return sorted(f"CONSTRAINT {check.name} CHECK ({check.sqltext})" for check in checks)


@cache
def _binder(name: str, one: str) -> Callable[[Any], Any] | None:
    """What turns a value into what SQLite stores; PostgreSQL reads the same as text."""
    columns = MODELS[name].__table__.c
    if one not in columns:
        return None
    dialect = sqlite.dialect()
    found: Callable[[Any], Any] | None = columns[one].type.dialect_impl(dialect).bind_processor(dialect)
    return found
