"""Lists parted by meaning: members surely about different things are separate needs."""

from __future__ import annotations

import re
from collections.abc import Callable

from skillsmatch.matching.slang import longest_entry
from skillsmatch.matching.wording import is_wish, without_lead
from skillsmatch.matching.words import words_of

TopicOf = Callable[[str], str | None]  # the theme of a fragment where it is sure of one, else None

MOST_ASKED = 24  # fragments of one clause whose topic is asked; a longer list is no list of needs
LONG_ENOUGH = 5  # letters of a word of a known pair in which one slip is forgiven
KEYWORDS = 4  # a list as long as this, some of its members vague, is words around one job

_LIST = re.compile(
    r"\s*(?:,\s*(?:and|plus|&)?|;|\s\+|\s/|\s[-–]|\s&|\band\b|\bplus\b|\bas\s+well\s+as\b)\s+", re.I
)
# From here on a clause tells what one need covers, or why, or what one person is to do.
_NO_LIST = re.compile(
    r"\b(?:cover(?:s|ing)?|includ(?:es|ing)|such\s+as|in\s+particular|especially|dealing\s+with|because|since"
    r"|so\s+(?:that|they|he|she|i|we|it)|(?:mostly|mainly)(?!\s*,)|but|which|when|until|before|as\s+they|where)\b",
    re.I,
)
# Somebody who is to do several things is one person to find.
_ONE_PERSON = re.compile(
    r"\b(?:someone|somebody|anyone|person|apprentice|trainee|youngster|lad|lass|one)\s+(?:\w+\s+){0,3}?(?:to|who|that)\s",
    re.I,
)
# Before this a clause tells who asks and why.
_ASKING = re.compile(
    r"\b(?:needs?|wants?|require|looking|interested|struggl\w+|(?:would|[’']d)\s+(?:also\s+)?like)\b(?=\s+\w)",
    re.I,
)
_SOMEBODY = re.compile(r"(?:some|any)\s?(?:one|body)\b", re.I)
_FOR = re.compile(r"\bfor\s", re.I)
# A member with one of these is part of a sentence, not a name in a list.
_SENTENCE = re.compile(
    r"^(?:to|so|how|what|why|then|not|never|need|want|get|be)\b|\b(?:can|cannot|could|they|them|their|it|its|he|him|his|she|her"
    r"|who|that|this|is|are|was|were|has|have|had|would|will|do|does|did|don['’]?t|can['’]?t|won['’]?t|we|us|our|i|me|my)\b",
    re.I,
)
# "Electrical and mechanical fitter" is one fitter: the first word waits for the last.
_WAITING = re.compile(r"\b(?!retail|manual)\w+(?:al|ic|ive|ary)$", re.I)
_SHARED_HEAD = re.compile(
    r"\b(?:manager|supervisor|assistant|apprentice|technician|engineer|operative|coordinator|administrator|officer"
    r"|director|leader|worker|clerk|executive|advis[eo]r)s?$",
    re.I,
)
_TELLS = re.compile(
    r"\b(?:can|cannot|could|is|are|was|were|has|have|had|would|will|do|does|did|don['’]?t|can['’]?t|won['’]?t)\b",
    re.I,
)
# Pairs that name one thing in the words of work and of colleges.
_PAIRS = """
    arts and crafts, bed and breakfast, care and support, design and build, design and manufacture, design and print,
    design and technology, electrical and mechanical, equality and diversity, food and beverage, food and drink,
    fruit and veg, goods and services, hair and beauty, health and safety, health and social, heating and plumbing,
    hospitality and catering, housing and property, import and export, installation and maintenance,
    leadership and management, learning and development, plant and machinery, plumbing and heating, profit and loss,
    repair and maintenance, research and development, safety and health, sales and marketing, science and technology,
    service and repair, sport and leisure, sports and leisure, supply and demand, travel and tourism,
    warehouse and distribution, warehousing and distribution, warehousing and logistics
"""
_TOGETHER = frozenset(tuple(pair.split()) for pair in _PAIRS.split(","))


