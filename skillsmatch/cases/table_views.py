"""The plan’s tables of needs (R1) and gaps (R3) on a page: narrowed as one likes, every row leading to its needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import render_template

from skillsmatch.area.priorities import priorities_between
from skillsmatch.cases.asked import DEDUPE, WHAT_COUNTS, Filters, asked_rows
from skillsmatch.cases.blueprint import cases
from skillsmatch.cases.narrowing import Narrowed
from skillsmatch.cases.on_offer import on_offer
from skillsmatch.cases.pack.needs import r1_needs, r3_gaps
from skillsmatch.cases.pack.sheets import Sheet, Value
from skillsmatch.cases.register_views import area

Answer = str | tuple[str, int]
TABLES = {"cases.needs_table": "Needs by skill", "cases.gaps_table": "Demand against provision"}


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
        sheet=table(asked.filters) if asked.filters else None,
        behind=behind,
        what_counts=WHAT_COUNTS,
        dedupe=DEDUPE,
    )
    return page if asked.filters else (page, 422)
