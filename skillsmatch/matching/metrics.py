"""Measures of a ranking, as sums over plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Grades = Mapping[str, int]  # document id to grade, 0 where it is absent


def ndcg(order: Sequence[str], grades: Grades, depth: int = 10) -> float:
    """Discounted gain of the first `depth`, against the best order there could be; gain is 2^grade - 1."""
    best = sorted(grades.values(), reverse=True)[:depth]
    ideal = sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(best))
    if not ideal:
        return 0.0
    got = sum((2 ** grades.get(id, 0) - 1) / math.log2(place + 2) for place, id in enumerate(order[:depth]))
    return got / ideal


def recall(order: Sequence[str], grades: Grades, depth: int) -> float:
    """Share of the relevant documents (grade 1 or more) that stand among the first `depth`."""
    relevant = {id for id, grade in grades.items() if grade > 0}
    return len(relevant.intersection(order[:depth])) / len(relevant) if relevant else 0.0


def reciprocal_rank(order: Sequence[str], grades: Grades, depth: int = 10) -> float:
    """One over the place of the first relevant document, 0 where none is among the first `depth`."""
    return next(
        (1.0 / place for place, id in enumerate(order[:depth], start=1) if grades.get(id, 0) > 0), 0.0
    )


def area_under_curve(predicted: Sequence[float], happened: Sequence[bool]) -> float | None:
    """Chance that a case that happened was given the higher prediction; None where all went one way."""
    yes = [value for value, truth in zip(predicted, happened, strict=True) if truth]
    no = [value for value, truth in zip(predicted, happened, strict=True) if not truth]
    if not yes or not no:
        return None
    wins = sum((a > b) + 0.5 * (a == b) for a in yes for b in no)
    return wins / (len(yes) * len(no))


def brier(predicted: Sequence[float], happened: Sequence[bool]) -> float | None:
    """Mean squared distance of the predicted probability from what happened; None without cases."""
    if not predicted:
        return None
    return sum((value - truth) ** 2 for value, truth in zip(predicted, happened, strict=True)) / len(
        predicted
    )


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which that share of the values lies (nearest rank); None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1 if share else 0)]
