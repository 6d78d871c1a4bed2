"""The weights of the signals and of the strength, read from the file that carries their figures."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

WEIGHTS_FILE = Path(__file__).with_name("weights.json")


LONG = 16  # different words that name something; a need with as many or more is a long one


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each signal counts, and how scores become a strength."""

    signals: Mapping[str, Mapping[str, float]]  # for each signal its weight in a "short" and in a "long" need
    strength: Mapping[str, float]
    version: str  # "1-" and a hash of the numbers, so that a stored match says what ordered it

    @classmethod
    def of(cls, read: Mapping[str, Any]) -> Weights:
        """The weights of a read file; keys other than signals and strength are remarks."""
        signals = {name: dict(each) for name, each in read["signals"].items()}
        numbers = {"signals": signals, "strength": dict(read["strength"])}
        told = json.dumps(numbers, sort_keys=True).encode()
        return cls(signals, numbers["strength"], "1-" + hashlib.sha256(told).hexdigest()[:10])

    def for_need(self, words: int) -> dict[str, float]:
        """How much each signal counts in a need with so many different words that name something.

        A few words are best met by meaning and letters; where many are given, which of them an offer says tells more.
        """
        share = min(1.0, math.log(max(words, 1)) / math.log(LONG))
        return {
            name: (1.0 - share) * each["short"] + share * each["long"] for name, each in self.signals.items()
        }


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """The weights that come with the package."""
    return Weights.of(json.loads(WEIGHTS_FILE.read_text(encoding="utf-8")))
