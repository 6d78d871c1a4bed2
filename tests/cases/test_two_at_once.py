"""Two people at one time, on both databases: one is first, the other is told, and nothing is done or lost twice."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.accounts.roles import Role
from skillsmatch.cases import case_models, fit_mails, helping, referral_answers, referrals
from skillsmatch.cases.case_models import CaseEvent
from skillsmatch.cases.fit_models import FitMail
from skillsmatch.cases.referral_models import Referral, ReferralAnswer
from skillsmatch.extensions import db
from tests.accounts.signing import make_account
from tests.cases.at_work import FALCONRY, add_offer, as_officer, case_about, filed, group_of
from tests.cases.test_closing_the_loop import approve, run_rematch
from tests.cases.test_referrals import publish
from tests.leads.conftest import LEICESTER, college, employer  # noqa: F401  (fixtures)
from tests.needs.journey import fields_of, plain

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
Press = Callable[[], Any]


def meet(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Whoever comes to this function first waits there for the other, for a moment: then both have looked."""
    both, real = threading.Barrier(2), getattr(module, name)

    def slow(*args: Any, **more: Any) -> Any:
        told = real(*args, **more)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.7)
        return told

    monkeypatch.setattr(module, name, slow)


def at_once(*presses: Press) -> list[int]:
    with ThreadPoolExecutor(len(presses)) as pool:
        return sorted(answer.status_code for answer in pool.map(lambda press: press(), presses))


def kinds(app: Flask, kind: str) -> Sequence[CaseEvent]:
    with app.app_context():
        return db.session.scalars(select(CaseEvent).where(CaseEvent.kind == kind)).all()


def count(app: Flask, table: Any) -> int:
    with app.app_context():
        return len(db.session.scalars(select(table)).all())


