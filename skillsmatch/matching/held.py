"""Which of a need's roots the offers to be shown hold: looked up once, for the reasons and the strength alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.segment import Holdings, Segment
from skillsmatch.matching.understanding import Unit


@dataclass(frozen=True, slots=True)
class Roots:
    """Those roots of a need that the offers of a segment use, each with its place among theirs."""

    known: tuple[str, ...]  # in the order of their places
    places: NDArray[np.int32]  # ascending
    at: frozenset[int]  # the same places

    @classmethod
    def of(cls, segment: Segment, units: Sequence[Unit]) -> Roots:
        """The roots of the units: of the words as typed, and of every other way of saying them."""
        every = sorted(set().union(*(unit.roots for unit in units)))
        keys = np.asarray([root.encode() for root in every], dtype=segment.stems.terms.dtype)
        places = segment.stems.find(keys)
        order = [place for place in np.argsort(places).tolist() if places[place] >= 0]
        known = places[order].astype(np.int32)
        return cls(tuple(every[place] for place in order), known, frozenset(known.tolist()))

    def among(self, holdings: Holdings, row: int) -> set[str]:
        """Those that the row holds."""
        theirs = holdings.of_row(row)
        if not len(theirs):
            return set()
        at = np.minimum(np.searchsorted(theirs, self.places), len(theirs) - 1)
        return {self.known[number] for number in np.flatnonzero(theirs[at] == self.places).tolist()}


@dataclass(frozen=True, slots=True)
class Held:
    """The roots of a need that one text holds: anywhere, and in each of its names."""

    anywhere: set[str]
    names: tuple[set[str], ...]

    @classmethod
    def of(cls, segment: Segment, text: int, roots: Roots) -> Held:
        """What the text holds of the roots."""
        names = tuple(roots.among(segment.in_names, name) for name in segment.names_of(text))
        return cls(roots.among(segment.in_texts, text), names)
