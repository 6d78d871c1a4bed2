"""The matcher's arithmetic a second time, slow and plain: dictionaries, loops, every offer judged.

It shares with the engine only what reads words (`understand`, `stem`, `grams_of`) and what an offer falls short of.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from skillsmatch.matching import Document, Matcher, Query
from skillsmatch.matching.constraints import excluded, shortfalls
from skillsmatch.matching.facts import Facts
from skillsmatch.matching.grams import grams_of
from skillsmatch.matching.meaning import FLOOR, Meanings, Vector, meaning_of
from skillsmatch.matching.signals import MOST_GRAMS, MOST_STEMS
from skillsmatch.matching.understanding import understand
from skillsmatch.matching.weights import LONG, shipped_weights
from skillsmatch.matching.words import content_words, stem

K1, B = 1.2, 0.75

Bag = dict[object, float]


def _stems(text: str) -> Counter[object]:
    return Counter(stem(word).encode() for word in content_words(text))


def _grams(text: str) -> Counter[object]:
    return Counter(gram for word in content_words(text) for gram in grams_of(word))


def _unit(bag: Bag) -> Bag:
    length = math.sqrt(sum(value * value for value in bag.values()))
    return {term: value / length for term, value in bag.items()} if length else {}


def _dot(left: Bag, right: Bag) -> float:
    return sum(value * right.get(term, 0.0) for term, value in left.items())


def _idf(bags: Sequence[Counter[object]]) -> dict[object, float]:
    seen = Counter(term for bag in bags for term in bag)
    return {term: math.log((1 + len(bags)) / (1 + count)) + 1 for term, count in seen.items()}


class Reference:
    """Scores of every offer for a query, by the definitions and nothing else."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        names = [(document.title, *document.aliases) for document in documents]
        whole = [" ".join((*name, document.text)) for name, document in zip(names, documents, strict=True)]
        stems, grams = [_stems(text) for text in whole], [_grams(text) for text in whole]
        # A course that runs at many places has one text, which counts once.
        once = {
            (document.title, document.aliases, document.text): row for row, document in enumerate(documents)
        }
        told = [stems[row] for row in once.values()]
        self.stem_idf, self.gram_idf = _idf(told), _idf([grams[row] for row in once.values()])
        self.stem_names = [[self._weighed(_stems(name), self.stem_idf) for name in each] for each in names]
        self.gram_names = [[self._weighed(_grams(name), self.gram_idf) for name in each] for each in names]
        self.meanings = Meanings.of(documents)
        self.vectors = self.meanings.vectors()
        mean = sum(sum(bag.values()) for bag in told) / len(told)
        self.stem_bodies = [self._saturated(bag, sum(bag.values()) / mean) for bag in stems]
        self.facts = Facts.of(documents)

    @staticmethod
    def _weighed(counts: Counter[object], idf: dict[object, float]) -> Bag:
        return _unit({term: (1 + math.log(count)) * idf[term] for term, count in counts.items()})

    def _saturated(self, counts: Counter[object], length: float) -> Bag:
        damping = K1 * (1 - B + B * length)
        return {term: count / (count + damping) * self.stem_idf[term] for term, count in counts.items()}

    def _query(self, matcher: Matcher, text: str) -> tuple[Bag, Bag, Bag]:
        units = understand(text, matcher.speller)
        stems: Bag = {}
        grams: Bag = {}
        own: Bag = {}
        for unit in units:
            for word, weight in (*unit.words, *unit.meanings):
                root = stem(word).encode()
                stems[root] = stems.get(root, 0.0) + weight
                for gram in grams_of(word):
                    grams[gram] = grams.get(gram, 0.0) + weight
            for word, weight in unit.words:
                root = stem(word).encode()
                own[root] = max(own.get(root, 0.0), weight)
        rarest_stem, rarest_gram = max(self.stem_idf.values()), max(self.gram_idf.values())
        mass = sum(weight * self.stem_idf.get(term, rarest_stem) for term, weight in own.items())
        stems = self._cut(stems, self.stem_idf, rarest_stem, MOST_STEMS)
        grams = self._cut(grams, self.gram_idf, rarest_gram, MOST_GRAMS)
        coverage = {term: min(weight, 1.0) / mass for term, weight in stems.items()}
        return (
            _unit({term: weight * self.stem_idf.get(term, rarest_stem) for term, weight in stems.items()}),
            coverage,
            _unit({term: weight * self.gram_idf.get(term, rarest_gram) for term, weight in grams.items()}),
        )

    @staticmethod
    def _cut(bag: Bag, idf: dict[object, float], rarest: float, most: int) -> Bag:
        damped = {term: 1 + math.log(weight) if weight > 1 else weight for term, weight in bag.items()}
        heaviest = sorted(damped, key=lambda term: (-damped[term] * idf.get(term, rarest), term))  # type: ignore[operator]
        return {term: damped[term] for term in heaviest[:most]}

    def _nearness(self, asked: Vector, row: int) -> float:
        told = zip(self.vectors[row].tolist(), asked.tolist(), strict=True)
        cosine = round(sum(number * each for number, each in told), 5)
        return cosine if cosine > FLOOR else 0.0

    @staticmethod
    def _weights(named: int) -> dict[str, float]:
        long = min(math.log(max(named, 1)) / math.log(LONG), 1.0)
        told = shipped_weights().signals.items()
        return {name: each["short"] + long * (each["long"] - each["short"]) for name, each in told}

    def scores(self, matcher: Matcher, query: Query) -> list[tuple[str, float]]:
        """Every offer with a score above nothing, best first, ties by id."""
        units = understand(query.text, matcher.speller)
        named = {stem(word) for unit in units if not unit.generic for word, _ in unit.words}
        weights = self._weights(len(named))
        stems, coverage, grams = self._query(matcher, query.text)
        meaning = meaning_of(query.text, units)
        rows = np.arange(len(self.documents))
        found = shortfalls(self.facts, rows, query)
        out = excluded(found, query.hard, len(rows))
        scored = []
        for row, document in enumerate(self.documents):
            score = (
                weights["name words"] * max(_dot(stems, name) for name in self.stem_names[row])
                + weights["name letters"] * max(_dot(grams, name) for name in self.gram_names[row])
                + weights["body words"] * _dot(coverage, self.stem_bodies[row])
                + weights["meaning"] * self._nearness(meaning, row)
            )
            for short in found:
                score *= float(short.kept[row])
            if score > 0 and not out[row]:
                scored.append((document.id, score))
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))
