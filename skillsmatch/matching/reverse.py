"""Matching turned round: which past needs would an offer have met? The same index and the same sums.

A cheap upper bound of the strength is worked out for every pair at once. Only pairs that may reach the strength
asked for are then judged exactly as `Matcher.rank` judges them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.bounds import Understood, bounds
from skillsmatch.matching.constraints import Gap, Shortfall, distances, excluded, gaps, shortfalls
from skillsmatch.matching.coverage import coverages, key_roots, said_roots
from skillsmatch.matching.documents import Document
from skillsmatch.matching.evidence import Evidence, Match, words_met
from skillsmatch.matching.excerpts import only, words_alone
from skillsmatch.matching.matcher import Matcher
from skillsmatch.matching.query import Query
from skillsmatch.matching.ranking import UNMET_BELOW
from skillsmatch.matching.segment import Segment
from skillsmatch.matching.signals import query_terms, text_signals
from skillsmatch.matching.spelling import Speller
from skillsmatch.matching.strength import features, strength
from skillsmatch.matching.understanding import understand
from skillsmatch.matching.weights import Weights

AT_ONCE = 1_000  # texts, and offers, that are compared together: some 50 MB of pairs
SLACK = 0.01  # of the bound, in the logit; sums made in another order differ a thousand times less

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some texts, and the queries that say each of them: (the place of the text, the query's number, the query)."""

    texts: tuple[Understood, ...]
    asked: tuple[tuple[int, int, Query], ...]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of a query (by number) and an offer (by place among those given) that meet, with score and strength."""

    queries: Rows
    offers: Rows
    scores: NDArray[np.float64]
    strengths: NDArray[np.float64]

    @classmethod
    def of(cls, found: Sequence[tuple[int, int, float, float]]) -> _Pairs:
        table = np.asarray(found, dtype=np.float64).reshape(-1, 4)
        return cls(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], table[:, 3])

    def __getitem__(self, which: Any) -> _Pairs:
        return _Pairs(self.queries[which], self.offers[which], self.scores[which], self.strengths[which])

    @classmethod
    def joined(cls, parts: Sequence[_Pairs]) -> _Pairs:
        if not parts:
            return cls.of([])
        return cls(*(np.concatenate([getattr(p, n) for p in parts]) for n in cls.__slots__))


@dataclass(frozen=True, slots=True)
class MetBy:
    """What one offer would have met: how many past needs in all, and the best of them, best first.

    Each `Match` carries the id of the past need, with the score, strength and evidence that ranking gives.
    """

    count: int
    best: tuple[Match, ...]


@dataclass(frozen=True)
class PastNeeds:
    """Past needs read once, against one catalogue's words; ask as often as offers come or change."""

    matcher: Matcher
    ids: tuple[str, ...]
    batches: tuple[_Batch, ...]

    @classmethod
    def read(cls, matcher: Matcher, asked: Iterable[tuple[str, Query]], jobs: int = 1) -> PastNeeds:
        """The past needs, each an id and the query that would be asked again, read by so many processes."""
        ids: list[str] = []
        by_text: dict[str, list[tuple[int, Query]]] = {}
        for number, (id, query) in enumerate(asked):
            ids.append(id)
            by_text.setdefault(query.text, []).append((number, query))
        texts = list(by_text)
        base = matcher.parts[0].segment
        # A need's words weigh what they weigh in the catalogue; none of its offers is looked at to read them.
        words = words_alone(base)
        parts = [texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)]
        read = _each(jobs, _read, [(words, part) for part in parts])
        return cls(
            matcher,
            tuple(ids),
            tuple(
                _Batch(
                    tuple(done),
                    tuple((place, *q) for place, each in enumerate(done) for q in by_text[each.text]),
                )
                for done in read
            ),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def met_by(
        self, offers: Iterable[Document], least: float = UNMET_BELOW, most: int | None = None, jobs: int = 1
    ) -> dict[str, MetBy]:
        """For each new or changed offer, the past needs it would have met, as if it were in the catalogue."""
        changed = {offer.id: offer for offer in offers}
        return self._met_in(self.matcher.updated(changed.values(), ()), list(changed), least, most, jobs)

    def met_by_standing(
        self, ids: Iterable[str], least: float = UNMET_BELOW, most: int | None = None, jobs: int = 1
    ) -> dict[str, MetBy]:
        """The same for offers of the catalogue, by id. Raises KeyError where one is not in it."""
        return self._met_in(self.matcher, list(dict.fromkeys(ids)), least, most, jobs)

    def _met_in(
        self, matcher: Matcher, ids: Sequence[str], least: float, most: int | None, jobs: int
    ) -> dict[str, MetBy]:
        answer: dict[str, MetBy] = {}
        for segment in _standing(matcher, ids):
            for start in range(0, len(segment), AT_ONCE):
                some = only(segment, np.arange(start, min(start + AT_ONCE, len(segment))))
                answer |= self._met_of(some, matcher.weights, least, most, jobs)
        return {id: answer[id] for id in ids}

    def _met_of(
        self, offers: Segment, weights: Weights, least: float, most: int | None, jobs: int
    ) -> dict[str, MetBy]:
        """Which past needs the offers of one small segment meet. Reasons are made for those that are told only."""
        found = _each(jobs, _met, [(offers, weights, batch, least) for batch in self.batches])
        every = _Pairs.joined(found)
        counts = np.bincount(every.offers, minlength=len(offers))
        ids = np.asarray(self.ids)[every.queries] if len(self.ids) else np.empty(0, dtype=str)
        order = np.lexsort((ids, -every.scores, -every.strengths, every.offers))
        firsts = np.concatenate([[0], np.cumsum(counts)])[every.offers[order]]
        told = order if most is None else order[np.arange(len(order)) - firsts < most]
        wanted = np.zeros(len(every.queries), dtype=np.bool_)
        wanted[told] = True
        bounds = np.cumsum([0, *(len(part.queries) for part in found)])
        tasks = [
            (offers, weights, batch, part[wanted[bounds[n] : bounds[n + 1]]])
            for n, (batch, part) in enumerate(zip(self.batches, found, strict=True))
        ]
        reasons: dict[tuple[int, int], Evidence] = {}
        for given in _each(jobs, _reasons, [task for task in tasks if len(task[3].queries)]):
            reasons |= given
        best: list[list[Match]] = [[] for _ in range(len(offers))]
        for place in told.tolist():
            query, offer = int(every.queries[place]), int(every.offers[place])
            best[offer].append(
                Match(
                    self.ids[query],
                    float(every.scores[place]),
                    float(every.strengths[place]),
                    reasons[query, offer],
                )
            )
        return {id: MetBy(int(counts[row]), tuple(best[row])) for row, id in enumerate(offers.ids)}


def _each(jobs: int, do: Any, tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
    """What it gives for each task, in order; in so many processes where there is more than one task."""
    if jobs == 1 or len(tasks) < 2:
        return [do(*task) for task in tasks]
    from joblib import Parallel, delayed

    given: list[Any] = Parallel(n_jobs=jobs)(delayed(do)(*task) for task in tasks)
    return given


def _read(words: Segment, texts: Sequence[str]) -> list[Understood]:
    """The texts understood; those with nothing to go on are left out."""
    speller = Speller(words.surface, words.stems)
    read = []
    for text in texts:
        units = understand(text, speller)
        if units:
            keys, said = key_roots(words, units, text), said_roots(units)
            read.append(Understood(text, units, query_terms(text, units, words), tuple(keys), tuple(said)))
    return read


def _met(offers: Segment, weights: Weights, batch: _Batch, least: float) -> _Pairs:
    """The pairs of the batch that meet: those that may, judged exactly."""
    asked: dict[int, list[tuple[int, Query]]] = {}
    for place, number, query in batch.asked:
        asked.setdefault(place, []).append((number, query))
    may = bounds(offers, weights, batch.texts) >= _logit(least) - SLACK
    met: list[tuple[int, int, float, float]] = []
    for place in np.flatnonzero(may.any(axis=1)).tolist():
        rows = np.flatnonzero(may[place])
        judged = _Judged.of(offers, weights, batch.texts[place], rows)
        for number, query in asked[place]:
            scores, useful, _ = judged.under(query)
            met += [
                (number, int(rows[n]), float(scores[n]), float(useful[n]))
                for n in np.flatnonzero((useful >= least) & (scores > 0)).tolist()
            ]
    return _Pairs.of(met)


@dataclass(frozen=True, slots=True)
class _Judged:
    """One text against some rows of a segment, exactly as `Matcher.rank` judges them, before any constraint."""

    offers: Segment
    weights: Weights
    rows: Rows
    signals: dict[str, NDArray[np.float64]]  # of those rows
    totals: NDArray[np.float64]
    useful: NDArray[np.float64]

    @classmethod
    def of(cls, offers: Segment, weights: Weights, asked: Understood, rows: Rows) -> _Judged:
        signals = {name: values[rows] for name, values in text_signals(offers, asked.terms).items()}
        totals = np.zeros(len(rows))
        for name, weight in weights.signals.items():
            totals += weight * signals[name]
        covered = coverages(offers, rows.tolist(), asked.units, asked.text)
        useful = [
            strength(
                weights.strength,
                features({name: float(values[n]) for name, values in signals.items()}, coverage),
            )
            for n, coverage in enumerate(covered)
        ]
        return cls(offers, weights, rows, signals, totals, np.asarray(useful, dtype=np.float64))

    def under(self, query: Query) -> tuple[NDArray[np.float64], NDArray[np.float64], list[Shortfall]]:
        """The scores and strengths once the query's constraints have taken theirs; 0 for what they leave out."""
        found = shortfalls(self.offers.facts, self.rows, query)
        scores = self.totals.copy()
        for short in found:
            scores *= short.kept
        kept = np.divide(scores, self.totals, out=np.zeros_like(scores), where=self.totals > 0)
        out = excluded(found, query.hard, len(self.rows))
        scores[out] = kept[out] = 0.0
        return scores, self.useful * kept, found


def _reasons(
    offers: Segment, weights: Weights, batch: _Batch, pairs: _Pairs
) -> dict[tuple[int, int], Evidence]:
    """The evidence of each pair, by the query's number and the offer's place."""
    wanted: dict[int, list[int]] = {}
    for number, offer in zip(pairs.queries.tolist(), pairs.offers.tolist(), strict=True):
        wanted.setdefault(number, []).append(offer)
    given: dict[tuple[int, int], Evidence] = {}
    for place, number, query in batch.asked:
        if number in wanted:
            rows = np.asarray(sorted(wanted[number]), dtype=np.int64)
            judged = _Judged.of(offers, weights, batch.texts[place], rows)
            words = words_met(offers, rows.tolist(), batch.texts[place].units)
            for n, told in enumerate(words):
                given[number, int(rows[n])] = _evidence(judged, query, n, told)
    return given


def _evidence(
    judged: _Judged, query: Query, place: int, words: tuple[tuple[str, ...], tuple[str, ...]]
) -> Evidence:
    matched, missing = words
    scores, _, found = judged.under(query)
    listed = gaps(found, place)
    if missing:
        listed = (*listed, Gap("words", "does not mention " + ", ".join(missing[:6]), float(len(missing))))
    shares = [
        (name, weight * float(judged.signals[name][place])) for name, weight in judged.weights.signals.items()
    ]
    shares.append(("constraints", float(scores[place]) - sum(share for _, share in shares)))
    km = math.nan
    if query.lat is not None:
        km = float(distances(judged.offers.facts, judged.rows[place : place + 1], query)[0])
    return Evidence(matched, missing, listed, None if math.isnan(km) else km, tuple(shares))


def _logit(least: float) -> float:
    if least <= 0:
        return -math.inf
    return math.inf if least >= 1 else math.log(least / (1 - least))


def lacking(matcher: Matcher, ids: Iterable[str]) -> list[str]:
    """Those of the offers that the matcher does not rank, by id."""
    wanted = dict.fromkeys(ids)
    for part in matcher.parts:
        for id, alive in zip(part.segment.ids, part.alive.tolist(), strict=True):
            if alive:
                wanted.pop(id, None)
    return list(wanted)


def _standing(matcher: Matcher, ids: Sequence[str]) -> list[Segment]:
    """The named offers as small segments, one from each part that holds some. Raises KeyError for one unknown."""
    wanted = set(ids)
    segments = []
    for part in matcher.parts:
        rows = [row for row, id in enumerate(part.segment.ids) if id in wanted and part.alive[row]]
        wanted.difference_update(part.segment.ids[row] for row in rows)
        if rows:
            segments.append(only(part.segment, np.asarray(rows, dtype=np.int64)))
    if wanted:
        raise KeyError(min(wanted))
    return segments
