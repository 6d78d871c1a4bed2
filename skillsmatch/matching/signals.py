"""The text signals of one query over one segment: the only place where words become numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.grams import grams_of
from skillsmatch.matching.meaning import Vector, meaning_of
from skillsmatch.matching.segment import Segment
from skillsmatch.matching.understanding import Unit
from skillsmatch.matching.vocabulary import Vocabulary
from skillsmatch.matching.words import LONGEST_TEXT, stem

MOST_STEMS = 80  # heaviest roots of a query that are looked up; a long text repeats itself
MOST_GRAMS = 350  # and n-grams

Strengths = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """A query as terms with their strengths, its cosine vectors of length one, its coverage summing to one."""

    stems: NDArray[Any]
    grams: NDArray[Any]
    stem_cosine: Strengths
    stem_coverage: Strengths
    gram_cosine: Strengths
    meaning: Vector


def query_terms(text: str, units: Sequence[Unit], base: Segment) -> QueryTerms:
    """The terms of the units of a text, weighed by the segment whose word weights hold for all segments."""
    stems: dict[bytes, float] = {}
    grams: dict[int, float] = {}
    for unit in units:
        for word, weight in (*unit.words, *unit.meanings):
            root = stem(word).encode()
            stems[root] = stems.get(root, 0.0) + weight
            for gram in grams_of(word):
                grams[gram] = grams.get(gram, 0.0) + weight
    stem_keys, stem_weights, stem_idf = _heaviest(stems, base.stems, MOST_STEMS)
    gram_keys, gram_weights, gram_idf = _heaviest(grams, base.grams, MOST_GRAMS)
    mass = _own_mass(units, base.stems)
    return QueryTerms(
        stem_keys,
        gram_keys,
        _unit_length(stem_weights * stem_idf),
        (np.minimum(stem_weights, 1.0) / max(mass, 1e-9)).astype(np.float32),
        _unit_length(gram_weights * gram_idf),
        meaning_of(text[:LONGEST_TEXT], units),
    )


def _heaviest(
    terms: dict[Any, float], vocabulary: Vocabulary, most: int
) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64]]:
    keys = np.asarray(list(terms), dtype=vocabulary.terms.dtype)
    weights = np.asarray(list(terms.values()), dtype=np.float64)
    # A repeated word counts a little more, not many times more.
    weights = np.where(weights > 1, 1 + np.log(np.maximum(weights, 1)), weights)
    idf = vocabulary.weights_of(keys)
    if len(keys) > most:
        # Ties break on the term, so the same text always reads the same.
        kept = np.lexsort((keys, -weights * idf))[:most]
        keys, weights, idf = keys[kept], weights[kept], idf[kept]
    return keys, weights, idf


def _own_mass(units: Sequence[Unit], stems: Vocabulary) -> float:
    """The idf of what was asked for: each unit's own words once. Added meanings do not make a need larger."""
    own: dict[bytes, float] = {}
    for unit in units:
        for word, weight in unit.words:
            root = stem(word).encode()
            own[root] = max(own.get(root, 0.0), weight)
    if not own:
        return 0.0
    idf = stems.weights_of(np.asarray(list(own), dtype=stems.terms.dtype))
    return float((idf * np.asarray(list(own.values()))).sum())


def _unit_length(weights: NDArray[np.float64]) -> Strengths:
    length = float(np.sqrt((weights * weights).sum()))
    return (weights / max(length, 1e-9)).astype(np.float32)


def text_signals(segment: Segment, terms: QueryTerms) -> dict[str, NDArray[np.float64]]:
    """Each signal's value for every offer of the segment, 0 where nothing meets."""
    stem_places = segment.stems.find(terms.stems)
    gram_places = segment.grams.find(terms.grams)
    has_stem, has_gram = stem_places >= 0, gram_places >= 0
    stems, grams = stem_places[has_stem], gram_places[has_gram]

    def scores(signal: str, places: NDArray[np.int64], strengths: Strengths) -> NDArray[np.float64]:
        return segment.signals[signal].scores(places, strengths)

    return {
        "name words": _best_name(segment, scores("name words", stems, terms.stem_cosine[has_stem])),
        "name letters": _best_name(segment, scores("name letters", grams, terms.gram_cosine[has_gram])),
        "body words": scores("body words", stems, terms.stem_coverage[has_stem]),
        "meaning": segment.meanings.nearness(terms.meaning),
    }


def _best_name(segment: Segment, by_name: NDArray[np.float64]) -> NDArray[np.float64]:
    """The best of each offer's title and other names."""
    if not len(segment):
        return np.zeros(0)
    return np.maximum.reduceat(by_name, segment.row_starts)
