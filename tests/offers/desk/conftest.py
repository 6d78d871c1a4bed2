"""Two providers at their desks."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from skillsmatch.accounts.roles import Role
from tests.accounts.signing import sign_in
from tests.offers.desk.at_the_desk import ANOTHER, COLLEGE


@pytest.fixture
def college(app: Flask) -> FlaskClient:
    """Somebody of Leicester College, signed in."""
    client = app.test_client()
    sign_in(client, app, Role.PROVIDER, organisation="Leicester College", ukprn=COLLEGE, name="Ada Weld")
    return client


@pytest.fixture
def another(app: Flask) -> FlaskClient:
    """Somebody of another provider, signed in."""
    client = app.test_client()
    sign_in(client, app, Role.PROVIDER, organisation="Forge Training", ukprn=ANOTHER, name="Bo Forge")
    return client
