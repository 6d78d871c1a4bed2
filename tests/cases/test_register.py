"""The register: exact, each number in its right place, the order stated; its files marked, its filters the same."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from io import BytesIO, StringIO
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from skillsmatch import clock
from skillsmatch.area.priorities import priorities_on
from skillsmatch.cases.files import MARK, WARNING
from skillsmatch.cases.filters import Filters, read_filters
from skillsmatch.cases.flags import is_surge, near_duplicates
from skillsmatch.cases.priority import score
from skillsmatch.cases.register import GroupRow, ranking, register
from skillsmatch.database import keep
from skillsmatch.demand.merging import decide, undo
from skillsmatch.extensions import db
from skillsmatch.needs.models import Need
from tests.cases.asking import need, say
from tests.cases.conftest import group
from tests.conftest import NOW

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TODAY = NOW.date()


def rows(app: Flask, **chosen: str) -> list[GroupRow]:
    with app.app_context():
        area = app.extensions["area"]
        found = register(read_filters(chosen, area), area)
        db.session.remove()
        return found


def test_a_row_counts_employers_once_and_says_where_when_and_why(app: Flask) -> None:
    common = {"theme": "TRA-FORK", "sic_section": "H", "size_band": "10-49"}
    say(app, 1, "forklift driver training", district="E06000016", people=4, **common)
    say(app, 1, "training for forklift drivers", district="E06000016", people=6, level=2, **common)
    said = {
        "confirmed": False,
        "reasons": ["too-far"],
        "employer_reasons": ["too-long"],
        "outcome": "none-fits",
    }
    say(app, 2, "fork lift driver training", made_on=TODAY - timedelta(100), **said, **common)
    group(app)

    (row,) = rows(app)

    assert (row.employers, row.confirmed, row.needs, row.people, row.people_not_said) == (2, 1, 3, 7, 1)
    assert row.districts == [("E06000016", 1), ("", 1)]
    assert (row.sectors, row.sizes) == ([("H", 2)], [("10-49", 2)])
    assert row.levels == [("2", 1), ("", 2)]
    assert row.reasons == [("no-provision", 1), ("too-far", 1)]
    assert row.employer_reasons == [("too-long", 1)]
    assert (row.first, row.last) == (TODAY - timedelta(100), TODAY - timedelta(5))
    assert (row.now, row.before, row.trend, row.unverified) == (1, 1, "no change (1)", 50)


@only_sqlite
def test_a_need_met_withdrawn_or_made_by_a_robot_after_grouping_counts_no_more(needs: Flask) -> None:
    from skillsmatch.needs.models import Facet

    assert [row.employers for row in rows(needs)] == [3, 3]
    with needs.app_context():
        one, two, three = db.session.query(Facet).order_by(Facet.id).limit(3)
        one.outcome = "fits"
        two.need.status = "withdrawn"
        three.signal.suspect = True
        db.session.commit()
        db.session.remove()

    assert [row.employers for row in rows(needs)] == [3]


def test_filters_narrow_every_number_and_a_trend_is_not_cut_by_the_first_day(needs: Flask) -> None:
    assert [row.theme for row in rows(needs, district="E06000016")] == ["TRA-FORK"]
    assert [row.theme for row in rows(needs, sector="C")] == ["ENG-WELD"]
    assert [row.theme for row in rows(needs, size="0-9")] == ["ENG-WELD"]
    assert [row.theme for row in rows(needs, theme="TRA-FORK")] == ["TRA-FORK"]
    assert rows(needs, district="none") == []
    assert rows(needs, until="2026-11-01") == []
    say(needs, 1, "forklift driver training", theme="TRA-FORK", made_on=TODAY - timedelta(120))
    group(needs)

    fork = rows(needs, theme="TRA-FORK", since="2026-11-01")[0]

    assert (fork.needs, fork.first, fork.before) == (3, TODAY - timedelta(5), 1)


def test_a_priority_of_the_plan_keeps_what_serves_it(app: Flask) -> None:
    area = app.extensions["area"]
    with app.app_context():
        named = next(p for p in priorities_on(area, TODAY) if p.themes)
    theme = next(t for t in named.themes if "-" in t)
    say(app, 1, "something for the plan", theme=theme)
    say(app, 2, "bricklaying for garden walls", theme="CON-BRICK")
    group(app)

    assert [row.theme for row in rows(app, priority=named.code)] == [theme]
    assert named.code in rows(app, theme=theme)[0].priorities


@only_sqlite
def test_a_choice_that_is_on_no_list_is_said_and_left_out(app: Flask) -> None:
    area = app.extensions["area"]
    with app.app_context():
        given = {"district": "X", "since": "yesterday", "until": "2999-01-01", "theme": "TRA-FORK"}
        told = read_filters(given, area)
        swapped = read_filters({"since": "2026-02-01", "until": "2026-01-01"}, area)

    assert told.given == {"theme": "TRA-FORK"}
    assert len(told.refused) == 3
    assert swapped == Filters(refused=("The first day is after the last day, so the dates were left out",))


def test_the_score_is_the_sum_of_its_stated_parts() -> None:
    told = score(
        confirmed=12,
        unconfirmed=3,
        people=31,
        now=6,
        before=2,
        priorities=["LSIP25-2"],
        offers=0,
        told_none=0,
        needs=9,
    )

    assert [part.points for part in told.parts] == [27, 15, 12, 15, 10]
    assert told.points == 79
    assert told.parts[0].because == "15 employers, 3 without a confirmed e-mail"


def test_the_score_has_its_limits_and_never_falls_below_nothing() -> None:
    most = {"confirmed": 500, "unconfirmed": 0, "people": 5_000, "now": 99, "before": 0, "priorities": ["x"]}
    least = {"confirmed": 0, "unconfirmed": 1, "people": 1, "now": 0, "before": 50, "priorities": []}

    assert score(**most, offers=3, told_none=6, needs=10).points == 100
    assert score(**least, offers=None, told_none=1, needs=2).points == 1


def test_a_surge_lies_more_than_three_standard_deviations_above_the_quarter_before() -> None:
    assert [is_surge(now, 9) for now in (18, 19)] == [False, True]
    assert [is_surge(now, 0) for now in (3, 4)] == [False, True]


def test_the_same_long_words_from_two_employers_are_counted_and_short_ones_are_not() -> None:
    words = "we need forklift refresher training for our night shift in the new shed"

    assert (
        near_duplicates([(1, words), (2, words.replace("shed", "sheds")), (3, "quite other words " * 4)]) == 2
    )
    assert near_duplicates([(1, words), (1, words)]) == 0
    assert near_duplicates([(1, "first aid"), (2, "first aid")]) == 0


@only_sqlite
def test_the_files_are_marked_in_every_row_the_same_every_time_and_hold_no_formula(
    needs: Flask, officer: FlaskClient
) -> None:
    say(needs, 20, "=HYPERLINK(1) drone pilots")
    group(needs)

    answer = officer.get("/cases/register.csv?until=2026-11-23")
    read = list(csv.reader(StringIO(answer.get_data().decode("utf-8-sig"))))

    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=internal-register-of-unmet-needs-2026-11-23.csv"
    )
    assert {line[0] for line in read[1:]} == {MARK}
    assert all(not cell.startswith("=") for line in read for cell in line)
    assert officer.get("/cases/register.csv?until=2026-11-23").get_data() == answer.get_data()
    book = load_workbook(BytesIO(officer.get("/cases/register.xlsx").get_data()))
    assert [sheet.title for sheet in book] == ["INTERNAL register", "INTERNAL method"]
    assert book["INTERNAL method"]["A1"].value == WARNING
    assert not any(cell.data_type == "f" for row in book["INTERNAL register"] for cell in row)
    line = dict(zip(read[0], next(line for line in read if line[3] == "TRA-FORK"), strict=True))
    assert (line["employers"], line["people_wanted"], line["districts"]) == ("3", "6", "Leicester 3")
    assert officer.get(line["reproduce"]).status_code == 200


def test_dates_are_read_as_days(app: Flask) -> None:
    with app.app_context():
        assert read_filters({"since": "2026-04-01"}, app.extensions["area"]).since == date(2026, 4, 1)


def test_the_order_that_the_database_counts_is_that_of_the_rows_themselves(app: Flask) -> None:
    chance = Random(5)
    texts = (
        "forklift driver training",
        "TIG welding course",
        "payroll in sage",
        "bricklaying",
        "drone pilots",
    )
    with app.app_context():
        keep(lambda: [asked(chance, text) for text in texts for _ in range(8)] and None)
        keep(lambda: decide(1, 2, same=True, by=None))
    group(app)
    area = app.extensions["area"]

    for chosen in ({}, {"since": "2026-08-01"}, {"until": "2026-09-30"}, {"size": "0-9"}, {"level": "2"}):
        with app.app_context():
            filters = read_filters(chosen, area)
            ranked = [(r.group, r.employers, r.needs, r.points) for r in ranking(filters, area)]
            told = [(r.group, r.employers, r.needs, r.score.points) for r in register(filters, area)]
            db.session.remove()
        assert ranked == told != []


def asked(chance: Random, text: str) -> Need:
    return need(
        chance.randrange(12),
        text,
        made_on=TODAY - timedelta(chance.randrange(200)),
        people=chance.choice((None, 1, 9)),
        level=chance.choice((None, 2, 3)),
        size_band=chance.choice(("", "0-9", "10-49")),
        confirmed=chance.random() < 0.5,
        reasons=chance.choice(([], ["no-provision"], ["too-far"])),
        outcome=chance.choice(("nothing-fitted", "nothing-fitted", "fits")),
    )


@only_sqlite
def test_what_is_remembered_of_a_group_ends_with_the_needs_it_was_worked_out_of(
    app: Flask, officer: FlaskClient
) -> None:
    words = "we need TIG welding refresher training for our night shift in the new shed"
    second = [say(app, employer, words, "TIG welding", theme="ENG-WELD") for employer in (1, 2)][1]
    group(app)

    def marked() -> bool:
        return "2 employers with the same words" in officer.get("/cases").get_data(as_text=True)

    assert marked() and marked()
    with app.app_context():
        pair = keep(lambda: decide(1, 2, same=True, by=None).id)
    assert not marked()
    with app.app_context():
        keep(lambda: undo(pair) and None)
    assert marked()

    def rewrite() -> None:
        need = db.session.get_one(Need, second)
        need.text, need.changed_at = (
            "something else that is said at some length, and by nobody else",
            clock.now(),
        )

    with app.app_context(), clock.standing_at(NOW + timedelta(1)):
        keep(rewrite)
    assert not marked()
