"""All pages of the plan, for create_app."""

from __future__ import annotations

from skillsmatch.cases import (  # noqa: F401  (they add to the plan's blueprint)
    board_views,
    english_views,
    measure_views,
    pack_views,
    priority_views,
    scorecard_views,
)
from skillsmatch.cases.ambassador_views import speakers
from skillsmatch.cases.educator_views import educators
from skillsmatch.cases.plan_blueprint import plan

__all__ = ["educators", "plan", "speakers"]
