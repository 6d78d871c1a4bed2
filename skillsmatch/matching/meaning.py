"""How near offers and needs are in meaning: one vector for each offer, small enough to map and to share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.documents import Document

if TYPE_CHECKING:
    from skillsmatch.matching.encoder import Encoder
    from skillsmatch.matching.understanding import Unit

FLOOR = 0.2  # cosine; below it two texts are no nearer than any two of training
READ = 1_000  # characters of an offer's text that make its vector; the rest repeats
MOST_PHRASES = 2  # of one slang entry's meanings; the first say most
SLANG_WEIGHT = 0.6  # of the meanings against what was said; 0 loses 0.06 of nDCG@10 on employers' needs
AT_ONCE = 256  # offers compared together; the working copy stays in the cache of one core, 20 times quicker than all

Vector = NDArray[np.float32]


@lru_cache(maxsize=1)
def shipped_encoder() -> Encoder:
    """The encoder that comes with the package, read once."""
    from skillsmatch.matching.encoder import Encoder

    return Encoder.load()


@dataclass(frozen=True, slots=True)
class Meanings:
    """One row of whole numbers for each offer, and what one step of the row is worth."""

    rows: NDArray[np.int8]
    steps: NDArray[np.float32]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Meanings:
        """The meaning of each document: half its names, half the beginning of its text."""
        from skillsmatch.matching.encoder import unit_rows

        encoder = shipped_encoder()
        names = encoder.encode(["\n".join((each.title, *each.aliases)) for each in documents])
        texts = encoder.encode([each.text[:READ] for each in documents])
        vectors = unit_rows(names + texts)
        steps = (np.abs(vectors).max(axis=1, initial=0.0) / 127.0).astype(np.float32)
        rows = np.rint(vectors / np.where(steps > 0, steps, 1.0)[:, None]).astype(np.int8)
        return cls(rows, steps)

    def nearness(self, asked: Vector) -> NDArray[np.float64]:
        """The cosine of each offer with what is asked, 0 from the floor down."""
        found = np.empty(len(self.rows), dtype=np.float32)
        for start in range(0, len(self.rows), AT_ONCE):
            found[start : start + AT_ONCE] = self.rows[start : start + AT_ONCE].astype(np.float32) @ asked
        # Rounded, so that equal offers stay equal wherever they stand among the rows.
        cosines = np.round((found * self.steps).astype(np.float64), 5)
        return np.where(cosines > FLOOR, cosines, 0.0)


def meaning_of(text: str, units: Sequence[Unit]) -> Vector:
    """The vector of a need: its text as typed, its words as understood, and what its slang stands for."""
    understood = " ".join(word for unit in units for word, _ in unit.words)
    slang = [[way.words for way in unit.ways if not way.typed][:MOST_PHRASES] for unit in units]
    return _vector(text, understood, ", ".join(phrase for each in slang for phrase in each))


@lru_cache(maxsize=2_000)
def _vector(text: str, understood: str, slang: str) -> Vector:
    from skillsmatch.matching.encoder import unit_rows

    typed, words, meant = shipped_encoder().encode([text, understood, slang])
    said = unit_rows((typed + words)[None])[0]
    vector: Vector = unit_rows((said + SLANG_WEIGHT * meant)[None])[0]
    return vector
