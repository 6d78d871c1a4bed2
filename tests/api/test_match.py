"""Matching for other sites: words in, offers out, and not a word of them left anywhere."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient

from skillsmatch.needs.asked import asked_from
from skillsmatch.needs.forms import NeedForm
from skillsmatch.needs.search import find_matches
from tests.conftest import NOW
from tests.offers.course_files import everything

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
WORDS = "two welders, TIG mainly, and someone with a forklift licence"


def ask(client: FlaskClient, body: Any, **how: Any) -> tuple[int, dict[str, Any]]:
    answer = client.post("/api/v1/match", json=body, **how)
    kind = "application/json" if answer.status_code == 200 else "application/problem+json"
    assert answer.mimetype == kind
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return answer.status_code, json.loads(answer.get_data())


def test_the_offers_are_those_that_the_page_would_show(service: Flask, visitor: FlaskClient) -> None:
    status, told = ask(visitor, {"text": WORDS, "postcode": "LE10 1AA", "limit": 24})

    assert status == 200
    assert [facet["text"] for facet in told["facets"]] == [
        "two welders, TIG mainly",
        "a forklift licence",
    ] or len(told["facets"]) == 2
    with service.test_request_context(method="POST", data={"text": WORDS, "postcode": "LE10 1AA"}):
        found = find_matches(
            asked_from(NeedForm(meta={"csrf": False}).data, service.extensions["area"]), NOW.date()
        )
    for facet, shown in zip(told["facets"], found.facets, strict=True):
        assert [offer["id"] for offer in facet["offers"]] == [hit.offer.id for hit in shown.hits]
        assert [offer["why"] for offer in facet["offers"]] == [
            list(h.match.evidence.matched) for h in shown.hits
        ]
    best = told["facets"][0]["offers"][0]
    assert best["distance_km"] > 1
    assert best["level"] == 2
    assert best["order"]
    assert told["understood"]["place"] == "LE10"


@only_sqlite
def test_an_answer_may_be_narrowed(visitor: FlaskClient) -> None:
    _, told = ask(
        visitor, {"text": "welding", "kind": "apprenticeship", "limit": 2, "level": 2, "modes": "online"}
    )

    (facet,) = told["facets"]
    assert 1 <= len(facet["offers"]) <= 2
    assert {offer["kind"] for offer in facet["offers"]} == {"apprenticeship"}
    assert (told["understood"]["level"], told["understood"]["modes"]) == (2, ["online"])


@only_sqlite
def test_where_nothing_fits_it_says_so_and_why(visitor: FlaskClient) -> None:
    _, told = ask(visitor, {"text": "shotfirer ticket for a quarry"})

    assert told["facets"][0]["fits"] is False
    assert told["facets"][0]["missing"][0].endswith(".")


@only_sqlite
@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "text", "Say what skills you need"),
        ({"text": "  \0 "}, "text", "Say what skills you need"),
        ({"text": ["welding"]}, "text", "is neither text nor a number"),
        ({"text": "x", "postcode": "nowhere at all"}, "postcode", "Enter a postcode such as"),
        ({"text": "x", "people": "a few"}, "people", "Enter a whole number"),
        ({"text": "x", "people": 0}, "people", "between 1 and 10,000"),
        ({"text": "x", "people": True}, "people", "is neither text nor a number"),
        ({"text": "x", "level": 9}, "level", "Choose from the answers given"),
        ({"text": "x", "budget": -1}, "budget", "Enter an amount in pounds"),
        ({"text": "x", "budget": 1e300}, "budget", "Enter an amount in pounds"),
        ({"text": "x", "max_km": "far"}, "max_km", "Choose from the answers given"),
        ({"text": "x", "modes": [1]}, "modes", "is not a list of texts"),
        ({"text": "x", "modes": ["bus"]}, "modes", "Choose from the answers given"),
        ({"text": "x", "strict": "yes"}, "strict", "is neither true nor false"),
        ({"text": "x", "kind": "nonsense"}, "kind", "is not on the list; use one of course,"),
        ({"text": "x", "limit": 25}, "limit", "is not a whole number from 1 to 24"),
        ({"text": "x", "limit": "1e1"}, "limit", "is not a whole number from 1 to 24"),
        ({"text": "x", "post_code": "LE1"}, "post_code", "is not a field; use text, postcode,"),
        ({"text": "x", "email": "a@b.example"}, "email", "is not a field"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named(
    visitor: FlaskClient, body: dict[str, Any], field: str, words: str
) -> None:
    status, told = ask(visitor, body)

    assert status == 422
    assert [error["field"] for error in told["errors"]] == [field]
    assert words in told["errors"][0]["message"]
    assert field in told["detail"]


@only_sqlite
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"text": NaN}', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 30_000, "not JSON"),
        (b"[]", "not an object"),
        (b'"welding"', "not an object"),
    ],
)
def test_a_body_that_is_no_object_is_refused_in_words(visitor: FlaskClient, data: bytes, words: str) -> None:
    answer = visitor.post("/api/v1/match", data=data, content_type="application/json")

    assert answer.status_code == 400
    assert words in json.loads(answer.get_data())["detail"]


@only_sqlite
def test_half_a_character_is_refused_and_not_a_fault(visitor: FlaskClient) -> None:
    answer = visitor.post("/api/v1/match", data=b'{"text": "weld \\ud800"}', content_type="application/json")

    assert answer.status_code == 422
    assert "half a character" in json.loads(answer.get_data())["detail"]

    answer = visitor.post("/api/v1/match", data=b'{"\\ud800": 1}', content_type="application/json")

    assert answer.status_code == 422
    assert "? is not a field" in json.loads(answer.get_data())["detail"].replace(":", "")


@only_sqlite
def test_a_number_is_read_to_its_last_figure(visitor: FlaskClient) -> None:
    asked = {"text": "welding", "budget": 1234567.0, "people": 3.0}

    understood = ask(visitor, asked)[1]["understood"]

    assert (understood["budget"], understood["people"]) == (1234567, 3)


@only_sqlite
def test_a_form_or_too_large_a_body_is_refused_in_words(visitor: FlaskClient) -> None:
    form = visitor.post("/api/v1/match", data={"text": "welding"})
    large = visitor.post("/api/v1/match", json={"text": "weld " * 20_000})

    assert form.status_code == 400
    assert "Content-Type: application/json" in json.loads(form.get_data())["detail"]
    assert large.status_code == 413
    assert "at most 65,536 bytes" in json.loads(large.get_data())["detail"]


@only_sqlite
def test_before_the_first_load_it_says_that_there_is_nothing_to_search(visitor: FlaskClient) -> None:
    with patch("skillsmatch.needs.search.open_index", return_value=None):
        status, told = ask(visitor, {"text": "welding"})

    assert (status, told["detail"]) == (503, "There is no training to search yet.")


def test_nothing_is_stored_and_nothing_is_logged(
    service: Flask, visitor: FlaskClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    # given: words that stand nowhere else
    caplog.set_level(logging.DEBUG)
    with service.app_context():
        before = everything()
    said = {
        "text": "zanzibarian welding for Quentin",
        "postcode": "LE10 1AA",
        "people": 3,
        "sector": "Construction",
    }

    # when: they are asked for, and refused, and something breaks while they are looked at
    assert ask(visitor, said)[0] == 200
    assert ask(visitor, said | {"level": "quentin9"})[0] == 422
    assert (
        visitor.post(
            "/api/v1/match", data=b'{"text": "zanzibarian', content_type="application/json"
        ).status_code
        == 400
    )
    service.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    with patch("skillsmatch.api.matching.find_matches", side_effect=LookupError("a fault of ours")):
        broken = visitor.post("/api/v1/match", json=said)

    # then
    assert broken.status_code == 500
    assert broken.mimetype == "application/problem+json"
    with service.app_context():
        assert everything() == before
    heard = caplog.text + "".join(capfd.readouterr())
    for word in ("zanzibar", "quentin", "le10 1aa"):
        assert word not in heard.casefold()
    folder = Path(service.config["DATA_DIR"])
    for file in folder.rglob("*"):
        assert not file.is_file() or b"zanzibar" not in file.read_bytes().lower()


@only_sqlite
def test_two_in_a_row_are_answered_and_a_flood_is_told_when_to_ask_again(
    service: Flask, visitor: FlaskClient
) -> None:
    service.config["MATCH_LIMITS"] = "3/minute"
    service.config["CLOCK"] = lambda: NOW + timedelta(days=100)  # a day, and so a key, of this test's own

    answers = [visitor.post("/api/v1/match", json={"text": "welding", "limit": 1}) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].mimetype == "application/problem+json"
    assert "Try again in" in json.loads(answers[-1].get_data())["detail"]


@only_sqlite
def test_the_flood_of_one_network_leaves_another_alone_and_cannot_hide_behind_a_header(
    service: Flask,
) -> None:
    service.config["MATCH_LIMITS"] = "1/minute"
    service.config["CLOCK"] = lambda: NOW + timedelta(days=101)
    client = service.test_client()

    def ask_from(address: str, **headers: str) -> int:
        where = {"REMOTE_ADDR": address}
        return client.post("/api/v1/match", json={}, environ_base=where, headers=headers).status_code

    assert ask_from("192.0.2.1") == 422
    assert ask_from("192.0.2.200") == 429
    assert ask_from("192.0.2.1", **{"X-Forwarded-For": "198.51.100.7"}) == 429
    assert ask_from("198.51.100.7") == 422
    assert ask_from("2001:db8:1:100::1") == 422
    assert ask_from("2001:db8:1:1ff::9") == 429
    assert ask_from("2001:db8:1:200::1") == 422


@only_sqlite
def test_what_is_counted_names_no_address_and_changes_every_day(service: Flask) -> None:
    from skillsmatch.throttle import network_key

    keys = set()
    for days in (0, 1):
        service.config["CLOCK"] = lambda days=days: NOW + timedelta(days=days)
        with service.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.1"}):
            keys.add(network_key())

    assert len(keys) == 2
    assert not [key for key in keys if "192" in key and "0.2" in key]


@only_sqlite
def test_a_browser_on_another_site_may_ask(visitor: FlaskClient) -> None:
    asked = visitor.options(
        "/api/v1/match",
        headers={
            "Origin": "https://college.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )

    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]
