"""The plan’s tables of needs (R1) and gaps (R3) on a page: narrowed as one likes, every row leading to its needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template

from skillsmatch.area.priorities import priorities_between
from skillsmatch.cases.asked import DEDUPE, WHAT_COUNTS, Filters, asked_rows
from skillsmatch.cases.blueprint import cases
from skillsmatch.cases.days import plain_day
from skillsmatch.cases.narrowing import Narrowed
from skillsmatch.cases.on_offer import on_offer
from skillsmatch.cases.pack.needs import r1_needs, r3_gaps
from skillsmatch.cases.pack.sheets import Sheet, Value
from skillsmatch.cases.register_views import Paged, area, page_asked

Answer = str | tuple[str, int]
TABLES = {"cases.needs_table": "Needs by skill", "cases.gaps_table": "Demand against provision"}
LONG = 50  # characters, from which on a text gets a wide column


@dataclass(frozen=True)
class OnPage:
    """A sheet as a page shows it: of a row its name first, then employers and other numbers, then codes and lists."""

    sheet: Sheet
    paged: Paged[Sequence[Value]]
    columns: tuple[int, ...]  # of the sheet, in the page's order; without the filter, which is a row's link
    numbers: frozenset[int]
    lists: frozenset[int]  # columns of long texts

    @classmethod
    def of(cls, sheet: Sheet, page: int) -> OnPage:
        """The rows of this page, or of the nearest there is."""
        others = range(1, len(sheet.header) - 1)
        numbers = [c for c in others if any(isinstance(row[c], int | float) for row in sheet.rows)]
        numbers.sort(key=lambda c: sheet.header[c] != "Employers")
        words = [c for c in others if c not in numbers]
        lists = frozenset(c for c in words if any(len(str(row[c])) > LONG for row in sheet.rows))
        return cls(sheet, Paged.of(sheet.rows, page), (0, *numbers, *words), frozenset(numbers), lists)


def words_of(value: Value) -> str:
    """A cell in words."""
    if isinstance(value, date):
        return plain_day(value)
    if isinstance(value, int | float):
        return f"{value:,}"
    return value or "–"


def behind(row: Sequence[Value]) -> dict[str, Any]:
    """The filter in a row's last cell as an address has it."""
    return dict(part.split("=", 1) for part in str(row[-1]).split() if "=" in part)


@cases.get("/tables/needs")
def needs_table() -> Answer:
    """R1: every skill that was asked for, met or not."""
    return _page("cases.needs_table", _needs)


@cases.get("/tables/gaps")
def gaps_table() -> Answer:
    """R3: what was asked for beside what stands today."""
    return _page(
        "cases.gaps_table", lambda filters: r3_gaps(asked_rows(filters, area()), on_offer(), filters)
    )


def _needs(filters: Filters) -> Sheet:
    priorities = priorities_between(area(), filters.first, filters.last)
    before = asked_rows(filters.before, area())
    return r1_needs(asked_rows(filters, area()), before, priorities, filters, area())


def _page(endpoint: str, table: Callable[[Filters], Sheet]) -> Answer:
    """The table as the internal pack has it, for days and choices of the officer's own."""
    asked = Narrowed(("district", "sector", "size", "level", "priority"), area())
    page = render_template(
        "cases/table.html",
        endpoint=endpoint,
        tables=TABLES,
        asked=asked,
        shown=OnPage.of(table(asked.filters), page_asked()) if asked.filters else None,
        behind=behind,
        words_of=words_of,
        what_counts=WHAT_COUNTS,
        dedupe=DEDUPE,
    )
    return page if asked.filters else (page, 422)
