"""What pages work out of a group's needs, remembered by each process for as long as nothing in these needs changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import current_app

MOST = 2_000  # answers; a few kB each. No employer's words are among them
T = TypeVar("T")


def remembered(what: str, state: bytes, work: Callable[[], T]) -> T:
    """The answer of `work` for needs that stand so, by GroupRow.state; worked out where nobody has asked before."""
    known: dict[tuple[str, bytes], T] = current_app.extensions.setdefault("remembered of groups", {})
    key = (what, state)
    try:
        return known[key]
    except KeyError:
        answer = work()
    if len(known) >= MOST:
        known.clear()
    known[key] = answer
    return answer
