"""Counting distinct employers for a release, in SQL alike on SQLite and PostgreSQL.

It reads on a connection of its own and leaves nothing behind: what is counted goes into temporary tables that
end with it. Exact counts come out, so only disclosure control and the attack suite call it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, DateTime, bindparam, text

from skillsmatch.area.areas import Area
from skillsmatch.demand import lattice
from skillsmatch.demand.disclosure import RECORD_KEYS, WINSOR, Counted, Rules, Sum
from skillsmatch.demand.models import DEMONSTRATION
from skillsmatch.demand.periods import Period
from skillsmatch.extensions import db

Cell = tuple[str, str]
COLUMNS = {  # of each dimension in the temporary table of counted signals
    "theme": "theme",
    "theme-group": "theme_group",
    "district": "district",
    "sector": "sector",
    "level": "level",
    "size": "size",
    "kind": "kind",
    "outcome": "outcome",
}
# One number for an employer and its record key, so that a cell's employers are made distinct by sorting numbers.
# SUM(DISTINCT record_key) would be wrong: two employers may well have the same key.
UNIT = f"CAST(k.id AS BIGINT) * {RECORD_KEYS} + k.record_key"


@dataclass
class Counts:
    """What was counted: exact, so never shown."""

    employers: int  # distinct, that count
    tables: dict[str, dict[Cell, Counted]] = field(default_factory=dict)  # cells with nobody are left out
    people: dict[Cell, Sum] = field(default_factory=dict)


def count(
    period: Period, area: Area, rules: Rules, provider_digests: Iterable[str], demonstration: bool
) -> Counts:
    """Every table of the period, counted. Signals of the demonstration count only where that is what runs."""
    with _connection() as connection:
        _known_tables(connection, area, provider_digests)
        _counted_signals(connection, period, area, demonstration)
        _leave_out_beyond(connection, rules.most_themes)
        counts = Counts(0)
        for spec in lattice.specs_for(period.kind):
            if spec.counts == "people":
                counts.people = _sums(connection)
            elif spec is lattice.EMPLOYERS:
                counts.tables[spec.name] = _employers(connection, period, demonstration)
            else:
                counts.tables[spec.name] = _table(connection, spec.dimensions)
        counted = counts.tables[lattice.EMPLOYERS.name].get(("counted", ""))
        counts.employers = counted.employers if counted else 0
        return counts


@contextmanager
def _connection() -> Iterator[Connection]:
    """A reader of one moment; rolled back in the end, and the temporary tables with it."""
    isolation = {"isolation_level": "REPEATABLE READ"} if _postgresql() else {}
    with db.engine.connect().execution_options(**isolation) as connection:
        if _postgresql():
            connection.execute(text("SET LOCAL statement_timeout = '600s'"))
            connection.execute(text("SET LOCAL work_mem = '128MB'"))
        yield connection
        connection.rollback()


def _postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def _known_tables(connection: Connection, area: Area, provider_digests: Iterable[str]) -> None:
    """Temporary tables of what the signals' codes are compared with."""
    groups = lattice.theme_groups()
    _temporary(connection, "release_theme", ("code", "grp"), groups.items())
    _temporary(connection, "release_district", ("code",), ((d,) for d in area.districts))
    _temporary(connection, "release_sector", ("code",), ((s.letter,) for s in area.sectors))
    kinds = lattice.categories(area)["kind"]
    _temporary(connection, "release_kind", ("code",), ((k,) for k in kinds if k))
    _temporary(connection, "release_provider", ("code",), ((d,) for d in sorted(set(provider_digests))))


