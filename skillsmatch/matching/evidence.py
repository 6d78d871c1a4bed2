"""Why an offer was put forward: what met, what is missing, and each signal's share of the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.constraints import Gap
from skillsmatch.matching.segment import Segment
from skillsmatch.matching.understanding import GENERIC_WORDS, Unit


@dataclass(frozen=True, slots=True)
class Evidence:
    """The reasons for one match; the shares of `signals` sum to its score."""

    matched: tuple[str, ...]  # the employer's words that met the offer, as typed
    missing: tuple[str, ...]  # content words of the need that the offer does not cover
    gaps: tuple[Gap, ...]
    distance_km: float | None
    signals: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """One offer put forward. `strength` is the probability that an adviser calls it useful."""

    id: str
    score: float
    strength: float
    evidence: Evidence


def words_met(
    segment: Segment, rows: Sequence[int], units: Sequence[Unit]
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each row, the units that the offer says in one of their ways, and those it does not, each as typed.

    Of a phrase that is met only in part, each word stands in its own list. Generic words ("course", "staff")
    are never missing: no employer asks for them as such.
    """
    held = _held(segment, rows, units)
    found = []
    for number in range(len(rows)):
        present = {root for root, rows_with in held.items() if rows_with[number]}
        matched: dict[str, None] = {}
        missing: dict[str, None] = {}
        for unit in units:
            if any(way <= present for way in unit.ways):
                matched[unit.typed] = None
                continue
            for typed, root in unit.parts:
                if root in present:
                    matched[typed] = None
                elif not unit.generic and typed.lower() not in GENERIC_WORDS:
                    missing[typed] = None
        found.append((tuple(matched), tuple(word for word in missing if word not in matched)))
    return found


def _held(segment: Segment, rows: Sequence[int], units: Sequence[Unit]) -> dict[str, NDArray[np.bool_]]:
    """For every root of the units that some offer uses, which of the rows hold it."""
    roots = list(dict.fromkeys(root for unit in units for way in unit.ways for root in way))
    places = segment.stems.find([root.encode() for root in roots])
    body, asked = segment.signals["body words"], np.asarray(rows, dtype=np.int32)
    return {
        root: body.held_by(int(place), asked) for root, place in zip(roots, places, strict=True) if place >= 0
    }
