"""`flask area load-postcodes`: all or nothing, and the same file again changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from skillsmatch import database
from skillsmatch.area.models import PostcodePoint
from skillsmatch.area.places import find_place
from skillsmatch.extensions import db
from skillsmatch.matching import Query
from skillsmatch.offers.documents import documents
from skillsmatch.offers.indexing import open_index
from tests.offers.course_files import course, write_file

HEADER = "postcode,lat,lon,lad_code\n"
LOCAL = "LE10 1AA,52.541000,-1.373000,E07000132\nLE1 1AA,52.634820,-1.130540,E06000016\n"
ELSEWHERE = "B1 1AA,52.478000,-1.900000,E08000025\n"


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    """Exit code and everything printed."""
    result = app.test_cli_runner().invoke(args=["area", "load-postcodes", *arguments])
    return result.exit_code, result.output


def held(app: Flask) -> dict[str, tuple[float, float, str]]:
    with app.app_context():
        rows = db.session.scalars(select(PostcodePoint)).all()
        return {row.postcode: (row.lat, row.lon, row.district) for row in rows}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "points.csv"
    path.write_text(HEADER + LOCAL + ELSEWHERE, encoding="utf-8")
    return path


def test_the_areas_postcodes_are_taken_and_the_rest_is_left_out(app: Flask, file: Path) -> None:
    # when a file with two local postcodes and one elsewhere is loaded
    code, printed = run(app, str(file))

    # then the two are kept and the command says so
    assert code == 0
    assert "2 taken, 0 changed, 0 unchanged" in printed
    assert "1 outside the area left out" in printed
    assert held(app) == {
        "LE101AA": (52.541, -1.373, "E07000132"),
        "LE11AA": (52.63482, -1.13054, "E06000016"),
    }


def test_all_keeps_every_postcode(app: Flask, file: Path) -> None:
    code, printed = run(app, "--all", str(file))

    assert code == 0
    assert "3 taken" in printed
    assert "left out" not in printed
    assert "B11AA" in held(app)


def test_the_same_file_again_changes_nothing(app: Flask, file: Path) -> None:
    run(app, str(file))
    before = held(app)

    code, printed = run(app, str(file))

    assert code == 0
    assert "0 taken, 0 changed, 2 unchanged" in printed
    assert held(app) == before


def test_a_postcode_that_moved_is_changed(app: Flask, file: Path) -> None:
    run(app, str(file))
    file.write_text(HEADER + LOCAL.replace("52.541000", "52.542000"), encoding="utf-8")

    _, printed = run(app, str(file))

    assert "0 taken, 1 changed, 1 unchanged" in printed
    assert held(app)["LE101AA"][0] == 52.542


def test_several_files_are_one_load_and_the_last_word_wins(app: Flask, file: Path, tmp_path: Path) -> None:
    other = tmp_path / "later.csv"
    other.write_text(HEADER + "LE10 1AA,52.500000,-1.300000,E07000132\n", encoding="utf-8")

    _, printed = run(app, str(file), str(other))

    assert "2 taken" in printed
    assert held(app)["LE101AA"][:2] == (52.5, -1.3)


def test_a_wrong_file_leaves_the_table_as_it_was(app: Flask, file: Path, tmp_path: Path) -> None:
    # given a loaded table, and a file whose last row is wrong
    run(app, str(file))
    before = held(app)
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(
        HEADER + "LE11 1AA,52.77,-1.2,E07000130\nLE12 1AA,here,-1.2,E07000130\n", encoding="utf-8"
    )

    # when it is loaded
    code, printed = run(app, str(wrong))

    # then it is refused with its place, and nothing has changed
    assert code == 1
    assert "wrong.csv, row 3, lat: 'here' is not a number" in printed
    assert held(app) == before


def test_a_busy_database_is_said_to_be_busy_and_nothing_is_stored(
    app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: object) -> None:
        raise database.NotSaved

    monkeypatch.setattr(database, "keep", busy)

    code, printed = run(app, str(file))

    assert code == 1
    assert "nothing was stored" in printed
    assert held(app) == {}


@pytest.mark.parametrize("arguments", [[], ["nowhere.csv"], ["--most", "x.csv"]])
def test_a_wrong_call_is_a_usage_error(app: Flask, arguments: list[str]) -> None:
    assert run(app, *arguments)[0] == 2


def test_more_postcodes_than_one_batch_are_all_kept(app: Flask, tmp_path: Path) -> None:
    # given more rows than are looked up at once, of which some are held already
    letters = "ABDEFGHJLN"
    codes = [f"LE{d} {n}{a}{b}" for d in (1, 2) for n in range(9) for a in letters for b in letters]
    rows = [f"{code},52.6,-1.1,E06000016\n" for code in codes]
    path = tmp_path / "many.csv"
    path.write_text(HEADER + "".join(rows[:700]), encoding="utf-8")
    run(app, str(path))

    # when the rest comes with them
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    _, printed = run(app, str(path))

    # then each is held once
    assert f"{len(rows) - 700:,} taken, 0 changed, 700 unchanged" in printed
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(PostcodePoint)) == len(rows)


def test_a_loaded_postcode_gives_an_exact_place(app: Flask, file: Path) -> None:
    run(app, str(file))

    def exact(postcode: str) -> tuple[float, float, str | None] | None:
        point = db.session.get(PostcodePoint, postcode)
        return (point.lat, point.lon, point.district or None) if point else None

    with app.app_context():
        place = find_place("le10 1aa", app.extensions["area"], exact=exact)

    assert place is not None
    assert (place.lat, place.lon, place.district, place.exact) == (52.541, -1.373, "E07000132", True)


def test_courses_loaded_before_are_placed_by_postcodes_loaded_after(app: Flask, tmp_path: Path) -> None:
    # given a course whose file says only its postcode, in the index
    row = course(LOCATION_LATITUDE="", LOCATION_LONGITUDE="", LOCATION_POSTCODE="LE10 1AA")
    app.test_cli_runner().invoke(args=["offers", "load", str(write_file(tmp_path, row))])
    file = tmp_path / "points.csv"
    file.write_text(HEADER + LOCAL, encoding="utf-8")

    # when its postcode is loaded
    code, _ = run(app, str(file))

    # then the index holds its place
    assert code == 0
    with app.app_context():
        index = open_index()
        assert index is not None
        assert [(seen.lat, seen.lon) for seen in documents()] == [(52.541, -1.373)]
        near = Query(text="welding", lat=52.541, lon=-1.373)
        assert [match.evidence.distance_km for match in index.offers.rank(near, 1)] == [
            pytest.approx(0, abs=0.01)
        ]
