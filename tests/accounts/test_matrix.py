"""Every route by everybody: made from the service's own routes, so that a new one is covered as it comes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from test_safety import address, everything, values  # noqa: F401  (the fixture)
from werkzeug.routing import Rule

from skillsmatch.accounts.access import PUBLIC, audience_of
from skillsmatch.accounts.inviting import invite
from skillsmatch.accounts.models import Account, SignIn
from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.extensions import db
from tests.accounts.signing import enter, make_account

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)

PERSONS: dict[str, dict[str, Any]] = {
    "provider A": {"roles": [Role.PROVIDER], "organisation": "Anvil", "ukprn": 10009991},
    "provider B": {"roles": [Role.PROVIDER], "organisation": "Bellows", "ukprn": 10009992},
    "college": {"roles": [Role.COLLEGE], "organisation": "College"},
    "both": {"roles": [Role.PROVIDER, Role.COLLEGE], "organisation": "FE College", "ukprn": 10009993},
    "chamber": {"roles": [Role.CHAMBER], "organisation": "Chamber"},
    "admin": {"roles": [Role.ADMIN], "organisation": "Operator"},
}
FOR_OTHER_SITES = {"needs.start"}  # fills in a form with what another site sends, and changes nothing
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def people(service: Flask) -> dict[str, int]:
    """One account of each sort, each the main contact of an organisation of its own."""
    made = {}
    for who, what in PERSONS.items():
        more = {name: value for name, value in what.items() if name != "roles"}
        made[who] = make_account(service, *what["roles"], **more)
    return made


def ways(app: Flask) -> list[tuple[Rule, str]]:
    """Every route with every method that it takes."""
    return [(r, m) for r in app.url_map.iter_rules() for m in METHODS if m in (r.methods or ())]


def browser_of(app: Flask, people: dict[str, int], who: str) -> FlaskClient:
    client = app.test_client()
    if who != "anonymous":
        enter(client, app, people[who])
    return client


@only_sqlite
def test_a_route_turns_away_everybody_it_is_not_for_and_nothing_changes(
    service: Flask,
    people: dict[str, int],
    values: dict[str, Any],  # noqa: F811
) -> None:
    browsers = {who: browser_of(service, people, who) for who in people}
    before, tried = everything(service), 0
    for rule, method in ways(service):
        audience = audience_of(service, rule.endpoint)
        if audience is PUBLIC:
            continue
        where = address(service, rule, values)
        out = service.test_client().open(where, method=method)
        assert out.status_code == (303 if method == "GET" else 401), (rule, method)
        assert method != "GET" or out.location.startswith("/sign-in"), rule
        for who, browser in browsers.items():
            if isinstance(audience, frozenset) and audience & set(PERSONS[who]["roles"]):
                continue
            tried += 1
            assert browser.open(where, method=method).status_code == 403, (rule, method, who)

    assert tried > 30
    assert everything(service) == before


@only_sqlite
def test_a_route_lets_in_everybody_it_is_for(
    service: Flask,
    people: dict[str, int],
    values: dict[str, Any],  # noqa: F811
) -> None:
    let_in = 0
    browsers = {who: browser_of(service, people, who) for who in (*people, "anonymous")}
    for rule, method in ways(service):
        if method != "GET":
            continue  # what is sent is tried page by page, with what each form wants
        audience = audience_of(service, rule.endpoint)
        where = address(service, rule, values)
        for who in (*people, "anonymous"):
            roles = set(PERSONS[who]["roles"]) if who in people else set()
            if audience is not PUBLIC and not (isinstance(audience, frozenset) and audience & roles):
                continue
            answer = browsers[who].get(where, buffered=True)
            let_in += 1
            assert answer.status_code in (200, 302, 303, 404), (rule, who)
            assert not (answer.location or "").startswith("/sign-in?next"), (rule, who)

    assert let_in > 100


@only_sqlite
def test_nobody_reaches_the_things_of_another_organisation(service: Flask, people: dict[str, int]) -> None:
    """Each account's row, sign-in and invitation, tried by everybody who is neither of its organisation nor admin."""
    things: dict[str, dict[str, int]] = {}
    with service.app_context():
        service.config["BASE_URL"] = "http://localhost"  # for the links of their mails
        for who, number in people.items():
            account = db.session.get_one(Account, number)
            owner = account.organisation
            made = keep(lambda a=account, o=owner: invite(f"i{a.id}@x.example", a.all_roles, o).id)  # type: ignore[misc]
            things[who] = {"account_id": number, "invitation_id": made}
        db.session.remove()
    for who, number in people.items():
        enter(service.test_client(), service, number)
        with service.app_context():
            latest = select(SignIn.id).where(SignIn.account_id == number).order_by(SignIn.id.desc())
            things[who]["sign_in_id"] = db.session.scalars(latest).first() or 0
    own = [
        (rule, method)
        for rule, method in ways(service)
        if rule.arguments & {"account_id", "invitation_id", "sign_in_id"} and method != "GET"
    ]
    browsers = {who: browser_of(service, people, who) for who in people}
    before, tried = everything(service), 0
    for rule, method in own:
        for who, browser in browsers.items():
            for whose, thing in things.items():
                if who == whose or (who == "admin" and rule.rule.startswith("/accounts/")):
                    continue
                tried += 1
                answer = browser.open(address(service, rule, thing), method=method)
                assert answer.status_code in (403, 404), (rule, who, whose)

    assert len(own) >= 10
    assert tried > 200
    assert everything(service) == before


