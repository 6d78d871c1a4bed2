"""A reader of one moment, for counting: temporary tables that end with it, and who counts, as SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from skillsmatch.demand.disclosure import RECORD_KEYS
from skillsmatch.demand.models import DEMONSTRATION
from skillsmatch.extensions import db

# One number for an employer and its record key. SUM(DISTINCT record_key) would be wrong: two employers may well
# have the same key. Employers have ids below 2 ** 31, so units stay below 2 ** 43.
# A key that officers merged into another counts as that one, with its record key; whether it counts is its own.
UNIT = f"CAST(COALESCE(m.root_id, k.id) AS BIGINT) * {RECORD_KEYS} + COALESCE(m.record_key, k.record_key)"
EMPLOYER = "JOIN employer_key k ON k.id = s.employer_key_id LEFT JOIN merged_employer m ON m.key_id = k.id"
# A signal `s` of an employer `k` that counts once its quarter has come.
COUNTS = """s.countable_at IS NOT NULL AND s.withdrawn_at IS NULL
    AND (k.confirmed_at IS NOT NULL
         OR (NOT s.suspect AND NOT k.provider AND k.digest NOT IN (SELECT code FROM release_provider)))"""
POSTGRESQL = ("SET LOCAL statement_timeout = '600s'", "SET LOCAL work_mem = '128MB'")
CACHE = 131_072  # KiB of SQLite's pages kept while counting; with its usual 2,000 a million signals take twice as long


@contextmanager
def snapshot(provider_digests: Iterable[str]) -> Iterator[Connection]:
    """A reader of one moment, who knows which employers are providers; rolled back in the end, and its temporary
    tables with it."""
    isolation = {"isolation_level": "REPEATABLE READ"} if postgresql() else {}
    with db.engine.connect().execution_options(**isolation) as connection:
        for setting in POSTGRESQL if postgresql() else (f"PRAGMA cache_size = -{CACHE}",):
            connection.execute(text(setting))
        try:
            _known_providers(connection, provider_digests)
            yield connection
        finally:
            connection.rollback()
            if not postgresql():
                connection.execute(text("PRAGMA cache_size = -2000"))  # SQLite's own default
                connection.rollback()


def _known_providers(connection: Connection, digests: Iterable[str]) -> None:
    temporary(connection, "release_provider", "code VARCHAR(64) PRIMARY KEY")
    rows = [{"code": digest} for digest in sorted(set(digests))]
    if rows:
        connection.execute(text("INSERT INTO release_provider (code) VALUES (:code)"), rows)


def temporary(connection: Connection, name: str, columns: str) -> None:
    """An empty table of these columns that ends with the reader."""
    connection.execute(text(f"CREATE TEMPORARY TABLE {name} ({columns}) {ended()}"))


def ended() -> str:
    """What a temporary table is made with so that it ends with the transaction; SQLite rolls it back anyway."""
    return "ON COMMIT DROP" if postgresql() else ""


def postgresql() -> bool:
    """True on PostgreSQL."""
    return db.engine.dialect.name == "postgresql"


def channel(demonstration: bool) -> str:
    """Leaves invented signals out, save in a demonstration."""
    return "" if demonstration else f"AND s.channel <> '{DEMONSTRATION}'"
