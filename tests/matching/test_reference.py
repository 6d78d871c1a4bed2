"""The quick ranking against a slow plain one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from skillsmatch.matching import Document, Matcher, Query, evaluating
from tests.matching.reference import Reference

NEEDS = (
    "TIG welding",
    "hydralics and pnuematics",
    "someone who knows Sage",
    "sparky with 18th edition",
    "English lessons for night staff",
    "team leader training, evening",
    "fork lift x3",
    "first aid",
    "a",
    "welding " * 300 + "bookkeeping",
)


def agree(quick: list[tuple[str, float]], slow: list[tuple[str, float]]) -> bool:
    """The same scores in the same places, and the same offers but where scores tie to the sixth figure."""
    if len(quick) != len(slow):
        return False
    for (id, score), (other, expected) in zip(quick, slow, strict=True):
        if abs(score - expected) > 1e-5:
            return False
        if id != other and not any(abs(score - near) < 1e-5 for name, near in slow if name == id):
            return id not in {name for name, _ in slow} and abs(score - slow[-1][1]) < 1e-5
    return True


@pytest.mark.parametrize("text", NEEDS)
@pytest.mark.parametrize("constrained", [False, True])
def test_the_first_ten_equal_those_of_a_slow_plain_reference(
    matcher: Matcher, offers: tuple[Document, ...], today: int, text: str, constrained: bool
) -> None:
    # given a query, with and without every constraint
    query = Query(text)
    if constrained:
        query = Query(
            text,
            lat=52.6,
            lon=-1.1,
            max_km=8.0,
            modes=frozenset({"classroom"}),
            attendance=frozenset({"evening"}),
            level=2,
            start_by=today + 60,
            budget=400.0,
            kinds=frozenset({"course"}),
            today=today,
        )

    # when both rank it
    quick = [(match.id, match.score) for match in matcher.rank(query)]
    slow = Reference(offers).scores(matcher, query)[:10]

    # then they agree
    assert agree(quick, slow)


def test_on_real_offers_the_first_ten_equal_the_reference(shared: Path) -> None:
    # given the SOC unit groups and every fifth of their judged titles
    documents = evaluating.read_documents(shared / "data/bench/docs/soc2020_unit_groups.jsonl.gz")
    judged = evaluating.read_queries(shared / "data/bench/typos_title_to_soc2020.jsonl")[::5]
    matcher, reference = Matcher.fit(documents), Reference(documents)

    # when both rank them
    same = [
        agree(
            [(match.id, match.score) for match in matcher.rank(Query(need.text))],
            reference.scores(matcher, Query(need.text))[:10],
        )
        for need in judged
    ]

    # then at most one in a thousand differs
    assert sum(same) >= 0.999 * len(same)


def test_runs_of_one_course_are_scored_once_and_ranked_apart(
    offers: tuple[Document, ...], today: int
) -> None:
    # given every offer at five places and times
    runs = [
        replace(
            offer,
            id=f"{offer.id}-{run}",
            lat=52.3 + run / 5,
            lon=-1.1 - run / 7,
            starts=(today + 40 * run - 50,),
        )
        for offer in offers
        for run in range(5)
    ]
    matcher = Matcher.fit(runs)
    assert matcher.parts[0].segment.texts == len(offers)

    # when a firm asks from one place
    for text in NEEDS:
        query = Query(text, lat=52.6, lon=-1.1, max_km=8.0, start_by=today + 60, today=today)
        quick = [(match.id, match.score) for match in matcher.rank(query, 25)]

        # then they stand as the reference puts them, the nearest run first
        assert agree(quick, Reference(runs).scores(matcher, query)[:25])


def test_a_run_that_is_withdrawn_takes_no_other_with_it(offers: tuple[Document, ...]) -> None:
    # given two runs of every offer, of which one is withdrawn
    runs = [replace(offer, id=f"{offer.id}-{run}") for offer in offers for run in "ab"]
    matcher = Matcher.fit(runs).updated([], [f"{offer.id}-a" for offer in offers])

    # then the others stand in the order in which the offers would stand alone
    alone = Matcher.fit(offers)
    for text in NEEDS:
        expected = [f"{match.id}-b" for match in alone.rank(Query(text))]
        assert [match.id for match in matcher.rank(Query(text))] == expected


def test_candidates_are_widened_until_no_offer_outside_can_enter() -> None:
    # given 600 equal offers of which only the last in order is near
    far = [
        Document(f"far-{number:03}", "Welding", "welding steel", lat=55.0, lon=-1.1) for number in range(600)
    ]
    matcher = Matcher.fit([*far, Document("z-near", "Welding steel", "", lat=52.6, lon=-1.1)])

    # when a firm with a limit of five kilometres asks
    best = matcher.rank(Query("welding", lat=52.6, lon=-1.1, max_km=5.0), limit=1)

    # then the near one is found although 600 texts score as well or better
    assert [match.id for match in best] == ["z-near"]
