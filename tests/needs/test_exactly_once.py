"""One form makes one need, whatever a browser, a person or a network does with it."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need, NeedMatch
from tests.needs.journey import fields_of, plain, say


def counts(app: Flask) -> tuple[int, int, int]:
    """How many needs, facets and signals are stored."""
    with app.app_context():
        return tuple(  # type: ignore[return-value]
            db.session.scalar(select(func.count()).select_from(t)) for t in (Need, Facet, DemandSignal)
        )


def filled(client: FlaskClient, text: str) -> dict[str, object]:
    return fields_of(client.get("/needs/new")) | {"text": text}


def test_the_same_form_sent_twice_leads_to_the_same_page_and_adds_nothing(
    service: Flask, visitor: FlaskClient
) -> None:
    form = filled(visitor, "welding for two")

    first, second = visitor.post("/needs/new", data=form), visitor.post("/needs/new", data=form)

    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert counts(service) == (1, 1, 1)


def test_looking_at_the_page_again_and_again_adds_nothing(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "welding for two")
    before = counts(service)

    for _ in range(3):
        visitor.get(f"/needs/{reference}")
        visitor.get(f"/needs/{reference}?kind=short-course")
        visitor.head(f"/needs/{reference}")

    assert counts(service) == before


def test_the_same_form_with_other_words_keeps_them_and_asks_what_is_meant(
    service: Flask, visitor: FlaskClient
) -> None:
    form = filled(visitor, "welding for two")
    visitor.post("/needs/new", data=form)

    page = visitor.post("/needs/new", data=form | {"text": "welding and forklift"})

    assert page.status_code == 422
    words = plain(page)
    assert "Correct my need" in words and "Log a new need" in words
    assert "welding and forklift" in words and "welding for two" in words
    assert counts(service)[0] == 1


def test_correcting_changes_the_need_and_the_facets_that_stay_keep_their_signals(
    service: Flask, visitor: FlaskClient
) -> None:
    form = filled(visitor, "MIG welding")
    visitor.post("/needs/new", data=form)
    with service.app_context():
        before = db.session.scalars(select(DemandSignal.id)).all()

    answer = visitor.post(
        "/needs/new", data=form | {"text": "MIG welding", "people": "4", "choice": "correct"}
    )

    assert answer.status_code == 303
    with service.app_context():
        assert db.session.scalars(select(DemandSignal.id)).all() == before
        assert db.session.scalars(select(DemandSignal)).one().people == 4
        assert db.session.scalars(select(Need)).one().people == 4


def test_correcting_twice_is_the_same_as_correcting_once(service: Flask, visitor: FlaskClient) -> None:
    form = filled(visitor, "MIG welding")
    visitor.post("/needs/new", data=form)
    corrected = form | {"text": "Forklift licence; Sage accounts", "choice": "correct"}

    visitor.post("/needs/new", data=corrected)
    standing = counts(service)
    again = visitor.post("/needs/new", data=corrected)

    assert again.status_code == 303
    assert counts(service) == standing
    with service.app_context():
        live = db.session.scalars(select(DemandSignal).where(DemandSignal.withdrawn_at.is_(None))).all()
        need = db.session.scalars(select(Need)).one()
        assert len(live) == len(need.live_facets)


def test_logging_a_new_need_from_the_question_makes_a_second_one_once(
    service: Flask, visitor: FlaskClient
) -> None:
    form = filled(visitor, "MIG welding")
    visitor.post("/needs/new", data=form)
    page = visitor.post("/needs/new", data=form | {"text": "payroll course"})
    new = fields_of(page)  # the second form on the page: its token is a fresh one
    assert new["token"] != form["token"]

    for _ in range(2):
        assert visitor.post("/needs/new", data=new).status_code == 303

    assert counts(service)[0] == 2


def test_a_double_click_from_many_clients_gives_one_signal_set_per_form(service: Flask) -> None:
    """120 posts from 8 clients with a fifth of them repeated; the full 2,000 are run by tests/load."""
    chooser = random.Random(7)
    client = service.test_client()
    forms = [filled(client, f"Forklift licence for shift {n}") for n in range(100)]
    posts = forms + chooser.sample(forms, 20)
    chooser.shuffle(posts)

    def post(form: dict[str, object]) -> int:
        return service.test_client().post("/needs/new", data=form).status_code

    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(post, posts))

    assert set(answers) == {303}
    needs, facets, signals = counts(service)
    assert needs == 100
    assert facets == signals


def test_colleagues_of_one_firm_who_send_at_the_same_moment_are_one_employer(service: Flask) -> None:
    client = service.test_client()
    forms = [
        filled(client, f"Forklift licence for shift {n}") | {"email": f"p{n}@longline.example"}
        for n in range(24)
    ]

    def post(form: dict[str, object]) -> int:
        return service.test_client().post("/needs/new", data=form).status_code

    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(post, forms))

    assert set(answers) == {303}
    with service.app_context():
        assert db.session.scalar(select(func.count()).select_from(EmployerKey)) == 1


def test_nothing_is_stored_when_saving_fails_and_the_words_stay_in_the_form(
    service: Flask, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = filled(visitor, "welding for two") | {"people": "2"}

    def full_disk(*_: object) -> None:
        raise OperationalError("COMMIT", None, Exception("disk full"))

    with monkeypatch.context() as broken:
        broken.setattr(db.session, "commit", full_disk)
        page = visitor.post("/needs/new", data=form)

    assert page.status_code == 503
    assert page.headers["Retry-After"]
    kept = fields_of(page)
    assert kept["text"] == "welding for two" and kept["people"] == "2" and kept["token"] == form["token"]
    assert counts(service) == (0, 0, 0)

    assert visitor.post("/needs/new", data=kept).status_code == 303
    assert counts(service) == (1, 1, 1)


def test_a_database_that_goes_away_while_we_read_gives_the_words_back_too(
    service: Flask, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skillsmatch.needs import views

    form = filled(visitor, "welding for two")

    def away(_digest: str) -> None:
        raise OperationalError("SELECT", None, Exception("server closed the connection"))

    with monkeypatch.context() as broken:
        broken.setattr(views, "need_of_token", away)
        page = visitor.post("/needs/new", data=form)

    assert page.status_code == 503
    assert fields_of(page)["text"] == "welding for two"
    assert "Nothing you typed is lost" in plain(page)


def test_a_withdrawn_need_is_not_brought_back_by_its_old_form(service: Flask, visitor: FlaskClient) -> None:
    form = filled(visitor, "MIG welding")
    reference = visitor.post("/needs/new", data=form).location.rsplit("/", 1)[-1]
    visitor.post(f"/needs/{reference}/withdraw")

    page = visitor.post("/needs/new", data=form | {"text": "payroll", "choice": "correct"})

    assert page.status_code == 422
    assert "cannot be corrected" in plain(page) and "Log a new need" in plain(page)
    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert (need.status, need.text) == ("withdrawn", "")


def test_need_matches_and_signals_stand_or_fall_together(
    service: Flask, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skillsmatch.needs import keeping

    form = filled(visitor, "welding for two")

    def broken_evidence(_hit: object) -> dict[str, object]:
        raise OperationalError("INSERT", None, Exception("away"))

    with monkeypatch.context() as broken:
        broken.setattr(keeping, "evidence_data", broken_evidence)
        assert visitor.post("/needs/new", data=form).status_code == 503

    assert counts(service) == (0, 0, 0)
    with service.app_context():
        assert db.session.scalar(select(func.count()).select_from(NeedMatch)) == 0


def test_the_same_need_said_twice_is_one_and_searching_again_adds_none(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = visitor.post(
        "/needs/new", data=filled(visitor, "two welders; two welders; forklift licence")
    ).location.rsplit("/", 1)[-1]
    before = counts(service)

    for _ in range(3):
        visitor.post(f"/needs/{reference}/search-again")

    assert counts(service) == before
    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        texts = [f.text.casefold() for f in need.live_facets]
        assert len(texts) == len(set(texts))


def test_a_withdrawn_need_is_neither_searched_nor_corrected(service: Flask, visitor: FlaskClient) -> None:
    reference = visitor.post("/needs/new", data=filled(visitor, "MIG welding")).location.rsplit("/", 1)[-1]
    visitor.post(f"/needs/{reference}/withdraw")
    before = counts(service)

    visitor.post(f"/needs/{reference}/search-again")
    visitor.post(f"/needs/{reference}/correct", data={"added": "a plumber"})

    assert counts(service) == before
    with service.app_context():
        signal = db.session.scalars(select(DemandSignal)).one()
        assert signal.theme == "ENG-WELD" and signal.withdrawn_at is not None
