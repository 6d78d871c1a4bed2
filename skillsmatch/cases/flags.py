"""Signs that a number deserves a second look: the same words from several employers, and a sudden rise."""

from __future__ import annotations

import math
from collections.abc import Sequence

SAME_FROM = 95.0  # RapidFuzz ratio, 0 to 100; from here two texts are the same but for a few letters
LONG_ENOUGH = 40  # characters; shorter words are often the same by chance
MOST_COMPARED = 400  # texts of one group; 80,000 pairs
SIGMAS = 3.0  # of a Poisson count: one quarter in about 700 rises so far by chance


def near_duplicates(said: Sequence[tuple[int, str]]) -> int:
    """How many employers sent words that another employer sent as well; 0 is as it should be.

    `said` is the employer's key and the whole text of a need. Only texts of LONG_ENOUGH characters are compared.
    """
    from rapidfuzz import fuzz, process, utils

    texts = sorted({(key, " ".join(text.split())) for key, text in said if len(text.strip()) >= LONG_ENOUGH})
    texts = texts[:MOST_COMPARED]
    if len({key for key, _ in texts}) < 2:
        return 0
    read = [utils.default_process(text) for _, text in texts]
    alike = process.cdist(read, read, scorer=fuzz.ratio, score_cutoff=SAME_FROM)
    found: set[int] = set()
    for left, row in enumerate(alike):
        for right in row.nonzero()[0].tolist():
            if texts[left][0] != texts[right][0]:
                found |= {texts[left][0], texts[right][0]}
    return len(found)


def is_surge(now: int, before: int) -> bool:
    """True where `now` lies more than SIGMAS standard deviations above a Poisson count of mean `before`."""
    return now > before + SIGMAS * math.sqrt(max(before, 1))
