"""The board's page, to be printed. It reads releases only: the guard stops any statement that asks for more."""

from __future__ import annotations

from flask import render_template

from skillsmatch.cases.actions import standing_words
from skillsmatch.cases.board import board
from skillsmatch.cases.plan_blueprint import plan, the_area
from skillsmatch.clock import today
from skillsmatch.demand import gaps


@plan.get("/board")
def board_page() -> str:
    """One page for the Local Skills Accountability Board: released numbers, public actions, measures."""
    return render_template(
        "plan/board.html",
        board=board(the_area(), today()),
        standing=standing_words,
        twice=gaps.TWICE,
        today=today(),
    )
