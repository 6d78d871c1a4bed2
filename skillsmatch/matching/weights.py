"""The weights of the signals and of the strength, read from the file that carries their figures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

WEIGHTS_FILE = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each signal counts, and how scores become a strength."""

    signals: Mapping[str, float]
    strength: Mapping[str, float]
    version: str  # "1-" and a hash of the numbers, so that a stored match says what ordered it

    @classmethod
    def of(cls, read: Mapping[str, Any]) -> Weights:
        """The weights of a read file; keys other than signals and strength are remarks."""
        numbers = {"signals": dict(read["signals"]), "strength": dict(read["strength"])}
        told = json.dumps(numbers, sort_keys=True).encode()
        return cls(numbers["signals"], numbers["strength"], "1-" + hashlib.sha256(told).hexdigest()[:10])


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """The weights that come with the package."""
    return Weights.of(json.loads(WEIGHTS_FILE.read_text(encoding="utf-8")))
