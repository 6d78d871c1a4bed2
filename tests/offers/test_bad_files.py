"""Files that are wrong: each is refused with its row and column, and the catalogue is as it was."""

from __future__ import annotations

import csv
import gzip
import io
import random
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from skillsmatch.offers.checking import MOST_SHOWN, Refused, check_file
from skillsmatch.offers.directory_courses import DIRECTORY_COURSES
from skillsmatch.offers.directory_lists import PROVIDERS, VENUES
from skillsmatch.offers.live_courses import COLUMNS
from skillsmatch.offers.loading import load_offers
from skillsmatch.offers.old_apprenticeships import OLD_APPRENTICESHIPS
from skillsmatch.offers.records import CourseRow
from skillsmatch.offers.rows import FIELD_LIMIT, ROW_LIMIT
from skillsmatch.offers.tables import Context
from tests.offers.course_files import (
    APPRENTICESHIP,
    COLLEGE,
    DIRECTORY,
    VENUE,
    as_csv,
    course,
    courses,
    everything,
    read_courses,
    table,
    write_file,
)

TODAY = date(2026, 11, 23)
THREE = as_csv(*courses(3))


def cut(text: str, old: str, new: str, times: int = 1) -> bytes:
    """The text with `old` replaced; fails where it is not there."""
    assert old in text
    return text.replace(old, new, times).encode()


def header(change: Callable[[list[str]], object]) -> bytes:
    names = list(COLUMNS)
    change(names)
    return cut(THREE, ",".join(COLUMNS), ",".join(names))


def zipped(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, THREE)
    return out.getvalue()


def with_cell(column: str, value: str) -> bytes:
    rows = courses(3)
    rows[1][column] = value
    return as_csv(*rows).encode()


def utf8_then_cp1252() -> bytes:
    first, second = courses(2)
    first["COURSE_NAME"], second["COURSE_NAME"] = "Café", "Caf\xa0\xa0"
    return as_csv(first, second).encode().replace("Caf\xa0\xa0".encode(), b"Caf\xe9")


