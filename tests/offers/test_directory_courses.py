"""The Course Directory's own files: each of its rules, in words, by row and column."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from skillsmatch.extensions import db
from skillsmatch.offers.directory_courses import (
    DIRECTORY_COURSES,
    DIRECTORY_OTHER_COURSES,
)
from skillsmatch.offers.directory_lists import PROVIDERS, VENUES
from skillsmatch.offers.formats import TABLES
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.records import CourseRow, RowError
from skillsmatch.offers.tables import KnownVenue, TableFormat, nearest
from tests.offers.course_files import (
    COLLEGE,
    DIRECTORY,
    VENUE,
    course,
    everything,
    read_file,
    write_file,
    write_table,
)
from tests.offers.test_loading_commands import run

TODAY = date(2026, 11, 23)
HELD = [
    KnownVenue(1, "Abbey Park Campus", "AP", "LE1 3WA"),
    KnownVenue(2, "Freemen's Park", "", "LE2 7LW"),
    KnownVenue(3, "Freemen's Park", "FP", "LE2 7LX"),
]
AT_WORK = {
    **dict.fromkeys(("VENUE_NAME", "STUDY_MODE", "ATTENDANCE_PATTERN"), ""),
    "DELIVERY_MODE": "Work based",
    "NATIONAL_DELIVERY": "No",
    "SUB_REGION": "Derby;Norfolk;Leicester;Brent",
}


def read(folder: Path, form: TableFormat = DIRECTORY_COURSES, **changed: str) -> CourseRow | list[RowError]:
    path = write_table(folder, form, {**DIRECTORY, **changed})
    (found,) = read_file(path, TODAY, ukprn=COLLEGE, venues=lambda _: HELD)
    assert isinstance(found, CourseRow | list)
    return found


def taken(folder: Path, form: TableFormat = DIRECTORY_COURSES, **changed: str) -> CourseRow:
    found = read(folder, form, **changed)
    assert isinstance(found, CourseRow), found
    return found


@pytest.mark.parametrize("form", TABLES, ids=lambda form: form.source)
def test_a_format_is_known_by_its_header_in_any_order_and_with_one_column_missing(form: TableFormat) -> None:
    names = list(form.columns)

    assert nearest(names[::-1], TABLES) is form
    for name in names:
        assert nearest([other for other in names if other != name], TABLES) is form, name


def test_a_right_row_is_read_cell_by_cell(tmp_path: Path) -> None:
    row = taken(tmp_path)

    assert (row.ukprn, row.title, row.kind, row.lars_ref) == (
        COLLEGE,
        "MIG welding for beginners",
        "short-course",
        "60133600",
    )
    assert (row.who_for, row.what_learned) == (
        DIRECTORY["WHO_THIS_COURSE_IS_FOR"],
        DIRECTORY["WHAT_YOU_WILL_LEARN"],
    )
    assert (row.how_taught, row.bring, row.where_next) == (
        "At a bench, two to a booth.",
        "Boots.",
        "TIG welding.",
    )
    assert (row.mode, row.study_mode, row.attendance) == ("classroom", "part-time", "evening")
    assert (row.start_dates, row.flexible_start, row.duration_value, row.duration_unit) == (
        ("2027-01-18",),
        False,
        Decimal(10),
        "weeks",
    )
    assert (row.cost, row.venue_id, row.venue_postcode) == (Decimal("420.50"), 1, "LE1 3WA")


def test_a_row_without_a_learning_aim_says_its_type_sector_level_and_body(tmp_path: Path) -> None:
    row = taken(tmp_path, DIRECTORY_OTHER_COURSES)

    assert (row.kind, row.route, row.level, row.awarding_body, row.lars_ref) == (
        "skills-bootcamp",
        "engineering",
        3,
        "City & Guilds",
        "",
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"DELIVERY_MODE": "classroombased"},
        {"DELIVERY_MODE": "Blended learning"},
        {"START_DATE": "2027-01-18"},
        {"START_DATE": "", "FLEXIBLE_START_DATE": "yes"},
        {"VENUE_NAME": "abbey park campus"},
        {"VENUE_NAME": "", "YOUR_VENUE_REFERENCE": "ap"},
        {"YOUR_VENUE_REFERENCE": "AP"},
        {"VENUE_NAME": "", "YOUR_VENUE_REFERENCE": "FP"},
        {"COST": "", "COST_DESCRIPTION": "Ask us"},
        {"COST": "0"},
        {"ATTENDANCE_PATTERN": "Day/Block Release"},
        {"COURSE_WEBPAGE": "www.example.org"},
        {"DURATION": "999", "DURATION_UNIT": "Minutes"},
        AT_WORK,
        {**AT_WORK, "NATIONAL_DELIVERY": "Yes", "SUB_REGION": ""},
        {**AT_WORK, "DELIVERY_MODE": "Online", "NATIONAL_DELIVERY": "", "SUB_REGION": ""},
    ],
)
def test_what_the_directory_takes_is_taken(tmp_path: Path, changed: dict[str, str]) -> None:
    taken(tmp_path, **changed)


@pytest.mark.parametrize(
    ("changed", "column", "message"),
    [
        ({"LARS_QAN": ""}, "LARS_QAN", '"" is not a learning aim (use 8 characters such as 60133600)'),
        ({"LARS_QAN": "601/3360/0"}, "LARS_QAN", '"601/3360/0" is not a learning aim'),
        ({"WHO_THIS_COURSE_IS_FOR": ""}, "WHO_THIS_COURSE_IS_FOR", "is empty; say whom the course is for"),
        ({"WHO_THIS_COURSE_IS_FOR": "x" * 2_001}, "WHO_THIS_COURSE_IS_FOR", "the most is 2,000"),
        ({"WHAT_YOU_WILL_LEARN": "x" * 1_501}, "WHAT_YOU_WILL_LEARN", "the most is 1,500"),
        ({"HOW_YOU_WILL_LEARN": "x" * 501}, "HOW_YOU_WILL_LEARN", "the most is 500"),
        ({"WHERE_NEXT": "<b>More</b>"}, "WHERE_NEXT", "holds HTML; give plain text without tags"),
        ({"COURSE_NAME": ""}, "COURSE_NAME", "is empty; every course needs one"),
        ({"COURSE_NAME": "x" * 256}, "COURSE_NAME", "the most is 255"),
        ({"YOUR_REFERENCE": "x" * 256}, "YOUR_REFERENCE", "the most is 255"),
        ({"DELIVERY_MODE": ""}, "DELIVERY_MODE", "is empty; say Classroom based, Online, Work based or"),
        ({"DELIVERY_MODE": "By post"}, "DELIVERY_MODE", '"By post" is not a way of teaching'),
        (
            {"START_DATE": ""},
            "START_DATE",
            "is empty; give a date to come, or say Yes in FLEXIBLE_START_DATE",
        ),
        ({"START_DATE": "22/11/2026"}, "START_DATE", "2026-11-22 has passed; give a date to come"),
        ({"START_DATE": "31/02/2027"}, "START_DATE", '"31/02/2027" is not a date'),
        ({"FLEXIBLE_START_DATE": "Yes"}, "START_DATE", "is given though FLEXIBLE_START_DATE says Yes"),
        (
            {"FLEXIBLE_START_DATE": ""},
            "FLEXIBLE_START_DATE",
            "is empty; say Yes where people can start at any",
        ),
        ({"VENUE_NAME": ""}, "VENUE_NAME", "is empty, and what is taught in a classroom needs a place"),
        (
            {"VENUE_NAME": "The Moon"},
            "VENUE_NAME",
            '"The Moon" is not a venue that we hold; load your venues',
        ),
        ({"VENUE_NAME": "Freemen's Park"}, "VENUE_NAME", "is 2 of your venues; give YOUR_VENUE_REFERENCE"),
        ({"YOUR_VENUE_REFERENCE": "ZZ"}, "YOUR_VENUE_REFERENCE", '"ZZ" is not a venue that we hold'),
        ({"YOUR_VENUE_REFERENCE": "FP"}, "VENUE_NAME", "is not the venue of that reference"),
        ({"NATIONAL_DELIVERY": "Yes"}, "NATIONAL_DELIVERY", "says Yes, which only a Work based course can"),
        (
            {**AT_WORK, "NATIONAL_DELIVERY": ""},
            "NATIONAL_DELIVERY",
            "is empty, and a Work based course needs",
        ),
        ({**AT_WORK, "NATIONAL_DELIVERY": "Yes"}, "SUB_REGION", "is given though NATIONAL_DELIVERY says Yes"),
        ({**AT_WORK, "SUB_REGION": ""}, "SUB_REGION", "is empty; name the councils you teach in"),
        ({**AT_WORK, "SUB_REGION": "Derby;7"}, "SUB_REGION", '"7" is not a council\'s name'),
        (
            {**AT_WORK, "VENUE_NAME": "Abbey Park Campus"},
            "VENUE_NAME",
            "is given though nothing is taught there",
        ),
        ({"COURSE_WEBPAGE": "http://example.org"}, "COURSE_WEBPAGE", "is not a secure address (use one that"),
        ({"COURSE_WEBPAGE": "javascript:alert(1)"}, "COURSE_WEBPAGE", "holds a script address"),
        ({"COST": ""}, "COST", "is empty, and so is COST_DESCRIPTION; give one of them"),
        ({"COST": "free"}, "COST", '"free" is not a price'),
        ({"COST_DESCRIPTION": "x" * 256}, "COST_DESCRIPTION", "the most is 255"),
        ({"DURATION": ""}, "DURATION", "is empty; give a whole number of the unit beside it"),
        ({"DURATION": "1.5"}, "DURATION", '"1.5" is not a length of time (use a whole number from 1 to 999)'),
        ({"DURATION": "0"}, "DURATION", '"0" is not a length of time'),
        ({"DURATION": "1000"}, "DURATION", '"1000" is not a length of time'),
        (
            {"DURATION_UNIT": ""},
            "DURATION_UNIT",
            "is empty; say Minutes, Hours, Days, Weeks, Months or Years",
        ),
        ({"STUDY_MODE": ""}, "STUDY_MODE", "is empty, and a course taught in a classroom needs it"),
        ({"ATTENDANCE_PATTERN": ""}, "ATTENDANCE_PATTERN", "is empty, and a course taught in a classroom"),
    ],
)
def test_each_rule_of_the_directory_has_its_words(
    tmp_path: Path, changed: dict[str, str], column: str, message: str
) -> None:
    errors = read(tmp_path, **changed)

    assert isinstance(errors, list)
    assert [(error.row, error.column) for error in errors] == [(2, column)]
    assert message in errors[0].message


def test_a_run_keeps_its_key_while_its_texts_and_price_change(tmp_path: Path) -> None:
    one = taken(tmp_path)

    assert taken(tmp_path, COST="1", WHERE_NEXT="", DURATION="3").ref == one.ref
    assert taken(tmp_path, START_DATE="19/01/2027").ref != one.ref
    assert len(taken(tmp_path, YOUR_REFERENCE="x" * 255).ref) == 120


# Into the catalogue -------------------------------------------------------------------------------------------


def load(app: Flask, path: Path, *more: str) -> str:
    result = run(app, "load", path, "--ukprn", str(COLLEGE), *more)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_venues_then_courses_then_the_same_again(app: Flask, tmp_path: Path) -> None:
    # given a provider's two files
    venues = write_table(
        tmp_path, VENUES, VENUE, {**VENUE, "YOUR_VENUE_REFERENCE": "", "VENUE_NAME": "Annexe"}
    )
    courses = write_table(tmp_path, DIRECTORY_COURSES, DIRECTORY, {**DIRECTORY, "VENUE_NAME": "Annexe"})

    # when they are loaded, venues first, and then again
    assert load(app, venues) == "2 taken, 0 changed, 0 unchanged\n"
    assert load(app, courses) == "2 taken, 0 changed, 0 unchanged\n"
    with app.app_context():
        before = everything()
    assert load(app, venues) == "0 taken, 0 changed, 2 unchanged\n"
    assert load(app, courses) == "0 taken, 0 changed, 2 unchanged\n"

    # then nothing has changed, and the offers are taught at those venues
    with app.app_context():
        assert everything() == before
        offers = list(db.session.scalars(select(Offer).order_by(Offer.id)))
        assert [offer.venue.name for offer in offers if offer.venue] == ["Abbey Park Campus", "Annexe"]
        assert offers[0].provider.name == "Leicester College"
        assert (offers[0].source, offers[0].venue.phone if offers[0].venue else "") == (
            "directory-courses",
            "0116 000 0000",
        )


def test_a_check_names_the_fields_that_differ_and_no_others(app: Flask, tmp_path: Path) -> None:
    load(app, write_table(tmp_path, VENUES, VENUE))
    load(app, write_table(tmp_path, DIRECTORY_COURSES, DIRECTORY))
    path = write_table(tmp_path, DIRECTORY_COURSES, {**DIRECTORY, "DURATION": "12", "WHERE_NEXT": ""})

    assert run(app, "check", path, "--ukprn", str(COLLEGE)).stdout.splitlines() == [
        "0 new, 1 changed, 0 unchanged",
        "Changed:",
        "  row 2: MIG welding for beginners",
        "    where next: TIG welding. -> not given",
        "    duration value: 10.00 -> 12.00",
    ]


def test_a_courses_page_says_how_it_is_taught_and_what_comes_next(app: Flask, tmp_path: Path) -> None:
    load(app, write_table(tmp_path, VENUES, VENUE))
    load(app, write_table(tmp_path, DIRECTORY_COURSES, DIRECTORY))

    page = app.test_client().get("/offers/1").get_data(as_text=True)

    for words in ("At a bench, two to a booth.", "Boots.", "TIG welding.", "Fillet and butt welds"):
        assert words in page
    assert "the provider's own list of courses" in page.replace("&#39;", "'")


def test_a_venue_may_come_from_courses_loaded_before(app: Flask, tmp_path: Path) -> None:
    run(app, "load", write_file(tmp_path, course()))

    assert (
        load(app, write_table(tmp_path, DIRECTORY_COURSES, DIRECTORY)) == "1 taken, 0 changed, 0 unchanged\n"
    )
    with app.app_context():
        assert len(list(db.session.scalars(select(Venue)))) == 1
        assert db.session.scalars(select(Venue.lat)).one() == 52.6447


def test_a_venue_that_is_not_known_refuses_the_whole_file(app: Flask, tmp_path: Path) -> None:
    result = run(app, "load", write_table(tmp_path, DIRECTORY_COURSES, DIRECTORY), "--ukprn", str(COLLEGE))

    assert result.exit_code == 1
    assert 'row 2, VENUE_NAME: "Abbey Park Campus" is not a venue that we hold' in result.stderr


def test_a_file_that_names_no_provider_asks_for_one(app: Flask, tmp_path: Path) -> None:
    result = run(app, "load", write_table(tmp_path, DIRECTORY_COURSES, DIRECTORY))

    assert result.exit_code == 2
    assert "A file of Course Directory courses does not say whose it is; add --ukprn" in result.stderr


def test_a_venue_that_moves_keeps_its_offers_and_loses_its_old_place(app: Flask, tmp_path: Path) -> None:
    run(app, "load", write_file(tmp_path, course()))
    load(app, write_table(tmp_path, VENUES, VENUE))

    moved = {**VENUE, "VENUE_NAME": "Abbey Park", "POSTCODE": "LE10 1QU", "TOWN_OR_CITY": "Hinckley"}
    path = write_table(tmp_path, VENUES, moved)

    assert run(app, "check", path, "--ukprn", str(COLLEGE)).stdout.splitlines() == [
        "0 new, 1 changed, 0 unchanged",
        "Changed:",
        "  row 2: Abbey Park",
        "    name: Abbey Park Campus -> Abbey Park",
        "    town: Leicester -> Hinckley",
        "    postcode: LE1 3WA -> LE10 1QU",
    ]
    assert load(app, path) == "0 taken, 1 changed, 0 unchanged\n"
    with app.app_context():
        offer = db.session.scalars(select(Offer)).one()
        assert offer.venue is not None
        assert (offer.venue.name, offer.venue.district, offer.venue.lat) == ("Abbey Park", "E07000132", None)


@pytest.mark.parametrize(
    ("changed", "row", "column", "message"),
    [
        ({"VENUE_NAME": ""}, 3, "VENUE_NAME", "is empty; give the venue's name"),
        ({"POSTCODE": "LE1"}, 3, "POSTCODE", '"LE1" is not a postcode'),
        ({"TOWN_OR_CITY": ""}, 3, "TOWN_OR_CITY", "is empty; give the town or city"),
        ({"ADDRESS_LINE_1": "x" * 101}, 3, "ADDRESS_LINE_1", "the most is 100"),
        ({"VENUE_NAME": "ABBEY PARK CAMPUS"}, 3, "VENUE_NAME", "row 2 has the same VENUE_NAME"),
        ({"YOUR_VENUE_REFERENCE": "ap"}, 3, "YOUR_VENUE_REFERENCE", "row 2 has the same; each row has one"),
        ({"EMAIL": "ask"}, 3, "EMAIL", '"ask" is not an e-mail address'),
    ],
)
def test_each_rule_about_venues_has_its_words(
    app: Flask, tmp_path: Path, changed: dict[str, str], row: int, column: str, message: str
) -> None:
    other = {**VENUE, "VENUE_NAME": "Annexe", "YOUR_VENUE_REFERENCE": "", **changed}
    path = write_table(tmp_path, VENUES, VENUE, other)

    result = run(app, "load", path, "--ukprn", str(COLLEGE))

    assert result.exit_code == 1
    assert result.stderr.startswith(f"{path}, row {row}, {column}: ")
    assert message in result.stderr
    with app.app_context():
        assert list(db.session.scalars(select(Venue))) == []


def test_only_offers_can_be_withdrawn_by_a_complete_file(app: Flask, tmp_path: Path) -> None:
    path = write_table(tmp_path, VENUES, VENUE)

    result = run(app, "load", path, "--ukprn", str(COLLEGE), "--complete", "--yes")

    assert result.exit_code == 2
    assert "a file of Course Directory venues holds none" in result.stderr


def test_the_list_of_providers_names_them_save_those_the_area_knows(app: Flask, tmp_path: Path) -> None:
    # given a provider known by its venue only, and one that the area's own facts name
    run(
        app,
        "load",
        write_file(
            tmp_path,
            course(PROVIDER_UKPRN="10099999", LOCATION_NAME="Hinckley Workshop"),
            course(COURSE_ID="C2"),
        ),
    )
    rows = [
        {
            "Org UKPRN": "10099999",
            "Org Legal Name": "HINCKLEY TRAINING LIMITED",
            "Org Trading Name": "Hinckley Training",
        },
        {
            "Org UKPRN": "10099999",
            "Org Legal Name": "HINCKLEY TRAINING LIMITED",
            "Fund Start Date": "01/08/2026",
        },
        {"Org UKPRN": "10003867", "Org Legal Name": "LEICESTER COLLEGE"},
        {"Org UKPRN": "10088888", "Org Legal Name": "New Provider Ltd"},
    ]
    path = write_table(tmp_path, PROVIDERS, *rows)

    # when the list is loaded twice
    assert run(app, "load", path).stdout == "1 taken, 1 changed, 1 unchanged\n"
    assert run(app, "load", path).stdout == "0 taken, 0 changed, 3 unchanged\n"

    # then each has its name
    with app.app_context():
        names = dict(db.session.execute(select(Provider.ukprn, Provider.name)).tuples().all())
        assert names == {
            10099999: "Hinckley Training",
            10003867: "Leicester College",
            10088888: "New Provider Ltd",
        }
