"""The tables' base class, and the one way to write: nothing acknowledged is lost, nothing is kept twice."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import CheckConstraint, Connection, Engine, MetaData, Pool, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import DeclarativeBase

from skillsmatch.extensions import db

log = logging.getLogger(__name__)
T = TypeVar("T")

LOCK_WAIT = 5.0  # seconds a writer waits for its turn before it answers "busy"; a person waits no longer
LARGEST_ID = 2**31 - 1  # a larger number is no row's in any database we use
LONGEST_LOG = 1000  # pages of SQLite's log; who commits beyond that empties it. SQLite's own default
FIRST_SAFE_SQLITE = (3, 51, 3)  # earlier ones can damage a WAL database when two processes checkpoint at once


class Base(DeclarativeBase):
    """Every table's base. Constraints have names, so that a migration on SQLite can alter them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def one_of(column: str, values: tuple[str, ...], empty: bool = True) -> CheckConstraint:
    """A constraint: `column` is one of `values`, or empty where that is allowed."""
    listed = ", ".join(f"'{v}'" for v in (("", *values) if empty else values))
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class NotSaved(Exception):
    """Nothing was stored: the database was busy, full or away. What the person typed must be shown again."""


_engines: WeakSet[Engine] = WeakSet()
_parents_pools: list[
    Pool
] = []  # kept in a child, because letting them go would close the parent's connections


def _start_afresh_in_child() -> None:
    for engine in _engines:
        _parents_pools.append(engine.pool)
        engine.dispose(close=False)


# gunicorn forks its workers, with --preload after the application has loaded. A connection used by two
# processes damages a SQLite file and mixes up PostgreSQL's answers, so a child never uses its parent's.
os.register_at_fork(after_in_child=_start_afresh_in_child)


def prepare_engine(engine: Engine) -> None:
    """Sets the engine up for its database; SQLite gets the durable recipe, PostgreSQL a statement limit."""
    _engines.add(engine)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _on_postgresql_connect)


def _on_postgresql_connect(raw: Any, _record: Any) -> None:
    with raw.cursor() as cursor:
        cursor.execute("SET statement_timeout = '60s'")
        cursor.execute("SET lock_timeout = '5s'")
    raw.commit()


def _prepare_sqlite(engine: Engine) -> None:
    if sqlite3.sqlite_version_info < FIRST_SAFE_SQLITE:
        log.info(
            "SQLite %s: run no second checkpointer (such as Litestream) on this database.",
            sqlite3.sqlite_version,
        )
    file = engine.url.database
    lock = Path(f"{file}.lock") if file and file != ":memory:" else None
    if lock is not None:
        lock.parent.mkdir(parents=True, exist_ok=True)

    def on_connect(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # takes BEGIN away from the driver, so that ours decides
        cursor = raw.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # NORMAL loses acknowledged rows in a power cut
            "busy_timeout=5000",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "secure_delete=ON",
        ):
            cursor.execute("PRAGMA " + pragma)
        cursor.close()

    def on_begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        if mode == "IMMEDIATE" and lock is not None:
            _take_turn(connection, lock)
        connection.exec_driver_sql("BEGIN " + mode)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    event.listen(engine, "checkin", _put_aside)
    for name in ("checkin", "invalidate", "close"):
        event.listen(engine, name, _end_turn)


def _take_turn(connection: Connection, lock: Path) -> None:
    """Waits for the one write lock. SQLite's own waiting is unfair: an unlucky writer may wait for seconds."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    wait = connection.get_execution_options().get("turn_wait", LOCK_WAIT)
    until, pause = time.monotonic() + wait, 0.001
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(handle)
                busy = sqlite3.OperationalError("database is locked")
                raise OperationalError("BEGIN IMMEDIATE", None, busy) from None
            time.sleep(pause)
            pause = min(pause * 2, 0.02)
    connection.info["turn"] = handle


def _end_turn(_raw: Any, record: Any, *_: Any) -> None:
    """Gives the lock back once the connection is back in its pool: after the commit and its checkpoint."""
    handle = record.info.pop("turn", None)
    if handle is not None:
        os.close(handle)


def attach(file: Path, name: str, memory: int) -> None:
    """Lets the SQLite transaction under way read another file as `name`, with so many MB to hold pages in.

    Both end when its connection goes back to the pool. What the transaction writes stays in SQLite's log until
    `empty_log`, or until the next writer.
    """
    connection = db.session.connection()
    connection.exec_driver_sql(f"ATTACH DATABASE ? AS {name}", (str(file),))
    connection.exec_driver_sql(f"PRAGMA main.cache_size = -{memory * 1024}")
    connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 0")
    connection.info["attached"] = name


def _put_aside(raw: Any, record: Any) -> None:
    name = record.info.pop("attached", None)
    if name is not None and raw is not None:
        raw.execute(f"DETACH DATABASE {name}")
        raw.execute("PRAGMA main.cache_size = -2000")  # SQLite's own default
        raw.execute(f"PRAGMA wal_autocheckpoint = {LONGEST_LOG}")
        raw.execute("PRAGMA shrink_memory")


def empty_log() -> None:
    """Moves what is in SQLite's log into its file, in a turn of its own: a large write holds up others for less.

    Does nothing on PostgreSQL, or where others write all the time; the log is then emptied by one of them.
    """
    file = db.engine.url.database
    if db.engine.dialect.name != "sqlite" or not file or file == ":memory:":
        return
    with db.engine.connect() as connection:
        try:
            _take_turn(connection, Path(f"{file}.lock"))
            raw: Any = connection.connection.driver_connection
            raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except (OperationalError, sqlite3.OperationalError) as error:
            log.info("SQLite's log is left to the next writer: %s", error)


def write(wait: float = LOCK_WAIT) -> None:
    """Begins a write transaction. The first database call of anything that writes; `keep` does it for you.

    Waits `wait` seconds for its turn on SQLite, then raises OperationalError.

    A read that already began is ended first, because SQLite refuses to turn a reader into a writer.
    Refused (RuntimeError) when something unsaved is already in the session.
    """
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("write() comes before the first change, not after it")
    if session.in_transaction():
        session.rollback()
    session.connection(execution_options={"sqlite_begin": "IMMEDIATE", "turn_wait": wait})


def in_turn(lock: int) -> None:
    """Goes on once no other write transaction holds this lock, and holds it until the end of the present one.

    For what is worked out of many rows before it is written. On SQLite a write transaction is alone already.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def keep(work: Callable[[], T]) -> T:
    """Runs `work` in one write transaction and commits it; afterwards all of it is on disk, or none.

    A database that was busy or went away is tried once more, so `work` must be safe to run again.
    Raises NotSaved when the second try fails too, or when the disk is full.
    """
    for attempt in (1, 2):
        try:
            write()
            result = work()
            db.session.commit()
            return result
        except IntegrityError:
            db.session.rollback()
            raise
        except (OperationalError, InterfaceError, DBAPIError) as error:
            db.session.rollback()
            log.warning("not saved (try %d): %s", attempt, error.orig)
            if attempt == 2:
                raise NotSaved from error
        except BaseException:
            db.session.rollback()
            raise
    raise AssertionError("unreachable")
