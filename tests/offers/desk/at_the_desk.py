"""What a provider does at its desk, for the tests: sends files, fills in forms, reads what is held."""

from __future__ import annotations

import io
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from skillsmatch.accounts.models import AuditEntry
from skillsmatch.extensions import db
from skillsmatch.offers.desk.models import OfferDraft, PlannedPlaces, Upload
from skillsmatch.offers.models import Offer, Venue
from tests.needs.journey import fields_of
from tests.offers.course_files import as_csv

COLLEGE, ANOTHER = 10003867, 10001234
ANSWERS = {
    "kind": "short-course",
    "title": "TIG welding for stainless steel",
    "who_for": "Fabricators who weld mild steel and want to go on.",
    "what_learned": "Welding thin stainless steel by TIG.",
    "level": "2",
    "route": "engineering",
    "mode": "online",
    "start_dates": "18/01/2027",
    "duration": "10",
    "duration_unit": "weeks",
    "cost": "420",
    "url": "https://www.example.org/tig",
}


def send(client: FlaskClient, content: bytes | str, name: str = "courses.csv", **more: Any) -> TestResponse:
    """Sends a file to the desk."""
    data = content.encode() if isinstance(content, str) else content
    return client.post("/provider/uploads/new", data={"file": (io.BytesIO(data), name), **more})


def send_rows(client: FlaskClient, *rows: dict[str, str], **more: Any) -> str:
    """Sends a file of live courses; returns the address of its upload."""
    answer = send(client, as_csv(*rows), **more)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def press(client: FlaskClient, address: str, what: str, **more: Any) -> TestResponse:
    """Presses the button of the upload's page that leads to `what`, with what stands in its form."""
    page = address if what != "undo" else f"{address}/undo"
    return client.post(f"{address}/{what}", data=fields_of(client.get(page)) | more)


def publish(client: FlaskClient, *rows: dict[str, str], **more: Any) -> str:
    """Sends a file and publishes it; returns the address of its upload."""
    address = send_rows(client, *rows, **more)
    answer = press(client, address, "publish")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return address


def fill(client: FlaskClient, path: str, **answers: Any) -> TestResponse:
    """Opens the form at `path` and sends it, as it is but for `answers`."""
    fields = fields_of(client.get(path))
    for name, value in answers.items():
        if value is None:
            fields.pop(name, None)
        else:
            fields[name] = value
    return client.post(path, data=fields)


def add_offer(client: FlaskClient, **answers: Any) -> int:
    """Adds an offer by hand; returns its number."""
    answer = fill(client, "/provider/offers/new", **{**ANSWERS, "do": "publish", **answers})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return int(str(answer.location).rsplit("/", 1)[-1])


def held(app: Flask) -> dict[str, dict[str, Any]]:
    """Every offer's row by its title, but for the time of its last change."""
    with app.app_context():
        table = Offer.__table__
        rows = db.session.execute(select(table).order_by(table.c.id)).mappings()
        return {r["title"]: {name: r[name] for name in r if name != "changed_at"} for r in rows}


def on_offer(app: Flask) -> set[str]:
    """The titles of what is on offer."""
    return {title for title, row in held(app).items() if row["withdrawn_at"] is None}


def venues(app: Flask) -> dict[str, dict[str, Any]]:
    """Every venue's row by its name."""
    with app.app_context():
        return {r["name"]: dict(r) for r in db.session.execute(select(Venue.__table__)).mappings()}


def uploads(app: Flask) -> list[tuple[str, int, int, int, int]]:
    """Each upload's state and counts: new, changed, unchanged, withdrawn."""
    with app.app_context():
        found = db.session.scalars(select(Upload).order_by(Upload.id)).all()
        return [(u.state, u.new, u.changed, u.unchanged, u.withdrawn) for u in found]


def noted(app: Flask) -> list[tuple[str, str]]:
    """What the audit log says was done, and to what."""
    with app.app_context():
        found = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        return [(entry.action, entry.about) for entry in found]


def rows_of(
    app: Flask, table: type[OfferDraft] | type[PlannedPlaces] | type[Upload]
) -> list[tuple[Any, ...]]:
    """Every row of a table of the desk."""
    with app.app_context():
        return [tuple(row) for row in db.session.execute(select(table.__table__))]
