"""What may be shown of a count: the noise, the threshold, the rounding, and sums of people."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillsmatch.demand import disclosure
from skillsmatch.demand.disclosure import (
    RECORD_KEYS,
    Counted,
    Rules,
    RulesError,
    Sum,
    band_of,
    noise_probabilities,
    noise_table,
    perturbed,
    rules_of,
    shown_of,
    suppress,
)

RULES = Rules()
cells = st.builds(Counted, st.integers(1, 3000), st.integers(0, RECORD_KEYS - 1))


def test_the_noise_has_the_probabilities_that_the_method_states() -> None:
    stated = {5: 1.0, 4: 3.0, 3: 6.8, 2: 12.2, 1: 17.3, 0: 19.5}  # per cent, for variance 4 and at most 5

    found = noise_probabilities(4, 5)

    assert len(found) == 11
    assert sum(found) == pytest.approx(1)
    for step, share in stated.items():
        assert 100 * found[5 + step] == pytest.approx(share, abs=0.051)
        assert found[5 + step] == pytest.approx(found[5 - step])
    assert sum(p * (d - 5) ** 2 for d, p in enumerate(found)) == pytest.approx(4)


def test_the_table_has_a_noise_for_each_key_as_often_as_its_probability() -> None:
    table, times = noise_table(4, 5), Counter(noise_table(4, 5))

    assert len(table) == RECORD_KEYS
    assert sum(table) == 0
    assert set(table) == set(range(-5, 6))
    assert times[5] == times[-5] == 42
    assert sum(d * d for d in table) / RECORD_KEYS == pytest.approx(4, abs=0.01)


@pytest.mark.parametrize(("variance", "deviation"), [(1, 2), (2, 4), (9, 8), (0, 5), (4, 5)])
def test_other_parameters_give_their_own_variance(variance: int, deviation: int) -> None:
    table = noise_table(variance, deviation)

    assert len(table) == RECORD_KEYS
    assert sum(table) == 0
    assert max(table) <= deviation
    assert sum(d * d for d in table) / RECORD_KEYS == pytest.approx(variance, abs=0.02)


def test_a_variance_that_so_little_noise_cannot_have_is_refused() -> None:
    with pytest.raises(RulesError, match="below 10"):
        noise_table(10, 5)


def test_no_count_below_five_is_ever_shown_whatever_its_key() -> None:
    shown = {n: {shown_of(Counted(n, key), RULES) for key in range(RECORD_KEYS)} for n in range(20)}

    assert all(shown[n] == {None} for n in range(5))
    assert shown[5] == {None, 10}
    assert None not in shown[15]


def test_nobody_and_a_few_look_alike() -> None:
    assert suppress({"nobody": Counted(0, 0), "one": Counted(1, 4000)}) == {"nobody": None, "one": None}


@given(cells)
def test_what_is_shown_is_a_multiple_of_five_from_ten_on_and_near_the_truth(cell: Counted) -> None:
    shown = shown_of(cell, RULES)

    assert shown is None or (shown >= 10 and shown % 5 == 0 and abs(shown - cell.employers) <= 7)
    assert shown is not None or cell.employers < 15


@given(cells)
def test_the_same_employers_always_give_the_same_number(cell: Counted) -> None:
    assert shown_of(cell, RULES) == shown_of(Counted(*cell), Rules())


def test_weaker_parameters_are_said_one_by_one() -> None:
    weak = Rules(variance=1, deviation=2, threshold=3, base=1, least_employers=5, most_themes=50, most_offers=9)

    assert RULES.loosened() == ()
    assert (
        Rules(variance=6, deviation=6, threshold=20, base=10, least_employers=90, most_themes=2).loosened()
        == ()
    )
    assert len(weak.loosened()) == 6
    assert "from 3 employers, and not from 10" in " ".join(weak.loosened())


def test_settings_that_cannot_be_worked_with_are_refused() -> None:
    names = ("VARIANCE", "DEVIATION", "THRESHOLD", "BASE", "LEAST_EMPLOYERS", "MOST_THEMES", "MOST_OFFERS")
    usual = dict(zip((f"DEMAND_{n}" for n in names), (4, 5, 10, 5, 50, 5, 3), strict=True))

    assert rules_of(usual) == RULES
    for name, value in (("DEMAND_BASE", 0), ("DEMAND_THRESHOLD", -1), ("DEMAND_VARIANCE", 40)):
        with pytest.raises(RulesError):
            rules_of(usual | {name: value})


def people(employers: int, key: int, each: int = 3, largest: int = 3) -> Sum:
    return Sum(Counted(employers, key), (employers - 1) * each + largest, largest, each)


def test_people_are_banded_only_where_ten_employers_are_sure_to_have_said_how_many() -> None:
    shown = {n: {band_of(people(n, key), RULES) for key in range(0, RECORD_KEYS, 3)} for n in (9, 10, 30)}

    assert shown[9] == {None}
    assert None in shown[10]
    assert None not in shown[30]
    assert shown[30] <= set(disclosure.BANDS)


def test_a_sum_that_two_employers_make_is_not_shown() -> None:
    cell = Counted(30, 0)

    assert band_of(Sum(cell, 1000, 600, 350), RULES) is None  # the two have 95 per cent
    assert band_of(Sum(cell, 64, 30, 32), RULES) is None  # the others bring less than a tenth of the largest
    assert band_of(Sum(cell, 300, 10, 10), RULES) is not None


def test_the_noise_of_a_sum_is_not_the_noise_of_its_count() -> None:
    both = Counter(
        (perturbed(Counted(100, key), RULES), noise_table()[(key * 1103 + 2531) % RECORD_KEYS])
        for key in range(RECORD_KEYS)
    )

    assert len({count for count, _ in both}) == 11
    # Knowing one says little of the other: each common count comes with nearly every noise of the sum.
    assert len([1 for count, _ in both if count == 100]) >= 9
