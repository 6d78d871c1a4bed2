"""Why an offer was put forward: what met, what is missing, and each signal's share of the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skillsmatch.matching.constraints import Gap
from skillsmatch.matching.segment import Segment
from skillsmatch.matching.understanding import Unit


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
    """For each row, the units that the offer uses in any of their ways, and those it does not, each as typed.

    Generic words ("course", "staff") are never missing: no employer asks for them as such.
    """
    roots = list(dict.fromkeys(root for unit in units for root in unit.stems()))
    places = segment.stems.find([root.encode() for root in roots])
    body = segment.signals["body words"]
    asked = np.asarray(rows, dtype=np.int32)
    met = {
        root: body.held_by(int(place), asked) for root, place in zip(roots, places, strict=True) if place >= 0
    }
    unit_roots = [[met[root] for root in unit.stems() if root in met] for unit in units]
    found = []
    for number in range(len(rows)):
        matched: dict[str, None] = {}
        missing: dict[str, None] = {}
        for unit, holders in zip(units, unit_roots, strict=True):
            if any(holder[number] for holder in holders):
                matched[unit.typed] = None
            elif not unit.generic:
                missing[unit.typed] = None
        found.append((tuple(matched), tuple(word for word in missing if word not in matched)))
    return found
