"""The demonstration's accounts."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from skillsmatch.accounts.demonstration import make_demonstration_accounts
from skillsmatch.accounts.models import Account
from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.demand.employers import employer_key
from skillsmatch.extensions import db

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_there_is_one_for_each_role_and_the_passwords_stay(app: Flask, client: FlaskClient) -> None:
    app.config["DEMO"] = True
    with app.app_context():
        shown = keep(lambda: make_demonstration_accounts((10001234, "Forge Training")))
        assert keep(lambda: make_demonstration_accounts((10001234, "Forge Training"))) == shown
        assert db.session.scalar(select(func.count(Account.id))) == 4
        provider = db.session.scalars(select(Account).where(Account.email == shown[0].email)).one()
        assert provider.organisation.ukprn == 10001234
    assert [one.role for one in shown] == list(Role)
    assert len({one.password for one in shown}) == 4

    for one in shown:
        browser = app.test_client()
        assert (
            browser.post("/sign-in", data={"email": one.email, "password": one.password}).status_code == 303
        )
        assert "demonstration account" in browser.get("/account").get_data(as_text=True)

    app.config["DEMO"] = False
    for one in shown:
        assert client.post("/sign-in", data={"email": one.email, "password": one.password}).status_code == 422


def test_the_college_has_offers_too_and_gets_them_where_it_was_made_before_the_catalogue(app: Flask) -> None:
    app.config["DEMO"] = True
    college = (10001235, "Soar College")
    with app.app_context():
        keep(lambda: make_demonstration_accounts(None))
        shown = keep(lambda: make_demonstration_accounts((10001234, "Forge Training"), college))
        keep(lambda: make_demonstration_accounts((10001234, "Forge Training"), college))

        found = {a.email: a.organisation for a in db.session.scalars(select(Account))}
        assert [found[one.email].ukprn for one in shown] == [10001234, 10001235, None, None]
        assert found[shown[1].email].kind == "college"


def test_an_employer_stays_one_when_the_secret_key_changes(in_app: Flask) -> None:
    before = keep(lambda: employer_key("owner@firm.example", "r1").id)
    in_app.config["SECRET_KEY_FALLBACKS"] = [in_app.config["SECRET_KEY"]]
    in_app.config["SECRET_KEY"] = "a newer key for the tests only, long enough"

    assert keep(lambda: employer_key("owner@firm.example", "r2").id) == before
    in_app.config["SECRET_KEY_FALLBACKS"] = []
    assert keep(lambda: employer_key("sales@firm.example", "r3").id) == before
