"""Ways of showing a count: ours, and three that are in use elsewhere and must fall to the attacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from skillsmatch.demand.disclosure import RECORD_KEYS, Counted, Rules, noise_table, shown_of

Shown = int | None


@dataclass(frozen=True)
class Method:
    """How a count is shown, and what an attacker who knows the method concludes from what is shown."""

    name: str
    show: Callable[[Counted], Shown]
    frozen: bool  # released once; the others are live, as the services that use them are
    noise: tuple[tuple[int, float], ...] = ((0, 1.0),)  # cell keys that stand for all, with their shares

    @cached_property
    def _chances(self) -> dict[int, dict[Shown, float]]:
        return {}

    def chances(self, employers: int) -> dict[Shown, float]:
        """The probability of each thing that may be shown of so many employers, whose keys nobody knows."""
        known = self._chances
        if employers not in known:
            told: dict[Shown, float] = {}
            for key, share in self.noise:
                shown = self.show(Counted(employers, key))
                told[shown] = told.get(shown, 0.0) + share
            known[employers] = told
        return known[employers]

    @cached_property
    def _spans(self) -> dict[int, dict[Shown, tuple[int, int]]]:
        return {}

    def span(self, shown: Shown, most: int) -> tuple[int, int]:
        """The fewest and the most employers, up to `most`, of whom this may be shown."""
        if most not in self._spans:
            spans: dict[Shown, tuple[int, int]] = {}
            for employers in range(most + 1):
                for seen in self.chances(employers):
                    spans[seen] = (spans.get(seen, (employers, employers))[0], employers)
            self._spans[most] = spans
        return self._spans[most][shown]


def ours(rules: Rules) -> Method:
    """The release's own method with these parameters."""
    table = noise_table(rules.variance, rules.deviation)
    times = Counter(table)
    keys = tuple((table.index(noise), number / RECORD_KEYS) for noise, number in sorted(times.items()))
    return Method("ours", lambda cell: shown_of(cell, rules), True, keys)


RAW = Method("raw", lambda cell: cell.employers, False)
HIDE_UNDER_5 = Method("hide under 5", lambda cell: None if 0 < cell.employers < 5 else cell.employers, False)
ROUND_TO_5 = Method("round to 5", lambda cell: (cell.employers + 2) // 5 * 5, False)
WEAK = (RAW, HIDE_UNDER_5, ROUND_TO_5)
