"""The attack suite: every class of attack against our method and against three weak ones, with its bar."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from skillsmatch.area.areas import Area
from skillsmatch.database import keep
from skillsmatch.demand import lattice, published, releases, synthetic
from skillsmatch.demand.attacks import games, linear, offers, tables
from skillsmatch.demand.attacks.methods import WEAK, Method, ours
from skillsmatch.demand.attacks.world import Score, View, World, view_of
from skillsmatch.demand.counting import count
from skillsmatch.demand.disclosure import Rules
from skillsmatch.demand.offers_seen import Seen
from skillsmatch.demand.periods import Period
from skillsmatch.demand.synthetic_steps import steps_of
from skillsmatch.extensions import db

MOST_ACCURATE = 0.65  # share of guesses right in the membership games; a coin has 0.5
MOST_CERTAIN = 0.01  # share of membership games in which the attacker may be sure

CLASSES = {
    "D1": "Reading a small cell",
    "D2": "A total less the others",
    "D3": "Linear programs, all tables",
    "D4": "Before and after a search",
    "D5": "Across releases",
    "D6": "Planting up to the threshold",
    "D7": "Averaging equal questions",
    "D8": "Membership, all others known",
    "D8 planted": "0 to 20 planted",
    "D8 people": "People, others known",
    "D9": "Tampering with addresses",
    "D10": "Side channels",
    "D1 offers": "A small cell at the desk",
    "D2 offers": "Provider less its offers",
    "D7 offers": "Averaging offers alike",
    "D8 offers": "Membership, by a provider",
}
INFORMED = frozenset(
    {"D8", "D8 planted", "D8 people", "D8 offers"}
)  # held to MOST_ACCURATE and MOST_CERTAIN; the others to no certainty
# Printed and documented; no bar.
BESIDE = "All tables on one need"
BESIDE_OFFERS = "All of a provider's offers on one employer"


@dataclass
class Findings:
    """Scores by method and class, and what is to be said besides."""

    scores: dict[str, dict[str, Score]] = field(default_factory=dict)
    routes: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def add(self, method: str, name: str, score: Score) -> None:
        """Adds one population's score to the others'."""
        self.scores.setdefault(method, {}).setdefault(name, Score()).add(score)

    def take_in(self, other: Findings) -> None:
        """Adds what was found elsewhere, on other populations."""
        for method, scores in other.scores.items():
            for name, score in scores.items():
                self.add(method, name, score)
        self.routes = other.routes or self.routes
        self.said += other.said

    def failures(self) -> list[str]:
        """What misses its bar, in words; empty where everything holds."""
        wrong = []
        for name, score in self.scores.get("ours", {}).items():
            if name in INFORMED:
                if (score.accuracy or 0) > MOST_ACCURATE:
                    wrong.append(
                        f"{name}: {score.accuracy:.1%} of guesses are right, and {MOST_ACCURATE:.0%} may be"
                    )
                if score.certain > MOST_CERTAIN * score.tried:
                    wrong.append(
                        f"{name}: {score.certain} of {score.tried} are certain, more than {MOST_CERTAIN:.0%}"
                    )
            elif name in CLASSES and score.certain:
                wrong.append(
                    f"{name}: {score.certain} of {score.tried} succeeded with certainty, and none may"
                )
        for method in WEAK:
            falls = [
                n for n, s in self.scores.get(method.name, {}).items() if s.certain and n not in INFORMED
            ]
            if method.name in self.scores and not falls:
                wrong.append(f"“{method.name}” withstood every attack, so the attacks are too weak")
        return wrong


def invent(area: Area, employers: int, seed: int, year: Period) -> synthetic.Population:
    """An invented year in the scratch database, committed."""
    people = synthetic.population(area, employers, seed, year.first_day, year.last_day)
    keep(lambda: synthetic.store(people, f"attack {employers} {seed}"))
    return people


def counted_world(area: Area, people: synthetic.Population, year: Period, rules: Rules) -> World:
    """The truth, by the same SQL that releases are made with."""
    counts = {p.name: count(p, area, rules, (), True, steps_by_chance) for p in (year, *year.quarters)}
    return World(people, counts, lattice.categories(area), year.name, area.year_start_month)


def steps_by_chance(connection: Connection, period: Period) -> Iterable[Seen]:
    """What the invented employers were shown of the invented offers, opened and chose."""
    return steps_of(connection, period, offers.invented_offers())


def released_view(area: Area, world: World, year: Period, method: Method, rules: Rules) -> View:
    """What everyone reads: the year's release and its quarters', made, published and read back by the one road out.

    A period with too few employers has none; the attacker then sees every cell of it hidden. Of the desk's figures
    it is given every provider's, which no reader is.
    """
    shown: dict[str, dict[str, Mapping[tuple[str, str], int | None]]] = {}
    for period in (*year.quarters, year):
        hidden: dict[tuple[str, str], int | None] = defaultdict(lambda: None)
        try:
            drawn = releases.draw_up(period, area, rules, steps_by_chance)
        except releases.TooFewEmployers:
            shown[period.name] = {
                name: dict.fromkeys(world.cells(name)) for name in world.tables(period.name)
            }
            shown[period.name] |= {lattice.OF_OFFERS: hidden, lattice.OF_PROVIDERS: hidden}
            continue
        keep(lambda drawn=drawn: releases.publish(releases.store_draft(drawn)))  # type: ignore[misc]
        read = {table.name: table for table in published.read_tables(area, period.name)}
        shown[period.name] = {
            name: {(c.first, c.second): c.shown for c in read[name].cells}
            for name in world.tables(period.name)
        }
        for name in (lattice.OF_OFFERS, lattice.OF_PROVIDERS) if period.quarter else ():
            told = published.read_steps(period.name, name)
            shown[period.name][name] = defaultdict(
                lambda: None, {(code, s): n for code, own in told.items() for s, n in own.items()}
            )
    return View(world, method, shown)


def attack_tables(
    findings: Findings, area: Area, employers: int, seed: int, year: Period, rules: Rules
) -> None:
    """Every attack on tables and games, on one invented year of an empty scratch database."""
    people = invent(area, employers, seed, year)
    world = counted_world(area, people, year, rules)
    own, throw = ours(rules), employers * 1000 + seed  # no two populations share their chances
    for method in (own, *WEAK):
        view = released_view(area, world, year, method, rules) if method is own else view_of(world, method)
        findings.add(method.name, "D1", tables.direct(view))
        findings.add(method.name, "D2", tables.differencing(view))
        if method is own:
            findings.add(method.name, "D3", linear.program(view, throw))
        elif seed == 1:  # that a weak method falls needs no second proof, and each takes seconds
            findings.add(method.name, "D3", linear.program(view, throw, linear.TARGETS_OF_WEAK))
        findings.add(method.name, "D4", games.before_and_after(view, throw))
        findings.add(method.name, "D5", tables.across_releases(view))
        findings.add(method.name, "D6", games.planted_to_threshold(method, throw, rules.threshold))
        findings.add(method.name, "D7", tables.averaging(view))
        findings.add(method.name, "D8", games.membership(view, throw))
        findings.add(method.name, "D8 planted", games.plant(method, games.PLANTED, throw))
        findings.add(method.name, BESIDE, games.whole_needs(view, throw))
        findings.add(method.name, "D1 offers", offers.direct(view))
        findings.add(method.name, "D2 offers", offers.differencing(view))
        findings.add(method.name, "D7 offers", offers.averaging(view))
        findings.add(method.name, "D8 offers", offers.membership(view, throw))
        findings.add(method.name, BESIDE_OFFERS, offers.planted_alike(method, throw, rules.most_offers))
    findings.add("ours", "D8 people", games.planted_people(rules, throw))
    findings.add("ours", "D5", _made_again(area, year, rules))


def _made_again(area: Area, year: Period, rules: Rules) -> Score:
    """D5: an employer takes its needs back, and the releases are asked for again; one is withdrawn and asked for too.

    Certain: a second version comes out, which could be compared with the first.
    """
    score = Score()
    published_ones = [r for r in releases.all_releases() if r.state == "published"]
    keep(lambda: releases.withdraw(releases.release_of(published_ones[0].period), "an attack"))  # type: ignore[arg-type]
    for period in (year, *year.quarters):
        score.tried += 1
        try:
            releases.draw_up(period, area, rules)
        except releases.ReleaseRefused:
            continue
        score.certain += releases.release_of(period.name) is not None
    db.session.remove()
    return score


def year_of_attack(today: date, start_month: int) -> Period:
    """The latest year that is over."""
    from skillsmatch.demand.periods import quarter_of

    return Period(quarter_of(today, start_month).year - 1, None, start_month)
