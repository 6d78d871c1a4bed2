"""Counting distinct employers for a release, in SQL alike on SQLite and PostgreSQL.

It reads on a connection of its own and leaves nothing behind: what is counted goes into temporary tables that
end with it. Exact counts come out, so only disclosure control and the attack suite call it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Date, DateTime, bindparam, text

from skillsmatch.area.areas import Area
from skillsmatch.demand import lattice
from skillsmatch.demand.disclosure import RECORD_KEYS, WINSOR, Counted, Rules, Sum
from skillsmatch.demand.models import DEMONSTRATION
from skillsmatch.demand.periods import Period
from skillsmatch.extensions import db

Cell = tuple[str, str]
Places = Mapping[str, Mapping[str, int]]  # of each dimension, the place of each code in the lattice
# Columns of the temporary table of counted signals. Each holds the place of the signal's category in the lattice.
COLUMNS = {
    "theme": "theme",
    "theme-group": "grp",
    "district": "district",
    "sector": "sector",
    "level": "level",
    "size": "size",
    "kind": "kind",
    "outcome": "outcome",
    "reason": "reason",
    "counting": "counting",
}
# One number for an employer and its record key. SUM(DISTINCT record_key) would be wrong: two employers may well
# have the same key. In front of it goes the number of the cell, so that the employers of every cell of a table are
# made distinct by sorting one column of whole numbers: three times as fast as sorting codes.
# A key that officers merged into another counts as that one, with its record key; whether it counts is its own.
UNIT = f"CAST(COALESCE(m.root_id, k.id) AS BIGINT) * {RECORD_KEYS} + COALESCE(m.record_key, k.record_key)"
EMPLOYER = "JOIN employer_key k ON k.id = s.employer_key_id LEFT JOIN merged_employer m ON m.key_id = k.id"
ABOVE_UNITS = 1 << 44  # employers have ids below 2 ** 31, so units stay below 2 ** 43
POSTGRESQL = ("SET LOCAL statement_timeout = '600s'", "SET LOCAL work_mem = '128MB'")
CACHE = 131_072  # KiB of SQLite's pages kept while counting; with its usual 2,000 a million signals take twice as long
SECOND = 1 << 9  # no dimension has so many categories


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
        places = {
            d: {code: n for n, code in enumerate(names)} for d, names in lattice.categories(area).items()
        }
        _known_tables(connection, places, provider_digests)
        _counted_signals(connection, period, places, demonstration)
        _leave_out_beyond(connection, rules.most_themes)
        counts = Counts(0)
        for spec in lattice.specs_for(period.kind):
            if spec.counts == "people":
                counts.people = _sums(connection, list(places["theme"]))
            elif spec is lattice.EMPLOYERS:
                counts.tables[spec.name] = _cells(
                    connection, spec.dimensions, places, *_employers(period, demonstration)
                )
            elif spec.dimensions == ("reason",):
                counts.tables[spec.name] = _cells(connection, spec.dimensions, places, _reasons(places))
            else:
                counts.tables[spec.name] = _cells(connection, spec.dimensions, places, "release_signal r")
        counted = counts.tables[lattice.EMPLOYERS.name].get(("counted", ""))
        counts.employers = counted.employers if counted else 0
        return counts


@contextmanager
def _connection() -> Iterator[Connection]:
    """A reader of one moment; rolled back in the end, and the temporary tables with it."""
    isolation = {"isolation_level": "REPEATABLE READ"} if _postgresql() else {}
    with db.engine.connect().execution_options(**isolation) as connection:
        for setting in POSTGRESQL if _postgresql() else (f"PRAGMA cache_size = -{CACHE}",):
            connection.execute(text(setting))
        try:
            yield connection
        finally:
            connection.rollback()
            if not _postgresql():
                connection.execute(text("PRAGMA cache_size = -2000"))  # SQLite's own default
                connection.rollback()


def _postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def _known_tables(connection: Connection, places: Places, provider_digests: Iterable[str]) -> None:
    """Temporary tables of the codes that signals have, with their places."""
    groups = lattice.theme_groups() | {lattice.NOT_SAID: lattice.NOT_SAID}
    for dimension in ("theme", "district", "sector", "kind", "reason"):
        rows = [
            {"code": code, "place": place, "grp": places["theme-group"][groups.get(code, "")]}
            for code, place in places[dimension].items()
        ]
        _temporary(connection, f"release_{dimension}", ("code", "place", "grp"), rows)
    digests = [{"code": digest} for digest in sorted(set(provider_digests))]
    _temporary(connection, "release_provider", ("code",), digests)


def _temporary(
    connection: Connection, name: str, columns: tuple[str, ...], rows: Sequence[Mapping[str, object]]
) -> None:
    listed = ", ".join(
        "code VARCHAR(64) PRIMARY KEY" if c == "code" else f"{c} INTEGER NOT NULL" for c in columns
    )
    connection.execute(text(f"CREATE TEMPORARY TABLE {name} ({listed}) {_ended()}"))
    if rows:
        values = ", ".join(f":{c}" for c in columns)
        connection.execute(text(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({values})"), rows)  # noqa: S608


def _ended() -> str:
    return "ON COMMIT DROP" if _postgresql() else ""


COUNTS = """s.countable_at IS NOT NULL AND s.withdrawn_at IS NULL
    AND (k.confirmed_at IS NOT NULL
         OR (NOT s.suspect AND NOT k.provider AND k.digest NOT IN (SELECT code FROM release_provider)))"""


def _channel(demonstration: bool) -> str:
    return "" if demonstration else f"AND s.channel <> '{DEMONSTRATION}'"


def _counted_signals(connection: Connection, period: Period, places: Places, demonstration: bool) -> None:
    """One row of `release_signal` for each signal that counts, with the places of the categories it counts in."""
    quarters = " ".join(
        f"WHEN s.countable_at < :q{n} THEN {n}" for n, _ in enumerate(period.quarters, start=1)
    )
    outcomes = _case(
        "s.outcome", {code: places["outcome"][name] for code, name in lattice.OUTCOME_OF.items()}
    )
    sizes = _case("s.size_band", places["size"])
    not_said = {dimension: known.get(lattice.NOT_SAID, -1) for dimension, known in places.items()}
    # A year is read from one end to the other: by the index its signals would be fetched one by one.
    whole = "+" if period.kind == "year" and not _postgresql() else ""
    query = f"""
        CREATE TEMPORARY TABLE release_signal {_ended()} AS
        SELECT s.id, {UNIT} AS unit,
               COALESCE(t.place, {not_said["theme"]}) AS theme, COALESCE(t.grp, {not_said["theme-group"]}) AS grp,
               COALESCE(d.place, {places["district"][lattice.OUTSIDE]}) AS district,
               COALESCE(c.place, {not_said["sector"]}) AS sector, COALESCE(s.level, {not_said["level"]}) AS level,
               {sizes} AS size, COALESCE(n.place, {not_said["kind"]}) AS kind, {outcomes} AS outcome,
               s.people, CASE WHEN s.theme_confirmed THEN 0 ELSE 1 END AS guessed, s.countable_at,
               CASE {quarters} END AS quarter
        FROM demand_signal s {EMPLOYER}
        LEFT JOIN release_theme t ON t.code = s.theme
        LEFT JOIN release_district d ON d.code = s.district
        LEFT JOIN release_sector c ON c.code = s.sic_section
        LEFT JOIN release_kind n ON n.code = s.need_kind
        WHERE {whole}s.countable_at >= :start AND {whole}s.countable_at < :end AND {COUNTS} {_channel(demonstration)}
    """  # noqa: S608
    ends = {f"q{n}": quarter.end for n, quarter in enumerate(period.quarters, start=1)}
    values = {"start": period.start, "end": period.end, **ends}
    connection.execute(
        text(query).bindparams(*(bindparam(name, type_=DateTime()) for name in values)), values
    )
    if _postgresql():
        connection.execute(text("ANALYZE release_signal"))


def _case(column: str, places: Mapping[str, int]) -> str:
    """SQL for the place of a column's code; the codes are ours, never what somebody typed."""
    known = " ".join(f"WHEN '{code}' THEN {place}" for code, place in places.items() if code)
    return f"CASE {column} {known} ELSE {places.get(lattice.NOT_SAID, -1)} END"


