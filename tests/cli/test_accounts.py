"""`flask accounts`, as an operator types it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from skillsmatch.accounts.models import Account
from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.mail.delivery import deliver
from skillsmatch.mail.models import MailMessage
from tests.accounts.signing import account, enter, make_account

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["accounts", *words])


def test_the_first_administrator_comes_in_by_a_link(app: Flask, client: FlaskClient) -> None:
    told = run(app, "create-admin", "Ada@Operator.example", "--name", "Ada Admin")

    assert told.exit_code == 0
    assert "ada@operator.example is invited to Operator as administrator, main contact." in told.output
    assert app.config["MAIL_DIR"] in told.output
    with app.app_context():
        assert deliver() == (1, 0)
    mail = next(Path(app.config["MAIL_DIR"]).glob("*.eml")).read_text()
    link = re.search(r"http://127\.0\.0\.1:8000(/invitations/\S+)", mail)
    assert link, mail
    joined = client.post(link[1], data={"name": "Ada", "new_password": "umbrella quartz over hills"})
    assert joined.location == "/account/second-step"
    assert client.get("/accounts").location == "/account/second-step"


def test_a_provider_is_invited_by_its_number(app: Flask) -> None:
    app.config["BASE_URL"] = "https://skills.example.org"
    told = run(
        app,
        "invite",
        "pat@forge.example",
        "--role",
        "provider",
        "--ukprn",
        "10001234",
        "--organisation",
        "Forge",
    )

    assert "invited to Forge as training provider, main contact" in told.output
    assert "127.0.0.1" not in told.output
    with app.app_context():
        assert "https://skills.example.org/invitations/" in db.session.scalars(select(MailMessage.body)).one()
    assert "pat@forge.example  invited, until 2026-11-30  provider  Forge" in run(app, "list").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["invite", "nobody", "--role", "provider"], "is not an e-mail address"),
        (["invite", "a@b.example", "--role", "king"], "king"),
        (["invite", "a@b.example", "--role", "provider", "--ukprn", "12"], "10000000"),
        (
            ["invite", "a@b.example", "--role", "provider", "--ukprn", "10001234"],
            "Give the organisation's name",
        ),
        (
            ["invite", "a@b.example", "--role", "provider", "--role", "chamber", "--organisation", "X"],
            "must not be",
        ),
        (["disable", "nobody@b.example"], "There is no account for nobody@b.example"),
        (["end-sessions", "nobody@b.example"], "There is no account for nobody@b.example"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(app: Flask, words: list[str], said: str) -> None:
    told = run(app, *words)

    assert told.exit_code != 0
    assert said in told.output
    assert "Traceback" not in told.output


def test_an_account_is_disabled_enabled_and_signed_out(app: Flask, client: FlaskClient) -> None:
    number = make_account(app, Role.PROVIDER, email="pat@forge.example")
    enter(client, app, number)

    assert "1 sign-in ended" in run(app, "end-sessions", "PAT@forge.example").output
    assert client.get("/account").status_code == 303
    assert run(app, "disable", "pat@forge.example").exit_code == 0
    assert "disabled by the operator" in run(app, "list").output
    assert run(app, "enable", "pat@forge.example").exit_code == 0
    with app.app_context():
        assert account(number).is_active


def test_a_lost_phone_and_a_person_to_forget(app: Flask) -> None:
    number = make_account(app, Role.CHAMBER, email="olu@chamber.example")

    assert "second step is off" in run(app, "second-step-off", "olu@chamber.example").output
    assert run(app, "forget", "olu@chamber.example").exit_code == 1  # asks first
    assert run(app, "forget", "olu@chamber.example", "--yes").exit_code == 0
    with app.app_context():
        assert db.session.get_one(Account, number).name == "Forgotten account"


def test_the_log_is_proved_and_a_change_is_found(app: Flask) -> None:
    make_account(app, Role.PROVIDER, email="pat@forge.example")
    run(app, "disable", "pat@forge.example")
    told = run(app, "verify-audit")
    assert told.exit_code == 0
    assert "as it was written: 1 entries" in told.output
    assert "No heads are written yet" in told.output
    with app.app_context():
        keep(lambda: db.session.execute(text("DROP TRIGGER audit_entry_stands")))
        keep(lambda: db.session.execute(text("UPDATE audit_entry SET who = 'somebody else'")))

    told = run(app, "verify-audit")

    assert told.exit_code == 1
    assert "entry 1 is not as it was written" in told.output
    assert "NOT as it was written" in told.output


def test_nothing_is_sealed_without_a_secret_key(app: Flask) -> None:
    app.config["SECRET_KEY"] = ""

    for words in (["create-admin", "ada@operator.example"], ["verify-audit"]):
        told = run(app, *words)
        assert told.exit_code == 1 or "0 entries" in told.output
        assert "SKILLSMATCH_SECRET_KEY is not set" in told.output


def test_before_the_tables_are_there_it_says_what_to_type(app: Flask, tmp_path: Path) -> None:
    from conftest import settings

    from skillsmatch import create_app

    empty = create_app(settings(f"sqlite:///{tmp_path}/none.sqlite", tmp_path))

    for words in (["create-admin", "ada@operator.example"], ["list"], ["verify-audit"]):
        told = run(empty, *words)
        assert told.exit_code == 1
        assert "flask db upgrade" in told.output
