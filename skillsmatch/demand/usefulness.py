"""What is left to see after disclosure control: how much of the demand is shown, and how near to the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skillsmatch.demand.counting import Cell
from skillsmatch.demand.disclosure import Counted

BIGGEST = 10


@dataclass(frozen=True, slots=True)
class Usefulness:
    """Of one table: shares from 0 to 1, and an error in employers."""

    cells_shown: float  # of the cells that anybody is in
    demand_shown: float  # of the employers in all cells, those in shown ones
    error: float  # root of the mean square of shown less true, over the shown cells
    biggest_found: int  # of the ten biggest cells in truth, how many are among the first ten shown
    with_equals: int  # the same, where a cell that shows as much as the tenth shares its place


def usefulness(true: Mapping[Cell, Counted], shown: Mapping[Cell, int | None]) -> Usefulness:
    """Compares a table with the truth behind it. With nothing shown the error is 0."""
    seen = {cell: number for cell, number in shown.items() if number is not None}
    whole = sum(counted.employers for counted in true.values())
    in_seen = sum(true[cell].employers for cell in seen if cell in true)
    squares = [(number - (true[cell].employers if cell in true else 0)) ** 2 for cell, number in seen.items()]
    truly = sorted(true, key=lambda cell: (-true[cell].employers, cell))[:BIGGEST]
    first = sorted(seen, key=lambda cell: (-seen[cell], cell))[:BIGGEST]  # equals in the order of their codes
    tenth = seen[first[-1]] if first else 0
    return Usefulness(
        cells_shown=len(seen) / len(true) if true else 0.0,
        demand_shown=in_seen / whole if whole else 0.0,
        error=(sum(squares) / len(squares)) ** 0.5 if squares else 0.0,
        biggest_found=len(set(truly) & set(first)),
        with_equals=sum(seen.get(cell, -1) >= tenth for cell in truly),
    )
