"""A service with releases, offers and their index, and an officer's browser."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from skillsmatch.accounts.roles import Role
from tests.accounts.signing import sign_in
from tests.demand.conftest import provided, provided_file, released, released_file  # noqa: F401


@pytest.fixture
def officer(app: Flask) -> FlaskClient:
    """A Chamber officer's browser."""
    client = app.test_client()
    sign_in(client, app, Role.CHAMBER, organisation="The Chamber", name="Ola Officer")
    return client
