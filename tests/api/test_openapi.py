"""The API's description is a right one, what it says is what is answered, and the page's examples work."""

from __future__ import annotations

import html
import json
import re
import shlex
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from skillsmatch.api.examples import EXAMPLES
from skillsmatch.offers.open_data import COLUMNS, FILTERS, INSIDE

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
pytestmark = only_sqlite


@pytest.fixture
def described(visitor: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(visitor.get("/api/v1/openapi.json").get_data())
    return found


def faults(described: dict[str, Any], schema: dict[str, Any], answer: Any) -> list[str]:
    """What is wrong with an answer, by the schema that is said to describe it."""
    whole = {**schema, "components": described["components"]}
    return [
        error.message
        for error in Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(answer)
    ]


def schema_of(described: dict[str, Any], path: str, method: str, status: int) -> dict[str, Any]:
    (content,) = described["paths"][path][method]["responses"][str(status)]["content"].values()
    found: dict[str, Any] = content["schema"]
    return found


def test_the_description_is_valid(described: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []
    assert described["servers"] == [{"url": "http://localhost/api/v1"}]


def test_every_address_of_the_api_is_described_and_no_other(
    service: Flask, described: dict[str, Any]
) -> None:
    rules = {
        re.sub(r"<[^>]*:?offer_id>", "{id}", rule.rule).removeprefix("/api/v1"): set(rule.methods or ())
        - {"HEAD", "OPTIONS"}
        for rule in service.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
    }

    assert {
        path: {method.upper() for method in methods} for path, methods in described["paths"].items()
    } == rules


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/offers", "?limit=500", 200),
        ("/offers", "?updated_since=2020-01-01&limit=1", 200),
        ("/offers", "?level=9", 400),
        ("/offers/{id}", "", 200),
        ("/offers/{id}", "none", 404),
        ("/providers", "?limit=3", 200),
        ("/providers", "?limit=x", 400),
        ("/openapi.json", "", 200),
    ],
)
def test_an_answer_is_as_described(
    visitor: FlaskClient, described: dict[str, Any], path: str, query: str, status: int
) -> None:
    number = "99999" if query == "none" else "1"
    answer = visitor.get("/api/v1" + path.replace("{id}", number) + query.removeprefix("none"))

    assert answer.status_code == status
    assert faults(described, schema_of(described, path, "get", status), json.loads(answer.get_data())) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (
            {"text": "two welders and a forklift licence", "postcode": "LE10", "people": 2, "max_km": 20.5},
            200,
        ),
        ({"text": "shotfirer"}, 200),
        ({"text": ""}, 422),
        ([], 400),
    ],
)
def test_a_match_is_as_described(
    visitor: FlaskClient, described: dict[str, Any], body: Any, status: int
) -> None:
    answer = visitor.post("/api/v1/match", json=body)

    assert answer.status_code == status
    assert (
        faults(described, schema_of(described, "/match", "post", status), json.loads(answer.get_data())) == []
    )
    asked = described["paths"]["/match"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert bool(faults(described, asked, body)) is (status != 200)


def test_an_answer_that_is_not_as_described_is_noticed(
    visitor: FlaskClient, described: dict[str, Any]
) -> None:
    """So that the tests above can fail."""
    offer = json.loads(visitor.get("/api/v1/offers/1").get_data())
    schema = schema_of(described, "/offers/{id}", "get", 200)

    for wrong in ({"kind": "nonsense"}, {"level": 9}, {"venue": 1}, {"changed_at": 7}, {"more": "x"}):
        assert faults(described, schema, offer | wrong), wrong
    assert faults(described, schema, {name: value for name, value in offer.items() if name != "title"})


def test_every_filter_is_described_and_every_field_has_its_column(described: dict[str, Any]) -> None:
    parameters = [one["name"] for one in described["paths"]["/offers"]["get"]["parameters"]]
    fields = set(described["components"]["schemas"]["Offer"]["properties"])

    assert parameters == [*FILTERS, "limit", "after"]
    inside = {f"{name}_{inner}" for name, inners in INSIDE.items() for inner in inners}
    assert set(COLUMNS) == (fields - set(INSIDE)) | inside


def test_the_examples_of_the_page_work_as_they_stand_there(visitor: FlaskClient) -> None:
    page = visitor.get("/api").get_data(as_text=True)
    commands = [html.unescape(block) for block in re.findall(r"<code>(curl .*?)</code>", page, re.S)]

    assert len(commands) == len(EXAMPLES)
    for command, example in zip(commands, EXAMPLES, strict=True):
        _, address, *more = shlex.split(command.replace("\\\n", " "))
        path = address.removeprefix("http://localhost")
        if more:
            assert more[:2] == ["-H", "Content-Type: application/json"]
            answer = visitor.post(path, data=more[-1].encode(), content_type="application/json")
        else:
            answer = visitor.get(path, buffered=True)
        assert answer.status_code == 200, command
        text = answer.get_data(as_text=True)
        if answer.mimetype == "application/json":
            assert example.answer == next(iter(json.loads(text)))
            assert any(json.loads(text).values()), command
        else:
            assert text.startswith(example.answer)
            assert text.count("\n") > 1


@pytest.mark.parametrize("path", ["/", "/about"])
def test_the_page_for_developers_is_a_link_away(visitor: FlaskClient, path: str) -> None:
    assert '<a href="/api">' in visitor.get(path).get_data(as_text=True)
