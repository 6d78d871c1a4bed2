"""How sure the engine is that an offer is of use, and how that was learned."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching import metrics
from skillsmatch.matching.segment import SIGNALS

if TYPE_CHECKING:
    from skillsmatch.matching.evaluating import Judged
    from skillsmatch.matching.matcher import Matcher

FOLDS = 5  # parts that the needs are dealt into; each is foretold by a model that has not seen it
PULL = 1.0  # scikit-learn's C: how far the model trusts 104 facets over saying "about two in three"


def strength(weights: Mapping[str, float], signals: Mapping[str, float]) -> float:
    """A probability from 0 to 1, rising with every signal.

    It is calibrated on the best match of each judged facet: of facets whose best match has strength 0.7,
    seven in ten had an offer that an adviser called useful.
    """
    value = weights["intercept"] + sum(weights[name] * signals[name] for name in SIGNALS)
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value))))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted weights of the strength, and what they foretold of facets that they had not seen."""

    weights: dict[str, float]
    auc: float | None
    brier: float | None
    facets: int


def calibrate(matcher: Matcher, queries: Sequence[Judged]) -> Calibration:
    """Fit the strength on judged needs; the figures are five-fold, all facets of a need in one fold.

    Raises ValueError where there are too few needs to deal out, or all facets went one way.
    """
    signals, met, needs = _best_matches(matcher, queries)
    if len(set(needs)) < FOLDS or len(set(met.tolist())) < 2:
        raise ValueError(f"calibrating needs at least {FOLDS} judged needs, some met and some not")
    from sklearn.model_selection import GroupKFold

    unseen = np.zeros(len(met))
    for known, held in GroupKFold(FOLDS).split(signals, groups=needs):
        intercept, slopes = _logistic(signals[known], met[known])
        unseen[held] = 1.0 / (1.0 + np.exp(-(intercept + signals[held] @ slopes)))
    intercept, slopes = _logistic(signals, met)
    weights = {"intercept": round(intercept, 3)} | {
        name: round(float(slope), 3) for name, slope in zip(SIGNALS, slopes, strict=True)
    }
    unmet, foretold = [not each for each in met.tolist()], (1.0 - unseen).tolist()
    return Calibration(
        weights, metrics.area_under_curve(foretold, unmet), metrics.brier(foretold, unmet), len(met)
    )


def _best_matches(matcher: Matcher, queries: Sequence[Judged]) -> tuple[Any, NDArray[np.bool_], list[str]]:
    """Per judged facet: the signals of its best match, whether anything useful exists, and its need."""
    from skillsmatch.matching.evaluating import best_signals

    rows: list[list[float]] = []
    met: list[bool] = []
    needs: list[str] = []
    for query in queries:
        for signals, useful in best_signals(matcher, query):
            rows.append([signals[name] for name in SIGNALS])
            met.append(useful)
            needs.append(query.id)
    return np.asarray(rows), np.asarray(met, dtype=np.bool_), needs


def _logistic(signals: NDArray[np.float64], met: NDArray[np.bool_]) -> tuple[float, NDArray[np.float64]]:
    from sklearn.linear_model import LogisticRegression

    middle, spread = signals.mean(axis=0), np.maximum(signals.std(axis=0), 1e-9)
    model = LogisticRegression(C=PULL).fit((signals - middle) / spread, met)
    slopes = model.coef_[0] / spread
    return float(model.intercept_[0] - (slopes * middle).sum()), slopes
