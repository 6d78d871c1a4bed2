"""`flask demand`: what an operator types, and what is answered when it cannot be."""

from __future__ import annotations

import pytest
from flask import Flask

from demand.signals import employers_ask
from skillsmatch.demand import published
from skillsmatch.demand.models import Release
from skillsmatch.extensions import db

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def run(app: Flask, *words: str, fails: bool = False) -> str:
    done = app.test_cli_runner().invoke(args=["demand", *words])
    assert (done.exit_code != 0) == fails, done.output
    return done.output


def states(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(r.period, r.state) for r in db.session.query(Release).order_by(Release.period)]


def test_a_release_is_previewed_made_looked_at_published_and_withdrawn(app: Flask) -> None:
    employers_ask(app, 60)

    preview = run(app, "release", "2026Q1", "--preview")
    assert "a preview, nothing is kept" in preview
    assert "Bricklaying" in preview
    assert states(app) == []

    draft = run(app, "release", "2026Q1")
    assert "Draft: release 1, 2026Q1 (April to June 2026)" in draft
    assert "employers are counted" in draft
    assert "Employers by skill theme: 1 of 128 cells shown" in draft
    assert states(app) == [("2026Q1", "draft")]

    assert "Published: release 1, 2026Q1" in run(app, "publish", "1")
    assert "published" in run(app, "releases")

    told = run(app, "withdraw", "1", "--because", "A theme was wrong")
    assert "Its readers see: A theme was wrong" in told
    assert "A theme was wrong" in run(app, "releases")
    assert states(app) == [("2026Q1", "withdrawn")]


@only_sqlite
def test_a_release_can_be_published_at_once_and_the_year_by_one_of_its_quarters(app: Flask) -> None:
    from datetime import datetime

    june = datetime(2025, 6, 1)
    employers_ask(app, 60, countable_at=june, made_on=june.date())

    assert "Published: release 1, 2025 (April 2025 to March 2026)" in run(
        app, "release", "2025Q3", "--year", "--publish"
    )
    with app.app_context():
        assert len(published.read_tables(app.extensions["area"], "2025")) == 17


@only_sqlite
def test_what_cannot_be_done_is_said_in_words(app: Flask) -> None:
    employers_ask(app, 60)
    run(app, "release", "2026Q1", "--publish")

    assert "write a quarter as 2026Q4" in run(app, "release", "next", fails=True)
    assert "is not over" in run(app, "release", "2026Q3", fails=True)
    assert "published already" in run(app, "release", "2026Q1", fails=True)
    assert "fewer than 50 employers" in run(app, "release", "2026Q2", fails=True)
    assert "Choose one of" in run(app, "release", "2026Q2", "--publish", "--preview", fails=True)
    assert "no release with the number 9" in run(app, "withdraw", "9", "--because", "x", fails=True)
    assert "Say why" in run(app, "withdraw", "1", "--because", " ", fails=True)
    assert "published already" in run(app, "publish", "1", fails=True)
    assert states(app) == [("2026Q1", "published")]


@only_sqlite
def test_a_quarter_with_too_few_is_closed_only_by_publishing_it(app: Flask) -> None:
    run(app, "release", "2026Q2", fails=True)
    assert states(app) == []

    run(app, "release", "2026Q2", "--publish", fails=True)

    assert states(app) == [("2026Q2", "too-few")]
    assert "fewer than 50 employers" in run(app, "releases")


@only_sqlite
def test_settings_that_give_no_method_are_said_in_words(app: Flask) -> None:
    app.config["DEMAND_VARIANCE"] = 400
    employers_ask(app, 60)

    assert "cannot have a variance of 400" in run(app, "release", "2026Q1", fails=True)


@only_sqlite
def test_before_the_first_release_the_next_step_is_said(app: Flask) -> None:
    assert "No release yet. Make the first" in run(app, "releases")


@only_sqlite
def test_the_bench_prints_what_is_left_to_see_and_how_long_a_release_takes(app: Flask) -> None:
    told = run(app, "bench", "--signals", "600", "--employers", "200", "--seeds", "1")

    assert "200 employers in a year, mean of 1 populations" in told
    assert "A year's release of" in told
    assert states(app) == []
