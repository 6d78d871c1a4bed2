"""Counting distinct employers for a release: read once from the database, then counted as arrays of whole numbers.

It reads on a connection of its own and leaves nothing behind. SQLite and PostgreSQL only hand over the rows, so the
same data gives the same counts on both. Exact counts come out, so only disclosure control and the attack suite call it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Date, DateTime, bindparam, select, text

from skillsmatch.area.areas import Area
from skillsmatch.demand import lattice
from skillsmatch.demand.counting_offers import count_offers
from skillsmatch.demand.disclosure import NOBODY, RECORD_KEYS, WINSOR, Counted, Rules, Sum, band_of, suppress
from skillsmatch.demand.models import UNMET, DemandSignal
from skillsmatch.demand.offers_seen import Source
from skillsmatch.demand.periods import Period
from skillsmatch.demand.snapshot import COUNTS, UNIT, channel, postgresql, snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

Cell = tuple[str, str]
Places = Mapping[str, Mapping[str, int]]  # of each dimension, the place of each code in the lattice
ABOVE_UNITS = 44  # bits; units stay below 2 ** 43, and a cell's number stands above them
SECOND = 9  # bits; no dimension has more categories than they can tell apart
PEOPLE = 4  # bits; they tell 0 to WINSOR apart
READ = 50_000  # rows read at once
IN_A_LIST = 500  # numbers named in one statement


@dataclass
class Counts:
    """What was counted: exact, so never shown."""

    employers: int  # distinct, that count
    tables: dict[str, dict[Cell, Counted]] = field(default_factory=dict)  # cells with nobody are left out
    people: dict[Cell, Sum] = field(default_factory=dict)
    offers: dict[Cell, Counted] = field(default_factory=dict)  # by the offer's number and the step
    providers: dict[Cell, Counted] = field(default_factory=dict)  # by UKPRN and step


@dataclass
class Signals:
    """The signals that count in a period, one place in every array for each."""

    unit: Numbers  # the employer and its record key, as one number
    columns: dict[str, Numbers]  # by dimension: the place of the category; and "people", -1 where not said
    guessed: Numbers  # 0 where the employer confirmed the theme
    quarter: Numbers  # from 1
    number: Numbers  # the signal's own
    reasons: list[tuple[int, tuple[int, ...]]]  # the place of the signal in the arrays, and of its reasons

    def without(self, left_out: Numbers) -> Signals:
        """The same without the signals at these places."""
        import numpy as np

        kept = np.ones(len(self.unit), dtype=bool)
        kept[left_out] = False
        moved = np.cumsum(kept) - 1
        return Signals(
            self.unit[kept],
            {name: column[kept] for name, column in self.columns.items()},
            self.guessed[kept],
            self.quarter[kept],
            self.number[kept],
            [(int(moved[at]), reasons) for at, reasons in self.reasons if kept[at]],
        )


def count(
    period: Period,
    area: Area,
    rules: Rules,
    provider_digests: Iterable[str],
    demonstration: bool,
    seen: Source | None = None,
) -> Counts:
    """Every table of the period, counted. Signals of the demonstration count only where that is what runs.

    `seen` says which offers employers were shown; without it, and for a year, no offer has a count.
    """
    with snapshot(provider_digests) as connection:
        places = {
            d: {code: n for n, code in enumerate(names)} for d, names in lattice.categories(area).items()
        }
        signals = _signals(connection, period, places, demonstration)
        signals = _without_those_beyond(connection, signals, rules.most_themes)
        counts = _counts(connection, period, places, signals, demonstration)
        if seen is not None and period.quarter:
            counts.providers, counts.offers = count_offers(
                connection, period, demonstration, seen, rules.most_offers
            )
        return counts


def _counts(
    connection: Connection, period: Period, places: Places, signals: Signals, demonstration: bool
) -> Counts:
    import numpy as np

    own = np.unique(signals.unit)
    others = np.setdiff1d(_not_counted(connection, period, demonstration), own)
    specs = lattice.specs_for(period.kind)

    def one(spec: lattice.Spec) -> dict[Cell, Counted]:
        codes = [list(places[dimension]) for dimension in spec.dimensions]
        if spec is lattice.EMPLOYERS:
            groups = np.repeat(np.arange(2, dtype=np.int64), (len(own), len(others)))
            return _cells(groups, np.concatenate([own, others]), codes)
        if spec.dimensions == ("reason",):
            pairs = [(place, at) for at, reasons in signals.reasons for place in reasons]
            found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
            return _cells(found[:, 0], signals.unit[found[:, 1]], codes)
        first, *second = (signals.columns[dimension] for dimension in spec.dimensions)
        return _cells((first << SECOND) + second[0] if second else first, signals.unit, codes)

    of_employers = [spec for spec in specs if spec.counts == "employers"]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # numpy sorts beside other threads
        tables = dict(zip((spec.name for spec in of_employers), pool.map(one, of_employers), strict=True))
    people = _sums(signals, list(places["theme"])) if lattice.PEOPLE in specs else {}
    return Counts(len(own), tables, people)


def _signals(connection: Connection, period: Period, places: Places, demonstration: bool) -> Signals:
    """The signals that count, read once; categories that we do not know stand where nothing was said."""
    import numpy as np

    readers = _readers(places)
    parts: list[list[Numbers]] = []
    reasons: list[tuple[int, tuple[int, ...]]] = []
    known, read = places["reason"], 0
    for rows in _rows(connection, period, demonstration):
        *columns, said = zip(*rows, strict=True)
        told = [map(reader.__getitem__, column) for reader, column in zip(readers.values(), columns[4:], strict=True)]
        parts.append([np.fromiter(one, dtype=np.int64, count=len(rows)) for one in (*columns[:4], *told)])
        for at, words in enumerate(said, start=read):
            if words is not None:
                listed = json.loads(words) if isinstance(words, str) else words  # SQLite hands over the text
                reasons.append((at, tuple(known[code] for code in listed if code in known)))
        read += len(rows)
    empty = [np.zeros(0, dtype=np.int64)] * (4 + len(readers))
    unit, number, guessed, quarter, *columns_read = map(np.concatenate, zip(empty, *parts, strict=True))
    by_name = dict(zip(readers, columns_read, strict=True))
    by_name["theme-group"] = _groups(places)[by_name["theme"]]
    return Signals(unit, by_name, guessed, quarter, number, reasons)


def _rows(connection: Connection, period: Period, demonstration: bool) -> Iterator[list[Any]]:
    """Rows as the driver gives them, some at a time: unit, number, guessed, quarter, what `_readers` reads, and the
    reasons where nothing fitted. A million of them made into SQLAlchemy's would take longer than all that follows."""
    quarters = " ".join(
        f"WHEN s.countable_at < :q{n} THEN {n}" for n, _ in enumerate(period.quarters, start=1)
    )
    unmet = ", ".join(f"'{code}'" for code in sorted(UNMET))
    # A year is read from one end to the other: by the index its signals would be fetched one by one.
    whole = "+" if period.kind == "year" and not postgresql() else ""
    query = f"""
        SELECT {UNIT}, s.id, CASE WHEN s.theme_confirmed THEN 0 ELSE 1 END, CASE {quarters} END, s.theme, s.district,
               s.sic_section, s.level, s.size_band, s.need_kind, s.outcome, COALESCE(s.people, -1),
               CASE WHEN s.outcome IN ({unmet}) THEN s.reasons END
        FROM demand_signal s JOIN employer_key k ON k.id = s.employer_key_id
        WHERE {whole}s.countable_at >= :start AND {whole}s.countable_at < :end AND {COUNTS} {channel(demonstration)}
    """  # noqa: S608
    ends = {f"q{n}": quarter.end for n, quarter in enumerate(period.quarters, start=1)}
    values = {"start": period.start, "end": period.end, **ends}
    asked = text(query).bindparams(*(bindparam(name, type_=DateTime()) for name in values))
    found = connection.execute(asked, values)
    cursor: Any = found.cursor
    while rows := cursor.fetchmany(READ):
        yield rows
    found.close()


