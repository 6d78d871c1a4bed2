"""What an offer falls short of, in amounts and in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from skillsmatch.matching import Document, Matcher, Query

TODAY = 739_000
PLAIN = Document("plain", "Welding", "steel")


def best(query: Query, **facts: Any) -> Any:
    """The match of one welding offer with these facts."""
    (match,) = Matcher.fit([replace(PLAIN, **facts)]).rank(query)
    return match


def reasons(query: Query, **facts: Any) -> list[tuple[str, str]]:
    return [(gap.code, gap.words) for gap in best(query, **facts).evidence.gaps]


@pytest.mark.parametrize(
    ("query", "facts", "expected"),
    [
        # distance: one degree of latitude is 111 km
        ({"lat": 52.6, "lon": -1.1, "max_km": 10.0}, {"lat": 52.6, "lon": -1.1}, []),
        (
            {"lat": 52.6, "lon": -1.1, "max_km": 10.0},
            {"lat": 52.744, "lon": -1.1},
            ["6 km beyond what you said"],
        ),
        ({"lat": 52.6, "lon": -1.1}, {"lat": 53.0, "lon": -1.1}, ["19 km beyond the usual 25 km"]),
        (
            {"lat": 52.6, "lon": -1.1, "max_km": 0.0},
            {"lat": 52.609, "lon": -1.1},
            ["1 km beyond what you said"],
        ),
        ({"lat": 52.6, "lon": -1.1, "max_km": 5.0}, {"lat": 55.0, "lon": -1.1, "national": True}, []),
        ({"lat": 52.6, "lon": -1.1, "max_km": 5.0}, {"lat": 55.0, "lon": -1.1, "mode": "online"}, []),
        ({"lat": 52.6, "lon": -1.1, "max_km": 5.0}, {}, []),
        ({}, {"lat": 55.0, "lon": -1.1}, []),
        # level
        ({"level": 3}, {"level": 3}, []),
        ({"level": 3}, {"level": 2}, ["a level below"]),
        ({"level": 2}, {"level": 3}, ["a level above"]),
        ({"level": 5}, {"level": 2}, ["3 levels below"]),
        ({"level": 1}, {"level": 0}, ["a level below"]),
        ({"level": 3}, {"level": None}, []),
        # mode and attendance
        ({"modes": frozenset({"online"})}, {"mode": "online"}, []),
        ({"modes": frozenset({"online"})}, {"mode": "classroom"}, ["not online"]),
        ({"modes": frozenset({"online"})}, {"mode": "blended"}, []),
        ({"modes": frozenset({"workplace"})}, {"mode": "blended"}, ["not workplace"]),
        ({"modes": frozenset({"online", "workplace"})}, {"mode": "classroom"}, ["not online or workplace"]),
        ({"modes": frozenset({"online"})}, {"mode": ""}, []),
        ({"attendance": frozenset({"evening"})}, {"attendance": "evening"}, []),
        ({"attendance": frozenset({"evening"})}, {"attendance": "daytime"}, ["not evening"]),
        ({"attendance": frozenset({"evening"})}, {"attendance": "", "mode": "online"}, []),
        # kind
        ({"kinds": frozenset({"course"})}, {"kind": "course"}, []),
        ({"kinds": frozenset({"course"})}, {"kind": "apprenticeship"}, ["another kind of training"]),
        ({"kinds": frozenset({"apprenticeship"})}, {"kind": "foundation-apprenticeship"}, []),
        # budget
        ({"budget": 500.0}, {"price": 500.0}, []),
        ({"budget": 500.0}, {"price": 1_750.0}, ["£1,250 over budget before funding"]),
        ({"budget": 500.0}, {"price": None}, []),
        # dates
        ({"today": TODAY}, {"starts": (TODAY + 1,)}, []),
        ({"today": TODAY}, {"starts": (TODAY,)}, []),
        ({"today": TODAY}, {"starts": (TODAY - 1,)}, ["its start dates have passed"]),
        ({"today": TODAY}, {"starts": (TODAY - 1,), "flexible_start": True}, []),
        ({"today": TODAY}, {"starts": (TODAY - 9, TODAY + 9)}, []),
        ({"today": TODAY}, {}, ["no date yet"]),
        ({"today": TODAY}, {"flexible_start": True}, []),
        ({"today": TODAY, "start_by": TODAY + 30}, {"starts": (TODAY + 30,)}, []),
        (
            {"today": TODAY, "start_by": TODAY + 30},
            {"starts": (TODAY + 37,)},
            ["starts 1 week later than you said"],
        ),
        (
            {"today": TODAY, "start_by": TODAY + 30},
            {"starts": (TODAY + 58,)},
            ["starts 4 weeks later than you said"],
        ),
        ({"today": 0}, {"starts": (TODAY - 1,)}, []),
        ({"today": TODAY}, {"flexible_start": True, "confirmed": TODAY - 180}, []),
        (
            {"today": TODAY},
            {"flexible_start": True, "confirmed": TODAY - 730},
            ["not confirmed for 24 months"],
        ),
    ],
)
def test_each_shortfall_is_told_in_words(
    query: dict[str, Any], facts: dict[str, Any], expected: list[str]
) -> None:
    assert [words for _, words in reasons(Query("welding", **query), **facts)] == expected


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ({"level": 3}, {"level": 2}, {"level": 1}),
        ({"level": 3}, {"level": 4}, {"level": 6}),
        ({"lat": 52.6, "lon": -1.1, "max_km": 5.0}, {"lat": 52.7, "lon": -1.1}, {"lat": 52.75, "lon": -1.1}),
        ({"lat": 52.6, "lon": -1.1, "max_km": 25.0}, {"lat": 52.61, "lon": -1.1}, {"lat": 52.7, "lon": -1.1}),
        ({"budget": 500.0}, {"price": 600.0}, {"price": 900.0}),
        ({"today": TODAY, "start_by": TODAY}, {"starts": (TODAY + 20,)}, {"starts": (TODAY + 120,)}),
        ({"today": TODAY}, {"starts": (TODAY + 20,)}, {"starts": (TODAY - 20,)}),
        ({"modes": frozenset({"online"})}, {"mode": ""}, {"mode": "classroom"}),
    ],
)
def test_the_further_from_the_wish_the_lower_the_score(
    query: dict[str, Any], near: dict[str, Any], far: dict[str, Any]
) -> None:
    asked = Query("welding", **query)
    assert best(Query("welding")).score >= best(asked, **near).score > best(asked, **far).score > 0


@pytest.mark.parametrize(
    ("name", "query", "facts"),
    [
        ("level", {"level": 3}, {"level": 2}),
        ("distance", {"lat": 52.6, "lon": -1.1, "max_km": 5.0}, {"lat": 53.0, "lon": -1.1}),
        ("mode", {"modes": frozenset({"online"})}, {"mode": "classroom"}),
        ("attendance", {"attendance": frozenset({"evening"})}, {"attendance": "daytime"}),
        ("budget", {"budget": 500.0}, {"price": 900.0}),
        ("kind", {"kinds": frozenset({"course"})}, {"kind": "esol"}),
        ("start", {"today": TODAY, "start_by": TODAY + 5}, {"starts": (TODAY + 50,)}),
        ("start", {"today": TODAY}, {"starts": (TODAY - 50,)}),
    ],
)
def test_a_hard_constraint_leaves_the_offer_out_and_a_soft_one_does_not(
    name: str, query: dict[str, Any], facts: dict[str, Any]
) -> None:
    matcher = Matcher.fit([replace(PLAIN, **facts)])
    assert len(matcher.rank(Query("welding", **query))) == 1
    assert matcher.rank(Query("welding", hard=frozenset({name}), **query)) == []


@pytest.mark.parametrize("name", ["level", "distance", "mode", "attendance", "budget", "kind", "start"])
def test_a_fact_that_is_not_given_never_leaves_an_offer_out(name: str) -> None:
    query = Query(
        "welding",
        lat=52.6,
        lon=-1.1,
        max_km=5.0,
        modes=frozenset({"online"}),
        attendance=frozenset({"evening"}),
        level=3,
        start_by=TODAY,
        budget=10.0,
        kinds=frozenset({"course"}),
        today=TODAY,
        hard=frozenset({name}),
    )
    assert len(Matcher.fit([PLAIN]).rank(query)) == 1


def test_half_a_year_without_confirmation_counts_from_the_same_day_of_the_month() -> None:
    day = date(2026, 11, 23)
    for confirmed, told in ((date(2026, 5, 23), ["not confirmed for 6 months"]), (date(2026, 5, 24), [])):
        query = Query("welding", today=day.toordinal())
        found = reasons(query, flexible_start=True, confirmed=confirmed.toordinal())
        assert [words for _, words in found] == told


def test_an_offer_long_unconfirmed_is_not_left_out_by_a_hard_start() -> None:
    query = Query("welding", today=TODAY, hard=frozenset({"start"}))
    stale = replace(PLAIN, flexible_start=True, confirmed=TODAY - 900)
    assert len(Matcher.fit([stale]).rank(query)) == 1


def test_the_distance_is_told_in_kilometres_where_it_can_be_known(matcher: Matcher) -> None:
    # given Leicester and Loughborough, 16 to 17 km apart
    query = Query("welding", lat=52.6369, lon=-1.1398)
    found = {match.id: match.evidence.distance_km for match in matcher.rank(query)}
    assert found["weld-3"] == pytest.approx(15.6, abs=0.5)
    assert found["fab-app"] is None  # national: place does not matter


def test_strength_falls_with_the_constraints() -> None:
    free = best(Query("welding"), level=1)
    bound = best(Query("welding", level=4), level=1)
    assert bound.strength < free.strength
