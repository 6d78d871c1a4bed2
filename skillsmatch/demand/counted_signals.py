"""The signals that count in a period, read once from the database as arrays of whole numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, DateTime, bindparam, select, text

from skillsmatch.demand import lattice
from skillsmatch.demand.models import UNMET, DemandSignal
from skillsmatch.demand.periods import Period
from skillsmatch.demand.snapshot import COUNTS, EMPLOYER, UNIT, channel, postgresql

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

Places = Mapping[str, Mapping[str, int]]  # of each dimension, the place of each code in the lattice
SECOND = 9  # bits; no dimension has more categories than they can tell apart
READ = 50_000  # rows read at once
IN_A_LIST = 500  # numbers named in one statement


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


def signals_of(connection: Connection, period: Period, places: Places, demonstration: bool) -> Signals:
    """The signals that count, read once; categories that we do not know stand where nothing was said."""
    import numpy as np

    readers = _readers(places)
    parts: list[list[Numbers]] = []
    reasons: list[tuple[int, tuple[int, ...]]] = []
    known, read = places["reason"], 0
    for rows in _rows(connection, period, demonstration):
        *columns, said = zip(*rows, strict=True)
        told = [
            map(reader.__getitem__, column)
            for reader, column in zip(readers.values(), columns[4:], strict=True)
        ]
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
        FROM demand_signal s {EMPLOYER}
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


def without_those_beyond(connection: Connection, signals: Signals, most: int) -> Signals:
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
        number: set(sorted(own, key=lambda theme: (*own[theme], theme))[:most])
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
