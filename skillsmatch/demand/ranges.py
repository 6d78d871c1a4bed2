"""What published numbers say together: a hidden one is a range, and so are sums and changes with it.

Only published cells come in, so nothing comes out that a reader with a pencil could not find.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from skillsmatch.demand.published import Cell


@dataclass(frozen=True, slots=True)
class Range:
    """A number of employers between two ends, both included; equal ends are one number."""

    low: int
    high: int

    def __add__(self, other: Range) -> Range:
        """The sum of two numbers, each somewhere in its range."""
        return Range(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Range) -> Range:
        """The first number less the second."""
        return Range(self.low - other.high, self.high - other.low)

    @property
    def words(self) -> str:
        """ "25", "20 to 29", "fewer than 10"."""
        if self.low == self.high:
            return f"{self.low:,}"
        return f"fewer than {self.high + 1:,}" if self.low == 0 else f"{self.low:,} to {self.high:,}"


NOBODY = Range(0, 0)


def range_of(cell: Cell, threshold: int) -> Range:
    """The published number of a cell; from 0 to one below `threshold` where it is hidden."""
    return Range(0, threshold - 1) if cell.shown is None else Range(cell.shown, cell.shown)


def sum_of(cells: Iterable[Cell], threshold: int) -> Range:
    """What several cells come to. An employer that is in two of them is in the sum twice."""
    total = NOBODY
    for cell in cells:
        total += range_of(cell, threshold)
    return total


def change_words(now: Range, before: Range) -> str:
    """How the one differs from the other: "up 10", "down 11 to 20", "no change", "too few to tell"."""
    change = now - before
    if change.low == change.high:
        return "no change" if not change.low else f"{'up' if change.low > 0 else 'down'} {abs(change.low):,}"
    if change.low >= 0:
        return f"up {max(change.low, 1):,} to {change.high:,}"
    if change.high <= 0:
        return f"down {max(-change.high, 1):,} to {-change.low:,}"
    return "too few to tell"
