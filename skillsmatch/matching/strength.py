"""How sure the engine is that an adviser would call an offer useful."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.segment import Segment
from skillsmatch.matching.understanding import Unit


def strength(
    weights: Mapping[str, float],
    text_score: float,
    units: Sequence[Unit],
    segment: Segment,
    row: int,
    signals: dict[str, NDArray[np.float64]],
) -> float:
    """A probability from 0 to 1, from a logistic model fitted on judged needs (see weights.json)."""
    value = weights["intercept"] + weights["score"] * text_score
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value))))
