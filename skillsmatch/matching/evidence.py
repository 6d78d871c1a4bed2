"""Why an offer was put forward: what met, what is missing, and each signal's share of the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from skillsmatch.matching.constraints import Gap
from skillsmatch.matching.held import Held, Sought
from skillsmatch.matching.words import LONGEST_WORD, words_of

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


class Reasons:
    """The words of a need, ready to be held against one offer after the other."""

    def __init__(self, sought: Sequence[Sought]) -> None:
        self._sought = [(each.roots, tuple(typed for typed, _ in each.unit.parts), each) for each in sought]

    def of(self, held: Held) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What of the need the offer says, and the content words that it does not, each as typed.

        Every matched word stands in the offer's title, other names or text: as typed, in another form, corrected,
        or as a meaning that the slang table gives, which is then shown. Words that nearly every need uses
        ("course", "ticket") are never a reason.
        """
        matched: dict[str, None] = {}
        missing: list[str] = []
        anywhere = held.anywhere
        for roots, parts, sought in self._sought:
            if not roots & anywhere:
                missing += parts
                continue
            way = _way(sought, held)
            if way is not None:
                matched[way] = None
                continue
            for typed, root in zip(parts, sought.parts, strict=True):
                if root & anywhere:
                    matched[typed] = None
                else:
                    missing.append(typed)
        return tuple(matched), tuple(word for word in dict.fromkeys(missing) if word not in matched)


def _way(sought: Sought, held: Held) -> str | None:
    """The first way in which the offer says the unit, as it is shown.

    A meaning of two words must stand in one name of the offer: a long text holds "lift" and "truck" by chance, so
    there they are no sign of a lift truck.
    """
    unit, anywhere = sought.unit, held.anywhere
    if sought.typed and unit.tells and sought.typed & anywhere == sought.typed:
        return unit.ways[0].shown
    first = bool(sought.typed)
    for number, (way, of_two) in enumerate(sought.meanings, first):
        if way & anywhere == way and (not of_two or any(way & name == way for name in held.names)):
            return unit.ways[number].shown
    return None


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
