"""Attacks on the tables as they stand: reading a cell, subtracting, comparing releases, averaging (D1, D2, D5, D7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from skillsmatch.demand import lattice
from skillsmatch.demand.attacks.world import SMALL, Score, View
from skillsmatch.demand.counting import Cell


def direct(view: View) -> Score:
    """D1: a cell of one to four employers is read off its table. Certain: that somebody is in it."""
    score = Score()
    for period in view.world.counts:
        for name in view.world.tables(period):
            for cell, counted in view.world.counts[period].tables[name].items():
                if counted.employers in SMALL and cell in view.shown[period][name]:
                    score.tried += 1
                    score.certain += view.span(period, name, cell)[0] >= 1
    return score


def differencing(view: View) -> Score:
    """D2: what a total has beyond the most that its other cells can hold must be in the small one.

    An employer of a total is in one of its cells at least, so this holds even where employers stand in several.
    """
    score, world = Score(), view.world
    for spec in lattice.TWO_WAY:
        for axis in (0, 1):
            total_of = spec.dimensions[axis]
            rows: dict[str, list[Cell]] = defaultdict(list)
            for cell in world.cells(spec.name):
                rows[cell[axis]].append(cell)
            for code, cells in rows.items():
                low = view.span(world.year, total_of, (code, ""))[0]
                spans = {cell: view.span(world.year, spec.name, cell) for cell in cells}
                most = sum(high for _, high in spans.values())
                for cell in cells:
                    if world.true(world.year, spec.name, cell).employers in SMALL:
                        score.tried += 1
                        score.certain += max(spans[cell][0], low - (most - spans[cell][1])) >= 1
    return score


def across_releases(view: View) -> Score:
    """D5: a year has no more employers than its quarters together, and no fewer than any one of them."""
    score, world = Score(), view.world
    quarters = [p for p in world.counts if p != world.year]
    for spec in lattice.ONE_WAY:
        for cell in world.cells(spec.name):
            year = view.span(world.year, spec.name, cell)
            spans = [view.span(q, spec.name, cell) for q in quarters]
            most = sum(high for _, high in spans)
            for quarter, (low, high) in zip(quarters, spans, strict=True):
                if world.true(quarter, spec.name, cell).employers in SMALL:
                    score.tried += 1
                    score.certain += max(low, year[0] - (most - high)) >= 1
            if world.true(world.year, spec.name, cell).employers in SMALL:
                score.tried += 1
                score.certain += max(year[0], *(low for low, _ in spans)) >= 1
    return score


def averaging(view: View) -> Score:
    """D7: one theme's number is asked for in every way there is, and the answers are averaged and narrowed down.

    Certain: that only one number fits all answers. A guess is their mean, and right where it rounds to the truth.
    """
    score, world = Score(), view.world
    for theme in world.known["theme"]:
        truth = world.true(world.year, "theme", (theme, "")).employers
        if not truth:
            continue
        low, high = view.span(world.year, "theme", (theme, ""))
        answers = [view.shown[world.year]["theme"][theme, ""]]
        for cells, name in _ways(view, theme):
            spans = [view.span(world.year, name, cell) for cell in cells]
            low, high = max(low, sum(s[0] for s in spans)), min(high, sum(s[1] for s in spans))
            numbers = [view.shown[world.year][name][cell] for cell in cells]
            answers.append(sum(numbers) if None not in numbers else None)  # type: ignore[arg-type]
        told = [answer for answer in answers if answer is not None]
        score.tried += 1
        score.certain += low == high == truth
        score.guesses += 1
        score.right += bool(told) and round(sum(told) / len(told)) == truth
    return score


def _ways(view: View, theme: str) -> Iterator[tuple[list[Cell], str]]:
    """The ways to a theme's number through tables of two dimensions, each as the cells to add."""
    for name, axis in (("theme-by-district", 0), ("theme-by-sector", 0), ("outcome-by-theme", 1)):
        yield [cell for cell in view.world.cells(name) if cell[axis] == theme], name
