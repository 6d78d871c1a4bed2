"""Trade slang, tickets and abbreviations, and what they mean in the words offers use."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from skillsmatch.matching.words import content_words, words_of

SLANG_FILE = Path(__file__).with_name("slang.txt")
LONGEST_ENTRY = 4  # words


class SlangError(ValueError):
    """A line of the slang file cannot be read; the message names the line."""


Phrases = tuple[tuple[str, ...], ...]


@lru_cache(maxsize=1)
def slang_table() -> dict[tuple[str, ...], Phrases]:
    """Each entry's folded words, and the phrases that offers use for it, each as its content words.

    A line reads `sparky, sparks = electrician, electrical installation`; a line that starts with # is a remark.
    """
    table: dict[tuple[str, ...], Phrases] = {}
    for number, line in enumerate(SLANG_FILE.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        said, equals, meant = line.partition("=")
        keys = [tuple(words_of(key)) for key in said.split(",")]
        phrases = tuple(phrase for told in meant.split(",") if (phrase := tuple(content_words(told))))
        if not equals or not phrases or not all(0 < len(key) <= LONGEST_ENTRY for key in keys):
            raise SlangError(
                f"{SLANG_FILE.name}, line {number}: write WORDS, WORDS = MEANING; up to four words each"
            )
        for key in keys:
            table[key] = tuple(dict.fromkeys((*table.get(key, ()), *phrases)))
    return table


def longest_entry(words: Sequence[str]) -> int:
    """How many of the words, from the first on, make the longest entry; 0 where none does."""
    table = slang_table()
    for length in range(min(entry_beginnings().get(words[0], 0) if words else 0, len(words)), 0, -1):
        if tuple(words[:length]) in table:
            return length
    return 0


@lru_cache(maxsize=1)
def entry_beginnings() -> dict[str, int]:
    """How many words the longest entry has that begins with a word; most words begin none."""
    longest: dict[str, int] = {}
    for key in slang_table():
        longest[key[0]] = max(len(key), longest.get(key[0], 0))
    return longest


def phrases_for(words: tuple[str, ...]) -> Phrases:
    """The phrases an entry stands for; empty where it is no entry."""
    return slang_table().get(words, ())


def meanings(words: tuple[str, ...]) -> tuple[str, ...]:
    """Every word of the phrases an entry stands for, once."""
    return tuple(dict.fromkeys(word for phrase in phrases_for(words) for word in phrase))
