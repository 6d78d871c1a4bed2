"""Several facets on one page, and why a facet is unmet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from skillsmatch.matching.evidence import Match
from skillsmatch.matching.query import Query
from skillsmatch.matching.reading import FacetReading, Reading, read_need
from skillsmatch.matching.topics import TopicOf

if TYPE_CHECKING:
    from skillsmatch.matching.matcher import Matcher

UNMET_BELOW = (
    0.5  # strength; below it for every offer, an adviser would more likely than not say "nothing fits"
)


def query_for(facet: FacetReading, reading: Reading | None = None) -> Query:
    """The query of one facet: its own level and kind, and what the whole text says of mode and time.

    A level told once for a text of one need is that need's; among several it belongs to its own facet only.
    """
    kinds = frozenset({facet.kind_hint} if facet.kind_hint else ())
    if reading is None:
        return Query(facet.text, level=facet.level, kinds=kinds)
    level = reading.level if facet.level is None and len(reading.facets) == 1 else facet.level
    return Query(
        facet.text,
        level=level,
        kinds=kinds,
        modes=reading.modes,
        attendance=reading.attendance,
        max_km=reading.max_km,
        budget=reading.budget,
    )


def find(
    matcher: Matcher, text: str, limit: int, places: Sequence[str] = (), topic_of: TopicOf | None = None
) -> list[tuple[int, Match]]:
    """The first `limit` offers for a whole text, with the number of the facet that each serves."""
    reading = read_need(text, places, topic_of)
    rankings = [matcher.rank(query_for(facet, reading), limit) for facet in reading.facets]
    return interleave(rankings, limit)


def interleave(rankings: Sequence[Sequence[Match]], limit: int) -> list[tuple[int, Match]]:
    """The facets' offers in turns, best first: (facet number, match), each offer once.

    Every facet has its say in each round, so the first ten serve all facets of a need with up to ten.
    """
    shown: list[tuple[int, Match]] = []
    seen: set[str] = set()
    places = [0] * len(rankings)
    while len(shown) < limit:
        before = len(shown)
        for number, ranking in enumerate(rankings):
            while places[number] < len(ranking) and ranking[places[number]].id in seen:
                places[number] += 1
            if places[number] < len(ranking) and len(shown) < limit:
                match = ranking[places[number]]
                seen.add(match.id)
                shown.append((number, match))
        if len(shown) == before:
            break
    return shown


# Each reason, and how the query reads once its constraint is dropped. The order is the order of telling.
_RELAXED: tuple[tuple[str, frozenset[str], dict[str, object]], ...] = (
    ("wrong-level", frozenset({"level"}), {"level": None}),
    ("too-far", frozenset({"distance"}), {"lat": None, "lon": None, "max_km": None}),
    (
        "wrong-mode-or-time",
        frozenset({"mode", "attendance"}),
        {"modes": frozenset(), "attendance": frozenset()},
    ),
    ("starts-too-late", frozenset({"start"}), {"start_by": None}),
    ("too-expensive", frozenset({"budget"}), {"budget": None}),
    ("no-places-or-out-of-date", frozenset({"start"}), {"today": 0}),
)


def why_unmet(matcher: Matcher, query: Query, ranked: Sequence[Match]) -> tuple[str, ...]:
    """Reason codes, each for one constraint that alone would have to give way; empty where the need is met.

    Where no single constraint is to blame the reason is that there is no provision, or, when offers would fit
    with all constraints dropped, every constraint that takes something away from the best of them.
    """
    if max((match.strength for match in ranked), default=0.0) >= UNMET_BELOW:
        return ()
    reasons = tuple(
        reason
        for reason, hard, dropped in _RELAXED
        if _binds(query, dropped) and _met(matcher, query, hard, dropped)
    )
    if reasons:
        return reasons
    everything: dict[str, object] = {}
    for _, _, dropped in _RELAXED:
        everything |= dropped
    everything["kinds"] = frozenset()
    free = _relaxed(query, frozenset(query.hard), everything)
    best = matcher.rank(free, 1)
    if not best or best[0].strength < UNMET_BELOW:
        return ("no-provision",)
    return _together(matcher, query) or ("no-provision",)


def _binds(query: Query, dropped: dict[str, object]) -> bool:
    return any(getattr(query, name) != value for name, value in dropped.items())


def _relaxed(query: Query, hard: frozenset[str], dropped: dict[str, object]) -> Query:
    return replace(query, hard=query.hard - hard, **dropped)  # type: ignore[arg-type]


def _met(matcher: Matcher, query: Query, hard: frozenset[str], dropped: dict[str, object]) -> bool:
    best = matcher.rank(_relaxed(query, hard, dropped), 3)
    return max((match.strength for match in best), default=0.0) >= UNMET_BELOW


def _together(matcher: Matcher, query: Query) -> tuple[str, ...]:
    """The constraints of which each, dropped alone, lifts the best offer: together they are to blame."""
    now = max((match.strength for match in matcher.rank(query, 3)), default=0.0)
    lifted = []
    for reason, hard, dropped in _RELAXED:
        if _binds(query, dropped):
            best = matcher.rank(_relaxed(query, hard, dropped), 3)
            if max((match.strength for match in best), default=0.0) > now + 0.01:
                lifted.append(reason)
    return tuple(lifted)
