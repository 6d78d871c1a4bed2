"""Signs that a number deserves a second look: the same words from several employers, and a sudden rise."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

SAME_FROM = 95.0  # RapidFuzz ratio, 0 to 100; from here two texts are the same but for a few letters
LONG_ENOUGH = 40  # characters; shorter words are often the same by chance
MOST_COMPARED = 1_000  # different texts of one group; half a million pairs, a third of a second
SIGMAS = 3.0  # of a Poisson count: one quarter in about 700 rises so far by chance


def near_duplicates(said: Iterable[tuple[int, str]]) -> int:
    """How many employers sent words that another employer sent as well; 0 is as it should be.

    `said` is the employer's key and the whole text of a need. Only texts of LONG_ENOUGH characters are compared, and
    beyond MOST_COMPARED different ones only those that are the same but for case and signs.
    """
    from rapidfuzz import fuzz, process, utils

    who: dict[str, set[int]] = defaultdict(set)
    for key, text in said:
        plain = " ".join(text.split())
        if len(plain) >= LONG_ENOUGH:
            who[utils.default_process(plain)].add(key)
    found = {key for keys in who.values() if len(keys) > 1 for key in keys}
    texts = sorted(who)[:MOST_COMPARED]
    if len(set().union(*who.values())) < 2:
        return 0
    alike = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=SAME_FROM)
    for left, row in enumerate(alike):
        for right in row.nonzero()[0].tolist():
            one, other = who[texts[left]], who[texts[right]]
            if len(one | other) > 1 and left != right:
                found |= one | other
    return len(found)


def is_surge(now: int, before: int) -> bool:
    """True where `now` lies more than SIGMAS standard deviations above a Poisson count of mean `before`."""
    return now > before + SIGMAS * math.sqrt(max(before, 1))
