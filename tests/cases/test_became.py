"""What became of a need, as its employer reads it on the need's own pages: something in every state, and true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from skillsmatch.accounts.roles import Role
from tests.accounts.signing import make_account
from tests.cases.at_work import FALCONRY, as_officer, at, case_about, group_of
from tests.cases.test_referrals import publish
from tests.leads.conftest import LEICESTER, LOUGHBOROUGH, Employer, employer  # noqa: F401  (a fixture)
from tests.needs.journey import plain

pytestmark = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
Make = Callable[..., Employer]
TODAY = "Monday 23 November 2026"


@pytest.fixture
def told(service: Flask, employer: Make) -> dict[str, Any]:  # noqa: F811
    """An employer's need in a case, and the officer who has it."""
    one = employer(FALCONRY)
    browser, me = as_officer(service)
    case = case_about(service, group_of(service, one.reference, theme="CON-BRICK"), me)
    return {"one": one, "browser": browser, "case": f"/cases/case/{case}", "me": me}


def became(one: Employer) -> str:
    """The panel on the private page; it says the same as the one on the page of results."""
    panels = []
    for page in (one.manage, f"/needs/{one.reference}"):
        words = plain(one.client.get(page))
        assert "What became of your need" in words, page
        panels.append(words.split("What became of your need ", 1)[1][:300])
    assert panels[0][:60] == panels[1][:60]
    return panels[0]


def decide(told: dict[str, Any], to: str, **more: str) -> None:
    answer = told["browser"].post(f"{told['case']}/decide", data={"to": to, **more})
    assert answer.status_code == 303, plain(answer)


def test_before_a_case_and_while_it_is_looked_at(service: Flask, employer: Make) -> None:  # noqa: F811
    one = employer(FALCONRY)
    assert became(one).startswith(
        "Nothing fitted. East Midlands Chamber has it on its list of unmet needs. Nobody has decided about it yet."
    )
    _, me = as_officer(service)
    case_about(service, group_of(service, one.reference), me)
    assert became(one).startswith(
        f"East Midlands Chamber has been looking at it since {TODAY}. Nothing is decided yet."
    )


def test_each_decision_in_words_an_owner_of_a_firm_understands(service: Flask, told: dict[str, Any]) -> None:
    decide(told, "national", move_words="Funding rule 12(b)")
    words = became(told["one"])
    assert "A national rule stands in the way" in words and "the government’s agency for skills" in words
    assert "12(b)" not in words, "officers' words are for officers"
    decide(told, "exists", move_words="Rang them")
    assert f"found on {TODAY} that there is training for it. Search again" in became(told["one"])
    decide(told, "no-action", why="too-few")
    assert "to do nothing, because too few employers ask for it to start a class." in became(told["one"])
    decide(told, "closed")
    assert f"East Midlands Chamber closed the matter on {TODAY}." in became(told["one"])
    decide(told, "review", move_words="More of them ask now")
    assert "Nothing is decided yet" in became(told["one"])


def test_new_training_is_promised_until_its_day_and_owned_up_to_afterwards(
    service: Flask, told: dict[str, Any]
) -> None:
    plan = {"lead": "Leicester College", "due_on": "31/01/2027", "rag": "green"}
    assert told["browser"].post(f"{told['case']}/plan", data=plan).status_code == 303
    decide(told, "agreed")
    assert "It should be there by Sunday 31 January 2027." in became(told["one"])
    at(service, days=90)
    assert "It should have been there by Sunday 31 January 2027." in became(told["one"])


def test_who_was_asked_and_whether_they_saw_this_very_need(
    service: Flask,
    employer: Make,  # noqa: F811
    told: dict[str, Any],
) -> None:
    publish(service)
    for ukprn in (LEICESTER, LOUGHBOROUGH):
        make_account(service, Role.COLLEGE, organisation=str(ukprn), ukprn=ukprn)
    one: Employer = told["one"]
    sent = {"provider": LOUGHBOROUGH, "question": "run-new", "figures": ["2026Q1|theme|CON-BRICK|"]}
    assert told["browser"].post(f"{told['case']}/refer/to", data=sent).status_code == 303
    assert (
        f"asked a training provider about it on {TODAY}. It was not told who asked. It has not answered yet."
        in became(one)
    )

    assert one.share(LEICESTER).status_code == 303
    sent = {"provider": LEICESTER, "question": "run-new", "shared": [str(one.lead())]}
    assert told["browser"].post(f"{told['case']}/refer/to", data=sent).status_code == 303
    words = became(one)
    assert f"asked 2 training providers about it, first on {TODAY}." in words
    assert "Your need went along to those whom you had allowed. None have answered." in words


def test_an_invented_case_is_told_to_nobody_outside_a_demonstration(
    service: Flask,
    employer: Make,  # noqa: F811
) -> None:
    one = employer(FALCONRY)
    shown = make_account(service, Role.CHAMBER, organisation="Shown around", demonstration=True)
    service.config["DEMO"] = True
    case_about(service, group_of(service, one.reference), shown)
    assert "has been looking at it" in became(one)
    service.config["DEMO"] = False

    assert "Nobody has decided about it yet" in became(one)
