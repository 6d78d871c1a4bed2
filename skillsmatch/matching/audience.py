"""Which part of a need names the skill: who is to learn it, who asks and why stand before or after it."""

from __future__ import annotations

import re
from functools import lru_cache

from skillsmatch.matching.words import STOP_WORDS, words_of

FURTHEST = (
    120  # characters before the asking word, and of what is looked through; then begins another thought
)

_NUMBER = r"\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a\s+couple\s+of|a\s+few"
_PEOPLE = (
    r"staff|team|teams|people|workers|employees|managers|supervisors|drivers|operatives|starters|leaders|lads|girls"
    r"|apprentices|beginners|adults|carers|technicians|engineers|assistants|admin"
)
# Whoever stands before this asks, or is to learn: "our porters need help with English".
_ASKING = re.compile(
    r"\b(?:need(?:s|ing)?|want(?:s|ing)?|requires?|looking(?=\s+(?:for|to))|(?:would|['’]d)\s+(?:also\s+)?(?:like|love)"
    r"|struggl(?:es?|ing))"
    r"\s+(?:to\s+(?:be\s+|become\s+|get\s+|learn\s+|know\s+)?|for\s+|with\s+|some\s+)?(?:help\s+(?:with|on)\s+)?",
    re.I,
)
# After this comes whom it is for, or why.
_FOR_WHOM = re.compile(
    rf"(?<!looking )\bfor\s+(?:our|my|the|all|some|any|those|everyone|an?|new|(?:{_NUMBER})\b"
    rf"|(?:[\w'’-]+\s+){{0,2}}(?:{_PEOPLE})\b)"
    r"|\b(?:because|before|but|if|since|when|whose|whom|who['’]s|rather\s+than|instead\s+of|not\s+(?:just|only))\b"
    r"|\bso\s+(?:that|they|he|she|i|we|it)\b"
    r"|\bas\s+(?:we|they|it|most|nobody|our|many|the\s+(?:[\w'’-]+\s+){1,2}(?:is|are|has|have|runs?|was|were)\b)"
    r"|\b(?:who|that)\s+(?:is|are|has|have|already|all|now)\b",
    re.I,
)

_NOBODY = frozenset(
    "youngster youngsters apprentice apprentices trainee trainees junior starter trade teach taught".split()
)


def skill_span(text: str) -> tuple[int, int]:
    """Where the words that name the skill begin and end in the text; all of it where that cannot be told."""
    whom = _FOR_WHOM.search(text)
    if whom and not _names(text[: whom.start()]):
        whom = None
    asking = _ASKING.search(text, 1, whom.start() if whom else FURTHEST)
    begin = asking.end() if asking and _names(text[asking.end() :]) else 0
    whom = _FOR_WHOM.search(text, begin)
    if whom and _names(text[begin : whom.start()]):
        return begin, whom.start()
    return begin, len(text)


def _names(text: str) -> bool:
    """Whether the words name something; the first few tell."""
    empty = _empty()
    return any(word not in empty and not word.isdigit() for word in words_of(text[:FURTHEST]))


@lru_cache(maxsize=1)
def _empty() -> frozenset[str]:
    from skillsmatch.matching.understanding import CHAT_WORDS, GENERIC_WORDS

    return STOP_WORDS | GENERIC_WORDS | CHAT_WORDS | _NOBODY
