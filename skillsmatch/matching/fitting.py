"""The weights of the signals, fitted anew on the development sets: what `weights.json` holds under "signals".

A need is asked whole, without its constraints. Its best candidates by each signal are kept, and weights are sought
that put the judged ones first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.candidates import FittingError, Known, Table, halves, mean_of
from skillsmatch.matching.segment import SIGNALS
from skillsmatch.matching.weights import Weights, shipped_weights

LENGTHS = ("short", "long")  # each signal has a weight for either
DEALS = 2  # ways that the queries are dealt into halves, each half foretold by the other
PAIRS = 40  # of a judged and a worse document that the regression sees of one query
HARD = 30  # first candidates by all signals alike, among which the worse document of a pair is drawn
ROUNDS = 4  # times that the ascent goes through all weights
LEAST = 1e-5  # gain that the ascent takes a step for


def table_of(weights: Weights) -> Table:
    """The weights of the signals, a row each."""
    return np.asarray([[weights.signals[name][length] for length in LENGTHS] for name in SIGNALS])


def _scaled(table: Table) -> Table:
    """Weights that sum to one in either length; where none is left, all alike."""
    sums = table.sum(axis=0)
    return np.where(sums > 0, table / np.where(sums > 0, sums, 1.0), 1.0 / len(table))


def rounded(table: Table) -> Table:
    """The weights at two places, still summing to one: what is over goes where most was cut off."""
    hundredths = np.floor(100 * table + 1e-9)
    for column in range(table.shape[1]):
        missing = round(100 - hundredths[:, column].sum())
        cut = np.argsort(hundredths[:, column] - 100 * table[:, column], kind="stable")
        hundredths[cut[:missing], column] += 1
    return hundredths / 100


def regressed(known: Known, seed: int) -> Table:
    """Weights by logistic regression: which of two candidates is the better one, told by the difference of signals."""
    from sklearn.linear_model import LogisticRegression

    differences, weigh = _pairs(known, np.random.default_rng(seed))
    # Half of the pairs are turned round: without an intercept either way says the same, and two answers are needed.
    turned = np.where(np.arange(len(differences)) % 2 == 0, 1.0, -1.0)
    model = LogisticRegression(fit_intercept=False, max_iter=1000)
    model.fit(differences * turned[:, None], turned > 0, sample_weight=weigh)
    return _scaled(np.maximum(model.coef_[0], 0.0).reshape(len(SIGNALS), len(LENGTHS)))


def _pairs(known: Known, chance: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Differences of signals, one for each length, between judged documents and worse ones; each set weighs alike."""
    near = known.scores(_scaled(np.ones((len(SIGNALS), len(LENGTHS)))))
    differences, weigh = [], []
    sizes = np.bincount(known.of, minlength=len(known.sets))
    for row, (gains, scores) in enumerate(zip(known.gains, near, strict=True)):
        hard = np.argsort(-scores, kind="stable")[:HARD]
        better, worse = (each.ravel() for each in np.meshgrid(np.flatnonzero(gains), hard[scores[hard] > 0]))
        differ = gains[better] > gains[worse]
        better, worse = better[differ], worse[differ]
        if not len(better):
            continue
        drawn = chance.choice(len(better), min(PAIRS, len(better)), replace=False)
        better, worse = better[drawn], worse[drawn]
        apart = (known.values[:, row, better] - known.values[:, row, worse]).T
        differences.append((apart[:, :, None] * known.lengths[row]).reshape(len(drawn), -1))
        share = gains[better] - gains[worse]
        weigh.append(share / share.sum() * len(known) / sizes[known.of[row]] / len(known.sets))
    if sum(map(len, differences)) < 2:
        raise FittingError(
            "too few queries have a relevant document beside a worse one: there is nothing to learn from"
        )
    return np.concatenate(differences).astype(np.float64), np.concatenate(weigh).astype(np.float64)


def ascended(known: Known, table: Table, seed: int) -> Table:
    """Weights from there on, one at a time and in a drawn order, as long as the mean nDCG@10 of the sets rises."""
    chance = np.random.default_rng(seed)
    best = known.mean(table)
    for _ in range(ROUNDS):
        before = best
        for place in chance.permutation(table.size).tolist():
            start = table.copy()
            for value in _near(float(start.flat[place])):
                tried = start.copy()
                tried.flat[place] = value
                tried = _scaled(tried)
                found = known.mean(tried)
                if found > best + LEAST:
                    best, table = found, tried
        if best < before + 10 * LEAST:
            break
    return table


def _near(weight: float) -> list[float]:
    """Weights to try in the place of this one: nothing, a little less or more, and much more."""
    steps = {0.5, 0.75, 0.9, 1.1, 1.3, 1.7}
    return sorted(
        {0.0, *(weight * step for step in steps), max(0.0, weight - 0.03), weight + 0.03, weight + 0.08}
    )


