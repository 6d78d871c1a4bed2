"""The demonstration's demand: plausible, always the same, marked as invented, and never among real needs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from conftest import settings
from flask import Flask
from sqlalchemy import func, select

from skillsmatch import create_app
from skillsmatch.accounts.roles import Role
from skillsmatch.area.areas import load_area
from skillsmatch.demand import demonstration, published, releases
from skillsmatch.demand.demonstration import NotADemonstration, invented, publish_demonstration
from skillsmatch.demand.models import DEMONSTRATION, DemandSignal, EmployerKey, Release, ReleaseCell
from skillsmatch.demand.periods import read_period
from skillsmatch.extensions import db
from tests.accounts.signing import sign_in
from tests.demand.releasing import text_of

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# The tests' today is in November 2026, the year starts in April.
EXPECTED = {f"{year}Q{q}" for year in (2024, 2025) for q in (1, 2, 3, 4)} | {
    "2026Q1",
    "2026Q2",
    "2024",
    "2025",
}


@pytest.fixture(scope="session")
def shown_file(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of a demonstration with its demand."""
    folder = tmp_path_factory.mktemp("shown")
    shutil.copy(migrated_sqlite, folder / "shown.sqlite")
    app = create_app(settings(f"sqlite:///{folder}/shown.sqlite", folder))
    app.config["DEMO"] = True
    with app.app_context():
        assert publish_demonstration(app.extensions["area"]) == len(EXPECTED)
        db.session.remove()
        db.engine.dispose()
    return folder / "shown.sqlite"


@pytest.fixture
def demo(shown_file: Path, tmp_path: Path) -> Iterator[Flask]:
    """A demonstration with its demand."""
    shutil.copy(shown_file, tmp_path / "test.sqlite")
    app = create_app(settings(f"sqlite:///{tmp_path}/test.sqlite", tmp_path / "data"))
    app.config["DEMO"] = True
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def rows() -> tuple[int, ...]:
    tables = (EmployerKey, DemandSignal, Release, ReleaseCell)
    return tuple(db.session.scalar(select(func.count()).select_from(t)) or 0 for t in tables)


def test_there_are_two_whole_years_with_their_quarters_and_the_quarters_since(demo: Flask) -> None:
    found = published.editions()

    assert {edition.period for edition in found} == EXPECTED
    assert all(edition.demonstration for edition in found)
    assert set(db.session.scalars(select(DemandSignal.channel).distinct())) == {DEMONSTRATION}


def test_a_second_time_adds_nothing_and_a_new_quarter_adds_that_quarter(demo: Flask) -> None:
    before = rows()
    assert publish_demonstration(demo.extensions["area"]) == 0
    assert rows() == before

    # when the next quarter is over
    demo.config["CLOCK"] = lambda: datetime(2027, 1, 5, 9, 0)

    assert publish_demonstration(demo.extensions["area"]) == 1
    assert published.editions()[0].period == "2026Q3"


def test_a_start_that_was_cut_short_after_the_signals_is_finished_by_the_next(
    in_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_app.config["DEMO"] = True
    area = in_app.extensions["area"]
    with monkeypatch.context() as patched:
        patched.setattr(demonstration.releases, "draw_up", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            publish_demonstration(area)
    stored = rows()
    assert stored[1] and not stored[2]

    assert publish_demonstration(area) == len(EXPECTED)
    assert rows()[:2] == stored[:2]


def test_a_theme_leads_from_one_year_to_the_next_and_demand_grows(demo: Flask) -> None:
    area = demo.extensions["area"]
    before, after = (published.read_table(area, year, "theme") for year in ("2024", "2025"))
    tops = [{cell.first for cell in table.shown[:15]} for table in (before, after)]

    assert len(tops[0] & tops[1]) >= 9
    assert len(after.shown) > 70
    counted = [
        published.read_table(area, year, "employers").of("counted").shown or 0 for year in ("2024", "2025")
    ]
    assert counted[0] < counted[1]
    # and those who did not confirm an e-mail are told apart, as in real use
    left_out = published.read_table(area, "2025", "employers").of("not-counted").shown or 0
    assert 0 < left_out < counted[1] / 4


def test_a_quarter_is_always_the_same_and_needs_no_database() -> None:
    area, quarter = load_area("leicestershire"), read_period("2026Q1", 4)

    assert invented(area, quarter) == invented(area, quarter)
    assert invented(area, quarter) != invented(area, read_period("2026Q2", 4))


def test_every_road_out_says_that_it_is_a_demonstration(demo: Flask) -> None:
    college = demo.test_client()
    sign_in(college, demo, Role.COLLEGE, organisation="Soar College")

    for where in (
        "/demand",
        "/demand?release=2025",
        "/demand/2025/theme",
        "/demand/2025/theme-by-district",
        "/demand/2025/theme-by-district?second=E06000016",
        "/demand/2025/by/theme/ENG-MAINT",
        "/demand/2025/theme.csv",
        "/demand/2025/size.svg",
    ):
        assert "Demonstration: " in text_of(college, where).replace("Demonstration data", ""), where
    assert college.get("/api/v1/demand/2025/theme").get_json()["demonstration"] is True


def test_a_service_in_use_shows_none_of_it_and_says_so_where_it_would_release(demo: Flask) -> None:
    demo.config["DEMO"] = False
    college = demo.test_client()
    sign_in(college, demo, Role.COLLEGE, organisation="Soar College")

    assert published.editions() == ()
    assert published.latest("year") is None
    assert "There is no release yet" in text_of(college, "/demand")
    text_of(college, "/demand/2025/theme", 404)
    assert college.get("/demand/2025/theme.csv").status_code == 404
    with pytest.raises(releases.ReleaseRefused, match="a demonstration's release of 2025Q4"):
        releases.draw_up(read_period("2025Q4", 4), demo.extensions["area"])


@only_sqlite
def test_it_is_refused_outside_a_demonstration(in_app: Flask) -> None:
    with pytest.raises(NotADemonstration, match="SKILLSMATCH_DEMO"):
        publish_demonstration(in_app.extensions["area"])
    ran = in_app.test_cli_runner().invoke(args=["demand", "load-demonstration"])

    assert ran.exit_code == 1
    assert "for demonstrations only" in ran.output
    assert rows() == (0, 0, 0, 0)


@only_sqlite
def test_it_is_refused_where_real_people_have_accounts(in_app: Flask) -> None:
    in_app.config["DEMO"] = True
    sign_in(in_app.test_client(), in_app, Role.COLLEGE, organisation="Soar College")

    with pytest.raises(NotADemonstration, match="accounts of real people"):
        publish_demonstration(in_app.extensions["area"])
    assert rows() == (0, 0, 0, 0)


def test_it_is_refused_beside_a_real_release_which_a_demonstration_does_not_show(released: Flask) -> None:
    released.config["DEMO"] = True
    with released.app_context():
        before = rows()
        with pytest.raises(NotADemonstration, match="releases of real demand"):
            publish_demonstration(released.extensions["area"])
        with pytest.raises(releases.ReleaseRefused, match="a real release of 2025Q4"):
            releases.draw_up(read_period("2025Q4", 4), released.extensions["area"])
        assert published.editions() == ()
        assert rows() == before


@only_sqlite
def test_the_command_publishes_it_and_then_says_that_it_is_there(in_app: Flask) -> None:
    in_app.config["DEMO"] = True
    run = in_app.test_cli_runner().invoke

    assert "12 releases published" in run(args=["demand", "load-demonstration"]).output
    assert "published already" in run(args=["demand", "load-demonstration"]).output
