"""Unknown words read as words the catalogue knows: typing slips, words run together, words wrongly parted."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from skillsmatch.matching.vocabulary import Vocabulary

SHORTEST_CORRECTED = 4  # letters; shorter words have too many neighbours one slip away
LONG_WORD = 8  # letters; from here on two slips are forgiven, as one is below


class Speller:
    """Corrects against one sorted vocabulary of words as written, commoner words first."""

    def __init__(self, surface: Vocabulary) -> None:
        self._surface = surface
        self.correction = lru_cache(maxsize=20_000)(self._correction)

    def knows(self, word: str) -> bool:
        """Whether an offer uses the word."""
        return bool(self._surface.find([word.encode()])[0] >= 0)

    def known(self, words: list[str]) -> list[bool]:
        """Whether an offer uses each of the words, asked together because that is quicker."""
        return [place >= 0 for place in self._surface.find([word.encode() for word in words])]

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
        terms, counts = self._candidates(word, allowed)
        found = process.extract(word, terms, scorer=OSA.distance, score_cutoff=allowed, limit=12)
        if not found:
            return None

        def cost(hit: tuple[str, float, int]) -> tuple[float, str]:
            term, distance, place = hit
            first_differs = 0.5 if term[0] != word[0] else 0.0
            return (distance + first_differs - 0.15 * float(np.log1p(counts[place])), term)

        return min(found, key=cost)[0]

    def _candidates(self, word: str, allowed: int) -> tuple[list[str], list[float]]:
        """Known words of about the right length that share the first letter, or the ending."""
        lengths, by_first, decoded, counts = self._tables()
        first = by_first.get(word[0], np.empty(0, dtype=np.int64))
        swapped = by_first.get(word[1], np.empty(0, dtype=np.int64))
        near = np.concatenate([first, swapped]) if word[1] != word[0] else first
        near = near[np.abs(lengths[near] - len(word)) <= allowed]
        ending = word[-4:]
        places = [int(place) for place in near]
        if len(word) > 5:
            places += [place for place in self._by_ending().get(ending, ()) if decoded[place][0] != word[0]]
        terms = [decoded[place] for place in places]
        return terms, [float(counts[place]) for place in places]

    @lru_cache(maxsize=1)  # noqa: B019 - one speller lives as long as its matcher
    def _tables(self) -> tuple[np.ndarray, dict[str, np.ndarray], list[str], np.ndarray]:
        decoded = [term.decode() for term in self._surface.terms.tolist()]
        usable = [
            place for place, term in enumerate(decoded) if len(term) >= SHORTEST_CORRECTED and term.isalpha()
        ]
        by_first: dict[str, list[int]] = {}
        for place in usable:
            by_first.setdefault(decoded[place][0], []).append(place)
        lengths = np.asarray([len(term) for term in decoded])
        grouped = {letter: np.asarray(places, dtype=np.int64) for letter, places in by_first.items()}
        return lengths, grouped, decoded, self._surface.idf

    @lru_cache(maxsize=1)  # noqa: B019
    def _by_ending(self) -> dict[str, list[int]]:
        endings: dict[str, list[int]] = {}
        for place, term in enumerate(self._tables()[2]):
            if len(term) > 5 and term.isalpha():
                endings.setdefault(term[-4:], []).append(place)
        return endings

    def _parted(self, word: str) -> tuple[str, ...]:
        """Two known words run together, such as "forklift" where offers say "fork lift"."""
        pairs = [(word[:cut], word[cut:]) for cut in range(3, len(word) - 2)]
        if not pairs:
            return ()
        known = self.known([part for pair in pairs for part in pair])
        whole = [pair for place, pair in enumerate(pairs) if known[2 * place] and known[2 * place + 1]]
        return max(whole, key=lambda pair: min(len(pair[0]), len(pair[1])), default=())
