"""What the attacks know: the truth of one invented year, and what is shown of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from skillsmatch.demand import lattice
from skillsmatch.demand.attacks.methods import Method, Shown
from skillsmatch.demand.counting import Cell, Counts
from skillsmatch.demand.disclosure import NOBODY, Counted
from skillsmatch.demand.synthetic import Population

Tables = Mapping[str, Mapping[Cell, Shown]]
SMALL = range(1, 5)  # employers; whoever proves that one of so few is there has picked somebody out


@dataclass(frozen=True)
class World:
    """One year with its four quarters: who asked, the true counts, and the categories of every table."""

    people: Population
    counts: Mapping[str, Counts]  # by the period's name; the year's first
    known: Mapping[str, Mapping[str, str]]
    year: str
    start_month: int = 4  # of the area's year

    def cells(self, name: str) -> list[Cell]:
        """Every cell of a table, whether anybody is in it or not."""
        return list(lattice.cells_of(lattice.SPECS[name], self.known))

    def true(self, period: str, name: str, cell: Cell) -> Counted:
        """The true count of a cell."""
        return self.counts[period].tables[name].get(cell, NOBODY)

    def tables(self, period: str) -> Iterator[str]:
        """The tables of employers of a period, with dimensions."""
        yield from (n for n in self.counts[period].tables if n != lattice.EMPLOYERS.name)

    @property
    def most(self) -> int:
        """As many employers as any count can have, with room for noise."""
        return len(self.people.record_keys) + 25


@dataclass(frozen=True)
class View:
    """What is shown of a world under one method, in every period."""

    world: World
    method: Method
    shown: Mapping[str, Tables]

    def span(self, period: str, name: str, cell: Cell) -> tuple[int, int]:
        """The fewest and the most employers that the cell may have, by what is shown of it alone."""
        return self.method.span(self.shown[period][name][cell], self.world.most)


def view_of(world: World, method: Method) -> View:
    """The world as this method would show it, had it been chosen."""
    shown: dict[str, dict[str, Mapping[Cell, Shown]]] = {}
    for period, counts in world.counts.items():
        shown[period] = {
            name: {cell: method.show(world.true(period, name, cell)) for cell in world.cells(name)}
            for name in world.tables(period)
        }
        nobody = method.show(
            NOBODY
        )  # a provider's own page has a number for every offer, for those never shown too
        for name, steps in ((lattice.OF_OFFERS, counts.offers), (lattice.OF_PROVIDERS, counts.providers)):
            shown[period][name] = defaultdict(
                lambda nobody=nobody: nobody,  # type: ignore[misc]
                {cell: method.show(counted) for cell, counted in steps.items()},
            )
    return View(world, method, shown)


@dataclass
class Score:
    """How one class of attack did: what was tried, what was proved beyond doubt, and guesses that were right."""

    tried: int = 0
    certain: int = 0
    guesses: int = 0
    right: int = 0

    def add(self, other: Score) -> None:
        """Takes in another seed's."""
        self.tried += other.tried
        self.certain += other.certain
        self.guesses += other.guesses
        self.right += other.right

    @property
    def accuracy(self) -> float | None:
        """The share of guesses that were right; None where nothing is guessed."""
        return self.right / self.guesses if self.guesses else None
