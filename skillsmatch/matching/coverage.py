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
    """A unit that names something: its plain parts, and its weight (1 for the rarest of words)."""

    unit: Unit
    parts: tuple[str, ...]
    weight: float


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
        roots = dict.fromkeys(root for _, parts in named for root in parts)
        told = words.stems.weights_at(words.stems.places_of(roots)).tolist()
        weights = dict(zip(roots, told, strict=True))
        things = []
        for unit, parts in named:
            if parts:
                weight = max(weights[root] for root in parts) / words.stems.rarest
                things.append(_Thing(unit, parts, weight * (ASIDE_WEIGHT if unit.aside else 1.0)))
        return cls(tuple(things), sum(each.weight for each in things) or 1.0)


@dataclass(frozen=True, slots=True)
class _Sought:
    """A thing, its roots as numbers of bits (see `Roots`)."""

    roots: int  # all of them; an offer with none has nothing of the thing
    parts: tuple[int, ...]
    typed: int  # the words as typed; 0 where they have no root
    meanings: tuple[tuple[int, bool], ...]  # other ways of saying it, and whether each is of two words
    weight: float

    @classmethod
    def of(cls, thing: _Thing, roots: Roots) -> _Sought:
        ways = thing.unit.ways
        return cls(
            roots.all_of(thing.unit.roots),
            tuple(roots.bits[root] for root in thing.parts),
            next((roots.all_of(way.roots) for way in ways if way.typed), 0),
            tuple((roots.all_of(way.roots), len(way.roots) == 2) for way in ways if not way.typed),
            thing.weight,
        )

    def credit(self, have: int, apart: bool) -> float:
        """How far the roots cover the thing; in a long text (`apart`) two words far apart are no phrase."""
        if not have & self.roots:
            return 0.0
        if self.typed and self.typed & have == self.typed:
            return 1.0
        best = PART_CREDIT * sum(bool(part & have) for part in self.parts) / len(self.parts)
        for way, of_two in self.meanings:
            if way & have == way and not (apart and of_two):
                return max(best, MEANING_CREDIT)
        return best


class Covering:
    """What a need asks for, ready to be held against one offer after the other."""

    def __init__(self, asked: Asked, roots: Roots) -> None:
        self._things = [_Sought.of(thing, roots) for thing in asked.things]
        self._whole = asked.whole
        self._length = math.log(max(1, len(asked.things)))

    def by(self, held: Held) -> Coverage:
        """How much of what is asked one text covers."""
        masses = [0.0] * len(held.names)
        every = 0.0
        for thing in self._things:
            if not thing.roots & held.anywhere:
                continue
            best = 0.0
            for number, name in enumerate(held.names):
                credit = thing.credit(name, False)
                masses[number] += credit * thing.weight
                best = max(best, credit)
            every += max(best, thing.credit(held.anywhere, True)) * thing.weight
        mass = max(masses, default=0.0)
        return Coverage(
            mass / self._whole, every / self._whole, held.head, 1.0 - math.exp(-mass), self._length
        )
