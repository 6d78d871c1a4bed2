"""Matching turned round gives what ranking gives, for every pair of a past need and an offer."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from skillsmatch.matching import UNMET_BELOW, Document, Match, Matcher, PastNeeds, Query

TEXTS = (
    "TIG welders for pipe work",
    "weldng",
    "someone for Sage and the VAT returns",
    "forklift refresher",
    "sparky",
    "first aid",
    "english for the packers",
    "team leader training for two supervisors who have never managed anybody",
    "care assistants, dementia",
    "juggling with fire",
    "maintenance engineer, hydraulics",
    "Level 3 welding",
    "the",
    "??",
    "",
)


@pytest.fixture(scope="module")
def asked(today: int) -> list[tuple[str, Query]]:
    """Each text with several sets of constraints, seeded."""
    chance = random.Random(5)
    queries = []
    for text in TEXTS:
        for turn in range(4):
            bound = Query(text) if turn == 0 else Query(
                text,
                lat=chance.choice((None, 52.6, 53.4)),
                lon=-1.1,
                max_km=chance.choice((None, 5.0, 60.0)),
                modes=frozenset(chance.sample(["classroom", "online", "workplace"], chance.randint(0, 2))),
                attendance=frozenset(chance.sample(["evening", "daytime"], chance.randint(0, 1))),
                level=chance.choice((None, 2, 3, 6)),
                start_by=chance.choice((None, today + 20)),
                budget=chance.choice((None, 300.0)),
                kinds=frozenset(chance.sample(["course", "apprenticeship"], chance.randint(0, 1))),
                today=chance.choice((0, today)),
                hard=frozenset(chance.sample(["distance", "level", "mode"], chance.randint(0, 2))),
            )  # fmt: skip
            queries.append((f"{TEXTS.index(text):02}-{turn}", bound))
    return queries


def by_ranking(matcher: Matcher, asked: list[tuple[str, Query]], least: float) -> dict[str, dict[str, Match]]:
    """What the road forwards says: for each offer, the needs that it meets."""
    met: dict[str, dict[str, Match]] = {}
    for id, query in asked:
        for match in matcher.rank(query, max(len(matcher), 1)):
            if match.strength >= least:
                met.setdefault(match.id, {})[id] = replace(match, id=id)
    return met


def same(told: Sequence[Match], expected: dict[str, Match]) -> bool:
    """Whether the pairs and their reasons are the same, and the figures but for the last place of a sum."""
    if {match.id for match in told} != set(expected):
        return False
    return all(
        match.score == pytest.approx(expected[match.id].score, abs=1e-5)
        and match.strength == pytest.approx(expected[match.id].strength, abs=1e-4)
        and match.evidence.matched == expected[match.id].evidence.matched
        and match.evidence.missing == expected[match.id].evidence.missing
        and match.evidence.gaps == expected[match.id].evidence.gaps
        and match.evidence.distance_km == expected[match.id].evidence.distance_km
        for match in told
    )


@pytest.mark.parametrize("least", [0.0001, 0.2, UNMET_BELOW, 0.8])
def test_each_pair_has_the_score_strength_and_evidence_of_ranking(
    matcher: Matcher, offers: tuple[Document, ...], asked: list[tuple[str, Query]], least: float
) -> None:
    given = PastNeeds.read(matcher, asked).met_by(offers, least)

    expected = by_ranking(matcher, asked, least)
    fits = PastNeeds.read(matcher, asked).fits(offers, least)
    assert {id: dict(zip(one.ids, one.strengths, strict=True)) for id, one in fits.items()} == {
        id: {match.id: match.strength for match in told.best} for id, told in given.items() if told.count
    }
    assert list(given) == [offer.id for offer in offers]
    for id, told in given.items():
        assert same(told.best, expected.get(id, {})), id
        assert told.count == len(told.best)
    assert sum(told.count for told in given.values()) > 10


def test_new_and_changed_offers_are_judged_as_the_catalogue_with_them_would(
    matcher: Matcher, offers: tuple[Document, ...], asked: list[tuple[str, Query]]
) -> None:
    changed = [
        replace(offers[0], title="Sage for beginners", text="Ledgers and VAT returns.", aliases=()),
        Document(
            "new", "Fork lift truck refresher", "For operators whose ticket has run out.", mode="workplace"
        ),
    ]

    given = PastNeeds.read(matcher, asked).met_by(changed)

    expected = by_ranking(matcher.updated(changed, ()), asked, UNMET_BELOW)
    assert list(given) == ["weld-2", "new"]
    assert same(given["new"].best, expected["new"])
    assert same(given["weld-2"].best, expected["weld-2"])
    assert not any(match.id.startswith("00") for match in given["weld-2"].best)


def test_offers_of_a_changed_catalogue_stand_in_either_part(
    matcher: Matcher, offers: tuple[Document, ...], asked: list[tuple[str, Query]]
) -> None:
    renamed = replace(offers[2], title="Welder and fabricator")
    changed = matcher.updated([renamed], ["books"])

    given = PastNeeds.read(changed, asked).met_by([offers[1], renamed], 0.1)

    expected = by_ranking(changed, asked, 0.1)
    for id, told in given.items():
        assert same(told.best, expected[id])


def test_the_best_come_first_equals_by_id_and_no_more_than_asked_for(
    matcher: Matcher, offers: tuple[Document, ...], asked: list[tuple[str, Query]]
) -> None:
    past = PastNeeds.read(matcher, asked)

    every = past.met_by(offers[:1], 0.05)["weld-2"]
    few = past.met_by(offers[:1], 0.05, most=3)["weld-2"]

    keys = [(-match.strength, -match.score, match.id) for match in every.best]
    assert keys == sorted(keys)
    assert few.best == every.best[:3]
    assert few.count == every.count > 3


def test_two_processes_and_small_batches_give_the_same(
    matcher: Matcher,
    offers: tuple[Document, ...],
    asked: list[tuple[str, Query]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = PastNeeds.read(matcher, asked).met_by(offers, 0.1, most=4)
    monkeypatch.setattr("skillsmatch.matching.reverse.AT_ONCE", 5)

    two = PastNeeds.read(matcher, asked, jobs=2).met_by(offers, 0.1, most=4, jobs=2)

    assert two == one


def test_a_hard_constraint_leaves_a_past_need_out(matcher: Matcher, offers: tuple[Document, ...]) -> None:
    free, bound = Query("TIG welding"), Query("TIG welding", level=6, hard=frozenset({"level"}))

    told = PastNeeds.read(matcher, [("free", free), ("bound", bound)]).met_by(offers[:1])

    assert [match.id for match in told["weld-2"].best] == ["free"]


def test_nothing_in_gives_nothing_out(matcher: Matcher, offers: tuple[Document, ...]) -> None:
    none = PastNeeds.read(matcher, [])
    wordless = PastNeeds.read(matcher, [("a", Query("")), ("b", Query("?!"))])

    assert len(none) == 0
    assert none.met_by(offers[:1])["weld-2"].best == ()
    assert none.met_by([]) == {}
    assert wordless.met_by(offers[:1], 0.0001)["weld-2"].count == 0
