"""The plan's pages: priorities with their history, actions, measures, ambassadors, educators, scorecard and board."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from skillsmatch.accounts.models import AuditEntry
from skillsmatch.area.priorities import PriorityVersion, all_priorities, history_of, priorities_on
from skillsmatch.cases import ambassadors, educators
from skillsmatch.cases.actions import all_actions
from skillsmatch.cases.asked import Filters, asked_rows, sum_of
from skillsmatch.cases.measures import all_measures, value_words
from skillsmatch.cases.plan import EducatorAnswer, MeasureEntry, PlanAction
from skillsmatch.cases.scorecard import change_words, scorecard
from skillsmatch.clock import today
from skillsmatch.database import keep
from skillsmatch.demand import guard
from skillsmatch.extensions import db
from skillsmatch.needs.models import Need
from tests.demand.releasing import ask as known_search
from tests.demand.signals import ask, employer
from tests.needs.journey import fields_of

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ACTION = {"title": "Open a board", "priority": "LSIP25-6", "owner": "The Chamber", "due_on": "31/3/2026"}


def words_of(client: FlaskClient, where: str, status: int = 200) -> str:
    answer = client.get(where)
    assert answer.status_code == status, where
    return answer.get_data(as_text=True)


def send(client: FlaskClient, where: str, **answers: Any) -> Any:
    """Sends the form that stands there, as it is but for `answers`."""
    return client.post(where, data=fields_of(client.get(where)) | answers)


# --- priorities -----------------------------------------------------------------------------------


def test_a_changed_priority_counts_from_then_on_and_what_stood_before_stays_in_its_history(
    app: Flask, officer: FlaskClient
) -> None:
    where = "/priorities/plan/LSIP25-4/change"
    answer = send(officer, where, title="T Levels for all", themes=["CON-BRICK"], sic="C, 41", why="The board asked")

    assert answer.status_code == 303
    with app.app_context():
        area = app.extensions["area"]
        new, old = history_of(area, "LSIP25-4")
        assert (new.number, new.priority.title, new.priority.sic) == (1, "T Levels for all", ("C", "41"))
        assert (new.saved_by, new.why) == ("Ola Officer", "The board asked")
        assert (old.number, old.priority.title) == (0, "Employers know about T Levels")
        assert [p.code for p in all_priorities(area)] == [p.code for p in area.priorities]
        assert "CON-BRICK" in next(p for p in priorities_on(area, today()) if p.code == "LSIP25-4").themes
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "priority saved")).one()
        assert entry.facts == '{"changed": ["title", "sic", "themes"], "version": 1}'
    page = words_of(officer, "/priorities/plan/LSIP25-4")
    assert "Employers know about T Levels" in page
    assert "“The board asked”" in page


@only_sqlite
def test_a_priority_that_a_colleague_changed_meanwhile_is_refused_and_nothing_typed_is_lost(
    app: Flask, officer: FlaskClient
) -> None:
    where = "/priorities/plan/LSIP25-4/change"
    opened = fields_of(officer.get(where))
    assert send(officer, where, title="By a colleague").status_code == 303

    late = officer.post(where, data=opened | {"title": "Mine, typed for long"})
    again = officer.post(where, data=fields_of(late))

    assert late.status_code == 409
    assert "Mine, typed for long" in late.get_data(as_text=True)
    assert again.status_code == 303
    with app.app_context():
        titles = [v.priority.title for v in history_of(app.extensions["area"], "LSIP25-4")]
        assert titles == ["Mine, typed for long", "By a colleague", "Employers know about T Levels"]


@only_sqlite
def test_a_new_priority_is_refused_with_every_field_that_is_wrong_and_then_kept(
    app: Flask, officer: FlaskClient
) -> None:
    wrong = send(
        officer, "/priorities/plan/new",
        code="LSIP25-1", title="T", valid_from="1/9/2026", valid_to="1/8/2026", soc="5213 99", sic="AA", url="x",
        source="S",
    )  # fmt: skip
    page = wrong.get_data(as_text=True)
    right = {"code": "LSIP26-1", "title": "Welders", "valid_from": "1/9/2026", "soc": "5213 8221", "source": "The plan"}
    taken = send(officer, "/priorities/plan/new", **right | {"code": "LSIP25-1"})
    kept = send(officer, "/priorities/plan/new", **right)

    assert (wrong.status_code, taken.status_code, kept.status_code) == (422, 422, 303)
    for said in ("The end is before the beginning", "“99” is not a SOC 2020", "“AA” is not a SIC 2007", "https://"):
        assert said in page
    assert "There is a priority LSIP25-1 already" in taken.get_data(as_text=True)
    with app.app_context():
        assert all_priorities(app.extensions["area"])[-1].soc == ("5213", "8221")


def test_the_database_refuses_to_change_or_delete_what_an_officer_saved(app: Flask, officer: FlaskClient) -> None:
    assert send(officer, "/priorities/plan/LSIP25-4/change", title="New").status_code == 303
    assert send(officer, "/priorities/actions/new", **ACTION).status_code == 303
    value = {"day": "31/3/2026", "value": "12", "source": "A letter"}
    assert send(officer, "/priorities/measures/short-courses", **value).status_code == 303
    report = {"first": "1/4/2025", "last": "31/3/2026", "title": "Progress report"}
    assert officer.post("/priorities/reports", data=report).status_code == 303

    for table in ("priority_version", "plan_action", "measure_entry", "kept_report"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id + 1"):
            with app.app_context():
                with pytest.raises(DBAPIError, match="only added to"):
                    keep(lambda statement=statement: db.session.execute(text(statement)))  # type: ignore[misc]
                assert db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 1


# --- actions and measures -------------------------------------------------------------------------


@only_sqlite
def test_an_action_has_an_owner_and_a_day_is_overdue_until_it_is_done_and_may_be_taken_out(
    app: Flask, officer: FlaskClient
) -> None:
    wrong = send(officer, "/priorities/actions/new", title="No owner", due_on="soon")
    assert wrong.status_code == 422
    assert "Say which organisation owns it" in wrong.get_data(as_text=True)
    where = send(officer, "/priorities/actions/new", **ACTION).location
    assert "1 action, 1 overdue" in words_of(officer, "/priorities/actions?show=overdue")

    done = send(officer, where, done_on="1/10/2026", public="y")
    assert done.status_code == 303
    assert "1 action, 0 overdue" in words_of(officer, "/priorities/actions")
    assert "Open a board" in words_of(officer, "/priorities/board")
    opened = fields_of(officer.get(where))
    assert send(officer, where, removed="y").status_code == 303
    assert officer.post(where, data=opened).status_code == 404
    with app.app_context():
        assert all_actions() == []
        assert [a.number for a in db.session.scalars(select(PlanAction).order_by(PlanAction.id))] == [1, 2, 3]


@only_sqlite
def test_the_measures_of_2025_are_the_first_entries_and_a_new_value_takes_the_place_of_its_day(
    app: Flask, officer: FlaskClient
) -> None:
    def values() -> dict[str, list[str]]:
        with app.app_context():
            found = all_measures(app.extensions["area"])
            return {m.measure.title: [value_words(v.value) for v in m.values] for m in found}

    assert list(values().values()) == [["11"], ["148"], ["99.25"]]
    where = "/priorities/measures/short-course-learners"
    for day, value in (("31/3/2026", "1,480"), ("31/3/2026", "1480"), ("31/3/2025", "150")):
        send(officer, where, day=day, value=value, source="A letter")
    assert values()["Learners who completed one of these short courses"] == ["150", "1,480"]
    assert send(officer, where, day="31/3/2026", taken_back="y", source="A letter").status_code == 303
    assert send(officer, where, day="1/1/2026", taken_back="y", source="A letter").status_code == 422
    assert values()["Learners who completed one of these short courses"] == ["150"]
    with app.app_context():
        assert len(db.session.scalars(select(MeasureEntry)).all()) == 4
    added = send(officer, "/priorities/measures/new", title="Employers on the board", unit="employers")
    assert added.location == "/priorities/measures/employers-on-the-board"
    assert "Employers on the board" in values()


# --- ambassadors and educators --------------------------------------------------------------------


def a_need(email: str, confirmed: bool) -> None:
    need = Need(
        reference=email, token_digest=email, payload_digest="", created_at=today(), changed_at=today(),
        kept_until=date(2027, 11, 1), text="welders", email=email, business_name="Anvil Ltd", sic_section="C",
        email_verified_at=today() if confirmed else None, ambassador=True,
    )  # fmt: skip
    db.session.add(need)


@only_sqlite
def test_who_would_be_an_ambassador_waits_for_an_officer_and_is_listed_with_the_words_they_agreed_to(
    app: Flask, officer: FlaskClient
) -> None:
    with app.app_context():
        keep(lambda: (a_need("jo@anvil.example", True), a_need("new@anvil.example", False)))
        numbers = [a.need_id for a in ambassadors.waiting()]
    desk = words_of(officer, "/priorities/ambassadors")
    assert "anvil.example" not in desk
    desks = [officer.post(f"/priorities/ambassadors/answers/{n}/contact") for n in sorted(numbers)]
    shown = [answer.get_data(as_text=True) for answer in desks]
    assert "jo@anvil.example" in shown[0]
    assert "no confirmed e-mail" in shown[1]
    assert "new@anvil.example" not in shown[1]

    form = f"/priorities/ambassadors/new?answer={min(numbers)}"
    said = {"name": "Jo", "words": "We trained five", "agreed_on": "3/11/2026"}
    unsure = send(officer, form, **said)
    assert unsure.status_code == 422
    assert "Without that nobody is listed" in unsure.get_data(as_text=True)
    assert send(officer, form, **said, agreed="y").status_code == 303
    assert officer.post(f"/priorities/ambassadors/answers/{max(numbers)}/not-now").status_code == 303

    public = app.test_client()
    assert "We trained five" in words_of(public, "/ambassadors")
    assert "Anvil Ltd" in words_of(public, "/offers?kind=apprenticeship")
    assert "Anvil Ltd" not in words_of(public, "/offers?kind=htq")
    with app.app_context():
        assert [a.name for a in ambassadors.few_for("apprenticeship", "C")] == ["Jo"]
        assert ambassadors.few_for("htq") == []
        assert ambassadors.waiting() == []
    with app.app_context():
        done = [e.action for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
        assert done.count("ambassador answer's contact shown") == 2
    assert officer.post("/priorities/ambassadors/1/end", data={"sure": "y"}).status_code == 303
    assert "Jo" not in words_of(public, "/ambassadors")
    assert words_of(officer, "/priorities/ambassadors/1", 404)


def test_an_educators_form_is_kept_once_however_often_it_is_sent_and_emptied_after_a_year(
    app: Flask, client: FlaskClient
) -> None:
    form = fields_of(client.get("/educators"))
    empty = client.post("/educators", data=form | {"words": " "})
    sent = [client.post("/educators", data=form | {"words": "electric cars", "email": "a@b.example"}) for _ in "ab"]
    forged = client.post("/educators", data=form | {"token": "made-up", "words": "typed for long"})

    assert empty.status_code == 422
    assert [answer.location for answer in sent] == ["/educators/sent"] * 2
    assert forged.status_code == 422
    assert "typed for long" in forged.get_data(as_text=True)
    with app.app_context():
        row = db.session.scalars(select(EducatorAnswer)).one()
        assert (row.words, row.email) == ("electric cars", "a@b.example")
        assert educators.forget_old() == 0
        keep(lambda: setattr(db.session.scalars(select(EducatorAnswer)).one(), "kept_until", date(2026, 11, 22)))
        assert educators.forget_old() == 1
        row = db.session.scalars(select(EducatorAnswer)).one()
        assert (row.words, row.email) == ("", "")


# --- scorecard and board --------------------------------------------------------------------------

IN_MAY = Filters(date(2026, 4, 1), date(2026, 11, 23))


def test_the_scorecard_counts_what_is_about_a_priority_and_says_what_changed_since_the_last_report(
    app: Flask, officer: FlaskClient
) -> None:
    def english(numbers: range) -> None:
        for number in numbers:
            key = employer(number)
            ask(key, "ESS-ESOL", outcome="fits", people=2)
            ask(key, "CON-BRICK", outcome="nothing-fitted")

    with app.app_context():
        keep(lambda: english(range(1, 4)))
        keep(lambda: ask(employer(50, provider=True), "ESS-ESOL"))
        keep(lambda: ask(employer(51), "ESS-ESOL", suspect=True))
    report = {"first": "1/4/2026", "last": "23/11/2026", "title": "Progress report 2026"}
    assert officer.post("/priorities/reports", data=report).status_code == 303
    with app.app_context():
        keep(lambda: english(range(11, 13)))
        card = scorecard(app.extensions["area"], IN_MAY.first, IN_MAY.last)
        lines = {line.priority.code: line for line in card.lines}
        asked = lines["LSIP25-3"].asked
        assert asked is not None
        assert (asked.employers, asked.facets, asked.people, asked.met) == (5, 5, 10, 5)
        assert lines["LSIP25-3"].changes["employers"] == "up 2"
        assert lines["LSIP25-3"].changes["met_share"] == "no change"
        assert lines["LSIP23-1"].asked is None
        assert (card.whole.employers, card.whole.unmet) == (5, 5)
        assert sum_of(asked_rows(Filters(IN_MAY.first, date(2026, 5, 11)), app.extensions["area"])).employers == 0
    page = words_of(officer, "/priorities?from=1/4/2026&to=23/11/2026")
    assert "Changes are since “Progress report 2026”" in page
    assert "up 2" in page
    figures = words_of(officer, "/priorities/figures?from=1/4/2026&to=23/11/2026&priority=LSIP25-3&outcome=met")
    assert "<dd>5, of them 5 confirmed</dd>" in figures


@pytest.mark.parametrize(
    ("change", "share", "said"),
    [(0.004, True, "no change"), (0.05, True, "up 5 points"), (-3, False, "down 3"), (1200, False, "up 1,200")],
)
def test_a_change_is_said_in_words(change: float, share: bool, said: str) -> None:
    assert change_words(change, share=share) == said


@only_sqlite
def test_dates_that_are_none_are_told_and_an_empty_service_has_a_scorecard(app: Flask, officer: FlaskClient) -> None:
    assert "Nobody has asked for anything" in words_of(officer, "/priorities")
    assert "The last day is before the first" in words_of(officer, "/priorities?from=2/4/2026&to=1/4/2026", 422)
    assert "Enter “From” as a day" in words_of(officer, "/priorities?from=spring&to=1/4/2026", 422)
    assert "No release is published yet" in words_of(officer, "/priorities/board")
    assert "There is no such theme." in words_of(officer, "/priorities/figures?theme=gold", 422)


def test_the_boards_page_reads_releases_only_and_is_the_same_after_a_known_search(
    year: Flask, officer_of_year: FlaskClient
) -> None:
    before = words_of(officer_of_year, "/priorities/board")
    with year.app_context():
        known_search("owner@known-to-the-attacker.example")
    with guard.statements(year) as seen:
        after = words_of(officer_of_year, "/priorities/board")

    assert guard.is_kept_from_employers(year, "plan.board_page")
    own = [statement for endpoint, statement in seen if endpoint == "plan.board_page"]
    assert own
    assert not any(map(guard.tables_named, own))
    assert before == after
    assert "published release 2025, April 2025 to March 2026" in before


@only_sqlite
def test_nobody_but_officers_and_administrators_opens_a_page_of_the_plan(app: Flask) -> None:
    from skillsmatch.accounts.access import audience_of
    from skillsmatch.accounts.roles import Role

    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("plan.")}

    assert len(endpoints) > 20
    assert {audience_of(app, endpoint) for endpoint in endpoints} == {frozenset({Role.CHAMBER, Role.ADMIN})}
    assert PriorityVersion.__tablename__ not in guard.OF_EMPLOYERS
