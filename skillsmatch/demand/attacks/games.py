"""Attacks that act or know: before and after a search, planted employers, informed membership (D4, D6, D8)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import product
from random import Random

from skillsmatch.demand import lattice
from skillsmatch.demand.attacks.methods import Method, Shown
from skillsmatch.demand.attacks.world import SMALL, Score, View
from skillsmatch.demand.counting import Cell
from skillsmatch.demand.disclosure import RECORD_KEYS, WINSOR, Counted, Rules, Sum, band_of
from skillsmatch.demand.periods import read_period
from skillsmatch.demand.synthetic import Asked

SEARCHES = 200  # known searches, each watched before and after
PLANTED = range(
    21
)  # employers that an attacker makes up in one cell, each with a confirmed mailbox of its own
PLANTS = 40  # tries for each number of planted employers and each method
GAMES = 2_000  # rounds of the membership game on one population
WHOLE_NEEDS = 300  # employers whose whole need is guessed from all tables together


def before_and_after(view: View, seed: int) -> Score:
    """D4: the tables are read, an employer is known to search, the tables are read again. What is its theme?

    A frozen release does not move, so there is nothing to read. A live one is counted again with the search in it.
    Certain: one theme's number moved, and it is the right one.
    """
    chance, score, world = Random(seed), Score(), view.world
    themes = [theme for theme in world.known["theme"] if theme]
    for _ in range(SEARCHES):
        theme, key = chance.choice(themes), chance.randrange(RECORD_KEYS)
        before = view.shown[world.year]["theme"]
        after = dict(before)
        if not view.method.frozen:
            counted = world.true(world.year, "theme", (theme, ""))
            joined = Counted(counted.employers + 1, (counted.key + key) % RECORD_KEYS)
            after[theme, ""] = view.method.show(joined)
        moved = [cell[0] for cell, shown in after.items() if shown != before[cell]]
        score.tried += 1
        score.certain += moved == [theme]
    return score


def plant(method: Method, planted: Iterable[int], seed: int, tries: int = PLANTS) -> Score:
    """An attacker has so many employers of its own in an empty-looking cell: is there a real one besides?

    Every other time there is one. Certain: what is shown could not be shown otherwise. A guess takes the likelier.
    """
    chance, score = Random(seed), Score()
    for number in planted:
        for turn in range(tries):
            real = turn % 2
            shown = method.show(Counted(number + real, chance.randrange(RECORD_KEYS)))
            judge(method, shown, number, real, score, chance)
    return score


def planted_to_threshold(method: Method, seed: int, threshold: int) -> Score:
    """D6: one employer fewer is planted than a number needs to be shown, so that it appears with a real one only."""
    return plant(method, (threshold - 1,), seed, PLANTS * 5)


def planted_people(rules: Rules, seed: int) -> Score:
    """D8 for the table of people: all employers of a theme are planted but one, who asks for as many people as count
    for one employer. Is it there? The attacker chooses how many it plants and what they say."""
    chance, score = Random(seed), Score()
    for planted, each in product((13, 14, 15, 20, 30), (1, 3, 10)):
        for turn in range(PLANTS):
            real = turn % 2
            shown = band_of(_sum(planted, each, real, chance.randrange(RECORD_KEYS)), rules)
            without, with_one = (_bands(planted, each, there, rules).get(shown, 0) for there in (0, 1))
            score.tried += 1
            score.certain += (without == 0) if real else (with_one == 0)
            score.guesses += 1
            score.right += (chance.randrange(2) if without == with_one else int(with_one > without)) == real
    return score


def _sum(planted: int, each: int, real: int, key: int) -> Sum:
    largest = WINSOR if real else each
    return Sum(Counted(planted + real, key), planted * each + real * WINSOR, largest, each)


@cache
def _bands(planted: int, each: int, real: int, rules: Rules) -> Counter[int | None]:
    return Counter(band_of(_sum(planted, each, real, key), rules) for key in range(RECORD_KEYS))


def judge(method: Method, shown: Shown, known: int, real: int, score: Score, chance: Random) -> None:
    """Adds one round: `known` others are certain, `real` is 1 where one more is there."""
    without, with_one = method.chances(known).get(shown, 0.0), method.chances(known + 1).get(shown, 0.0)
    score.tried += 1
    score.certain += (without == 0.0) if real else (with_one == 0.0)
    guess = chance.randrange(2) if without == with_one else int(with_one > without)
    score.guesses += 1
    score.right += guess == real


def membership(view: View, seed: int) -> Score:
    """D8: the attacker knows all other employers of a cell for certain, from leads, cohorts or hearsay, and asks of
    one more whether it is there. Every other time it was taken out before the cell was counted. Cells too small ever
    to be shown are left out: nothing could be guessed there, and the score would look better than it is."""
    chance, score, world = Random(seed), Score(), view.world
    cells = [
        (counted, cell)
        for spec in lattice.TWO_WAY
        for cell, counted in world.counts[world.year].tables[spec.name].items()
        if cell in view.shown[world.year][spec.name] and counted.employers > max(SMALL)
    ]
    if not cells:
        return score
    weights = [counted.employers for counted, _ in cells]  # every membership is as likely to be asked of
    for counted, _cell in chance.choices(cells, weights, k=GAMES):
        real = chance.randrange(2)
        key = counted.key if real else (counted.key - chance.randrange(RECORD_KEYS)) % RECORD_KEYS
        shown = view.method.show(Counted(counted.employers - 1 + real, key))
        judge(view.method, shown, counted.employers - 1, real, score, chance)
    return score


def whole_needs(view: View, seed: int) -> Score:
    """The same attacker, who knows everything of everybody else, adds up what every table of the year and of the
    quarter says of one need. No method of small noise withstands this; it is printed so that nobody believes so."""
    chance, score, world = Random(seed), Score(), view.world
    times = Counter(one.employer for one in world.people.asked)
    single = [one for one in world.people.asked if times[one.employer] == 1]
    for one in chance.sample(single, min(WHOLE_NEEDS, len(single))):
        real, evidence = chance.randrange(2), 0.0
        key = world.people.record_keys[one.employer]
        for period, name, cell in _touched(view, one):
            counted = world.true(period, name, cell)
            if not counted.employers:
                continue
            others = Counted(counted.employers - 1, (counted.key - key) % RECORD_KEYS)
            shown = view.method.show(counted if real else others)
            with_one = view.method.chances(counted.employers).get(shown, 0.0)
            without = view.method.chances(others.employers).get(shown, 0.0)
            evidence += math.log(max(with_one, 1e-9)) - math.log(max(without, 1e-9))
        score.tried += 1
        score.guesses += 1
        score.right += (evidence > 0) == bool(real) if evidence else chance.random() < 0.5
    return score


def _touched(view: View, one: Asked) -> list[tuple[str, str, Cell]]:
    """The cells in which an employer stands that asked once."""
    world = view.world
    said = {
        "theme": one.theme,
        "theme-group": lattice.theme_groups().get(one.theme, lattice.NOT_SAID),
        "district": one.district,
        "sector": one.sector,
        "level": lattice.NOT_SAID if one.level is None else str(one.level),
        "size": one.size,
        "kind": one.kind,
        "outcome": lattice.OUTCOME_OF[one.outcome],
    }
    quarters = read_period(world.year, world.start_month).quarters
    quarter = next(q.name for q in quarters if q.start <= one.moment < q.end)
    cells: list[tuple[str, str, Cell]] = []
    for spec in (*lattice.ONE_WAY, *lattice.TWO_WAY):
        if "reason" in spec.dimensions:
            continue
        codes = [said[dimension] for dimension in spec.dimensions]
        cell = (codes[0], codes[1] if len(codes) == 2 else "")
        cells += [
            (period, spec.name, cell)
            for period in ((world.year, quarter) if spec.quarterly else (world.year,))
        ]
    return cells
