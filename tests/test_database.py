"""The one way to write: nothing acknowledged is lost, nothing is kept twice, a failure leaves nothing behind."""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import NOW
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from skillsmatch import ROOT, database
from skillsmatch.database import NotSaved, keep, write
from skillsmatch.demand.models import EmployerKey
from skillsmatch.extensions import db
from skillsmatch.offers.models import Catalogue

PROCESSES, TURNS = 8, 25

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)

# One process makes the service and uses its database, then forks the writers, as gunicorn does with --preload.
WRITERS = """
import os, sys
from flask import Flask
from skillsmatch.database import prepare_engine, write
from skillsmatch.extensions import db
from skillsmatch.offers.models import Catalogue

app = Flask("writers")
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
db.init_app(app)
with app.app_context():
    prepare_engine(db.engine)
    assert db.session.get_one(Catalogue, 1).number == 0
    parents_pool, parents_connection = db.engine.pool, db.session.connection().connection.dbapi_connection
    db.session.rollback()
    children = []
    for _ in range(int(sys.argv[2])):
        child = os.fork()
        if child:
            children.append(child)
            continue
        code = 1
        try:
            for _ in range(int(sys.argv[3])):
                write()
                catalogue = db.session.get_one(Catalogue, 1)
                catalogue.number = catalogue.number + 1
                db.session.commit()
                db.session.expire_all()
            mine = db.session.connection().connection.dbapi_connection
            code = 0 if db.engine.pool is not parents_pool and mine is not parents_connection else 3
        finally:
            os._exit(code)
    print(sorted(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))
"""


def add_catalogue(number: int = 0) -> Catalogue:
    catalogue = Catalogue(id=1, number=number, last_load={})
    db.session.add(catalogue)
    return catalogue


def stored_number() -> int | None:
    db.session.rollback()
    catalogue = db.session.get(Catalogue, 1)
    return catalogue.number if catalogue else None


@pytest.fixture
def on_sqlite(in_app: Flask) -> Path:
    """The file of the SQLite database under test."""
    return Path(str(db.engine.url.database))


@contextmanager
def write_lock_held(file: Path) -> Iterator[None]:
    """Another process is writing and does not end."""
    handle = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def lock_is_free(file: Path) -> bool:
    handle = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(handle)


def test_eight_processes_that_read_and_then_write_lose_no_turn(in_app: Flask, database_url: str) -> None:
    keep(add_catalogue)
    db.engine.dispose()
    address = db.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", WRITERS, address, str(PROCESSES), str(TURNS)]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)

    if db.engine.dialect.name == "sqlite":
        assert ran.stdout.strip() == str([0] * PROCESSES), ran.stderr
        assert stored_number() == PROCESSES * TURNS
    else:  # PostgreSQL lets all of them read the same number; that none fails and none shares is what holds
        assert ran.stdout.strip() == str([0] * PROCESSES), ran.stderr
        assert 0 < (stored_number() or 0) <= PROCESSES * TURNS


@only_sqlite
def test_a_sqlite_connection_has_the_durable_settings(on_sqlite: Path) -> None:
    def setting(name: str) -> object:
        return db.session.execute(text(f"PRAGMA {name}")).scalar()

    assert setting("journal_mode") == "wal"
    assert setting("synchronous") == 2, "FULL: NORMAL loses acknowledged rows in a power cut"
    assert setting("foreign_keys") == 1
    assert setting("secure_delete") == 1
    assert setting("trusted_schema") == 0


@only_sqlite
def test_what_was_kept_is_there_for_another_program(on_sqlite: Path) -> None:
    keep(lambda: add_catalogue(7))

    with sqlite3.connect(on_sqlite) as other:
        assert other.execute("SELECT number FROM catalogue").fetchall() == [(7,)]
    other.close()


def test_writing_cannot_begin_after_the_first_change(in_app: Flask) -> None:
    add_catalogue()

    with pytest.raises(RuntimeError, match="before the first change"):
        write()

    assert stored_number() is None


def test_a_read_that_went_before_does_not_stop_a_write(in_app: Flask) -> None:
    assert stored_number() is None
    assert db.session().in_transaction()

    keep(lambda: add_catalogue(3))

    assert stored_number() == 3


@only_sqlite
def test_the_write_lock_is_held_during_a_write_and_given_back_after_it(on_sqlite: Path) -> None:
    write()
    assert not lock_is_free(on_sqlite)
    db.session.rollback()
    assert lock_is_free(on_sqlite)

    write()
    add_catalogue()
    assert not lock_is_free(on_sqlite)
    db.session.commit()
    assert lock_is_free(on_sqlite)


@only_sqlite
def test_the_write_lock_is_given_back_when_the_work_fails(on_sqlite: Path) -> None:
    def fails() -> None:
        add_catalogue()
        raise LookupError("no such offer")

    with pytest.raises(LookupError):
        keep(fails)

    assert lock_is_free(on_sqlite)
    assert stored_number() is None


