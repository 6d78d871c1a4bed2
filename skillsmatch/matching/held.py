"""Which of a need's roots the offers to be shown hold: looked up once, for the reasons and the strength alike.

A set of a need's roots is one whole number with a bit for each root, so "holds all of these" is one comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.postings import between

if TYPE_CHECKING:
    from skillsmatch.matching.segment import Holdings, Segment
    from skillsmatch.matching.understanding import Unit


@dataclass(frozen=True, slots=True)
class Roots:
    """The roots of a need, of its words as typed and of every other way of saying them; each has a bit."""

    bits: dict[str, int]

    @classmethod
    def of(cls, units: Sequence[Unit]) -> Roots:
        """The roots of the units."""
        every = dict.fromkeys(root for unit in units for root in unit.roots)
        return cls({root: 1 << number for number, root in enumerate(every)})

    def all_of(self, roots: Iterable[str]) -> int:
        """These roots of the need as one number."""
        bits, told = self.bits, 0
        for root in roots:
            told |= bits[root]
        return told


@dataclass(frozen=True, slots=True)
class Held:
    """The roots of a need that one text holds: anywhere, and in each of its names; and how much of its head they are."""

    anywhere: int
    names: tuple[int, ...]
    head: float  # share of the weight of the beginning of its title


class Lookup:
    """Looks a need's roots up in the texts of one segment."""

    def __init__(self, segment: Segment, roots: Roots) -> None:
        self._segment = segment
        places = np.asarray(segment.stems.places_of(roots.bits), dtype=np.int64)
        known = np.flatnonzero(places >= 0)
        self._number = np.full(len(segment.stems.terms), -1, dtype=np.int32)  # of the root that has the place
        self._number[places[known]] = known

    def held(self, texts: Sequence[int]) -> list[Held]:
        """What each of the texts holds."""
        wanted = np.asarray(texts, dtype=np.int64)
        names, of = between(self._segment.name_starts, wanted)
        in_names = self._masks(self._segment.in_names, names)
        by_text: list[list[int]] = [[] for _ in texts]
        for text, mask in zip(of.tolist(), in_names, strict=True):
            by_text[text].append(mask)
        anywhere = self._masks(self._segment.in_texts, wanted)
        heads = self._heads(wanted)
        return [Held(one, tuple(each), head) for one, each, head in zip(anywhere, by_text, heads, strict=True)]

    def _masks(self, holdings: Holdings, rows: NDArray[np.int64]) -> list[int]:
        """The need's roots in each of the rows."""
        places, numbers = between(holdings.starts, rows)
        roots = self._number[holdings.places[places]]
        hits = np.flatnonzero(roots >= 0)
        masks = [0] * len(rows)
        for row, root in zip(numbers[hits].tolist(), roots[hits].tolist(), strict=True):
            masks[row] |= 1 << root
        return masks

    def _heads(self, texts: NDArray[np.int64]) -> list[float]:
        """The share of each text's head that the need says."""
        heads = self._segment.heads
        places, numbers = between(heads.starts, texts)
        roots = heads.places[places]
        weights = self._segment.stems.idf[roots].astype(np.float64)
        whole = np.bincount(numbers, weights=weights, minlength=len(texts))
        said = np.bincount(numbers, weights=weights * (self._number[roots] >= 0), minlength=len(texts))
        shares: list[float] = np.divide(said, whole, out=np.zeros(len(texts)), where=whole > 0).tolist()
        return shares
