"""The command that fits the weights of the signals: what it prints, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from skillsmatch.cli.matching import matching
from skillsmatch.matching.segment import SIGNALS
from skillsmatch.matching.weights import WEIGHTS_FILE, Weights

TRADES = ("welding", "bookkeeping", "forklift", "plumbing", "dementia", "payroll", "hairdressing", "roofing")
KINDS = ("safety", "repair", "records", "planning")


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A folder with a set of needs for a few courses, and the same needs with a slip of the keyboard."""
    courses = [f"{trade} {kind}" for trade in TRADES for kind in KINDS]
    (tmp_path / "docs").mkdir()
    write(
        tmp_path / "docs" / "few.jsonl.gz",
        [{"id": name, "title": name.title(), "text": f"Everyday {name} at work."} for name in courses],
    )
    for set_name, twin in (("asked", ""), ("typos_asked", "T-")):
        asked = [
            {
                "id": f"{twin}Q{number}",
                "query": name[:2] + name[3] + name[2] + name[4:] if twin else name,
                "relevant": [{"id": name, "grade": 1}],
                "docs": "few",
            }
            for number, name in enumerate(courses)
        ]
        write(tmp_path / f"{set_name}.jsonl", asked)
    return tmp_path


def run(*arguments: str) -> Any:
    return CliRunner().invoke(matching, ["fit", *arguments])


def test_the_command_prints_one_object_with_weights_and_figures(bench: Path) -> None:
    # given the shipped weights as they lie in their file
    before = WEIGHTS_FILE.read_bytes()

    # when the command is run twice
    first, second = (run("--bench", str(bench), "--most", "12", "--json") for _ in range(2))

    # then it says the same twice, and what it prints can stand in the file of weights
    assert first.exit_code == 0, first.output
    assert first.stdout == second.stdout
    told = json.loads(first.stdout)
    assert set(told["ways"]) == {"regression", "ascent"}
    best = max(way["mean"]["unseen"] for way in told["ways"].values())
    assert told["ways"][told["chosen"]]["mean"]["unseen"] == best
    assert told["signals"] == told["ways"][told["chosen"]]["signals"]
    assert set(told["figures"]) == {"asked", "typos_asked"}
    assert all(0.0 < figure["ndcg@10"] <= 1.0 for figure in told["figures"].values())
    fresh = Weights.of({"signals": told["signals"], "strength": {}})
    assert set(fresh.signals) == set(SIGNALS)
    assert sum(fresh.for_need(4).values()) == pytest.approx(1.0)
    # and nothing is changed
    assert WEIGHTS_FILE.read_bytes() == before


def test_for_a_reader_it_prints_each_set_and_what_to_paste(bench: Path) -> None:
    told = run("--bench", str(bench), "--most", "12")
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert "seen and unseen" in lines[0]
    assert {line.split()[0] for line in lines if line.startswith(("asked", "typos_asked", "mean"))} == {
        "asked",
        "typos_asked",
        "mean",
    }
    pasted = "\n".join(lines[next(n for n, line in enumerate(lines) if '"signals": {' in line) :])
    read = json.loads("{" + pasted.rstrip(",") + "}")
    assert set(read) == {"signals", "figures"}
    assert set(read["signals"]) == set(SIGNALS)


def test_a_folder_without_sets_is_refused(tmp_path: Path) -> None:
    told = run("--bench", str(tmp_path))
    assert told.exit_code == 1
    assert "Error: there is no set of judged queries (*.jsonl) in the folder" in told.output


def test_a_set_whose_documents_are_missing_is_refused_by_name(bench: Path) -> None:
    (bench / "docs" / "few.jsonl.gz").unlink()
    told = run("--bench", str(bench))
    assert told.exit_code == 1
    assert "Error: asked.jsonl: its documents are missing" in told.output
    assert "few.jsonl.gz" in told.output


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("", "asked.jsonl: there is no query in it"),
        ("{no", "asked.jsonl, line 1: this is not a JSON object"),
        ('{"query": "welding", "docs": "few", "relevant": []}', "asked: no query has a relevant document"),
    ],
)
def test_a_set_with_nothing_to_learn_is_refused_by_name(bench: Path, lines: str, message: str) -> None:
    (bench / "asked.jsonl").write_text(lines, encoding="utf-8")
    told = run("--bench", str(bench))
    assert told.exit_code == 1
    assert message in told.output


def test_empty_documents_are_refused(bench: Path) -> None:
    (bench / "docs" / "few.jsonl.gz").write_text("", encoding="utf-8")
    told = run("--bench", str(bench))
    assert told.exit_code == 1
    assert "few: there is no document in it" in told.output
