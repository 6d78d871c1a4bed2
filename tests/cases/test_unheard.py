"""Who we have not heard from: a count of businesses that an operator loads, against the employers that asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from skillsmatch.area.businesses import BusinessFileError, read_businesses
from skillsmatch.cases.filters import Filters
from skillsmatch.cases.unheard import unheard
from skillsmatch.extensions import db
from tests.cases.asking import say

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
GOOD = """Sector,Size,District,Businesses
C,0-9,Leicester,"1,200"
Manufacturing and food production,Small,E06000016,90
H,10-49,Hinckley and Bosworth,40
"""


def load(app: Flask, path: Path, words: str) -> str:
    path.write_text(words, encoding="utf-8-sig")
    told = app.test_cli_runner().invoke(args=["area", "load-businesses", str(path), "--source", "Nomis 2025"])
    return f"{told.exit_code} {told.output}"


def test_cells_are_set_against_the_employers_that_asked_for_anything(app: Flask, tmp_path: Path) -> None:
    assert load(app, tmp_path / "b.csv", GOOD) == "0 1,330 businesses in 3 rows\n"
    place = {"sic_section": "C", "size_band": "0-9", "district": "E06000016"}
    say(app, 1, "welding", outcome="fits", **place)
    say(app, 1, "more welding", **place)
    say(app, 2, "welding", suspect=True, **place)
    say(app, 3, "welding")

    with app.app_context():
        told = unheard(Filters())
        small = unheard(Filters(size="10-49"))
        db.session.remove()

    assert [(c.sector, c.businesses, c.employers, c.unheard) for c in told.cells] == [
        ("C", 1200, 1, 1199),
        ("C", 90, 0, 90),
        ("H", 40, 0, 40),
    ]
    assert (told.whole.businesses, told.whole.employers, told.unplaced) == (1330, 1, 1)
    assert [(s.sector, s.businesses, s.employers) for s in told.by_sector] == [("H", 40, 0), ("C", 1290, 1)]
    assert [c.businesses for c in small.cells] == [90, 40]


@only_sqlite
def test_a_wrong_file_names_every_row_and_changes_nothing(app: Flask, tmp_path: Path) -> None:
    load(app, tmp_path / "b.csv", GOOD)
    wrong = (
        GOOD + "Z,0-9,Leicester,1\nC,11-50,Leicester,1\nC,0-9,Paris,1\nC,0-9,Blaby,few\nC,0-9,Leicester,7\n"
    )

    told = load(app, tmp_path / "w.csv", wrong)

    assert told.startswith("1 ")
    for words in (
        "w.csv, row 5, sector: “Z” is not a SIC 2007 section: use its letter, A to U",
        "w.csv, row 6, size: “11-50” is not a size: use 0-9, 10-49, 50-249 or 250+",
        "w.csv, row 7, district: “Paris” is not a district of",
        "w.csv, row 8, businesses: “few” is not a whole number from 0 to 1,000,000",
        "w.csv, row 9: the same sector, size and district stand in row 2 already",
        "Nothing was stored.",
    ):
        assert words in told
    with app.app_context():
        assert unheard(Filters()).whole.businesses == 1330
        db.session.remove()


@only_sqlite
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "row 1, sector: this column is missing"),
        ("sector,size,district\nC,0-9,Leicester", "row 1, businesses: this column is missing"),
        ("sector,size,district,businesses\n", "has no rows under its header"),
        ("sector,size,district,businesses\n" + "Z,0-9,Leicester,1\n" * 60, "there may be more"),
    ],
)
def test_a_file_of_another_shape_is_refused_in_words(
    app: Flask, tmp_path: Path, words: str, said: str
) -> None:
    path = tmp_path / "b.csv"
    path.write_text(words, encoding="utf-8")

    with pytest.raises(BusinessFileError, match=said):
        read_businesses(path, app.extensions["area"])

    path.write_bytes(b"sector,size,district,businesses\n\xff\xfe,1,1,1\n")
    with pytest.raises(BusinessFileError, match="cannot be read as a CSV file in UTF-8"):
        read_businesses(path, app.extensions["area"])


@only_sqlite
def test_the_page_shows_it_and_says_where_nothing_is_loaded(
    app: Flask, officer: FlaskClient, tmp_path: Path
) -> None:
    assert "No count of businesses is loaded" in officer.get("/cases/unheard").get_data(as_text=True)
    load(app, tmp_path / "b.csv", GOOD)

    page = officer.get("/cases/unheard").get_data(as_text=True)

    assert "1,330 businesses; 0 employers asked" in page
    assert "Counted by: Nomis 2025" in page
    assert "has no row for these choices" in officer.get("/cases/unheard?size=250%2B").get_data(as_text=True)
