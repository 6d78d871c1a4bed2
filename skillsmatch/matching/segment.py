"""A run of offers turned into arrays: its vocabularies, its text signals and its facts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.documents import Document
from skillsmatch.matching.facts import Facts
from skillsmatch.matching.grams import grams_of
from skillsmatch.matching.meaning import Meanings
from skillsmatch.matching.postings import Postings, bm25_weights, cosine_weights, from_matrix
from skillsmatch.matching.understanding import CHAT_WORDS, GENERIC_WORDS
from skillsmatch.matching.vocabulary import Vocabulary, inverse_frequency
from skillsmatch.matching.words import content_words, stem

# Letters of the whole text were a signal too. With the meaning beside it they made no order better.
LEXICAL = ("name words", "name letters", "body words")
SIGNALS = (*LEXICAL, "meaning")

_HEAD = re.compile(r"[:(,]")
EMPTY = frozenset(map(stem, GENERIC_WORDS | CHAT_WORDS))  # roots that tell no title from another


@dataclass(frozen=True, slots=True)
class Heads:
    """The roots at the beginning of each offer's title, up to the first colon, comma or bracket."""

    starts: NDArray[np.int64]  # one longer than the offers
    places: NDArray[np.int32]  # in the vocabulary of roots

    @classmethod
    def of(cls, documents: Sequence[Document], stems: Vocabulary) -> Heads:
        """The heads of the documents; words of every need are left out."""
        roots = [
            sorted({stem(word) for word in content_words(_HEAD.split(each.title, maxsplit=1)[0])} - EMPTY)
            for each in documents
        ]
        told = [[root.encode() for root in each if not root.isdigit()] for each in roots]
        flat = [root for each in told for root in each]
        return cls(np.cumsum([0, *map(len, told)]).astype(np.int64), stems.find(flat).astype(np.int32))

    def of_row(self, row: int) -> NDArray[np.int32]:
        """The places of one offer's roots."""
        return self.places[int(self.starts[row]) : int(self.starts[row + 1])]


@dataclass(frozen=True, slots=True)
class Segment:
    """Offers in a fixed order, with everything needed to score them. Nothing in it changes after it is built."""

    ids: tuple[str, ...]
    stems: Vocabulary
    grams: Vocabulary
    surface: Vocabulary  # words as written, for spelling; its idf holds the number of offers
    signals: dict[str, Postings]
    meanings: Meanings
    row_starts: NDArray[np.int64]  # first name row (the title, then other names) of each offer
    heads: Heads
    facts: Facts

    def names_of(self, row: int) -> NDArray[np.int32]:
        """The name rows of one offer: its title, then its other names."""
        starts = self.row_starts
        last = int(starts[row + 1]) if row + 1 < len(starts) else self.signals["name words"].row_count
        return np.arange(int(starts[row]), last, dtype=np.int32)

    def __len__(self) -> int:
        return len(self.ids)


def build(documents: Iterable[Document], like: Segment | None = None) -> Segment:
    """A segment of the documents; with `like`, words weigh what they weigh there.

    Where an id comes twice the later document stands.
    """
    kept = list({document.id: document for document in documents}.values())
    reading = _Reading(kept)
    stem_map, stem_terms = _grouped(reading.words, lambda word: (stem(word).encode(),), "S30")
    gram_map, gram_terms = _grouped(reading.words, grams_of, np.int32)
    name_stems, body_stems = reading.names @ stem_map, reading.body @ stem_map
    name_grams, body_grams = reading.names @ gram_map, reading.body @ gram_map
    stems = _weighed(stem_terms, body_stems, like.stems if like else None)
    grams = _weighed(gram_terms, body_grams, like.grams if like else None)
    lengths = np.asarray(body_stems.sum(axis=1)).ravel()
    signals = {
        "name words": from_matrix(cosine_weights(name_stems, stems.idf)),
        "name letters": from_matrix(cosine_weights(name_grams, grams.idf)),
        "body words": from_matrix(
            bm25_weights(body_stems, stems.idf, float(lengths.mean()) if len(kept) else 1.0)
        ),
    }
    counts = np.asarray((reading.body > 0).sum(axis=0)).ravel().astype(np.float32)
    order = np.argsort(np.asarray([word.encode() for word in reading.words], dtype="S30"))
    surface = Vocabulary(
        np.asarray([word.encode() for word in reading.words], dtype="S30")[order], counts[order]
    )
    ids = tuple(document.id for document in kept)
    return Segment(
        ids,
        stems,
        grams,
        surface,
        signals,
        Meanings.of(kept),
        reading.row_starts,
        Heads.of(kept, stems),
        Facts.of(kept),
    )


class _Reading:
    """The documents' words, counted: one matrix of names (a row each) and one of whole texts."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._places: dict[str, int] = {}
        names: list[Counter[int]] = []
        bodies: list[Counter[int]] = []
        starts: list[int] = []
        for document in documents:
            starts.append(len(names))
            body: Counter[int] = Counter()
            for name in (document.title, *document.aliases):
                counted = self._count(name)
                names.append(counted)
                body.update(counted)
            body.update(self._count(document.text))
            bodies.append(body)
        self.words = list(self._places)
        self.names = self._matrix(names)
        self.body = self._matrix(bodies)
        self.row_starts = np.asarray(starts, dtype=np.int64)

    def _count(self, text: str) -> Counter[int]:
        places = self._places
        return Counter(places.setdefault(word, len(places)) for word in content_words(text))

    def _matrix(self, rows: Sequence[Counter[int]]) -> Any:
        from scipy import sparse

        starts = np.cumsum([0, *map(len, rows)])
        columns = np.fromiter((place for row in rows for place in row), dtype=np.int32, count=int(starts[-1]))
        counts = np.fromiter(
            (n for row in rows for n in row.values()), dtype=np.float32, count=int(starts[-1])
        )
        return sparse.csr_array((counts, columns, starts), shape=(len(rows), len(self._places)))


def _grouped(words: Sequence[str], parts: Any, dtype: Any) -> tuple[Any, NDArray[Any]]:
    """A words-by-terms matrix that turns counts of words into counts of their parts, and the sorted terms."""
    from scipy import sparse

    split = [parts(word) for word in words]
    flat = np.asarray([part for row in split for part in row], dtype=dtype)
    terms, columns = np.unique(flat, return_inverse=True)
    starts = np.cumsum([0, *map(len, split)])
    ones = np.ones(len(columns), dtype=np.float32)
    matrix = sparse.csr_array((ones, columns.ravel(), starts), shape=(len(words), len(terms)))
    matrix.sum_duplicates()
    return matrix, terms


def _weighed(terms: NDArray[Any], counts: Any, like: Vocabulary | None) -> Vocabulary:
    if like is None:
        return Vocabulary(
            terms, inverse_frequency(np.asarray((counts > 0).sum(axis=0)).ravel(), counts.shape[0])
        )
    places = like.find(terms)
    idf = (
        np.where(places >= 0, like.idf[places], np.float32(like.rarest))
        if len(like.terms)
        else np.ones(len(terms))
    )
    return Vocabulary(terms, idf.astype(np.float32))
