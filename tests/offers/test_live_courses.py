from __future__ import annotations

import gzip
import random
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from skillsmatch.area.kinds import Kind
from skillsmatch.area.national import load_routes
from skillsmatch.offers.course_codes import SECTORS
from skillsmatch.offers.course_kinds import in_weeks, kind_of, level_in
from skillsmatch.offers.live_courses import COLUMNS
from skillsmatch.offers.records import CourseRow, RowError, reference_of
from tests.offers.course_files import as_csv, course, courses, read_courses, read_one, write_file

TODAY = date(2026, 11, 23)


def taken(folder: Path, **changed: str) -> CourseRow:
    found = read_one(folder, **changed)
    assert isinstance(found, CourseRow), found
    return found


def test_a_right_row_is_read_cell_by_cell(tmp_path: Path) -> None:
    row = taken(tmp_path)

    assert (row.row, row.ref, row.ukprn, row.title) == (2, "C1/R1", 10003867, "MIG welding for beginners")
    assert (row.kind, row.level, row.route) == ("short-course", 2, "engineering")
    assert (row.mode, row.study_mode, row.attendance) == ("classroom", "part-time", "evening")
    assert (row.start_dates, row.flexible_start, row.source_updated) == (("2027-01-18",), False, "2026-11-01")
    assert (row.duration_value, row.duration_unit, row.cost) == (Decimal("10.00"), "weeks", Decimal("420.50"))
    assert (row.venue_postcode, row.lat, row.lon) == ("LE1 3WA", 52.6447, -1.133)
    assert (row.lars_ref, row.standard_ref, row.demonstration) == ("60133600", "", False)


def test_a_row_with_only_what_is_required_is_taken(tmp_path: Path) -> None:
    needed = dict.fromkeys(COLUMNS, "")
    needed |= {"PROVIDER_UKPRN": "10003867", "COURSE_ID": "C", "COURSE_RUN_ID": "R", "COURSE_NAME": "Welding"}

    row = taken(tmp_path, **needed)

    assert (row.kind, row.level, row.mode, row.start_dates, row.cost) == ("course", None, "", (), None)
    assert row.venue_name == ""


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    mixed = random.Random(4).sample(COLUMNS, len(COLUMNS))
    path = tmp_path / "mixed.csv"
    path.write_text(as_csv(course(), columns=tuple(mixed)), encoding="utf-8")

    assert list(read_courses(path, TODAY)) == [taken(tmp_path)]


@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(lambda text: text.encode(), id="utf-8"),
        pytest.param(lambda text: text.encode("utf-8-sig"), id="utf-8 with a byte order mark"),
        pytest.param(lambda text: text.encode("cp1252"), id="Windows-1252"),
        pytest.param(lambda text: gzip.compress(text.encode(), mtime=0), id="gzip under a plain name"),
        pytest.param(lambda text: text.replace("\r\n", "\n").encode(), id="line feeds only"),
        pytest.param(lambda text: text.rstrip().encode(), id="no line end at the end"),
        pytest.param(
            lambda text: (text + "\r\n\r\n" + "," * 35 + "\r\n").encode(), id="blank rows at the end"
        ),
    ],
)
def test_a_file_is_read_however_it_was_saved(tmp_path: Path, encode: object) -> None:
    text = as_csv(course(COURSE_NAME="Café skills – “naïve” to £ pro"))
    (tmp_path / "x.csv").write_bytes(encode(text))  # type: ignore[operator]

    (row,) = read_courses(tmp_path / "x.csv", TODAY)

    assert isinstance(row, CourseRow)
    assert row.title == "Café skills – “naïve” to £ pro"


def test_text_keeps_its_paragraphs_and_loses_what_cannot_be_seen(tmp_path: Path) -> None:
    row = taken(
        tmp_path,
        WHO_THIS_COURSE_IS_FOR=" One\r\ntwo\tthree\u00a0four.\u200b ",
        COURSE_NAME="Two\nlines \u00ad here",
    )

    assert row.who_for == "One\ntwo three four."
    assert row.title == "Two lines here"


def test_words_that_only_look_like_markup_are_taken(tmp_path: Path) -> None:
    words = "For under 18s (<18), List<String>, x < y > z, JavaScript: the basics, C&A, 3<5"

    assert taken(tmp_path, WHO_THIS_COURSE_IS_FOR=words).who_for == words


