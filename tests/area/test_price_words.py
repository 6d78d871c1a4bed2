"""Sums, shares and dates as an employer reads them."""

from __future__ import annotations

from datetime import date

import pytest

from skillsmatch.area.price_words import for_whom, long_date, percent, pounds, share_words, sum_words


@pytest.mark.parametrize(
    ("amount", "words"), [(0, "£0"), (4.5, "£4.50"), (9, "£9"), (349.6, "£350"), (12345.2, "£12,345")]
)
def test_pounds_are_whole_from_ten_up(amount: float, words: str) -> None:
    assert pounds(amount) == words


def test_percentages_have_no_needless_noughts() -> None:
    assert [percent(share) for share in (0.05, 0.125, 1)] == ["5%", "12.5%", "100%"]


def test_for_whom_counts_people() -> None:
    assert [for_whom(n) for n in (None, 1, 1200)] == ["for each person", "for 1 person", "for 1,200 people"]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (350, 350, "About £350 for 2 people"),
        (350, 350.2, "About £350 for 2 people"),
        (350, 700, "About £350 to £700 for 2 people"),
        (0, 700, "Between nothing and about £700 for 2 people"),
    ],
)
def test_a_range_is_said_as_one_sum_where_both_ends_read_the_same(
    low: float, high: float, words: str
) -> None:
    assert sum_words(low, high, 2) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.05, 0.05, "5% of the price"),
        (1, 1, "the full price"),
        (0, 1, "nothing or the full price"),
        (0.05, 1, "from 5% to the full price"),
        (0, 0.25, "between nothing and 25% of the price"),
        (0.1, 0.3, "10% to 30% of the price"),
    ],
)
def test_a_share_is_said_where_there_is_no_price(low: float, high: float, words: str) -> None:
    assert share_words(low, high, "the price") == f"Price not given. You would pay {words}"


def test_dates_are_written_in_full() -> None:
    assert long_date(date(2026, 8, 1)) == "1 August 2026"
    assert long_date(None) == "a day not known"
