"""The features of texts, a word at a time: what a word brings is worked out once and then remembered.

The hashing is that of scikit-learn's HashingVectorizer, whose letter features (`char_wb`) never cross the
edge of a word. So a sentence is the sum of its words and of its pairs of neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from skillsmatch.matching.encoder import Layout

SHORTEST, LONGEST = 3, 5  # letters in a run, the spaces round a word included
REMEMBERED = 20_000  # words whose vectors are kept, of 1 kB each; then all are forgotten and it begins anew
MANY = 2_000  # words; so many are summed by a matrix, which needs no copy of each word's vector

Vectors = NDArray[np.float32]
Places = NDArray[np.int64]


class WordVectors:
    """Sums of the rows of an encoder, over the words, pairs and letters of sentences."""

    def __init__(self, rows: NDArray[np.int8], scales: Vectors, layout: Layout) -> None:
        from sklearn.utils import murmurhash3_32

        self._rows, self._scales, self._layout = rows, scales, layout
        self._hash: Callable[[str], int] = murmurhash3_32
        self._places: dict[str, int] = {}
        self._vectors: Vectors = np.empty((REMEMBERED, rows.shape[1]), dtype=np.float32)
        self._learning = Lock()

    def sums(self, sentences: Sequence[str]) -> Vectors:
        """The summed rows of each sentence of read words (single spaces between), as they come."""
        words = [sentence.split() for sentence in sentences]
        told, count = self._hash, self._layout.pairs
        pairs = [[abs(told(f"{left} {right}")) % count for left, right in pairwise(each)] for each in words]
        return self._sum_of_words(words) + self._sum_of_pairs(pairs)

    def _sum_of_words(self, words: Sequence[Sequence[str]]) -> Vectors:
        flat = [word for each in words for word in each]
        with self._learning:  # so that no other thread begins anew between the learning and the reading
            fresh = set(flat).difference(self._places)
            if len(fresh) + len(self._places) > REMEMBERED:
                return self._sum_of_more(words)
            for word in sorted(fresh):
                self._vectors[len(self._places)] = self._made(word)
                self._places[word] = len(self._places)
            places = np.fromiter(map(self._places.__getitem__, flat), np.int64, len(flat))
            return _summed(places, [len(each) for each in words], self._vectors)

    def _sum_of_more(self, words: Sequence[Sequence[str]]) -> Vectors:
        """The sum where the words are more than can be remembered together with those that were."""
        self._places.clear()
        different = sorted({word for each in words for word in each})
        known = dict(zip(different, range(len(different)), strict=True))
        vectors = np.stack([self._made(word) for word in different])
        places = np.fromiter((known[word] for each in words for word in each), np.int64)
        return _summed(places, [len(each) for each in words], vectors)

    def _sum_of_pairs(self, pairs: Sequence[Sequence[int]]) -> Vectors:
        flat = np.fromiter((pair for each in pairs for pair in each), np.int64)
        used, places = (
            (flat, np.arange(len(flat))) if len(flat) < MANY else np.unique(flat, return_inverse=True)
        )
        return _summed(places, [len(each) for each in pairs], self._told(self._layout.words + used))

    def _made(self, word: str) -> Vectors:
        letters = self._layout.words + self._layout.pairs
        buckets = [self._bucket(word, self._layout.words)]
        buckets += [letters + self._bucket(run, self._layout.letters) for run in runs_of(word)]
        vector: Vectors = self._told(np.asarray(buckets)).sum(axis=0)
        return vector

    def _told(self, buckets: Places) -> Vectors:
        """The rows of the buckets in full; only these are read from the mapped file."""
        return self._rows[buckets] * self._scales[buckets, None]

    def _bucket(self, feature: str, buckets: int) -> int:
        return abs(self._hash(feature)) % buckets


def runs_of(word: str) -> list[str]:
    """The runs of letters of a word between two spaces; a run longer than that is the whole, once."""
    padded = f" {word} "
    runs: list[str] = []
    for length in range(SHORTEST, LONGEST + 1):
        if len(padded) <= length:
            return [*runs, padded]
        runs += [padded[start : start + length] for start in range(len(padded) - length + 1)]
    return runs


def _summed(places: Places, counts: Sequence[int], vectors: Vectors) -> Vectors:
    """The sums of runs of vectors: of the first `counts[0]` places, of the next `counts[1]`, and so on."""
    starts = np.cumsum([0, *counts])
    if len(places) >= MANY:
        from scipy.sparse import csr_array

        ones = np.ones(len(places), dtype=np.float32)
        matrix: Any = csr_array((ones, places, starts), shape=(len(counts), len(vectors)))
        return np.asarray(matrix @ vectors, dtype=np.float32)
    sums = np.zeros((len(counts), vectors.shape[1]), dtype=np.float32)
    filled = np.flatnonzero(counts)
    if len(filled):
        sums[filled] = np.add.reduceat(vectors[places], starts[filled], axis=0)
    return sums
