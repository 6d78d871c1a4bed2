"""Invented employers and what they ask for, always alike from the same seed: for the demonstration, for the attack
suite and for the bench. Nobody in it exists; every signal of it says so in its channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random

from sqlalchemy import insert, select

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import Kind
from skillsmatch.area.reasons import REASONS
from skillsmatch.area.tables import read_table
from skillsmatch.area.themes import load_themes
from skillsmatch.demand.disclosure import RECORD_KEYS
from skillsmatch.demand.employers import keyed_digest
from skillsmatch.demand.lattice import SIZES
from skillsmatch.demand.models import DEMONSTRATION, DemandSignal, EmployerKey
from skillsmatch.extensions import db

AREAS = Path(__file__).parent.parent / "area"
OWN_FIELD = 0.7  # share of needs within the employer's own trade; the others are of every trade
STEEPNESS = 0.9  # the k-th most asked for theme has a share in proportion to 1 / k ** STEEPNESS
ASKS = (0.55, 0.25, 0.12, 0.05, 0.03)  # shares of employers that ask for 1, 2, ... 5 themes in a year
SIZE_SHARES = (0.62, 0.26, 0.09, 0.03)  # of those who ask; larger firms ask more often than their number says
PACES = (-0.05, 0.09)  # a theme's change from one quarter to the next, from the least to the most
VACANCIES_DECIDE = 0.5  # how much the order of vacancies decides, of 1, where a population is to be plausible
LEVELS = (0, 1, 2, 3, 4, 5, 6, 7)
LEVEL_SHARES = (0.05, 0.1, 0.3, 0.3, 0.12, 0.07, 0.04, 0.02)
OUTCOME_SHARES = {
    "nothing-fitted": 0.18,
    "offers-shown": 0.5,
    "fits": 0.17,
    "none-fits": 0.1,
    "started": 0.05,
}
# The groups of themes that belong to a trade (SIC 2007 section); every trade asks for the last row besides.
TRADES = {
    "A": ("AGR",), "B": ("ENG", "CON", "TRA"), "C": ("ENG", "ENG", "TRA", "PRO"), "D": ("ENG", "GRN", "CON"),
    "E": ("GRN", "TRA", "ENG"), "F": ("CON", "CON", "GRN", "ENG"), "G": ("SAL", "SAL", "TRA", "ENG"),
    "H": ("TRA",), "I": ("CAT",), "J": ("DIG", "DIG", "CRE"), "K": ("FIN", "BUS"), "L": ("BUS", "SAL", "CON"),
    "M": ("BUS", "FIN", "DIG", "CRE", "PRO"), "N": ("BUS", "SAL", "AGR", "TRA"), "O": ("BUS", "CAR"),
    "P": ("EDU",), "Q": ("CAR", "CAR", "HEA"), "R": ("CRE", "CAT", "HEA"), "S": ("HAI", "CAR", "BUS"),
}  # fmt: skip
CHUNK = 20_000  # rows sent to the database at once
Popularity = dict[str, dict[str, float]]  # group, theme, and its weight within the group
EVERY_TRADE = ("ITU", "ESS", "LEA", "LEA", "SAF", "SAF", "BUS", "SAL")


@dataclass(frozen=True, slots=True)
class Asked:
    """One invented signal, as codes."""

    employer: int  # from 0
    theme: str
    sector: str
    district: str
    level: int | None
    kind: str
    size: str
    people: int | None
    outcome: str
    reasons: tuple[str, ...]
    moment: datetime  # made and, once the e-mail is confirmed, countable; UTC
    confirmed: bool = True


@dataclass(frozen=True)
class Population:
    """Invented employers of one span of time. Employers are numbers; each has a record key."""

    record_keys: tuple[int, ...]
    asked: tuple[Asked, ...]


@cache
def shares_of(slug: str) -> dict[str, dict[str, float]]:
    """Rough shares of employers by "district" and "sector", and of vacancies by "occupation" (SOC 2020 sub-major
    group), from the area's employers.csv; empty where it has none."""
    path = AREAS / slug / "employers.csv"
    shares: dict[str, dict[str, float]] = {"district": {}, "sector": {}, "occupation": {}}
    if path.is_file():
        for row in read_table(path, ["dimension", "code", "share", "source"]):
            dimension = row.text("dimension")
            if dimension not in shares:
                raise row.wrong("dimension", f"{dimension!r} is not district, sector or occupation")
            shares[dimension][row.text("code")] = row.decimal("share", 0, 1)
    return shares


def population(
    area: Area, employers: int, seed: int, first: date, last: date, wanted: Popularity | None = None
) -> Population:
    """Employers who ask between two days, the last included, each for one to five themes.

    Trades and districts come as often as the area's employers.csv says, themes as `wanted` says; without it, in an
    order of this seed's own. The same arguments give the same population.
    """
    chance = Random(f"{area.slug} {employers} {seed} {first} {last}")
    wanted = wanted or _wanted(chance, shares_of(area.slug)["occupation"])
    districts, sectors = _weights(area, "district"), _weights(area, "sector")
    asked: list[Asked] = []
    for number in range(employers):
        sector, district = _pick(chance, sectors), _pick(chance, districts)
        size = chance.choices(tuple(SIZES), SIZE_SHARES)[0]
        times = 1 + chance.choices(range(len(ASKS)), ASKS)[0]
        themes = {_theme(chance, sector, wanted) for _ in range(times)}
        for theme in sorted(themes):
            day = first + timedelta(chance.randrange((last - first).days + 1))
            asked.append(_ask(chance, number, theme, sector, district, size, day))
    return Population(tuple(chance.randrange(RECORD_KEYS) for _ in range(employers)), tuple(asked))


