"""The periods of releases: quarters and years, counted from the month in which the area's year starts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from skillsmatch.clock import LOCAL

NAMED = re.compile(r"(\d{4})(?:\s*[-/ ]?\s*[Qq]([1-4]))?")
QUARTERS = (1, 2, 3, 4)


class PeriodError(ValueError):
    """Words that name no period; they say how one is written."""


@dataclass(frozen=True, slots=True)
class Period:
    """A quarter, or a year of four quarters, named by the year in which it starts: 2026Q4 lies in 2026.

    The first quarter starts in the area's own month, so with April 2026Q4 is January to March 2027.
    """

    year: int
    quarter: int | None  # 1 to 4; None is the whole year
    start_month: int  # 1 to 12, the area's

    @property
    def name(self) -> str:
        """As it is typed: "2026Q4" or "2026"."""
        return f"{self.year}Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def kind(self) -> str:
        """ "quarter" or "year"."""
        return "quarter" if self.quarter else "year"

    @property
    def first_day(self) -> date:
        """Its first day."""
        return _month(self.year, self.start_month + 3 * ((self.quarter or 1) - 1))

    @property
    def last_day(self) -> date:
        """Its last day."""
        months = 3 if self.quarter else 12
        return _month(self.first_day.year, self.first_day.month + months) - timedelta(1)

    @property
    def start(self) -> datetime:
        """Its first moment, midnight in England, in UTC without a zone, as times are stored."""
        return _midnight(self.first_day)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return _midnight(self.last_day + timedelta(1))

    @property
    def quarters(self) -> tuple[Period, ...]:
        """The quarters in it, itself where it is one."""
        return (self,) if self.quarter else tuple(Period(self.year, q, self.start_month) for q in QUARTERS)

    @property
    def whole_year(self) -> Period:
        """The year it lies in."""
        return Period(self.year, None, self.start_month)

    def is_over(self, day: date) -> bool:
        """True where its last day lies before `day`."""
        return self.last_day < day

    @property
    def words(self) -> str:
        """ "January to March 2027"; a year is "April 2026 to March 2027"."""
        first, last = self.first_day, self.last_day
        years = first.year != last.year or self.quarter is None
        return f"{first:%B}{f' {first.year}' if years else ''} to {last:%B %Y}"


def _month(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC).replace(tzinfo=None)


def read_period(words: str, start_month: int) -> Period:
    """The period that "2026Q4" or "2026" names. Refused (PeriodError) otherwise."""
    found = NAMED.fullmatch(words.strip())
    if not found:
        raise PeriodError(f"“{words}” is not a period: write a quarter as 2026Q4, or a year as 2026")
    return Period(int(found[1]), int(found[2]) if found[2] else None, start_month)


def quarter_of(day: date, start_month: int) -> Period:
    """The quarter that `day` lies in."""
    months = day.year * 12 + day.month - start_month
    return Period(months // 12, months % 12 // 3 + 1, start_month)


def last_finished(day: date, start_month: int) -> Period:
    """The latest quarter that is over on `day`."""
    return quarter_of(quarter_of(day, start_month).first_day - timedelta(1), start_month)
