"""Several facets on one page, and why a facet is unmet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillsmatch.matching import (
    UNMET_BELOW,
    Document,
    Evidence,
    Match,
    Matcher,
    Query,
    interleave,
    read_need,
    why_unmet,
)
from skillsmatch.matching.ranking import find, query_for

TODAY = 739_000
NOTHING = Evidence((), (), (), None, ())


def ranking(ids: str) -> list[Match]:
    return [Match(id, 1.0, 0.5, NOTHING) for id in ids]


def shown(rankings: list[str], limit: int) -> list[tuple[int, str]]:
    return [(facet, match.id) for facet, match in interleave([ranking(ids) for ids in rankings], limit)]


@pytest.mark.parametrize(
    ("rankings", "limit", "expected"),
    [
        (["abc"], 2, [(0, "a"), (0, "b")]),
        (["abc", "xyz"], 4, [(0, "a"), (1, "x"), (0, "b"), (1, "y")]),
        (["abc", "x"], 10, [(0, "a"), (1, "x"), (0, "b"), (0, "c")]),
        (["ab", "ab"], 10, [(0, "a"), (1, "b")]),
        (["", "xy"], 10, [(1, "x"), (1, "y")]),
        (["abc"], 0, []),
        ([], 5, []),
        (["", ""], 5, []),
    ],
)
def test_facets_take_turns_and_no_offer_comes_twice(
    rankings: list[str], limit: int, expected: list[tuple[int, str]]
) -> None:
    assert shown(rankings, limit) == expected


@given(st.lists(st.lists(st.sampled_from("abcdefghij"), unique=True), max_size=5), st.integers(0, 12))
def test_a_page_is_full_or_nothing_is_left_out(rankings: list[list[str]], limit: int) -> None:
    page = shown(["".join(ids) for ids in rankings], limit)
    everything = {id for ids in rankings for id in ids}
    assert len(page) == min(limit, len(everything))
    assert len({id for _, id in page}) == len(page)


def test_ten_facets_are_all_served_by_the_first_ten() -> None:
    letters = "abcdefghijklmnopqrst"
    assert {facet for facet, _ in shown([letters[i] + letters[i + 10] for i in range(10)], 10)} == set(
        range(10)
    )


def test_a_whole_text_is_answered_facet_by_facet(matcher: Matcher) -> None:
    # when a text of three needs is asked
    page = find(matcher, "forklift x3, someone who knows Sage, and the packers' English", 3)

    # then the first three offers serve one need each
    assert [(facet, match.id) for facet, match in page] == [(0, "fork"), (1, "books"), (2, "esol-e2")]


def test_a_blank_text_finds_nothing(matcher: Matcher) -> None:
    assert find(matcher, "  ", 10) == []


def test_a_query_takes_its_facets_level_and_kind_and_the_texts_mode() -> None:
    reading = read_need("a level 3 joinery apprentice, evenings, online")
    query = query_for(reading.facets[0], reading)
    assert query.level == 3
    assert query.kinds == {"apprenticeship"}
    assert query.modes == {"online"}
    assert query.attendance == {"evening"}


def test_the_level_of_one_need_is_not_that_of_another() -> None:
    reading = read_need("We need a level 5 management course for two managers, and first aid for ten staff")
    first, second = (query_for(facet, reading) for facet in reading.facets)
    assert (first.level, second.level) == (5, None)


WELDING = Document(
    "weld",
    "Welding",
    "Welding of steel",
    kind="course",
    level=2,
    lat=52.6,
    lon=-1.1,
    mode="classroom",
    attendance="daytime",
    starts=(TODAY + 200,),
    price=900.0,
)


def reasons(offer: Document, text: str = "welding", **wishes: Any) -> tuple[str, ...]:
    matcher = Matcher.fit([offer, Document("other", "Beekeeping", "hives and honey")])
    query = Query(text, **wishes)
    return why_unmet(matcher, query, matcher.rank(query))


def test_a_met_need_has_no_reason() -> None:
    assert reasons(WELDING) == ()


def test_where_nobody_teaches_it_the_reason_is_no_provision() -> None:
    assert reasons(WELDING, "quantum chromodynamics") == ("no-provision",)
    assert reasons(WELDING, "🙂") == ("no-provision",)


@pytest.mark.parametrize(
    ("reason", "hard", "wishes"),
    [
        ("wrong-level", "level", {"level": 6}),
        ("too-far", "distance", {"lat": 55.0, "lon": -1.1, "max_km": 5.0}),
        ("wrong-mode-or-time", "mode", {"modes": frozenset({"online"})}),
        ("wrong-mode-or-time", "attendance", {"attendance": frozenset({"evening"})}),
        ("starts-too-late", "start", {"today": TODAY, "start_by": TODAY + 5}),
        ("too-expensive", "budget", {"budget": 100.0}),
    ],
)
def test_one_constraint_that_shuts_every_offer_out_is_the_reason(
    reason: str, hard: str, wishes: dict[str, Any]
) -> None:
    assert reasons(WELDING, hard=frozenset({hard}), **wishes)[0] == reason


def test_offers_whose_dates_have_all_passed_are_out_of_date() -> None:
    old = replace(WELDING, starts=(TODAY - 100,))
    assert "no-places-or-out-of-date" in reasons(old, today=TODAY, hard=frozenset({"start"}))


def test_two_constraints_that_only_together_shut_it_out_are_both_named() -> None:
    # given an offer that is too far and too dear, both unbending
    wishes = {"lat": 55.0, "lon": -1.1, "max_km": 5.0, "budget": 100.0}
    told = reasons(replace(WELDING, mode="classroom"), hard=frozenset({"distance"}), level=8, **wishes)

    # then each of them is a reason or part of one, and provision is not denied
    assert "too-far" in told
    assert "no-provision" not in told


def test_the_strength_that_decides_is_one_half() -> None:
    # given rankings just below and at the mark
    matcher = Matcher.fit([WELDING])
    below = [Match("weld", 1.0, UNMET_BELOW - 0.01, NOTHING)]
    at = [Match("weld", 1.0, UNMET_BELOW, NOTHING)]

    # then only the lower is unmet
    assert why_unmet(matcher, Query("juggling"), below) == ("no-provision",)
    assert why_unmet(matcher, Query("juggling"), at) == ()