def _wanted(chance: Random, vacancies: Mapping[str, float], least: float = 0.0) -> Popularity:
    """The share of each theme within its group: those of occupations with many vacancies first, chance besides, so
    that every group has some that are asked for much more than others. The nearer `least` comes to 1, the more the
    vacancies decide."""
    shares: dict[str, dict[str, float]] = {}
    themes = load_themes()
    for group in themes.groups:
        pull = {
            t.code: chance.uniform(least, 1) * (0.1 + vacancies.get(t.soc[0][:2], 0.0))
            for t in themes.in_group(group)
        }
        order = sorted(pull, key=lambda code: -pull[code])
        shares[group] = {code: 1 / place**STEEPNESS for place, code in enumerate(order, start=1)}
    return shares


def _weights(area: Area, dimension: str) -> dict[str, float]:
    codes = (
        list(area.districts)
        if dimension == "district"
        else [s.letter for s in area.sectors if s.letter in TRADES]
    )
    given = shares_of(area.slug)[dimension]
    return {code: given.get(code, 0.0 if given else 1.0) for code in codes}


def _pick(chance: Random, weights: dict[str, float]) -> str:
    return chance.choices(tuple(weights), tuple(weights.values()))[0]


def _theme(chance: Random, sector: str, wanted: Popularity) -> str:
    groups = TRADES[sector] if chance.random() < OWN_FIELD else EVERY_TRADE
    return _pick(chance, wanted[chance.choice(groups)])


def _ask(
    chance: Random, employer: int, theme: str, sector: str, district: str, size: str, day: date
) -> Asked:
    outcome = chance.choices(tuple(OUTCOME_SHARES), tuple(OUTCOME_SHARES.values()))[0]
    ours = [r.code for r in REASONS if outcome == "none-fits" or r.service_words]
    reasons = tuple(sorted(chance.sample(ours, chance.choice((1, 1, 2)))))
    return Asked(
        employer=employer,
        theme=theme if chance.random() < 0.96 else "",
        sector=sector if chance.random() < 0.9 else "",
        district=district if chance.random() < 0.95 else "",
        level=chance.choices(LEVELS, LEVEL_SHARES)[0] if chance.random() < 0.6 else None,
        kind=chance.choice(tuple(Kind)).value if chance.random() < 0.5 else "",
        size=size if chance.random() < 0.8 else "",
        people=min(200, int(chance.expovariate(0.35)) + 1) if chance.random() < 0.7 else None,
        outcome=outcome,
        reasons=reasons if outcome in ("none-fits", "nothing-fitted") else (),
        moment=datetime.combine(day, time(9 + chance.randrange(8), chance.randrange(60))),
    )


def popularity(area: Area, seed: int, quarters: int) -> Popularity:
    """How much each theme of a group is asked for, so many quarters on: in the order of the area's vacancies, the
    same from one quarter to the next, and each theme grows or shrinks at a pace of its own: there is a trend to see."""
    shares = _wanted(Random(f"{area.slug} {seed}"), shares_of(area.slug)["occupation"], VACANCIES_DECIDE)
    return {
        group: {theme: share * (1 + _pace(theme, seed)) ** quarters for theme, share in themes.items()}
        for group, themes in shares.items()
    }


def _pace(theme: str, seed: int) -> float:
    """A theme's change in a quarter, as a share."""
    return Random(f"pace {theme} {seed}").uniform(*PACES)


def _digest(label: str, number: int) -> str:
    return keyed_digest("demonstration", f"{label}:{number}")


def is_stored(label: str) -> bool:
    """True where the population of this label is in the tables: other invented signals of the same days do not tell."""
    first = select(EmployerKey.id).where(EmployerKey.digest == _digest(label, 0))
    return db.session.scalar(first) is not None


def store(people: Population, label: str) -> int:
    """Adds the population to the session's tables, marked as demonstration; returns how many signals. Two calls
    with the same label would be the same employers, so the second is refused by the database."""
    keys = [
        {
            "digest": _digest(label, number),
            "record_key": record_key,
            "basis": "domain",
            "created_at": datetime(2020, 1, 1),
            "provider": False,
        }
        for number, record_key in enumerate(people.record_keys)
    ]
    if not keys:
        return 0
    connection = db.session.connection()
    for start in range(0, len(keys), CHUNK):
        connection.execute(insert(EmployerKey), keys[start : start + CHUNK])
    found = connection.execute(select(EmployerKey.digest, EmployerKey.id))
    ids = {row.digest: row.id for row in found}
    numbers = [ids[str(key["digest"])] for key in keys]
    for start in range(0, len(people.asked), CHUNK):
        rows = [_row(one, numbers) for one in people.asked[start : start + CHUNK]]
        connection.execute(insert(DemandSignal), rows)
    return len(people.asked)


def _row(one: Asked, numbers: Sequence[int]) -> dict[str, object]:
    return {
        "employer_key_id": numbers[one.employer],
        "theme": one.theme,
        "theme_confirmed": False,
        "soc_guessed": "",
        "soc_confirmed": "",
        "sic_section": one.sector,
        "district": one.district,
        "level": one.level,
        "need_kind": one.kind,
        "who_for": "",
        "size_band": one.size,
        "people": one.people,
        "made_on": one.moment.date(),
        "countable_at": one.moment if one.confirmed else None,
        "channel": DEMONSTRATION,
        "outcome": one.outcome,
        "reasons": list(one.reasons),
        "suspect": False,
    }
