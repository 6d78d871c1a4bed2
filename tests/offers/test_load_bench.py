"""The measurement of loading: every step runs, and the catalogue is left alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from skillsmatch.cli.bench_loading import CannotChange, changed_copy
from skillsmatch.offers.directory_lists import VENUES
from tests.offers.course_files import VENUE, courses, everything, write_file, write_table


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_load_is_measured_beside_a_plain_insert(in_app: Flask, tmp_path: Path) -> None:
    file = write_file(tmp_path, *courses(2_500))
    before = everything()

    result = in_app.test_cli_runner().invoke(args=["offers", "bench", str(file)])

    assert result.exit_code == 0, result.output
    first, plain, again, afresh = result.output.splitlines()
    assert re.match(
        r"first load: 2,500 rows in .* a second \(checking and comparing .* preparing .* lock", first
    )
    assert "; 2,500 written; peak memory" in first
    assert plain.startswith("plain executemany of the same rows and indexes: 2,500 rows in")
    assert again.startswith("again with 1 in 100 changed: 2,500 rows in")
    assert "; 25 written;" in again
    assert "; 25 written;" in afresh
    assert everything() == before


def test_one_row_in_a_hundred_is_changed(tmp_path: Path) -> None:
    file = write_file(tmp_path, *courses(201))

    changed = changed_copy(file, tmp_path / "changed.csv")

    old, new = file.read_text().splitlines(), changed.read_text().splitlines()
    assert [n for n, (a, b) in enumerate(zip(old, new, strict=True)) if a != b] == [1, 101, 201]


def test_a_file_without_a_price_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(CannotChange):
        changed_copy(write_table(tmp_path, VENUES, VENUE), tmp_path / "changed.csv")
