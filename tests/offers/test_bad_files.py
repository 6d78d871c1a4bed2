"""Files that are wrong: each is refused with its row and column, and the catalogue is as it was."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from skillsmatch.offers.checking import MOST_SHOWN, Refused, check_file
from skillsmatch.offers.exporting import export_offers
from skillsmatch.offers.inert import is_live
from skillsmatch.offers.live_courses import COLUMNS, LIVE_COURSES
from skillsmatch.offers.loading import load_offers
from skillsmatch.offers.records import CourseRow
from skillsmatch.offers.rows import FIELD_LIMIT
from skillsmatch.offers.tables import Context
from tests.offers.corpus import CORPUS, TAKEN, THREE, TODAY, cut
from tests.offers.course_files import (
    COLLEGE,
    as_csv,
    course,
    courses,
    everything,
    read_courses,
    write_file,
)


def test_the_corpus_has_a_hundred_files_or_more() -> None:
    assert len(CORPUS) >= 100


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


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_that_only_looks_wrong_is_taken_whole(tmp_path: Path, name: str) -> None:
    data, title = TAKEN[name]
    path = tmp_path / "courses.csv"
    path.write_bytes(data)

    checked = check_file(path, Context(TODAY, COLLEGE))

    assert [checked.values(place)["title"] for place in range(len(checked))][1] == title
    assert len(checked) == 3
    checked.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_of_them_is_live_when_it_goes_out_again(in_app: Flask, tmp_path: Path) -> None:
    for name, (data, title) in TAKEN.items():
        (tmp_path / "courses.csv").write_bytes(data)
        load_offers(tmp_path / "courses.csv", index=False)
        export_offers(LIVE_COURSES.source, tmp_path / "out.csv")
        with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))

        assert len(rows) == 3, name
        assert not [cell for row in rows for cell in row.values() if is_live(cell)], name
        assert title.splitlines()[0] in {row["COURSE_NAME"].removeprefix("'") for row in rows}, name


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
