"""Another area is another folder of facts: the same journey, with nothing of Leicestershire in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from skillsmatch import create_app
from skillsmatch.extensions import db
from skillsmatch.needs.models import Need
from skillsmatch.offers.live_courses import COLUMNS
from skillsmatch.offers.loading import load_offers
from tests.conftest import settings
from tests.needs.journey import fields_of, plain, say

COURSES = [
    (
        "Boat engine repair for beginners",
        "Strip, mend and rebuild small marine diesels in six evenings.",
        "ZZ1 1AA",
    ),
    (
        "Sheep shearing day",
        "Handle, shear and roll the fleece, with an instructor to every three.",
        "ZZ2 2BB",
    ),
]


@pytest.fixture
def elsewhere(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The service for the invented area, with two courses of its own."""
    file = tmp_path / "courses.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = csv.DictWriter(out, COLUMNS, restval="")
        rows.writeheader()
        for n, (title, words, postcode) in enumerate(COURSES):
            rows.writerow(
                {
                    "PROVIDER_UKPRN": "10099999",
                    "COURSE_ID": f"X{n}",
                    "COURSE_RUN_ID": f"X{n}-1",
                    "COURSE_NAME": title,
                    "WHO_THIS_COURSE_IS_FOR": words,
                    "DELIVER_MODE": "1",
                    "STUDY_MODE": "2",
                    "ATTENDANCE_PATTERN": "2",
                    "FLEXIBLE_STARTDATE": "1",
                    "COST": "90",
                    "LOCATION_NAME": "Tarn Hall",
                    "LOCATION_TOWN": "Tarnside Bridge",
                    "LOCATION_POSTCODE": postcode,
                    "LOCATION_LATITUDE": "54.2",
                    "LOCATION_LONGITUDE": "-2.3",
                }
            )
    config = settings(database_url, tmp_path / "data")
    config.AREA = "example"
    app = create_app(config)
    with app.app_context():
        load_offers(file)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_the_journey_works_in_another_area_without_a_line_of_code(elsewhere: Flask) -> None:
    visitor = elsewhere.test_client()
    form = visitor.get("/needs/new")
    assert "ZZ2" in plain(form) and fields_of(form)["council"] == ""

    reference = say(visitor, "someone to mend boat engines", postcode="ZZ1", people="2")

    page = visitor.get(f"/needs/{reference}")
    words = plain(page)
    assert words.index("Boat engine repair") < (words.find("Sheep shearing") % 1_000_000)
    assert " km away" in words and "Marlow Vale Chamber of Trade" in plain(form)
    for path in ("/", "/about", "/privacy", "/accessibility", "/kinds", "/offers", f"/needs/{reference}"):
        assert "Leicester" not in visitor.get(path).get_data(as_text=True), path
    with elsewhere.app_context():
        assert db.session.scalars(select(Need)).one().district == "E99000001"
