"""The matcher: offers in, ranked offers with reasons out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.constraints import Shortfall, distances, excluded, gaps, shortfalls
from skillsmatch.matching.coverage import coverages
from skillsmatch.matching.documents import Document
from skillsmatch.matching.evidence import Evidence, Match, words_gap, words_met
from skillsmatch.matching.query import Query
from skillsmatch.matching.segment import Segment, build
from skillsmatch.matching.signals import query_terms, text_signals
from skillsmatch.matching.spelling import Speller
from skillsmatch.matching.strength import features, strength
from skillsmatch.matching.understanding import Unit, understand
from skillsmatch.matching.weights import Weights, shipped_weights

FIRST_LOOK = 256  # offers whose constraints are judged first; doubled until the order below cannot change

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """A segment, and which of its offers still stand."""

    segment: Segment
    alive: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """One offer on its way to a match."""

    final: float
    id: str
    part: int
    row: int
    place: int
    text_score: float


@dataclass(frozen=True)
class Matcher:
    """Ranks offers for a query. It never changes: a changed catalogue gives a new matcher."""

    parts: tuple[Part, ...]  # the offers it was fitted on, then those changed since
    changed: tuple[Document, ...] = ()  # what the second part was built from
    weights: Weights = field(default_factory=shipped_weights)

    @property
    def version(self) -> str:
        """Names the weights that made the order."""
        return self.weights.version

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "speller", Speller(self.parts[0].segment.surface, self.parts[0].segment.stems)
        )

    speller: Speller = field(init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return int(sum(part.alive.sum() for part in self.parts))

    @classmethod
    def fit(cls, documents: Iterable[Document]) -> Matcher:
        """A matcher over the documents. Of two with one id the later stands."""
        segment = build(documents)
        return cls((Part(segment, np.ones(len(segment), dtype=np.bool_)),))

    def updated(self, changed: Iterable[Document], removed: Iterable[str]) -> Matcher:
        """A new matcher with the changed offers in and the removed ones out.

        Words keep the weights they had when the matcher was fitted, so fit again when a tenth has changed.
        """
        gone = set(removed)
        standing = {document.id: document for document in self.changed if document.id not in gone}
        for document in changed:
            standing[document.id] = document
        base = self.parts[0]
        out = gone | standing.keys()
        # The base rows stay where they are; those replaced or removed are only marked.
        alive = base.alive & ~np.fromiter((id in out for id in base.segment.ids), np.bool_, len(base.segment))
        kept = tuple(standing.values())
        parts = [Part(base.segment, alive)]
        if kept:
            extra = build(kept, like=base.segment)
            parts.append(Part(extra, np.ones(len(extra), dtype=np.bool_)))
        return replace(self, parts=tuple(parts), changed=kept)

    def save(self, folder: Path) -> None:
        """Write the matcher to the folder, whole or not at all."""
        from skillsmatch.matching.storage import save

        save(self, folder)

    @classmethod
    def load(cls, folder: Path) -> Matcher:
        """The matcher saved in the folder, its arrays mapped. Raises IndexUnreadable where it is not whole."""
        from skillsmatch.matching.storage import load

        return load(folder)

    def rank(self, query: Query, limit: int = 10) -> list[Match]:
        """The offers that fit best, best first; equal scores stand in order of id.

        Offers that share no word or letter with the query are left out, so the list may be short or empty.
        """
        units = understand(query.text, self.speller)
        if not units or limit < 1:
            return []
        terms = query_terms(query.text, units, self.parts[0].segment)
        signals = [text_signals(part.segment, terms) for part in self.parts]
        ranked: list[_Ranked] = []
        judged: list[list[Shortfall]] = []
        for number, part in enumerate(self.parts):
            total = self._fused(signals[number]) * part.alive
            best, found = _best(part.segment, total, query, limit, number)
            ranked.extend(best)
            judged.append(found)
        ranked.sort(key=lambda item: (-item.final, item.id))
        shown = ranked[:limit]
        words: dict[tuple[int, int], tuple[tuple[str, ...], tuple[str, ...]]] = {}
        for number, part in enumerate(self.parts):
            rows = [item.row for item in shown if item.part == number]
            told = words_met(part.segment, rows, units) if rows else []
            words |= {(number, row): each for row, each in zip(rows, told, strict=True)}
        known = self._known(query.text, shown, units, signals)
        return [
            self._match(item, query, judged[item.part], signals[item.part], words[item.part, item.row], each)
            for item, each in zip(shown, known, strict=True)
        ]

    def known(self, query: Query, limit: int) -> list[tuple[str, dict[str, float]]]:
        """What the strength of each of the best offers rests on, by the offer's id; for learning it."""
        units = understand(query.text, self.speller)
        terms = query_terms(query.text, units, self.parts[0].segment)
        signals = [text_signals(part.segment, terms) for part in self.parts]
        rows = {
            id: (number, row)
            for number, part in enumerate(self.parts)
            for row, id in enumerate(part.segment.ids)
            if part.alive[row]
        }
        ids = [match.id for match in self.rank(query, limit)]
        shown = [_Ranked(0.0, id, *rows[id], 0, 0.0) for id in ids]
        return list(zip(ids, self._known(query.text, shown, units, signals), strict=True))

    def _known(
        self, text: str, shown: list[_Ranked], units: tuple[Unit, ...], signals: list[dict[str, Numbers]]
    ) -> list[dict[str, float]]:
        found: dict[tuple[int, int], dict[str, float]] = {}
        for number, part in enumerate(self.parts):
            rows = [item.row for item in shown if item.part == number]
            for row, coverage in zip(rows, coverages(part.segment, rows, units, text), strict=True):
                told = {name: float(values[row]) for name, values in signals[number].items()}
                found[number, row] = features(told, coverage)
        return [found[item.part, item.row] for item in shown]

    def _fused(self, signals: dict[str, Numbers]) -> Numbers:
        """The weighed sum of the signals, for every offer."""
        total = np.zeros(len(next(iter(signals.values()))))
        for name, weight in self.weights.signals.items():
            total += weight * signals[name]
        return total

    def _match(
        self,
        item: _Ranked,
        query: Query,
        found: list[Shortfall],
        signals: dict[str, Numbers],
        words: tuple[tuple[str, ...], tuple[str, ...]],
        known: dict[str, float],
    ) -> Match:
        segment = self.parts[item.part].segment
        matched, missing = words
        listed = (*gaps(found, item.place), *words_gap(missing))
        shares = [
            (name, weight * float(signals[name][item.row])) for name, weight in self.weights.signals.items()
        ]
        # What the constraints took away is a share too, so that the shares sum to the score.
        shares.append(("constraints", item.final - sum(share for _, share in shares)))
        km = (
            float(distances(segment.facts, np.asarray([item.row]), query)[0])
            if query.lat is not None
            else math.nan
        )
        evidence = Evidence(matched, missing, listed, None if km != km else km, tuple(shares))
        kept = item.final / item.text_score if item.text_score else 0.0
        useful = strength(self.weights.strength, known) * kept
        return Match(item.id, item.final, useful, evidence)


