"""Why an offer was put forward: what met, what is missing, and each signal's share of the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


def words_met(segment: Segment, row: int, units: Sequence[Unit]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The units that the offer uses in any of their ways, and those it does not, each as typed and once.

    Generic words ("course", "staff") are never missing: no employer asks for them as such.
    """
    body = segment.signals["body words"]
    matched: dict[str, None] = {}
    missing: dict[str, None] = {}
    for unit in units:
        places = segment.stems.find([root.encode() for root in sorted(unit.stems())])
        if any(body.holds(int(place), row) for place in places if place >= 0):
            matched[unit.typed] = None
        elif not unit.generic:
            missing[unit.typed] = None
    return tuple(matched), tuple(word for word in missing if word not in matched)
