"""The commands as an operator meets them: what they print and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import func, select

from skillsmatch.database import NotSaved
from skillsmatch.extensions import db
from skillsmatch.offers import indexing, loading
from skillsmatch.offers.indexing import open_index
from skillsmatch.offers.models import Offer
from tests.offers.course_files import as_csv, course, courses, write_file


def run(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(args=["offers", *map(str, arguments)])


def offers(app: Flask) -> int:
    with app.app_context():
        return (
            db.session.scalar(select(func.count()).select_from(Offer).where(Offer.withdrawn_at.is_(None)))
            or 0
        )


def test_a_load_prints_what_it_did(app: Flask, tmp_path: Path) -> None:
    path = write_file(tmp_path, *courses(3))

    first, second = run(app, "load", path), run(app, "load", path)

    assert (first.exit_code, first.stdout) == (0, "3 taken, 0 changed, 0 unchanged\n")
    assert (second.exit_code, second.stdout) == (0, "0 taken, 0 changed, 3 unchanged\n")
    assert first.stderr == second.stderr == ""
    with app.app_context():
        assert open_index() is not None


def test_other_counts_are_printed_where_there_are_any(app: Flask, tmp_path: Path) -> None:
    run(app, "load", write_file(tmp_path, *courses(3)))
    rows = [course(STARTDATE="2026-01-05"), course(COURSE_ID="C9", LOCATION_POSTCODE="SW1A 1AA")]

    result = run(app, "load", write_file(tmp_path, *rows), "--complete", "--yes", "--area-only")

    assert result.exit_code == 0
    assert result.stdout == (
        "0 taken, 1 changed, 0 unchanged, 2 withdrawn, 1 outside the area, 1 with a date that has passed\n"
    )


def test_a_wrong_file_ends_with_1_and_a_line_for_each_fault(app: Flask, tmp_path: Path) -> None:
    rows = courses(3)
    rows[1] |= {"EDUCATION_LEVEL": "9", "COST": "NaN"}
    path = write_file(tmp_path, *rows)

    result = run(app, "load", path)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        f'{path}, row 3, COST: "NaN" is not a price (use pounds from 0 to 999,999.99, such as 95 or 95.50)',
        f'{path}, row 3, EDUCATION_LEVEL: "9" is not a level (use 0 or Entry, or 1 to 8)',
    ]
    assert offers(app) == 0


def test_a_wrong_header_is_row_1(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "courses.csv"
    path.write_text(as_csv(course()).replace("EDUCATION_LEVEL", "LEVEL"), encoding="utf-8")

    result = run(app, "load", path)

    assert result.exit_code == 1
    assert f'{path}, row 1, LEVEL: "LEVEL" is not a column of this format; take it out' in result.stderr
    assert f"{path}, row 1, EDUCATION_LEVEL: is missing from the header" in result.stderr


@pytest.mark.parametrize(
    "arguments", [["load"], ["load", "nowhere.csv"], ["load", "."], ["load", "--all"], ["sing"]]
)
def test_wrong_use_ends_with_2(app: Flask, arguments: list[str]) -> None:
    assert run(app, *arguments).exit_code == 2


def test_a_busy_database_is_said_in_words(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise NotSaved

    monkeypatch.setattr(loading, "keep", busy)

    result = run(app, "load", write_file(tmp_path, course()))

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "The database was busy or full; the catalogue is as it was. Try again.\n"


def test_a_database_without_its_tables_says_what_to_type(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        downgrade(revision="base")

    load, index = run(app, "load", write_file(tmp_path, course())), run(app, "index")

    assert (load.exit_code, index.exit_code) == (1, 1)
    assert load.stderr.endswith(
        "The database is not up to date; the catalogue is as it was. Type this first: flask db upgrade\n"
    )
    assert index.stderr.endswith("Type this first: flask db upgrade\n")


def test_a_load_whose_index_fails_stands_and_says_what_to_type(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(indexing, "_build", full)

    result = run(app, "load", write_file(tmp_path, course()))

    assert (result.exit_code, result.stdout) == (0, "1 taken, 0 changed, 0 unchanged\n")
    assert "`flask offers index` rebuilds the index" in result.stderr
    assert "no space left" in result.stderr

    monkeypatch.undo()
    assert run(app, "index").stdout.startswith("indexed the catalogue, number 1, with matcher ")
    with app.app_context():
        assert open_index() is not None


def test_the_demonstration_catalogue_is_loaded_by_name(app: Flask) -> None:
    result = run(app, "load-demonstration")

    assert result.exit_code == 0, result.output
    assert offers(app) >= 300
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Offer).where(~Offer.demonstration)) == 0


def test_an_area_without_a_demonstration_says_so(app: Flask) -> None:
    from skillsmatch.area.areas import load_area

    app.extensions["area"] = load_area("example")

    result = run(app, "load-demonstration")

    assert result.exit_code == 1
    assert "has no demonstration catalogue" in result.stderr
