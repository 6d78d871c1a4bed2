"""Letter n-grams of words, packed into whole numbers so that an index of them is one sorted array."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SHORTEST = 3  # letters in an n-gram, the space before and after a word included
LONGEST = 5

_BASE = 41  # 26 letters, 10 digits, the edge of a word, and room for signs; 41**5 fits in 32 bits
_EDGE = 37
_OTHER = 40
_CODES = {letter: code for code, letter in enumerate("abcdefghijklmnopqrstuvwxyz0123456789", start=1)}
_CODES |= {"+": 38, "#": 39}


@lru_cache(maxsize=100_000)
def grams_of(word: str) -> tuple[int, ...]:
    """The packed n-grams of one folded word with its edges, repeats kept."""
    codes = [_EDGE, *(_CODES.get(letter, _OTHER) for letter in word), _EDGE]
    packed: list[int] = []
    for start in range(len(codes)):
        value = 0
        for length, code in enumerate(codes[start : start + LONGEST], start=1):
            value = value * _BASE + code
            if length >= SHORTEST:
                packed.append(value)
    return tuple(packed)


@lru_cache(maxsize=20_000)
def grams_in(word: str) -> NDArray[np.int32]:
    """The same as an array."""
    return np.asarray(grams_of(word), dtype=np.int32)
