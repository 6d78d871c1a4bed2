"""Skills England's standards: read from a file or fetched, and shown only where no local provider lists them."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.extensions import db
from skillsmatch.offers import browsing, fetching
from skillsmatch.offers.browsing import ANYWHERE, Filters
from skillsmatch.offers.documents import documents
from skillsmatch.offers.models import Catalogue, Offer
from skillsmatch.offers.records import NEAR_YOU, CourseRow, RowError
from tests.offers.course_files import course, everything, read_file, write_file
from tests.offers.test_loading_commands import run

TODAY = date(2026, 11, 23)
WELDER: dict[str, Any] = {  # the shape of the national answer; the words are ours
    "approvedForDelivery": "2018-01-02T00:00:00",
    "keywords": ["Welding"],
    "larsCode": 349,
    "lastUpdated": "2026-04-15T09:30:00",
    "latestStartDate": None,
    "level": 2,
    "maxFunding": 13000,
    "overviewOfRole": "<p>Joins metal &amp; checks the joint.</p>",
    "referenceNumber": "ST0349",
    "route": "Engineering and manufacturing",
    "skills": [{"skillId": "S1", "detail": "Set up the welding gear."}, {"skillId": "S2", "detail": "Weld."}],
    "standardPageUrl": "https://skillsengland.education.gov.uk/apprenticeships/st0349",
    "status": "Approved for delivery",
    "title": "Welder",
    "typicalDuration": 18,
    "typicalJobTitles": ["MIG welder", "TIG welder"],
    "version": "1.1",
}
UNIT: dict[str, Any] = {
    "referenceNumber": "AU0007",
    "title": "Solar panels",
    "level": 3,
    "larsCode": "ZSC00007",
    "minimumHoursForCompliance": 60,
    "overviewOfTheSkillsGap": "Fitters who can add panels.",
    "technicalSkills": [{"id": "1", "detail": "Mount a panel."}],
    "apprenticeshipUnitUrl": "https://skillsengland.education.gov.uk/units/au0007",
    "maxFunding": 900,
    "route": "Construction",
    "status": "Approved for delivery",
    "version": "1.0",
}
FOUNDATION = {**WELDER, "referenceNumber": "FA0001", "title": "Engineering foundation", "larsCode": 0}


def write(folder: Path, document: object, name: str = "standards.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def read(folder: Path, *standards: object) -> list[object]:
    return list(read_file(write(folder, [*standards]), TODAY))


def test_a_standard_is_an_apprenticeship_from_providers_near_the_employer(tmp_path: Path) -> None:
    (row,) = read(tmp_path, WELDER)

    assert isinstance(row, CourseRow)
    assert (row.ref, row.kind, row.title, row.level, row.route) == (
        "ST0349",
        "apprenticeship",
        "Welder",
        2,
        "engineering",
    )
    assert (row.ukprn, row.national, row.lars_ref, row.standard_ref) == (NEAR_YOU, True, "349", "ST0349")
    assert row.who_for == "Joins metal & checks the joint.\nJob titles: MIG welder, TIG welder."
    assert row.what_learned == "Set up the welding gear.\nWeld."
    assert (row.duration_value, row.duration_unit, row.cost) == (Decimal(18), "months", None)
    assert (row.max_funding, row.cost_description) == (Decimal("13000.00"), "")


def test_the_three_lists_of_dfes_services_are_read_too(tmp_path: Path) -> None:
    document = {
        "Apprenticeships": [WELDER],
        "FoundationApprenticeships": [FOUNDATION],
        "ApprenticeshipUnits": [UNIT],
    }

    found = read_file(write(tmp_path, document), TODAY)

    assert [(row.ref, row.kind) for row in found if isinstance(row, CourseRow)] == [
        ("ST0349", "apprenticeship"),
        ("FA0001", "foundation-apprenticeship"),
        ("AU0007", "apprenticeship-unit"),
    ]
    unit = found[2]
    assert isinstance(unit, CourseRow)
    assert (unit.duration_value, unit.duration_unit, unit.route) == (Decimal(60), "hours", "construction")


def test_only_the_latest_version_that_people_may_start_on_counts(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {**WELDER, "version": "1.9", "title": "Old welder"},
        {**WELDER, "version": "1.10"},
        {**WELDER, "version": "2.0", "status": "In development", "title": "Next welder"},
        {**WELDER, "referenceNumber": "ST0001", "latestStartDate": "2026-11-22T00:00:00"},
        {**WELDER, "referenceNumber": "ST0002", "latestStartDate": "2026-11-23T00:00:00"},
        {**WELDER, "referenceNumber": "ST0003", "status": "Retired"},
    )

    assert [(row.ref, row.title) for row in found if isinstance(row, CourseRow)] == [
        ("ST0349", "Welder"),
        ("ST0002", "Welder"),
    ]


@pytest.mark.parametrize(
    ("changed", "column", "message"),
    [
        ({"title": None}, "title", "is empty or missing, and is needed"),
        ({"title": "x" * 256}, "title", "is 256 characters long; the most is 255"),
        ({"title": ["a"]}, "title", "is not text"),
        ({"title": "a\u0000b"}, "title", "holds a NUL character; take it out"),
        ({"title": "a\ud800b"}, "title", "holds a control character (U+D800); take it out"),
        ({"level": "twelve"}, "level", '"twelve" is not a level'),
        ({"level": True}, "level", "is not text"),
        ({"typicalDuration": -3}, "typicalDuration", '"-3" is not a length of time'),
        ({"maxFunding": "lots"}, "maxFunding", '"lots" is not a price'),
        ({"skills": {"a": 1}}, "skills", "is not a list"),
        ({"standardPageUrl": "ftp://example.org"}, "standardPageUrl", "is not a web address"),
        ({"standardPageUrl": "javascript:alert(1)"}, "standardPageUrl", "holds a script address"),
        ({"referenceNumber": "XX0001"}, "referenceNumber", '"XX0001" is not a standard\'s (use ST0349)'),
        ({"larsCode": "123456789"}, "larsCode", "the most is 8"),
    ],
)
def test_a_wrong_standard_is_named_by_its_place_and_key(
    tmp_path: Path, changed: dict[str, object], column: str, message: str
) -> None:
    _, errors = read(tmp_path, {**WELDER, "referenceNumber": "ST0001"}, {**WELDER, **changed})

    assert isinstance(errors, list)
    assert [(error.row, error.column) for error in errors] == [(2, column)]
    assert message in errors[0].message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}', "this is JSON, and holds neither"),
        ("[]", "this is JSON, and holds neither"),
        ("{", "this is not JSON from character 2 on"),
        ('[{"referenceNumber": NaN}]', "NaN is not a number"),
        ("[" * 200_000, "too deep to be read"),
        (f"[{'9' * 5_000}]", "this is not JSON that can be taken"),
    ],
)
def test_other_json_is_refused_in_words(app: Flask, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")

    result = run(app, "load", path)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"{path}, row 1, HEADER: ")
    assert message in result.stderr


def test_a_list_in_which_nothing_is_taught_is_refused(tmp_path: Path) -> None:
    assert read(tmp_path, {**WELDER, "status": "Retired"}) == [
        [
            RowError(
                1,
                "ROW",
                "there is no standard in it that is approved for delivery; a file needs at least one",
            )
        ]
    ]


def test_an_errors_file_cannot_be_made_of_json(app: Flask, tmp_path: Path) -> None:
    result = run(app, "check", write(tmp_path, [WELDER]), "--errors", tmp_path / "out.csv")

    assert result.exit_code == 2
    assert not list(tmp_path.glob("out.csv*"))


# In the catalogue ---------------------------------------------------------------------------------------------


def seen(app: Flask) -> list[str]:
    """The titles that a search can find."""
    with app.app_context():
        return sorted(found.title for found in documents())


def test_a_standard_stands_until_a_local_provider_lists_it(app: Flask, tmp_path: Path) -> None:
    # given two standards, and a provider in Leicester and one in Kent
    path = write(tmp_path, [WELDER, {**WELDER, "referenceNumber": "ST0001", "title": "Fabricator"}])
    ours = course(LEARN_AIM_REF="ST0349", COURSE_NAME="Welder at our college", LOCATION_POSTCODE="LE2 7LW")
    theirs = course(
        LEARN_AIM_REF="ST0001", COURSE_ID="C2", COURSE_NAME="In Kent", LOCATION_POSTCODE="CT1 1AA"
    )

    # when the standards are loaded, then both are found
    assert run(app, "load", path).stdout == "2 taken, 0 changed, 0 unchanged\n"
    assert seen(app) == ["Fabricator", "Welder"]

    # when the providers' courses are loaded, then Leicester's stands in the standard's place, and Kent's does not
    run(app, "load", write_file(tmp_path, ours, theirs))
    assert seen(app) == ["Fabricator", "In Kent", "Welder at our college"]
    with app.app_context():
        area = app.extensions["area"]
        listed = browsing.browse(Filters(kind="apprenticeship"), 1, area, TODAY)
        assert [offer.title for offer in listed.offers] == ["Fabricator", "In Kent", "Welder at our college"]
        places = {c.value: c.count for c in browsing.choices(Filters(), area)["district"]}
        assert places[ANYWHERE] == 1

    # when Leicester's is withdrawn, then the standard stands again; and the same list again changes nothing
    run(app, "load", write_file(tmp_path, theirs), "--complete", "--yes")
    assert seen(app) == ["Fabricator", "In Kent", "Welder"]
    with app.app_context():
        before = everything()
    assert run(app, "load", path).stdout == "0 taken, 0 changed, 2 unchanged\n"
    with app.app_context():
        assert everything() == before


def test_a_standard_that_is_no_longer_taught_is_withdrawn_by_a_complete_list(
    app: Flask, tmp_path: Path
) -> None:
    other = {**WELDER, "referenceNumber": "ST0001", "title": "Fabricator"}
    run(app, "load", write(tmp_path, [WELDER, other]))
    run(app, "load", write_file(tmp_path, course()))

    path = write(tmp_path, [WELDER, {**other, "status": "Retired"}])

    assert (
        run(app, "load", path, "--complete", "--yes").stdout
        == "0 taken, 0 changed, 1 unchanged, 1 withdrawn\n"
    )
    assert seen(app) == ["MIG welding for beginners", "Welder"]


def test_the_page_of_a_standard_says_whom_to_ask(client: FlaskClient, app: Flask, tmp_path: Path) -> None:
    run(app, "load", write(tmp_path, [WELDER]))

    page = client.get("/offers/1").get_data(as_text=True)
    provider = client.get(f"/providers/{NEAR_YOU}").get_data(as_text=True)

    assert ">providers near you</a>" in page
    assert "The government funds at most £13,000 for one person." in page
    assert "Between nothing and about £3,250 for each person" in page
    assert "No provider on our list says that it runs it here" in page
    assert "See the standard on the site of Skills England" in page
    assert "LARS code 349 and apprenticeship standard ST0349" in page
    assert "UK provider number" not in provider


class _England(BaseHTTPRequestHandler):
    """Answers as the national endpoint does, or with what a test has put in its place."""

    answer: bytes = b""
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def england(app: Flask) -> Iterator[type[_England]]:
    """A server of this machine in the place of the national one."""

    class Handler(_England):
        answer = json.dumps([WELDER, UNIT]).encode()

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    app.config["STANDARDS_URL"] = f"http://127.0.0.1:{server.server_port}/api/apprenticeshipstandards"
    yield Handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_national_list_is_fetched_and_loaded(app: Flask, england: type[_England]) -> None:
    first, second = run(app, "load", "--from-skills-england"), run(app, "load", "--from-skills-england")

    assert (first.exit_code, first.stdout) == (0, "2 taken, 0 changed, 0 unchanged\n")
    assert second.stdout == "0 taken, 0 changed, 2 unchanged\n"
    with app.app_context():
        assert db.session.scalars(select(Catalogue.last_load)).one()["file"] == "skills-england.json"
        assert sorted(db.session.scalars(select(Offer.kind))) == ["apprenticeship", "apprenticeship-unit"]


@pytest.mark.parametrize(
    ("status", "answer", "message"),
    [
        (500, b"", "did not answer as it should (HTTP Error 500"),
        (404, b"<html>", "did not answer as it should (HTTP Error 404"),
        (200, b"<html>Busy</html>", "is not a column of this format"),
        (200, gzip.compress(b"[", mtime=0)[:-3], "cut short or damaged"),
        (200, b"[{", "this is not JSON"),
    ],
)
def test_an_answer_that_is_no_list_leaves_the_catalogue_as_it_was(
    app: Flask, england: type[_England], status: int, answer: bytes, message: str
) -> None:
    england.status, england.answer = status, answer

    result = run(app, "load", "--from-skills-england")

    assert (result.exit_code, result.stdout) == (1, "")
    assert message in result.stderr


def test_an_answer_without_end_is_not_kept(
    app: Flask, england: type[_England], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 1_000_000)
    england.answer = b"[" + b" " * 1_500_000

    result = run(app, "load", "--from-skills-england")

    assert result.exit_code == 1
    assert "answers with more than 1 MB; the catalogue is as it was." in result.stderr


def test_a_server_that_is_away_is_said_in_words(app: Flask) -> None:
    app.config["STANDARDS_URL"] = "http://127.0.0.1:1/nobody"

    result = run(app, "load", "--from-skills-england")

    assert result.exit_code == 1
    assert "http://127.0.0.1:1/nobody did not answer as it should" in result.stderr
    assert "the catalogue is as it was." in result.stderr


@pytest.mark.parametrize("arguments", [[], ["FILE", "--from-skills-england"]])
def test_a_file_or_the_national_list_and_not_both(app: Flask, tmp_path: Path, arguments: list[str]) -> None:
    path = str(write(tmp_path, [WELDER]))

    assert run(app, "load", *(path if word == "FILE" else word for word in arguments)).exit_code == 2