@dataclass(frozen=True, slots=True)
class Way:
    """Weights that one way of fitting gave, and the nDCG@10 of each set with them."""

    table: Table
    seen: dict[str, float]  # by weights that were fitted on all the queries
    unseen: dict[str, float]  # each query by weights that were fitted on the other half

    def as_data(self) -> dict[str, Any]:
        """The weights as `weights.json` has them, with the figures."""
        return {
            "signals": as_signals(self.table),
            "mean": {"seen": round(mean_of(self.seen), 4)}
            | ({"unseen": round(mean_of(self.unseen), 4)} if self.unseen else {}),
            "seen": {name: round(figure, 4) for name, figure in self.seen.items()},
            "unseen": {name: round(figure, 4) for name, figure in self.unseen.items()},
        }


def as_signals(table: Table) -> dict[str, dict[str, float]]:
    """The table in the words of `weights.json`."""
    return {
        name: {length: round(float(weight), 4) for length, weight in zip(LENGTHS, row, strict=True)}
        for name, row in zip(SIGNALS, table, strict=True)
    }


@dataclass(frozen=True, slots=True)
class Fitted:
    """What each way of fitting gave, and what the shipped weights give on the same queries."""

    ways: dict[str, Way]
    chosen: str  # the way that was better on queries it had not seen
    shipped: Way  # has no unseen figures: who fitted it has seen these sets
    queries: int

    def as_data(self) -> dict[str, Any]:
        """Every way with its figures; "signals" and "figures" of the chosen one are as `weights.json` has them."""
        chosen = self.ways[self.chosen]
        return {
            "queries": self.queries,
            "ways": {name: way.as_data() for name, way in self.ways.items()},
            "shipped": self.shipped.as_data(),
            "chosen": self.chosen,
            "signals": as_signals(chosen.table),
            "figures": {name: {"ndcg@10": round(figure, 3)} for name, figure in chosen.seen.items()},
        }


def report(told: Mapping[str, Any]) -> list[str]:
    """What `Fitted.as_data` tells, for a reader: the figures of each way set by set, then what can be pasted."""
    ways = told["ways"]
    lines = [
        f"{told['queries']} queries; nDCG@10 with the shipped weights, and seen and unseen with those of each way",
        f"{'':<34} {'shipped':>9} " + " ".join(f"{name:>17}" for name in ways),
    ]
    for name, shipped in told["shipped"]["seen"].items():
        cells = [f"{way['seen'][name]:>9.3f} {way['unseen'][name]:>7.3f}" for way in ways.values()]
        lines.append(f"{name:<34} {shipped:>9.3f} " + " ".join(cells))
    means = [f"{way['mean']['seen']:>9.3f} {way['mean']['unseen']:>7.3f}" for way in ways.values()]
    lines.append(f"{'mean of the sets':<34} {told['shipped']['mean']['seen']:>9.3f} " + " ".join(means))
    if len({str(way["signals"]) for way in ways.values()}) > 1:
        lines += [f"{name}: {json.dumps(way['signals'])}" for name, way in ways.items()]
    lines.append(f"better unseen: {told['chosen']}")
    for key in ("signals", "figures"):
        rows = ",\n".join(f"    {json.dumps(name)}: {json.dumps(each)}" for name, each in told[key].items())
        lines.append(f'  "{key}": {{\n{rows}\n  }},')
    return lines


def fit(known: Known, seed: int, tell: Callable[[str], None] = lambda _: None) -> Fitted:
    """Fit the weights by regression alone and with an ascent from there. Every figure is of weights as rounded."""

    def by_regression(some: Known) -> Table:
        return regressed(some, seed)

    def by_ascent(some: Known) -> Table:
        return ascended(some, regressed(some, seed), seed)

    ways = {}
    for name, way in {"regression": by_regression, "ascent": by_ascent}.items():
        table = rounded(way(known))
        ways[name] = Way(table, known.by_set(known.ndcg(table)), known.by_set(_unseen(known, way, seed)))
        tell(
            f"{name}: mean nDCG@10 {mean_of(ways[name].seen):.4f} seen, {mean_of(ways[name].unseen):.4f} unseen"
        )
    shipped = table_of(shipped_weights())
    return Fitted(
        ways,
        max(ways, key=lambda name: round(mean_of(ways[name].unseen), 4)),
        Way(shipped, known.by_set(known.ndcg(shipped)), {}),
        len(known),
    )


def _unseen(known: Known, way: Callable[[Known], Table], seed: int) -> NDArray[np.float64]:
    """The nDCG@10 of each query by weights fitted on the half it is not in, the mean over the deals."""
    total = np.zeros(len(known))
    for deal in range(DEALS):
        first, second = halves(known, seed + deal)
        for learned, held in ((first, second), (second, first)):
            total[held] += known.part(held).ndcg(rounded(way(known.part(learned))))
    return total / DEALS