def parted_by_topic(clause: str, topic_of: TopicOf) -> list[str]:
    """The clause parted between neighbours of a list that are surely about different things, else whole.

    Members with the same topic, or with none that is sure, stay together.
    """
    joins = _joins(clause)
    if not joins or len(joins) >= MOST_ASKED:
        return [clause]
    ends = [*(join.start() for join in joins), len(clause)]
    starts = [0, *(join.end() for join in joins)]
    members = [clause[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    topics = [_topic(member, topic_of) for member in members]
    named = [topic for member, topic in zip(members, topics, strict=True) if not is_wish(member)]
    asked = _ASKING.search(clause) or _TELLS.search(clause)
    if len(named) >= KEYWORDS and None in named and not asked:
        return [clause]
    parts, begun, current = [], 0, topics[0]
    for place in range(1, len(members)):
        if topics[place] is None or topics[place] == current:
            continue
        if current is None or _one_thing(members[place - 1], clause[begun : ends[place - 1]], members[place]):
            current = topics[place] if current is None else current
            continue
        parts.append(clause[begun : ends[place - 1]])
        begun, current = starts[place], topics[place]
    return [*parts, clause[begun:]]


def _joins(clause: str) -> list[re.Match[str]]:
    """Where a list may be parted: after the asking words, before it is told what one need covers."""
    first = match.start() if (match := _ASKING.search(clause)) else 0
    last = match.start() if (match := _NO_LIST.search(clause)) else len(clause)
    person = match.start() if (match := _ONE_PERSON.search(clause)) else len(clause)
    return [
        match
        for match in _LIST.finditer(clause)
        if first < match.start()
        and match.end() < last
        and match.end() <= person
        and not is_pair(clause[: match.start()], clause[match.end() :])
    ]


def _topic(member: str, topic_of: TopicOf) -> str | None:
    """What the member is about, by the words before "for": whom it is for says less."""
    told = without_lead(member)
    if _FOR.match(told) or is_wish(told):
        return None
    skill = _FOR.split(told, maxsplit=1)[0]
    return topic_of(skill if skill.strip() else told) if told.strip() else None


def _one_thing(left: str, before: str, right: str) -> bool:
    """Whether the right member belongs to the left one whatever each is about alone."""
    named = _FOR.split(right, maxsplit=1)[0]
    if (_SENTENCE.search(named) and not _SOMEBODY.match(named)) or _WAITING.search(left):
        return True
    if _TELLS.search(left) and not _ASKING.search(left):
        return True
    if _SHARED_HEAD.search(right) and len(left.split()) == 1 and not re.match(r"an?\s", right, re.I):
        return True
    # "Forklift training for drivers and warehouse staff": a list of people, not of needs.
    return bool(_FOR.search(before)) and not _FOR.search(right) and _is_people(right)


def is_pair(left: str, right: str) -> bool:
    """Whether left and right, joined by "and", hold the name of one thing, such as "health and safety"."""
    before, after = words_of(left)[-2:], words_of(right)[:2]
    if not before or not after:
        return False
    if any(_is_word(before[-1], left) and _is_word(after[0], right) for left, _, right in _TOGETHER):
        return True
    words = [*before, "and", *after]
    return any(longest_entry(words[place:]) > len(before) - place for place in range(len(before)))


def _is_word(typed: str, word: str) -> bool:
    """Whether the word was typed, in a long one with a slip of the keyboard at most."""
    if typed == word or len(word) < LONG_ENOUGH or typed[0] != word[0]:
        return typed == word
    from rapidfuzz.distance import OSA

    return OSA.distance(typed, word, score_cutoff=1) <= 1


def _is_people(member: str) -> bool:
    return bool(
        re.search(
            r"\b(?:staff|team|people|managers|supervisors|drivers|assistants|leaders|starters|owners|\w+ers|\w+ors)$",
            member,
            re.I,
        )
    )
