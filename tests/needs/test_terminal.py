"""`flask needs match` prints the page's ranking with reasons and logs nothing."""

from __future__ import annotations

import json

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.needs.models import Need, NeedMatch
from tests.needs.journey import say


def test_it_prints_the_offers_with_their_reasons(service: Flask) -> None:
    answer = service.test_cli_runner().invoke(
        args=["needs", "match", "forklift licence", "--postcode", "LE10 1AA"]
    )

    assert answer.exit_code == 0
    assert "Forklift" in answer.output and "Why it fits:" in answer.output and " km away" in answer.output


def test_as_json_it_has_understanding_facets_and_offers_and_logs_nothing(service: Flask) -> None:
    answer = service.test_cli_runner().invoke(
        args=["needs", "match", "forklift x3, someone for Sage payroll", "--json", "--limit", "4"]
    )

    told = json.loads(answer.output)
    assert len(told["facets"]) == 2 and len(told["offers"]) == 4
    assert {o["facet"] for o in told["offers"]} == {1, 2}
    assert told["matcher"]
    with service.app_context():
        for table in (Need, DemandSignal):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0


def test_it_ranks_as_the_page_does(service: Flask, visitor: FlaskClient) -> None:
    say(visitor, "forklift licence")
    answer = service.test_cli_runner().invoke(args=["needs", "match", "forklift licence", "--json"])

    with service.app_context():
        shown = db.session.scalars(select(NeedMatch.offer_id).order_by(NeedMatch.position)).all()
    assert [o["id"] for o in json.loads(answer.output)["offers"]] == list(shown)[:10]


def test_without_a_catalogue_it_says_how_to_load_one(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["needs", "match", "welding"])

    assert answer.exit_code == 1 and "flask offers load FILE" in answer.output


def test_bad_input_is_said_in_words(service: Flask) -> None:
    run = service.test_cli_runner().invoke

    assert run(args=["needs", "match", "welding", "--postcode", "nowhere"]).exit_code == 2
    assert (
        "not a postcode or a town we know"
        in run(args=["needs", "match", "x", "--postcode", "nowhere"]).output
    )
    assert run(args=["needs", "match", "   "]).exit_code == 2


def test_another_language_is_said_kindly(service: Flask) -> None:
    run = service.test_cli_runner().invoke
    foreign = "nous avons besoin de formation pour les soudeurs"

    assert "could not read this as English" in run(args=["needs", "match", foreign]).output
    told = json.loads(run(args=["needs", "match", foreign, "--json"]).output)
    assert told["understood"]["readable"] is False
    assert "could not read" not in run(args=["needs", "match", "TIG welding"]).output
