"""Why an offer stands where it stands, in sentences, made of the very shares that gave it its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from skillsmatch.matching.words import stem, words_of

CONSTRAINTS = "constraints"  # the share that everything but the words took away; never more than nothing
MOSTLY = 0.5  # of what the words gave; a signal with less is not alone in giving most of the place
ALSO = 0.1  # of what the words gave; a second signal with less is not named as a reason
MOST_NAMED = 4  # words named in one sentence
TELLING = 0.005  # of what the words gave; a smaller part rounds to nothing and is not told
EQUAL = 1e-9  # scores nearer than this are equal: what is left is the rounding of sums


@dataclass(frozen=True, slots=True)
class _Signal:
    """One signal in words: why it speaks for an offer, how it is counted, and why it sets one above another."""

    because: str
    counted: str
    above: str


_SIGNALS: Mapping[str, _Signal] = {
    "name words": _Signal(
        "its title or other names hold your words",
        "your words in its title",
        "its title holds more of your words",
    ),
    "name letters": _Signal(
        "its title is spelled like your words",
        "how its title is spelled",
        "its title is spelled more like your words",
    ),
    "body words": _Signal(
        "its text holds your words",
        "your words in its text",
        "its text holds more of your words",
    ),
    "meaning": _Signal(
        "it means nearly what you asked",
        "nearness in meaning",
        "its meaning is nearer to yours",
    ),
    CONSTRAINTS: _Signal("", "", "it misses less of what you asked besides"),
}
_ANOTHER = _Signal(
    "another sign speaks for it", "another sign", "another sign speaks for it"
)  # named in no words yet


@dataclass(frozen=True, slots=True)
class Placed:
    """One offer in a list: its title, the shares of its score, the words it met and what it misses."""

    title: str
    shares: Mapping[str, float]  # by signal; they sum to the score
    matched: Sequence[str] = ()
    misses: Sequence[str] = ()  # what the constraints took away for, as its card words it

    @property
    def score(self) -> float:
        """What its place in the list goes by."""
        return sum(self.shares.values())


def why_this_order(listed: Sequence[Placed]) -> list[tuple[str, ...]]:
    """For each offer of a list in its order, the sentences that say why it stands there.

    First what gave it most of its place, then every signal's part, then what it lost, then why it stands above
    the next one. Parts are hundredths of what the words gave, before anything was taken away.
    """
    told = [(_because(one), *_parts(one)) for one in listed]
    above = [_above(this, following) for this, following in pairwise(listed)]
    return [(*one, *more) for one, more in zip_longest(told, above, fillvalue=())]


def _gains(one: Placed) -> list[tuple[str, float]]:
    """What each text signal gave, the largest first."""
    gains = [(name, share) for name, share in one.shares.items() if name != CONSTRAINTS and share > 0]
    return sorted(gains, key=lambda gain: -gain[1])


def _because(one: Placed) -> str:
    gains = _gains(one)
    whole = sum(gain for _, gain in gains)
    if not whole:
        return "Nothing in your words speaks for it."
    reasons = [_reason(one, name) for name, gain in gains[:2] if gain >= ALSO * whole]
    start = "Mostly because" if gains[0][1] >= MOSTLY * whole else "Because"
    return f"{start} {', and because '.join(reasons)}."


def _reason(one: Placed, name: str) -> str:
    """The signal as a reason, with the words where it is about words that can be named."""
    said = list(one.matched)
    if name == "name words":
        in_title = {stem(word) for word in words_of(one.title)}
        said = [word for word in said if in_title.intersection(map(stem, words_of(word)))]
    if said and name in ("name words", "body words"):
        return f"its {'title' if name == 'name words' else 'text'} says {_listed(said[:MOST_NAMED])}"
    return _SIGNALS.get(name, _ANOTHER).because


def _parts(one: Placed) -> list[str]:
    gains = _gains(one)
    whole = sum(gain for _, gain in gains)
    if not whole:
        return []
    hundredths = _hundredths([gain / whole for _, gain in gains])
    named = [
        f"{part}% {_SIGNALS.get(name, _ANOTHER).counted}"
        for (name, _), part in zip(gains, hundredths, strict=True)
        if part
    ]
    told = [f"What counted: {_listed(named)}."]
    lost = -one.shares.get(CONSTRAINTS, 0.0) / whole
    if lost > TELLING:
        why = "; ".join(one.misses) or "it leaves open something that you asked besides"
        told.append(f"It lost {round(100 * lost)}% of that for this: {why}.")
    return told


def _hundredths(parts: Sequence[float]) -> list[int]:
    """The parts in whole hundredths that sum to a hundred: those cut the most are rounded up."""
    cut = [int(100 * part) for part in parts]
    order = sorted(range(len(parts)), key=lambda place: cut[place] - 100 * parts[place])
    for place in order[: 100 - sum(cut)]:
        cut[place] += 1
    return cut


def _above(this: Placed, following: Placed) -> tuple[str]:
    if this.score - following.score < EQUAL:
        return ("The next one came out equal, so these two stand in the order of their numbers.",)
    names = dict.fromkeys((*this.shares, *following.shares))
    ahead = {name: this.shares.get(name, 0.0) - following.shares.get(name, 0.0) for name in names}
    best = max(ahead, key=lambda name: ahead[name])
    return (f"It stands above the next one mostly because {_SIGNALS.get(best, _ANOTHER).above}.",)


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
