"""Every format that is read, written: loaded again, each row is unchanged, and what was changed in it is seen."""

from __future__ import annotations

import csv
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, update

from skillsmatch.extensions import db
from skillsmatch.offers.directory_courses import DIRECTORY_COURSES, DIRECTORY_OTHER_COURSES
from skillsmatch.offers.directory_lists import PROVIDERS, VENUES
from skillsmatch.offers.inert import is_live
from skillsmatch.offers.live_courses import LIVE_COURSES
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.old_apprenticeships import OLD_APPRENTICESHIPS
from skillsmatch.offers.tables import TableFormat
from tests.offers.course_files import (
    APPRENTICESHIP,
    COLLEGE,
    DIRECTORY,
    VENUE,
    course,
    courses,
    everything,
    write_file,
    write_table,
)
from tests.offers.test_linked_data import INSTANCE, WELDING
from tests.offers.test_loading_commands import run
from tests.offers.test_standards import WELDER

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LIVE_CELLS = ("=1+1", "+44 116", "-lead", "@SUM(A1)", "'=quoted", "＝1", "''@twice")
MINE = ("--ukprn", str(COLLEGE))
SPREAD = {  # one row that uses every column; the other rows leave most of it out
    "COURSE_ID": "course/with slashes",
    "COURSE_RUN_ID": "run/2",
    "DELIVER_MODE": "4",
    "STUDY_MODE": "3",
    "ATTENDANCE_PATTERN": "4",
    "FLEXIBLE_STARTDATE": "1",
    "STARTDATE": "",
    "DURATION_VALUE": "1.5",
    "DURATION_UNIT": "4",
    "COST": "",
    "NATIONAL": "1",
    "REGIONS": "Derby, Leicester",
    "LOCATION_ADDRESS2": "Frog Island",
    "LOCATION_COUNTY": "Leicestershire",
    "LOCATION_EMAIL": "ask@example.org",
    "LOCATION_TELEPHONE": "+44 116 000 0000",
    "LOCATION_WEBSITE": "https://www.example.org",
    "LOCATION_NAME": "Frog Island Campus",
    "LOCATION_POSTCODE": "LE3 5BA",
}
LIVE_ROWS = [
    *courses(3),
    course(**SPREAD),
    *(course(COURSE_ID=f"F{n}", COURSE_NAME=title) for n, title in enumerate(LIVE_CELLS)),
    course(COURSE_ID="K1", COURSE_TYPE="6"),
    course(COURSE_ID="K2", COURSE_TYPE="1", COURSE_NAME="ESOL Entry 1"),
    course(COURSE_ID="K3", COURSE_TYPE="leadership-programme"),
    course(COURSE_ID="K4", LEARN_AIM_REF="ST0349", COURSE_NAME="Welder", EDUCATION_LEVEL=""),
    course(
        COURSE_ID="K5",
        COURSE_NAME="Bare",
        LOCATION_NAME="",
        LOCATION_ADDRESS1="",
        LOCATION_POSTCODE="LE2 1AA",
    ),
    course(COURSE_ID="L" * 80, COURSE_RUN_ID="R" * 128),
    course(COURSE_ID="P", STARTDATE="2020-01-01"),
    course(COURSE_ID="DEMO-1", STARTDATE="2027-01-16"),
]
DIRECTORY_ROWS = [
    DIRECTORY,
    {**DIRECTORY, "YOUR_REFERENCE": "=WELD-2", "VENUE_NAME": "", "YOUR_VENUE_REFERENCE": "AP"},
    {
        **DIRECTORY,
        "YOUR_REFERENCE": "X" * 255,
        "YOUR_VENUE_REFERENCE": "AP",
        "COST": "",
        "COST_DESCRIPTION": "Ask",
    },
    {
        **DIRECTORY,
        "DELIVERY_MODE": "Work based",
        "VENUE_NAME": "",
        "NATIONAL_DELIVERY": "No",
        "SUB_REGION": "Derby;Leicester",
        "ATTENDANCE_PATTERN": "",
        "STUDY_MODE": "",
    },
    {
        **DIRECTORY,
        "DELIVERY_MODE": "Online",
        "VENUE_NAME": "",
        "NATIONAL_DELIVERY": "No",
        "START_DATE": "",
        "FLEXIBLE_START_DATE": "Yes",
    },
    {**DIRECTORY, "ATTENDANCE_PATTERN": "Day/Block Release", "DELIVERY_MODE": "Blended learning"},
]
APPRENTICESHIP_ROWS = [
    APPRENTICESHIP,
    {**APPRENTICESHIP, "DELIVERY_METHOD": "Both", "RADIUS": "30", "CONTACT_PHONE": "+44 116"},
    {
        **APPRENTICESHIP,
        "DELIVERY_METHOD": "Employer based",
        "VENUE": "",
        "NATIONAL_DELIVERY": "No",
        "SUB_REGION": "Derby;Leicester",
        "DELIVERY_MODE": "Employer address",
    },
]
LONG = {**VENUE, "VENUE_NAME": "Long", "YOUR_VENUE_REFERENCE": ""}
VENUE_ROWS = [
    VENUE,
    {
        **VENUE,
        "VENUE_NAME": "@ the mill",
        "YOUR_VENUE_REFERENCE": "-2",
        "ADDRESS_LINE_2": "Frog Island",
        "COUNTY": "Rutland",
    },
    {
        **VENUE,
        "VENUE_NAME": "Long",
        "YOUR_VENUE_REFERENCE": "",
        "ADDRESS_LINE_1": "A" * 98,
        "ADDRESS_LINE_2": "B, " * 20,
    },
]
PROVIDER_ROWS = [
    {"Org UKPRN": "10099999", "Org Legal Name": "=Acme Training", "Org Trading Name": ""},
    {"Org UKPRN": "10099998", "Org Legal Name": "Long Name Ltd", "Org Trading Name": "Short"},
]
STANDARD_ROWS = [
    WELDER,
    {
        **WELDER,
        "referenceNumber": "AU0001",
        "title": "Nuts &amp; bolts",
        "larsCode": 900,
        "minimumHoursForCompliance": "40",
    },
    {**WELDER, "referenceNumber": "FA0001", "title": "First steps", "larsCode": 0, "typicalJobTitles": []},
]
LINKED = [
    {**WELDING, "hasCourseInstance": [INSTANCE, {**INSTANCE, "@id": "#may", "startDate": "2027-05-01"}]},
    {"@type": "Course", "name": "Only a name", "teaches": ["to weld &amp; cut", "to grind"]},
    {
        "@type": "Course",
        "name": "Half a day",
        "hasCourseInstance": {"duration": "PT90M", "offers": {"description": "Free"}},
    },
]


