"""Judged queries with the signals of their candidates: what weights are fitted on and measured by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.development import TYPOS, DevelopmentSets
from skillsmatch.matching.evaluating import SHOWN, Judged
from skillsmatch.matching.matcher import Matcher
from skillsmatch.matching.reading import facet_of
from skillsmatch.matching.segment import SIGNALS
from skillsmatch.matching.signals import weighed
from skillsmatch.matching.understanding import words_named
from skillsmatch.matching.weights import Weights, shipped_weights
from skillsmatch.matching.words import LONGEST_TEXT

POOL = 100  # candidates kept of each signal's order, and of the shipped one
AT_ONCE = 4_096  # judged documents whose places are looked for together

TWIN = "T-"  # how the id of a query with typing errors begins; its clean twin has the rest

Table = NDArray[np.float64]  # weights: one row per signal, one column for short needs and one for long


class FittingError(ValueError):
    """There is nothing to fit on; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Known:
    """Sampled queries with the signals of their candidates. What pads a row has no signal, so it is never shown."""

    sets: tuple[str, ...]
    of: NDArray[np.int64]  # the set of each query, by its place in `sets`
    twins: tuple[str, ...]  # one name for a query and for its twin with typing errors
    lengths: NDArray[np.float32]  # how far each query is short, and how far long
    values: NDArray[np.float32]  # signals x queries x candidates; candidates stand in order of id
    gains: NDArray[np.float32]  # queries x candidates
    ideal: NDArray[np.float64]  # what the best order of each query would gain

    def __len__(self) -> int:
        return len(self.of)

    def part(self, rows: NDArray[np.int64]) -> Known:
        """These queries alone."""
        return Known(
            self.sets,
            self.of[rows],
            tuple(self.twins[row] for row in rows.tolist()),
            self.lengths[rows],
            self.values[:, rows],
            self.gains[rows],
            self.ideal[rows],
        )

    def scores(self, table: Table) -> NDArray[np.float32]:
        """The weighed sum of each candidate's signals, each query by its own length."""
        weights = table.astype(np.float32) @ self.lengths.T
        total = weights[0][:, None] * self.values[0]
        for weight, value in zip(weights[1:], self.values[1:], strict=True):
            total += weight[:, None] * value
        return total

    def ndcg(self, table: Table) -> NDArray[np.float64]:
        """The nDCG@10 of each query; equal scores stand in order of id, and without a score nothing is shown."""
        scores = self.scores(table)
        got = np.zeros(len(self))
        queries, wanted = np.nonzero(self.gains)
        for start in range(0, len(queries), AT_ONCE):  # only the judged need a place
            rows, places = queries[start : start + AT_ONCE], wanted[start : start + AT_ONCE]
            own, all_of = scores[rows, places], scores[rows]
            before = all_of > own[:, None]
            before |= (all_of == own[:, None]) & (np.arange(scores.shape[1]) < places[:, None])
            place = before.sum(axis=1)
            shown = (place < SHOWN) & (own > 0)
            np.add.at(got, rows, np.where(shown, self.gains[rows, places] / np.log2(place + 2.0), 0.0))
        return got / self.ideal

    def by_set(self, found: NDArray[np.float64]) -> dict[str, float]:
        """The mean of each set that has a query here."""
        return {
            name: float(found[self.of == number].mean())
            for number, name in enumerate(self.sets)
            if (self.of == number).any()
        }

    def mean(self, table: Table) -> float:
        """What the fit makes as large as it can: the mean nDCG@10 of the sets, small and large alike."""
        return mean_of(self.by_set(self.ndcg(table)))


def mean_of(figures: dict[str, float]) -> float:
    """The mean over the sets, small and large alike."""
    return sum(figures.values()) / len(figures)


def twin_of(name: str, query: str) -> str:
    """The name that a query of a set shares with its twin with typing errors."""
    return f"{name.removeprefix(TYPOS)} {query.removeprefix(TWIN)}"


def _drawn(names: Iterable[str], lot: str) -> list[str]:
    """The different names in an order that depends on the lot alone, and not on which names there are."""
    return sorted(set(names), key=lambda name: hashlib.sha256(f"{lot} {name}".encode()).digest())


