"""Unknown words read as words the catalogue knows: typing slips, words run together, words wrongly parted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from skillsmatch.matching.vocabulary import REMEMBERED, Vocabulary
from skillsmatch.matching.words import stem

SHORTEST_CORRECTED = 4  # letters; shorter words have too many neighbours one slip away
LONG_WORD = 8  # letters; from here on two slips are forgiven, as one is below

FIRST_LETTER_COST = 0.5  # slips; people seldom get the first letter wrong
COMMON_WORD_BONUS = 0.15  # slips for each e-fold of offers that use the word


@dataclass(frozen=True, slots=True)
class _Table:
    """The words that a slip may have come from, laid out by how they begin and end."""

    counts: dict[str, float]
    by_start: dict[tuple[str, int], list[str]]  # first letter and length
    by_ending: dict[str, list[str]]  # last four letters

    @classmethod
    def of(cls, surface: Vocabulary) -> _Table:
        table = cls({}, {}, {})
        for encoded, count in zip(surface.terms.tolist(), surface.idf.tolist(), strict=True):
            term = encoded.decode()
            if len(term) >= SHORTEST_CORRECTED and term.isalpha():
                table.counts[term] = count
                table.by_start.setdefault((term[0], len(term)), []).append(term)
                table.by_ending.setdefault(term[-4:], []).append(term)
        return table


class Speller:
    """Corrects against one sorted vocabulary of words as written, commoner words first."""

    def __init__(self, surface: Vocabulary, stems: Vocabulary) -> None:
        self._surface, self._stems = surface, stems
        self._is_known: dict[str, bool] = {}
        self.correction = lru_cache(maxsize=20_000)(self._correction)

    def known(self, words: list[str]) -> list[bool]:
        """Whether an offer uses each of the words in some form; a word is looked for once and then remembered."""
        told, fresh = self._is_known, set(words).difference(self._is_known)
        if len(told) + len(fresh) > REMEMBERED:
            told, fresh = {}, set(words)  # whoever reads the old one now keeps it to the end
            self._is_known = told
        if fresh:
            asked = list(fresh)
            as_written = self._surface.find([word.encode() for word in asked]) >= 0
            as_root = np.asarray(self._stems.places_of(map(stem, asked))) >= 0
            told.update(zip(asked, (as_written | as_root).tolist(), strict=True))
        return [told[word] for word in words]

    def _correction(self, word: str) -> tuple[str, ...]:
        """The known word or pair of words most likely meant, or nothing where none is near enough."""
        if len(word) < SHORTEST_CORRECTED or not word.isalpha() or not len(self._surface.terms):
            return ()
        parted = self._parted(word)
        if parted and min(map(len, parted)) >= SHORTEST_CORRECTED:
            return parted
        nearest = self._nearest(word)
        return (nearest,) if nearest else parted

    def _nearest(self, word: str) -> str | None:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        allowed = 1 if len(word) < LONG_WORD else 2
        terms = [term for bucket in self._buckets(word, allowed) for term in bucket]
        found = process.extract(word, terms, scorer=OSA.distance, score_cutoff=allowed, limit=None)

        def cost(hit: tuple[str, float, int]) -> tuple[float, str]:
            term, distance, _ = hit
            first_differs = FIRST_LETTER_COST if term[0] != word[0] else 0.0
            return distance + first_differs - COMMON_WORD_BONUS * math.log1p(self._table.counts[term]), term

        return min(found, key=cost)[0] if found else None

    def _buckets(self, word: str, allowed: int) -> Iterator[list[str]]:
        """Known words of about the right length that share the first letter, swap it, or share the ending."""
        for first in dict.fromkeys(word[:2]):
            for length in range(len(word) - allowed, len(word) + allowed + 1):
                yield self._table.by_start.get((first, length), [])
        if len(word) > 5:
            yield [term for term in self._table.by_ending.get(word[-4:], ()) if term[0] not in word[:2]]

    @cached_property
    def _table(self) -> _Table:
        return _Table.of(self._surface)

    def _parted(self, word: str) -> tuple[str, ...]:
        """Two known words run together, such as "forklift" where offers say "fork lift"."""
        pairs = [(word[:cut], word[cut:]) for cut in range(3, len(word) - 2)]
        if not pairs:
            return ()
        parts = [part.encode() for pair in pairs for part in pair]
        known = self._surface.find(parts) >= 0
        whole = [pair for place, pair in enumerate(pairs) if known[2 * place] and known[2 * place + 1]]
        return max(whole, key=lambda pair: min(len(pair[0]), len(pair[1])), default=())
