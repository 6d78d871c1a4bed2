"""What is left to see after disclosure control: how much of the demand is shown, and how near to the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from skillsmatch.demand.counting import Cell
from skillsmatch.demand.disclosure import Counted

BIGGEST = 10


@dataclass(frozen=True, slots=True)
class Usefulness:
    """Of one table: shares from 0 to 1, and an error in employers."""

    cells_shown: float  # of the cells that anybody is in
    demand_shown: float  # of the employers in all cells, those in shown ones
    error: float  # root of the mean square of shown less true, over the shown cells
    biggest_found: int  # of the first ten shown, how many are as big as the tenth in truth
    named_found: (
        int  # the same, where of cells that are equal in truth only those first by their codes will do
    )
    with_equals: int  # of the ten biggest, how many show as much as the tenth shown: equals share its place


def usefulness(
    true: Mapping[Cell, Counted],
    shown: Mapping[Cell, int | None],
    besides: Mapping[str, float] = MappingProxyType({}),
) -> Usefulness:
    """Compares a table with the truth behind it. With nothing shown the error is 0. Cells that show equal numbers
    stand in the order of `besides`, as they do on the page, then of their codes."""
    seen = {cell: number for cell, number in shown.items() if number is not None}
    whole = sum(counted.employers for counted in true.values())
    in_seen = sum(true[cell].employers for cell in seen if cell in true)
    squares = [(number - (true[cell].employers if cell in true else 0)) ** 2 for cell, number in seen.items()]
    truly = sorted(true, key=lambda cell: (-true[cell].employers, cell))[:BIGGEST]
    first = sorted(seen, key=lambda cell: (-seen[cell], -besides.get(cell[0], 0.0), cell))[:BIGGEST]
    big = true[truly[-1]].employers if truly else 0
    tenth = seen[first[-1]] if first else 0
    return Usefulness(
        cells_shown=len(seen) / len(true) if true else 0.0,
        demand_shown=in_seen / whole if whole else 0.0,
        error=(sum(squares) / len(squares)) ** 0.5 if squares else 0.0,
        biggest_found=sum(cell in true and true[cell].employers >= big for cell in first),
        named_found=len(set(truly) & set(first)),
        with_equals=sum(seen.get(cell, -1) >= tenth for cell in truly),
    )
