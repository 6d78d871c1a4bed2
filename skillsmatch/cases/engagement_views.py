"""The page of whom the Chamber has heard from."""

from __future__ import annotations

from flask import render_template

from skillsmatch.cases.asked import DEDUPE, WHAT_COUNTS
from skillsmatch.cases.blueprint import cases
from skillsmatch.cases.engagement import engagement as figures
from skillsmatch.cases.narrowing import Narrowed
from skillsmatch.cases.register_views import area


@cases.get("/engagement")
def engagement() -> str | tuple[str, int]:
    """Distinct employers in a span of days, narrowed by what is chosen; each number leads to the needs behind it."""
    asked = Narrowed(("district", "sector", "size", "priority"), area())
    told = figures(asked.filters, area()) if asked.filters else None
    page = render_template(
        "cases/engagement.html", asked=asked, told=told, what_counts=WHAT_COUNTS, dedupe=DEDUPE
    )
    return page if told else (page, 422)
