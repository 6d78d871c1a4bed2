"""Why an offer was put forward: what met, what is missing, and each signal's share of the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.constraints import Gap
from skillsmatch.matching.segment import Segment
from skillsmatch.matching.understanding import CHAT_WORDS, GENERIC_WORDS, Unit, Way
from skillsmatch.matching.words import LONGEST_WORD, stem, words_of

# Words that say little of which skill is meant: an offer that has them is no better a match for it.
NO_REASON = (
    GENERIC_WORDS
    | CHAT_WORDS
    | frozenset("ticket tickets licence licences license card cards award awards session refreshers".split())
)
NO_REASON_ROOTS = frozenset(map(stem, NO_REASON))
MOST_MISSING = 6  # missing words named with one offer; the others are counted


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
    """For each row, what of the units the offer says, and the content words that it does not, each as typed.

    Every matched word stands in the offer's title, other names or text: as typed, in another form, corrected,
    or as a meaning that the slang table gives, which is then shown. Words that nearly every need uses
    ("course", "ticket") are never a reason.
    """
    held = _held(segment, rows, units)
    found = []
    for number, row in enumerate(rows):
        present = {root for root, rows_with in held.items() if rows_with[number]}
        matched: dict[str, None] = {}
        missing: dict[str, None] = {}
        for unit in units:
            way = next((way for way in unit.ways if _says(segment, row, present, way)), None)
            if way is not None and not unit.generic:
                matched[way.shown] = None
                continue
            for typed, root in unit.parts:
                if unit.generic or is_no_reason(typed):
                    continue
                (matched if root in present else missing)[typed] = None
        found.append((tuple(matched), tuple(word for word in missing if word not in matched)))
    return found


def words_gap(missing: Sequence[str]) -> tuple[Gap, ...]:
    """The missing words as a gap; none where nothing is missing."""
    if not missing:
        return ()
    named = [
        word[:LONGEST_WORD] + "…" if len(word) > LONGEST_WORD else word for word in missing[:MOST_MISSING]
    ]
    rest = len(missing) - len(named)
    told = ", ".join(named) + (f" and {rest} more of your words" if rest else "")
    return (Gap("words", f"does not mention {told}", float(len(missing))),)


def without_wishes(match: Match, wishes: frozenset[str]) -> Match:
    """The match without these folded words among the missing ones: they were read as a place, a time or a level."""
    evidence = match.evidence
    missing = tuple(
        word for word in evidence.missing if not wishes.issuperset(words_of(word.partition(" (")[0]))
    )
    if missing == evidence.missing:
        return match
    told = tuple(gap for gap in evidence.gaps if gap.code != "words")
    return replace(match, evidence=replace(evidence, missing=missing, gaps=(*told, *words_gap(missing))))


def is_no_reason(typed: str) -> bool:
    """Whether the word says too little of the skill meant to be a reason."""
    word = typed.lower()
    return word in NO_REASON or not any(letter.isalpha() for letter in word)


def _says(segment: Segment, row: int, present: set[str], way: Way) -> bool:
    """Whether the offer says it. A meaning of two words must stand in one name of the offer.

    A long text holds "lift" and "truck" by chance, so there they are no sign of a lift truck.
    """
    if not way.roots <= present:
        return False
    if way.typed:
        return not all(is_no_reason(root) or root in NO_REASON_ROOTS for root in way.roots)
    return len(way.roots) != 2 or _in_one_name(segment, row, way)


def _in_one_name(segment: Segment, row: int, way: Way) -> bool:
    names = segment.names_of(row)
    both = np.ones(len(names), dtype=np.bool_)
    for place in segment.stems.find([root.encode() for root in way.roots]):
        both &= segment.signals["name words"].held_by(int(place), names)
    return bool(both.any())


def _held(segment: Segment, rows: Sequence[int], units: Sequence[Unit]) -> dict[str, NDArray[np.bool_]]:
    """For every root of the units that some offer uses, which of the rows hold it."""
    roots = list(dict.fromkeys(root for unit in units for way in unit.ways for root in way.roots))
    places = segment.stems.find([root.encode() for root in roots])
    body, asked = segment.signals["body words"], np.asarray(rows, dtype=np.int32)
    return {
        root: body.held_by(int(place), asked) for root, place in zip(roots, places, strict=True) if place >= 0
    }
