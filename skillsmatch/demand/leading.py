"""Which themes stand first: by their published number, and equals by what else is published of them.

Rounding makes many numbers equal. The year's quarters and the table by outcome tell them apart, as any reader with a
pencil could: nothing but published cells comes in, so the order tells no more than they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from skillsmatch.area.areas import Area
from skillsmatch.demand.periods import read_period
from skillsmatch.demand.published import Cell, Edition, read_table

Numbers = Mapping[tuple[str, str], int | None]


def told_besides(quarters: Iterable[Numbers], by_outcome: Numbers, threshold: int) -> dict[str, float]:
    """For each theme the sum of its published numbers in these quarters and by outcome; one that is hidden stands for
    the middle of what it may be."""
    hidden = (threshold - 1) / 2
    found: dict[str, float] = {}
    for table, axis in [*((quarter, 0) for quarter in quarters), (by_outcome, 1)]:
        for cell, number in table.items():
            found[cell[axis]] = found.get(cell[axis], 0.0) + (hidden if number is None else number)
    return found


def in_order(cells: Iterable[Cell], besides: Mapping[str, float]) -> list[Cell]:
    """The cells with a number, the largest first; equals by what is told besides, then by name."""
    told = (cell for cell in cells if cell.shown is not None)
    return sorted(told, key=lambda c: (-(c.shown or 0), -besides.get(c.first, 0.0), c.first_name, c.first))


def besides_of(area: Area, edition: Edition, editions: Iterable[Edition]) -> dict[str, float]:
    """What published releases tell of the themes of this one besides its own table; empty for a quarter."""
    if edition.kind != "year":
        return {}
    own = {quarter.name for quarter in read_period(edition.period, area.year_start_month).quarters}
    published = [e.period for e in editions if e.state == "published" and e.period in own]
    quarters = [_numbers(area, period, "theme") for period in published]
    return told_besides(quarters, _numbers(area, edition.period, "outcome-by-theme"), edition.threshold)


def _numbers(area: Area, period: str, name: str) -> Numbers:
    return {(c.first, c.second): c.shown for c in read_table(area, period, name).cells}
