"""Nobody sees or changes what is another provider's: every route of the desk, every method, every object."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from skillsmatch.accounts.roles import Role
from tests.accounts.signing import sign_in
from tests.offers.course_files import course, everything
from tests.offers.desk.at_the_desk import ANOTHER, add_offer, fill, publish, send_rows

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = only_sqlite
FORMS = {"POST", "GET"}


def routes(app: Flask) -> list[tuple[str, str]]:
    """Every address of the desk with its method; `<number>` stands for an object's. Of a choice the first is taken."""
    return sorted(
        (re.sub(r"<[^>]*>", "<number>", re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)), method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.")
        for method in (rule.methods or set()) & FORMS
    )


def objects(app: Flask, client: FlaskClient) -> dict[str, int]:
    """One of each of a provider's objects, by the part of the address that names them."""
    address = publish(client, course())
    waiting = send_rows(client, course(COURSE_ID="W"))
    draft = str(fill(client, "/provider/offers/new", title="Secret plan", do="draft").location)
    offer = add_offer(client)
    with app.app_context():
        from sqlalchemy import select

        from skillsmatch.extensions import db
        from skillsmatch.offers.models import Venue

        venue = db.session.scalars(select(Venue.id)).first()
    assert venue is not None
    return {
        "uploads": int(address.rsplit("/", 1)[-1]),
        "uploads-waiting": int(waiting.rsplit("/", 1)[-1]),
        "drafts": int(draft.rsplit("/", 1)[-1]),
        "offers": offer,
        "venues": venue,
    }


def test_another_providers_objects_are_not_there(
    app: Flask, college: FlaskClient, another: FlaskClient
) -> None:
    theirs = objects(app, college)
    another.get("/provider")
    add_offer(another, title="My own")
    with app.app_context():
        before = everything()

    asked = 0
    for path, method in routes(app):
        for kind, number in theirs.items():
            if f"/{kind.partition('-')[0]}/<number>" not in path:
                continue
            asked += 1
            answer = another.open(path.replace("<number>", str(number)), method=method)
            assert answer.status_code == 404, (method, path, kind)
            assert "Secret plan" not in answer.get_data(as_text=True)
    copied = another.get(f"/provider/offers/new?copy={theirs['offers']}")

    assert copied.status_code == 404
    assert asked > 20
    with app.app_context():
        after = everything()
    assert after == before


def test_no_page_of_the_desk_names_what_is_anothers(
    app: Flask, college: FlaskClient, another: FlaskClient
) -> None:
    objects(app, college)
    words = ("Secret plan", "TIG welding", "MIG welding", "courses.csv", "Abbey Park", "Ada Weld")

    for path, method in routes(app):
        if method == "GET" and "<number>" not in path:
            page = another.get(path).get_data(as_text=True)
            assert not [word for word in words if word in page], path


def test_what_is_sent_cannot_reach_anothers_objects(
    app: Flask, college: FlaskClient, another: FlaskClient
) -> None:
    theirs = objects(app, college)
    with app.app_context():
        before = everything()["offer"]

    another.post("/provider/confirm", data={"offer": [str(theirs["offers"])]})
    answers: dict[str, Any] = {"venue": str(theirs["venues"]), "mode": "classroom"}
    answer = fill(another, "/provider/offers/new", **answers, do="publish")

    assert answer.status_code == 422
    assert "Choose from the answers given for “Venue”" in answer.get_data(as_text=True)
    with app.app_context():
        assert everything()["offer"] == before


@pytest.mark.parametrize("role", [Role.COLLEGE, Role.CHAMBER, Role.ADMIN])
def test_other_roles_have_no_desk(app: Flask, client: FlaskClient, role: Role) -> None:
    sign_in(client, app, role, organisation="Somebody", ukprn=ANOTHER if role == Role.COLLEGE else None)

    for path, method in routes(app):
        assert client.open(path.replace("<number>", "1"), method=method).status_code == 403, path


def test_nobody_comes_in_without_signing_in(app: Flask, client: FlaskClient) -> None:
    for path, method in routes(app):
        answer = client.open(path.replace("<number>", "1"), method=method)
        assert answer.status_code == (303 if method == "GET" else 401), path
        assert method == "POST" or answer.location.startswith("/sign-in?next=")


def test_an_organisation_without_a_number_is_told_so(app: Flask, client: FlaskClient) -> None:
    sign_in(client, app, Role.PROVIDER, organisation="Numberless")

    for path, method in routes(app):
        answer = client.open(path.replace("<number>", "1"), method=method)
        assert answer.status_code == 403, path
        assert "no UK provider number here" in answer.get_data(as_text=True)


def test_a_post_without_its_token_changes_nothing(app: Flask, college: FlaskClient) -> None:
    mine = objects(app, college)
    app.config["WTF_CSRF_ENABLED"] = True
    with app.app_context():
        before = everything()

    for path, method in routes(app):
        if method == "POST":
            for number in mine.values():
                answer = college.post(
                    path.replace("<number>", str(number)), data={"title": "Forged", "do": "draft"}
                )
                assert answer.status_code in (400, 404, 422), path

    with app.app_context():
        assert everything() == before


def test_a_form_without_its_token_keeps_what_was_typed(app: Flask, college: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True

    answer = college.post("/provider/offers/new", data={"title": "Long work", "do": "publish"})

    assert answer.status_code == 422
    assert "Long work" in answer.get_data(as_text=True)


def test_reading_the_desk_changes_nothing(app: Flask, college: FlaskClient) -> None:
    mine = objects(app, college)
    with app.app_context():
        before = everything()

    for path, method in routes(app):
        for kind, number in mine.items():
            if method == "GET" and f"/{kind.partition('-')[0]}/" in path.replace("<number>", "/"):
                college.get(path.replace("<number>", str(number)))

    with app.app_context():
        assert everything() == before
