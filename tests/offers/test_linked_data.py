"""Courses as schema.org JSON-LD, and one course told in every format that can tell it."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from skillsmatch.offers.directory_courses import DIRECTORY_COURSES
from skillsmatch.offers.records import CourseRow
from skillsmatch.offers.tables import KnownVenue
from tests.offers.course_files import (
    COLLEGE,
    DIRECTORY,
    RIGHT,
    course,
    read_file,
    table,
    write_file,
    write_table,
)
from tests.offers.test_loading_commands import run

TODAY = date(2026, 11, 23)
INSTANCE: dict[str, Any] = {
    "@type": "CourseInstance",
    "@id": "https://www.example.org/welding#january",
    "courseMode": ["Onsite", "Part-time", "Evening"],
    "startDate": "2027-01-18",
    "courseWorkload": "P10W",
    "offers": {
        "@type": "Offer",
        "price": "420.50",
        "priceCurrency": "GBP",
        "description": "Steel and gas included",
    },
    "location": {
        "@type": "Place",
        "name": "Abbey Park Campus",
        "geo": {"latitude": 52.6447, "longitude": -1.133},
        "address": {
            "streetAddress": "Painter Street",
            "addressLocality": "Leicester",
            "postalCode": "LE1 3WA",
        },
    },
}
WELDING: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "Course",
    "@id": "https://www.example.org/welding",
    "courseCode": "60133600",
    "name": "MIG welding for beginners",
    "description": RIGHT["WHO_THIS_COURSE_IS_FOR"],
    "coursePrerequisites": "None.",
    "educationalLevel": "Level 2",
    "educationalCredentialAwarded": {"name": "City & Guilds"},
    "url": "https://www.example.org/welding",
    "hasCourseInstance": [INSTANCE],
}


def read(folder: Path, document: object) -> list[Any]:
    path = folder / "courses.jsonld"
    path.write_text(json.dumps(document), encoding="utf-8")
    return list(read_file(path, TODAY, ukprn=COLLEGE))


def test_each_instance_of_a_course_is_a_run(tmp_path: Path) -> None:
    summer = {**INSTANCE, "@id": "https://www.example.org/welding#june", "startDate": "2027-06-07"}

    january, june = read(tmp_path, {**WELDING, "hasCourseInstance": [INSTANCE, summer]})

    assert (january.title, january.level, january.lars_ref) == ("MIG welding for beginners", 2, "60133600")
    assert (january.mode, january.study_mode, january.attendance) == ("classroom", "part-time", "evening")
    assert (january.duration_value, january.duration_unit, january.cost) == (
        Decimal(10),
        "weeks",
        Decimal("420.50"),
    )
    assert (january.start_dates, june.start_dates) == (("2027-01-18",), ("2027-06-07",))
    assert january.ref != june.ref


@pytest.mark.parametrize(
    "document",
    [
        [WELDING],
        {"@graph": [{"@type": "Organization", "name": "A college"}, WELDING]},
        {**WELDING, "@type": ["Course", "LearningResource"]},
        {**WELDING, "@type": "http://schema.org/Course"},
        {**WELDING, "hasCourseInstance": INSTANCE},
    ],
)
def test_a_course_is_found_however_a_page_holds_it(tmp_path: Path, document: object) -> None:
    (row,) = read(tmp_path, document)

    assert isinstance(row, CourseRow)
    assert row.venue_postcode == "LE1 3WA"


def test_a_course_with_its_name_alone_is_taken(tmp_path: Path) -> None:
    (row,) = read(tmp_path, {"@type": "Course", "name": "Welding", "educationalLevel": "Beginner"})

    assert isinstance(row, CourseRow)
    assert (row.title, row.kind, row.level, row.venue_name, row.cost) == ("Welding", "course", None, "", None)


@pytest.mark.parametrize(
    ("changed", "column", "message"),
    [
        ({"name": ""}, "name", "is empty or missing, and is needed"),
        ({"name": {"en": "Welding"}}, "name", "is not text"),
        ({"description": "<p>Weld</p>"}, "description", "holds HTML"),
        ({"url": "javascript:alert(1)"}, "url", "holds a script address"),
        (
            {"hasCourseInstance": "soon"},
            "hasCourseInstance",
            "is not an object in curly brackets, nor a list",
        ),
        ({"hasCourseInstance": {**INSTANCE, "startDate": "soon"}}, "startDate", '"soon" is not a date'),
        ({"hasCourseInstance": {**INSTANCE, "offers": {"price": "free"}}}, "price", '"free" is not a price'),
        (
            {"hasCourseInstance": {**INSTANCE, "offers": {"price": 5, "priceCurrency": "EUR"}}},
            "priceCurrency",
            '"EUR" is not GBP; give the price in pounds',
        ),
        (
            {"hasCourseInstance": {**INSTANCE, "location": {"geo": {"latitude": 52}}}},
            "geo",
            "gives only one of latitude and longitude",
        ),
    ],
)
def test_a_wrong_value_is_named_by_its_key(
    tmp_path: Path, changed: dict[str, object], column: str, message: str
) -> None:
    (errors,) = read(tmp_path, {**WELDING, **changed})

    assert isinstance(errors, list)
    assert [(error.row, error.column) for error in errors] == [(1, column)]
    assert message in errors[0].message


def test_a_page_is_loaded_and_the_same_again_changes_nothing(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps(WELDING), encoding="utf-8")

    assert run(app, "load", path).exit_code == 2
    first = run(app, "load", path, "--ukprn", str(COLLEGE))
    second = run(app, "load", path, "--ukprn", str(COLLEGE))

    assert (first.stdout, second.stdout) == (
        "1 taken, 0 changed, 0 unchanged\n",
        "0 taken, 0 changed, 1 unchanged\n",
    )
    assert "MIG welding for beginners" in app.test_client().get("/offers/1").get_data(as_text=True)


# One course, told in every format ----------------------------------------------------------------------------


EVERYWHERE = (  # what live courses, the Course Directory and schema.org can all say
    *("ukprn", "title", "kind", "who_for", "entry_requirements", "level", "lars_ref"),
    *("mode", "study_mode", "attendance", "start_dates", "flexible_start"),
    *("duration_value", "duration_unit", "cost", "cost_description", "url", "venue_name", "venue_postcode"),
)


def told(row: object) -> dict[str, object]:
    assert isinstance(row, CourseRow), row
    return {name: getattr(row, name) for name in EVERYWHERE}


def test_one_course_is_the_same_offer_from_each_format(tmp_path: Path) -> None:
    # given the same course in the national list, in the provider's own file and on its page
    name = "MIG welding for beginners (Level 2)"
    own = {**DIRECTORY, "COURSE_NAME": name, "WHO_THIS_COURSE_IS_FOR": RIGHT["WHO_THIS_COURSE_IS_FOR"]}
    own["COST_DESCRIPTION"] = RIGHT["COST_DESCRIPTION"]
    venues = [KnownVenue(1, "Abbey Park Campus", "", "LE1 3WA")]

    # when each is read
    (live,) = read_file(write_file(tmp_path, course(COURSE_NAME=name)), TODAY)
    path = write_table(tmp_path, DIRECTORY_COURSES, own)
    (directory,) = read_file(path, TODAY, ukprn=COLLEGE, venues=lambda _: venues)
    (page,) = read(tmp_path, {**WELDING, "name": name})

    # then all three say the same
    assert told(live) == told(directory) == told(page)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_directorys_files_are_read_in_each_encoding(tmp_path: Path, encoding: str) -> None:
    text = table(DIRECTORY_COURSES, {**DIRECTORY, "COURSE_NAME": "Café skills – £ to €"})
    path = tmp_path / "courses.csv"
    path.write_bytes(text.encode(encoding))
    venues = [KnownVenue(1, "Abbey Park Campus", "", "LE1 3WA")]

    (row,) = read_file(path, TODAY, ukprn=COLLEGE, venues=lambda _: venues)

    assert isinstance(row, CourseRow)
    assert row.title == "Café skills – £ to €"
