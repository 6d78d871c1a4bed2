"""The text signals of one query over one segment: the only place where words become numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.grams import grams_in
from skillsmatch.matching.meaning import Vector, meaning_of
from skillsmatch.matching.postings import Postings, between
from skillsmatch.matching.segment import Segment
from skillsmatch.matching.understanding import Unit
from skillsmatch.matching.vocabulary import Lexicon, Vocabulary
from skillsmatch.matching.words import LONGEST_TEXT, stem

MOST_STEMS = 80  # heaviest roots of a query that are looked up; a long text repeats itself
MOST_GRAMS = 350  # and n-grams
FEW = 2_500  # entries of n-grams that are looked through at once; fewer are not worth leaving out
SHARE = 4  # texts for each entry more
LEFT_OUT = 0.4  # length of the query's commonest n-grams, of 1 in all, that only the best texts are asked for

Strengths = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the terms of a query stand in the vocabularies of one segment; -1 where it does not hold one."""

    stems: NDArray[np.int64]
    grams: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """A query as terms with their strengths, its cosine vectors of length one, its coverage summing to one."""

    stems: tuple[str, ...]
    grams: NDArray[Any]
    stem_cosine: Strengths
    stem_coverage: Strengths
    gram_cosine: Strengths
    meaning: Vector

    def places_in(self, segment: Segment) -> Places:
        """Where the terms stand in the segment."""
        stems = np.asarray(segment.stems.places_of(self.stems), dtype=np.int64)
        return Places(stems, segment.grams.find(self.grams))


def query_terms(
    text: str, units: Sequence[Unit], base: Segment | Lexicon, meaning: Vector | None = None
) -> tuple[QueryTerms, Places]:
    """The terms of the units of a text, weighed by the segment whose word weights hold for all segments.

    With them their places in that segment, which weighing them has found out. `meaning` where it is known.
    """
    words = [pair for unit in units for pair in (*unit.words, *unit.meanings)]
    stems: dict[str, float] = {}
    for word, weight in words:
        root = stem(word)
        stems[root] = stems.get(root, 0.0) + weight
    roots, stem_weights, stem_idf, stem_places = _heaviest(
        np.asarray(list(stems), dtype=object),
        np.asarray(list(stems.values())),
        np.asarray(base.stems.places_of(stems), dtype=np.int64),
        base.stems,
        MOST_STEMS,
    )
    letters = [grams_in(word) for word, _ in words]
    grams, of = np.unique(np.concatenate(letters), return_inverse=True)
    told = np.repeat([weight for _, weight in words], [len(each) for each in letters])
    gram_weights = np.bincount(of, weights=told).astype(np.float64, copy=False)
    grams, gram_weights, gram_idf, gram_places = _heaviest(
        grams, gram_weights, base.grams.find(grams), base.grams, MOST_GRAMS
    )
    mass = _own_mass(units, base.stems)
    terms = QueryTerms(
        tuple(roots.tolist()),
        grams,
        _unit_length(stem_weights * stem_idf),
        (np.minimum(stem_weights, 1.0) / max(mass, 1e-9)).astype(np.float32),
        _unit_length(gram_weights * gram_idf),
        meaning_of(text[:LONGEST_TEXT], units) if meaning is None else meaning,
    )
    return terms, Places(stem_places, gram_places)


def _heaviest(
    keys: NDArray[Any],
    weights: NDArray[np.float64],
    places: NDArray[np.int64],
    vocabulary: Vocabulary,
    most: int,
) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """The terms that weigh most, with their weights, their idf and their places."""
    # A repeated word counts a little more, not many times more.
    weights = np.where(weights > 1, 1 + np.log(np.maximum(weights, 1)), weights)
    idf = vocabulary.weights_at(places)
    if len(keys) > most:
        # Ties break on the term, so the same text always reads the same.
        kept = np.lexsort((keys, -weights * idf))[:most]
        keys, weights, idf, places = keys[kept], weights[kept], idf[kept], places[kept]
    return keys, weights, idf, places


def _own_mass(units: Sequence[Unit], stems: Vocabulary) -> float:
    """The idf of what was asked for: each unit's own words once. Added meanings do not make a need larger."""
    own: dict[str, float] = {}
    for unit in units:
        for word, weight in unit.words:
            root = stem(word)
            own[root] = max(own.get(root, 0.0), weight)
    if not own:
        return 0.0
    return float((stems.weights_at(stems.places_of(own)) * np.asarray(list(own.values()))).sum())


