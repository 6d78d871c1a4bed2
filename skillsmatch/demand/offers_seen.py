"""What the room of needs hands up for the desk's figures: which offer was shown for which signal, opened, chosen.

Plain codes and moments. Nothing here knows a need, and only counting and disclosure control read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from flask import current_app
from sqlalchemy import Connection

from skillsmatch.demand.periods import Period

STEPS = ("shown", "opened", "chosen")  # each goes further than the one before


class Seen(NamedTuple):
    """One step of one employer with one offer."""

    signal: int  # the signal's number
    offer: int  # the offer's number
    ukprn: int  # of the provider that runs it
    step: str  # one of STEPS
    place: int  # in the list that was shown, from 1
    moment: datetime  # UTC


# Reads on the connection that counts, so that all of a release is of one moment.
Source = Callable[[Connection, Period], Iterable[Seen]]


def seen_in_this_service() -> Source | None:
    """Where this service's needs say what was shown; None where no room has said so."""
    found: Source | None = current_app.extensions.get("offers seen")
    return found


def both(first: Source | None, second: Source | None) -> Source | None:
    """What either of them tells; None where there is neither."""
    sources = [source for source in (first, second) if source is not None]
    if not sources:
        return None

    def tell(connection: Connection, period: Period) -> Iterable[Seen]:
        for source in sources:
            yield from source(connection, period)

    return tell
