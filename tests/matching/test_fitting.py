"""The weights of the signals, fitted anew in made-up worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from skillsmatch.matching import Document, Matcher, Query, candidates, fitting, metrics
from skillsmatch.matching.candidates import FittingError, Known, collect, halves, twin_of
from skillsmatch.matching.development import DevelopmentSets
from skillsmatch.matching.evaluating import Judged
from skillsmatch.matching.reading import facet_of
from skillsmatch.matching.segment import SIGNALS
from skillsmatch.matching.weights import Weights, shipped_weights

TRADES = ("welding", "bookkeeping", "forklift", "plumbing", "dementia", "payroll", "hairdressing", "roofing")
KINDS = ("safety", "repair", "records", "planning")


def world(telling: str, queries: int = 60, wide: int = 30, seed: int = 3) -> Known:
    """Queries of every length in two sets, whose one relevant candidate stands out by one signal alone."""
    chance = np.random.default_rng(seed)
    values = chance.random((len(SIGNALS), queries, wide), dtype=np.float32)
    gains = np.zeros((queries, wide), dtype=np.float32)
    best = chance.integers(wide, size=queries)
    gains[np.arange(queries), best] = 1.0
    values[SIGNALS.index(telling), np.arange(queries), best] = 1.1
    long = chance.random(queries)
    return Known(
        ("one", "two"),
        np.arange(queries) % 2,
        tuple(f"{'one' if number % 2 == 0 else 'two'} {number}" for number in range(queries)),
        np.stack([1 - long, long], axis=1).astype(np.float32),
        values,
        gains,
        np.ones(queries),
    )


@pytest.mark.parametrize("telling", SIGNALS)
def test_the_signal_that_alone_tells_relevance_gets_most_of_the_weight(telling: str) -> None:
    # given a world in which the other three signals are chance
    known = world(telling)

    # when the weights are fitted
    fitted = fitting.fit(known, seed=7)

    # then both ways give it most, for short needs and for long ones, and that is better than what is shipped
    for way in fitted.ways.values():
        assert min(way.table[SIGNALS.index(telling)]) > 0.6
        assert way.table.sum(axis=0) == pytest.approx([1.0, 1.0])
        assert way.table.min() >= 0.0
        assert min(*way.seen.values(), *way.unseen.values()) > 0.9
    shipped = known.by_set(known.ndcg(fitting.table_of(shipped_weights())))
    assert candidates.mean_of(fitted.ways[fitted.chosen].seen) >= candidates.mean_of(shipped)


def test_long_and_short_needs_can_rest_on_different_signals() -> None:
    # given short needs that the meaning tells, and long ones that the words tell
    short, long = world("meaning"), world("body words", seed=4)
    lengths = np.repeat(np.eye(2, dtype=np.float32), len(short), axis=0)
    known = Known(
        short.sets,
        np.concatenate([short.of, long.of]),
        short.twins + long.twins,
        lengths,
        np.concatenate([short.values, long.values], axis=1),
        np.concatenate([short.gains, long.gains]),
        np.ones(2 * len(short)),
    )

    table = fitting.ascended(known, fitting.regressed(known, 7), 7)

    assert table[SIGNALS.index("meaning"), 0] > 0.6
    assert table[SIGNALS.index("body words"), 1] > 0.6


def test_the_ascent_only_ever_takes_steps_up() -> None:
    # given signals of which none tells anything, so that there is something to gain by chance only
    known = world("meaning", wide=12)
    known.gains[:] = np.random.default_rng(1).permuted(known.gains, axis=1)
    even = np.full((4, 2), 0.25)

    assert known.mean(fitting.ascended(known, even, 7)) > known.mean(even)


def test_the_same_seed_gives_the_same_weights() -> None:
    first, second = (fitting.fit(world("name words", queries=24), seed=5).as_data() for _ in range(2))
    assert first == second


def test_no_figure_called_unseen_is_of_weights_that_saw_the_query(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a way of fitting that notes what it is shown
    known = world("meaning", queries=20)
    shown: list[set[str]] = []
    asked: list[set[str]] = []
    even = np.full((4, 2), 0.25)

    def way(some: Known) -> Any:
        shown.append(set(some.twins))
        return even

    measure = Known.ndcg
    monkeypatch.setattr(
        Known, "ndcg", lambda some, table: asked.append(set(some.twins)) or measure(some, table)
    )

    fitting._unseen(known, way, seed=7)

    assert len(shown) == len(asked) == 2 * fitting.DEALS
    assert all(not saw & held for saw, held in zip(shown, asked, strict=True))
    assert set.union(*asked) == set(known.twins)


def test_rounded_weights_still_sum_to_one() -> None:
    chance = np.random.default_rng(2)
    for _ in range(50):
        table = chance.dirichlet(np.ones(4), size=2).T
        close = fitting.rounded(table)
        assert close.sum(axis=0) == pytest.approx([1.0, 1.0])
        assert np.abs(close - table).max() < 0.01 + 1e-9
        assert np.allclose(100 * close, np.rint(100 * close))


def documents() -> list[Document]:
    return [
        Document(f"{trade}-{kind}", f"{trade.title()} {kind}", f"Everyday {kind} in {trade} work.")
        for trade in TRADES
        for kind in KINDS
    ]


def sets() -> DevelopmentSets:
    """Needs for each document, some asked again with a slip of the keyboard."""
    clean, typos = [], []
    for number, document in enumerate(documents()):
        right = ((document.id, 1, ""),)
        told = document.title.lower()
        clean.append(Judged(f"Q{number}", told, right, ()))
        if number % 2:
            typos.append(Judged(f"T-Q{number}", told[:2] + told[3] + told[2] + told[4:], right, ()))
    return DevelopmentSets(
        {"asked": clean, "typos_asked": typos},
        {"few": documents()},
        {"asked": "few", "typos_asked": "few"},
    )


@pytest.fixture(scope="module")
def known() -> Known:
    return collect(sets(), most=100, seed=7)


@pytest.mark.parametrize("seed", [1, 7, 8])
def test_a_query_and_its_twin_with_typing_errors_fall_into_one_half(known: Known, seed: int) -> None:
    first, second = (set(half.tolist()) for half in halves(known, seed))

    assert not first & second
    assert first | second == set(range(len(known)))
    names = [{known.twins[row] for row in half} for half in (first, second)]
    assert not names[0] & names[1]
    assert len(names[0]) == len(names[1]) == len(documents()) / 2
    assert len(known) == 1.5 * len(documents())  # so there are twins


def test_another_seed_deals_otherwise(known: Known) -> None:
    assert halves(known, 1)[0].tolist() != halves(known, 2)[0].tolist()


def test_twins_are_sampled_together() -> None:
    few = collect(sets(), most=9, seed=7)
    clean = {twin for twin, number in zip(few.twins, few.of, strict=True) if few.sets[number] == "asked"}
    slips = {twin for twin, number in zip(few.twins, few.of, strict=True) if few.sets[number] != "asked"}
    assert len(clean) == 9
    assert {twin for twin in slips if twin in clean} == {
        twin_of("typos_asked", query.id)
        for query in sets().queries["typos_asked"]
        if twin_of("typos_asked", query.id) in clean
    }
    assert clean & slips


def test_another_seed_takes_other_queries() -> None:
    assert set(collect(sets(), 9, 1).twins) != set(collect(sets(), 9, 2).twins)


@pytest.mark.parametrize("drawn", range(3))
def test_the_figures_are_those_of_the_orders_that_the_matcher_gives(drawn: int) -> None:
    # given weights of any kind, and needs that want documents near and far
    chance = np.random.default_rng(drawn)
    table = chance.dirichlet(np.ones(4), size=2).T
    some = sets()
    ids = [document.id for document in documents()]
    for name, queries in some.queries.items():
        some.queries[name] = [
            replace(
                query, judgements=tuple((id, grade, "") for grade, id in enumerate(chance.choice(ids, 4)))
            )
            for query in queries
        ]
    weights = Weights(fitting.as_signals(table), shipped_weights().strength, "")
    fitted = Matcher.fit(some.documents["few"])
    matcher = Matcher(fitted.parts, weights=weights)

    # when the kept signals are weighed, and when the matcher ranks by these weights
    known = collect(some, most=100, seed=7)
    told = known.ndcg(fitting.table_of(weights))
    by_twin: dict[tuple[str, str], float] = {
        (known.sets[number], twin): float(figure)
        for number, twin, figure in zip(known.of, known.twins, told, strict=True)
    }

    # then each query has the same nDCG@10
    for name, queries in some.queries.items():
        for query in queries:
            order = [id for id, _ in matcher.scores(Query(facet_of(query.text).text), 10)]
            assert by_twin[name, twin_of(name, query.id)] == pytest.approx(
                metrics.ndcg(order, query.grades()), abs=1e-6
            )
    assert len(set(told.tolist())) > 20  # so the orders do differ


def test_equal_scores_stand_in_order_of_id_as_on_the_page() -> None:
    # given offers that say the same, of which a need wants the third by id; documents come in any order
    same = [Document(f"d{number}", "Welding", "Steel.") for number in (3, 1, 2, 0)]
    wanted = Judged("Q1", "welding", (("d2", 1, ""),), ())
    known = collect(DevelopmentSets({"asked": [wanted]}, {"few": same}, {"asked": "few"}), 10, 7)

    # then it stands third
    assert [id for id, _ in Matcher.fit(same).scores(Query("welding"))] == ["d0", "d1", "d2", "d3"]
    assert known.ndcg(np.full((4, 2), 0.25))[0] == pytest.approx(1 / np.log2(4))


def test_grades_above_one_count_for_more() -> None:
    # given two candidates that a need wants, one more than the other, and one that it does not
    values = np.zeros((4, 1, 3), dtype=np.float32)
    values[0] = [[0.2, 0.9, 0.5]]
    known = Known(
        ("one",),
        np.zeros(1, dtype=np.int64),
        ("one 1",),
        np.asarray([[1.0, 0.0]], dtype=np.float32),
        values,
        np.asarray([[2.0**3 - 1, 0.0, 2.0**1 - 1]], dtype=np.float32),
        np.asarray([7 + 1 / np.log2(3)]),
    )
    expected = metrics.ndcg(["b", "c", "a"], {"a": 3, "c": 1})
    assert known.ndcg(np.asarray([[1.0, 1.0], *[[0.0, 0.0]] * 3]))[0] == pytest.approx(expected)


def test_a_single_query_is_too_little_to_learn_from() -> None:
    some = sets()
    some.queries = {"asked": some.queries["asked"][:1]}
    with pytest.raises(FittingError, match="too few queries"):
        fitting.fit(collect(some, 100, 7), 7)


def test_a_query_that_asks_for_nothing_finds_nothing() -> None:
    some = sets()
    nothing: Sequence[Judged] = [Judged("Q0", "!!", (("welding-safety", 1, ""),), ())]
    some.queries = {"asked": [*nothing, *some.queries["asked"][1:6]]}
    known = collect(some, 100, 7)
    assert known.ndcg(np.full((4, 2), 0.25))[0] == 0.0
