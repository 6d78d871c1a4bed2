"""The attack suite itself: it finds nothing in our releases, and a leak in everything weaker."""

from __future__ import annotations

import pytest
from flask import Flask

from skillsmatch.demand.attacks import games, linear, pages
from skillsmatch.demand.attacks.methods import HIDE_UNDER_5, RAW, ROUND_TO_5, WEAK, ours
from skillsmatch.demand.attacks.suite import CLASSES, MOST_ACCURATE, MOST_CERTAIN, Findings
from skillsmatch.demand.attacks.world import Score
from skillsmatch.demand.disclosure import Rules

OURS = ours(Rules())
only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@only_sqlite
def test_the_suite_passes_on_two_populations_of_each_size_and_goes_through_every_page(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["demand", "attack", "--seeds", "2"])

    assert done.exit_code == 0, done.output
    assert "Every bar is met, and every weak method falls." in done.output
    assert "\n6 populations in " in done.output
    assert "  POST /demand/planner\n" in done.output
    for name in CLASSES:
        assert any(line.startswith(f"{name}  ") for line in done.output.splitlines()), name
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            assert f"  {rule.rule}\n" in done.output


@only_sqlite
def test_the_suite_fails_where_the_method_is_weakened(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "program", lambda *_: Score(tried=1))  # the others are enough, and quicker
    monkeypatch.setattr(pages, "attack_pages", lambda *_: None)  # they show what was released, weak or not
    app.config.update(DEMAND_THRESHOLD=1, DEMAND_BASE=1, DEMAND_VARIANCE=0, DEMAND_DEVIATION=0)

    # One process, because a stand-in for a function does not reach another one everywhere.
    done = app.test_cli_runner().invoke(
        args=["demand", "attack", "--seeds", "1", "--employers", "60", "--jobs", "1"]
    )

    assert done.exit_code == 1
    assert "MISSED  D1" in done.output
    assert "MISSED  D8" in done.output


def test_no_number_of_employers_lets_the_last_one_be_guessed_more_than_three_times_in_five() -> None:
    for known in range(400):
        without, with_one = OURS.chances(known), OURS.chances(known + 1)
        seen = set(without) | set(with_one)
        right = sum(max(without.get(v, 0), with_one.get(v, 0)) for v in seen) / 2
        sure = (
            sum(without.get(v, 0) + with_one.get(v, 0) for v in seen if not (v in without and v in with_one))
            / 2
        )

        assert right < 0.6
        assert sure < 0.0104


def test_planting_up_to_the_threshold_is_sure_against_a_plain_threshold_and_not_against_ours() -> None:
    for method in (RAW, HIDE_UNDER_5):
        assert games.planted_to_threshold(method, 1, 5 if method is HIDE_UNDER_5 else 10).certain == 200
    score = games.planted_to_threshold(OURS, 1, 10)

    assert score.certain == 0
    assert (score.accuracy or 0) < MOST_ACCURATE


def test_people_asked_for_are_as_hard_to_guess_as_employers() -> None:
    score = games.planted_people(Rules(), 1)

    assert (score.accuracy or 0) < MOST_ACCURATE
    assert score.certain <= MOST_CERTAIN * score.tried


@pytest.mark.parametrize(
    ("method", "shown", "span"),
    [
        (OURS, None, (0, 14)),
        (OURS, 10, (5, 17)),
        (OURS, 25, (18, 32)),
        (RAW, 3, (3, 3)),
        (HIDE_UNDER_5, None, (1, 4)),
        (ROUND_TO_5, 0, (0, 2)),
        (ROUND_TO_5, 5, (3, 7)),
    ],
)
def test_an_attacker_concludes_from_a_number_all_that_could_have_shown_it(
    method: games.Method, shown: int | None, span: tuple[int, int]
) -> None:
    assert method.span(shown, 200) == span


def test_findings_fail_on_a_certain_success_a_good_guesser_and_a_weak_method_that_stands() -> None:
    fine = Findings()
    fine.add("ours", "D1", Score(tried=100))
    fine.add("ours", "D8", Score(tried=1000, certain=9, guesses=1000, right=640))
    fine.add("raw", "D1", Score(tried=100, certain=1))
    assert fine.failures() == []

    for name, score in (
        ("D3", Score(tried=10, certain=1)),
        ("D8", Score(tried=10, guesses=10, right=10)),
        ("D8 planted", Score(tried=10, certain=5, guesses=10)),
    ):
        found = Findings()
        found.add("ours", name, score)
        assert found.failures(), name
    standing = Findings()
    standing.add(WEAK[0].name, "D1", Score(tried=100))
    assert "withstood" in standing.failures()[0]