@only_sqlite
def test_reading_takes_no_lock(on_sqlite: Path) -> None:
    keep(lambda: add_catalogue(5))

    with write_lock_held(on_sqlite):
        assert stored_number() == 5


@only_sqlite
def test_a_lock_held_too_long_is_not_saved_and_the_next_try_is_free(
    on_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_WAIT", 0.02)

    with write_lock_held(on_sqlite), pytest.raises(NotSaved):
        keep(add_catalogue)

    assert stored_number() is None
    keep(lambda: add_catalogue(1))
    assert stored_number() == 1


@only_sqlite
def test_a_write_by_another_program_is_waited_for_and_then_not_saved(on_sqlite: Path) -> None:
    db.session.execute(text("PRAGMA busy_timeout = 20"))  # stays on this connection
    db.session.rollback()
    other = sqlite3.connect(on_sqlite, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(NotSaved):
        keep(add_catalogue)

    other.execute("ROLLBACK")
    other.close()
    keep(lambda: add_catalogue(1))
    assert stored_number() == 1


@only_sqlite
def test_a_busy_database_is_tried_once_more(on_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LOCK_WAIT", 0.02)
    really_take = database._take_turn
    asked: list[int] = []

    def busy_the_first_time(connection: object, lock: Path) -> None:
        asked.append(1)
        if len(asked) == 1:
            with write_lock_held(on_sqlite):
                really_take(connection, lock)  # type: ignore[arg-type]
        really_take(connection, lock)  # type: ignore[arg-type]

    monkeypatch.setattr(database, "_take_turn", busy_the_first_time)

    keep(lambda: add_catalogue(9))

    assert len(asked) == 2
    assert stored_number() == 9


@only_sqlite
def test_a_full_disk_is_not_saved_and_costs_nothing_that_was_there(on_sqlite: Path) -> None:
    keep(lambda: add_catalogue(1))
    pages = db.session.execute(text("PRAGMA page_count")).scalar()
    db.session.execute(text(f"PRAGMA max_page_count = {pages}"))
    db.session.rollback()

    def too_much() -> None:
        db.session.get_one(Catalogue, 1).last_load = {"file": "x" * 100_000}

    with pytest.raises(NotSaved):
        keep(too_much)

    assert db.session.get_one(Catalogue, 1).last_load == {}
    db.session.execute(text("PRAGMA max_page_count = 1000000"))
    db.session.rollback()
    keep(too_much)
    assert len(db.session.get_one(Catalogue, 1).last_load["file"]) == 100_000


@only_sqlite
def test_a_read_only_database_is_read_but_not_saved_to(on_sqlite: Path) -> None:
    keep(lambda: add_catalogue(4))
    db.session.execute(text("PRAGMA query_only = ON"))
    db.session.rollback()

    with pytest.raises(NotSaved):
        keep(lambda: setattr(db.session.get_one(Catalogue, 1), "number", 5))

    assert stored_number() == 4


def test_a_duplicate_is_the_callers_to_answer_and_is_not_tried_again(in_app: Flask) -> None:
    tries: list[int] = []

    def add_key() -> None:
        tries.append(1)
        db.session.add(EmployerKey(digest="same", record_key=1, basis="need", created_at=NOW))
        db.session.flush()

    keep(add_key)
    with pytest.raises(IntegrityError):
        keep(add_key)

    assert len(tries) == 2
    assert len(db.session.execute(db.select(EmployerKey)).all()) == 1


def test_a_broken_rule_of_a_table_is_refused_by_both_databases(in_app: Flask) -> None:
    with pytest.raises(IntegrityError):
        keep(lambda: db.session.add(EmployerKey(digest="d", record_key=4096, basis="need", created_at=NOW)))
    with pytest.raises(IntegrityError):
        keep(lambda: db.session.add(EmployerKey(digest="d", record_key=1, basis="guess", created_at=NOW)))


@only_postgresql
def test_a_server_that_dropped_its_connections_is_asked_once_more(in_app: Flask) -> None:
    keep(lambda: add_catalogue(1))
    stored_number()
    drop = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND datname = current_database()")  # fmt: skip
    with db.engine.connect() as second:  # the session holds the first
        assert second.execute(drop).scalars().all() == [True]

    def count_up() -> None:
        db.session.get_one(Catalogue, 1).number = 2

    keep(count_up)

    assert stored_number() == 2


def test_the_largest_number_and_the_wait_are_each_said_in_one_place() -> None:
    texts = {file: file.read_text() for file in Path(database.__file__).parent.rglob("*.py")}

    def sayers(pattern: str) -> list[str]:
        return sorted(file.name for file, text in texts.items() if re.search(pattern, text))

    assert sayers(r"LARGEST_ID\s*=") == ["database.py"]
    assert sayers(r'"Retry-After": "\d') == []
