"""Which of a need's roots the offers to be shown hold: looked up once, for the reasons and the strength alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skillsmatch.matching.segment import Holdings, Segment
from skillsmatch.matching.understanding import Unit


@dataclass(frozen=True, slots=True)
class Roots:
    """Those roots of a need that the offers of a segment use, each by its place among theirs."""

    at: dict[int, str]

    @classmethod
    def of(cls, segment: Segment, units: Sequence[Unit]) -> Roots:
        """The roots of the units: of the words as typed, and of every other way of saying them."""
        every = sorted(set().union(*(unit.roots for unit in units)))
        places = segment.stems.find([root.encode() for root in every]).tolist()
        return cls({place: root for place, root in zip(places, every, strict=True) if place >= 0})

    def among(self, holdings: Holdings, row: int) -> set[str]:
        """Those that the row holds."""
        at = self.at
        return {at[place] for place in holdings.of_row(row).tolist() if place in at}


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
