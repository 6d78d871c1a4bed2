"""Quarters and years that start when the area's year does, with days in England."""

from __future__ import annotations

import itertools
from datetime import date, datetime

import pytest

from skillsmatch.demand.periods import PeriodError, last_finished, quarter_of, read_period


@pytest.mark.parametrize(
    ("name", "month", "first", "last", "words"),
    [
        ("2026Q4", 4, date(2027, 1, 1), date(2027, 3, 31), "January to March 2027"),
        ("2026q1", 4, date(2026, 4, 1), date(2026, 6, 30), "April to June 2026"),
        ("2026", 4, date(2026, 4, 1), date(2027, 3, 31), "April 2026 to March 2027"),
        ("2026-Q4", 1, date(2026, 10, 1), date(2026, 12, 31), "October to December 2026"),
        ("2026 Q2", 8, date(2026, 11, 1), date(2027, 1, 31), "November 2026 to January 2027"),
        ("2026", 1, date(2026, 1, 1), date(2026, 12, 31), "January 2026 to December 2026"),
    ],
)
def test_a_period_is_counted_from_the_start_of_the_areas_year(
    name: str, month: int, first: date, last: date, words: str
) -> None:
    period = read_period(name, month)

    assert (period.first_day, period.last_day, period.words) == (first, last, words)


@pytest.mark.parametrize(
    "words", ["", "2026Q5", "Q4", "26Q1", "2026Q0", "last quarter", "2026Q1Q2", "2026-01-01"]
)
def test_other_words_are_refused(words: str) -> None:
    with pytest.raises(PeriodError, match="2026Q4"):
        read_period(words, 4)


def test_a_period_begins_and_ends_at_midnight_in_england() -> None:
    summer, winter = read_period("2026Q1", 4), read_period("2026Q4", 4)

    assert summer.start == datetime(2026, 3, 31, 23)  # British Summer Time is an hour ahead of UTC
    assert summer.end == datetime(2026, 6, 30, 23)
    assert winter.start == datetime(2027, 1, 1)


@pytest.mark.parametrize("month", range(1, 13))
def test_quarters_follow_each_other_without_gap_or_overlap(month: int) -> None:
    year = read_period("2026", month)
    quarters = year.quarters

    assert quarters[0].start == year.start
    assert quarters[3].end == year.end
    assert all(a.end == b.start for a, b in itertools.pairwise(quarters))
    for quarter in quarters:
        assert quarter_of(quarter.first_day, month) == quarter_of(quarter.last_day, month) == quarter
        assert quarter.whole_year == year


def test_a_quarter_is_over_on_the_day_after_its_last() -> None:
    quarter = read_period("2026Q2", 4)

    assert not quarter.is_over(date(2026, 9, 30))
    assert quarter.is_over(date(2026, 10, 1))
    assert last_finished(date(2026, 9, 30), 4).name == "2026Q1"
    assert last_finished(date(2026, 10, 1), 4).name == "2026Q2"
    assert last_finished(date(2026, 4, 1), 4).name == "2025Q4"
