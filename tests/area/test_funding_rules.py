"""Dated rows: which one holds on a day."""

from __future__ import annotations

from datetime import date

import pytest

from skillsmatch.area.areas import load_area
from skillsmatch.area.rules import FundingRule, FundingRules


def row(value: float, start: date, end: date | None = None, unit: str = "percent") -> FundingRule:
    return FundingRule(
        "share", ("course",), value, unit, start, end, "a source", "https://example.org", start, "Words."
    )


FIRST = row(5, date(2024, 4, 1), date(2026, 7, 31))
SECOND = row(25, date(2026, 8, 1), date(2027, 7, 31))
RULES = FundingRules({"share": (FIRST, SECOND)})


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2024, 3, 31), None),
        (date(2024, 4, 1), FIRST),
        (date(2026, 7, 31), FIRST),
        (date(2026, 8, 1), SECOND),
        (date(2027, 7, 31), SECOND),
        (date(2030, 1, 1), SECOND),
    ],
)
def test_a_rule_on_a_day_is_the_one_in_force_else_the_last_that_ended(
    day: date, found: FundingRule | None
) -> None:
    assert RULES.on("share", day) is found


def test_a_gap_between_two_rows_is_filled_by_the_earlier_one() -> None:
    rules = FundingRules({"share": (row(5, date(2024, 1, 1), date(2024, 12, 31)), SECOND)})

    found = rules.on("share", date(2025, 6, 1))

    assert found is not None
    assert found.value == 5
    assert not found.holds_on(date(2025, 6, 1))


def test_a_rule_that_no_file_has_is_none() -> None:
    assert RULES.on("other", date(2026, 1, 1)) is None


def test_a_share_is_a_part_of_one_and_only_a_percentage_has_one() -> None:
    assert SECOND.share == 0.25
    with pytest.raises(ValueError, match="pounds"):
        _ = row(5, date(2024, 1, 1), unit="pounds").share


@pytest.mark.parametrize(
    ("rule", "day", "value"),
    [
        ("apprenticeship-share", date(2026, 7, 31), 5),
        ("apprenticeship-free-age-to", date(2026, 7, 31), 21),
        ("apprenticeship-free-age-to", date(2026, 8, 1), 24),
        ("levy-out-of-funds-share", date(2026, 7, 31), 5),
        ("levy-out-of-funds-share", date(2026, 8, 1), 25),
        ("levy-expiry", date(2026, 7, 31), 24),
        ("levy-expiry", date(2026, 8, 1), 12),
        ("levy-top-up", date(2026, 8, 1), 0),
        ("low-wage-threshold", date(2026, 7, 31), 25_750),
        ("low-wage-threshold", date(2026, 8, 1), 26_800),
        ("bootcamp-share-small", date(2026, 8, 1), 10),
        ("bootcamp-share-large", date(2026, 8, 1), 30),
        ("apprentice-minimum-wage", date(2026, 4, 1), 8),
        ("young-apprentice-payment", date(2026, 8, 1), 1_000),
        ("employer-nic-free-to", date(2026, 8, 1), 50_270),
        ("foundation-payment", date(2026, 8, 1), 2_000),
        ("unit-hours-most", date(2026, 8, 1), 140),
        ("t-level-hours", date(2026, 8, 1), 315),
        ("adult-skills-devolved", date(2026, 8, 1), 0),
    ],
)
def test_the_rules_that_bear_on_leicestershire(rule: str, day: date, value: float) -> None:
    found = load_area().funding.on(rule, day)

    assert found is not None
    assert found.value == value
    assert found.holds_on(day)
