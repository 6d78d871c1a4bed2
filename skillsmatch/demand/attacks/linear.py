"""D3: linear programming over all published tables at once, quarters and year together."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from random import Random

from skillsmatch.demand import lattice
from skillsmatch.demand.attacks.world import SMALL, Score, View
from skillsmatch.demand.counting import Cell

TARGETS = 1000  # cells; a thousand is enough to show whether the tables can be solved
TARGETS_OF_WEAK = 4  # cells; that a weak method falls is soon seen, and each proof is a program of its own
NOTHING = 1e-6


class _Program:
    """Bounds and sums over named unknowns."""

    def __init__(self) -> None:
        self.number: dict[Hashable, int] = {}
        self.bounds: list[tuple[float, float]] = []
        self.rows: list[tuple[list[int], list[float]]] = []  # sum of coefficient * unknown <= 0

    def unknown(self, name: Hashable, low: float = 0, high: float = float("inf")) -> int:
        """The unknown of this name, held within these bounds besides the ones it had."""
        if name not in self.number:
            self.number[name] = len(self.bounds)
            self.bounds.append((0.0, float("inf")))
        at = self.number[name]
        before = self.bounds[at]
        self.bounds[at] = (max(before[0], low), min(before[1], high))
        return at

    def at_most(self, smaller: int, parts: Iterable[int]) -> None:
        """`smaller` is no more than the sum of the parts."""
        listed = list(parts)
        self.rows.append(([smaller, *listed], [1.0, *(-1.0 for _ in listed)]))

    def equal(self, whole: int, parts: Iterable[int]) -> None:
        """`whole` is the sum of the parts."""
        listed = list(parts)
        self.at_most(whole, listed)
        self.rows.append(([whole, *listed], [-1.0, *(1.0 for _ in listed)]))

    def least(self, wanted: list[int]) -> list[float] | None:
        """A solution with the least sum of the wanted unknowns; None where no solution was found."""
        import numpy as np
        from scipy.optimize import linprog
        from scipy.sparse import csr_array

        cost = np.zeros(len(self.bounds))
        cost[wanted] = 1.0
        columns = np.concatenate([np.array(c) for c, _ in self.rows])
        values = np.concatenate([np.array(v) for _, v in self.rows])
        starts = np.cumsum([0, *(len(c) for c, _ in self.rows)])
        matrix = csr_array((values, columns, starts), shape=(len(self.rows), len(self.bounds)))
        found = linprog(
            cost, A_ub=matrix, b_ub=np.zeros(len(self.rows)), bounds=np.array(self.bounds), method="highs"
        )
        return list(found.x) if found.status == 0 else None


def program(view: View, seed: int, targets: int = TARGETS) -> Score:
    """D3: certain where no way to fill all tables leaves the small cell empty.

    The unknowns are the cells of theme x sector x district, the published cells, and the themes of each quarter.
    The attacker takes for granted that an employer asks for a theme in one sector and one district, as nearly all
    do. Joint programs empty as many targets as they can; each that none of them empties is then tried alone.
    """
    lp = _Program()
    _totals(view, lp)
    _inside(view, lp)
    chosen = _targets(view, lp, seed, targets)
    left, score = list(chosen), Score(tried=len(chosen))
    while left:
        solution = lp.least(left)
        if solution is None:  # the tables contradict what the attacker takes for granted: nothing is proved
            return score
        still = [target for target in left if solution[target] > NOTHING]
        if len(still) == len(left):
            break
        left = still
    for target in left:
        solution = lp.least([target])
        score.certain += solution is not None and solution[target] > NOTHING
    return score


def _cell(view: View, lp: _Program, name: str, cell: Cell, period: str = "") -> int:
    period = period or view.world.year
    return lp.unknown((period, name, cell), *view.span(period, name, cell))


def _totals(view: View, lp: _Program) -> None:
    """Themes and groups of the year, with what quarters and outcomes say of them."""
    world, groups = view.world, lattice.theme_groups() | {lattice.NOT_SAID: lattice.NOT_SAID}
    quarters = [p for p in world.counts if p != world.year]
    members: dict[str, list[int]] = {}
    for theme, group in groups.items():
        total = _cell(view, lp, "theme", (theme, ""))
        members.setdefault(group, []).append(total)
        parts = [_cell(view, lp, "theme", (theme, ""), quarter) for quarter in quarters]
        lp.at_most(total, parts)
        for part in parts:
            lp.at_most(part, [total])
        add = lp.equal if theme else lp.at_most
        add(total, [_cell(view, lp, "outcome-by-theme", (o, theme)) for o in world.known["outcome"]])
    for group, parts in members.items():
        total = _cell(view, lp, "theme-group", (group, ""))
        lp.at_most(total, parts)
        for part in parts:
            lp.at_most(part, [total])
        for name in ("kind", "level"):
            lp.at_most(
                total, [_cell(view, lp, f"{name}-by-theme-group", (c, group)) for c in world.known[name]]
            )


def _inside(view: View, lp: _Program) -> None:
    """The cells of three dimensions that make up the published ones of two."""
    known = view.world.known
    for theme in known["theme"]:
        total = _cell(view, lp, "theme", (theme, ""))
        by_district = {d: _cell(view, lp, "theme-by-district", (theme, d)) for d in known["district"]}
        by_sector = {s: _cell(view, lp, "theme-by-sector", (theme, s)) for s in known["sector"]}
        add = lp.equal if theme else lp.at_most  # one employer may ask for several things that are not clear
        add(total, by_district.values())
        add(total, by_sector.values())
        for district, whole in by_district.items():
            add(whole, [lp.unknown((theme, s, district)) for s in known["sector"]])
        for sector, whole in by_sector.items():
            add(whole, [lp.unknown((theme, sector, d)) for d in known["district"]])
    for sector in known["sector"]:
        for district in known["district"]:
            total = _cell(view, lp, "sector-by-district", (sector, district))
            parts = [lp.unknown((t, sector, district), 0, lp.bounds[total][1]) for t in known["theme"]]
            lp.at_most(total, parts)


def _targets(view: View, lp: _Program, seed: int, targets: int) -> list[int]:
    """Small cells: of three dimensions with one or two employers, and of two with one to four."""
    world, chance = view.world, Random(seed)
    inside: dict[tuple[str, str, str], set[int]] = {}
    for one in world.people.asked:
        inside.setdefault((one.theme, one.sector, one.district), set()).add(one.employer)
    small = [lp.number[cell] for cell, who in sorted(inside.items()) if len(who) <= 2 and cell in lp.number]
    flat = [
        lp.number[world.year, name, cell]
        for name in ("theme-by-district", "theme-by-sector", "sector-by-district", "outcome-by-theme")
        for cell in world.cells(name)
        if world.true(world.year, name, cell).employers in SMALL and (world.year, name, cell) in lp.number
    ]
    half = targets // 2
    chosen = chance.sample(small, min(half, len(small)))
    return chosen + chance.sample(flat, min(targets - len(chosen), len(flat)))