@only_sqlite
def test_reading_every_page_signed_in_writes_nothing(
    service: Flask,
    people: dict[str, int],
    values: dict[str, Any],  # noqa: F811
) -> None:
    """The one exception is stated in test_access: the time in this browser's own sign-in row, once a minute."""
    browsers = [browser_of(service, people, who) for who in people]
    before = everything(service)

    for rule, method in ways(service):
        if method == "GET" and rule.endpoint != "static":
            for browser in browsers:
                browser.get(address(service, rule, values))

    assert everything(service) == before


@only_sqlite
def test_a_minute_later_only_the_time_of_use_is_written(
    service: Flask,
    people: dict[str, int],
    values: dict[str, Any],  # noqa: F811
) -> None:
    from datetime import timedelta

    browser = browser_of(service, people, "admin")
    standing = service.config["CLOCK"]()
    before = everything(service)
    service.config["CLOCK"] = lambda: standing + timedelta(minutes=2)

    for rule, method in ways(service):
        if method == "GET" and rule.endpoint != "static":
            browser.get(address(service, rule, values))

    after = everything(service)
    assert {name for name in before if before[name] != after[name]} == {"sign_in"}
    assert len(after["sign_in"]) == len(before["sign_in"]) == 1
    with service.app_context():
        row = db.session.scalars(select(SignIn)).one()
        assert row.last_seen_at == standing + timedelta(minutes=2)
        assert (row.created_at, row.ended_at) == (standing, None)


@only_sqlite
def test_every_change_by_somebody_signed_in_needs_the_forms_own_token(
    service: Flask,
    people: dict[str, int],
    values: dict[str, Any],  # noqa: F811
) -> None:
    service.config["WTF_CSRF_ENABLED"] = True
    browsers = {who: browser_of(service, people, who) for who in people}
    before, asked = everything(service), 0
    for rule, method in ways(service):
        if method == "GET" or rule.endpoint in FOR_OTHER_SITES:
            continue
        for who, browser in browsers.items():
            asked += 1
            answer = browser.open(
                address(service, rule, values), method=method, data={"email": "a@b.example"}
            )
            assert answer.status_code in (400, 403, 404, 422), (rule, who)

    assert asked > 200
    assert everything(service) == before
