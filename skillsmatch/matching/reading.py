"""What was understood in an employer's text: its needs, and what it says about people, place and time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skillsmatch.matching import quantities
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
    likely = sum(_likely(word) for word in plain)
    if likely < 0.5 * len(plain):
        return False
    raw = [word.strip(".,;:!?").lower() for word in text.split()]
    foreign = sum(word in _FOREIGN for word in raw)
    english = sum(word in STOP_WORDS for word in words)
    return not (foreign >= 2 and foreign > english and foreign >= 0.15 * len(raw))


def _likely(word: str) -> bool:
    """Whether letters stand together as in English words or in the short capitals of trades (AAT, COSHH)."""
    if len(word) <= 5:
        return len(set(word)) > 1 or len(word) <= 2
    return (
        bool(re.search(r"[aeiouy]", word))
        and not re.search(r"[^aeiouy]{6,}|(.)\1\1", word)
        and len(word) < 30
    )
