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


@dataclass(slots=True)
class Sought:
    """A unit of a need, its roots as numbers of bits."""

    unit: Unit
    roots: int  # of everything; an offer with none of them has nothing of the unit
    typed: int  # of the words as typed
    meanings: list[tuple[int, bool]]  # of the other ways of saying it, and whether each is of two words
    parts: list[int]  # of the typed words that may be a reason

    @classmethod
    def all_of(cls, units: Sequence[Unit]) -> tuple[Roots, list[Sought]]:
        """The roots of a need, and its units that may be a reason."""
        roots = Roots.of(units)
        return roots, [cls.of(unit, roots) for unit in units if not unit.generic]

    @classmethod
    def of(cls, unit: Unit, roots: Roots) -> Sought:
        """The unit; a plain word has one root and no other way."""
        bits = roots.bits
        if len(unit.roots) == 1 and unit.ways and unit.ways[0].typed:
            (root,) = unit.roots
            return cls(unit, bits[root], bits[root], [], [bits[root] for _ in unit.parts])
        ways = [roots.all_of(way.roots) for way in unit.ways]
        first = bool(unit.ways) and unit.ways[0].typed
        return cls(
            unit,
            roots.all_of(unit.roots),
            ways[0] if first else 0,
            [(ways[n], len(unit.ways[n].roots) == 2) for n in range(first, len(ways))],
            [bits[root] for _, root in unit.parts],
        )


@dataclass(frozen=True, slots=True)
class Held:
    """The roots of a need that one text holds: anywhere, in each of its names, and how much of its head they are."""

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
        return [
            Held(one, tuple(each), head) for one, each, head in zip(anywhere, by_text, heads, strict=True)
        ]

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
