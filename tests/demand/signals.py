"""Signals for the tests, said in a line: who asks for what, when it counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask

from skillsmatch.database import keep
from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.extensions import db

IN_Q1 = datetime(2026, 5, 12, 9, 0)  # counts in 2026Q1, April to June 2026, which is over


def employer(number: int, record_key: int | None = None, **more: Any) -> EmployerKey:
    """An employer in the session; its record key is its number's own unless it is given."""
    key = EmployerKey(
        digest=f"{number:064d}",
        record_key=number * 1009 % 4096 if record_key is None else record_key,
        basis="domain",
        created_at=IN_Q1,
        **more,
    )
    db.session.add(key)
    return key


def ask(key: EmployerKey, theme: str = "CON-BRICK", **more: Any) -> DemandSignal:
    """A signal of this employer in the session; it counts in 2026Q1 unless told otherwise."""
    said: dict[str, Any] = {"countable_at": IN_Q1, "made_on": IN_Q1.date(), "outcome": "offers-shown"} | more
    signal = DemandSignal(employer_key=key, theme=theme, **said)
    db.session.add(signal)
    return signal


def employers_ask(app: Flask, how_many: int, theme: str = "CON-BRICK", first: int = 1, **more: Any) -> None:
    """So many employers ask for a theme, committed."""

    def work() -> None:
        for number in range(first, first + how_many):
            ask(employer(number), theme, **more)

    with app.app_context():
        keep(work)