def test_of_two_officers_with_the_same_move_one_is_told_that_it_is_there(
    service: Flask,
    employer: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, me = as_officer(service)
    two, _ = as_officer(service, "Ivy Other")
    case = case_about(service, group_of(service, employer(FALCONRY).reference), me)
    meet(monkeypatch, case_models, "check_move")
    sent = {"to": "national", "move_words": "A funding rule"}

    told = at_once(*(lambda b=b: b.post(f"/cases/case/{case}/decide", data=sent) for b in (one, two)))

    assert told == [303, 409]
    assert len(kinds(service, "moved")) == 1


@only_sqlite
def test_a_form_opened_before_a_colleague_changed_the_case_overwrites_nothing(
    service: Flask,
    employer: Any,  # noqa: F811
) -> None:
    one, me = as_officer(service)
    two, other = as_officer(service, "Ivy Other")
    case = f"/cases/case/{case_about(service, group_of(service, employer(FALCONRY).reference), me)}"
    seen = fields_of(two.get(case))["seen"]
    assert one.post(f"{case}/plan", data={"lead": "Leicester College", "rag": "green"}).status_code == 303

    late = two.post(f"{case}/plan", data={"lead": "", "rag": "red", "due_on": "31/03/2027", "seen": seen})
    assert late.status_code == 409 and 'value="31/03/2027"' in late.get_data(as_text=True)
    assert "Since you opened this page, Olu Officer set how it stands to Green" in plain(late)
    assert "Leicester College" in plain(two.get(case)), "nothing is overwritten"
    for where, sent in (
        ("decide", {"to": "national", "move_words": "A rule"}),
        ("hand-over", {"owner": other}),
    ):
        refused = two.post(f"{case}/{where}", data=sent | {"seen": seen})
        assert refused.status_code == 409 and "Since you opened this page" in plain(refused), where
    again = fields_of(late) | {"lead": "", "rag": "red", "due_on": "31/03/2027"}
    assert two.post(f"{case}/plan", data=again).status_code == 303, "once looked at, it may be sent"


@only_sqlite
def test_a_second_press_of_the_same_move_says_where_the_case_stands(
    service: Flask,
    employer: Any,  # noqa: F811
) -> None:
    browser, me = as_officer(service)
    case = f"/cases/case/{case_about(service, group_of(service, employer(FALCONRY).reference), me)}"
    sent = {"to": "national", "move_words": "A rule"}
    assert browser.post(f"{case}/decide", data=sent).status_code == 303

    again = browser.post(f"{case}/decide", data=sent)

    assert again.status_code == 422 and "The case is there already" in plain(again)
    for _ in range(2):
        assert browser.post(f"{case}/note", data={"note": "Rang them"}).status_code == 303
    assert len(kinds(service, "noted")) == 1, "a note cannot be taken back, so it is not kept twice"


def test_a_button_pressed_twice_is_one_answer(
    service: Flask,
    employer: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_rematch(service)
    one = employer(FALCONRY)
    browser, me = as_officer(service)
    case = case_about(service, group_of(service, one.reference), me)
    add_offer(service)
    run_rematch(service)
    assert approve(browser, case).status_code == 303
    meet(monkeypatch, helping, "record_outcome")

    def press() -> Any:
        return service.test_client().post(f"{one.manage}/training/1/helps")

    assert at_once(press, press) == [303, 303]
    assert len(kinds(service, "helped")) == 1


def test_two_cases_about_one_need_send_one_mail(
    service: Flask,
    employer: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_rematch(service)
    one = employer(FALCONRY)
    browser, me = as_officer(service)
    other, _ = as_officer(service, "Ivy Other")
    of_group = case_about(service, group_of(service, one.reference), me)
    sent = fields_of(browser.get(f"/cases/open?need={filed(service, one.reference)}"))
    of_need = int(browser.post("/cases/open", data=sent).location.rsplit("/", 1)[-1])
    offer = add_offer(service)
    run_rematch(service)
    forms = [
        (who, case, fields_of(who.get(f"/cases/case/{case}/mail")))
        for who, case in ((browser, of_group), (other, of_need))
    ]
    meet(monkeypatch, fit_mails, "batch_for")

    def send(who: FlaskClient, case: int, form: dict[str, Any]) -> Any:
        return who.post(f"/cases/case/{case}/mail", data=form | {"looked": "y", "offer": offer})

    told = at_once(*(lambda f=form: send(*f) for form in forms))

    assert told == [303, 409]
    assert count(service, FitMail) == 1


@pytest.fixture
def asking(
    service: Flask,
    employer: Any,  # noqa: F811
) -> dict[str, Any]:
    """An officer's page of a referral to Leicester College, ready to be sent."""
    publish(service)
    make_account(service, Role.COLLEGE, organisation="Leicester College", ukprn=LEICESTER)
    browser, me = as_officer(service)
    group = group_of(service, employer(FALCONRY).reference, theme="CON-BRICK")
    case = case_about(service, group, me)
    sent = {"provider": LEICESTER, "question": "run-new", "figures": ["2026Q1|theme|CON-BRICK|"]}
    return {"browser": browser, "page": f"/cases/case/{case}/refer/to", "sent": sent}


def test_a_provider_is_asked_once_by_two_officers_at_one_time(
    service: Flask, asking: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    other, _ = as_officer(service, "Ivy Other")
    meet(monkeypatch, referrals, "_check")

    told = at_once(
        *(lambda b=b: b.post(asking["page"], data=asking["sent"]) for b in (asking["browser"], other))
    )

    assert told == [303, 409]
    assert count(service, Referral) == 1


def test_of_two_answers_of_one_college_at_one_time_the_later_is_shown_again(
    service: Flask,
    asking: dict[str, Any],
    college: FlaskClient,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert asking["browser"].post(asking["page"], data=asking["sent"]).status_code == 303
    form = fields_of(college.get("/leads/referrals/1/answer"))
    cookie = college.get_cookie("session")
    assert cookie is not None
    meet(monkeypatch, referral_answers, "today")

    def send(words: str) -> Any:
        browser = service.test_client()
        browser.set_cookie("session", cookie.value)
        sent = {"kind": "new", "starts_on": "01/09/2027", "reach": "Kim", "words": words}
        return browser.post("/leads/referrals/1/answer", data=form | sent)

    assert at_once(lambda: send("one"), lambda: send("two")) == [303, 409]
    assert count(service, ReferralAnswer) == 1
