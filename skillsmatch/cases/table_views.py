"""The plan’s tables of needs (R1) and gaps (R3) on a page: narrowed as one likes, every row leading to its needs."""

from __future__ import annotations

from collections.abc import Sequence
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

TABLES = {"needs": "Needs by skill", "gaps": "Demand against provision"}


def table_of(name: str, filters: Filters) -> Sheet:
    """The table as the internal pack has it, of the needs that the filter names."""
    rows = asked_rows(filters, area())
    if name == "gaps":
        return r3_gaps(rows, on_offer(), filters)
    priorities = priorities_between(area(), filters.first, filters.last)
    return r1_needs(rows, asked_rows(filters.before, area()), priorities, filters, area())


def behind(row: Sequence[Value]) -> dict[str, Any]:
    """The filter in a row's last cell as an address has it."""
    return dict(part.split("=", 1) for part in str(row[-1]).split() if "=" in part)


@cases.get("/tables/<any(needs, gaps):name>")
def table(name: str) -> str | tuple[str, int]:
    """One of the two tables, for days and choices of the officer's own."""
    asked = Narrowed(("district", "sector", "size", "level", "priority"), area())
    page = render_template(
        "cases/table.html",
        name=name,
        names=TABLES,
        asked=asked,
        sheet=table_of(name, asked.filters) if asked.filters else None,
        behind=behind,
        what_counts=WHAT_COUNTS,
        dedupe=DEDUPE,
    )
    return page if asked.filters else (page, 422)
