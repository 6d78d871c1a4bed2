"""Texts gathered by meaning: alike together, unlike apart, the same every time."""

from __future__ import annotations

import numpy as np

from skillsmatch.cases.clustering import ALIKE, JOINS, gather, nearest_group


def at(*degrees: float) -> np.ndarray:
    """Unit vectors in a plane."""
    turns = np.radians(degrees)
    return np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)


def test_what_is_alike_comes_together_and_what_is_not_stays_apart() -> None:
    assert gather(at(0, 90, 10, 80)) == [[0, 2], [1, 3]]


def test_groups_are_as_alike_as_their_members_are_on_average_and_not_as_their_nearest_two() -> None:
    chain = at(0, 50, 100, 150)  # each is near the next, and the first is far from the last

    groups = gather(chain)

    assert [0, 1, 2, 3] not in groups
    assert sorted(row for rows in groups for row in rows) == [0, 1, 2, 3]


def test_the_order_of_the_groups_and_a_repeat_change_nothing() -> None:
    vectors = np.random.default_rng(3).normal(size=(200, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    assert gather(vectors) == gather(vectors)
    assert sorted(row for rows in gather(vectors) for row in rows) == list(range(200))


def test_a_row_that_stands_for_many_is_gathered_as_if_they_were_there() -> None:
    alone = gather(at(0, 50, 75), [1, 1, 4])
    written_out = gather(at(0, 50, 75, 75, 75, 75))

    assert alone == [[0], [1, 2]]
    assert written_out == [[0], [1, 2, 3, 4, 5]]


def test_a_text_with_nothing_readable_is_alone() -> None:
    vectors = np.vstack([at(0, 0), np.zeros((1, 2), dtype=np.float32)])

    assert gather(vectors) == [[0, 1], [2]]


def test_nothing_gathers_to_nothing() -> None:
    assert gather(np.zeros((0, 4), dtype=np.float32)) == []
    assert nearest_group(at(0), np.zeros((0, 2), dtype=np.float32), []) == [None]


def test_a_fresh_text_joins_the_group_whose_nearest_members_are_most_like_it() -> None:
    told = nearest_group(at(5, 90, 200), at(0, 10, 80, 100), [7, 7, 9, 9])

    assert [where and where[0] for where in told] == [7, 9, None]


def test_the_threshold_of_joining_is_met_exactly_or_missed() -> None:
    inside, outside = (float(np.degrees(np.arccos(JOINS + step))) for step in (0.001, -0.001))

    assert nearest_group(at(inside), at(0), [1]) != [None]
    assert nearest_group(at(outside), at(0), [1]) == [None]
    near, far = (float(np.degrees(np.arccos(ALIKE + step))) for step in (0.001, -0.001))
    assert gather(at(0, near)) == [[0, 1]]
    assert gather(at(0, far)) == [[0], [1]]


def test_a_group_speaks_with_its_nearest_members_so_that_one_merged_by_hand_draws_what_either_drew() -> None:
    merged = at(0, 1, 2, 90, 91, 92)

    told = nearest_group(at(5, 87), merged, [1] * 6)

    assert [where and where[0] for where in told] == [1, 1]