CORPUS: dict[str, tuple[bytes, int, str, str]] = {
    "empty": (b"", 1, "HEADER", "the file is empty"),
    "a byte order mark alone": (b"\xef\xbb\xbf", 1, "HEADER", "the file is empty"),
    "header alone": (as_csv().encode(), 2, "ROW", "there is no course below the header"),
    "no header": (as_csv(*courses(2)).split("\r\n", 1)[1].encode(), 1, "10003867", "is not a column"),
    "a column missing": (header(lambda n: n.remove("SECTOR")), 1, "SECTOR", "is missing from the header"),
    "a column twice": (header(lambda n: n.append("COST")), 1, "COST", "stands 2 times in the header"),
    "a column unknown": (header(lambda n: n.append("COLOUR")), 1, "COLOUR", "is not a column of this format"),
    "a column misspelt": (
        cut(THREE, "EDUCATION_LEVEL", "EDUCATION LEVEL"),
        1,
        "EDUCATION LEVEL",
        "is not a column",
    ),
    "a column in small letters": (cut(THREE, "SECTOR", "sector"), 1, "sector", "is not a column"),
    "semicolons": (
        THREE.replace(",", ";").encode(),
        1,
        "PROVIDER_UKPRN;COURSE_ID;COURSE_RUN_ID;L...",
        "not a column",
    ),
    "UTF-16": (THREE.encode("utf-16"), 1, "HEADER", "this is UTF-16 text, not CSV text"),
    "UTF-16 without its mark": (THREE.encode("utf-16-le"), 1, "HEADER", "it may be UTF-16"),
    "UTF-32": (THREE.encode("utf-32-be"), 1, "HEADER", "it may be UTF-16"),
    "a zip archive": (zipped("courses.csv"), 1, "HEADER", "this is a zip archive and no Excel workbook"),
    "a zip archive in gzip": (
        gzip.compress(zipped("courses.csv"), mtime=0),
        1,
        "HEADER",
        "a zip archive or an Excel workbook",
    ),
    "a zip archive cut short": (zipped("courses.csv")[:-30], 1, "HEADER", "workbook is damaged"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1" + b"\1" * 600, 1, "HEADER", "an old Excel workbook"),
    "a PDF": (b"%PDF-1.7\n" + b"x" * 100, 1, "HEADER", "this is a PDF"),
    "a web page": (b"<!DOCTYPE html>\n<title>Not found</title>", 1, "<!DOCTYPE html>", "is not a column"),
    "noise": (random.Random(1).randbytes(5_000), 1, "HEADER", ""),
    "gzip in gzip": (gzip.compress(gzip.compress(THREE.encode()), mtime=0), 1, "HEADER", "gzip inside gzip"),
    "gzip cut short": (
        gzip.compress(THREE.encode(), mtime=0)[:-30],
        1,
        "HEADER",
        "the gzip file is cut short or damaged",
    ),
    "gzip, two bytes": (b"\x1f\x8b", 1, "HEADER", "the gzip file is cut short or damaged"),
    "gzip with a wrong sum": (
        gzip.compress(THREE.encode(), mtime=0)[:-8] + b"\0" * 8,
        1,
        "HEADER",
        "cut short or damaged",
    ),
    "gzip with a tail": (gzip.compress(THREE.encode(), mtime=0) + b"tail", 1, "HEADER", "cut short or damaged"),
    "carriage returns alone": (
        THREE.replace("\r\n", "\r").encode(),
        1,
        "HEADER",
        "a carriage return stands on its own",
    ),
    "a carriage return in a row": (
        cut(THREE, "C2,R2", "C2\r,R2"),
        3,
        "COURSE_ID",
        "a carriage return stands on its own",
    ),
    "a carriage return in a field": (
        with_cell("COURSE_NAME", "a\rb"),
        3,
        "COURSE_NAME",
        "a carriage return on its own",
    ),
    "a quotation mark never closed": (
        cut(THREE, 'Welding, part 2"', "Welding, part 2"),
        3,
        "COURSE_NAME",
        "write it twice",
    ),
    "the last quotation mark missing": (
        cut(THREE, 'part 3"', "part 3"),
        4,
        "COURSE_NAME",
        "close the field before it",
    ),
    "a quotation mark opened at the end": (
        cut(THREE + "x", "\r\nx", '\r\n"x'),
        5,
        "PROVIDER_UKPRN",
        "never closes it",
    ),
    "a quotation mark inside": (
        cut(THREE, '"Welding, part 2"', '"Weld"ing'),
        3,
        "COURSE_NAME",
        "write it twice",
    ),
    "NUL": (with_cell("COURSE_NAME", "a\0b"), 3, "COURSE_NAME", "holds a NUL character"),
    "an escape code": (
        with_cell("AWARDING_BODY", "\x1b[31m"),
        3,
        "AWARDING_BODY",
        "a control character (U+001B)",
    ),
    "text turned round": (with_cell("COURSE_NAME", "abc\u202e"), 3, "COURSE_NAME", "(U+202E)"),
    "200 kB in a field": (
        with_cell("COURSE_NAME", "x" * 200_000),
        3,
        "COURSE_NAME",
        "longer than 131,072 characters",
    ),
    "200 kB in quotation marks": (with_cell("REGIONS", "x, " * 70_000), 3, "REGIONS", "longer than 131,072"),
    "a field over its own length": (
        with_cell("COST_DESCRIPTION", "x" * 256),
        3,
        "COST_DESCRIPTION",
        "the most is 255",
    ),
    "a line without an end": (
        THREE.encode() + b"x" * (2 * ROW_LIMIT),
        5,
        "PROVIDER_UKPRN",
        "longer than 131,072",
    ),
    "a million commas": (
        THREE.encode() + b"," * 1_000_001,
        5,
        "ROW",
        "the row is longer than 1,000,000 characters",
    ),
    "many commas": (THREE.encode() + b"," * 900_000, 5, "AWARDING_BODY", "it has 900001 cells, not 36"),
    "a cell too few": (
        cut(THREE, "10003867,C2,", "10003867,"),
        3,
        "AWARDING_BODY",
        "it has 35 cells, not 36",
    ),
    "a cell too many": (
        cut(THREE, "10003867,C2,", "10003867,C2,C2,"),
        3,
        "AWARDING_BODY",
        "put text that holds commas",
    ),
    "a lone surrogate": (
        cut(THREE, "part 2", "part @").replace(b"@", b"\xed\xa0\x80"),
        3,
        "COURSE_NAME",
        "surrogate",
    ),
    "bytes of no encoding": (
        cut(THREE, "part 2", "part @").replace(b"@", b"\x81"),
        3,
        "COURSE_NAME",
        "is neither UTF-8",
    ),
    "two encodings": (
        utf8_then_cp1252(),
        3,
        "COURSE_NAME",
        "is Windows-1252 text in a file that began as UTF-8",
    ),
    "two in a cell": (
        with_cell("COURSE_NAME", "é@").replace(b"@", b"\xe9"),
        3,
        "COURSE_NAME",
        "mixes UTF-8 and",
    ),
    "a key twice": (
        as_csv(*courses(2), course()).encode(),
        4,
        "COURSE_RUN_ID",
        "row 2 has the same COURSE_ID and",
    ),
    "a bad level": (with_cell("EDUCATION_LEVEL", "9"), 3, "EDUCATION_LEVEL", "(use 0 or Entry, or 1 to 8)"),
    "a bad date": (with_cell("STARTDATE", "30/02/2027"), 3, "STARTDATE", "(use dd/mm/yyyy or yyyy-mm-dd)"),
    "a bad price": (with_cell("COST", "1e400"), 3, "COST", '"1e400" is not a price'),
    "a formula": (with_cell("COST", "=1+1"), 3, "COST", '"=1+1" is not a price'),
    "the year 9999": (
        with_cell("STARTDATE", "9999-12-31"),
        3,
        "STARTDATE",
        "is not a date from 2000 to 2100",
    ),
    "a path": (
        with_cell("LOCATION_WEBSITE", "../../etc/passwd"),
        3,
        "LOCATION_WEBSITE",
        "is not a web address",
    ),
    "JSON": (b'{"courses": []}', 1, "HEADER", "this is JSON, and holds neither"),
    "JSON cut short": (b'[{"referenceNumber": "ST0349"', 1, "HEADER", "this is not JSON from character"),
    "JSON in UTF-16": ("[]".encode("utf-16"), 1, "HEADER", "this is UTF-16 text"),
    "JSON in Windows-1252": (b'[{"title": "Caf\xe9"}]', 1, "HEADER", "this is not UTF-8 text"),
    "JSON too deep": (b"[" * 100_000, 1, "HEADER", "too deep to be read"),
    "JSON with a number that is none": (b'[{"level": Infinity}]', 1, "HEADER", "Infinity is not a number"),
    "JSON in gzip cut short": (
        gzip.compress(b"[" + b'{"a": "b"},' * 9_000, mtime=0)[:-9],
        1,
        "HEADER",
        "cut short or damaged",
    ),
    "a page without a course": (
        b'{"@type": "Organization", "name": "A college"}',
        1,
        "ROW",
        "no schema.org Course in it",
    ),
    "a course without a name": (b'{"@type": "Course"}', 1, "name", "is empty or missing"),
    "half a character in JSON": (b'{"@type": "Course", "name": "a\\ud800"}', 1, "name", "(U+D800)"),
    "venues twice": (
        table(VENUES, VENUE, VENUE).encode(),
        3,
        "YOUR_VENUE_REFERENCE",
        "row 2 has the same",
    ),
    "a venue on the moon": (
        table(DIRECTORY_COURSES, {**DIRECTORY, "VENUE_NAME": "The Moon"}).encode(),
        2,
        "VENUE_NAME",
        "is not a venue that we hold",
    ),
    "a column of another format": (
        table(DIRECTORY_COURSES, DIRECTORY).replace("LARS_QAN", "LEARN_AIM_REF").encode(),
        1,
        "LEARN_AIM_REF",
        "is not a column of this format",
    ),
    "an apprenticeship of no standard": (
        table(
            OLD_APPRENTICESHIPS, {**APPRENTICESHIP, "DELIVERY_METHOD": "Employer based", "VENUE": ""}
        ).encode(),
        2,
        "STANDARD_CODE",
        "is not a standard that we hold",
    ),
    "a provider without a number": (
        table(PROVIDERS, {"Org Legal Name": "A college"}).encode(),
        2,
        "Org UKPRN",
        "is not a UKPRN",
    ),
    "a script": (with_cell("COURSE_URL", "javascript:alert(1)"), 3, "COURSE_URL", "holds a script address"),
}


def test_the_corpus_has_sixty_files_or_more() -> None:
    assert len(CORPUS) >= 60


@pytest.mark.parametrize("name", CORPUS)
def test_a_wrong_file_is_refused_at_its_row_and_column(tmp_path: Path, name: str) -> None:
    data, row, column, words = CORPUS[name]
    path = tmp_path / "courses.csv"
    path.write_bytes(data)

    with pytest.raises(Refused) as refused:
        check_file(path, Context(TODAY, COLLEGE))

    error = refused.value.errors[0]
    assert (error.row, error.column) == (row, column) or name == "noise"
    assert words in error.message
    assert refused.value.lines[0] == f"{path}, row {error.row}, {error.column}: {error.message}"
    assert all(line.isprintable() for line in refused.value.lines)


def test_a_missing_quotation_mark_is_found_where_it_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "courses.csv"
    path.write_bytes(cut(as_csv(*courses(2_000)), 'part 7"', "part 7"))

    with pytest.raises(Refused) as refused:
        check_file(path, Context(TODAY, COLLEGE))

    assert [(error.row, error.column) for error in refused.value.errors] == [(8, "COURSE_NAME")]


def test_the_first_hundred_faults_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    path = write_file(tmp_path, *courses(130, EDUCATION_LEVEL="9"))

    with pytest.raises(Refused) as refused:
        check_file(path, Context(TODAY, COLLEGE))

    assert len(refused.value.errors) == MOST_SHOWN
    assert refused.value.more == 30
    assert refused.value.lines[-1] == "and 30 more like these"


def test_a_refused_file_leaves_every_table_as_it_was(in_app: Flask, tmp_path: Path) -> None:
    load_offers(write_file(tmp_path, *courses(3)))
    before = everything()

    for name, (data, *_) in CORPUS.items():
        path = tmp_path / "bad.csv"
        path.write_bytes(data)
        with pytest.raises(Refused):
            load_offers(path, complete="venues" not in name and "provider" not in name, ukprn=COLLEGE)
        assert everything() == before, name


def test_a_field_at_the_limit_of_the_csv_module_is_judged_by_its_own_limit(tmp_path: Path) -> None:
    path = write_file(tmp_path, course(REGIONS="x" * FIELD_LIMIT))

    ((error,),) = read_courses(path, TODAY)

    assert (error.row, error.column) == (2, "REGIONS")
    assert error.message == "is 131,072 characters long; the most is 5,000"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for files that are written over and over."""
    return tmp_path_factory.mktemp("bytes")


def only_refused_or_taken(scratch: Path, data: bytes) -> None:
    """Fails unless these bytes are refused in printable lines, or taken whole."""
    path = scratch / "any.csv"
    path.write_bytes(data)
    try:
        checked = check_file(path, Context(TODAY, COLLEGE))
    except Refused as refused:
        assert refused.lines
        assert all(line.isprintable() for line in refused.lines)
        assert all(error.row >= 1 and error.column for error in refused.errors)
    else:
        assert len(checked) >= 1
        checked.close()


quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(st.binary(max_size=2_000))
@example(b"\x1f\x8b\x08\x00")
@example(b"\xff")
@example(b'"')
def test_no_bytes_give_a_fault_of_ours(scratch: Path, data: bytes) -> None:
    only_refused_or_taken(scratch, data)


@quick
@given(st.integers(0, len(THREE) - 1), st.binary(max_size=12), st.integers(0, 40), st.booleans())
def test_no_damage_to_a_right_file_gives_a_fault_of_ours(
    scratch: Path, place: int, put: bytes, taken: int, packed: bool
) -> None:
    right = THREE.encode()
    packed_up = gzip.compress(right, mtime=0) if packed else right
    place %= len(packed_up)
    only_refused_or_taken(scratch, packed_up[:place] + put + packed_up[place + taken :])


cells = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "1", "-1", "NaN", "1e400", "01/01/0001", "+5", "=1", "<b>", "LE1 1AA", "https://[", "\ud7ff"]
    ),
)


@quick
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, cells)))
def test_any_cell_is_taken_or_named(scratch: Path, changed: dict[str, str]) -> None:
    path = scratch / "cells.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerow(course(**changed))

    found = list(read_courses(path, TODAY))

    for row in found:
        assert isinstance(row, CourseRow) or all(error.column in (*COLUMNS, "ROW") for error in row)
    only_refused_or_taken(scratch, path.read_bytes())
