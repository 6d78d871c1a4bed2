"""How much of a need one offer covers, in numbers that mean the same in every catalogue."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.evidence import is_no_reason
from skillsmatch.matching.postings import Postings
from skillsmatch.matching.segment import Segment
from skillsmatch.matching.understanding import Unit
from skillsmatch.matching.words import stem

MEANING_CREDIT = 0.8  # of a unit that the offer says in other words
PART_CREDIT = 0.9  # of a unit of which the offer says every word, but only word by word
AUDIENCE_WEIGHT = 0.4  # of words after "for", "who" or "because": they tell of the people, not of the skill
NEAREST_AUDIENCE = 9  # characters; a need that begins with such a word is not all audience

_AUDIENCE = re.compile(r"\b(?:for|who|because|so|as|before|but|if)\b", re.I)


@dataclass(frozen=True, slots=True)
class Coverage:
    """One offer against one need; shares from 0 to 1."""

    one_name: float  # of the need's weight, said in the best of the offer's names
    anywhere: float  # said in its names or its text
    head: float  # of the beginning of the offer's title, said by the need
    mass: float  # how much was met in all, flattening out; a long need may be met well in part
    length: float  # natural logarithm of the number of things said


@dataclass(frozen=True, slots=True)
class _Asked:
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


def key_roots(segment: Segment, units: Sequence[Unit], text: str) -> list[tuple[frozenset[str], float]]:
    """For each unit that names something: the roots of which an offer covers none of it without one, its weight."""
    return [
        (frozenset(each.parts).union(*(way.roots for way in each.unit.ways)), each.weight)
        for each in _asked(segment, units, text)
    ]


def said_roots(units: Sequence[Unit]) -> list[str]:
    """The roots that the beginning of a title is held against."""
    return _roots_of(units)


def coverages(segment: Segment, rows: Sequence[int], units: Sequence[Unit], text: str) -> list[Coverage]:
    """The coverage of each row's offer."""
    asked = _asked(segment, units, text)
    whole = sum(each.weight for each in asked) or 1.0
    length = math.log(max(1, len(asked)))
    said = _roots_of(units)
    if not len(rows):
        return []
    held = _Held(segment, rows, said)
    every_head = set(said)
    found = []
    for row, names, body in zip(rows, held.names, held.bodies, strict=True):
        in_names = [[each.credit(name, False) for each in asked] for name in names]
        best = [max(credits) for credits in zip(*in_names, strict=True)]
        every = [max(name, each.credit(body, True)) for name, each in zip(best, asked, strict=True)]
        masses = [
            sum(credit * each.weight for credit, each in zip(credits, asked, strict=True))
            for credits in in_names
        ]
        found.append(
            Coverage(
                max(masses, default=0.0) / whole,
                sum(credit * each.weight for credit, each in zip(every, asked, strict=True)) / whole,
                _head_said(segment, row, every_head),
                1.0 - math.exp(-max(masses, default=0.0)),
                length,
            )
        )
    return found


def _asked(segment: Segment, units: Sequence[Unit], text: str) -> list[_Asked]:
    low = text.lower()
    audience = _AUDIENCE.search(low)
    cut = audience.start() if audience and audience.start() >= NEAREST_AUDIENCE else len(low)
    asked = []
    place = 0
    for unit in units:
        found = low.find(unit.typed.partition(" (")[0].lower(), place)
        place = max(found, place)
        parts = tuple(root for typed, root in unit.parts if not is_no_reason(typed))
        if unit.generic or not parts:
            continue
        keys = np.asarray([root.encode() for root in parts], dtype=segment.stems.terms.dtype)
        weight = float(segment.stems.weights_of(keys).max()) / segment.stems.rarest
        asked.append(_Asked(unit, parts, weight * (AUDIENCE_WEIGHT if place > cut else 1.0)))
    return asked


def _roots_of(units: Sequence[Unit]) -> list[str]:
    own = (stem(word) for unit in units for word, _ in unit.words)
    ways = (root for unit in units for way in unit.ways for root in way.roots)
    return list(dict.fromkeys([*own, *ways]))


class _Held:
    """Which of a need's roots each offer holds, in its text as a whole and in each of its names."""

    def __init__(self, segment: Segment, rows: Sequence[int], roots: Sequence[str]) -> None:
        places = segment.stems.find([root.encode() for root in roots]).tolist()
        known = [(root, place) for root, place in zip(roots, places, strict=True) if place >= 0]
        names = [segment.names_of(row) for row in rows]
        ends = np.cumsum([len(each) for each in names])[:-1]
        self.bodies = _sets(segment.signals["body words"], np.asarray(rows, dtype=np.int32), known)
        in_names = _sets(segment.signals["name words"], np.concatenate(names), known)
        bounds = [0, *ends.tolist(), len(in_names)]
        self.names = [in_names[first:last] for first, last in pairwise(bounds)]


def _sets(postings: Postings, rows: NDArray[np.int32], known: Sequence[tuple[str, int]]) -> list[set[str]]:
    """For each row, the roots that it holds; all rows are asked together because that is quicker."""
    found: list[set[str]] = [set() for _ in rows]
    for root, place in known:
        for number in np.flatnonzero(postings.held_by(place, rows)).tolist():
            found[number].add(root)
    return found


def _head_said(segment: Segment, row: int, said: set[str]) -> float:
    places = segment.heads.of_row(row)
    if not len(places):
        return 0.0
    weights = segment.stems.idf[places]
    held = [bytes(term).decode() in said for term in segment.stems.terms[places]]
    return float(weights[held].sum() / weights.sum())
