"""How days of the plan read: "1 April 2026", "1 April 2026 to 31 March 2027"."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from skillsmatch.clock import LOCAL
from skillsmatch.words import day_words

# Days that a plan can speak of. Others are slips of the keyboard, and near the calendar’s ends no sum of days works.
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
A_YEAR = timedelta(days=364)  # from a day to the last of its year


def plain_day(day: date) -> str:
    """A day without its weekday."""
    return day_words(date(day.year, day.month, day.day)).split(" ", 1)[1]


def span_words(first: date, last: date) -> str:
    """Two days in words."""
    return f"{plain_day(first)} to {plain_day(last)}"


def moments_of(first: date, last: date) -> tuple[datetime, datetime]:
    """The first moment of the days in England and the first after them, in UTC as times are stored."""
    ends = (first, last + timedelta(1))
    begin, after = (datetime.combine(day, time(), LOCAL).astimezone(UTC).replace(tzinfo=None) for day in ends)
    return begin, after