@pytest.mark.parametrize(
    ("column", "written", "name", "meant"),
    [
        ("DELIVER_MODE", "Classroom based", "mode", "classroom"),
        ("DELIVER_MODE", "ONLINE", "mode", "online"),
        ("DELIVER_MODE", "Work based", "mode", "workplace"),
        ("DELIVER_MODE", "workbased", "mode", "workplace"),
        ("DELIVER_MODE", "4", "mode", "blended"),
        ("STUDY_MODE", "Full time", "study_mode", "full-time"),
        ("STUDY_MODE", "3", "study_mode", "flexible"),
        ("ATTENDANCE_PATTERN", "Day/Block Release", "attendance", "block"),
        ("ATTENDANCE_PATTERN", "Weekend", "attendance", "weekend"),
        ("DURATION_UNIT", "Months", "duration_unit", "months"),
        ("DURATION_UNIT", "6", "duration_unit", "minutes"),
        ("FLEXIBLE_STARTDATE", "Yes", "flexible_start", True),
        ("NATIONAL", "true", "national", True),
        ("EDUCATION_LEVEL", "Entry Level", "level", 0),
        ("EDUCATION_LEVEL", "Level 7", "level", 7),
        ("EDUCATION_LEVEL", "8", "level", 8),
        ("COST", "£1,250", "cost", Decimal("1250.00")),
        ("COST", "0", "cost", Decimal("0.00")),
        ("STARTDATE", "18/01/2027", "start_dates", ("2027-01-18",)),
        ("STARTDATE", "2027-01-18T00:00:00Z", "start_dates", ("2027-01-18",)),
        ("STARTDATE", "+7", "start_dates", ("2026-11-30",)),
        ("LOCATION_POSTCODE", "le13wa", "venue_postcode", "LE1 3WA"),
        ("COURSE_URL", "www.example.org/a?b=c", "url", "http://www.example.org/a?b=c"),
        ("LEARN_AIM_REF", "st0349", "standard_ref", "ST0349"),
        ("SECTOR", "hair-and-beauty", "route", "hair-and-beauty"),
        ("COURSE_TYPE", "Skills Bootcamp", "kind", "skills-bootcamp"),
        ("COURSE_ID", "DEMO-A001", "demonstration", True),
    ],
)
def test_codes_and_the_words_for_them_mean_the_same(
    tmp_path: Path, column: str, written: str, name: str, meant: object
) -> None:
    assert getattr(taken(tmp_path, **{column: written}), name) == meant