def _unit_length(weights: NDArray[np.float64]) -> Strengths:
    length = float(np.sqrt((weights * weights).sum()))
    return (weights / max(length, 1e-9)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class TextSignals:
    """The signals of one query over the texts of one segment; letters are worked out in full where they are wanted."""

    segment: Segment
    words: dict[str, NDArray[np.float64]]  # the signals of words, one value for each text
    letters: Strengths  # one strength for each n-gram that offers use
    letters_known: NDArray[np.float64]  # what the rarer n-grams of the query give each text
    letters_left: float  # what the commoner ones cannot give more than
    meaning: NDArray[np.float64]

    @classmethod
    def of(
        cls, segment: Segment, terms: QueryTerms, places: Places | None = None, whole: bool = False
    ) -> TextSignals:
        """Each text against the query; `places` where they are known, else they are looked for.

        Letters are worked out for every text where the `whole` is wanted.
        """
        at = terms.places_in(segment) if places is None else places
        has = at.stems >= 0
        stems, signals = at.stems[has], segment.signals
        words = {
            "name words": _best_name(segment, signals["name words"].scores(stems, terms.stem_cosine[has])),
            "body words": signals["body words"].scores(stems, terms.stem_coverage[has]),
        }
        has = at.grams >= 0
        grams, strengths = at.grams[has], terms.gram_cosine[has]
        letters = np.zeros(len(segment.grams.terms), dtype=np.float32)
        letters[grams] = strengths
        left = 0.0
        if not whole:
            enough = max(segment.texts // SHARE, FEW)
            rarer, left = _rarer(signals["name letters"], grams, strengths, enough)
            grams, strengths = grams[rarer], strengths[rarer]
        known = signals["name letters"].scores(grams, strengths)
        meaning = segment.meanings.nearness(terms.meaning)
        return cls(segment, words, letters, _best_name(segment, known), left, meaning)

    def bounds(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """What the weighed sum of no text's signals can be above; 0 where nothing meets."""
        total = weights["meaning"] * self.meaning
        total += weights["name letters"] * (self.letters_known + self.letters_left)
        for name, values in self.words.items():
            total += weights[name] * values
        # Sums in another order differ in their last figure, and a bound must not be below.
        total *= 1.0 + 1e-6
        return total

    def scores(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """The weighed sum of the signals of every text, where their letters have been worked out."""
        return weighed({**self.words, "name letters": self.letters_known, "meaning": self.meaning}, weights)

    def values(self, texts: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """Each signal's value for these texts, 0 where nothing meets."""
        told = {name: values[texts] for name, values in self.words.items()}
        return told | {"name letters": self._letters(texts), "meaning": self.meaning[texts]}

    def _letters(self, texts: NDArray[np.int64]) -> NDArray[np.float64]:
        if not self.letters_left:
            return self.letters_known[texts]
        names, numbers = between(self.segment.name_starts, texts)
        found = self.segment.letters.scores(names, self.letters)
        if len(names) == len(texts):
            return found
        return np.maximum.reduceat(found, np.searchsorted(numbers, np.arange(len(texts))))


def _rarer(
    letters: Postings, grams: NDArray[np.int64], strengths: Strengths, enough: int
) -> tuple[NDArray[np.int64], float]:
    """Which n-grams are looked up for every name, and how much the commoner ones can give a name at most.

    A name's weights make a vector of length one, so what is left out gives no more than its own length. Nothing is
    left out where `enough` entries hold all.
    """
    counts = letters.starts[grams + 1] - letters.starts[grams]
    order = np.argsort(-counts, kind="stable")
    length = np.sqrt(np.cumsum(strengths[order] ** 2, dtype=np.float64))
    entries = np.cumsum(counts[order])
    left = (
        int(np.count_nonzero((length <= LEFT_OUT) & (entries[-1] - entries >= enough))) if len(grams) else 0
    )
    return order[left:], float(length[left - 1]) + 1e-6 if left else 0.0


def weighed(values: Mapping[str, NDArray[np.float64]], weights: Mapping[str, float]) -> NDArray[np.float64]:
    """The weighed sum of the signals."""
    total = np.zeros(len(next(iter(values.values()))))
    for name, weight in weights.items():
        total += weight * values[name]
    return total


def _best_name(segment: Segment, by_name: NDArray[np.float64]) -> NDArray[np.float64]:
    """The best of each text's title and other names."""
    if len(by_name) == segment.texts:  # a title each, and no other names
        return by_name
    return np.maximum.reduceat(by_name, segment.name_starts[:-1])
