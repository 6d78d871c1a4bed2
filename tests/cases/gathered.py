"""What the tests of gathering share: an officer's browser, a survey's file, a form filled in."""

from __future__ import annotations

import io
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from skillsmatch.accounts.models import AuditEntry
from skillsmatch.accounts.roles import Role
from skillsmatch.extensions import db
from tests.accounts.signing import sign_in
from tests.needs.journey import fields_of

HEADER = "business,website,postcode,sector,size,people,when,need\n"
HEARD = {
    "channel": "event",
    "occasion": "Skills fair",
    "met_on": "20/11/2026",
    "text": "Two welders need TIG",
    "business_name": "Acme Packaging Ltd",
    "website": "https://www.acme.example/about",
    "postcode": "LE10 1AA",
    "sector": "Manufacturing",
    "size_band": "10-49",
    "told": "y",
}


def officer_of(app: Flask) -> FlaskClient:
    """A browser of an officer of the Chamber, signed in."""
    client = app.test_client()
    sign_in(client, app, Role.CHAMBER, organisation="Chamber")
    return client


def write_down(officer: FlaskClient, **answers: str) -> TestResponse:
    """Opens the form, fills it in and sends it."""
    page = officer.get("/cases/gathering/new")
    return officer.post("/cases/gathering/new", data=fields_of(page) | HEARD | answers)


def send_file(officer: FlaskClient, kind: str, rows: str, **about: str) -> TestResponse:
    """Sends a CSV file; the page it leads to."""
    data: dict[str, Any] = {"file": (io.BytesIO(rows.encode()), f"{kind}.csv"), **about}
    if kind == "survey":
        data = {"occasion": "Autumn survey", "met_on": "20/11/2026", **data}
    return officer.post(f"/cases/gathering/{kind}", data=data, follow_redirects=True)


def noted(app: Flask) -> list[str]:
    """The actions in the audit log."""
    with app.app_context():
        return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
