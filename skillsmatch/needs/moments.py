"""Moments of a need in which a room above takes part, in the same transaction: both stand or fall together."""

from __future__ import annotations

from collections.abc import Callable

from skillsmatch.needs.models import Need

Part = Callable[[Need], None]
when_verified: list[Part] = []  # the e-mail has been confirmed
when_reworded: list[Part] = []  # its employer changes its words; they are still the old ones
when_forgotten: list[Part] = []  # withdrawn, erased or its time over; its words are still there


def taking_part(parts: list[Part]) -> Callable[[Part], Part]:
    """Has the decorated function called in each of these moments: `@taking_part(when_forgotten)`."""

    def add(part: Part) -> Part:
        parts.append(part)
        return part

    return add


def let_take_part(parts: list[Part], need: Need) -> None:
    """Calls whoever takes part, in the order in which they were added."""
    for part in parts:
        part(need)
