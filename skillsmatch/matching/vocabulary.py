"""Sorted vocabularies that can be read from a mapped file without building anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Vocabulary:
    """Terms in ascending order (bytes for words, integers for n-grams) with their idf."""

    terms: NDArray[Any]
    idf: NDArray[np.float32]

    def find(self, wanted: Sequence[Any] | NDArray[Any]) -> NDArray[np.int64]:
        """The place of each wanted term, or -1 where the catalogue does not hold it."""
        if not len(wanted) or not len(self.terms):
            return np.full(len(wanted), -1, dtype=np.int64)
        asked = np.asarray(wanted, dtype=self.terms.dtype)
        places = np.searchsorted(self.terms, asked)
        places = np.minimum(places, len(self.terms) - 1)
        return np.where(self.terms[places] == asked, places, -1)

    def weights_of(self, wanted: Sequence[Any] | NDArray[Any]) -> NDArray[np.float64]:
        """The idf of each wanted term; a term the catalogue does not hold weighs as one held once."""
        places = self.find(wanted)
        if not len(self.terms):
            return np.ones(len(places))
        return np.where(places >= 0, self.idf[np.maximum(places, 0)], self.rarest).astype(np.float64)

    @cached_property
    def rarest(self) -> float:
        """The idf of a term seen once: what a term outside the vocabulary would weigh."""
        return float(self.idf.max()) if len(self.idf) else 1.0


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of a catalogue, with what they weigh there: all that reading a need takes."""

    stems: Vocabulary
    grams: Vocabulary
    surface: Vocabulary


def inverse_frequency(document_counts: NDArray[Any], total: int) -> NDArray[np.float32]:
    """Smoothed idf: ln((1 + n) / (1 + df)) + 1, the form scikit-learn uses."""
    return (np.log((1.0 + total) / (1.0 + document_counts)) + 1.0).astype(np.float32)
