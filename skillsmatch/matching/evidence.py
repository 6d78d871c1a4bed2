"""Why an offer was put forward: what met, what is missing, and each signal's share of the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from skillsmatch.matching.constraints import Gap
from skillsmatch.matching.held import Held, Roots
from skillsmatch.matching.understanding import CHAT_WORDS, GENERIC_WORDS, Unit
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


@dataclass(frozen=True, slots=True)
class _Said:
    """A unit that may be a reason, its roots as numbers of bits (see `Roots`)."""

    roots: int
    ways: tuple[tuple[int, str, bool], ...]  # roots, how it is shown, whether they must stand in one name
    parts: tuple[tuple[str, int], ...]  # each typed word that says something, and its root

    @classmethod
    def of(cls, unit: Unit, roots: Roots) -> _Said:
        """Of its ways only those that an offer may be said to meet.

        A meaning of two words must stand in one name of the offer: a long text holds "lift" and "truck" by
        chance, so there they are no sign of a lift truck.
        """
        return cls(
            roots.all_of(unit.roots),
            tuple(
                (roots.all_of(way.roots), way.shown, not way.typed and len(way.roots) == 2)
                for way in unit.ways
                if not way.typed or _tells(way.roots)
            ),
            tuple((typed, roots.bits[root]) for typed, root in unit.parts if not is_no_reason(typed)),
        )

    def way(self, held: Held) -> str | None:
        """The first way in which the offer says it, as it is shown."""
        for way, shown, in_a_name in self.ways:
            if way & held.anywhere == way and (
                not in_a_name or any(way & name == way for name in held.names)
            ):
                return shown
        return None


class Reasons:
    """The words of a need, ready to be held against one offer after the other."""

    def __init__(self, units: Sequence[Unit], roots: Roots) -> None:
        self._said = [_Said.of(unit, roots) for unit in units if not unit.generic]

    def of(self, held: Held) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What of the need the offer says, and the content words that it does not, each as typed.

        Every matched word stands in the offer's title, other names or text: as typed, in another form, corrected,
        or as a meaning that the slang table gives, which is then shown. Words that nearly every need uses
        ("course", "ticket") are never a reason.
        """
        matched: dict[str, None] = {}
        missing: dict[str, None] = {}
        anywhere = held.anywhere
        for said in self._said:
            if said.roots & anywhere:
                way = said.way(held)
                if way is not None:
                    matched[way] = None
                    continue
            for typed, root in said.parts:
                (matched if root & anywhere else missing)[typed] = None
        return tuple(matched), tuple(word for word in missing if word not in matched)


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


@lru_cache(maxsize=20_000)
def is_no_reason(typed: str) -> bool:
    """Whether the word says too little of the skill meant to be a reason."""
    word = typed.lower()
    return word in NO_REASON or not any(letter.isalpha() for letter in word)


def _tells(roots: frozenset[str]) -> bool:
    """Whether any of the roots of typed words says something of the skill."""
    return not all(is_no_reason(root) or root in NO_REASON_ROOTS for root in roots)
