"""A service with unmet needs, and browsers of those who may and may not read them."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from skillsmatch.accounts.roles import Role
from skillsmatch.cases.grouping import group_new
from skillsmatch.extensions import db
from tests.accounts.signing import sign_in
from tests.cases.asking import say

FORKLIFT = ("forklift driver training", "fork lift truck driver training", "training for forklift drivers")
WELDING = ("TIG welding course", "welders for TIG welding", "MIG and TIG welding")


@pytest.fixture
def needs(app: Flask) -> Flask:
    """Three employers ask for forklift training, three for welding; all are grouped."""
    for number, text in enumerate(FORKLIFT, start=1):
        say(
            app,
            number,
            text,
            theme="TRA-FORK",
            district="E06000016",
            sic_section="H",
            size_band="10-49",
            people=number,
        )
    for number, text in enumerate(WELDING, start=4):
        say(app, number, text, theme="ENG-WELD", district="E07000132", sic_section="C", size_band="0-9")
    group(app)
    return app


def group(app: Flask) -> None:
    """Puts what waits into groups."""
    with app.app_context():
        group_new()
        db.session.remove()


@pytest.fixture
def officer(app: Flask) -> FlaskClient:
    """A Chamber officer's browser."""
    client = app.test_client()
    sign_in(client, app, Role.CHAMBER, organisation="The Chamber")
    return client
