"""Excel workbooks of the same columns: what is typed is taken, and a formula never is."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from skillsmatch.offers import workbooks
from skillsmatch.offers.checking import Refused, check_file
from skillsmatch.offers.live_courses import COLUMNS
from skillsmatch.offers.records import CourseRow
from skillsmatch.offers.tables import Context
from tests.offers.course_files import course, courses, read_courses, read_file, write_file
from tests.offers.test_loading_commands import run

TODAY = date(2026, 11, 23)


def write_book(folder: Path, *rows: list[Any], name: str = "courses.xlsx") -> Path:
    """A workbook whose first sheet has these rows."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(folder / name)
    return folder / name


def of_courses(folder: Path, *rows: dict[str, Any]) -> Path:
    return write_book(folder, list(COLUMNS), *([row[name] or None for name in COLUMNS] for row in rows))


def parts_of(path: Path, change: Callable[[str, bytes], bytes]) -> bytes:
    """The workbook's bytes with its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return out.getvalue()


def refused(path: Path) -> tuple[int, str, str]:
    with pytest.raises(Refused) as found:
        check_file(path, Context(TODAY))
    error = found.value.errors[0]
    return error.row, error.column, error.message


def test_a_workbook_gives_what_the_same_csv_gives(tmp_path: Path) -> None:
    assert read_courses(of_courses(tmp_path, *courses(3)), TODAY) == read_courses(
        write_file(tmp_path, *courses(3)), TODAY
    )


def test_numbers_dates_and_ticks_are_read_as_people_write_them(tmp_path: Path) -> None:
    typed = course() | {
        "PROVIDER_UKPRN": 10003867,
        "LEARN_AIM_REF": 60133600,
        "STARTDATE": datetime(2027, 1, 18),
        "UPDATED_DATE": date(2026, 11, 1),
        "COST": 420.5,
        "DURATION_VALUE": 10.0,
        "NATIONAL": False,
        "LOCATION_LATITUDE": 52.6447,
        "LOCATION_LONGITUDE": -1.133,
        "EDUCATION_LEVEL": 2,
    }

    assert read_courses(of_courses(tmp_path, typed), TODAY) == read_courses(
        write_file(tmp_path, course()), TODAY
    )


def test_blank_rows_are_passed_over_and_rows_count_as_excel_counts_them(tmp_path: Path) -> None:
    wrong = course(EDUCATION_LEVEL="9")
    path = write_book(
        tmp_path,
        [*COLUMNS, None, " "],
        [None] * 5,
        [wrong[name] or None for name in COLUMNS],
        [""],
    )

    assert refused(path)[:2] == (3, "EDUCATION_LEVEL")


def test_a_row_that_goes_on_is_named(tmp_path: Path) -> None:
    row = [course()[name] or None for name in COLUMNS]

    assert refused(write_book(tmp_path, list(COLUMNS), [*row[:-1], "x", "more"])) == (
        2,
        "AWARDING_BODY",
        "the row goes on after this: it has 37 cells, not 36; put text that holds commas in quotation marks",
    )


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("https://example.org")', "=cmd|' /C calc'!A0"])
def test_a_formula_is_refused_at_its_cell(tmp_path: Path, formula: str) -> None:
    path = of_courses(tmp_path, course(COURSE_NAME=formula))

    assert refused(path) == (2, "COURSE_NAME", workbooks.FORMULA)


def test_text_that_only_begins_as_a_formula_does_is_text(tmp_path: Path) -> None:
    path = of_courses(tmp_path, course(COURSE_NAME="+44 welding", COST_DESCRIPTION="- by instalments"))

    (row,) = read_courses(path, TODAY)

    assert isinstance(row, CourseRow)
    assert (row.title, row.cost_description) == ("+44 welding", "- by instalments")


def test_an_error_of_excels_is_refused_at_its_cell(tmp_path: Path) -> None:
    assert refused(of_courses(tmp_path, course(COURSE_NAME="#N/A")))[1:] == (
        "COURSE_NAME",
        'holds the error "#N/A"; put the value in its place',
    )


def test_only_the_first_sheet_is_read(tmp_path: Path) -> None:
    book = Workbook()
    for row in (list(COLUMNS), [course()[name] or None for name in COLUMNS]):
        book.worksheets[0].append(row)
    book.create_sheet("Notes").append(["Anything at all"])
    book.save(tmp_path / "two.xlsx")

    assert len(read_file(tmp_path / "two.xlsx", TODAY)) == 1


def test_a_workbook_is_loaded_by_the_same_command(app: Flask, tmp_path: Path) -> None:
    path = of_courses(tmp_path, *courses(3))

    assert run(app, "load", path).stdout == "3 taken, 0 changed, 0 unchanged\n"
    assert run(app, "load", write_file(tmp_path, *courses(3))).stdout == "0 taken, 0 changed, 3 unchanged\n"


# What must not be unpacked, and what is damaged --------------------------------------------------------------


def bomb(path: Path) -> bytes:
    return parts_of(path, lambda name, data: data + b" " * 70_000_000 if "sheet1" in name else data)


def many_parts(path: Path) -> bytes:
    out = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(out, "a") as parts:
        for number in range(2_001):
            parts.writestr(f"xl/media/{number}", b"")
    return out.getvalue()


def entities(path: Path) -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]>'.encode()

    def laugh(name: str, data: bytes) -> bytes:
        if "sheet1" not in name:
            return data
        assert b"Welding, part 1" in data
        return head + data.replace(b"Welding, part 1", b"&l9;")

    return parts_of(path, laugh)


def far_cells(path: Path) -> bytes:
    return parts_of(path, lambda name, data: re.sub(rb'r="A2"', b'r="XFD1048576"', data))


BROKEN: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "a bomb": (bomb, "the workbook unpacks to more than 60 MB"),
    "two thousand parts": (many_parts, "the workbook unpacks to more than 60 MB"),
    "cut short": (lambda path: path.read_bytes()[:-200], "is damaged"),
    "no sheet": (
        lambda path: parts_of(path, lambda name, data: b"" if "sheet1" in name else data),
        "is damaged",
    ),
    "half a sheet": (
        lambda path: parts_of(path, lambda name, data: data[:-300] if "sheet1" in name else data),
        "is damaged",
    ),
    "no list of sheets": (
        lambda path: parts_of(path, lambda name, data: b"<x/>" if name == "xl/workbook.xml" else data),
        "the workbook",
    ),
    "a cell of a billion laughs": (entities, "is damaged"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_workbook_is_refused_in_words(tmp_path: Path, name: str) -> None:
    make, words = BROKEN[name]
    path = tmp_path / "broken.xlsx"
    path.write_bytes(make(of_courses(tmp_path, *courses(2))))

    row, column, message = refused(path)

    assert row >= 1
    assert column in ("HEADER", "ROW")
    assert words in message


def test_a_cell_at_the_far_corner_neither_takes_the_memory_nor_the_time(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    path.write_bytes(far_cells(write_book(tmp_path, list(COLUMNS), ["10003867"])))

    with pytest.raises(Refused):
        check_file(path, Context(TODAY))


def test_a_first_row_without_names_is_said(tmp_path: Path) -> None:
    assert refused(write_book(tmp_path, [None], ["x"])) == (
        1,
        "HEADER",
        "the first row is empty; it must name the columns",
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 8_000), st.binary(max_size=12), st.integers(0, 40))
def test_no_damage_to_a_workbook_gives_a_fault_of_ours(
    tmp_path: Path, place: int, put: bytes, taken: int
) -> None:
    right = of_courses(tmp_path, *courses(2)).read_bytes()
    place %= len(right)
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(right[:place] + put + right[place + taken :])
    try:
        checked = check_file(path, Context(TODAY))
    except Refused as found:
        assert all(line.isprintable() for line in found.lines)
    else:
        checked.close()