class _Known(dict[Any, int]):
    """The place of each code, and of every other one the place where nothing known was said."""

    def __init__(self, places: Mapping[Any, int], otherwise: int) -> None:
        super().__init__(places)
        self.otherwise = otherwise

    def __missing__(self, _code: Any) -> int:
        return self.otherwise


class _Itself(dict[Any, int]):
    """A number stands for itself."""

    def __missing__(self, number: int) -> int:
        return number


def _readers(places: Places) -> dict[str, dict[Any, int]]:
    """For each column that is read, what makes a whole number of its value."""

    def known(dimension: str, otherwise: str = lattice.NOT_SAID) -> _Known:
        return _Known(places[dimension], places[dimension][otherwise])

    levels = {int(code): n for code, n in places["level"].items() if code != lattice.NOT_SAID}
    return {
        "theme": known("theme"),
        "district": known("district", lattice.OUTSIDE),
        "sector": known("sector"),
        "level": _Known(levels, places["level"][lattice.NOT_SAID]),
        "size": known("size"),
        "kind": known("kind"),
        "outcome": {code: places["outcome"][name] for code, name in lattice.OUTCOME_OF.items()},
        "people": _Itself(),
    }


def _groups(places: Places) -> Numbers:
    """The place of each theme's group, in the order of the themes' places."""
    import numpy as np

    groups = lattice.theme_groups() | {lattice.NOT_SAID: lattice.NOT_SAID}
    return np.array([places["theme-group"][groups[code]] for code in places["theme"]], dtype=np.int64)


