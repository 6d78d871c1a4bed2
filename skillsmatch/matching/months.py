"""Calendar months back from a day: the one rule of how long a confirmation holds."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

STALE_MONTHS = (
    6  # without confirmation; from then on an offer may no longer run: it ranks lower, and its card says so
)


def months_before(day: date, months: int) -> date:
    """The day so many months earlier; the last of the month where that month is shorter."""
    month = day.year * 12 + day.month - 1 - months
    year, place = divmod(month, 12)
    return date(year, place + 1, min(day.day, monthrange(year, place + 1)[1]))
