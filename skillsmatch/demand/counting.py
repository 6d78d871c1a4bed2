"""Counting distinct employers for a release: read once from the database, then counted as arrays of whole numbers.

It reads on a connection of its own and leaves nothing behind. SQLite and PostgreSQL only hand over the rows, so the
same data gives the same counts on both. Exact counts come out, so only disclosure control and the attack suite call it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
    counts = Counts(len(own))
    for spec in lattice.specs_for(period.kind):
        codes = [list(places[dimension]) for dimension in spec.dimensions]
        if spec.counts == "people":
            counts.people = _sums(signals, codes[0])
        elif spec is lattice.EMPLOYERS:
            others = np.setdiff1d(_not_counted(connection, period, demonstration), own)
            groups = np.repeat(np.arange(2, dtype=np.int64), (len(own), len(others)))
            counts.tables[spec.name] = _cells(groups, np.concatenate([own, others]), codes)
        elif spec.dimensions == ("reason",):
            pairs = [(place, at) for at, reasons in signals.reasons for place in reasons]
            found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
            counts.tables[spec.name] = _cells(found[:, 0], signals.unit[found[:, 1]], codes)
        else:
            first, *second = (signals.columns[dimension] for dimension in spec.dimensions)
            cell = (first << SECOND) + second[0] if second else first
            counts.tables[spec.name] = _cells(cell, signals.unit, codes)
    return counts


def _signals(connection: Connection, period: Period, places: Places, demonstration: bool) -> Signals:
    """The signals that count, read once; categories that we do not know stand where nothing was said."""
    import numpy as np

    readers = _readers(places)
    parts: list[list[Numbers]] = []
    reasons: list[tuple[int, tuple[int, ...]]] = []
    known, unmet, read = places["reason"], UNMET, 0
    for rows in _rows(connection, period, demonstration):
        columns = list(zip(*rows, strict=True))
        numbers = [np.array(columns[at], dtype=np.int64) for at in range(4)]  # unit, number, guessed, quarter
        told = [[get(value) for value in columns[at]] for at, get in enumerate(readers.values(), start=4)]
        parts.append(numbers + [np.array(one, dtype=np.int64) for one in told])
        for at, (outcome, said) in enumerate(zip(columns[-2], columns[-1], strict=True), start=read):
            if outcome in unmet and said:
                reasons.append((at, tuple(known[code] for code in said if code in known)))
        read += len(rows)
    whole = [np.concatenate(one) for one in zip(*parts, strict=True)] or [
        np.zeros(0, dtype=np.int64) for _ in range(4 + len(readers))
    ]
    unit, number, guessed, quarter, *columns_read = whole
    by_name = dict(zip(readers, columns_read, strict=True))
    by_name["theme-group"] = _groups(places)[by_name["theme"]]
    return Signals(unit, by_name, guessed, quarter, number, reasons)


def _rows(connection: Connection, period: Period, demonstration: bool) -> Iterator[Any]:
    """Rows of what `_readers` reads, some at a time."""
    quarters = " ".join(
        f"WHEN s.countable_at < :q{n} THEN {n}" for n, _ in enumerate(period.quarters, start=1)
    )
    # A year is read from one end to the other: by the index its signals would be fetched one by one.
    whole = "+" if period.kind == "year" and not postgresql() else ""
    query = f"""
        SELECT {UNIT} AS unit, s.id, CASE WHEN s.theme_confirmed THEN 0 ELSE 1 END AS guessed,
               CASE {quarters} END AS quarter, s.theme, s.district, s.sic_section, s.level, s.size_band, s.need_kind,
               s.outcome, s.people, s.outcome AS became, s.reasons
        FROM demand_signal s JOIN employer_key k ON k.id = s.employer_key_id
        WHERE {whole}s.countable_at >= :start AND {whole}s.countable_at < :end AND {COUNTS} {channel(demonstration)}
    """  # noqa: S608
    ends = {f"q{n}": quarter.end for n, quarter in enumerate(period.quarters, start=1)}
    values = {"start": period.start, "end": period.end, **ends}
    asked = text(query).bindparams(*(bindparam(name, type_=DateTime()) for name in values))
    asked = asked.columns(reasons=DemandSignal.reasons.type)  # type: ignore[assignment]
    yield from connection.execute(asked.execution_options(yield_per=READ), values).partitions()


def _readers(places: Places) -> dict[str, Any]:
    """For each column that is read, what makes a whole number of its value."""

    def known(dimension: str, otherwise: str = lattice.NOT_SAID) -> Any:
        own, default = places[dimension], places[dimension][otherwise]
        return lambda code: own.get(code, default)

    levels = {int(code): n for code, n in places["level"].items() if code != lattice.NOT_SAID}
    outcomes = {code: places["outcome"][name] for code, name in lattice.OUTCOME_OF.items()}
    not_said = places["level"][lattice.NOT_SAID]
    return {
        "theme": known("theme"),
        "district": known("district", lattice.OUTSIDE),
        "sector": known("sector"),
        "level": lambda level: levels.get(level, not_said),
        "size": known("size"),
        "kind": known("kind"),
        "outcome": outcomes.__getitem__,
        "people": lambda people: -1 if people is None else people,
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

    one = np.unique((cell << ABOVE_UNITS) + unit)
    numbers, first, times = np.unique(one >> ABOVE_UNITS, return_index=True, return_counts=True)
    keys = np.add.reduceat(one % RECORD_KEYS, first) % RECORD_KEYS if len(first) else first
    found: dict[Cell, Counted] = {}
    for number, employers, key in zip(numbers.tolist(), times.tolist(), keys.tolist(), strict=True):
        name = divmod(number, 1 << SECOND) if len(codes) == 2 else (number,)
        found[codes[0][name[0]], codes[1][name[1]] if len(codes) == 2 else ""] = Counted(employers, key)
    return found


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
    key = (signals.columns["theme"][said] << ABOVE_UNITS) + signals.unit[said]
    people = np.minimum(signals.columns["people"][said], WINSOR)
    order = np.lexsort((-people, key))
    own, first = np.unique(key[order], return_index=True)
    most, theme = people[order][first], own >> ABOVE_UNITS
    found: dict[Cell, Sum] = {}
    for number in np.unique(theme).tolist():
        here = theme == number
        largest, second = (*sorted(most[here].tolist(), reverse=True)[:2], 0)[:2]
        cell = Counted(int(here.sum()), int((own[here] % RECORD_KEYS).sum() % RECORD_KEYS))
        found[themes[number], ""] = Sum(cell, int(most[here].sum()), largest, second)
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
