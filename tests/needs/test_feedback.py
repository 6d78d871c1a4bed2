"""What the employer says of the results is recorded on the facet and on its signal."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from skillsmatch.area.reasons import REASONS
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.needs.outcomes import OutcomeRefused, record_outcome
from tests.needs.journey import fields_of, plain, say


@pytest.fixture
def reference(visitor: FlaskClient) -> str:
    """A need for a forklift licence."""
    return say(visitor, "forklift licence")


def first_match(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(NeedMatch.id).order_by(NeedMatch.position)).first() or 0


def the_facet(app: Flask) -> Facet:
    facet = db.session.scalars(select(Facet)).one()
    return facet


def test_opening_an_offer_is_noted_once_and_goes_to_the_offer(
    service: Flask, visitor: FlaskClient, reference: str
) -> None:
    number = first_match(service)

    answer = visitor.post(f"/needs/{reference}/matches/{number}/open")

    assert answer.status_code == 303
    assert visitor.get(answer.location).status_code == 200
    with service.app_context():
        opened = db.session.get(NeedMatch, number).opened_at
        assert opened is not None


def test_this_fits_is_noted_on_offer_facet_and_signal(
    service: Flask, visitor: FlaskClient, reference: str
) -> None:
    number = first_match(service)

    answer = visitor.post(f"/needs/{reference}/matches/{number}/fits")

    assert answer.status_code == 303
    assert "You said this fits" in plain(visitor.get(f"/needs/{reference}"))
    with service.app_context():
        assert db.session.get(NeedMatch, number).chosen_at is not None
        assert the_facet(service).outcome == the_facet(service).signal.outcome == "fits"


def test_started_comes_after_fits_and_not_before(
    service: Flask, visitor: FlaskClient, reference: str
) -> None:
    early = visitor.post(f"/needs/{reference}/facets/1/started")
    assert early.status_code == 409
    assert "Say first which training fits" in plain(early)

    visitor.post(f"/needs/{reference}/matches/{first_match(service)}/fits")
    assert visitor.post(f"/needs/{reference}/facets/1/started").status_code == 303

    with service.app_context():
        assert the_facet(service).signal.outcome == "started"


def test_none_of_these_fit_asks_why_and_says_what_happens_next(
    service: Flask, visitor: FlaskClient, reference: str
) -> None:
    page = visitor.get(f"/needs/{reference}/facets/1/none-fit")
    words = plain(page)
    assert "What happens next" in words
    assert all(r.employer_words in words for r in REASONS)

    answer = visitor.post(
        f"/needs/{reference}/facets/1/none-fit",
        data=fields_of(page) | {"reasons": ["too-long", "too-far"], "words": "we need one day, on site"},
    )

    assert answer.status_code == 303
    assert "You told us that none of these fit" in plain(visitor.get(f"/needs/{reference}"))
    with service.app_context():
        facet = the_facet(service)
        assert facet.is_unmet
        assert facet.employer_reasons == ["too-far", "too-long"]
        assert facet.employer_words == "we need one day, on site"
        assert facet.signal.outcome == "none-fits"
        assert set(facet.signal.reasons) >= {"too-far", "too-long"}
        assert "on site" not in str(vars(facet.signal))  # a signal has no words


def test_an_empty_answer_is_asked_for_a_reason(visitor: FlaskClient, reference: str) -> None:
    page = visitor.post(f"/needs/{reference}/facets/1/none-fit", data={})

    assert page.status_code == 422
    assert "Choose at least one reason" in plain(page)


def test_words_that_are_too_long_are_kept_and_refused(visitor: FlaskClient, reference: str) -> None:
    page = visitor.post(f"/needs/{reference}/facets/1/none-fit", data={"words": "w" * 4_001})

    assert page.status_code == 422
    assert fields_of(page)["words"] == "w" * 4_001


def test_a_reason_that_is_not_on_the_list_is_refused(visitor: FlaskClient, reference: str) -> None:
    page = visitor.post(f"/needs/{reference}/facets/1/none-fit", data={"reasons": ["because"]})

    assert page.status_code == 422


def test_none_fits_takes_back_an_earlier_yes(service: Flask, visitor: FlaskClient, reference: str) -> None:
    number = first_match(service)
    visitor.post(f"/needs/{reference}/matches/{number}/fits")

    visitor.post(f"/needs/{reference}/facets/1/none-fit", data={"reasons": ["too-far"]})

    with service.app_context():
        assert db.session.get(NeedMatch, number).chosen_at is None


def test_a_new_search_leaves_what_the_employer_said(
    service: Flask, visitor: FlaskClient, reference: str
) -> None:
    visitor.post(f"/needs/{reference}/facets/1/none-fit", data={"reasons": ["too-far"]})

    visitor.post(f"/needs/{reference}/search-again")

    with service.app_context():
        assert the_facet(service).outcome == "none-fits"


def test_another_needs_match_cannot_be_answered_for(
    service: Flask, visitor: FlaskClient, reference: str
) -> None:
    other = say(visitor, "welding")
    number = first_match(service)

    assert visitor.post(f"/needs/{other}/matches/{number}/fits").status_code in (303, 404)
    with service.app_context():
        match = db.session.get(NeedMatch, number)
        owner = match.facet.need.reference
    wrong = other if owner == reference else reference
    assert visitor.post(f"/needs/{wrong}/matches/{number}/fits").status_code == 404
    assert visitor.post(f"/needs/{reference}/facets/99/started").status_code == 404


def test_outcomes_from_other_rooms_are_checked_too(
    service: Flask, visitor: FlaskClient, reference: str
) -> None:
    with service.app_context():
        with pytest.raises(OutcomeRefused, match="is not an outcome"):
            record_outcome(the_facet(service), "delighted")
        record_outcome(the_facet(service), "fits")
        db.session.commit()
        assert the_facet(service).signal.outcome == "fits"


def test_nothing_more_can_be_said_of_a_withdrawn_need(
    service: Flask, visitor: FlaskClient, reference: str
) -> None:
    visitor.post(f"/needs/{reference}/withdraw")

    answer = visitor.post(f"/needs/{reference}/matches/{first_match(service)}/fits")

    assert answer.status_code == 409
    assert "withdrawn" in plain(answer)


def test_a_browser_that_lost_its_cookie_gets_its_words_back(service: Flask, reference: str) -> None:
    service.config["WTF_CSRF_ENABLED"] = True

    page = service.test_client().post(
        f"/needs/{reference}/facets/1/none-fit", data={"reasons": ["too-far"], "words": "two buses away"}
    )

    assert page.status_code == 422
    assert fields_of(page)["words"] == "two buses away"
    assert "Please send it again: nothing is lost" in plain(page)
    with service.app_context():
        assert the_facet(service).outcome == "offers-shown"


def test_an_offer_opens_even_where_that_cannot_be_noted(
    service: Flask, visitor: FlaskClient, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = first_match(service)
    with service.app_context():
        offer = db.session.get_one(NeedMatch, number).offer_id

    def full_disk(*_: object) -> None:
        raise OperationalError("COMMIT", None, Exception("disk full"))

    with monkeypatch.context() as broken:
        broken.setattr(db.session, "commit", full_disk)
        answer = visitor.post(f"/needs/{reference}/matches/{number}/open")

    assert answer.status_code == 303
    assert answer.location == f"/offers/{offer}?need={reference}"


def test_a_match_opens_only_from_the_need_it_was_shown_for(service: Flask, visitor: FlaskClient) -> None:
    mine, other = say(visitor, "forklift licence"), say(visitor, "Sage payroll")
    with service.app_context():
        need = db.session.scalars(select(Need).where(Need.reference == mine)).one()
        number = need.live_facets[0].matches[0].id

    assert visitor.post(f"/needs/{mine}/matches/{number}/open").status_code == 303
    assert visitor.post(f"/needs/{other}/matches/{number}/open").status_code == 404
    assert visitor.post(f"/needs/{mine}/matches/999999/open").status_code == 404