def _best(
    segment: Segment, total: Numbers, query: Query, limit: int, part: int
) -> tuple[list[_Ranked], list[Shortfall]]:
    """The best offers of one segment after its constraints, and what was judged on the way.

    Constraints only take away. Once the limit-th best beats the best text score not yet looked at, no other
    offer can enter: the answer is exact without judging every offer.
    """
    count = int((total > 0).sum())
    look = max(FIRST_LOOK, 2 * limit)
    while True:
        taken = min(look, count)
        rows = _highest(total, taken)
        found = shortfalls(segment.facts, rows, query)
        final = total[rows].copy()
        for short in found:
            final *= short.kept
        out = excluded(found, query.hard, taken)
        final[out] = 0.0
        order = sorted(
            np.flatnonzero(~out).tolist(), key=lambda place: (-final[place], segment.ids[rows[place]])
        )
        floor = float(total[rows[-1]]) if taken else 0.0
        if taken == count or (len(order) >= limit and float(final[order[limit - 1]]) > floor):
            break
        look *= 2
    best = [
        _Ranked(
            float(final[place]),
            segment.ids[rows[place]],
            part,
            int(rows[place]),
            place,
            float(total[rows[place]]),
        )
        for place in order[:limit]
    ]
    return best, found


def _highest(total: Numbers, count: int) -> NDArray[np.int64]:
    """The rows of the highest scores, highest first, ties at the edge all in the order of rows."""
    if count == 0:
        return np.empty(0, dtype=np.int64)
    rows = np.argpartition(-total, count - 1)[:count] if count < len(total) else np.arange(len(total))
    rows = rows[np.lexsort((rows, -total[rows]))]
    return rows[:count].astype(np.int64)
