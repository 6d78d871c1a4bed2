"""How fast a file is loaded, measured in a database of its own beside a plain insert of the same rows."""

from __future__ import annotations

import csv
import gzip
import json
import logging
import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

EVERY = 100  # rows; one in so many is changed before the file is loaded again
TABLES = ("provider", "venue", "offer")
PRICE = "COST"  # the column that is changed
DATABASE = "bench.sqlite"
GZIP = b"\x1f\x8b"
ROOT = Path(__file__).resolve().parents[2]  # the checkout, where wsgi.py is found
STAGES = {
    "Checking": "checking and comparing",
    "Preparing": "preparing",
    "Saving": "holding the write lock",
}


@dataclass
class Loaded:
    """One load: how many rows, seconds in all and by stage, seconds of the processor, peak memory in MB."""

    rows: int
    changed: int
    seconds: float
    processor: float
    peak: float
    stages: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


class CannotChange(Exception):
    """The file has no price that could be changed."""


def measure(file: Path, *, index: bool) -> Iterator[str]:
    """Lines of the report, each as soon as it is known. Every step runs in a process of its own."""
    with TemporaryDirectory(prefix="skillsmatch-bench-") as name:
        folder = Path(name)
        first = _load_apart("load", file, folder)
        yield f"first load: {_told(first)}"
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            seconds = pool.submit(_insert_plainly, folder / DATABASE, folder / "plain.sqlite").result()
        yield (
            f"plain executemany of the same rows and indexes: {first.rows:,} rows in {seconds:.1f} s, "
            f"{first.rows / seconds:,.0f} a second; the load takes {first.seconds / seconds:.1f} times as long"
        )
        try:
            other = changed_copy(file, folder / "changed.csv")
        except CannotChange:
            yield f"the file has no column {PRICE}, so no load of a changed file was measured"
            return
        again = _load_apart("load", other, folder)
        yield f"again with 1 in {EVERY} changed: {_told(again)}; {again.seconds / first.seconds:.0%} of the first"
        whole = _load_apart("afresh", file, folder)
        yield f"changed back, every row checked afresh: {_told(whole)}; {whole.seconds / first.seconds:.0%}"
        if index:
            built = _apart("index", file, folder)
            yield f"search index of all of it: {built['seconds']:.0f} s, peak memory {built['peak']:.0f} MB"


def step(name: str, file: Path) -> dict[str, Any]:
    """What a process of the measurement does, in the database of its surroundings: load, afresh or index."""
    if name == "index":
        return _index()
    return asdict(_load(file, afresh=name == "afresh"))


def _load_apart(name: str, file: Path, folder: Path) -> Loaded:
    return Loaded(**_apart(name, file, folder))


def _apart(name: str, file: Path, folder: Path) -> dict[str, Any]:
    surroundings = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "SKILLSMATCH_DATA_DIR": str(folder),
        "SKILLSMATCH_SECRET_KEY": "no session is ever signed with this, as nothing is served",
    }
    command = [sys.executable, "-m", "flask", "offers", "bench", str(file.resolve()), "--step", name]
    ran = subprocess.run(command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if ran.returncode:  # it has said why
        raise SystemExit(ran.returncode)
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def changed_copy(file: Path, to: Path) -> Path:
    """Writes the table again, the price changed in one row of EVERY. Raises CannotChange where there is none."""
    with file.open("rb") as head:
        packed = head.read(2) == GZIP
    with (
        (
            gzip.open(file, "rt", encoding="utf-8-sig", newline="")
            if packed
            else file.open(encoding="utf-8-sig", newline="")
        ) as old,
        to.open("w", encoding="utf-8", newline="") as new,
    ):
        rows, out = csv.reader(old), csv.writer(new)
        try:
            header = next(rows)
            place = header.index(PRICE)
        except (StopIteration, ValueError, UnicodeDecodeError, csv.Error):
            raise CannotChange from None
        out.writerow(header)
        for number, row in enumerate(rows):
            if number % EVERY == 0:
                row[place] = "123.45" if row[place] != "123.45" else "123.46"
            out.writerow(row)
    return to


def _told(loaded: Loaded) -> str:
    stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in loaded.stages.items())
    return (
        f"{loaded.rows:,} rows in {loaded.seconds:.1f} s, {loaded.rate:,.0f} a second ({stages}); "
        f"{loaded.processor:.1f} s of the processor; {loaded.changed:,} written; peak memory {loaded.peak:.0f} MB"
    )


def _load(file: Path, *, afresh: bool) -> Loaded:
    from skillsmatch.offers.loading import load_offers

    _migrate()
    began: dict[str, float] = {}

    def note(stage: str, done: int, whole: int) -> None:
        began.setdefault(stage, time.monotonic())

    start, used = time.monotonic(), time.process_time()
    report = load_offers(file, afresh=afresh, index=False, progress=note)
    end, used = time.monotonic(), time.process_time() - used
    times = [*began.values(), end]
    stages = {
        STAGES[stage]: after - begin for stage, begin, after in zip(began, times, times[1:], strict=False)
    }
    changed = report.taken + report.changed + report.withdrawn
    return Loaded(report.in_file, changed, end - start, used, _peak(), stages)


def _migrate() -> None:
    from flask_migrate import upgrade

    logging.disable(logging.INFO)
    upgrade()


def _index() -> dict[str, Any]:
    from skillsmatch.offers.indexing import build_index

    start = time.monotonic()
    build_index()
    return {"seconds": time.monotonic() - start, "peak": _peak()}


def _insert_plainly(loaded: Path, to: Path) -> float:
    """Seconds to put the rows into a new file with the same tables, indexes and durability; they wait in memory."""
    with sqlite3.connect(loaded) as old, sqlite3.connect(to, isolation_level=None) as new:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            new.execute("PRAGMA " + pragma)
        made = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name = ? ORDER BY type DESC"
        for table in TABLES:
            for (statement,) in old.execute(made, (table,)).fetchall():
                new.execute(statement)
        rows = {table: old.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}  # noqa: S608
        start = time.monotonic()
        new.execute("BEGIN IMMEDIATE")
        for table, all_rows in rows.items():
            marks = ", ".join("?" * len(all_rows[0]))
            new.executemany(f"INSERT INTO {table} VALUES ({marks})", all_rows)  # noqa: S608
        new.execute("COMMIT")
        return time.monotonic() - start


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
