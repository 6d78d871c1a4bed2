"""The audit log: nothing changes it from inside, and what changes it from outside is found."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from skillsmatch.accounts.audit import PURPOSE, note
from skillsmatch.accounts.keys import key_for, key_name
from skillsmatch.accounts.models import AuditAnchor, AuditEntry
from skillsmatch.accounts.verifying import check, drop_old, heads_file, look_through, read_heads, write_head
from skillsmatch.database import keep
from skillsmatch.extensions import db
from tests.accounts.conftest import Clock

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def written(entries: int, **facts: object) -> None:
    for number in range(entries):
        keep(lambda n=number: note("offer changed", f"offer {n}", field="price", **facts))  # type: ignore[misc, arg-type]


def test_entries_are_numbered_without_a_gap_and_each_follows_the_one_before(in_app: Flask) -> None:
    def several() -> None:
        for number in range(5):
            note("offer changed", f"offer {number}")

    keep(several)

    def failing() -> None:
        note("offer changed", "offer lost")
        raise LookupError

    with pytest.raises(LookupError):
        keep(failing)
    written(2)

    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.id for entry in entries] == list(range(1, 8))
    assert len({entry.digest for entry in entries}) == 7
    assert entries[0].who == "operator at the command line"
    assert look_through().faults == []


@pytest.mark.parametrize("table", ["audit_entry", "audit_anchor"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET digest = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_every_change(in_app: Flask, table: str, statement: str, clock: Clock) -> None:
    written(3)
    clock.on(days=800)
    keep(drop_old)
    written(2)
    if "TRUNCATE" in statement and db.engine.dialect.name == "sqlite":
        return
    before = [row.id for row in db.session.scalars(select(AuditEntry))]

    with pytest.raises(DBAPIError, match="only added to"):
        db.session.execute(text(statement.format(table)))
    db.session.rollback()

    assert [row.id for row in db.session.scalars(select(AuditEntry))] == before
    assert db.session.scalars(select(AuditAnchor)).all()


def test_the_models_cannot_change_it_either(in_app: Flask) -> None:
    written(2)

    for change in (update(AuditEntry).values(who="x"), delete(AuditEntry)):
        with pytest.raises(DBAPIError):
            keep(lambda c=change: db.session.execute(c))  # type: ignore[misc]
    assert look_through().faults == []


def test_entries_written_at_the_same_time_all_stand(app: Flask) -> None:
    import threading

    failed: list[BaseException] = []

    def work() -> None:
        with app.app_context():
            try:
                written(10)
            except BaseException as error:
                failed.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    with app.app_context():
        found = look_through()
        assert (found.entries, found.faults) == (40, [])


# --- tampering -------------------------------------------------------------------------------------

Tamper = Callable[[sqlite3.Connection, random.Random], str]
COLUMNS = ("at", "account_id", "who", "action", "about", "facts", "key_name", "digest")


def edit(raw: sqlite3.Connection, chance: random.Random) -> str:
    number, column = pick(raw, chance), chance.choice(COLUMNS)
    was = raw.execute(f"SELECT {column} FROM audit_entry WHERE id = ?", (number,)).fetchone()[0]
    if column == "at":
        became: object = f"2026-10-{chance.randint(10, 28)} 08:00:00.{chance.randint(100000, 999999)}"
    elif column == "account_id":
        became = (was or 0) + chance.randint(1, 9)
    elif column in ("key_name", "digest"):
        place = chance.randrange(len(was))
        became = was[:place] + ("0" if was[place] != "0" else "1") + was[place + 1 :]
    else:
        became = was + chance.choice((" ", "x", "é", "\n"))
    raw.execute(f"UPDATE audit_entry SET {column} = ? WHERE id = ?", (became, number))
    return f"edit {column} of {number}"


def remove(raw: sqlite3.Connection, chance: random.Random) -> str:
    number = pick(raw, chance)
    raw.execute("DELETE FROM audit_entry WHERE id = ?", (number,))
    return f"delete {number}"


def remove_and_close_up(raw: sqlite3.Connection, chance: random.Random) -> str:
    number = pick(raw, chance)
    raw.execute("DELETE FROM audit_entry WHERE id = ?", (number,))
    for (later,) in raw.execute("SELECT id FROM audit_entry WHERE id > ? ORDER BY id", (number,)).fetchall():
        raw.execute("UPDATE audit_entry SET id = ? WHERE id = ?", (later - 1, later))
    return f"delete {number} and renumber"


def swap(raw: sqlite3.Connection, chance: random.Random) -> str:
    one, other = chance.sample(range(1, count(raw) + 1), 2)
    for old, new in ((one, -1), (other, one), (-1, other)):
        raw.execute("UPDATE audit_entry SET id = ? WHERE id = ?", (new, old))
    return f"swap {one} and {other}"


def insert(raw: sqlite3.Connection, chance: random.Random) -> str:
    """An entry put in somewhere, with a digest of the right shape; the later ones make room."""
    number = chance.randint(1, count(raw) + 1)
    for (later,) in raw.execute(
        "SELECT id FROM audit_entry WHERE id >= ? ORDER BY id DESC", (number,)
    ).fetchall():
        raw.execute("UPDATE audit_entry SET id = ? WHERE id = ?", (later + 1, later))
    copied = chance.choice([n for n in range(1, count(raw) + 1) if n != number])
    raw.execute(
        "INSERT INTO audit_entry (id, at, account_id, who, action, about, facts, key_name, digest) "
        "SELECT ?, at, account_id, who, action, about, facts, key_name, ? FROM audit_entry WHERE id = ?",
        (number, f"{chance.getrandbits(256):064x}", copied),
    )
    return f"insert at {number}"


def cut_off(raw: sqlite3.Connection, chance: random.Random) -> str:
    left = chance.randint(0, count(raw) - 1)
    raw.execute("DELETE FROM audit_entry WHERE id > ?", (left,))
    return f"cut off after {left}"


def begin_later(raw: sqlite3.Connection, chance: random.Random) -> str:
    """The oldest entries go, and an anchor that is not ours says that their time was over."""
    number = chance.randint(1, count(raw) - 1)
    digest = raw.execute("SELECT digest FROM audit_entry WHERE id = ?", (number,)).fetchone()[0]
    key = raw.execute("SELECT key_name FROM audit_entry WHERE id = ?", (number,)).fetchone()[0]
    raw.execute(
        "INSERT INTO audit_anchor (through, digest, at, key_name, seal) VALUES (?, ?, ?, ?, ?)",
        (number, digest, "2026-11-01 00:00:00.000000", key, f"{chance.getrandbits(256):064x}"),
    )
    raw.execute("DELETE FROM audit_entry WHERE id <= ?", (number,))
    return f"begin after {number}"


def pick(raw: sqlite3.Connection, chance: random.Random) -> int:
    return chance.randint(1, count(raw))


def count(raw: sqlite3.Connection) -> int:
    return raw.execute("SELECT COUNT(*) FROM audit_entry").fetchone()[0]


@only_sqlite
def test_a_thousand_tamperings_by_someone_with_the_file_are_all_found(app: Flask, tmp_path: Path) -> None:
    # given a log of 24 entries with its head written, and a copy of the file whose triggers are taken away
    with app.app_context():
        written(24, person="a person", number=3)
        assert write_head()
        assert look_through().faults == []
        db.session.remove()
        db.engine.dispose()
    file = Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
    whole = tmp_path / "whole.sqlite"
    source = sqlite3.connect(file)
    for (trigger,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        source.execute(f"DROP TRIGGER {trigger}")
    source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    source.close()
    shutil.copy(file, whole)
    kinds: list[Tamper] = [edit, edit, remove, remove_and_close_up, swap, insert, cut_off, begin_later]
    chance, missed = random.Random(20261126), []

    # when it is tampered with 1,000 times, each time on the whole log
    raw = sqlite3.connect(file, isolation_level=None)
    rows = sqlite3.connect(whole).execute("SELECT * FROM audit_entry").fetchall()
    marks = ", ".join("?" * len(rows[0]))
    with app.app_context():
        for _ in range(1000):
            raw.execute("BEGIN")
            done = chance.choice(kinds)(raw, chance)
            raw.execute("COMMIT")
            found = look_through()
            db.session.rollback()
            if not found.faults:
                missed.append(done)
            raw.execute("BEGIN")
            raw.execute("DELETE FROM audit_entry")
            raw.execute("DELETE FROM audit_anchor")
            raw.executemany(f"INSERT INTO audit_entry VALUES ({marks})", rows)
            raw.execute("COMMIT")
        assert look_through().faults == []  # and the log as it was is found whole again
    raw.close()

    # then none is missed
    assert missed == []


@only_sqlite
def test_without_the_head_outside_the_database_a_log_cut_off_looks_whole(in_app: Flask) -> None:
    written(5)
    for trigger in ("audit_entry_stays", "audit_entry_stands"):
        keep(lambda t=trigger: db.session.execute(text(f"DROP TRIGGER {t}")))  # type: ignore[misc]
    keep(lambda: db.session.execute(delete(AuditEntry).where(AuditEntry.id > 3)))
    assert look_through().faults == []

    heads_file().write_text("", encoding="ascii")
    assert look_through().heads == 0


@only_sqlite
def test_a_head_is_written_once_for_each_new_entry(in_app: Flask) -> None:
    assert not write_head()
    written(3)
    assert write_head()
    assert not write_head()
    written(1)
    assert write_head()

    assert [head.entry for head in read_heads()] == [3, 4]
    assert look_through().faults == []


@only_sqlite
@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "{}",
        "[]",
        json.dumps({"at": "x"}),
        '{"at": "2026-11-23T10:00:00", "entry": 9}',
        "\x00\xff",
        json.dumps({"at": "2026-11-23T10:00:00", "entry": 2, "digest": "é", "key": "é", "seal": "é"}),
        json.dumps({"at": "2026-11-23T10:00:00", "entry": 2, "digest": 1, "key": [], "seal": None}),
    ],
)
def test_a_line_among_the_heads_that_is_not_ours_is_found(in_app: Flask, line: str) -> None:
    written(3)
    write_head()
    with heads_file().open("a", encoding="utf-8") as out:
        out.write(line + "\n")

    assert any("not ours" in fault for fault in look_through().faults)


@only_sqlite
@pytest.mark.parametrize("seal", ["é", "0"])
def test_a_seal_or_digest_of_strange_letters_is_found_and_no_fault_of_ours(in_app: Flask, seal: str) -> None:
    written(2)
    write_head()
    heads_file().write_text(heads_file().read_text().replace('"seal": "', f'"seal": "{seal}'), "utf-8")
    entries = [AuditEntry(**row_of(entry)) for entry in db.session.scalars(select(AuditEntry))]
    entries[1].digest = seal

    found = check(entries, [], read_heads(), {key_name(key_for(PURPOSE)): key_for(PURPOSE)})

    assert any("not ours" in fault for fault in found.faults)
    assert "entry 2 is not as it was written" in found.faults


def row_of(entry: AuditEntry) -> dict[str, object]:
    """The entry's columns, for one that no session holds."""
    return {column.name: getattr(entry, column.name) for column in AuditEntry.__table__.columns}


