"""`flask needs met-by` tells officers which past needs an offer would have met, and writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from skillsmatch.clock import today
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.needs.contact import withdraw
from skillsmatch.needs.forgetting import forget_old
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.offers.models import Offer
from tests.needs.journey import say

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)


@pytest.fixture
def asked(service: Flask, visitor: FlaskClient) -> Iterator[dict[str, str]]:
    """Four needs, by a word for each: two about forklifts, one of two facets, one that nothing fits."""
    yield {
        "forklift": say(visitor, "forklift licence for two drivers"),
        "far": say(visitor, "counterbalance forklift licence", postcode="LE10 1AA"),
        "two": say(visitor, "forklift x3, someone for Sage payroll"),
        "falconry": say(visitor, "falconry for hospital kitchens"),
    }


def forklift_offer(app: Flask) -> int:
    novice = select(Offer.id).where(Offer.title.startswith("Counterbalance Forklift Truck: Novice"))
    with app.app_context():
        return db.session.scalars(novice).one()


def run(app: Flask, *arguments: str) -> Any:
    answer = app.test_cli_runner().invoke(args=["needs", "met-by", *arguments])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.output) if "--json" in arguments else answer.output


def counts(app: Flask) -> list[int]:
    with app.app_context():
        return [
            db.session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Need, Facet, NeedMatch, DemandSignal)
        ]


def test_each_need_stands_with_the_strength_it_was_shown_with(service: Flask, asked: dict[str, str]) -> None:
    offer, before = forklift_offer(service), counts(service)

    told = run(service, str(offer), "--json")

    assert counts(service) == before
    met = {one["need"]: one for one in told["needs"]}
    assert set(met) == {asked["forklift"], asked["far"], asked["two"]}
    assert told["looked_at"] == 5 and told["met"] == 3 == len(told["needs"])
    assert "forklift" in met[asked["two"]]["text"] and "Sage" not in met[asked["two"]]["text"]
    strengths = [one["strength"] for one in told["needs"]]
    assert strengths == sorted(strengths, reverse=True) and strengths[-1] >= 0.5
    with service.app_context():
        shown = db.session.execute(
            select(Need.reference, NeedMatch.strength, NeedMatch.score)
            .join(NeedMatch.facet)
            .join(Facet.need)
            .where(NeedMatch.offer_id == offer)
        ).all()
    assert {asked["forklift"], asked["far"]} <= {reference for reference, _, _ in shown}
    for reference, strength, score in shown:
        assert (met[reference]["strength"], met[reference]["score"]) == (round(strength, 3), round(score, 4))


def test_in_words_it_says_what_fits_and_how_much(service: Flask, asked: dict[str, str]) -> None:
    told = run(service, str(forklift_offer(service)), "--limit", "1")

    assert "would have met 3 of 5 past needs" in told
    assert told.count("Need ") == 1 and "Strength 0." in told and "Why it fits: " in told


def test_of_unmet_needs_only_those_nothing_fitted(service: Flask, asked: dict[str, str]) -> None:
    offer = str(forklift_offer(service))
    with service.app_context():
        far = select(Need.id).where(Need.reference == asked["far"])
        db.session.execute(update(Facet).where(Facet.need_id.in_(far)).values(outcome="none-fits"))
        db.session.commit()

    told = run(service, offer, "--unmet-only", "--json")

    assert [one["need"] for one in told["needs"]] == [asked["far"]]
    assert told["looked_at"] == 2  # and the falconry, which this offer does not meet


def test_withdrawn_forgotten_removed_and_robot_needs_are_never_looked_at(
    service: Flask, visitor: FlaskClient, asked: dict[str, str]
) -> None:
    old = say(visitor, "forklift licence for one")
    robot = say(visitor, "forklift licences, cheap")
    with service.app_context():
        need = {each.reference: each for each in db.session.scalars(select(Need))}
        withdraw(need[asked["forklift"]])
        need[asked["far"]].kept_until = today() - timedelta(1)
        need[old].kept_until = today() - timedelta(2)
        need[robot].suspect = True
        need[asked["two"]].facets[0].removed_at = need[old].created_at
        db.session.commit()

    before_the_nightly_work = run(service, str(forklift_offer(service)), "--json")
    with service.app_context():
        forget_old()
    after = run(service, str(forklift_offer(service)), "--json")

    assert before_the_nightly_work["needs"] == after["needs"] == []
    assert before_the_nightly_work["looked_at"] == after["looked_at"] == 2


@only_sqlite
def test_an_offer_newer_than_the_index_is_judged_and_a_withdrawn_one_refused(
    service: Flask, asked: dict[str, str]
) -> None:
    with service.app_context():
        like = db.session.get_one(Offer, forklift_offer(service))
        values = {c.name: getattr(like, c.name) for c in Offer.__table__.columns if c.name != "id"}
        new = Offer(
            **values | {"title": "Falconry for hospital kitchens", "who_for": "", "source_ref": "new/1"}
        )
        db.session.add(new)
        like.withdrawn_at = like.changed_at
        db.session.commit()
        old_id, new_id = str(like.id), str(new.id)

    told = run(service, new_id, "--json")
    refused = service.test_cli_runner().invoke(args=["needs", "met-by", old_id])

    assert [one["need"] for one in told["needs"]] == [asked["falconry"]]
    assert refused.exit_code == 2 and f"offer {old_id} is not in the catalogue" in refused.output


@only_sqlite
def test_it_says_that_it_is_not_for_colleges(service: Flask) -> None:
    told = service.test_cli_runner().invoke(args=["needs", "met-by", "--help"]).output

    assert "For officers and operators, never for colleges" in told


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_a_catalogue_it_says_how_to_load_one(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["needs", "met-by", "1"])

    assert answer.exit_code == 1 and "flask offers load FILE" in answer.output
