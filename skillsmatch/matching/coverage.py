"""How much of a need one offer covers, in numbers that mean the same in every catalogue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from skillsmatch.matching.held import Held, Sought
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
class Thing:
    """A unit that names something, and its weight (1 for the rarest of words)."""

    unit: Unit
    weight: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What a need asks for, as coverage counts it: the same for every offer of a catalogue."""

    things: tuple[Thing, ...]
    whole: float  # the weights of the things together

    @classmethod
    def of(cls, words: Segment | Lexicon, units: Sequence[Unit]) -> Asked:
        """The units that name something, those about the people weighing less."""
        named = [unit for unit in units if names_something(unit)]
        roots = dict.fromkeys(root for unit in named for _, root in unit.parts)
        told = words.stems.weights_at(words.stems.places_of(roots)).tolist()
        weights = dict(zip(roots, told, strict=True))
        things = []
        for unit in named:
            weight = max(weights[root] for _, root in unit.parts) / words.stems.rarest
            things.append(Thing(unit, weight * (ASIDE_WEIGHT if unit.aside else 1.0)))
        return cls(tuple(things), sum(each.weight for each in things) or 1.0)


def names_something(unit: Unit) -> bool:
    """Whether a unit is a thing that a need asks for."""
    return not unit.generic and bool(unit.parts)


def _credit(sought: Sought, have: int, apart: bool) -> float:
    """How far the roots cover the unit; in a long text (`apart`) two words far apart are no phrase."""
    if sought.typed and sought.typed & have == sought.typed:
        return 1.0
    best = PART_CREDIT * sum(bool(part & have) for part in sought.parts) / len(sought.parts)
    for way, of_two in sought.meanings:
        if way & have == way and not (apart and of_two):
            return max(best, MEANING_CREDIT)
    return best


class Covering:
    """What a need asks for, ready to be held against one offer after the other."""

    def __init__(self, asked: Asked, sought: Sequence[Sought]) -> None:
        things = (each for each in sought if names_something(each.unit))
        # A plain word has one root and one way: an offer that has any of it has all of it.
        self._things = [
            (each.roots, each.typed == each.roots and len(each.unit.roots) == 1, each, thing.weight)
            for each, thing in zip(things, asked.things, strict=True)
        ]
        self._whole = asked.whole
        self._length = math.log(max(1, len(asked.things)))

    def by(self, held: Held) -> Coverage:
        """How much of what is asked one text covers."""
        masses = [0.0] * len(held.names)
        every = 0.0
        for roots, plain, sought, weight in self._things:
            if not roots & held.anywhere:
                continue
            best = 1.0 if plain else 0.0
            for number, name in enumerate(held.names):
                if name & roots:
                    credit = 1.0 if plain else _credit(sought, name, False)
                    masses[number] += credit * weight
                    best = max(best, credit)
            every += (best if plain else max(best, _credit(sought, held.anywhere, True))) * weight
        mass = max(masses, default=0.0)
        return Coverage(
            mass / self._whole, every / self._whole, held.head, 1.0 - math.exp(-mass), self._length
        )
