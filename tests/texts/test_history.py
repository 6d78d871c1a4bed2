"""Owned words are used at once, every version stays, and nobody writes over a colleague unseen."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.accounts.models import AuditEntry
from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.texts import history
from skillsmatch.texts.models import OwnedWords
from tests.accounts.signing import sign_in
from tests.cases.at_once import both, meet_in
from tests.needs.journey import fields_of, plain, say

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WORDS = "/cases/words/page.privacy"


@pytest.fixture
def officer(app: Flask, client: FlaskClient) -> FlaskClient:
    sign_in(client, app, Role.CHAMBER, organisation="Chamber")
    return client


def save(officer: FlaskClient, code: str, do: str = "save", **words: str) -> tuple[int, str]:
    """Opens a text, types into it and presses a button; the status and the page that follows."""
    given = fields_of(officer.get(f"/cases/words/{code}")) | words | {"do": do}
    answer = officer.post(f"/cases/words/{code}", data=given, follow_redirects=False)
    return answer.status_code, plain(answer)


def test_words_are_used_at_once_kept_in_the_history_and_can_be_taken_back(
    app: Flask, officer: FlaskClient
) -> None:
    before = plain(officer.get("/privacy"))

    assert save(officer, "page.privacy", body="Ask **{chamber}** <b>first</b>.")[0] == 303
    page = officer.get("/privacy").get_data(as_text=True)
    assert "<p>Ask <strong>East Midlands Chamber</strong> &lt;b&gt;first&lt;/b&gt;.</p>" in page
    assert save(officer, "page.privacy", body="Second {months}")[0] == 303
    assert "Second 12" in plain(officer.get("/privacy"))

    with app.app_context():
        first, second = db.session.scalars(select(OwnedWords).order_by(OwnedWords.id)).all()
        numbers = first.id, second.id
    assert "Ask East Midlands Chamber" in plain(officer.get(f"{WORDS}/versions/{numbers[0]}"))
    back = {"based_on": str(numbers[1])}
    assert officer.post(f"{WORDS}/back/{numbers[0]}", data=back).status_code == 303
    assert "Ask East Midlands Chamber" in plain(officer.get("/privacy"))
    last = fields_of(officer.get(f"{WORDS}/versions/0"))["based_on"]
    assert officer.post(f"{WORDS}/back/0", data={"based_on": last}).status_code == 303
    assert plain(officer.get("/privacy")) == before.replace("Sign in", "Sign in")
    with app.app_context():
        rows = db.session.scalars(select(OwnedWords).order_by(OwnedWords.id)).all()
        noted = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("words")))
        assert [row.standard for row in rows] == [False, False, False, True]
        assert list(noted) == ["words changed", "words changed", "words taken back", "words taken back"]


def test_a_mail_says_the_owned_words_and_one_without_its_link_is_refused(
    app: Flask, officer: FlaskClient
) -> None:
    status, page = save(officer, "accounts.invitation", body="Welcome {name}. {lnik}")
    assert status == 422 and "Did you mean {link}?" in page and "{link} is missing" in page
    assert "Welcome {name}. {lnik}" in page  # nothing typed is lost

    assert (
        save(officer, "accounts.invitation", subject="Join {organisation}", body="Hi {name}\n{link}")[0]
        == 303
    )
    from skillsmatch.accounts.inviting import invite
    from skillsmatch.accounts.organisations import organisation_for

    def send() -> None:
        home = organisation_for([Role.COLLEGE], "A College", None)
        invite("new@college.example", [Role.COLLEGE], home, name="Pat")

    with app.test_request_context():
        keep(send)
        mail = db.session.scalars(select(MailMessage)).one()
        assert mail.subject == "Join A College"
        assert re.fullmatch(r"Hi Pat\nhttp\S+\n", mail.body)


@only_sqlite
def test_a_look_saves_nothing_and_shows_examples(app: Flask, officer: FlaskClient) -> None:
    status, page = save(
        officer, "accounts.reset", do="preview", subject="Hi {name}", body="Go: {link} ({minutes})"
    )

    assert status == 200 and "Hi Sam Patel" in page and "Go: https://skills.example/a-link (60)" in page
    with app.app_context():
        assert db.session.scalars(select(OwnedWords)).all() == []


@only_sqlite
def test_what_a_colleague_saved_meanwhile_is_not_written_over_unseen(
    app: Flask, officer: FlaskClient
) -> None:
    mine = fields_of(officer.get(WORDS)) | {"body": "Mine", "do": "save"}
    save(officer, "page.privacy", body="Theirs")

    answer = officer.post(WORDS, data=mine)
    assert (
        answer.status_code == 409 and "Mine" in plain(answer) and "Theirs" in plain(officer.get("/privacy"))
    )
    again = fields_of(answer) | {"do": "save"}
    assert officer.post(WORDS, data=again).status_code == 303 and "Mine" in plain(officer.get("/privacy"))


def test_of_two_who_save_at_one_moment_the_later_is_told_of_the_other(
    app: Flask, officer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = fields_of(officer.get(WORDS)) | {"do": "save"}
    other = app.test_client()
    sign_in(other, app, Role.CHAMBER, organisation="Chamber")
    meet_in(monkeypatch, history, "_add")

    answers = both(
        lambda: officer.post(WORDS, data=sent | {"body": "Mine"}).status_code,
        lambda: other.post(WORDS, data=sent | {"body": "Theirs"}).status_code,
    )

    assert sorted(answers) == [303, 409]
    with app.app_context():
        assert len(db.session.scalars(select(OwnedWords)).all()) == 1


@only_sqlite
def test_words_that_no_longer_fit_give_way_to_the_standard_ones(app: Flask, officer: FlaskClient) -> None:
    """An upgrade may bring another placeholder; a mail must not go out without its link."""
    from skillsmatch.clock import now
    from skillsmatch.texts.reading import letter

    with app.app_context():
        keep(
            lambda: db.session.add(
                OwnedWords(code="accounts.reset", subject="Hi", body="No link", saved_at=now())
            )
        )
        assert "http://x" in letter("accounts.reset", name="Sam", link="http://x", minutes=30).body
    assert "yours no longer fit" in plain(officer.get("/cases/words"))
    assert "no longer fit this text" in plain(officer.get("/cases/words/accounts.reset"))


@only_sqlite
def test_help_on_the_form_is_owned_and_the_form_comes_without_its_database(
    app: Flask, officer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    from skillsmatch.texts import reading

    assert save(officer, "help.postcode", body="Where you **are**.")[0] == 303
    assert "Where you <strong>are</strong>." in officer.get("/needs/new").get_data(as_text=True)

    def away() -> None:
        raise OperationalError("", None, Exception("away"))

    monkeypatch.setattr(reading, "standing", away)
    assert "Half a postcode or a town will do." in plain(officer.get("/needs/new"))


@only_sqlite
def test_a_text_there_is_not_is_not_found(officer: FlaskClient) -> None:
    for path in ("/cases/words/no.such", f"{WORDS}/versions/99"):
        assert officer.get(path).status_code == 404
    assert officer.post(f"{WORDS}/back/99", data={"based_on": "0"}).status_code == 404
    assert officer.post("/cases/words/no.such", data={}).status_code == 404
    assert save(officer, "page.privacy", based_on="x", body="Words")[0] == 409


def test_the_first_mail_to_an_employer_quotes_its_words_and_nothing_in_them_is_filled_in(
    app: Flask, client: FlaskClient
) -> None:
    say(client, "welding {manage_link} please", email="owner@firm.example")

    with app.app_context():
        body = db.session.scalars(select(MailMessage.body)).one()
    assert "    welding {manage_link} please\n" in body and body.count("/needs/manage/") == 1
