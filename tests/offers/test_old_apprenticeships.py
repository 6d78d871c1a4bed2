"""The Course Directory's old file of apprenticeships."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from skillsmatch.offers.directory_lists import VENUES
from skillsmatch.offers.old_apprenticeships import OLD_APPRENTICESHIPS
from skillsmatch.offers.records import CourseRow, RowError
from skillsmatch.offers.tables import KnownStandard, KnownVenue
from tests.offers.course_files import APPRENTICESHIP, COLLEGE, VENUE, read_file, write_table
from tests.offers.test_loading_commands import run
from tests.offers.test_standards import WELDER, seen, write

TODAY = date(2026, 11, 23)
HELD = [KnownVenue(1, "Abbey Park Campus", "AP", "LE1 3WA")]
STANDARDS = {
    "349": KnownStandard("ST0349", "Welder", 2, "engineering", "apprenticeship", Decimal(18), "months")
}
AT_WORK = {"DELIVERY_METHOD": "Employer based", "VENUE": "", "DELIVERY_MODE": "Employer address"}


def read(folder: Path, **changed: str) -> CourseRow | list[RowError]:
    path = write_table(folder, OLD_APPRENTICESHIPS, {**APPRENTICESHIP, **changed})
    (found,) = read_file(path, TODAY, ukprn=COLLEGE, venues=lambda _: HELD, standards=lambda: STANDARDS)
    assert isinstance(found, CourseRow | list)
    return found


def test_a_row_takes_its_title_level_and_length_from_the_standard(tmp_path: Path) -> None:
    row = read(tmp_path)

    assert isinstance(row, CourseRow), row
    assert (row.title, row.kind, row.level, row.route) == ("Welder", "apprenticeship", 2, "engineering")
    assert (row.duration_value, row.duration_unit, row.standard_ref) == (Decimal(18), "months", "ST0349")
    assert (row.mode, row.attendance, row.venue_id) == ("classroom", "block", 1)
    assert (row.contact_email, row.contact_phone) == ("apprentices@example.org", "0116 111 1111")


@pytest.mark.parametrize(
    ("changed", "regions"),
    [
        ({"VENUE": "", "YOUR_VENUE_REFERENCE": "AP"}, ""),
        ({"DELIVERY_METHOD": "Both", "RADIUS": "30"}, "Within 30 miles of Abbey Park Campus"),
        ({"DELIVERY_METHOD": "both", "NATIONAL_DELIVERY": "Yes"}, ""),
        ({**AT_WORK, "NATIONAL_DELIVERY": "Yes"}, ""),
        ({**AT_WORK, "NATIONAL_DELIVERY": "No", "SUB_REGION": "Leicester; Derby"}, "Leicester;Derby"),
    ],
)
def test_what_the_directory_took_is_taken(tmp_path: Path, changed: dict[str, str], regions: str) -> None:
    row = read(tmp_path, **changed)

    assert isinstance(row, CourseRow), row
    assert row.regions == regions


@pytest.mark.parametrize(
    ("changed", "column", "message"),
    [
        ({"STANDARD_CODE": "ST0349"}, "STANDARD_CODE", "is not a standard's LARS code (use a whole number"),
        ({"STANDARD_CODE": "12"}, "STANDARD_CODE", '"12" is not a standard that we hold; load the national'),
        ({"APPRENTICESHIP_INFORMATION": ""}, "APPRENTICESHIP_INFORMATION", "say what you offer to employers"),
        ({"APPRENTICESHIP_INFORMATION": "x" * 751}, "APPRENTICESHIP_INFORMATION", "the most is 750"),
        ({"APPRENTICESHIP_WEBPAGE": "http://example.org"}, "APPRENTICESHIP_WEBPAGE", "not a secure address"),
        ({"CONTACT_EMAIL": ""}, "CONTACT_EMAIL", "is empty; give an address that employers can write to"),
        ({"CONTACT_PHONE": ""}, "CONTACT_PHONE", "is empty; give a number that employers can ring"),
        ({"DELIVERY_METHOD": ""}, "DELIVERY_METHOD", "is empty; say Classroom based, Employer based or Both"),
        ({"DELIVERY_METHOD": "Online"}, "DELIVERY_METHOD", '"Online" is not a way of teaching'),
        ({"VENUE": ""}, "VENUE", "is empty, and what is taught in a classroom needs a place"),
        ({"VENUE": "The Moon"}, "VENUE", "is not a venue that we hold"),
        ({"DELIVERY_MODE": ""}, "DELIVERY_MODE", "names neither Day Release nor Block Release"),
        ({"DELIVERY_MODE": "Nights"}, "DELIVERY_MODE", '"Nights" is not a release'),
        ({"NATIONAL_DELIVERY": "Yes"}, "NATIONAL_DELIVERY", "is given though all of it is in a classroom"),
        ({"DELIVERY_METHOD": "Both"}, "RADIUS", "is empty; say how many miles from the venue you go"),
        ({"RADIUS": "875"}, "RADIUS", '"875" is not a distance (use whole miles from 1 to 874)'),
        ({**AT_WORK}, "NATIONAL_DELIVERY", "is empty; say Yes, or No and name the councils in SUB_REGION"),
        ({**AT_WORK, "NATIONAL_DELIVERY": "No"}, "SUB_REGION", "is empty; name the councils you go to"),
        ({**AT_WORK, "NATIONAL_DELIVERY": "Yes", "VENUE": "X"}, "VENUE", "all of it is at the employer's"),
    ],
)
def test_each_rule_has_its_words(tmp_path: Path, changed: dict[str, str], column: str, message: str) -> None:
    errors = read(tmp_path, **changed)

    assert isinstance(errors, list)
    assert [(error.row, error.column) for error in errors] == [(2, column)]
    assert message in errors[0].message


def test_a_provider_that_lists_a_standard_stands_in_its_place(app: Flask, tmp_path: Path) -> None:
    # given the national standard and the provider's venues
    run(app, "load", write(tmp_path, [WELDER]))
    run(app, "load", write_table(tmp_path, VENUES, VENUE), "--ukprn", str(COLLEGE))
    path = write_table(tmp_path, OLD_APPRENTICESHIPS, APPRENTICESHIP)

    # when the provider's apprenticeships are loaded, twice
    first = run(app, "load", path, "--ukprn", str(COLLEGE))
    second = run(app, "load", path, "--ukprn", str(COLLEGE))

    # then there is one welder to be found, with the provider's own contact
    assert (first.stdout, second.stdout) == (
        "1 taken, 0 changed, 0 unchanged\n",
        "0 taken, 0 changed, 1 unchanged\n",
    )
    assert seen(app) == ["Welder"]
    page = app.test_client().get("/offers/2").get_data(as_text=True)
    assert "0116 111 1111" in page
    assert "apprentices@example.org" in page
    assert "Leicester College" in page