def collect(
    sets: DevelopmentSets, most: int, seed: int, tell: Callable[[str], None] = lambda _: None
) -> Known:
    """The signals of up to `most` queries of each set; twins are sampled together.

    Refused (FittingError): no set at all, and a set without a query that has a relevant document.
    """
    if not sets.queries:
        raise FittingError("there is no set of judged queries (*.jsonl) in the folder")
    names = tuple(sorted(sets.queries))
    found: list[tuple[int, str, tuple[float, float], NDArray[np.float32], NDArray[np.float32], float]] = []
    for named in sorted(sets.documents):
        if not sets.documents[named]:
            raise FittingError(f"{named}: there is no document in it")
        matcher = Matcher.fit(sets.documents[named])
        places = {id: row for row, id in enumerate(matcher.parts[0].segment.ids)}
        for name in (name for name in names if sets.documents_of[name] == named):
            sample = _sample(name, sets.queries[name], most, seed)
            tell(f"{name}: {len(sample)} queries over {len(matcher)} documents")
            for query in sample:
                known = _known(matcher, places, query)
                found.append((names.index(name), twin_of(name, query.id), *known))
    widest = max(len(gains) for _, _, _, _, gains, _ in found)
    values = np.zeros((len(SIGNALS), len(found), widest), dtype=np.float32)
    gains = np.zeros((len(found), widest), dtype=np.float32)
    for row, (_, _, _, told, gained, _) in enumerate(found):
        values[:, row, : len(gained)] = told
        gains[row, : len(gained)] = gained
    return Known(
        names,
        np.asarray([each[0] for each in found]),
        tuple(each[1] for each in found),
        np.asarray([each[2] for each in found], dtype=np.float32),
        values,
        gains,
        np.asarray([each[5] for each in found]),
    )


def _sample(name: str, queries: Sequence[Judged], most: int, seed: int) -> list[Judged]:
    judged = [query for query in queries if any(query.grades().values())]
    if not judged:
        raise FittingError(f"{name}: no query has a relevant document")
    kept = set(_drawn((twin_of(name, query.id) for query in judged), str(seed))[:most])
    return [query for query in judged if twin_of(name, query.id) in kept]


_LENGTH = Weights({"short": {"short": 1.0, "long": 0.0}, "long": {"short": 0.0, "long": 1.0}}, {}, "")
_NOTHING = np.zeros((len(SIGNALS), 0), dtype=np.float32)


def _known(
    matcher: Matcher, places: dict[str, int], query: Judged
) -> tuple[tuple[float, float], NDArray[np.float32], NDArray[np.float32], float]:
    """How short and how long the query is, its candidates' signals and gains, and what the best order would gain."""
    grades = query.grades()
    best = np.sort(np.exp2(list(grades.values())) - 1)[::-1][:SHOWN]
    ideal = float((best / np.log2(np.arange(len(best)) + 2.0)).sum())
    segment = matcher.parts[0].segment
    told, signals = matcher._asked(facet_of(query.text[:LONGEST_TEXT]).text)
    named = words_named(told.units)
    length = _LENGTH.for_need(named)
    if not signals:  # nothing was asked for, so nothing is found
        return (length["short"], length["long"]), _NOTHING, _NOTHING[0], ideal
    every = signals[0].values(np.arange(segment.texts))
    orders = [*every.values(), weighed(every, shipped_weights().for_need(named))]
    pool = {places[id] for id in grades if id in places}
    for order in orders:
        of_offers = order[segment.text_of]
        some = np.argpartition(-of_offers, min(POOL, len(of_offers)) - 1)[:POOL]
        pool.update(some[of_offers[some] > 0].tolist())
    rows = sorted(pool, key=segment.ids.__getitem__)
    values = np.stack([every[name][segment.text_of[rows]] for name in SIGNALS]).astype(np.float32)
    gains = np.asarray([2.0 ** grades.get(segment.ids[row], 0) - 1 for row in rows], dtype=np.float32)
    return (length["short"], length["long"]), values, gains, ideal


def halves(known: Known, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The queries of each set dealt into two halves; a query and its twin always fall into the same one."""
    by_set: dict[str, list[str]] = {}
    for twin, number in zip(known.twins, known.of.tolist(), strict=True):
        by_set.setdefault(known.sets[number].removeprefix(TYPOS), []).append(twin)
    first = {twin for twins in by_set.values() for twin in _drawn(twins, f"halves {seed}")[::2]}
    in_first = np.fromiter((twin in first for twin in known.twins), np.bool_, len(known))
    return np.flatnonzero(in_first), np.flatnonzero(~in_first)
