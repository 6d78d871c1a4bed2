"""What a facet's words mean to the engine: as typed, corrected, and put in the words offers use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from skillsmatch.matching.audience import skill_span
from skillsmatch.matching.slang import LONGEST_ENTRY, Phrases, entry_beginnings, longest_entry, phrases_for
from skillsmatch.matching.spelling import Speller
from skillsmatch.matching.words import LONGEST_TEXT, STOP_WORDS, part_joined_words, stem, words_of

# Words that nearly every need uses, so they say little about which skill is meant.
GENERIC_WORDS = frozenset(
    """
    course courses training trained train trainee learn learning lesson lessons class classes workshop workshops
    qualification qualifications qualified certificate certificates cert certified accredited programme programmes
    staff team teams people person employee employees worker workers lad lads lass lasses girl girls guy guys
    company firm business job jobs work working workplace skill skills basic basics level levels beginner
    intermediate advanced refresher introduction help support understand understanding know knowledge
    """.split()
)

# Words of conversation: they tell of the firm, its day and its worries more often than of a skill.
CHAT_WORDS = frozenset(
    """
    able actually almost already alright anyway area ask asked asking bad basically best better big bit bits bloody
    bother bring brought bunch busy came chance come comes coming couple currently day days decent difficult done
    easier easy ended end enough example expensive fairly feel fella fellas few find finding fine found fortune full
    fussy girl good gone great group guess half happen happy hard help helpful here hope hoping hour hours huge idea
    ideal ideally independent keen kind kinda know known knows large last late least left less little live local
    locally long look looked looking loads lost love main mainly manage mate maybe mean means mind moment money month
    months morning mostly near nearly new next nice night nobody number obviously old older ones onto ourselves paid
    part pay people perhaps pick picked place plenty poss possible possibly prefer preferably pretty probably problem
    problems proper properly quick quickly quite ready realise reason right round run running school second seem
    seems self send set short shocking side small soon sort spare start started starting stay struggle struggling
    stuck stuff suitable sure take taken taking talk talking tell term thing think thinking third thought three time
    times today tried try trying turn turned type usual usually wait walk week weeks went wish wonder wondering worried
    worry worth wrong year years young younger wife husband son daughter mum dad brother sister nephew niece mate mates
    lady ladies bloke blokes gang bunch boss
    one two three four five six seven eight nine ten dozen first
    """.split()
) - frozenset({"first", "school", "group", "manage", "young", "hard"})

# Words that say little of which skill is meant: an offer that has them is no better a match for it.
NO_REASON = (
    GENERIC_WORDS
    | CHAT_WORDS
    | frozenset("ticket tickets licence licences license card cards award awards session refreshers".split())
)
NO_REASON_ROOTS = frozenset(map(stem, NO_REASON))

OWN_WORD = 1.0  # what one typed word weighs
GENERIC_WEIGHT = 0.7  # a word that nearly every need uses
CHAT_WEIGHT = 0.5  # a word of conversation
CORRECTED_WEIGHT = 0.9  # a corrected word: nearly, but not quite, what was typed
ASIDE_WEIGHT = 0.4  # times all that, for words that tell who asks, who is to learn or why
MEANING_WEIGHT = 0.5  # each word that the slang table adds; 0.25 to 0.75 measured within 0.004 of it


@dataclass(frozen=True, slots=True)
class Way:
    """One way of saying a unit: its roots, and how it is shown to the employer, such as "sparky (electrician)"."""

    roots: frozenset[str]
    shown: str
    words: str  # folded, spaces between
    typed: bool  # the employer's own words, a correction included


@dataclass(frozen=True, slots=True)
class Unit:
    """One word or phrase of the need, and every way an offer may say it."""

    typed: str  # as typed, a correction in brackets
    words: tuple[tuple[str, float], ...]  # folded words and their weights
    meanings: tuple[tuple[str, float], ...]  # words of other ways of saying it, and theirs
    generic: bool
    ways: tuple[Way, ...]  # the typed words first; an offer with one of them has met the unit
    parts: tuple[
        tuple[str, str], ...
    ]  # each typed word that may be a reason and its root, for an offer with only some
    tells: bool  # whether the typed words, all of them held, are a reason
    roots: frozenset[str]  # of everything; an offer with none of them has nothing of the unit
    aside: bool = False  # it tells who asks, who is to learn or why, not what


def _unit(
    typed: str,
    spans: Sequence[tuple[str, str]],
    weight: float,
    slang: Phrases = (),
    generic: bool = False,
) -> Unit:
    """A unit of (typed, folded) words, with the phrases that the slang table has for them."""
    own = dict.fromkeys(word for _, word in spans if word not in STOP_WORDS)
    added = dict.fromkeys(word for phrase in slang for word in phrase if word not in own)
    said = frozenset(map(stem, own))
    bare = typed.partition(" (")[0]
    # "Welder" alone is no way of saying "TIG welding": it says less.
    meant = [(frozenset(map(stem, phrase)), phrase) for phrase in slang]
    ways = (
        Way(said, typed, " ".join(own), True),
        *(
            Way(way, f"{bare} ({' '.join(phrase)})", " ".join(phrase), False)
            for way, phrase in meant
            if not way <= said
        ),
    )
    parts = tuple((each, stem(word)) for each, word in spans if word not in STOP_WORDS)
    return Unit(
        typed,
        tuple((word, weight) for word in own),
        tuple((word, MEANING_WEIGHT * weight) for word in added),
        generic,
        tuple(way for way in ways if way.roots),
        tuple(part for part in parts if not is_no_reason(part[0])),
        not all(is_no_reason(root) or root in NO_REASON_ROOTS for root in said),
        said.union((root for _, root in parts), *(way.roots for way in ways)),
    )


def is_no_reason(typed: str) -> bool:
    """Whether the word says too little of the skill meant to be a reason."""
    word = typed.lower()
    return word in NO_REASON or not any(letter.isalpha() for letter in word)


_TYPED = re.compile(r"[^\s,;:!?()\[\]\"“”/\\|]+")


def understand(text: str, speller: Speller) -> tuple[Unit, ...]:
    """The units of a facet, in order. Stop words are left out; blank text gives none."""
    told = part_joined_words(text[:LONGEST_TEXT])
    begin, end = skill_span(told)
    tokens = _tokens(told)
    words = [word for _, word, _ in tokens]
    known = dict(zip(words, speller.known(words), strict=True))
    slang = entry_beginnings()
    units: list[Unit] = []
    place = 0
    while place < len(tokens):
        typed, word, start = tokens[place]
        taken = longest_entry(words[place : place + LONGEST_ENTRY]) if word in slang else 0
        unit = None
        if taken:
            unit = _slang_unit(tuple((typed, word) for typed, word, _ in tokens[place : place + taken]))
        elif word not in STOP_WORDS:
            plain = known[word] or word in GENERIC_WORDS or word in CHAT_WORDS
            unit = _plain_unit(typed, word, () if plain else speller.correction(word))
        if unit is not None:
            units.append(unit if begin <= start < end else _beside(unit))
        place += max(taken, 1)
    return tuple(units)


@lru_cache(maxsize=5_000)
def _beside(unit: Unit) -> Unit:
    """The unit as one that tells who asks, who is to learn or why."""
    return replace(
        unit,
        words=tuple((word, ASIDE_WEIGHT * weight) for word, weight in unit.words),
        meanings=tuple((word, ASIDE_WEIGHT * weight) for word, weight in unit.meanings),
        aside=True,
    )


def _tokens(text: str) -> list[tuple[str, str, int]]:
    """Each word as typed, folded, and where it stands; a typed word that holds several ("on-site") gives several."""
    return [
        (typed, word, found.start())
        for found in _TYPED.finditer(text)
        for typed, word in _folded(found.group())
    ]


@lru_cache(maxsize=20_000)
def _folded(typed: str) -> tuple[tuple[str, str], ...]:
    folded = words_of(typed)
    typed = typed.strip(".'’-–*•")
    return tuple((typed if len(folded) == 1 else word, word) for word in folded)


@lru_cache(maxsize=2_000)
def _slang_unit(span: tuple[tuple[str, str], ...]) -> Unit:
    said = " ".join(typed for typed, _ in span)
    return _unit(said, span, OWN_WORD, phrases_for(tuple(word for _, word in span)))


@lru_cache(maxsize=20_000)
def _plain_unit(typed: str, word: str, corrected: tuple[str, ...]) -> Unit:
    if word in GENERIC_WORDS:
        return _unit(typed, [(typed, word)], GENERIC_WEIGHT, generic=True)
    if word in CHAT_WORDS:
        return _unit(typed, [(typed, word)], CHAT_WEIGHT, generic=True)
    if not corrected:
        return _unit(typed, [(typed, word)], OWN_WORD)
    shown = f"{typed} ({' '.join(corrected)})"
    if corrected[0] in GENERIC_WORDS:
        return _unit(shown, [(shown, corrected[0])], GENERIC_WEIGHT, generic=True)
    return _unit(shown, [(shown, part) for part in corrected], CORRECTED_WEIGHT, phrases_for(corrected))


def words_named(units: Sequence[Unit]) -> int:
    """How many different words of the units name something, beyond the words that every need uses."""
    return len({stem(word) for unit in units if not unit.generic for word, _ in unit.words})
