"""Files and charts of published tables: what they hold, what no program runs, and that each is made once."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from io import BytesIO, StringIO
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from skillsmatch.area.areas import load_area
from skillsmatch.area.rankings import rankings_of
from skillsmatch.area.tables import AreaError
from skillsmatch.demand import charts, files, published
from skillsmatch.demand.published import Cell, Edition, Table
from skillsmatch.demand.ranges import Range, change_words, range_of, sum_of
from skillsmatch.demand.tile_map import rows_of, tile_map

EDITION = Edition(
    period="2025",
    kind="year",
    words="April 2025 to March 2026",
    first_day=date(2025, 4, 1),
    last_day=date(2026, 3, 31),
    published_at=None,
    rests_on="About 500 employers are counted; fewer than 10 more asked and are not counted.",
    notes=("Rounded to 5.", published.DO_NOT_ADD_UP),
    demonstration=False,
    threshold=10,
    base=5,
)


def cell(name: str, shown: int | None, code: str = "") -> Cell:
    return Cell(code or name[:8], name, "", "", shown, "fewer than 10" if shown is None else f"{shown:,}")


def one_way(*cells: Cell) -> Table:
    return Table(EDITION, "sector", "Employers by sector", ("sector",), cells)


# --- files ----------------------------------------------------------------------------------------


def test_a_csv_file_has_every_cell_as_published_and_the_method(released: Flask, college: FlaskClient) -> None:
    answer = college.get("/demand/2025/theme-by-district.csv")
    rows = list(csv.reader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    with released.app_context():
        table = published.read_table(released.extensions["area"], "2025", "theme-by-district")

    cells = [row for row in rows[1:] if row[0] == "2025"]
    assert rows[0] == ["release", "theme_code", "theme", "district_code", "district", "employers", "in_words"]
    assert [(r[1], r[3], r[5]) for r in cells] == [
        (c.first, c.second, "" if c.shown is None else str(c.shown)) for c in table.cells
    ]
    assert ["method", published.DO_NOT_ADD_UP] in rows
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "words", ["=1+1", "+44 116", "-2", "@SUM(A1)", "\t=1", "  =cmd|'/c calc'!A1", "\r=1"]
)
def test_no_file_holds_a_live_formula(words: str) -> None:
    table = one_way(cell(words, 25, code=words))

    row = next(
        csv.reader(StringIO(files.write_csv(table).decode("utf-8-sig").split("\r\n", 1)[1], newline=""))
    )
    book = load_workbook(BytesIO(files.write_xlsx(table)))

    assert row[1].startswith("'")
    assert row[2].startswith("'")
    assert [c.data_type for c in book["Table"][2]] == ["s", "s", "s", "n", "s"]


def test_a_workbook_has_its_numbers_as_numbers_and_a_sheet_of_the_method(college: FlaskClient) -> None:
    book = load_workbook(BytesIO(college.get("/demand/2025/size.xlsx").get_data()))

    assert book.sheetnames == ["Table", "Method"]
    assert [c.value for c in book["Table"][1]] == ["release", "size_code", "size", "employers", "in_words"]
    assert isinstance(book["Table"]["D2"].value, int)
    assert published.DO_NOT_ADD_UP in [row[0].value for row in book["Method"]]


def test_a_chart_is_drawn_once_and_then_served_from_disk(
    released: Flask, college: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = college.get("/demand/2025/size.svg")

    def refuse(_table: Table) -> bytes:
        raise AssertionError("drawn again")

    monkeypatch.setitem(files.MAKERS, "svg", refuse)  # type: ignore[arg-type]
    again = college.get("/demand/2025/size.svg")
    known = college.get("/demand/2025/size.svg", headers={"If-None-Match": first.headers["ETag"]})

    assert again.get_data() == first.get_data()
    assert known.status_code == 304


def test_a_file_of_other_numbers_has_another_name() -> None:
    table = one_way(cell("Manufacturing", 25))

    digests = {
        files.digest_of(table, "svg"),
        files.digest_of(table, "png"),
        files.digest_of(one_way(cell("Manufacturing", 30)), "svg"),
        files.digest_of(replace(table, edition=replace(EDITION, notes=("Loosened.",))), "svg"),
    }

    assert len(digests) == 4


# --- charts ---------------------------------------------------------------------------------------


def test_a_chart_has_words_numbers_and_a_name_and_nothing_that_the_content_policy_drops() -> None:
    svg = charts.draw_svg(
        one_way(cell("Care <& health>", 45), cell("Farming", None), cell("Building", 1_250))
    )

    tree = ElementTree.fromstring(svg)
    words = ["".join(e.itertext()).strip() for e in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Care <& health>", "45", "Building", "1,250", "1 more: fewer than 10, or none"} <= set(words)
    assert "Farming" not in words
    assert b"style" not in svg
    assert b"<script" not in svg
    assert tree[0].tag.endswith("title")
    assert tree[0].text == (
        "Bar chart. Employers by sector, April 2025 to March 2026. The largest is Building: 1,250. "
        "The table has every number."
    )


def test_the_same_table_is_drawn_alike_each_time() -> None:
    table = one_way(cell("Care", 45), cell("Building", 20))

    assert charts.draw_svg(table) == charts.draw_svg(table)


def test_a_table_with_no_number_is_drawn_as_words() -> None:
    assert b"No number is large enough to be shown." in charts.draw_svg(one_way(cell("Care", None)))


def test_a_picture_for_documents_is_a_png(college: FlaskClient) -> None:
    assert college.get("/demand/2026Q1/outcome.png").get_data().startswith(b"\x89PNG")


def test_the_steps_of_colour_fall_evenly_in_lightness() -> None:
    def lightness(colour: str) -> float:  # CIE L*, of 100; what every kind of colour vision sees
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 116 * (0.2126 * r + 0.7152 * g + 0.0722 * b) ** (1 / 3) - 16

    steps = [lightness(colour) for colour in charts.STEPS]
    assert all(before - after > 10 for before, after in pairwise(steps))


# --- ranges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (25, 15, "up 10"),
        (15, 25, "down 10"),
        (15, 15, "no change"),
        (25, None, "up 16 to 25"),
        (None, 25, "down 16 to 25"),
        (10, None, "up 1 to 10"),
        (None, None, "too few to tell"),
    ],
)
def test_a_change_is_a_number_or_a_range_where_one_is_hidden(
    now: int | None, before: int | None, words: str
) -> None:
    assert change_words(range_of(cell("a", now), 10), range_of(cell("a", before), 10)) == words


def test_every_published_number_that_fits_lies_in_the_range() -> None:
    cells = [cell("a", 25), cell("b", None), cell("c", 10), cell("d", None)]

    total = sum_of(cells, 10)

    assert total == Range(35, 53)
    for b in range(10):
        for d in range(10):
            assert total.low <= 25 + b + 10 + d <= total.high
    assert total.words == "35 to 53"
    assert Range(0, 9).words == "fewer than 10"


# --- the map, and rankings ------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["leicestershire", "example"])
def test_the_map_has_each_district_once_and_the_north_at_the_top(slug: str) -> None:
    area = load_area(slug)

    rows = rows_of(area)

    assert sorted(code for row in rows for code in row) == sorted(area.districts)


def test_the_shade_of_a_tile_is_by_the_share_of_the_largest() -> None:
    area = load_area("leicestershire")
    numbers = dict.fromkeys(area.districts, None) | {"E06000016": 400, "E07000129": 10, "E07000130": 205}
    cells = tuple(cell(area.district_name(c), n, code=c) for c, n in numbers.items())

    tiles = {
        t.cell.first: t.shade
        for row in tile_map(Table(EDITION, "district", "", ("district",), cells), area)
        for t in row
    }

    assert (tiles["E06000016"], tiles["E07000129"], tiles["E07000130"], tiles["E07000133"]) == (4, 1, 3, 0)


def test_a_ranking_without_its_source_is_refused(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "rankings.toml").write_text('[[ranking]]\ntitle = "Vacancies"\nnames = ["Care"]\n')

    with pytest.raises(AreaError, match="source"):
        rankings_of("anywhere", folder)
    assert len(rankings_of("leicestershire")) == 3
