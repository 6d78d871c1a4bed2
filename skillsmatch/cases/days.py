"""How days of the plan read: "1 April 2026", "1 April 2026 to 31 March 2027"."""

from __future__ import annotations

from datetime import date

from skillsmatch.words import day_words


def plain_day(day: date) -> str:
    """A day without its weekday."""
    return day_words(date(day.year, day.month, day.day)).split(" ", 1)[1]


def span_words(first: date, last: date) -> str:
    """Two days in words."""
    return f"{plain_day(first)} to {plain_day(last)}"