def test_a_changed_key_is_told_apart_from_tampering(in_app: Flask) -> None:
    written(2)
    old = in_app.config["SECRET_KEY"]
    in_app.config["SECRET_KEY"] = "a newer key for the tests only, long enough"
    written(2)
    assert all("not set here" in fault for fault in look_through().faults)
    assert len(look_through().faults) == 2

    in_app.config["SECRET_KEY_FALLBACKS"] = [old]
    assert look_through().faults == []


# --- dropping what is old --------------------------------------------------------------------------


def test_entries_are_dropped_after_24_months_and_the_rest_is_still_proved(
    in_app: Flask, clock: Clock
) -> None:
    written(4)
    write_head()
    clock.on(days=400)
    written(3)
    assert keep(drop_old) == 0

    clock.on(days=332)
    assert keep(drop_old) == 4
    assert keep(drop_old) == 0

    assert [e.id for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))] == [5, 6, 7]
    written(1)
    found = look_through()
    assert (found.entries, found.last, found.faults) == (4, 8, [])

    clock.on(days=800)
    assert keep(drop_old) == 4  # all of them
    written(1)
    found = look_through()
    assert (found.entries, found.last, found.faults) == (1, 9, [])


def test_a_log_that_lost_entries_after_its_anchor_is_found(in_app: Flask, clock: Clock) -> None:
    written(4)
    clock.on(days=800)
    written(3)
    keep(drop_old)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    from skillsmatch.accounts.keys import key_name, keys_for
    from skillsmatch.accounts.verifying import check

    keys = {key_name(key): key for key in keys_for("audit log")}
    anchors = db.session.scalars(select(AuditAnchor)).all()

    assert check(entries, anchors, [], keys).faults == []
    assert check(entries[1:], anchors, [], keys).faults
    assert check(entries, [], [], keys).faults
    assert anchors[0].at - timedelta(days=800) == NOW
