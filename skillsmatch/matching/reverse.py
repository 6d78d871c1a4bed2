"""Matching turned round: which past needs would an offer have met? The same index and the same sums.

A cheap upper bound of the strength is worked out for every pair at once. Only pairs that may reach the strength
asked for are then judged, by the very steps of `Matcher.rank`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skillsmatch.matching.bounds import Understood, bounds
from skillsmatch.matching.documents import Document
from skillsmatch.matching.evidence import Match
from skillsmatch.matching.excerpts import only, words_alone
from skillsmatch.matching.matcher import Matcher, Part, judge
from skillsmatch.matching.query import Query
from skillsmatch.matching.ranking import UNMET_BELOW
from skillsmatch.matching.segment import Segment
from skillsmatch.matching.signals import query_terms
from skillsmatch.matching.spelling import Speller
from skillsmatch.matching.understanding import understand
from skillsmatch.matching.weights import Weights

AT_ONCE = 1_000  # texts, and offers, that are compared together: some 50 MB of pairs
SLACK = 0.01  # of the bound, in the logit; sums made in another order differ a thousand times less


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some texts, and for each the past needs that say it, by id."""

    texts: tuple[Understood, ...]
    asked: tuple[tuple[tuple[str, Query], ...], ...]


@dataclass(frozen=True, slots=True)
class MetBy:
    """What one offer would have met: how many past needs in all, and the best of them, best first.

    Each `Match` carries the id of the past need, with the score, strength and evidence that ranking gives.
    """

    count: int
    best: tuple[Match, ...]

    def and_also(self, other: MetBy, most: int | None) -> MetBy:
        """Both together; strongest first, equals by score and then by id."""
        every = sorted((*self.best, *other.best), key=lambda each: (-each.strength, -each.score, each.id))
        return MetBy(self.count + other.count, tuple(every[:most]))


NOTHING = MetBy(0, ())


@dataclass(frozen=True)
class PastNeeds:
    """Past needs read once, against one catalogue's words; ask as often as offers come or change."""

    matcher: Matcher
    batches: tuple[_Batch, ...]

    @classmethod
    def read(cls, matcher: Matcher, asked: Iterable[tuple[str, Query]], jobs: int = 1) -> PastNeeds:
        """The past needs, each an id and the query that would be asked again, read by so many processes."""
        by_text: dict[str, list[tuple[str, Query]]] = {}
        for id, query in asked:
            by_text.setdefault(query.text, []).append((id, query))
        texts = list(by_text)
        # A need's words weigh what they weigh in the catalogue; none of its offers is looked at to read them.
        words = words_alone(matcher.parts[0].segment)
        parts = [texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)]
        read = _each(jobs, _read, [(words, part) for part in parts])
        return cls(
            matcher,
            tuple(_Batch(tuple(done), tuple(tuple(by_text[each.text]) for each in done)) for done in read),
        )

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
        answer = dict.fromkeys(ids, NOTHING)
        for segment in _standing(matcher, ids):
            for start in range(0, len(segment), AT_ONCE):
                some = only(segment, np.arange(start, min(start + AT_ONCE, len(segment))))
                tasks = [(some, matcher.weights, batch, least, most) for batch in self.batches]
                for met in _each(jobs, _met, tasks):
                    for id, told in met.items():
                        answer[id] = answer[id].and_also(told, most)
        return answer


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
    understood = [(text, understand(text, speller)) for text in texts]
    return [Understood(text, units, query_terms(text, units, words)) for text, units in understood if units]


def _met(
    offers: Segment, weights: Weights, batch: _Batch, least: float, most: int | None
) -> dict[str, MetBy]:
    """What each of the offers meets of the batch: the pairs that may meet, judged as ranking judges them."""
    part = Part(offers, np.ones(len(offers), dtype=np.bool_))
    may = bounds(offers, weights, batch.texts) >= _logit(least) - SLACK
    met: dict[str, list[Match]] = {}
    for place in np.flatnonzero(may.any(axis=1)).tolist():
        asked = batch.texts[place]
        ids, queries = zip(*batch.asked[place], strict=True)
        found = judge(
            part, weights, asked.text, asked.units, asked.terms, np.flatnonzero(may[place]), queries
        )
        for id, matches in zip(ids, found, strict=True):
            for match in matches:
                if match.strength >= least:
                    met.setdefault(match.id, []).append(replace(match, id=id))
    return {
        offer: NOTHING.and_also(MetBy(len(matches), tuple(matches)), most) for offer, matches in met.items()
    }


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