def _leave_out_beyond(connection: Connection, most: int) -> None:
    """An employer's themes beyond `most` in a quarter are left out, with the signals that say them.

    Those it confirmed stay first, then those that counted earliest; the order of the themes' file decides between
    equals.
    """
    query = """
        DELETE FROM release_signal WHERE id IN (
            SELECT r.id FROM release_signal r JOIN (
                SELECT unit, quarter, theme,
                       ROW_NUMBER() OVER (
                           PARTITION BY unit, quarter ORDER BY MIN(guessed), MIN(countable_at), theme
                       ) AS place
                FROM release_signal WHERE unit IN (
                    SELECT unit FROM release_signal GROUP BY unit, quarter HAVING COUNT(DISTINCT theme) > :most
                ) GROUP BY unit, quarter, theme
            ) ranked ON ranked.unit = r.unit AND ranked.quarter = r.quarter AND ranked.theme = r.theme
            WHERE ranked.place > :most)
    """
    connection.execute(text(query), {"most": most})


def _cells(
    connection: Connection,
    dimensions: tuple[str, ...],
    places: Places,
    source: str,
    days: Mapping[str, object] | None = None,
) -> dict[Cell, Counted]:
    """The cells of one table that anybody is in: distinct employers, and the sum of their record keys."""
    first, *second = (COLUMNS[dimension] for dimension in dimensions)
    number = f"CAST({first} AS BIGINT) * {SECOND} + {second[0] if second else 0}"
    query = f"""
        SELECT cell / {ABOVE_UNITS} AS number, COUNT(*) AS employers, SUM(cell % {RECORD_KEYS}) % {RECORD_KEYS} AS ck
        FROM (SELECT ({number}) * {ABOVE_UNITS} + unit AS cell FROM {source} GROUP BY 1) one
        GROUP BY cell / {ABOVE_UNITS}
    """  # noqa: S608
    codes = [list(places[dimension]) for dimension in dimensions]
    dated = text(query).bindparams(*(bindparam(name, type_=Date()) for name in days or ()))
    cells: dict[Cell, Counted] = {}
    for row in connection.execute(dated, dict(days or {})):
        one, two = divmod(int(row.number), SECOND)
        cell = (codes[0][one], codes[1][two] if second else "")
        cells[cell] = Counted(int(row.employers), int(row.ck))
    return cells


