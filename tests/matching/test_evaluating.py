"""The evaluate command, by the road a need takes on the page."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from skillsmatch.cli.matching import matching
from skillsmatch.matching import Matcher, evaluating
from skillsmatch.matching.strength import calibrate

KEYS = {"queries", "ndcg@10", "recall@3", "recall@10", "mrr@10", "facet_hit@10", "ms_per_query", "matcher"}

DOCUMENTS = [
    {"id": "w", "title": "Welding Level 2", "text": "MIG and TIG", "kind": "course", "level": "Level 2"},
    {"id": "s", "title": "Bookkeeping", "text": "Sage and ledgers", "aliases": ["Bookkeeper"], "level": 3},
    {"id": "e", "title": "ESOL Entry 1", "text": "Speaking English", "kind": "esol", "level": "E"},
]
QUERIES: list[dict[str, Any]] = [
    {
        "id": "N1",
        "query": "We need TIG welding for two, and a Sage course for the office, and juggling for the boss",
        "facets": [
            {"facet": "a", "need": "TIG welding"},
            {"facet": "b", "need": "Sage bookkeeping"},
            {"facet": "c", "need": "juggling with fire"},
        ],
        "relevant": [
            {"id": "w", "grade": 3, "facet": "a"},
            {"id": "s", "grade": 2, "facet": "b"},
            {"id": "e", "grade": 1, "facet": "c"},
        ],
    },
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode(), mtime=0))
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    documents = write(tmp_path / "docs.jsonl.gz", DOCUMENTS)
    return str(documents), str(write(tmp_path / "queries.jsonl", QUERIES))


def run(*arguments: str) -> Any:
    return CliRunner().invoke(matching, arguments)


def test_the_last_line_is_one_json_object_with_every_key(files: tuple[str, str]) -> None:
    # when the small set is measured
    told = run("evaluate", "--docs", files[0], "--queries", files[1], "--json")

    # then the answer is one line, and what a person can reckon is right
    assert told.exit_code == 0
    (line,) = told.output.splitlines()
    measured = json.loads(line)
    assert set(measured) == KEYS
    assert measured["queries"] == 1
    assert measured["facet_hit@10"] == 1.0
    assert measured["recall@3"] >= 2 / 3 - 1e-4
    assert measured["mrr@10"] == 1.0
    assert set(measured["ms_per_query"]) == {"p50", "p99"}


def test_unmet_adds_its_measures_over_each_facets_own_words(files: tuple[str, str]) -> None:
    told = json.loads(run("evaluate", "--docs", files[0], "--queries", files[1], "--json", "--unmet").output)
    unmet = told["unmet"]
    assert {"auc", "brier", "precision", "recall", "facets"} <= set(unmet)
    assert unmet["facets"] == 3
    assert unmet["auc"] == 1.0  # juggling is the one with nothing useful
    assert 0.0 <= unmet["brier"] <= 0.25


def test_plain_and_packed_files_are_told_apart_by_their_content(tmp_path: Path) -> None:
    # given packed documents under a plain name and plain ones under a packed name
    packed = write(tmp_path / "docs.jsonl.gz", DOCUMENTS).rename(tmp_path / "docs.jsonl")
    plain = write(tmp_path / "plain.jsonl", DOCUMENTS).rename(tmp_path / "plain.gz")
    assert evaluating.read_documents(packed) == evaluating.read_documents(plain)


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ("Level 3", 3),
        ("3", 3),
        (3, 3),
        ("E", 0),
        ("Entry Level", 0),
        ("X", None),
        ("9", None),
        (12, None),
        (None, None),
    ],
)
def test_levels_are_read_however_a_file_writes_them(tmp_path: Path, told: object, level: int | None) -> None:
    file = write(tmp_path / "docs.jsonl", [{"id": "a", "title": "A", "level": told}])
    assert evaluating.read_documents(file)[0].level == level


def test_only_the_named_fields_are_indexed(tmp_path: Path) -> None:
    file = write(tmp_path / "docs.jsonl", [{"id": "a", "title": "A", "text": "", "provider": "Welding Ltd"}])
    assert (
        Matcher.fit(evaluating.read_documents(file)).rank(
            evaluating.query_for(evaluating.facet_of("welding"))
        )
        == []
    )


def test_without_queries_every_key_is_there_and_null(tmp_path: Path) -> None:
    documents, nothing = write(tmp_path / "d.jsonl", DOCUMENTS), write(tmp_path / "q.jsonl", [])
    told = json.loads(
        run("evaluate", "--docs", str(documents), "--queries", str(nothing), "--json", "--unmet").output
    )
    assert set(told) == KEYS | {"unmet"}
    assert told["ndcg@10"] is None
    assert told["ms_per_query"] == {"p50": None, "p99": None}
    assert told["unmet"]["auc"] is None
    assert told["unmet"]["facets"] == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": 1', "docs.jsonl, line 2: this is not a JSON object"),
        ("[1, 2]", "docs.jsonl, line 2: this is not a JSON object"),
        ('{"title": "x"}', "docs.jsonl, line 2: a document needs id and title"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    # given a file whose second line is wrong
    file = tmp_path / "docs.jsonl"
    file.write_text(json.dumps(DOCUMENTS[0]) + "\n" + line + "\n", encoding="utf-8")
    queries = write(tmp_path / "q.jsonl", QUERIES)

    # when it is measured, then the message names file and line and nothing is printed as a result
    told = run("evaluate", "--docs", str(file), "--queries", str(queries), "--json")
    assert told.exit_code == 1
    assert message in told.output


def test_a_query_line_without_a_query_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "q.jsonl", [{"id": "x"}])
    with pytest.raises(evaluating.EvaluationError, match="line 1: a query line needs query and relevant"):
        evaluating.read_queries(file)


def test_without_json_the_measures_are_printed_one_to_a_line(files: tuple[str, str]) -> None:
    told = run("evaluate", "--docs", files[0], "--queries", files[1])
    assert told.exit_code == 0
    assert "facet_hit@10" in told.output
    assert "  p99" in told.output


def test_a_useful_document_is_of_grade_two_or_one_where_the_set_knows_no_higher() -> None:
    graded = evaluating.Judged("x", "t", (("a", 1, "f"), ("b", 2, "g")), (("f", "need"), ("g", "other")))
    binary = evaluating.Judged("y", "t", (("a", 1, ""),), ())
    assert evaluating.facet_hits(graded, ["a"]) == [False]
    assert evaluating.facet_hits(graded, ["b"]) == [True]
    assert evaluating.facet_hits(binary, ["a"]) == [True]
    assert evaluating.facet_hits(binary, ["b"]) == [False]


def test_the_highest_grade_of_a_document_counts_over_all_facets() -> None:
    judged = evaluating.Judged("x", "t", (("a", 1, "f"), ("a", 3, "g")), ())
    assert judged.grades() == {"a": 3}
    assert judged.grades("f") == {"a": 1}


def test_the_commands_need_no_settings_and_no_database(files: tuple[str, str]) -> None:
    # when a fresh Python runs the group by itself, with an empty environment
    code = "from skillsmatch.cli.matching import matching; matching()"
    told = subprocess.run(
        [sys.executable, "-c", code, "evaluate", "--docs", files[0], "--queries", files[1], "--json"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
        cwd=Path(__file__).resolve().parents[2],
    )
    assert set(json.loads(told.stdout.splitlines()[-1])) == KEYS


def test_every_command_has_a_line_of_help() -> None:
    for name, command in matching.commands.items():
        assert command.get_short_help_str(), name


def test_calibrating_needs_needs_of_both_kinds(files: tuple[str, str]) -> None:
    told = run("calibrate", "--docs", files[0], "--queries", files[1])
    assert told.exit_code == 1
    assert "at least 5 judged needs" in told.output


def test_a_calibrated_strength_tells_met_from_unmet_on_needs_it_has_not_seen(shared: Path) -> None:
    # given the judged needs of real firms
    matcher = Matcher.fit(evaluating.read_documents(shared / "data/bench/docs/offers_mixed.jsonl.gz"))
    judged = evaluating.read_queries(shared / "data/bench/employer_needs.jsonl")

    # when the strength is fitted five-fold
    fitted = calibrate([(matcher, judged)])

    # then it does much better than chance (0.5) and than saying "two in three" (0.22); measured: 0.89 and 0.16
    assert fitted.facets >= 104
    assert fitted.auc is not None and fitted.auc > 0.82
    assert fitted.brier is not None and fitted.brier < 0.18


def test_real_needs_are_ranked_better_than_the_best_peer(shared: Path) -> None:
    # given the judged needs of real firms; the best peer serves 70% of their facets
    matcher = Matcher.fit(evaluating.read_documents(shared / "data/bench/docs/offers_mixed.jsonl.gz"))
    judged = evaluating.read_queries(shared / "data/bench/employer_needs.jsonl")

    # when they are ranked by the same road as on the page
    measured = evaluating.evaluate(matcher, judged)

    # then the first ten serve more facets
    assert measured["facet_hit@10"] >= 0.80
    assert measured["ndcg@10"] >= 0.50
