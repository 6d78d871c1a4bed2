"""Coming from another site's search box: the form is filled in, and nothing is stored, logged or overwritten."""

from __future__ import annotations

import html
import logging
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from skillsmatch.extensions import db
from skillsmatch.needs.models import Need
from tests.needs.journey import fields_of
from tests.offers.course_files import everything

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
WORDS = "zanzibarian welding, “two” people & <b>more</b>"


def needs(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Need)) or 0


def test_the_form_is_filled_in_and_nothing_is_stored(
    service: Flask, visitor: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.config["WTF_CSRF_ENABLED"] = True
    with service.app_context():
        before = everything()

    page = visitor.post(
        "/needs/start", data={"text": WORDS, "postcode": "LE10", "email": "not@asked.example"}
    )

    assert page.status_code == 200
    fields = fields_of(page)
    assert (fields["text"], fields["postcode"], fields["email"]) == (WORDS, "LE10", "")
    assert page.headers.getlist("Set-Cookie") == []
    assert "Location" not in page.headers
    with service.app_context():
        assert everything() == before
    assert "zanzibar" not in caplog.text


@only_sqlite
def test_from_there_a_need_is_sent_as_from_the_form_itself(service: Flask, visitor: FlaskClient) -> None:
    service.config["WTF_CSRF_ENABLED"] = True
    fields = fields_of(visitor.post("/needs/start", data={"text": WORDS}))

    answer = visitor.post("/needs/new?sent=1", data=fields, headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.status_code == 303
    assert needs(service) == 1


@only_sqlite
def test_a_browser_that_is_years_old_says_its_origin(service: Flask, visitor: FlaskClient) -> None:
    service.config["WTF_CSRF_ENABLED"] = True
    fields = fields_of(visitor.post("/needs/start", data={"text": WORDS}))

    assert visitor.post("/needs/new", data=fields, headers={"Origin": "http://localhost"}).status_code == 303


@only_sqlite
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_send_the_form_itself(
    service: Flask, visitor: FlaskClient, headers: dict[str, str]
) -> None:
    service.config["WTF_CSRF_ENABLED"] = True
    fields = fields_of(visitor.post("/needs/start", data={"text": WORDS}))

    answer = visitor.post("/needs/new", data=fields, headers=headers)

    assert answer.status_code == 422
    assert fields_of(answer)["text"] == WORDS  # and nothing is lost where it was a person
    assert fields_of(answer)["csrf_token"]
    assert needs(service) == 0


@only_sqlite
def test_bad_words_are_shown_with_what_is_wrong(visitor: FlaskClient) -> None:
    page = visitor.post("/needs/start", data={"text": "weld " * 30_000, "postcode": "nowhere at all"})

    assert page.status_code == 422
    assert fields_of(page)["text"] == ("weld " * 30_000).strip()
    words = html.unescape(page.get_data(as_text=True))
    assert "Use 100,000 characters or fewer" in words
    assert "Enter a postcode such as" in words


@only_sqlite
@pytest.mark.parametrize("data", [{}, {"text": ""}, {"other": "x"}, {"text": "\0\x1b"}])
def test_no_words_give_the_empty_form(visitor: FlaskClient, data: dict[str, str]) -> None:
    page = visitor.post("/needs/start", data=data)

    assert page.status_code == 200
    assert fields_of(page)["text"] == ""


@only_sqlite
def test_bytes_that_are_no_text_are_no_fault(visitor: FlaskClient) -> None:
    page = visitor.post(
        "/needs/start", data=b"text=%ff%fe%80&postcode=%00", content_type="application/x-www-form-urlencoded"
    )

    assert page.status_code in (200, 422)


@only_sqlite
def test_who_types_the_address_gets_the_empty_form(visitor: FlaskClient) -> None:
    answer = visitor.get("/needs/start")

    assert (answer.status_code, answer.location) == (303, "/needs/new")


@only_sqlite
def test_the_snippet_to_copy_is_the_box_that_is_shown_and_leads_to_the_form(visitor: FlaskClient) -> None:
    page = visitor.get("/embed").get_data(as_text=True)
    copied = html.unescape(re.findall(r"<pre[^>]*><code>(.*?)</code>", page, re.S)[0])

    assert copied.strip() in page
    assert 'action="http://localhost/needs/start"' in copied
    assert "script" not in copied
    names = re.findall(r'name="(\w+)"', copied)
    assert names == ["text", "postcode"]
    assert visitor.post("/needs/start", data=dict.fromkeys(names, "LE10")).status_code == 200
