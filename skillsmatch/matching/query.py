"""One facet of a need, and the employer's constraints on it, as the engine sees them."""

from __future__ import annotations

from dataclasses import dataclass

HARD_CONSTRAINTS = frozenset({"distance", "mode", "attendance", "level", "start", "budget", "kind"})


@dataclass(frozen=True, slots=True)
class Query:
    """What one employer wants of one skill.

    A constraint ranks an offer down and gives a reason; named in `hard`, it leaves the offer out.
    `today` of 0 means that dates are ignored.
    """

    text: str
    lat: float | None = None
    lon: float | None = None
    max_km: float | None = None
    modes: frozenset[str] = frozenset()  # empty means any
    attendance: frozenset[str] = frozenset()
    level: int | None = None
    start_by: int | None = None  # ordinal; wanted on or before
    budget: float | None = None  # pounds for one person
    kinds: frozenset[str] = frozenset()
    today: int = 0
    hard: frozenset[str] = frozenset()
