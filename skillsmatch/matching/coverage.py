"""How much of a need one offer covers, in numbers that mean the same in every catalogue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from skillsmatch.matching.evidence import is_no_reason
from skillsmatch.matching.held import Held, Roots
from skillsmatch.matching.segment import Segment
from skillsmatch.matching.understanding import ASIDE_WEIGHT, Unit
from skillsmatch.matching.vocabulary import Lexicon

MEANING_CREDIT = 0.8  # of a unit that the offer says in other words
PART_CREDIT = 0.9  # of a unit of which the offer says every word, but only word by word


@dataclass(frozen=True, slots=True)
class Coverage:
    """One offer against one need; shares from 0 to 1."""

    one_name: float  # of the need's weight, said in the best of the offer's names
    anywhere: float  # said in its names or its text
    head: float  # of the beginning of the offer's title, said by the need
    mass: float  # how much was met in all, flattening out; a long need may be met well in part
    length: float  # natural logarithm of the number of things said


@dataclass(frozen=True, slots=True)
class _Thing:
    """A unit that names something: its ways, its plain parts, and its weight (1 for the rarest of words)."""

    unit: Unit
    parts: tuple[str, ...]
    weight: float

    def credit(self, have: set[str], apart: bool) -> float:
        """How far the words cover the unit; in a long text (`apart`) two words far apart are no phrase."""
        best = PART_CREDIT * sum(root in have for root in self.parts) / len(self.parts)
        for way in self.unit.ways:
            if way.roots <= have:
                if way.typed:
                    return 1.0
                if not (apart and len(way.roots) == 2):
                    best = max(best, MEANING_CREDIT)
        return best


def coverage_of(segment: Segment, text: int, roots: Roots, held: Held, asked: Asked) -> Coverage:
    """How much of what is asked one text covers."""
    things = [each for each in asked.things if not each.unit.roots.isdisjoint(held.anywhere)]
    in_names = [[each.credit(name, False) for each in things] for name in held.names]
    best = [max(credits) for credits in zip(*in_names, strict=True)]
    every = [max(name, each.credit(held.anywhere, True)) for name, each in zip(best, things, strict=True)]
    weights = [each.weight for each in things]
    mass = max((_sum(credits, weights) for credits in in_names), default=0.0)
    return Coverage(
        mass / asked.whole,
        _sum(every, weights) / asked.whole,
        _head_said(segment, text, roots),
        1.0 - math.exp(-mass),
        math.log(max(1, len(asked.things))),
    )


def _sum(credits: Sequence[float], weights: Sequence[float]) -> float:
    return sum(credit * weight for credit, weight in zip(credits, weights, strict=True))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a need asks for, as coverage counts it: the same for every offer of a catalogue."""

    things: tuple[_Thing, ...]
    whole: float  # the weights of the things together

    @classmethod
    def of(cls, words: Segment | Lexicon, units: Sequence[Unit]) -> Asked:
        """The units that name something, those about the people weighing less."""
        named = [
            (unit, tuple(root for typed, root in unit.parts if not is_no_reason(typed)))
            for unit in units
            if not unit.generic
        ]
        roots = sorted({root for _, parts in named for root in parts})
        told = words.stems.weights_at(words.stems.places_of(roots)).tolist()
        weights = dict(zip(roots, told, strict=True))
        things = []
        for unit, parts in named:
            if parts:
                weight = max(weights[root] for root in parts) / words.stems.rarest
                things.append(_Thing(unit, parts, weight * (ASIDE_WEIGHT if unit.aside else 1.0)))
        return cls(tuple(things), sum(each.weight for each in things) or 1.0)


def _head_said(segment: Segment, text: int, roots: Roots) -> float:
    places = segment.heads.of_text(text)
    if not len(places):
        return 0.0
    weights = segment.stems.idf[places].tolist()
    said = sum(weight for place, weight in zip(places.tolist(), weights, strict=True) if place in roots.at)
    return float(said / sum(weights))