def prepare(app: Flask, folder: Path, source: str) -> tuple[Path, tuple[str, ...]]:
    """A file of the format, and what the commands are told with it; what it builds on is loaded."""
    tables: dict[str, tuple[TableFormat, list[dict[str, str]]]] = {
        "ncs-live-courses": (LIVE_COURSES, LIVE_ROWS),
        "directory-courses": (DIRECTORY_COURSES, DIRECTORY_ROWS),
        "directory-non-lars": (DIRECTORY_OTHER_COURSES, DIRECTORY_ROWS),
        "directory-apprenticeships": (OLD_APPRENTICESHIPS, APPRENTICESHIP_ROWS),
        "directory-venues": (VENUES, VENUE_ROWS),
        "directory-providers": (PROVIDERS, PROVIDER_ROWS),
    }
    if source.startswith("directory-") and source not in ("directory-venues", "directory-providers"):
        loaded(app, write_table(folder, VENUES, VENUE), MINE)
    if source == "directory-apprenticeships":
        loaded(app, document(folder, [WELDER]), ())
    if source in tables:
        form, rows = tables[source]
        columns = form.columns
        path = write_table(folder, form, *({k: v for k, v in row.items() if k in columns} for row in rows))
        return path, () if form.names_provider else MINE
    return document(folder, STANDARD_ROWS if source == "skills-england" else LINKED), (
        () if source == "skills-england" else MINE
    )


def document(folder: Path, things: Any) -> Path:
    path = folder / "things.json"
    path.write_text(json.dumps(things), encoding="utf-8")
    return path


def loaded(app: Flask, path: Path, said: tuple[str, ...]) -> dict[str, int]:
    """Loads a file; returns the counts of the line that the command prints."""
    result = run(app, "load", path, *said)
    assert result.exit_code == 0, result.output
    return {name: int(count) for count, name in re.findall(r"(\d+) (taken|changed|unchanged)", result.stdout)}


def exported(app: Flask, source: str, path: Path, *said: str) -> str:
    result = run(app, "export", path, "--format", source, *said)
    assert result.exit_code == 0, result.output
    return str(result.stdout)