@pytest.mark.parametrize(
    ("column", "written", "message"),
    [
        ("EDUCATION_LEVEL", "9", '"9" is not a level (use 0 or Entry, or 1 to 8)'),
        ("PROVIDER_UKPRN", "2003867", '"2003867" is not a UKPRN (use 8 digits that begin with 1)'),
        ("PROVIDER_UKPRN", "", '"" is not a UKPRN (use 8 digits that begin with 1)'),
        ("COURSE_ID", " ", "is empty; every course needs one"),
        ("COURSE_NAME", "", "is empty; every course needs one"),
        ("COURSE_NAME", "x" * 256, "is 256 characters long; the most is 255"),
        ("WHO_THIS_COURSE_IS_FOR", "x" * 2001, "is 2,001 characters long; the most is 2,000"),
        ("DELIVER_MODE", "5", '"5" is not a way of teaching (use 1 or Classroom, 2 or Online,'),
        ("STUDY_MODE", "sometimes", '"sometimes" is not a study mode (use 1 or Full time,'),
        ("ATTENDANCE_PATTERN", "0", '"0" is not a pattern (use 1 or Daytime,'),
        ("FLEXIBLE_STARTDATE", "2", '"2" is neither yes nor no (use 1 or 0)'),
        (
            "STARTDATE",
            "31/02/2027",
            '"31/02/2027" is not a date from 2000 to 2100 (use dd/mm/yyyy or yyyy-mm-dd)',
        ),
        ("STARTDATE", "0000-01-01", '"0000-01-01" is not a date'),
        ("STARTDATE", "9999-12-31", '"9999-12-31" is not a date'),
        ("STARTDATE", "+9999", '"+9999" is not a date'),
        ("STARTDATE", "September", '"September" is not a date'),
        ("UPDATED_DATE", "1999-12-31", '"1999-12-31" is not a date'),
        ("COST", "-5", '"-5" is not a price (use pounds from 0 to 999,999.99, such as 95 or 95.50)'),
        ("COST", "NaN", '"NaN" is not a price'),
        ("COST", "1e400", '"1e400" is not a price'),
        ("COST", "free", '"free" is not a price'),
        ("COST", "1000000", '"1000000" is not a price'),
        ("COST", "１２", '"１２" is not a price'),
        ("DURATION_VALUE", "0", '"0" is not a length of time'),
        ("DURATION_VALUE", "inf", '"inf" is not a length of time'),
        ("DURATION_UNIT", "7", '"7" is not a unit (use 1 or Days'),
        ("DURATION_UNIT", "", "is empty though DURATION_VALUE is given"),
        ("LOCATION_LATITUDE", "-1.13300", '"-1.13300" is not a latitude in the United Kingdom'),
        ("LOCATION_LATITUDE", "", "is empty though LOCATION_LONGITUDE is given; give both or neither"),
        (
            "LOCATION_LONGITUDE",
            "1e1",
            '"1e1" is not a longitude in the United Kingdom (use degrees from -9 to 2.5)',
        ),
        ("LOCATION_POSTCODE", "LE1", '"LE1" is not a postcode (use a whole one such as LE10 1AA)'),
        ("LOCATION_EMAIL", "ask at the desk", '"ask at the desk" is not an e-mail address'),
        ("COURSE_URL", "javascript:alert(1)", "holds a script address"),
        (
            "COURSE_URL",
            "ftp://example.org",
            '"ftp://example.org" is not a web address (use one that begins https://',
        ),
        ("COURSE_URL", "https://user@example.org", "is not a web address"),
        ("COURSE_URL", "https://example.org/a b", "is not a web address"),
        ("COURSE_URL", "https://[", "is not a web address"),
        ("COURSE_URL", "//example.org", "is not a web address"),
        ("LOCATION_WEBSITE", "../../etc/passwd", "is not a web address"),
        ("LEARN_AIM_REF", "ABC", '"ABC" is not a reference (use 8 characters such as 60133600, or ST0349'),
        ("COURSE_TYPE", "7", '"7" is not a course type (use 1 to 6, or a kind such as short-course)'),
        ("SECTOR", "SPACE", '"SPACE" is not a sector (use one of ENVIRONMENTAL, BUSINESSADMIN,'),
        ("WHO_THIS_COURSE_IS_FOR", "<p>Welders</p>", "holds HTML; give plain text without tags"),
        ("WHO_THIS_COURSE_IS_FOR", "<x onclick = 'a'>", "holds HTML"),
        ("COURSE_NAME", "<script", "holds HTML"),
        ("ENTRY_REQUIREMENTS", "javascript:alert(1)", "holds a script address"),
        ("COURSE_NAME", "Weld\0ing", "holds a NUL character; take it out"),
        ("COURSE_NAME", "Weld\x1bing", "holds a control character (U+001B); take it out"),
        ("COURSE_NAME", "Weld\u202eing", "holds a control character (U+202E); take it out"),
    ],
)
def test_a_wrong_cell_is_named_with_what_would_be_right(
    tmp_path: Path, column: str, written: str, message: str
) -> None:
    errors = read_one(tmp_path, **{column: written})

    assert isinstance(errors, list)
    assert [(error.row, error.column) for error in errors] == [(2, column)]
    assert message in errors[0].message


def test_every_wrong_cell_of_a_row_is_named(tmp_path: Path) -> None:
    errors = read_one(tmp_path, EDUCATION_LEVEL="9", COST="much", STARTDATE="soon")

    assert isinstance(errors, list)
    assert {error.column for error in errors} == {"EDUCATION_LEVEL", "COST", "STARTDATE"}


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    rows = courses(3, WHO_THIS_COURSE_IS_FOR="Two\nlines")
    rows[2]["EDUCATION_LEVEL"] = "9"

    *_, errors = read_courses(write_file(tmp_path, *rows), TODAY)

    assert errors == [RowError(4, "EDUCATION_LEVEL", '"9" is not a level (use 0 or Entry, or 1 to 8)')]


def test_a_date_that_has_passed_is_taken(tmp_path: Path) -> None:
    assert taken(tmp_path, STARTDATE="2026-11-22").has_passed(TODAY)
    assert not taken(tmp_path, STARTDATE="2026-11-23").has_passed(TODAY)
    assert not taken(tmp_path, STARTDATE="2026-11-22", FLEXIBLE_STARTDATE="1").has_passed(TODAY)
    assert not taken(tmp_path, STARTDATE="").has_passed(TODAY)


def test_a_long_key_is_cut_and_stays_its_own() -> None:
    one, other = reference_of("C" * 100, "R" * 99 + "1"), reference_of("C" * 100, "R" * 99 + "2")

    assert len(one) == len(other) == 120
    assert one != other
    assert reference_of("C" * 60, "R" * 59) == "C" * 60 + "/" + "R" * 59


