"""An employer's constraints: how far an offer falls short of each, what that costs it, and in what words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.facts import DAYS, UNKNOWN_LEVEL, Facts
from skillsmatch.matching.months import STALE_MONTHS, months_before
from skillsmatch.matching.query import Query

Numbers = NDArray[np.float64]

EARTH_KM = 6371.0
USUAL_KM = 25.0  # km; how far we take people to travel where the employer does not say

# The share of its score that an offer loses at the worst of each shortfall; "unknown" where a fact is not given.
LOSS = {
    "distance": 0.35,
    "near": 0.06,
    "level": 0.30,
    "mode": 0.15,
    "attendance": 0.12,
    "start": 0.20,
    "dated": 0.30,
    "stale": 0.10,
    "budget": 0.25,
    "kind": 0.20,
    "unknown": 0.03,
}
# Somebody who says "apprentice" is served by each of these.
ALSO_MEANT = {"apprenticeship": frozenset({"foundation-apprenticeship", "apprenticeship-unit"})}
WORST_LEVELS = 3  # levels apart at which the whole loss applies
FIRST_YEAR = 365  # days; before it a calendar has no month to go back to
WORST_DAYS = 180.0  # days late at which the whole loss applies


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that an offer lacks, in words for the employer; `amount` in km, levels, days or pounds."""

    code: str  # level, distance, mode, attendance, start, budget, kind, dated or words
    words: str
    amount: float | None


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One constraint over a run of offers. Amount 0 meets it, above 0 falls short, NaN is not known."""

    code: str
    amounts: Numbers
    kept: Numbers  # share of the score kept, above 0 and up to 1
    words: Callable[[float], str]
    hard: str = ""  # the name in `Query.hard` that makes it leave offers out


def shortfalls(facts: Facts, rows: NDArray[np.int64], query: Query) -> list[Shortfall]:
    """Every constraint of the query that can be judged on the offers in those rows."""
    found: list[Shortfall] = []
    if query.lat is not None and query.lon is not None:
        found.append(_distance(facts, rows, query))
    if query.level is not None:
        found.append(_level(facts, rows, query.level))
    if query.modes:
        found.append(_mode(facts, rows, query.modes))
    if query.attendance:
        found.append(_attendance(facts, rows, query.attendance))
    if query.budget is not None:
        found.append(_budget(facts, rows, query.budget))
    if query.kinds:
        found.append(_kind(facts, rows, query.kinds))
    if query.today:
        found.extend(_dates(facts, rows, query))
    return found


def distances(facts: Facts, rows: NDArray[np.int64], query: Query) -> Numbers:
    """Kilometres to each offer; NaN where it has no place or place does not matter (online, national)."""
    if query.lat is None or query.lon is None:
        return np.full(len(rows), np.nan)
    lat1, lon1 = np.radians(query.lat), np.radians(query.lon)
    lat2, lon2 = np.radians(facts.lat[rows]), np.radians(facts.lon[rows])
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    km = 2 * EARTH_KM * np.arcsin(np.sqrt(half))
    return np.where(facts.national[rows] | (facts.mode[rows] == "online"), np.nan, km)


def _distance(facts: Facts, rows: NDArray[np.int64], query: Query) -> Shortfall:
    km = distances(facts, rows, query)
    limit = USUAL_KM if query.max_km is None else max(query.max_km, 0.0)
    beyond = np.maximum(np.nan_to_num(km) - limit, 0.0)
    worst = np.minimum(beyond / max(limit, 10.0), 1.0)
    near = np.minimum(np.nan_to_num(km) / max(limit, 1.0), 1.0)
    kept = (1 - LOSS["distance"] * worst) * (1 - LOSS["near"] * near)
    said = "what you said" if query.max_km is not None else f"the usual {USUAL_KM:.0f} km"

    return Shortfall(
        "distance", beyond, kept, lambda amount: f"{max(1, round(amount))} km beyond {said}", "distance"
    )


def _level(facts: Facts, rows: NDArray[np.int64], wanted: int) -> Shortfall:
    levels = facts.level[rows].astype(np.float64)
    apart = np.where(levels == UNKNOWN_LEVEL, np.nan, levels - wanted)
    worst = np.minimum(np.abs(np.nan_to_num(apart)) / WORST_LEVELS, 1.0)
    kept = np.where(np.isnan(apart), 1 - LOSS["unknown"], 1 - LOSS["level"] * worst)

    def words(amount: float) -> str:
        count = abs(round(amount))
        return f"{'a level' if count == 1 else f'{count} levels'} {'below' if amount < 0 else 'above'}"

    return Shortfall("level", apart, kept, words, "level")


def _wanted(given: NDArray[np.str_], wanted: frozenset[str]) -> Numbers:
    """0 where the given word is wanted, 1 where it is not, NaN where none is given."""
    missed = (~np.isin(given, sorted(wanted))).astype(np.float64)
    return np.where(given == "", np.nan, missed)


def _kept(missed: Numbers, code: str) -> Numbers:
    return np.where(np.isnan(missed), 1 - LOSS["unknown"], 1 - LOSS[code] * np.nan_to_num(missed))


def _mode(facts: Facts, rows: NDArray[np.int64], modes: frozenset[str]) -> Shortfall:
    # Blended learning is partly online and partly in a room, so it half meets either wish: no reason is given.
    accepted = modes | {"blended"} if modes & {"online", "classroom"} else modes
    missed = _wanted(facts.mode[rows], accepted)
    wanted = " or ".join(sorted(modes))
    return Shortfall("mode", missed, _kept(missed, "mode"), lambda amount: f"not {wanted}", "mode")


def _attendance(facts: Facts, rows: NDArray[np.int64], times: frozenset[str]) -> Shortfall:
    missed = _wanted(facts.attendance[rows], times)
    missed = np.where((facts.mode[rows] == "online") & np.isnan(missed), 0.0, missed)
    wanted = " or ".join(sorted(times))
    return Shortfall(
        "attendance", missed, _kept(missed, "attendance"), lambda amount: f"not {wanted}", "attendance"
    )


def _budget(facts: Facts, rows: NDArray[np.int64], budget: float) -> Shortfall:
    over = np.maximum(facts.price[rows] - budget, 0.0)
    worst = np.minimum(np.nan_to_num(over) / max(budget, 1.0), 1.0)
    kept = np.where(np.isnan(over), 1 - LOSS["unknown"], 1 - LOSS["budget"] * worst)
    return Shortfall(
        "budget", over, kept, lambda amount: f"£{amount:,.0f} over budget before funding", "budget"
    )


def _kind(facts: Facts, rows: NDArray[np.int64], kinds: frozenset[str]) -> Shortfall:
    meant = kinds.union(*(ALSO_MEANT.get(kind, frozenset()) for kind in kinds))
    missed = _wanted(facts.kind[rows], meant)
    return Shortfall("kind", missed, _kept(missed, "kind"), lambda amount: "another kind of training", "kind")


def _next_starts(facts: Facts, rows: NDArray[np.int64], today: int) -> tuple[Numbers, NDArray[np.bool_]]:
    """The next start of each offer as an ordinal (NaN: none to come), and whether it ever gave a date."""
    firsts, lasts = facts.start_at[rows], facts.start_at[rows + 1]
    gave = lasts > firsts
    if not len(facts.starts):
        return np.full(len(rows), np.nan), gave
    places = np.searchsorted(facts.starts, rows * DAYS + today)
    days = facts.starts[np.minimum(places, len(facts.starts) - 1)] - rows * DAYS
    return np.where(places < lasts, days, np.nan).astype(np.float64), gave


def _dates(facts: Facts, rows: NDArray[np.int64], query: Query) -> list[Shortfall]:
    coming, gave = _next_starts(facts, rows, query.today)
    flexible = facts.flexible[rows]
    passed = (gave & np.isnan(coming) & ~flexible).astype(np.float64)
    found = [
        Shortfall(
            "dated", passed, 1 - LOSS["dated"] * passed, lambda amount: "its start dates have passed", "start"
        ),
        _staleness(facts, rows, query.today),
    ]
    late = np.zeros(len(rows))
    if query.start_by is not None:
        late = np.maximum(np.nan_to_num(coming) - query.start_by, 0.0)
    undated = ~gave & ~flexible
    late = np.where(flexible, 0.0, np.where(undated, np.nan, late))
    kept = np.where(
        undated, 1 - LOSS["unknown"], 1 - LOSS["start"] * np.minimum(np.nan_to_num(late) / WORST_DAYS, 1.0)
    )
    found.append(Shortfall("start", late, kept, _late_words, "start"))
    return found


def _late_words(amount: float) -> str:
    if np.isnan(amount):
        return "no date yet"
    weeks = max(1, round(amount / 7))
    return f"starts {weeks} week{'' if weeks == 1 else 's'} later than you said"


def _stale_since(today: int) -> int:
    """The ordinal of the last day on which a confirmation is too old by `today`; 0 where dates are ignored."""
    return months_before(date.fromordinal(today), STALE_MONTHS).toordinal() if today > FIRST_YEAR else 0


def _staleness(facts: Facts, rows: NDArray[np.int64], today: int) -> Shortfall:
    confirmed = facts.confirmed[rows].astype(np.float64)
    old = np.where((confirmed > 0) & (confirmed <= _stale_since(today)), today - confirmed, 0.0)
    kept = np.where(old > 0, 1 - LOSS["stale"], 1.0)
    return Shortfall("dated", old, kept, lambda amount: f"not confirmed for {round(amount / 30.4)} months")


def excluded(found: list[Shortfall], hard: frozenset[str], count: int) -> NDArray[np.bool_]:
    """Which offers a hard constraint leaves out. A fact that is not given never leaves an offer out."""
    out = np.zeros(count, dtype=np.bool_)
    for short in found:
        if short.hard in hard:
            out |= np.nan_to_num(short.amounts) != 0
    return out


def gaps(found: list[Shortfall], place: int) -> tuple[Gap, ...]:
    """The reasons against the offer in that place; an undated offer is one, other unknowns are not."""
    listed = []
    for short in found:
        amount = float(short.amounts[place])
        if amount != amount:
            if short.code == "start":
                listed.append(Gap("start", short.words(amount), None))
        elif amount:
            listed.append(Gap(short.code, short.words(amount), amount))
    return tuple(listed)