def _without_those_beyond(connection: Connection, signals: Signals, most: int) -> Signals:
    """An employer's themes beyond `most` in a quarter are left out, with the signals that say them.

    Those it confirmed stay first, then those that counted earliest; the order of the themes' file decides between
    equals.
    """
    import numpy as np

    owner = (signals.unit << 3) + signals.quarter
    asked = np.unique((owner << SECOND) + signals.columns["theme"])
    owners, times = np.unique(asked >> SECOND, return_counts=True)
    wide = np.flatnonzero(np.isin(owner, owners[times > most]))
    if not len(wide):
        return signals
    moments = _moments(connection, [int(signals.number[at]) for at in wide])
    themes: dict[int, dict[int, tuple[int, datetime]]] = {}
    for at in wide:
        own = themes.setdefault(int(owner[at]), {})
        guessed, moment = int(signals.guessed[at]), moments[int(signals.number[at])]
        theme = int(signals.columns["theme"][at])
        before = own.get(theme, (guessed, moment))
        own[theme] = min(guessed, before[0]), min(moment, before[1])
    kept = {
        number: set(sorted(own, key=lambda theme: (*own[theme], theme))[:most])  # noqa: B023
        for number, own in themes.items()
    }
    left_out = [at for at in wide if int(signals.columns["theme"][at]) not in kept[int(owner[at])]]
    return signals.without(np.array(left_out, dtype=np.int64))


def _moments(connection: Connection, numbers: list[int]) -> dict[int, datetime]:
    """When each of these signals became countable."""
    found: dict[int, datetime] = {}
    for start in range(0, len(numbers), IN_A_LIST):
        some = numbers[start : start + IN_A_LIST]
        rows = connection.execute(
            select(DemandSignal.id, DemandSignal.countable_at).where(DemandSignal.id.in_(some))
        )
        found |= dict(rows.tuples().all())  # type: ignore[arg-type]
    return found


def _cells(cell: Numbers, unit: Numbers, codes: list[list[str]]) -> dict[Cell, Counted]:
    """The cells of one table that anybody is in: distinct employers, and the sum of their record keys."""
    import numpy as np

    one = np.sort((cell << ABOVE_UNITS) + unit)
    one = one[_first_of_each(one)]
    number = one >> ABOVE_UNITS
    starts = np.flatnonzero(_first_of_each(number))
    times = np.diff(starts, append=len(one))
    keys = np.add.reduceat(one % RECORD_KEYS, starts) % RECORD_KEYS if len(starts) else starts
    found: dict[Cell, Counted] = {}
    for place, employers, key in zip(number[starts].tolist(), times.tolist(), keys.tolist(), strict=True):
        first, second = divmod(place, 1 << SECOND) if len(codes) == 2 else (place, None)
        found[codes[0][first], "" if second is None else codes[1][second]] = Counted(employers, key)
    return found


def _first_of_each(ordered: Numbers) -> NDArray[np.bool_]:
    """True at the first of each run of equal numbers."""
    import numpy as np

    return np.concatenate([np.ones(min(1, len(ordered)), dtype=bool), ordered[1:] != ordered[:-1]])


def _not_counted(connection: Connection, period: Period, demonstration: bool) -> Numbers:
    """Employers who asked in the period with a signal that does not count, as units."""
    import numpy as np

    query = f"""
        SELECT DISTINCT {UNIT} FROM demand_signal s JOIN employer_key k ON k.id = s.employer_key_id
        WHERE s.made_on >= :first_day AND s.made_on <= :last_day AND s.withdrawn_at IS NULL AND NOT ({COUNTS})
              {channel(demonstration)}"""  # noqa: S608
    days = {"first_day": period.first_day, "last_day": period.last_day}
    asked = text(query).bindparams(*(bindparam(name, type_=Date()) for name in days))
    return np.array(connection.scalars(asked, days).all(), dtype=np.int64)


def _sums(signals: Signals, themes: list[str]) -> dict[Cell, Sum]:
    """People wanted by theme. An employer adds the most it said for the theme, to WINSOR at the most: the same
    people asked for twice are not two."""
    import numpy as np

    said = signals.columns["people"] >= 0
    people = np.minimum(signals.columns["people"][said], WINSOR)
    own = (signals.columns["theme"][said] << ABOVE_UNITS) + signals.unit[said]
    told = np.sort((own << PEOPLE) + people)
    own = told >> PEOPLE
    last = np.roll(_first_of_each(own), -1)  # of an employer's numbers the largest
    own, most = own[last], told[last] % (1 << PEOPLE)
    theme, key = own >> ABOVE_UNITS, own % RECORD_KEYS
    found: dict[Cell, Sum] = {}
    for number in np.unique(theme).tolist():
        here = most[theme == number]
        largest, second = (*np.sort(here)[-2:][::-1].tolist(), 0)[:2]
        cell = Counted(len(here), int(key[theme == number].sum() % RECORD_KEYS))
        found[themes[number], ""] = Sum(cell, int(here.sum()), largest, second)
    return found


def shown_tables(
    counts: Counts, period: Period, area: Area, rules: Rules
) -> dict[str, dict[Cell, int | None]]:
    """Every cell of every table of the period with what may be shown of it: nothing else leaves this module's
    callers. A cell that nobody is in stands there as well, hidden as a small one is. Of the desk's figures only the
    cells with a number stand there: whoever reads them takes every other one for hidden."""
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
    if period.quarter:
        for name, steps in ((lattice.OF_PROVIDERS, counts.providers), (lattice.OF_OFFERS, counts.offers)):
            told = suppress(steps, rules)
            tables[name] = {cell: shown for cell, shown in sorted(told.items()) if shown is not None}
    return tables
