"""Sums, shares and dates as an employer reads them."""

from __future__ import annotations

from datetime import date


def pounds(amount: float) -> str:
    """`amount` to the nearest pound, such as £1,350; to the penny below £10."""
    if 0 < amount < 10 and amount != round(amount):
        return f"£{amount:,.2f}"
    return f"£{round(amount):,}"


def percent(share: float) -> str:
    """A part of one as a percentage, such as 5% or 12.5%."""
    return f"{round(share * 100, 2):g}%"


def for_whom(people: int | None) -> str:
    """For how many people a sum is; for each person where the number is not known."""
    if people is None:
        return "for each person"
    return "for 1 person" if people == 1 else f"for {people:,} people"


def sum_words(low: float, high: float, people: int | None) -> str:
    """A sum or a range of sums, in pounds in all, for `people` people."""
    whom = for_whom(people)
    if pounds(low) == pounds(high):
        return f"About {pounds(low)} {whom}"
    if low == 0:
        return f"Between nothing and about {pounds(high)} {whom}"
    return f"About {pounds(low)} to {pounds(high)} {whom}"


def share_words(low: float, high: float, of_what: str) -> str:
    """The employer's share where the price is not given."""
    start = "Price not given. You would pay "
    if low == high:
        return start + ("the full price" if low == 1 else f"{percent(low)} of {of_what}")
    if high == 1:
        return start + ("nothing or the full price" if low == 0 else f"from {percent(low)} to the full price")
    if low == 0:
        return start + f"between nothing and {percent(high)} of {of_what}"
    return start + f"{percent(low)} to {percent(high)} of {of_what}"


def long_date(day: date | None) -> str:
    """A date such as 1 August 2026; "a day not known" for None."""
    return f"{day.day} {day:%B %Y}" if day else "a day not known"
