"""What was understood in an employer's text: its needs, and what it says about people, place and time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skillsmatch.matching import quantities
from skillsmatch.matching.slang import entry_beginnings
from skillsmatch.matching.splitting import split_needs
from skillsmatch.matching.topics import TopicOf
from skillsmatch.matching.wording import skill_words
from skillsmatch.matching.words import LONGEST_TEXT, STOP_WORDS, words_of


@dataclass(frozen=True, slots=True)
class FacetReading:
    """One skill need inside a text."""

    text: str
    people: int | None
    level: int | None
    kind_hint: str | None  # such as "apprenticeship" where they say apprentice


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood in a whole text. None and empty mean that it does not say."""

    facets: tuple[FacetReading, ...]
    people: int | None
    postcode: str | None
    place: str | None
    level: int | None
    modes: frozenset[str]
    attendance: frozenset[str]
    when: str | None  # now, 6-months, 1-year or 3-years
    who_for: str | None  # present, new or both
    readable: bool  # False for noise, another language, or nothing but signs
    max_km: float | None
    budget: float | None


_EMAIL = re.compile(r"\S+@\S+\.\w+")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.I)
_PHONE = re.compile(r"(?<!\w)(?:\+44\s?|0)\d(?:[\s-]?\d){8,10}(?!\w)")
_EMPTY_BRACKETS = re.compile(r"\(\s*[,;\s]*\)")
# Names are told by their company: in brackets beside an e-mail address or a number.
_CONTACT = re.compile(r"\([^()]*(?:\S+@\S+\.\w+|(?:\+44\s?|0)\d(?:[\s-]?\d){8,10})[^()]*\)")
_ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
)  # of the keyboard; fingers run along them where nobody means anything
KEYS = 4  # letters; a shorter run of keys, or a shorter word without a vowel, may be a name
_FOREIGN = frozenset(
    """
    der die das und ist nicht wir ein eine suchen brauchen für mit auf le la les des est une nous avons besoin pour
    dans avec et el los las una para con por nuestro necesitamos que del il gli che di per abbiamo bisogno sono jest
    nie się potrzebujemy na dla szukamy pracowników oraz este sunt pentru avem nevoie de și un în noi precisamos nós
    uma não os em você
    """.split()
)


def read_need(text: str, places: Sequence[str] = (), topic_of: TopicOf | None = None) -> Reading:
    """What the text asks for. The first 4,000 characters are read.

    Text that is not blank always gives a facet. E-mail addresses, links and telephone numbers are in none.
    `topic_of` names what a fragment is about where it is sure; neighbours in a list with other topics are
    then separate needs.
    """
    told = _without_contacts(text[:LONGEST_TEXT])
    clauses = split_needs(told, topic_of) if told.strip() else []
    facets = [facet_of(clause, places) for clause in clauses]
    if not facets and text.strip():
        facets = [FacetReading(" ".join(text[:LONGEST_TEXT].split())[:80], None, None, None)]
    flat = " ".join(told.split())
    return Reading(
        facets=tuple(facets),
        people=_people(facets, flat),
        postcode=quantities.read_postcode(flat),
        place=quantities.read_place(flat, places),
        level=quantities.read_level(flat),
        modes=quantities.read_modes(flat),
        attendance=quantities.read_attendance(flat),
        when=quantities.read_when(flat),
        who_for=quantities.read_who_for(flat),
        readable=is_readable(told),
        max_km=quantities.read_distance(flat),
        budget=quantities.read_budget(flat),
    )


def _people(facets: Sequence[FacetReading], whole: str) -> int | None:
    """People in all: the facets' counts together, else the number that the whole text names."""
    counts = [facet.people for facet in facets if facet.people]
    return sum(counts) if counts else quantities.read_people(whole)


def _without_contacts(text: str) -> str:
    rest = _CONTACT.sub(" ", text)
    rest = _LINK.sub(" ", _EMAIL.sub(" ", rest))
    return _EMPTY_BRACKETS.sub(" ", _PHONE.sub(" ", rest))


def facet_of(clause: str, places: Sequence[str] = ()) -> FacetReading:
    """One clause as a facet, without splitting it."""
    return FacetReading(
        skill_words(clause, places),
        quantities.read_people(clause),
        quantities.read_level(clause),
        quantities.read_kind(clause),
    )


def is_readable(text: str) -> bool:
    """Whether the text can be English: letters of our alphabet, words with vowels, no run of foreign words."""
    letters = [letter for letter in text if letter.isalpha()]
    if not letters:
        return False
    if sum(letter.isascii() for letter in letters) < 0.7 * len(letters):
        return False
    words = words_of(text)
    plain = [word for word in words if word.isalpha()]
    if not plain:
        return False
    capitals = {word.lower() for word in re.findall(r"[A-Z]+", text)}
    likely = sum(_likely(word, word in capitals) for word in plain)
    if likely < 0.5 * len(plain):
        return False
    raw = [word.strip(".,;:!?").lower() for word in text.split()]
    foreign = [word for word in raw if word in _FOREIGN]
    english = sum(word in STOP_WORDS for word in words)
    # Two different ones, because "die casting and die setting" is a trade.
    return not (len(set(foreign)) >= 2 and len(foreign) > english and len(foreign) >= 0.15 * len(raw))


def _likely(word: str, capitals: bool) -> bool:
    """Whether letters stand together as in English words or in the short names of trades (AAT, COSHH)."""
    if len(word) >= KEYS and any(word in row or word in row[::-1] for row in _ROWS):
        return False
    if len(word) <= 5:
        named = capitals or len(word) < KEYS or word in entry_beginnings()
        return len(word) <= 2 or (len(set(word)) > 1 and (named or _has_vowel(word)))
    return _has_vowel(word) and not re.search(r"[^aeiouy]{6,}|(.)\1\1", word) and len(word) < 30


def _has_vowel(word: str) -> bool:
    return any(letter in "aeiouy" for letter in word)
