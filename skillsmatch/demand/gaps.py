"""What employers ask for beside what is taught, theme by theme. Plain data in, plain data out.

Demand comes from published cells alone and is never counted anew: a catchment is the sum of its cells, as a range.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from skillsmatch.area.areas import Priority
from skillsmatch.area.themes import Themes
from skillsmatch.demand.published import Table
from skillsmatch.demand.ranges import NOBODY, Range, range_of, sum_of
from skillsmatch.offers.provision import Taught
from skillsmatch.words import day_words

HOW = (
    "The gap is the number of employers who ask, for each offer there is, yours and others'. Where there is no offer, "
    "it is all who ask. A hidden number stands for 0 up to one less than the threshold. The list begins with the "
    "largest gap that is certain."
)
TWICE = "An employer that asks in two districts, or for two themes, is in such a sum twice."


@dataclass(frozen=True, slots=True)
class Side:
    """The offers of one side on one theme: mine, or others'."""

    offers: int
    start: date | None  # the next one of any of them
    any_time: bool  # one at least can be started at any time

    @property
    def words(self) -> str:
        """When the next of them starts, in words; "" where there is none to start."""
        if self.any_time:
            return "at any time"
        if self.start is not None:
            return day_words(self.start)
        return "no date known" if self.offers else ""


@dataclass(frozen=True, slots=True)
class Gap:
    """One theme: who asks, what is taught, and what lies between them."""

    theme: str
    name: str
    group: str  # the theme group's name
    asked: Range  # employers
    unmet: (
        str  # employers whom nothing fitted, in the whole area, in words; "" where the release does not say
    )
    mine: Side
    others: Side
    priorities: tuple[str, ...]  # codes of those that ask for the theme

    @property
    def offers(self) -> int:
        """All offers of the theme."""
        return self.mine.offers + self.others.offers

    @property
    def for_each(self) -> tuple[float, float]:
        """Employers for each offer, the fewest and the most; all of them where there is no offer."""
        each = max(self.offers, 1)
        return self.asked.low / each, self.asked.high / each

    @property
    def words(self) -> str:
        """The gap in words."""
        if not self.offers:
            return "no offer" if self.asked.low == 0 else f"all {self.asked.words}: no offer"
        low, high = self.for_each
        if self.asked.low == self.asked.high:
            return f"{_rounded(low)} for each offer"
        if low == 0:
            return f"up to {_rounded(high)} for each offer"
        return f"{_rounded(low)} to {_rounded(high)} for each offer"


@dataclass(frozen=True, slots=True)
class PriorityGap:
    """One priority of the plan: its themes together."""

    priority: Priority
    themes: tuple[str, ...]  # their names
    asked: Range
    mine: int
    others: int


def _rounded(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")


def within(taught: Iterable[Taught], districts: frozenset[str] | None) -> list[Taught]:
    """The offers that people in these districts can reach: taught in one of them, or anywhere. All where None."""
    return [t for t in taught if districts is None or t.anywhere or t.district in districts]


def asked_by_theme(table: Table, districts: frozenset[str] | None = None) -> dict[str, Range]:
    """Employers by theme from a published table: of one dimension, or by theme and district for a catchment."""
    least = table.edition.threshold
    if districts is None:
        return {cell.first: range_of(cell, least) for cell in table.cells}
    asked: dict[str, Range] = {}
    for cell in table.cells:
        if cell.second in districts:
            asked[cell.first] = asked.get(cell.first, NOBODY) + range_of(cell, least)
    return asked


def unmet_by_theme(table: Table) -> dict[str, str]:
    """Employers whom nothing fitted, by theme, in words; from the table by outcome and theme."""
    return {cell.second: cell.words for cell in table.cells if cell.first == "unmet"}


def gaps_of(
    themes: Themes,
    asked: Mapping[str, Range],
    unmet: Mapping[str, str],
    taught: Sequence[Taught],
    ukprn: int | None,
    priorities: Sequence[Priority],
) -> list[Gap]:
    """Every theme, the largest gap first. Equals stand by fewer offers, then by name, so that the order tells no
    more than the numbers do."""
    by_theme: dict[str, list[Taught]] = {}
    for one in taught:
        by_theme.setdefault(one.theme, []).append(one)
    found = [
        Gap(
            theme=theme.code,
            name=theme.name,
            group=themes.groups[theme.group].name,
            asked=asked.get(theme.code, NOBODY),
            unmet=unmet.get(theme.code, ""),
            mine=_side([t for t in by_theme.get(theme.code, ()) if t.ukprn == ukprn]),
            others=_side([t for t in by_theme.get(theme.code, ()) if t.ukprn != ukprn]),
            priorities=tuple(p.code for p in priorities if p.names(theme)),
        )
        for theme in themes.themes.values()
    ]
    return sorted(found, key=lambda g: (-g.for_each[0], -g.for_each[1], g.offers, g.name))


def _side(offers: Sequence[Taught]) -> Side:
    starts = [t.start for t in offers if t.start is not None]
    return Side(len(offers), min(starts, default=None), any(t.any_time for t in offers))


def priority_gaps(priorities: Sequence[Priority], gaps: Sequence[Gap]) -> list[PriorityGap]:
    """Each priority that asks for themes, with the sum of what is asked for them, as a range."""
    found = []
    for priority in priorities:
        own = sorted((g for g in gaps if priority.code in g.priorities), key=lambda g: g.name)
        if own:
            asked = sum((g.asked for g in own), NOBODY)
            mine, others = sum(g.mine.offers for g in own), sum(g.others.offers for g in own)
            found.append(PriorityGap(priority, tuple(g.name for g in own), asked, mine, others))
    return found


def cells_words(table: Table, first: str, districts: Iterable[str]) -> str:
    """What a theme's cells in these districts come to, in words."""
    wanted = set(districts)
    return sum_of((c for c in table.where(first=first) if c.second in wanted), table.edition.threshold).words