SOURCES = [
    "ncs-live-courses",
    "directory-courses",
    "directory-non-lars",
    "directory-apprenticeships",
    "directory-venues",
    "directory-providers",
    "skills-england",
    "schema-org-courses",
]


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_loaded_and_exported_comes_back_unchanged(app: Flask, tmp_path: Path, source: str) -> None:
    # given
    path, said = prepare(app, tmp_path, source)
    first = loaded(app, path, said)
    with app.app_context():
        before = everything()

    # when
    out = tmp_path / "out.csv"
    words = exported(app, source, out, *said)
    again = loaded(app, out, said)

    # then
    assert first["taken"] >= 2
    assert words == f"{first['taken']} written\n"
    assert again == {"taken": 0, "changed": 0, "unchanged": first["taken"]}
    with app.app_context():
        assert everything() == before


PLANTED = {
    "ncs-live-courses": ("Welding, part 2", "Welding, part two"),
    "directory-courses": ("Two test plates.", "Three test plates."),
    "directory-non-lars": ("TIG welding.", "MMA welding."),
    "directory-apprenticeships": ("one day a week", "two days a week"),
    "directory-venues": ("Painter Street", "Brush Street"),
    "directory-providers": ("Acme Training", "Acme Teaching"),
    "skills-england": ("First steps", "Next steps"),
    "schema-org-courses": ("to grind", "to polish"),
}


@only_sqlite
@pytest.mark.parametrize("source", SOURCES)
def test_a_difference_planted_in_an_exported_file_is_seen(app: Flask, tmp_path: Path, source: str) -> None:
    path, said = prepare(app, tmp_path, source)
    loaded(app, path, said)
    out = tmp_path / "out.csv"
    exported(app, source, out, *said)
    before, after = PLANTED[source]
    text = out.read_text(encoding="utf-8")
    assert before in text
    planted = text.count(before)
    out.write_text(text.replace(before, after), encoding="utf-8")

    again = loaded(app, out, said)

    assert again["taken"] == 0
    assert again["changed"] == planted


@only_sqlite
@pytest.mark.parametrize("source", SOURCES[:6])
def test_a_workbook_holds_the_same_as_text_and_comes_back_unchanged(
    app: Flask, tmp_path: Path, source: str
) -> None:
    path, said = prepare(app, tmp_path, source)
    first = loaded(app, path, said)
    out = tmp_path / "out.xlsx"
    exported(app, source, out, *said)

    cells = [cell for row in load_workbook(out).active.iter_rows() for cell in row if cell.value is not None]

    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell.value for cell in cells if is_live(cell.value)]
    assert loaded(app, out, said) == {"taken": 0, "changed": 0, "unchanged": first["taken"]}


@only_sqlite
@pytest.mark.parametrize("source", SOURCES[:6])
def test_no_cell_of_a_table_is_a_formula(app: Flask, tmp_path: Path, source: str) -> None:
    path, said = prepare(app, tmp_path, source)
    loaded(app, path, said)
    out = tmp_path / "out.csv"
    exported(app, source, out, *said)

    with out.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]

    assert not [cell for cell in cells if is_live(cell)]
    assert [cell for cell in cells if cell.startswith("'")]


@only_sqlite
def test_the_demonstration_catalogue_comes_back_unchanged_packed(service_only: Flask, tmp_path: Path) -> None:
    out = tmp_path / "out.csv.gz"

    words = exported(service_only, "ncs-live-courses", out)

    count = int(words.split()[0])
    assert count > 300
    assert words == f"{count} written\n"
    assert gzip.decompress(out.read_bytes()).startswith(b"\xef\xbb\xbf")
    assert loaded(service_only, out, ()) == {"taken": 0, "changed": 0, "unchanged": count}


@pytest.fixture
def service_only(app: Flask) -> Flask:
    result = run(app, "load-demonstration")
    assert result.exit_code == 0, result.output
    return app


@only_sqlite
def test_where_the_format_would_refuse_an_offer_it_is_left_out_and_named(app: Flask, tmp_path: Path) -> None:
    path, said = prepare(app, tmp_path, "directory-courses")
    loaded(app, path, said)
    with app.app_context():
        held = db.session.scalars(select(Offer).order_by(Offer.id)).first()
        assert held is not None
        held.start_dates = ["2026-01-05"]
        db.session.commit()

    words = exported(app, "directory-courses", tmp_path / "out.csv", *said)

    assert words.splitlines()[0] == "5 written, 1 left out"
    assert "left out: MIG welding for beginners: START_DATE 2026-01-05 has passed" in words


