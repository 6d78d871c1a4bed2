"""A run of offers turned into arrays: its vocabularies, its text signals and its facts.

A course runs at many times and places, each an offer of its own with the same words. The words are held and
scored once: a *text* is the title, other names and description that one or several offers share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.documents import Document
from skillsmatch.matching.facts import Facts
from skillsmatch.matching.grams import grams_of
from skillsmatch.matching.meaning import Meanings
from skillsmatch.matching.postings import (
    Contents,
    Postings,
    bm25_weights,
    contents_of,
    cosine_weights,
    from_matrix,
)
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
    """The roots at the beginning of each text's title, up to the first colon, comma or bracket."""

    starts: NDArray[np.int64]  # one longer than the texts
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

    def of_text(self, text: int) -> NDArray[np.int32]:
        """The places of one text's roots."""
        return self.places[int(self.starts[text]) : int(self.starts[text + 1])]


@dataclass(frozen=True, slots=True)
class Holdings:
    """For each text, or each name of a text, the places of its roots, ascending."""

    starts: NDArray[np.int64]
    places: NDArray[np.int32]

    @classmethod
    def of(cls, counts: Any) -> Holdings:
        """What the rows of a rows-by-roots sparse matrix hold."""
        counts.sort_indices()
        return cls(counts.indptr.astype(np.int64), counts.indices.astype(np.int32))

    def of_row(self, row: int) -> NDArray[np.int32]:
        """The places of one row's roots."""
        return self.places[int(self.starts[row]) : int(self.starts[row + 1])]


@dataclass(frozen=True, slots=True)
class Segment:
    """Offers in a fixed order, with everything needed to score them. Nothing in it changes after it is built."""

    ids: tuple[str, ...]
    text_of: NDArray[np.int32]  # the text of each offer
    runs: NDArray[np.int32]  # the offers, those with the first text first, then those with the next
    run_starts: NDArray[np.int64]  # bounds of each text's offers in `runs`; one longer than the texts
    stems: Vocabulary
    grams: Vocabulary
    surface: Vocabulary  # words as written, for spelling; its idf holds the number of texts
    usual_length: NDArray[
        np.float64
    ]  # one number: the roots that a text has on average, which BM25 marks down by
    signals: dict[str, Postings]  # of texts; of names where the signal is of names
    meanings: Meanings
    name_starts: NDArray[
        np.int64
    ]  # first name (the title, then other names) of each text; one longer than the texts
    letters: Contents  # of names
    in_texts: Holdings
    in_names: Holdings
    heads: Heads
    facts: Facts

    @property
    def texts(self) -> int:
        """How many different texts the offers have."""
        return len(self.run_starts) - 1

    def names_of(self, text: int) -> range:
        """The names of one text: its title, then its other names."""
        return range(int(self.name_starts[text]), int(self.name_starts[text + 1]))

    def __len__(self) -> int:
        return len(self.ids)


def build(documents: Iterable[Document], like: Segment | None = None) -> Segment:
    """A segment of the documents; with `like`, words and lengths weigh what they weigh there.

    Where an id comes twice the later document stands.
    """
    kept = list({document.id: document for document in documents}.values())
    places: dict[tuple[object, ...], int] = {}
    text_of = np.fromiter(
        (places.setdefault((d.title, d.aliases, d.text), len(places)) for d in kept), np.int32, len(kept)
    )
    _, firsts = np.unique(text_of, return_index=True)
    told = [kept[first] for first in firsts]
    reading = _Reading(told)
    stem_map, stem_terms = _grouped(reading.words, lambda word: (stem(word).encode(),), "S30")
    gram_map, gram_terms = _grouped(reading.words, grams_of, np.int32)
    name_stems, body_stems = reading.names @ stem_map, reading.body @ stem_map
    name_grams = reading.names @ gram_map
    stems = _weighed(stem_terms, body_stems, like.stems if like else None)
    grams = _weighed(gram_terms, reading.body @ gram_map, like.grams if like else None)
    usual_length = like.usual_length if like else np.asarray([body_stems.sum() / max(len(told), 1)])
    letters = cosine_weights(name_grams, grams.idf)
    signals = {
        "name words": from_matrix(cosine_weights(name_stems, stems.idf)),
        "name letters": from_matrix(letters),
        "body words": from_matrix(bm25_weights(body_stems, stems.idf, float(usual_length[0]))),
    }
    counts = np.bincount(reading.body.indices, minlength=len(reading.words)).astype(np.float32)
    order = np.argsort(np.asarray([word.encode() for word in reading.words], dtype="S30"))
    surface = Vocabulary(
        np.asarray([word.encode() for word in reading.words], dtype="S30")[order], counts[order]
    )
    return Segment(
        ids=tuple(document.id for document in kept),
        text_of=text_of,
        runs=np.argsort(text_of, kind="stable").astype(np.int32),
        run_starts=np.cumsum([0, *np.bincount(text_of, minlength=len(told)).tolist()]).astype(np.int64),
        stems=stems,
        grams=grams,
        surface=surface,
        usual_length=usual_length,
        signals=signals,
        meanings=Meanings.of(told),
        name_starts=reading.name_starts,
        letters=contents_of(letters),
        in_texts=Holdings.of(body_stems),
        in_names=Holdings.of(name_stems),
        heads=Heads.of(told, stems),
        facts=Facts.of(kept),
    )


class _Reading:
    """The documents' words, counted: one matrix of names (a row each) and one of whole texts."""

    def __init__(self, documents: Sequence[Document]) -> None:
        from scipy import sparse

        self._places: dict[str, int] = {}
        names = [self._read(name) for document in documents for name in (document.title, *document.aliases)]
        texts = [self._read(document.text) for document in documents]
        self.words = list(self._places)
        self.name_starts = np.cumsum(
            [0, *(1 + len(document.aliases) for document in documents)], dtype=np.int64
        )
        self.names = self._counted(names)
        of_text = sparse.csr_array(
            (np.ones(len(names), dtype=np.float32), np.arange(len(names)), self.name_starts),
            shape=(len(texts), len(names)),
        )
        self.body = of_text @ self.names + self._counted(texts)

    def _read(self, text: str) -> list[int]:
        """The words of a text in order, each by its number."""
        places = self._places
        return [places.setdefault(word, len(places)) for word in content_words(text)]

    def _counted(self, rows: Sequence[Sequence[int]]) -> Any:
        """How often each row holds each word."""
        from scipy import sparse

        starts = np.cumsum([0, *map(len, rows)])
        columns = np.fromiter(chain.from_iterable(rows), dtype=np.int32, count=int(starts[-1]))
        ones = np.ones(len(columns), dtype=np.float32)
        counts = sparse.csr_array((ones, columns, starts), shape=(len(rows), len(self._places)))
        counts.sum_duplicates()
        return counts


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
        # Every entry is a count above nothing, so a term's entries are the texts that hold it.
        held = np.bincount(counts.indices, minlength=len(terms))
        return Vocabulary(terms, inverse_frequency(held, counts.shape[0]))
    places = like.find(terms)
    idf = (
        np.where(places >= 0, like.idf[places], np.float32(like.rarest))
        if len(like.terms)
        else np.ones(len(terms))
    )
    return Vocabulary(terms, idf.astype(np.float32))
