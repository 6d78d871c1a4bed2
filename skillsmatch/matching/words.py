"""How the engine reads text: the same folding, words and stems for offers and for needs."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST_TEXT = 4000  # characters of a need that are read; more is noise, not detail
LONGEST_WORD = 30  # characters kept of one word, so that a wall of letters stays cheap

# "c++" and "c#" are skills; so are "18th", "d1" and "3d", which is why digits stay inside words.
_WORD = re.compile(r"c\+\+|[cf]#|\.net\b|[a-z0-9]+")
_POSSESSIVE = re.compile(r"['’]s\b")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’](?=[a-z])")
_JOINED = re.compile(r"(?<=[a-z]{3})(?=[A-Z][a-z]{3})")

# What a decomposed letter carries: taken off, so that "é" reads as "e".
_ACCENTS = {code: None for code in range(0x0300, 0x3100) if unicodedata.combining(chr(code))}
_VOWELS = frozenset("aeiouy")

STOP_WORDS = frozenset(
    """
    a about after again all also am an and any anyone anything are around as at away back be because been before
    being between both but by can cannot cant could couldnt did didnt do does doesnt doing done dont each either
    else etc even ever every few for from further get gets getting give gives go goes going gone got had has
    hasnt have havent having he her here hers herself him himself his how i id if ill im in into is isnt it its
    itself ive just keep keeps kept let lets like lot lots made make makes many may me might mine more most much
    must my myself need needed needing needs neither no nobody nor not nothing now of off ok on once one ones
    only or other others our ours out over own per please put puts quite rather re really same say says see she
    should shouldnt so some somebody someone something soon still such sure than thank thanks that thats the
    their theirs them themselves then there theres these they theyre theyve thing things this those though
    through till to too two under until up upon us use used uses using very via want wanted wanting wants was
    wasnt way we well went were weve werent what whats when where whether which while who whole whom whose why
    will with within without wont would wouldnt yes yet you youd youll your youre yours yourself
    hi hello hiya dear regards cheers ta asap
    """.split()
)


def fold(text: str) -> str:
    """The text in lower-case letters without accents, possessives or apostrophes."""
    plain = text
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text).translate(_ACCENTS)
    plain = _POSSESSIVE.sub("", plain.lower())
    return _APOSTROPHE.sub("", plain)


def words_of(text: str) -> list[str]:
    """Every word of the text, folded, in order, stop words included."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(fold(text))]


def content_words(text: str) -> list[str]:
    """The words that carry meaning, folded, in order."""
    return [word for word in words_of(text) if word not in STOP_WORDS]


def part_joined_words(text: str) -> str:
    """The text with words that lost the space between them parted: "ClerkCashier" is two words."""
    return _JOINED.sub(" ", text)


def _without_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _rejoined(root: str) -> str:
    """A root after its ending was cut: doubled letters made single, a short root given back its e."""
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "ls":
        return root[:-1]
    if len(root) == 3 and root[-1] not in _VOWELS and root[-2] in _VOWELS and root[0] not in _VOWELS:
        return root + "e"
    return root


_AGENT_ENDINGS = ("ing", "ed", "er", "or")
_NOUN_ENDINGS = (
    "ations", "ation", "ators", "ator", "ement", "ment", "ancy", "ance", "ant", "ically", "ist", "ly",
)  # fmt: skip
_OWN_ROOTS = ("fabricat",)  # metal fabrication shares nothing with fabric


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """A root shared by a word's forms: weld for welder, welders, welding and welded.

    It is cruder than a dictionary; letter n-grams catch what it parts wrongly.
    """
    if len(word) <= 3 or not word.isalpha():
        return word
    for own in _OWN_ROOTS:
        if word.startswith(own):
            return own
    root = _without_endings(_without_plural(word))
    if root.endswith("ical") and len(root) > 6:
        root = root[:-2]
    if len(root) > 4 and root[-1] == "e":
        root = root[:-1]
    if root.endswith("at") and len(root) > 5:
        root = root[:-2]
    if len(root) > 3 and root[-1] == "y" and root[-2] not in _VOWELS:
        root = root[:-1] + "i"
    return root


def _without_endings(root: str) -> str:
    for ending in _NOUN_ENDINGS:
        if root.endswith(ending) and len(root) - len(ending) >= 4:
            return root[: -len(ending)]
    for ending in _AGENT_ENDINGS:
        cut = root[: -len(ending)]
        if root.endswith(ending) and len(cut) >= 3 and any(letter in _VOWELS for letter in cut):
            # Again, because engineering is what an engineer does, and plastering what a plasterer does.
            return _without_endings(_rejoined(cut))
    return root