@only_sqlite
def test_what_a_file_cannot_say_of_an_offer_is_told(app: Flask, tmp_path: Path) -> None:
    loaded(app, write_file(tmp_path, *courses(2)), ())
    with app.app_context():
        db.session.execute(update(Venue).values(phone="0116 999"))
        db.session.commit()

    words = exported(app, "ncs-live-courses", tmp_path / "out.csv")

    assert words.splitlines()[:2] == [
        "2 written, 2 that say less than we hold",
        "  says less: Welding, part 1",
    ]


@only_sqlite
def test_a_point_that_came_from_the_postcode_is_not_told_as_the_files_own(app: Flask, tmp_path: Path) -> None:
    bare = {"LOCATION_LATITUDE": "", "LOCATION_LONGITUDE": ""}
    loaded(app, write_file(tmp_path, *courses(2, **bare)), ())
    with app.app_context():
        db.session.execute(update(Venue).values(lat=52.6, lon=-1.1))
        db.session.commit()

    out = tmp_path / "out.csv"
    assert exported(app, "ncs-live-courses", out) == "2 written\n"
    assert loaded(app, out, ()) == {"taken": 0, "changed": 0, "unchanged": 2}


@only_sqlite
def test_every_offer_can_be_told_as_a_live_course_whatever_file_it_came_by(
    app: Flask, tmp_path: Path
) -> None:
    path, said = prepare(app, tmp_path, "directory-courses")
    loaded(app, path, said)
    out = tmp_path / "out.csv"

    assert exported(app, "ncs-live-courses", out) == "0 written\n"
    assert exported(app, "ncs-live-courses", out, "--every") == "6 written\n"
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["COURSE_ID"] for row in rows} == {"directory-courses"}
    assert {row["PROVIDER_UKPRN"] for row in rows} == {str(COLLEGE)}


@only_sqlite
def test_one_providers_offers_alone(app: Flask, tmp_path: Path) -> None:
    rows = [*courses(2), course(COURSE_ID="X", PROVIDER_UKPRN="10004112")]
    loaded(app, write_file(tmp_path, *rows), ())

    assert exported(app, "ncs-live-courses", tmp_path / "out.csv", "--ukprn", "10004112") == "1 written\n"


@only_sqlite
def test_a_file_cannot_claim_the_key_of_another_providers_run(app: Flask, tmp_path: Path) -> None:
    """The key that we wrote counts for its own provider only."""
    loaded(app, document(tmp_path, LINKED), MINE)
    out = tmp_path / "out.json"
    exported(app, "schema-org-courses", out, *MINE)

    again = loaded(app, out, ("--ukprn", "10004112"))

    assert again == {"taken": 4, "changed": 0, "unchanged": 0}
    with app.app_context():
        offers = db.session.scalars(select(Offer.source_ref).join(Provider).where(Provider.ukprn == COLLEGE))
        assert len(offers.all()) == 4


@only_sqlite
@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("--format", "nonsense"), "is not a format. Use one of: ncs-live-courses,"),
        (("--format", "directory-courses"), "add --ukprn and that number"),
        (("--format", "directory-courses", "--every", *MINE), "--every goes with ncs-live-courses only"),
        ((), "Missing option '--format'"),
    ],
)
def test_what_does_not_go_together_is_wrong_use(
    app: Flask, tmp_path: Path, said: tuple[str, ...], words: str
) -> None:
    result = run(app, "export", tmp_path / "out.csv", *said)

    assert result.exit_code == 2
    assert words in result.stderr
    assert list(tmp_path.glob("out*")) == []


@only_sqlite
def test_json_is_no_workbook_and_a_folder_that_is_not_there_is_said(app: Flask, tmp_path: Path) -> None:
    as_sheet = run(app, "export", tmp_path / "out.xlsx", "--format", "skills-england")
    nowhere = run(app, "export", tmp_path / "none" / "out.csv", "--format", "ncs-live-courses")

    assert (as_sheet.exit_code, nowhere.exit_code) == (2, 2)
    assert "name a file that ends .json" in as_sheet.stderr
    assert "cannot be written (No such file or directory)" in nowhere.stderr
