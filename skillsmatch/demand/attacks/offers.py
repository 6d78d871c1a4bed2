"""Attacks on the desk's figures, by a provider who makes offers as it likes (D1, D2, D7, D8): reading a small cell,
subtracting, averaging over offers that are alike, knowing everybody else, planting searches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from random import Random

from skillsmatch.demand import lattice
from skillsmatch.demand.attacks.games import judge
from skillsmatch.demand.attacks.methods import Method
from skillsmatch.demand.attacks.world import SMALL, Score, View
from skillsmatch.demand.counting import Cell
from skillsmatch.demand.disclosure import NOBODY, RECORD_KEYS, Counted
from skillsmatch.demand.offers_seen import STEPS

ATTACKER = 19_999_997
# Who runs the offers of each theme, in the order of a list. The attacker has four that are shown to nearly the same
# employers, so that it hears of each of them as often as the method lets it.
RUN_BY = (ATTACKER, ATTACKER, 19_999_996, ATTACKER, 19_999_995, ATTACKER, 19_999_996, 19_999_995)
Taught = Mapping[str, Sequence[tuple[int, int]]]
PLANTED = (
    11  # employers planted for each of the attacker's offers; the count at which several cells tell the most
)
GAMES = 1_000  # rounds on one population


def invented_offers() -> Taught:
    """Offers of every theme, as number and UKPRN."""
    numbers = count(1)
    return {theme: [(next(numbers), ukprn) for ukprn in RUN_BY] for theme in lattice.theme_groups()}


def _truth(view: View, quarter: str, cell: Cell) -> Counted:
    return view.world.counts[quarter].offers.get(cell, NOBODY)


def _quarters(view: View) -> list[str]:
    return [period for period in view.world.counts if period != view.world.year]


def _groups(ukprn: int) -> Iterator[list[int]]:
    for offers in invented_offers().values():
        yield [number for number, runs in offers if runs == ukprn]


def direct(view: View) -> Score:
    """D1: an offer's cell of one to four employers is read off. Certain: that somebody is in it."""
    score = Score()
    for quarter in _quarters(view):
        for cell, counted in view.world.counts[quarter].offers.items():
            if counted.employers in SMALL:
                score.tried += 1
                score.certain += view.span(quarter, lattice.OF_OFFERS, cell)[0] >= 1
    return score


def differencing(view: View) -> Score:
    """D2: what a provider's own number has beyond the most that its other offers can hold must be in the small one;
    and whoever opened or chose an offer was shown it."""
    score = Score()
    for quarter in _quarters(view):
        for ukprn in sorted(set(RUN_BY)):
            own = [number for group in _groups(ukprn) for number in group]
            for step in STEPS:
                low = view.span(quarter, lattice.OF_PROVIDERS, (str(ukprn), step))[0]
                spans = {n: view.span(quarter, lattice.OF_OFFERS, (str(n), step)) for n in own}
                most = sum(high for _, high in spans.values())
                for number, (least, high) in spans.items():
                    if _truth(view, quarter, (str(number), step)).employers in SMALL:
                        further = [
                            view.span(quarter, lattice.OF_OFFERS, (str(number), s))[0]
                            for s in STEPS[STEPS.index(step) :]
                        ]
                        score.tried += 1
                        score.certain += max(least, *further, low - (most - high)) >= 1
    return score


def averaging(view: View) -> Score:
    """D7: the attacker's offers of one theme are shown to nearly the same employers; their numbers are averaged and
    narrowed down. Certain: that only one number fits all of them, and it is the right one. Offers with exactly the
    same employers have the same noise, so there is nothing to average in those."""
    score = Score()
    for quarter in _quarters(view):
        for alike in _groups(ATTACKER):
            cell = (str(alike[0]), STEPS[0])
            truth = _truth(view, quarter, cell).employers
            if not truth:
                continue
            low, high = view.span(quarter, lattice.OF_OFFERS, cell)
            numbers = [view.shown[quarter][lattice.OF_OFFERS][str(n), STEPS[0]] for n in alike]
            for number in alike[1:]:
                least, most = view.span(quarter, lattice.OF_OFFERS, (str(number), STEPS[0]))
                if max(low, least) <= min(
                    high, most
                ):  # else they are not the same employers, and it is left out
                    low, high = max(low, least), min(high, most)
            told = [number for number in numbers if number is not None]
            score.tried += 1
            score.certain += low == high == truth
            score.guesses += 1
            score.right += bool(told) and round(sum(told) / len(told)) == truth
    return score


def membership(view: View, seed: int) -> Score:
    """D8: a provider knows all other employers of a cell of its own, from leads and enquiries, and asks of one more
    whether it was shown the offer, opened it or chose it. Every other time it was not."""
    chance, score = Random(seed), Score()
    cells = [
        counted
        for quarter in _quarters(view)
        for counted in view.world.counts[quarter].offers.values()
        if counted.employers > max(SMALL)
    ]
    if not cells:
        return score
    weights = [counted.employers for counted in cells]
    for counted in chance.choices(cells, weights, k=GAMES):
        real = chance.randrange(2)
        key = counted.key if real else (counted.key - chance.randrange(RECORD_KEYS)) % RECORD_KEYS
        shown = view.method.show(Counted(counted.employers - 1 + real, key))
        judge(view.method, shown, counted.employers - 1, real, score, chance)
    return score


def planted_alike(method: Method, seed: int, offers: int) -> Score:
    """A provider makes several offers for one odd need, plants eleven employers of its own in each, never quite
    the same, and puts together what all of its offers say: was there a real employer besides? No bar: the more cells an
    employer counts in, the more is known, which is why it counts for so few offers of a provider."""
    chance, score = Random(seed), Score()
    for turn in range(GAMES):
        real, evidence, sure = turn % 2, 0.0, False
        for known in (*(PLANTED for _ in range(offers)), PLANTED + 1):  # its offers, and all of them together
            shown = method.show(Counted(known + real, chance.randrange(RECORD_KEYS)))
            without, with_one = (method.chances(known + there).get(shown, 0.0) for there in (0, 1))
            sure |= (without == 0.0) if real else (with_one == 0.0)
            evidence += math.log(max(with_one, 1e-9)) - math.log(max(without, 1e-9))
        score.tried += 1
        score.certain += sure
        score.guesses += 1
        score.right += (evidence > 0) == bool(real) if evidence else chance.random() < 0.5
    return score
