"""What the Local Skills Accountability Board sees: released numbers, public actions and measures, and nothing exact.

Providers sit on the board. So nothing here is counted: numbers of employers come from published cells alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from skillsmatch.area.areas import Area, Priority
from skillsmatch.area.priorities import priorities_on
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.actions import all_actions
from skillsmatch.cases.measures import Followed, all_measures
from skillsmatch.cases.on_offer import OnOffer, for_priority, on_offer
from skillsmatch.cases.plan import PlanAction
from skillsmatch.demand import gaps
from skillsmatch.demand.published import Cell, Edition, editions, read_table
from skillsmatch.demand.ranges import NOBODY, Range, change_words, range_of

MOST_UNMET = 10  # themes in the table of what is not met


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One priority for the board."""

    priority: Priority
    asked: str  # employers, in words, from published cells; "" where no demand can tell of it
    change: str  # since the release before, in words; "" where there is none
    offers: int | None  # that stand today; None where no demand and no offer can tell of it
    actions: tuple[PlanAction, ...]  # those marked public

    @property
    def done(self) -> int:
        """How many of its actions are done."""
        return sum(a.done_on is not None for a in self.actions)

    def overdue(self, day: date) -> int:
        """How many of its actions are overdue."""
        return sum(a.is_overdue(day) for a in self.actions)


@dataclass(frozen=True, slots=True)
class Board:
    """The board's page. Without a release it has actions and measures, and says so."""

    day: date
    edition: Edition | None
    before: Edition | None  # what changes are since
    lines: tuple[BoardLine, ...]
    outcomes: tuple[Cell, ...]  # employers by what became of their need
    unmet: tuple[Cell, ...]  # the themes with the most employers whom nothing fitted
    actions: tuple[PlanAction, ...]  # all marked public: what is not done stays here when its priority has ended
    measures: tuple[Followed, ...]


def board(area: Area, day: date) -> Board:
    """The board's page on this day, by the latest release of a year, or of a quarter where there is no year yet."""
    published = [e for e in editions() if e.state == "published"]
    years = [e for e in published if e.kind == "year"]
    edition = next(iter(years or published), None)
    earlier = [e for e in published if edition and e.kind == edition.kind and e.last_day < edition.first_day]
    before = earlier[0] if earlier else None
    offers, actions = on_offer(), [a for a in all_actions() if a.public]
    lines = tuple(
        _line(area, priority, (edition, before), offers, actions) for priority in priorities_on(area, day)
    )
    year = edition is not None and edition.kind == "year"
    return Board(
        day=day,
        edition=edition,
        before=before,
        lines=lines,
        outcomes=read_table(area, edition.period, "outcome").cells if edition else (),
        unmet=unmet_themes(area, edition) if year and edition else (),
        actions=tuple(actions),
        measures=tuple(all_measures(area)),
    )


def _line(
    area: Area,
    priority: Priority,
    compared: tuple[Edition | None, Edition | None],
    offers: tuple[OnOffer, ...],
    actions: list[PlanAction],
) -> BoardLine:
    edition, before = compared
    now = released_for(area, priority, edition) if edition else None
    then = released_for(area, priority, before) if before else None
    return BoardLine(
        priority=priority,
        asked=now.words if now else "",
        change=change_words(now, then) if now and then else "",
        offers=len(for_priority(priority, offers)) if priority.themes or priority.soc or priority.kinds else None,
        actions=tuple(a for a in actions if a.priority == priority.code),
    )


def released_for(area: Area, priority: Priority, edition: Edition) -> Range | None:
    """Employers who ask for the priority's themes, as the sum of published cells; of its kinds where it names no
    theme. None where it names neither. An employer that asks for two of them is in such a sum twice."""
    themes = load_themes()
    if any(priority.names(t) for t in themes.themes.values()):
        asked = gaps.asked_by_theme(read_table(area, edition.period, "theme"))
        found = gaps.priority_gaps([priority], gaps.gaps_of(themes, asked, {}, (), None, [priority]))
        return found[0].asked if found else None
    if not priority.kinds:
        return None
    kinds = read_table(area, edition.period, "kind")
    return sum((range_of(kinds.of(kind), edition.threshold) for kind in priority.kinds), NOBODY)


def unmet_themes(area: Area, edition: Edition) -> tuple[Cell, ...]:
    """The themes with the most employers whom nothing fitted, of those with a number."""
    shown = read_table(area, edition.period, "outcome-by-theme").shown
    return tuple(cell for cell in shown if cell.first == "unmet" and cell.second)[:MOST_UNMET]
