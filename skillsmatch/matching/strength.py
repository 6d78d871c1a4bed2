"""How sure the engine is that an adviser would call an offer useful, and how that was learned."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching import metrics
from skillsmatch.matching.coverage import Coverage

if TYPE_CHECKING:
    from skillsmatch.matching.evaluating import Judged
    from skillsmatch.matching.matcher import Matcher

# The signals and the coverage that the strength rests on; none of them grows with the size of a catalogue.
FEATURES = ("name letters", "meaning", "one_name", "anywhere", "head", "mass", "length")
FOLDS = 5  # parts that the needs are dealt into; each is foretold by a model that has not seen it
PULL = 0.3  # scikit-learn's C: how far the model trusts the judgements over saying "about half"
TOWARDS_OTHERS = 0.25  # how far the base rate moves from the first set's graders to those of the others
LOOKED_AT = 3  # offers of each facet that are learned from, the first counting most


def features(signals: Mapping[str, float], coverage: Coverage) -> dict[str, float]:
    """What is known of one offer against one need, by name."""
    return {
        "name letters": signals["name letters"],
        "meaning": signals["meaning"],
        "one_name": coverage.one_name,
        "anywhere": coverage.anywhere,
        "head": coverage.head,
        "mass": coverage.mass,
        "length": coverage.length,
    }


def strength(weights: Mapping[str, float], known: Mapping[str, float]) -> float:
    """The probability (0 to 1) that an adviser calls the offer useful for the need."""
    value = 0.0
    for name in FEATURES:
        value += weights[name] * known[name]
    value += weights["intercept"]
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value))))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted weights, and how well models that had not seen a facet foretold whether it is unmet."""

    weights: dict[str, float]
    auc: float | None
    brier: float | None
    facets: int
    offers: int


@dataclass(slots=True)
class _Pairs:
    """Judged offers: what is known of each, whether it is useful, its place, its facet, its need and its set."""

    known: list[list[float]]
    useful: list[bool]
    place: list[int]
    facet: list[tuple[int, str, str]]
    met: dict[tuple[int, str, str], bool]

    def arrays(self) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64], NDArray[np.int64]]:
        sets = np.asarray([of for of, _, _ in self.facet], dtype=np.int64)
        return np.asarray(self.known), np.asarray(self.useful), 1.0 / (1.0 + np.asarray(self.place)), sets


def calibrate(judged: Sequence[tuple[Matcher, Sequence[Judged]]]) -> Calibration:
    """Fit the strength on sets of judged needs; the figures are five-fold, all facets of a need in one fold.

    Graders differ in how strict they are, so each set has its own base rate; the weights lean to the first.
    Raises ValueError where there are too few needs to deal out, or all offers went one way.
    """
    pairs = _judged_pairs(judged)
    known, useful, weigh, sets = pairs.arrays()
    needs = [f"{of} {need}" for of, need, _ in pairs.facet]
    if len(set(needs)) < FOLDS or len(set(useful.tolist())) < 2:
        raise ValueError(f"calibrating needs at least {FOLDS} judged needs, some met and some not")
    from sklearn.model_selection import GroupKFold

    unseen = np.zeros(len(useful))
    for learned, held in GroupKFold(FOLDS).split(known, groups=needs):
        intercept, slopes = _logistic(known[learned], useful[learned], weigh[learned], sets[learned])
        unseen[held] = 1.0 / (1.0 + np.exp(-(intercept + known[held] @ slopes)))
    intercept, slopes = _logistic(known, useful, weigh, sets)
    weights = {"intercept": round(intercept, 3)} | {
        name: round(float(slope), 3) for name, slope in zip(FEATURES, slopes, strict=True)
    }
    best: dict[tuple[int, str, str], float] = dict.fromkeys(pairs.met, 0.0)
    for facet, chance in zip(pairs.facet, unseen.tolist(), strict=True):
        best[facet] = max(best[facet], chance)
    unmet, foretold = [not pairs.met[facet] for facet in best], [1.0 - chance for chance in best.values()]
    return Calibration(
        weights,
        metrics.area_under_curve(foretold, unmet),
        metrics.brier(foretold, unmet),
        len(best),
        len(useful),
    )


def _judged_pairs(judged: Sequence[tuple[Matcher, Sequence[Judged]]]) -> _Pairs:
    """The first offers of every judged facet, asked in an adviser's words; of a need with one, in the firm's too."""
    from skillsmatch.matching.evaluating import USEFUL
    from skillsmatch.matching.ranking import query_for
    from skillsmatch.matching.reading import facet_of

    pairs = _Pairs([], [], [], [], {})
    for number, (matcher, queries) in enumerate(judged):
        for query in queries:
            for facet, need in query.facets:
                grades = query.grades(facet)
                told = [need, query.text] if len(query.facets) == 1 else [need]
                for way, text in enumerate(told):
                    key = (number, query.id, f"{facet} {way}")
                    pairs.met[key] = max(grades.values(), default=0) >= USEFUL
                    for place, (id, known) in enumerate(matcher.known(query_for(facet_of(text)), LOOKED_AT)):
                        pairs.known.append([known[name] for name in FEATURES])
                        pairs.useful.append(grades.get(id, 0) >= USEFUL)
                        pairs.place.append(place)
                        pairs.facet.append(key)
    return pairs


def _logistic(
    known: NDArray[np.float64],
    useful: NDArray[np.bool_],
    weigh: NDArray[np.float64],
    sets: NDArray[np.int64],
) -> tuple[float, NDArray[np.float64]]:
    from sklearn.linear_model import LogisticRegression

    count = int(sets.max()) + 1
    bases = np.eye(count)[sets][:, 1:] if count > 1 else np.empty((len(known), 0))
    middle, spread = known.mean(axis=0), np.maximum(known.std(axis=0), 1e-9)
    model = LogisticRegression(C=PULL, max_iter=1000).fit(
        np.hstack([(known - middle) / spread, bases]), useful, sample_weight=weigh
    )
    slopes = model.coef_[0][: known.shape[1]] / spread
    others = model.coef_[0][known.shape[1] :]
    base = TOWARDS_OTHERS * float(others.mean()) if count > 1 else 0.0
    return float(model.intercept_[0]) + base - float((slopes * middle).sum()), slopes