def _temporary(
    connection: Connection, name: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> None:
    kept = [dict(zip(columns, row, strict=True)) for row in rows]
    listed = ", ".join(f"{c} VARCHAR(64) NOT NULL" for c in columns)
    connection.execute(text(f"CREATE TEMPORARY TABLE {name} ({listed}, PRIMARY KEY (code)) {_ended()}"))
    if kept:
        values = ", ".join(f":{c}" for c in columns)
        connection.execute(text(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({values})"), kept)  # noqa: S608


def _ended() -> str:
    return "ON COMMIT DROP" if _postgresql() else ""


COUNTS = """s.countable_at IS NOT NULL AND s.withdrawn_at IS NULL
    AND (k.confirmed_at IS NOT NULL
         OR (NOT s.suspect AND NOT k.provider AND k.digest NOT IN (SELECT code FROM release_provider)))"""


def _channel(demonstration: bool) -> str:
    return "" if demonstration else f"AND s.channel <> '{DEMONSTRATION}'"


def _when(period: Period) -> dict[str, object]:
    return {"start": period.start, "end": period.end}


def _counted_signals(connection: Connection, period: Period, area: Area, demonstration: bool) -> None:
    """One row of `release_signal` for each signal that counts, with the categories it counts in."""
    quarters = " ".join(
        f"WHEN s.countable_at < :q{n} THEN {n}" for n, _ in enumerate(period.quarters, start=1)
    )
    outcomes = " ".join(f"WHEN '{code}' THEN '{name}'" for code, name in lattice.OUTCOME_OF.items())
    sizes = ", ".join(f"'{size}'" for size in lattice.SIZES)
    query = f"""
        CREATE TEMPORARY TABLE release_signal {_ended()} AS
        SELECT s.id, {UNIT} AS unit,
               COALESCE(t.code, '') AS theme, COALESCE(t.grp, '') AS theme_group,
               CASE WHEN s.district = '' THEN '' ELSE COALESCE(d.code, '{lattice.OUTSIDE}') END AS district,
               COALESCE(c.code, '') AS sector,
               CASE WHEN s.level IS NULL THEN '' ELSE CAST(s.level AS VARCHAR(1)) END AS level,
               CASE WHEN s.size_band IN ({sizes}) THEN s.size_band ELSE '' END AS size,
               COALESCE(n.code, '') AS kind,
               CASE s.outcome {outcomes} END AS outcome,
               s.people, CASE WHEN s.theme_confirmed THEN 0 ELSE 1 END AS guessed, s.countable_at,
               CASE {quarters} END AS quarter
        FROM demand_signal s JOIN employer_key k ON k.id = s.employer_key_id
        LEFT JOIN release_theme t ON t.code = s.theme
        LEFT JOIN release_district d ON d.code = s.district
        LEFT JOIN release_sector c ON c.code = s.sic_section
        LEFT JOIN release_kind n ON n.code = s.need_kind
        WHERE s.countable_at >= :start AND s.countable_at < :end AND {COUNTS} {_channel(demonstration)}
    """  # noqa: S608
    ends = {f"q{n}": quarter.end for n, quarter in enumerate(period.quarters, start=1)}
    values = {**_when(period), **ends}
    connection.execute(text(query).bindparams(*(bindparam(name, type_=DateTime()) for name in values)), values)
    if _postgresql():
        connection.execute(text("ANALYZE release_signal"))


def _leave_out_beyond(connection: Connection, most: int) -> None:
    """An employer's themes beyond `most` in a quarter are left out, with the signals that say them.

    Those it confirmed stay first, then those that counted earliest; the theme's code decides between equals.
    """
    order = 'theme COLLATE "C"' if _postgresql() else "theme"
    connection.execute(
        text(f"""
        DELETE FROM release_signal WHERE id IN (
            SELECT r.id FROM release_signal r JOIN (
                SELECT unit, quarter, theme,
                       ROW_NUMBER() OVER (
                           PARTITION BY unit, quarter ORDER BY MIN(guessed), MIN(countable_at), {order}
                       ) AS place
                FROM release_signal WHERE unit IN (
                    SELECT unit FROM release_signal GROUP BY unit, quarter HAVING COUNT(DISTINCT theme) > :most
                ) GROUP BY unit, quarter, theme
            ) ranked ON ranked.unit = r.unit AND ranked.quarter = r.quarter AND ranked.theme = r.theme
            WHERE ranked.place > :most)
        """),  # noqa: S608
        {"most": most},
    )


def _table(connection: Connection, dimensions: tuple[str, ...]) -> dict[Cell, Counted]:
    """The cells of one table: distinct employers, and the sum of their record keys."""
    if dimensions == ("reason",):
        return _reasons(connection)
    columns = ", ".join(COLUMNS[d] for d in dimensions)
    return _cells(connection, columns, f"SELECT {columns}, unit FROM release_signal GROUP BY {columns}, unit")


def _cells(connection: Connection, columns: str, distinct: str) -> dict[Cell, Counted]:
    query = f"""SELECT {columns}, COUNT(*) AS employers, SUM(unit % {RECORD_KEYS}) % {RECORD_KEYS} AS ck
                FROM ({distinct}) u GROUP BY {columns}"""  # noqa: S608
    found = connection.execute(text(query)).all()
    return {
        (row[0], row[1] if len(row) == 4 else ""): Counted(int(row.employers), int(row.ck)) for row in found
    }


def _reasons(connection: Connection) -> dict[Cell, Counted]:
    """What was wrong, of the needs that nothing fitted."""
    listed = "json_array_elements_text(s.reasons) j(value)" if _postgresql() else "json_each(s.reasons) j"
    known = ", ".join(f"'{reason.code}'" for reason in lattice.REASONS)
    return _cells(
        connection,
        "reason",
        f"""SELECT DISTINCT j.value AS reason, r.unit FROM release_signal r
            JOIN demand_signal s ON s.id = r.id, {listed}
            WHERE r.outcome = 'unmet' AND j.value IN ({known})""",  # noqa: S608
    )


def _employers(connection: Connection, period: Period, demonstration: bool) -> dict[Cell, Counted]:
    """Employers that count, and those who asked in the period and do not count in it."""
    query = f"""
        SELECT 'counted' AS counting, unit FROM (SELECT DISTINCT unit FROM release_signal) r
        UNION ALL
        SELECT DISTINCT 'not-counted', {UNIT} FROM demand_signal s JOIN employer_key k ON k.id = s.employer_key_id
        WHERE s.made_on >= :first AND s.made_on <= :last AND s.withdrawn_at IS NULL AND NOT ({COUNTS})
              {_channel(demonstration)} AND {UNIT} NOT IN (SELECT unit FROM release_signal)
    """  # noqa: S608
    text_of = f"""SELECT counting, COUNT(*) AS employers, SUM(unit % {RECORD_KEYS}) % {RECORD_KEYS} AS ck
                  FROM ({query}) u GROUP BY counting"""  # noqa: S608
    days = {"first": period.first_day, "last": period.last_day}
    found = connection.execute(_dated(text_of), days).all()
    return {(row.counting, ""): Counted(int(row.employers), int(row.ck)) for row in found}


def _dated(query: str):  # noqa: ANN202
    from sqlalchemy import Date

    return text(query).bindparams(bindparam("first", type_=Date()), bindparam("last", type_=Date()))


def _sums(connection: Connection) -> dict[Cell, Sum]:
    """People wanted by theme. An employer adds the most it said for the theme, to WINSOR at the most: the same
    people asked for twice are not two."""
    query = f"""
        WITH each AS (
            SELECT theme, unit, CASE WHEN MAX(people) > {WINSOR} THEN {WINSOR} ELSE MAX(people) END AS people
            FROM release_signal WHERE people IS NOT NULL GROUP BY theme, unit
        ), placed AS (
            SELECT theme, unit, people, ROW_NUMBER() OVER (PARTITION BY theme ORDER BY people DESC, unit) AS place
            FROM each
        )
        SELECT theme, COUNT(*) AS employers, SUM(unit % {RECORD_KEYS}) % {RECORD_KEYS} AS ck, SUM(people) AS total,
               MAX(CASE WHEN place = 1 THEN people ELSE 0 END) AS largest,
               MAX(CASE WHEN place = 2 THEN people ELSE 0 END) AS second
        FROM placed GROUP BY theme
    """  # noqa: S608
    return {
        (row.theme, ""): Sum(
            Counted(int(row.employers), int(row.ck)), int(row.total), int(row.largest), int(row.second)
        )
        for row in connection.execute(text(query)).all()
    }


def shown_tables(counts: Counts, period: Period, area: Area, rules: Rules) -> dict[str, dict[Cell, int | None]]:
    """Every cell of every table of the period with what may be shown of it: nothing else leaves this module's
    callers. A cell that nobody is in stands there as well, hidden as a small one is."""
    from skillsmatch.demand.disclosure import NOBODY, band_of, suppress

    known: Mapping[str, Mapping[str, str]] = lattice.categories(area)
    tables: dict[str, dict[Cell, int | None]] = {}
    for spec in lattice.specs_for(period.kind):
        cells = list(lattice.cells_of(spec, known))
        if spec.counts == "people":
            nobody = Sum(NOBODY, 0, 0, 0)
            tables[spec.name] = {cell: band_of(counts.people.get(cell, nobody), rules) for cell in cells}
        else:
            counted = counts.tables[spec.name]
            tables[spec.name] = suppress({cell: counted.get(cell, NOBODY) for cell in cells}, rules)
    return tables
