"""The measures, by hand."""

from __future__ import annotations

import math

import pytest

from skillsmatch.matching import metrics


def test_ndcg_gains_two_to_the_grade_less_one_and_discounts_by_place() -> None:
    # given grades 3 and 1, found in the places 2 and 1
    got = 1 / math.log2(2) + 7 / math.log2(3)
    best = 7 / math.log2(2) + 1 / math.log2(3)
    assert metrics.ndcg(["b", "a"], {"a": 3, "b": 1}) == pytest.approx(got / best)


def test_a_perfect_order_has_an_ndcg_of_one_and_an_empty_one_of_nothing() -> None:
    assert metrics.ndcg(["a", "b", "x"], {"a": 2, "b": 1}) == pytest.approx(1.0)
    assert metrics.ndcg([], {"a": 2}) == 0.0
    assert metrics.ndcg(["a"], {}) == 0.0


def test_the_eleventh_place_counts_for_nothing() -> None:
    order = [str(number) for number in range(10)] + ["a"]
    assert metrics.ndcg(order, {"a": 1}) == 0.0
    assert metrics.recall(order, {"a": 1}, 10) == 0.0
    assert metrics.reciprocal_rank(order, {"a": 1}) == 0.0


def test_recall_is_the_share_of_relevant_documents_found() -> None:
    assert metrics.recall(["a", "x", "b"], {"a": 1, "b": 2, "c": 1, "x": 0}, 3) == pytest.approx(2 / 3)
    assert metrics.recall(["a"], {}, 3) == 0.0


def test_the_reciprocal_rank_is_that_of_the_first_relevant_document() -> None:
    assert metrics.reciprocal_rank(["x", "y", "a", "b"], {"a": 1, "b": 3}) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("predicted", "happened", "area"),
    [
        ([0.9, 0.8, 0.2, 0.1], [True, True, False, False], 1.0),
        ([0.1, 0.2, 0.8, 0.9], [True, True, False, False], 0.0),
        ([0.5, 0.5], [True, False], 0.5),
        ([0.9, 0.4, 0.6], [True, True, False], 0.5),
        ([0.9], [True], None),
        ([], [], None),
    ],
)
def test_the_area_under_the_curve_is_the_chance_of_telling_two_apart(
    predicted: list[float], happened: list[bool], area: float | None
) -> None:
    assert metrics.area_under_curve(predicted, happened) == area


def test_the_brier_score_is_the_mean_squared_error_of_a_probability() -> None:
    assert metrics.brier([1.0, 0.5], [True, False]) == pytest.approx(0.125)
    assert metrics.brier([], []) is None


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([1.0, 2.0, 3.0, 4.0], 0.99, 4.0),
        ([5.0], 0.5, 5.0),
        ([], 0.5, None),
        ([2.0, 1.0], 0.0, 1.0),
    ],
)
def test_percentiles_are_of_the_nearest_rank(
    values: list[float], share: float, expected: float | None
) -> None:
    assert metrics.percentile(values, share) == expected
