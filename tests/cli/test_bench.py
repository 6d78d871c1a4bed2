"""The bench command: what it prints, who is absent, and that its texts are always alike."""

from __future__ import annotations

import gc
import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from skillsmatch.cli import bench as benching
from skillsmatch.cli import bench_peers, bench_worker
from skillsmatch.cli.bench_report import Run, report
from skillsmatch.cli.bench_texts import (
    file_offers,
    keep_offers,
    kept_offers,
    own_facets,
    own_offers,
    own_queries,
)
from skillsmatch.cli.bench_worker import forget_texts
from skillsmatch.cli.matching import matching
from skillsmatch.matching import Matcher, Query

KEYS = {"matcher", "offers", "fit_s", "load_ms", "rank_ms", "rss_mb"}
DEMONSTRATION = Path(benching.ROOT) / "skillsmatch" / "area" / "leicestershire" / "demonstration.csv"
ONE_QUERY = '{"query": "two welders, TIG mainly"}\n{"query": "a forklift refresher"}\n'


@pytest.fixture
def queries(tmp_path: Path) -> str:
    path = tmp_path / "queries.jsonl"
    path.write_text(ONE_QUERY, encoding="utf-8")
    return str(path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(matching, ["bench", *arguments])


def timed_run(matcher: str, offers: int, ms: float) -> Run:
    """A run of two queries, each of so many milliseconds."""
    served: dict[str, Any] = {
        "rank_ms": [[ms, ms], [ms, ms]],
        "work_ms": [[ms, ms], [ms, ms]],
        "constrained_ms": [[ms], [ms]],
        "pages_ms": [[ms], [ms]],
        "firsts_ms": [[ms], [ms]],
        "load_ms": None if matcher == "dense" else 12.0,
        **dict.fromkeys(("rss_mb", "full_pages", "change_ms", "encoder_ms"), 1.0),
        "encoder_first_ms": 1.0,
    }
    return Run(matcher, offers, {} if matcher == "dense" else {"fit_s": 0.5, "peak_mb": 1.0}, [served])


def test_its_last_line_is_one_object_with_every_key_for_everyone_present(queries: str) -> None:
    told = run("--offers", "40", "--queries", queries, "--rounds", "1", "--json")

    assert told.exit_code == 0, told.output
    answer = json.loads(told.output.splitlines()[-1])
    assert told.stdout.count("\n") == 1
    assert set(answer) == {"runs"}
    present = [name for name in bench_peers.CONTENDERS if name not in bench_peers.absent()]
    assert [(each["offers"], each["matcher"]) for each in answer["runs"]] == [(40, name) for name in present]
    for each in answer["runs"]:
        assert set(each) == KEYS
        assert set(each["rank_ms"]) == {"p50", "p99"}
        assert 0 < each["rank_ms"]["p50"] <= each["rank_ms"]["p99"]
        assert each["rss_mb"] > 10
        assert (each["load_ms"] is None) == (each["fit_s"] is None) == (each["matcher"] == "dense")
    for name in bench_peers.absent():
        assert f"not measured: {name}" in told.stderr


def test_a_catalogue_file_is_measured_and_one_too_short_is_refused(queries: str) -> None:
    options = ["--catalogue", str(DEMONSTRATION), "--queries", queries, "--rounds", "1"]

    told = run("--offers", "30", *options, "--matcher", "skillsmatch", "--json")
    short = run("--offers", "5000", *options)

    assert json.loads(told.stdout)["runs"][0]["offers"] == 30
    assert "skillsmatch at 30: with place, level and dates" in told.stderr
    assert short.exit_code == 1
    assert "5,000 were asked for" in short.output


def test_peers_that_are_not_installed_are_named_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_peers, "NEEDED", {"bm25s": ("no_such_module",), "tantivy": ("nor_this",)})
    asked: list[str] = []

    def answered(told: dict[str, Any]) -> dict[str, Any]:
        asked.append(told["matcher"])
        done = timed_run(told["matcher"], told["count"], 1.0)
        return done.fit if told["do"] == "fit" else done.served[0]

    monkeypatch.setattr(benching, "_in_its_own_process", answered)

    told = run("--offers", "10")

    assert told.exit_code == 0, told.output
    assert "not measured: bm25s: no_such_module not installed" in told.output
    assert "not measured: tantivy: nor_this not installed" in told.output
    assert not {"bm25s", "tantivy"} & set(asked)
    assert "skillsmatch" in asked


