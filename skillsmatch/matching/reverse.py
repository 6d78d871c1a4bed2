"""Matching turned round: which past needs would an offer have met? The same index and the same sums.

A cheap upper bound of the strength is worked out for every pair at once. Only pairs that may reach the strength
asked for are then judged, by the very code that ranks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.bounds import Understood, bounds, read
from skillsmatch.matching.documents import Document
from skillsmatch.matching.evidence import Evidence, Match
from skillsmatch.matching.matcher import Matcher, Part
from skillsmatch.matching.query import Query
from skillsmatch.matching.ranking import UNMET_BELOW
from skillsmatch.matching.segment import build
from skillsmatch.matching.signals import TextSignals
from skillsmatch.matching.vocabulary import Lexicon

AT_ONCE = 1_000  # texts, and offers, that are compared together: some 50 MB of pairs
SLACK = 0.01  # of the bound, in the logit; sums made in another order differ a thousand times less


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some texts, and the queries that say each of them: (the place of the text, the query's number, the query)."""

    texts: tuple[Understood, ...]
    asked: tuple[tuple[int, int, Query], ...]

    def by_text(self, wanted: set[int] | None = None) -> dict[int, list[tuple[int, Query]]]:
        """For each text the queries that say it; of those with the wanted numbers, where any are named."""
        found: dict[int, list[tuple[int, Query]]] = {}
        for place, number, query in self.asked:
            if wanted is None or number in wanted:
                found.setdefault(place, []).append((number, query))
        return found


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of a query (by number) and an offer (by its row) that meet, with score and strength."""

    queries: NDArray[np.int64]
    offers: NDArray[np.int64]
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


@dataclass(frozen=True, slots=True)
class Fits:
    """The past needs that one offer would have met, by their ids, with the strengths (0 to 1): no reasons are made."""

    ids: tuple[str, ...]
    strengths: tuple[float, ...]


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
        words = Lexicon(base.stems, base.grams, base.surface)
        parts = [texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)]
        told = _each(jobs, read, [(words, part) for part in parts])
        return cls(
            matcher,
            tuple(ids),
            tuple(
                _Batch(
                    tuple(done),
                    tuple((place, *q) for place, each in enumerate(done) for q in by_text[each.text]),
                )
                for done in told
            ),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def met_by(
        self, offers: Iterable[Document], least: float = UNMET_BELOW, most: int | None = None, jobs: int = 1
    ) -> dict[str, MetBy]:
        """For each offer, new, changed or standing, the past needs that it would have met.

        Each pair has the score, strength and evidence that ranking gives a catalogue with the offer in it.
        """
        answer: dict[str, MetBy] = {}
        for few in self._few(offers):
            answer |= self._met_of(few, least, most, jobs)
        return answer

    def fits(self, offers: Iterable[Document], least: float = UNMET_BELOW, jobs: int = 1) -> dict[str, Fits]:
        """The same pairs as `met_by`, all of them and without reasons; offers that would have met none are left out.

        The needs of an offer stand in the order in which they were read.
        """
        answer: dict[str, Fits] = {}
        for few in self._few(offers):
            every = _Pairs.joined(_each(jobs, _met, [(few, batch, least) for batch in self.batches]))
            every = every[np.lexsort((every.queries, every.offers))]
            ends = np.searchsorted(every.offers, np.arange(len(few.parts[0].segment) + 1))
            for row, id in enumerate(few.parts[0].segment.ids):
                mine = every[ends[row] : ends[row + 1]]
                if len(mine.queries):
                    needs = tuple(self.ids[query] for query in mine.queries.tolist())
                    answer[id] = Fits(needs, tuple(mine.strengths.tolist()))
        return answer

    def _few(self, offers: Iterable[Document]) -> Iterator[Matcher]:
        """A matcher of these offers alone, a thousand at a time; the last of two with one id counts."""
        told = list({offer.id: offer for offer in offers}.values())
        for start in range(0, len(told), AT_ONCE):
            segment = build(told[start : start + AT_ONCE], like=self.matcher.parts[0].segment)
            yield Matcher((Part(segment, np.ones(len(segment), dtype=np.bool_)),), (), self.matcher.weights)

    def _met_of(self, few: Matcher, least: float, most: int | None, jobs: int) -> dict[str, MetBy]:
        """Which past needs each of the offers meets. Reasons are made for those that are told only."""
        found = _each(jobs, _met, [(few, batch, least) for batch in self.batches])
        every = _Pairs.joined(found)
        offers = few.parts[0].segment.ids
        counts = np.bincount(every.offers, minlength=len(offers))
        ids = np.asarray(self.ids)[every.queries] if len(self.ids) else np.empty(0, dtype=str)
        order = np.lexsort((ids, -every.scores, -every.strengths, every.offers))
        firsts = np.concatenate([[0], np.cumsum(counts)])[every.offers[order]]
        told = order if most is None else order[np.arange(len(order)) - firsts < most]
        wanted = np.zeros(len(every.queries), dtype=np.bool_)
        wanted[told] = True
        ends = np.cumsum([0, *(len(part.queries) for part in found)])
        tasks = [
            (few, batch, part[wanted[ends[n] : ends[n + 1]]])
            for n, (batch, part) in enumerate(zip(self.batches, found, strict=True))
        ]
        reasons: dict[tuple[int, int], Evidence] = {}
        for given in _each(jobs, _reasons, [task for task in tasks if len(task[2].queries)]):
            reasons |= given
        best: list[list[Match]] = [[] for _ in offers]
        for place in told.tolist():
            query, offer = int(every.queries[place]), int(every.offers[place])
            score, useful = float(every.scores[place]), float(every.strengths[place])
            best[offer].append(Match(self.ids[query], score, useful, reasons[query, offer]))
        return {id: MetBy(int(counts[row]), tuple(best[row])) for row, id in enumerate(offers)}


def _each(jobs: int, do: Any, tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
    """What it gives for each task, in order; in so many processes where there is more than one task."""
    if jobs == 1 or len(tasks) < 2:
        return [do(*task) for task in tasks]
    from joblib import Parallel, delayed

    given: list[Any] = Parallel(n_jobs=jobs)(delayed(do)(*task) for task in tasks)
    return given


def _met(few: Matcher, batch: _Batch, least: float) -> _Pairs:
    """The pairs of the batch that meet: those that may, judged exactly."""
    part = few.parts[0]
    may = bounds(part.segment, few.weights, batch.texts) >= _logit(least) - SLACK
    asked = batch.by_text()
    met: list[tuple[int, int, float, float]] = []
    for place in np.flatnonzero(may.any(axis=1)).tolist():
        text = batch.texts[place]
        signals = TextSignals.of(part.segment, text.terms)
        told = few.told_of(text.units, text.asked)
        for number, query in asked[place]:
            for item in few.judged(part, signals, told, query, np.flatnonzero(may[place])):
                useful = few.strength_of(item, told)
                if useful >= least:
                    met.append((number, item.row, item.final, useful))
    return _Pairs.of(met)


def _reasons(few: Matcher, batch: _Batch, pairs: _Pairs) -> dict[tuple[int, int], Evidence]:
    """The evidence of each pair, by the query's number and the offer's row."""
    wanted: dict[int, set[int]] = {}
    for number, offer in zip(pairs.queries.tolist(), pairs.offers.tolist(), strict=True):
        wanted.setdefault(number, set()).add(offer)
    given: dict[tuple[int, int], Evidence] = {}
    part = few.parts[0]
    for place, asked in batch.by_text(set(wanted)).items():
        text = batch.texts[place]
        signals = TextSignals.of(part.segment, text.terms)
        told = few.told_of(text.units, text.asked)
        for number, query in asked:
            texts = np.unique(part.segment.text_of[sorted(wanted[number])]).astype(np.int64)
            for item in few.judged(part, signals, told, query, texts):
                if item.row in wanted[number]:
                    given[number, item.row] = few.match_of(item, told).evidence
    return given


def _logit(least: float) -> float:
    if least <= 0:
        return -math.inf
    return math.inf if least >= 1 else math.log(least / (1 - least))
