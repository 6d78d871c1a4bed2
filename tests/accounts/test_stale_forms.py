"""A page that had been open for too long: what was typed is shown again, and a button says where to find it anew."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from skillsmatch.accounts.models import Account, Invitation
from skillsmatch.accounts.roles import Role
from skillsmatch.extensions import db
from tests.accounts.signing import sign_in

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def guarded(app: Flask) -> Flask:
    """The service with its protection of forms on, as it is served."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


def test_a_stale_invitation_shows_again_what_was_typed_and_invites_nobody(guarded: Flask) -> None:
    client = guarded.test_client()
    sign_in(client, guarded, Role.PROVIDER, organisation="Leicester College", owner=True)

    answer = client.post("/account/people", data={"email": "jo@college.ac.uk", "csrf_token": "stale"})

    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Please send it again: nothing is lost" in page
    assert 'value="jo@college.ac.uk"' in page
    with guarded.app_context():
        assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_a_stale_sign_in_keeps_the_address_and_asks_for_the_password_again(guarded: Flask) -> None:
    data = {"email": "ada@college.ac.uk", "password": "a long enough password"}

    answer = guarded.test_client().post("/sign-in", data=data)

    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "type your password and send it again" in page
    assert 'value="ada@college.ac.uk"' in page
    assert "a long enough password" not in page


@pytest.mark.parametrize(
    ("address", "above"),
    [
        ("/account/people/{}/disable", "/account/people"),
        ("/account/sign-ins/1/end", "/account"),
        ("/sign-out", "/"),
    ],
)
def test_a_stale_button_changes_nothing_and_leads_back_to_its_page(
    guarded: Flask, address: str, above: str
) -> None:
    client = guarded.test_client()
    sign_in(client, guarded, Role.PROVIDER, organisation="Leicester College", owner=True)
    with guarded.app_context():
        number = db.session.scalars(select(Account.id)).one()

    answer = client.post(address.format(number))

    assert answer.status_code == 400
    page = answer.get_data(as_text=True)
    assert "That page had been open for too long" in page
    assert f'href="{above}">Open the page again' in page
    with guarded.app_context():
        assert db.session.get_one(Account, number).is_active
    assert client.get("/account").status_code == 200
