"""The scorecard beyond its counts: starts, the report it follows, English against places, and dates that are none."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.cases.asked import Filters
from skillsmatch.cases.reports import last_report
from skillsmatch.cases.scorecard import Line, scorecard
from skillsmatch.cases.starts import Starts, started_in, starts_between, starts_of
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet
from skillsmatch.needs.outcomes import record_outcome
from tests.cases.asking import need
from tests.demand.signals import ask, employer
from tests.plan.test_plan import only_sqlite, send, words_of

YEAR = Filters(date(2026, 4, 1), date(2026, 11, 23))


def line_of(app: Flask, code: str, filters: Filters = YEAR) -> Line:
    card = scorecard(app.extensions["area"], filters.first, filters.last)
    return next(line for line in card.lines if line.priority.code == code)


def report(officer: FlaskClient, first: str, last: str, title: str) -> int:
    sent = officer.post("/priorities/reports", data={"first": first, "last": last, "title": title})
    return int(sent.status_code)


# --- starts ---------------------------------------------------------------------------------------


def english_started(employer: int, people: int | None, asked: date, said: datetime) -> None:
    asking = need(
        employer, "English for packers", theme="ESS-ESOL", made_on=asked, people=people, outcome="started", reasons=[]
    )
    asking.facets[0].answered_at = said


def test_a_start_counts_on_the_day_its_employer_said_so_and_each_can_be_looked_at(
    app: Flask, officer: FlaskClient
) -> None:
    with app.app_context():
        keep(lambda: english_started(1, 6, date(2025, 12, 1), datetime(2026, 5, 4, 9)))  # asked the year before
        keep(lambda: english_started(2, None, date(2026, 4, 3), datetime(2026, 6, 30, 23, 30)))  # July in England
        keep(lambda: english_started(3, 9, date(2026, 4, 3), datetime(2026, 11, 30, 9)))
        keep(lambda: need(4, "English", theme="ESS-ESOL", made_on=date(2026, 4, 3), outcome="fits", reasons=[]))
        assert line_of(app, "LSIP25-3").starts == Starts(skills=2, employers=2, people=6, people_said=1)
        july = Filters(date(2026, 7, 1), date(2026, 7, 31), priority="LSIP25-3")
        assert starts_of(starts_between(july, app.extensions["area"])) == Starts(1, 1, 0, 0)
        assert started_in(july).words == "from=2026-07-01 to=2026-07-31 priority=LSIP25-3 dates=started"
    card = words_of(officer, "/priorities?from=1/4/2026&to=23/11/2026")
    behind = "/priorities/figures?from=2026-04-01&to=2026-11-23&priority=LSIP25-3&dates=started"

    assert "Training started for 2 skills, for 6 people" in card
    assert behind.split("?")[1].split("&")[3] in card
    page = words_of(officer, behind)
    assert "Training started in these days, whenever it was asked for" in page
    assert "<dd>2 skills, for 6 people</dd>" in page
    assert "started by 1 July 2026" in page


@only_sqlite
def test_saying_twice_that_training_started_does_not_move_the_day(app: Flask) -> None:
    with app.app_context():
        keep(lambda: english_started(1, 6, date(2026, 4, 3), datetime(2026, 5, 4, 9)))
        keep(lambda: record_outcome(db.session.scalars(select(Facet)).one(), "started"))
        assert db.session.scalars(select(Facet.answered_at)).one() == datetime(2026, 5, 4, 9)
        keep(lambda: record_outcome(db.session.scalars(select(Facet)).one(), "none-fits", ["too-far"]))
        assert line_of(app, "LSIP25-3").starts == Starts(0, 0, 0, 0)


# --- the report it follows ------------------------------------------------------------------------


def test_a_scorecard_follows_the_report_before_its_days_and_none_of_later_ones(
    app: Flask, officer: FlaskClient
) -> None:
    with app.app_context():
        keep(lambda: ask(employer(1), "ESS-ESOL", made_on=date(2025, 5, 1)))
    assert report(officer, "1/4/2026", "23/11/2026", "This year") == 303
    assert report(officer, "1/4/2025", "31/3/2026", "Last year") == 303
    assert report(officer, "1/4/2025", "31/3/2026", "Last year") == 422
    with app.app_context():
        titles = [
            found.title if (found := last_report(Filters(date(year, 4, 1), date(year + 1, 3, 31)))) else None
            for year in (2024, 2025, 2026)
        ]
        assert titles == [None, None, "This year"]
        follows = last_report(YEAR)
        assert follows is not None
        assert follows.title == "Last year"
        assert line_of(app, "LSIP25-3").changes["employers"] == "down 1"
    page = words_of(officer, "/priorities?from=1/4/2026&to=23/11/2026")
    assert "It has 365 days and this page 237" in page
    assert "No report was kept of days before these" in words_of(officer, "/priorities?from=1/4/2024&to=31/3/2025")


@only_sqlite
def test_a_kept_report_shows_a_priority_by_the_name_and_days_it_had(app: Flask, officer: FlaskClient) -> None:
    with app.app_context():
        keep(lambda: ask(employer(1), "ESS-ESOL", outcome="fits"))
    assert report(officer, "1/4/2026", "23/11/2026", "Progress report 2026") == 303
    changed = {"title": "English at work", "valid_from": "1/9/2026", "why": "The new plan"}
    assert send(officer, "/priorities/plan/LSIP25-3/change", **changed).status_code == 303

    page = words_of(officer, "/priorities/reports/1")
    assert "More good English training" in page
    assert "in force from 1 January 2025" in page
    assert "English at work" not in page
    assert "148 learners" in page
    assert "100%" in page
    assert "English at work" in words_of(officer, "/priorities")
    history = words_of(officer, "/priorities/plan/LSIP25-3")
    assert "changed “Title” and “In force from”" in history
    assert words_of(officer, "/priorities/reports/2", 404)


# --- English against places -----------------------------------------------------------------------


@only_sqlite
def test_places_of_english_that_officers_enter_stand_beside_what_is_asked_for(app: Flask, officer: FlaskClient) -> None:
    with app.app_context():
        keep(lambda: ask(employer(1), "ESS-ESOL", level=1, district="E06000016"))
        keep(lambda: ask(employer(2), "ESS-ESOL", level=1, district="E06000017"))  # a neighbour's counts as well
    where = "/priorities/english"
    said = {"level": "1", "district": "E06000016", "day": "1/9/2026", "value": "48", "source": "A letter"}
    half = send(officer, where, **said | {"value": "4.5"})
    for value in ("40", "48"):
        assert send(officer, where, **said | {"value": value}).status_code == 303
    assert send(officer, where, **said | {"district": "online", "value": "12"}).status_code == 303
    assert send(officer, where, **said | {"day": "2/9/2026", "taken_back": "y", "value": ""}).status_code == 422

    assert half.status_code == 422
    assert "Enter a whole number of places" in half.get_data(as_text=True)
    with app.app_context():
        english = scorecard(app.extensions["area"], YEAR.first, YEAR.last).english
        assert english is not None
        assert [(r.level, r.asked, r.places) for r in english.by_level] == [("Level 1", 2, 60)]
        assert [(r.district, r.asked, r.places) for r in english.by_district] == [
            *(("Leicester", 1, 48), ("Rutland", 1, None), ("Online", 0, 12)),
        ]
        before = scorecard(app.extensions["area"], YEAR.first, date(2026, 8, 31)).english
        assert before is not None
        assert before.by_level[0].places is None
    assert "; 60 places" in words_of(officer, "/priorities")
    assert send(officer, where, **said | {"taken_back": "y", "value": ""}).status_code == 303
    assert "12 places" in words_of(officer, "/priorities")


# --- dates and choices that are none --------------------------------------------------------------


@only_sqlite
@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("/priorities?from=1/1/9998&to=31/12/9999", "Enter a year from 2000 to 2100"),
        ("/priorities/figures?from=1/1/0001&to=1/1/0002", "Enter a year from 2000 to 2100"),
        ("/priorities/figures?soc=welder", "“welder” is no occupation of SOC 2020"),
        ("/priorities/figures?dates=ended", "“ended” is no sort of day"),
    ],
)
def test_an_address_that_asks_for_what_there_is_not_is_told_so(officer: FlaskClient, where: str, said: str) -> None:
    assert said in words_of(officer, where, 422)


@only_sqlite
def test_an_odd_number_of_a_page_is_the_first_page(officer: FlaskClient) -> None:
    assert "The needs behind it" in words_of(officer, "/priorities/figures?page=²")
