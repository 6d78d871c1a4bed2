"""What of accounts is not kept for ever."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from skillsmatch.accounts.changing import enable, forget
from skillsmatch.accounts.models import AccountLink, AuditEntry, SignIn
from skillsmatch.accounts.retention import tidy
from skillsmatch.accounts.roles import Role
from skillsmatch.accounts.verifying import heads_file, look_through
from skillsmatch.database import keep
from skillsmatch.extensions import db
from tests.accounts.conftest import Clock
from tests.accounts.signing import account, enter, make_account


def test_an_account_not_used_for_a_year_is_disabled_and_later_forgotten(app: Flask, clock: Clock) -> None:
    number = make_account(app, Role.PROVIDER, email="pat@forge.example", name="Pat Forge")
    make_account(app, Role.PROVIDER, owner=False)  # so that pat is the last main contact
    with app.app_context():
        clock.on(days=365)
        assert tidy()["disabled"] == 0
        clock.on(days=1)
        assert tidy()["disabled"] == 2
        assert account(number).disabled_why == "not used for 12 months"

        clock.on(days=732)
        assert tidy()["forgotten"] == 2
        assert tidy()["forgotten"] == 0
        gone = account(number)
        assert "forge" not in f"{gone.email} {gone.name}".lower()
        assert (gone.password_hash, gone.totp_sealed, gone.owner) == ("", "", False)
        assert look_through().faults == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_account_in_use_stays(app: Flask, client: FlaskClient, clock: Clock) -> None:
    number = make_account(app, Role.PROVIDER, email="pat@forge.example")
    for _ in range(3):
        clock.on(days=300)
        sent = {"email": "pat@forge.example", "password": "violet anchors over nine rivers"}
        assert client.post("/sign-in", data=sent).status_code == 303
        with app.app_context():
            assert tidy()["disabled"] == 0
    with app.app_context():
        assert account(number).is_active


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_account_enabled_again_has_another_year(in_app: Flask, clock: Clock) -> None:
    number = make_account(in_app, Role.PROVIDER)
    clock.on(days=400)
    tidy()
    keep(lambda: enable(account(number)))

    assert account(number).last_signed_in_at is None, "nobody has signed in"
    clock.on(days=365)
    assert tidy()["disabled"] == 0
    clock.on(minutes=1)
    assert tidy()["disabled"] == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sign_ins_and_links_that_are_over_are_dropped(app: Flask, client: FlaskClient, clock: Clock) -> None:
    enter(client, app, make_account(app, Role.PROVIDER, email="pat@forge.example"))
    app.test_client().post("/sign-in/forgotten", data={"email": "pat@forge.example"})
    clock.on(days=31)
    with app.app_context():
        tidy()
        assert db.session.scalar(select(func.count(SignIn.id))) == 0
        assert db.session.scalar(select(func.count(AccountLink.id))) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_logs_newest_entry_is_written_outside_the_database(in_app: Flask) -> None:
    keep(lambda: note_something())
    tidy()

    assert len(heads_file().read_text().splitlines()) == 1


def note_something() -> None:
    from skillsmatch.accounts.audit import note

    note("something done")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_forgetting_leaves_no_trace_but_in_the_log(app: Flask, client: FlaskClient) -> None:
    number = make_account(app, Role.PROVIDER, email="canary@forge.example", name="Canary Forge")
    enter(client, app, number)
    with app.app_context():
        keep(lambda: forget(account(number)))
        kept = [
            str(row)
            for table in ("account", "sign_in", "account_link", "invitation", "mail_message")
            for row in db.session.execute(text(f"SELECT * FROM {table}"))
        ]
        assert not any("canary" in row.lower() for row in kept)
        assert db.session.scalars(select(AuditEntry.action)).all() == [
            "account disabled",
            "account forgotten",
        ]
    assert client.get("/account").status_code == 303