def test_sector_codes_lead_to_the_fifteen_routes() -> None:
    assert set(SECTORS) == set(load_routes())


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (Kind.ESOL, "ESOL Entry 2"),
        (Kind.ESOL, "English for Speakers of Other Languages"),
        (Kind.COURSE, "Award in Teaching ESOL"),
        (Kind.FUNCTIONAL_SKILLS, "Functional Skills Maths"),
        (Kind.FUNCTIONAL_SKILLS, "English at Level 1"),
        (Kind.COURSE, "GCSE Maths"),
        (Kind.COURSE, "A-Level English Literature"),
        (Kind.APPRENTICESHIP, "Bricklayer Apprenticeship Level 2"),
        (Kind.COURSE, "Preparation for an Apprenticeship"),
        (Kind.FOUNDATION_APPRENTICESHIP, "Foundation apprenticeship in hospitality"),
        (Kind.APPRENTICESHIP_UNIT, "Apprenticeship unit: heat pumps"),
        (Kind.T_LEVEL_PLACEMENT, "T Level in Digital Support"),
        (Kind.COURSE, "T Level Foundation Year: Health"),
        (Kind.HTQ, "HNC in Engineering (HTQ)"),
        (Kind.SKILLS_BOOTCAMP, "Skills Bootcamp in HGV driving"),
        (Kind.FREE_COURSE_FOR_JOBS, "Free courses for jobs: accounting"),
        (Kind.COURSE, "Plumbing"),
    ],
)
def test_a_kind_that_is_not_given_comes_from_the_title(kind: Kind, title: str) -> None:
    assert kind_of("", title, "", None, "", None) == kind


def test_a_kind_comes_from_the_standard_the_length_and_the_opening_words() -> None:
    assert kind_of("", "Welder", "", 3, "ST0349", 150.0) == Kind.APPRENTICESHIP
    assert kind_of("", "Welder", "", None, "AU0002", 2.0) == Kind.APPRENTICESHIP_UNIT
    assert kind_of("", "Welder", "", None, "FA0001", 35.0) == Kind.FOUNDATION_APPRENTICESHIP
    assert kind_of("", "Welding", "", None, "", 12.0) == Kind.SHORT_COURSE
    assert kind_of("", "Welding", "", None, "", 12.1) == Kind.COURSE
    assert kind_of("", "Talking at work", "For speakers of other languages.", 0, "", 5.0) == Kind.ESOL


def test_essential_skills_are_english_maths_or_esol_unless_they_train_teachers() -> None:
    assert kind_of("essential-skills", "Talk for work", "", 1, "", None) == Kind.FUNCTIONAL_SKILLS
    assert kind_of("essential-skills", "ESOL Entry 1", "", 0, "", None) == Kind.ESOL
    assert kind_of("essential-skills", "Teaching English (TESOL)", "", 5, "", None) == Kind.COURSE


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Team Leader Level 3", 3),
        ("Bricklaying Entry Level (Part Time)", 0),
        ("ESOL Entry 3", 0),
        ("Maths Level 1/2", None),
        ("Functional Skills E3, L1 or L2", None),
        ("Welding Apprenticeship (September 2026 Entry)", None),
        ("Welding", None),
    ],
)
def test_a_level_that_is_not_given_comes_from_a_title_that_names_one(title: str, level: int | None) -> None:
    assert level_in(title) == level


def test_lengths_are_compared_in_weeks() -> None:
    assert in_weeks(3, "months") == pytest.approx(13)
    assert in_weeks(5, "days") == in_weeks(35, "hours") == in_weeks(2100, "minutes") == 1
    assert in_weeks(None, "weeks") is None
    assert in_weeks(3, "") is None


def test_every_real_course_is_taken(shared: Path) -> None:
    rows = list(read_courses(shared / "data/fe_courses/live_courses.csv.gz", TODAY))

    assert len(rows) == 1013
    assert all(isinstance(row, CourseRow) for row in rows)


@pytest.mark.parametrize(
    ("attendance", "ahead", "start"),
    [
        ("1", "+4", "2026-11-27"),
        ("1", "+5", "2026-11-30"),
        ("2", "+6", "2026-11-30"),
        ("3", "+4", "2026-11-28"),
    ],
)
def test_a_demonstration_course_starts_on_a_day_it_is_taught(
    tmp_path: Path, attendance: str, ahead: str, start: str
) -> None:
    read = taken(tmp_path, COURSE_ID="DEMO-1", STARTDATE=ahead, ATTENDANCE_PATTERN=attendance)

    assert read.start_dates == (start,)
