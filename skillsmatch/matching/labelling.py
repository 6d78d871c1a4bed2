"""Coding a facet against a fixed list (themes, SOC unit groups) with the same engine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.documents import Document
from skillsmatch.matching.matcher import Matcher
from skillsmatch.matching.meaning import meanings_of
from skillsmatch.matching.signals import TextSignals, query_terms
from skillsmatch.matching.understanding import understand, words_named

UNCLEAR_BELOW = 0.35  # confidence; below it the caller says "unclear" and asks
SURE_FROM = 0.6  # confidence; from here on two words of a list with other labels are two needs

LOOKED_AT = 8  # labels that share the confidence; the rest are too far behind to matter
SHARPNESS = 11.0  # how quickly confidence falls with the score behind the best
AT_ONCE = 512  # texts whose meanings are worked out together

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Labeller:
    """Names the labels that a text is about. Its matcher is as it was fitted, never `updated`."""

    matcher: Matcher

    @classmethod
    def fit(cls, labels: Iterable[Document]) -> Labeller:
        """A labeller that chooses among the labels."""
        return cls(Matcher.fit(labels))

    def save(self, folder: Path) -> None:
        """Write the labeller to the folder, whole or not at all."""
        self.matcher.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Labeller:
        """The labeller saved in the folder. Raises IndexUnreadable where it is not whole."""
        return cls(Matcher.load(folder))

    def label(self, text: str, limit: int = 3) -> list[tuple[str, float]]:
        """Labels and confidences (0 to 1), best first; empty for a text with nothing to go on.

        Confidence is high where the best label fits well and no other comes near.
        """
        (told,) = self.label_all([text], limit)
        return told

    def label_all(self, texts: Sequence[str], limit: int = 3) -> list[list[tuple[str, float]]]:
        """What `label` tells of each of the texts, in less time for each where they are many."""
        return [
            self._shared(scores, limit)
            for start in range(0, len(texts), AT_ONCE)
            for scores in self._scores(texts[start : start + AT_ONCE])
        ]

    def _scores(self, texts: Sequence[str]) -> Iterator[Numbers]:
        """What each label scores for each text. The labels are few: to score all is quicker than to find the best."""
        segment = self.matcher.parts[0].segment
        read = [(text, understand(text, self.matcher.speller)) for text in texts]
        for (text, units), meaning in zip(read, meanings_of(read), strict=True):
            if not units:
                yield np.zeros(len(segment))
                continue
            terms, places = query_terms(text, units, segment, meaning)
            signals = TextSignals.of(segment, terms, places, whole=True)
            yield signals.scores(self.matcher.weights.for_need(words_named(units)))[segment.text_of]

    def _shared(self, scores: Numbers, limit: int) -> list[tuple[str, float]]:
        """The confidences that the best labels share."""
        order = self._by_id[np.argsort(-scores[self._by_id], kind="stable")[: max(limit, LOOKED_AT)]]
        ids = self.matcher.parts[0].segment.ids
        ranked = [(ids[place], scores[place].item()) for place in order.tolist() if scores[place] > 0.0]
        if not ranked:
            return []
        best = ranked[0][1]
        shares = [math.exp(SHARPNESS * (score - best)) for _, score in ranked]
        total = sum(shares)
        fits = [1.0 - math.exp(-SHARPNESS / 3 * score) for _, score in ranked]
        coded = [
            (id, round(fit * share / total, 4))
            for (id, _), share, fit in zip(ranked, shares, fits, strict=True)
        ]
        return coded[:limit]

    @cached_property
    def _by_id(self) -> NDArray[np.int64]:
        """The places of the labels in the order of their ids, in which equal ones stand."""
        ids = self.matcher.parts[0].segment.ids
        return np.asarray(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)

    def sure(self, text: str) -> str | None:
        """The label of a fragment where it is sure of one, else None; for `read_need(topic_of=...)`."""
        coded = self.label(text, 1)
        return coded[0][0] if coded and coded[0][1] >= SURE_FROM else None