def test_ratios_and_growth_are_those_of_the_times() -> None:
    runs = [
        timed_run(name, size, ms)
        for size, times in ((100, (2.0, 4.0, 1.0)), (1000, (6.0, 9.0, 3.0)))
        for name, ms in zip(("skillsmatch", "bm25s", "dense"), times, strict=True)
    ]

    lines = "\n".join(report(runs, {}, 2, 2))

    assert "ratio at 100 offers, ours / peer, p50 / p99: bm25s 0.50 / 0.50, dense 2.00 / 2.00" in lines
    assert "ratio at 1,000 offers, ours / peer, p50 / p99: bm25s 0.67 / 0.67, dense 2.00 / 2.00, " in lines
    assert "bm25s + dense 0.50 / 0.50" in lines
    assert "growth from 100 to 1,000 offers (10.0 times), p50 / p99: skillsmatch 3.0 / 3.0" in lines


def test_a_hiccup_in_one_timing_of_a_query_does_not_count() -> None:
    quiet = timed_run("bm25s", 10, 2.0).served[0]
    held_up = {**quiet, "rank_ms": [[2.0, 900.0], [2.0, 2.0]]}

    measured = Run("bm25s", 10, {}, [quiet, held_up])

    assert measured.as_data()["rank_ms"] == {"p50": 2.0, "p99": 2.0}
    assert measured.slowest() == 900.0


def test_the_same_seed_gives_the_same_offers_and_a_longer_run_begins_alike() -> None:
    first, again, longer = list(own_offers(30)), list(own_offers(30)), list(islice(own_offers(90), 30))

    assert first == again == longer
    assert first != list(own_offers(30, seed=12))
    assert len({offer.title for offer in first}) > 20


def test_offers_come_back_from_the_file_as_they_were(tmp_path: Path) -> None:
    offers = [*own_offers(5), *file_offers(DEMONSTRATION, 5)]

    keep_offers(offers, tmp_path / "offers.jsonl")

    assert list(kept_offers(tmp_path / "offers.jsonl", 10)) == offers
    assert list(kept_offers(tmp_path / "offers.jsonl", 3)) == offers[:3]


def test_there_are_ninety_needs_of_all_lengths_and_none_twice() -> None:
    lengths = sorted(len(query.split()) for query in own_queries())

    assert len(set(own_queries())) == 90
    assert lengths[0] == 1 and lengths[45] in range(12, 20) and lengths[-1] > 70


def test_no_answer_is_remembered_from_one_timing_to_the_next() -> None:
    from skillsmatch.matching import meaning

    matcher = Matcher.fit(own_offers(20))
    matcher.rank(Query("weldng for two lads"), 3)
    encoder = meaning.shipped_encoder()

    gc.unfreeze()  # what conftest.py has put aside is not found
    forget_texts()

    assert meaning._vector.cache_info().currsize == 0
    assert matcher._asked.cache_info().currsize == 0  # type: ignore[attr-defined]
    assert matcher.speller.correction.cache_info().currsize == 0  # type: ignore[attr-defined]
    assert meaning.shipped_encoder() is encoder


def test_past_needs_against_new_offers_are_measured_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_worker, "NEW_OFFERS", 25)
    Matcher.fit(own_offers(40)).save(tmp_path / "index")

    told = bench_worker.reverse({"folder": str(tmp_path / "index"), "facets": 30})

    assert told["new"] == 25
    assert told["met"] > 0
    assert told["read_s"] > 0 and told["met_s"] > 0 and told["cpu_s"] > 0


def test_made_up_past_needs_are_the_same_every_time() -> None:
    facets = list(own_facets(40))

    assert facets == list(islice(own_facets(80), 40))
    assert len({query.text for _, query in facets}) > 35
    assert len({id for id, _ in facets}) == 40


def test_turning_round_without_ours_says_what_it_needs(queries: str) -> None:
    told = run(
        "--offers", "20", "--queries", queries, "--matcher", "dense", "--rounds", "1", "--reverse", "5"
    )

    assert "--reverse needs skillsmatch" in told.output