def _reasons(places: Places) -> str:
    """What was wrong, of the needs that nothing fitted, as rows to count."""
    listed = "json_array_elements_text(s.reasons) j(value)" if _postgresql() else "json_each(s.reasons) j"
    return f"""(SELECT known.place AS reason, r.unit FROM release_signal r
                JOIN demand_signal s ON s.id = r.id CROSS JOIN {listed}
                JOIN release_reason known ON known.code = j.value
                WHERE r.outcome = {places["outcome"]["unmet"]}) r"""  # noqa: S608


def _employers(period: Period, demonstration: bool) -> tuple[str, dict[str, object]]:
    """Employers that count, and those who asked in the period and do not count in it, as rows to count."""
    source = f"""(
        SELECT 0 AS counting, unit FROM release_signal
        UNION ALL
        SELECT 1, {UNIT} FROM demand_signal s {EMPLOYER}
        WHERE s.made_on >= :first_day AND s.made_on <= :last_day AND s.withdrawn_at IS NULL AND NOT ({COUNTS})
              {_channel(demonstration)} AND {UNIT} NOT IN (SELECT unit FROM release_signal)) r"""  # noqa: S608
    return source, {"first_day": period.first_day, "last_day": period.last_day}


def _sums(connection: Connection, themes: list[str]) -> dict[Cell, Sum]:
    """People wanted by theme. An employer adds the most it said for the theme, to WINSOR at the most: the same
    people asked for twice are not two."""
    query = f"""
        SELECT theme, COUNT(*) AS employers, SUM(unit % {RECORD_KEYS}) % {RECORD_KEYS} AS ck, SUM(people) AS total,
               MAX(CASE WHEN place = 1 THEN people ELSE 0 END) AS largest,
               MAX(CASE WHEN place = 2 THEN people ELSE 0 END) AS second
        FROM (
            SELECT theme, unit, people, ROW_NUMBER() OVER (PARTITION BY theme ORDER BY people DESC) AS place
            FROM (
                SELECT theme, unit, CASE WHEN MAX(people) > {WINSOR} THEN {WINSOR} ELSE MAX(people) END AS people
                FROM release_signal WHERE people IS NOT NULL GROUP BY theme, unit
            ) one
        ) placed GROUP BY theme
    """  # noqa: S608
    return {
        (themes[row.theme], ""): Sum(
            Counted(int(row.employers), int(row.ck)), int(row.total), int(row.largest), int(row.second)
        )
        for row in connection.execute(text(query))
    }


def shown_tables(
    counts: Counts, period: Period, area: Area, rules: Rules
) -> dict[str, dict[Cell, int | None]]:
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
