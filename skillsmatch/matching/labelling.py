"""Coding a facet against a fixed list (themes, SOC unit groups) with the same engine."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from skillsmatch.matching.documents import Document
from skillsmatch.matching.matcher import Matcher
from skillsmatch.matching.query import Query

UNCLEAR_BELOW = 0.35  # confidence; below it the caller says "unclear" and asks
SURE_FROM = 0.6  # confidence; from here on two words of a list with other labels are two needs

LOOKED_AT = 8  # labels that share the confidence; the rest are too far behind to matter
SHARPNESS = 11.0  # how quickly confidence falls with the score behind the best


@dataclass(frozen=True)
class Labeller:
    """Names the labels that a text is about."""

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
        ranked = self.matcher.scores(Query(text), max(limit, LOOKED_AT))
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

    def sure(self, text: str) -> str | None:
        """The label of a fragment where it is sure of one, else None; for `read_need(topic_of=...)`."""
        coded = self.label(text, 1)
        return coded[0][0] if coded and coded[0][1] >= SURE_FROM else None
