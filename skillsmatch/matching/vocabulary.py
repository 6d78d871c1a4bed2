"""Sorted vocabularies that can be read from a mapped file without building anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

REMEMBERED = (
    20_000  # words whose places are kept, of some 150 bytes each; then all are forgotten and it begins anew
)


@dataclass(frozen=True)
class Vocabulary:
    """Terms in ascending order (bytes for words, integers for n-grams) with their idf."""

    terms: NDArray[Any]
    idf: NDArray[np.float32]

    def __reduce__(self) -> tuple[Any, ...]:
        return Vocabulary, (self.terms, self.idf)  # what is remembered stays where it is

    def find(self, wanted: Sequence[Any] | NDArray[Any]) -> NDArray[np.int64]:
        """The place of each wanted term, or -1 where the catalogue does not hold it."""
        if not len(wanted) or not len(self.terms):
            return np.full(len(wanted), -1, dtype=np.int64)
        asked = np.asarray(wanted, dtype=self.terms.dtype)
        places = np.searchsorted(self.terms, asked)
        places = np.minimum(places, len(self.terms) - 1)
        return np.where(self.terms[places] == asked, places, -1)

    def places_of(self, words: Iterable[str]) -> list[int]:
        """What `find` gives for words; each is looked for once and then remembered."""
        wanted, known = list(words), self._known
        fresh = set(wanted).difference(known)
        if len(known) + len(fresh) > REMEMBERED:
            known, fresh = {}, set(wanted)  # whoever reads the old one now keeps it to the end
            self.__dict__["_known"] = known
        if fresh:
            asked = list(fresh)
            known.update(zip(asked, self.find([word.encode() for word in asked]).tolist(), strict=True))
        return [known[word] for word in wanted]

    @cached_property
    def _known(self) -> dict[str, int]:
        return {}

    def weights_at(self, places: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float64]:
        """The idf of the term in each place; what is in none (-1) weighs as a term held once."""
        if not len(self.terms):
            return np.ones(len(places))
        at = np.asarray(places, dtype=np.int64)
        weights = self.idf[at].astype(np.float64)  # -1 reads the last, which is then put right
        weights[at < 0] = self.rarest
        return weights

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
