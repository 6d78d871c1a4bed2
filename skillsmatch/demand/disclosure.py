"""Disclosure control as plain arithmetic: cell-key noise, then a threshold, then rounding.

Nothing here knows a database or an employer. A cell comes in as a count and the sum of its employers' record
keys; out comes the number that may be shown, or None for "fewer than the threshold".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, NamedTuple, TypeVar

Name = TypeVar("Name")

RECORD_KEYS = (
    4096  # keys an employer may have, 0 to 4095: the rows of the noise table (12 bits, as ONS and ABS)
)
WINSOR = 10  # people; the most that one employer adds to a sum, and one step of the sum's noise
DOMINANT = 0.90  # share of a sum; with more in two employers' hands it is not shown (ACRO's nk rule)
P_PERCENT = (
    0.10  # of the largest: what the others must bring at least, or the second could work it out (BRES)
)
BANDS = (10, 25, 50, 100, 250, 500, 1000)  # people; the lower end of each band that is shown
# A sum's noise comes from the cell's key turned into another by this, because the number of employers has the key
# itself: were both the same, a sum that is shown at all would say which way it was moved.
OTHER_KEY = (1103, 2531)  # key -> (key * 1103 + 2531) mod RECORD_KEYS; odd, so no two keys become one


class RulesError(ValueError):
    """Parameters with which nothing can be released; the words say which and why."""


class Counted(NamedTuple):
    """One cell as it was counted. It never leaves the room that counts."""

    employers: int  # distinct
    key: int  # the sum of their record keys modulo RECORD_KEYS


NOBODY = Counted(0, 0)


@dataclass(frozen=True, slots=True)
class Rules:
    """The parameters of a release. The defaults are the method; anything weaker is named on every table."""

    variance: int = 4  # employers squared; noise of about two employers either way
    deviation: int = 5  # employers; the most that noise may add or take away
    threshold: int = 10  # employers; a smaller number is shown as "fewer than 10", as is none at all
    base: int = 5  # employers; what is shown is a multiple of this
    least_employers: int = 50  # distinct in the period; with fewer no release is made
    most_themes: int = 5  # themes of one employer in one quarter; more would let one firm fill a table
    most_offers: int = (
        3  # offers of one provider that one employer counts for in a quarter: each is a cell of its own
    )

    def check(self) -> None:
        """Refuses (RulesError) what cannot be worked with."""
        if min(asdict(self).values()) < 0 or min(self.base, self.most_themes, self.most_offers) < 1:
            raise RulesError(
                "The parameters of a release are whole numbers from 0; base, themes and offers from 1"
            )
        noise_table(self.variance, self.deviation)

    def loosened(self) -> tuple[str, ...]:
        """What protects less than the method does, as sentences for the foot of every table."""
        usual, said = Rules(), []
        if self.variance < usual.variance or self.deviation < usual.deviation:
            said.append(
                f"The noise is weaker than the method asks for: variance {self.variance} and not "
                f"{usual.variance}, at most {self.deviation} and not {usual.deviation}."
            )
        if self.threshold < usual.threshold:
            said.append(f"Numbers are shown from {self.threshold} employers, and not from {usual.threshold}.")
        if self.base < usual.base:
            said.append(f"Numbers are rounded to {self.base}, and not to {usual.base}.")
        if self.least_employers < usual.least_employers:
            said.append(
                f"A release may rest on {self.least_employers} employers, and not on {usual.least_employers}."
            )
        if self.most_themes > usual.most_themes:
            said.append(
                f"An employer may count in {self.most_themes} themes a quarter, and not in {usual.most_themes}."
            )
        if self.most_offers > usual.most_offers:
            said.append(
                f"An employer may count for {self.most_offers} offers of one provider a quarter, and not for "
                f"{usual.most_offers}."
            )
        return tuple(said)


def rules_of(config: Mapping[str, Any]) -> Rules:
    """The rules that the settings ask for. Refused (RulesError) where they cannot be worked with."""
    rules = Rules(
        variance=config["DEMAND_VARIANCE"],
        deviation=config["DEMAND_DEVIATION"],
        threshold=config["DEMAND_THRESHOLD"],
        base=config["DEMAND_BASE"],
        least_employers=config["DEMAND_LEAST_EMPLOYERS"],
        most_themes=config["DEMAND_MOST_THEMES"],
        most_offers=config["DEMAND_MOST_OFFERS"],
    )
    rules.check()
    return rules


@cache
def noise_probabilities(variance: float, deviation: int) -> tuple[float, ...]:
    """Probabilities of the noise from -deviation to +deviation: of all with mean 0 and this variance, the one
    with the most entropy, which tells the least (Marley and Leaver; ONS and ABS choose theirs so).

    Each is exp(-rate * d * d) over their sum; the rate is found by halving. Refused (RulesError) from the
    variance at which every step is as likely as the next, for no noise so bounded varies more.
    """
    if variance == 0 or deviation == 0:
        return tuple(float(d == 0) for d in range(-deviation, deviation + 1))
    even = deviation * (deviation + 1) / 3
    if variance >= even:
        raise RulesError(f"Noise of at most {deviation} cannot have a variance of {variance}; below {even:g}")
    low, high = 0.0, 50.0
    for _ in range(200):
        rate = (low + high) / 2
        low, high = (rate, high) if _variance(_weights(rate, deviation)) > variance else (low, rate)
    return _weights(rate, deviation)


def _weights(rate: float, deviation: int) -> tuple[float, ...]:
    raw = [math.exp(-rate * d * d) for d in range(-deviation, deviation + 1)]
    return tuple(w / sum(raw) for w in raw)


def _variance(weights: tuple[float, ...]) -> float:
    middle = len(weights) // 2
    return sum(w * (d - middle) ** 2 for d, w in enumerate(weights))


@cache
def noise_table(variance: int = 4, deviation: int = 5) -> tuple[int, ...]:
    """The noise of each cell key: RECORD_KEYS whole numbers, as many of each as its probability asks for.

    It is as even to both sides as the probabilities are, so its mean is 0. A cell key is a sum of random keys,
    so the order of the table is of no use to anyone; it is public.
    """
    chances = noise_probabilities(variance, deviation)[deviation + 1 :]  # of +1 to +deviation
    sides = [round(p * RECORD_KEYS) for p in chances]
    table = [d for d, times in enumerate(sides, start=1) for _ in range(times)]
    nothing = [0] * (RECORD_KEYS - 2 * len(table))
    return tuple([-d for d in reversed(table)] + nothing + table)


def perturbed(cell: Counted, rules: Rules) -> int:
    """The count with its noise, never below 0. A cell with nobody in it gets none: it is 0 and stays hidden."""
    if cell.employers == 0:
        return 0
    return max(0, cell.employers + noise_table(rules.variance, rules.deviation)[cell.key])


def shown_of(cell: Counted, rules: Rules) -> int | None:
    """What may be shown of one cell: a multiple of the base, or None for fewer than the threshold."""
    noisy = perturbed(cell, rules)
    if noisy < rules.threshold:
        return None
    return (noisy + rules.base // 2) // rules.base * rules.base


def suppress(cells: Mapping[Name, Counted], rules: Rules = Rules()) -> dict[Name, int | None]:
    """What may be shown of each cell. Totals come in as cells of their own, so tables do not add up.

    >>> suppress({"Welding": Counted(4, 0), "Care": Counted(31, 2048)})
    {'Welding': None, 'Care': 30}
    """
    return {name: shown_of(cell, rules) for name, cell in cells.items()}


class Sum(NamedTuple):
    """People wanted by the employers of one cell, each counted to WINSOR at most."""

    cell: Counted  # the employers who said how many
    people: int  # their sum
    largest: int
    second: int


def band_of(total: Sum, rules: Rules) -> int | None:
    """The lower end of the band that the people wanted fall into, or None where it may not be shown.

    Shown only where the noisy number of employers passes the threshold by the most that noise can add: then
    there are `threshold` of them in truth, and yet no planted employer decides alone whether the cell appears.
    The sum moves by whole steps of what one employer can add at most, so that one more is hidden in a sum as well
    as in a count. Refused beside: two employers with nearly all of it, or others too small to hide the largest.
    """
    employers, people, largest, second = total
    if perturbed(employers, rules) < rules.threshold + rules.deviation:
        return None
    others = people - largest - second
    if others < P_PERCENT * largest or largest + second > DOMINANT * people:
        return None
    times, plus = OTHER_KEY
    noise = noise_table(rules.variance, rules.deviation)[(employers.key * times + plus) % RECORD_KEYS]
    return max((band for band in BANDS if band <= people + noise * WINSOR), default=BANDS[0])
