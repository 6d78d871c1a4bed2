"""Counting distinct employers for a release: read once from the database, then counted as arrays of whole numbers.

It reads on a connection of its own and leaves nothing behind. SQLite and PostgreSQL only hand over the rows, so the
same data gives the same counts on both. Exact counts come out, so only disclosure control and the attack suite call it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Date, bindparam, text

from skillsmatch.area.areas import Area
from skillsmatch.demand import lattice
from skillsmatch.demand.counted_signals import SECOND, Places, Signals, signals_of, without_those_beyond
from skillsmatch.demand.counting_offers import count_offers
from skillsmatch.demand.disclosure import NOBODY, RECORD_KEYS, WINSOR, Counted, Rules, Sum, band_of, suppress
from skillsmatch.demand.offers_seen import Source
from skillsmatch.demand.periods import Period
from skillsmatch.demand.snapshot import COUNTS, EMPLOYER, UNIT, channel, snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

Cell = tuple[str, str]
ABOVE_UNITS = 44  # bits; units stay below 2 ** 43, and a cell's number stands above them
PEOPLE = 4  # bits; they tell 0 to WINSOR apart


@dataclass
class Counts:
    """What was counted: exact, so never shown."""

    employers: int  # distinct, that count
    tables: dict[str, dict[Cell, Counted]] = field(default_factory=dict)  # cells with nobody are left out
    people: dict[Cell, Sum] = field(default_factory=dict)
    offers: dict[Cell, Counted] = field(default_factory=dict)  # by the offer's number and the step
    providers: dict[Cell, Counted] = field(default_factory=dict)  # by UKPRN and step


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
        signals = signals_of(connection, period, places, demonstration)
        signals = without_those_beyond(connection, signals, rules.most_themes)
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
        SELECT DISTINCT {UNIT} FROM demand_signal s {EMPLOYER}
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
