"""My provision against demand: reckoned from published cells and from the catalogue, and from nothing else."""

from __future__ import annotations

import csv
import re
from datetime import date
from io import BytesIO, StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from skillsmatch.accounts.roles import Role
from skillsmatch.area.themes import load_themes
from skillsmatch.demand import gaps, guard, published
from skillsmatch.demand.ranges import Range, range_of
from skillsmatch.offers.provision import Taught, all_taught, districts_of
from tests.accounts.signing import sign_in
from tests.demand.releasing import DRAFT, NOTICE, WITHDRAWN, ask, text_of

UKPRN = 10003867  # a college of the demonstration catalogue


def offer(number: int, theme: str, ukprn: int = 1, district: str = "E1", **more: object) -> Taught:
    said = {"place": "", "anywhere": False, "start": None, "any_time": False} | more
    return Taught(number, f"Offer {number}", ukprn, "P", theme, district=district, **said)  # type: ignore[arg-type]


@pytest.fixture
def mine(provided: Flask) -> FlaskClient:
    """The browser of a college that has offers."""
    client = provided.test_client()
    sign_in(client, provided, Role.COLLEGE, organisation="Leicester College", ukprn=UKPRN)
    return client


def rows_of(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    body = client.get(f"/demand/mine.csv{query}").get_data().decode("utf-8-sig")
    return [row for row in csv.DictReader(StringIO(body)) if row["release"] != "method"]


# --- how a gap is reckoned ------------------------------------------------------------------------


def reckoned(asked: dict[str, Range], *taught: Taught) -> dict[str, gaps.Gap]:
    return {g.theme: g for g in gaps.gaps_of(load_themes(), asked, {}, taught, 1, ())}


@pytest.mark.parametrize(
    ("asked", "offers", "words"),
    [
        (Range(25, 25), 0, "all 25: no offer"),
        (Range(0, 9), 0, "no offer"),
        (Range(25, 25), 1, "25 for each offer"),
        (Range(25, 25), 4, "6.2 for each offer"),
        (Range(20, 40), 2, "10 to 20 for each offer"),
        (Range(0, 9), 3, "up to 3 for each offer"),
    ],
)
def test_a_gap_is_who_asks_for_each_offer_there_is(asked: Range, offers: int, words: str) -> None:
    found = reckoned({"ENG-WELD": asked}, *(offer(n, "ENG-WELD") for n in range(offers)))

    assert found["ENG-WELD"].words == words


def test_mine_and_others_are_told_apart_with_the_nearest_start_of_each() -> None:
    near, far = date(2027, 1, 4), date(2027, 9, 1)
    found = reckoned(
        {}, offer(1, "ENG-WELD", start=far), offer(2, "ENG-WELD", start=near),
        offer(3, "ENG-WELD", ukprn=2, any_time=True), offer(4, "ENG-CNC", ukprn=2),
    )  # fmt: skip

    weld, cnc = found["ENG-WELD"], found["ENG-CNC"]
    assert (weld.mine.offers, weld.mine.start, weld.others.offers) == (2, near, 1)
    assert (weld.mine.words, weld.others.words) == ("Monday 4 January 2027", "at any time")
    assert (cnc.mine.words, cnc.others.words) == ("", "no date known")


def test_the_largest_gap_that_is_certain_stands_first_and_names_decide_between_equals() -> None:
    found = gaps.gaps_of(
        load_themes(), {"ENG-WELD": Range(25, 25), "ENG-CNC": Range(25, 25), "CON-BRICK": Range(0, 60)}, {},
        [offer(1, "ENG-CNC"), offer(2, "ENG-CNC")], 1, (),
    )  # fmt: skip

    assert [g.theme for g in found][:3] == ["ENG-WELD", "ENG-CNC", "CON-BRICK"]
    assert [g.name for g in found[3:]] == sorted(g.name for g in found[3:])


def test_a_catchment_has_what_is_taught_in_it_and_what_is_taught_anywhere() -> None:
    here, there, online = (
        offer(1, "X"),
        offer(2, "X", district="E2"),
        offer(3, "X", district="", anywhere=True),
    )

    assert gaps.within([here, there, online], frozenset({"E1"})) == [here, online]
    assert gaps.within([here, there, online], None) == [here, there, online]


# --- the page -------------------------------------------------------------------------------------


def test_every_theme_stands_with_its_published_number(provided: Flask, mine: FlaskClient) -> None:
    with provided.app_context():
        table = published.read_table(provided.extensions["area"], "2025", "theme")
    shown = {c.first: range_of(c, 10).words for c in table.cells if c.first}

    rows = rows_of(mine)

    assert {r["theme_code"]: r["employers_in_words"] for r in rows} == shown
    each = [int(r["employers_from"]) / max(int(r["my_offers"]) + int(r["other_offers"]), 1) for r in rows]
    assert each == sorted(each, reverse=True)
    assert each[0] > 0


def test_my_offers_are_those_of_my_ukprn_and_no_others(provided: Flask, mine: FlaskClient) -> None:
    with provided.app_context():
        taught = all_taught()
    own = [t for t in taught if t.ukprn == UKPRN and t.theme]

    assert own
    assert sum(int(r["my_offers"]) for r in rows_of(mine)) == len(own)
    assert sum(int(r["other_offers"]) for r in rows_of(mine)) == len([t for t in taught if t.theme]) - len(
        own
    )


def test_a_catchment_is_the_sum_of_its_published_cells_and_no_more_than_the_area(
    provided: Flask, mine: FlaskClient
) -> None:
    with provided.app_context():
        area = provided.extensions["area"]
        cells = published.read_table(area, "2025", "theme-by-district")
        whole = {c.first: range_of(c, 10) for c in published.read_table(area, "2025", "theme").cells}
        districts = districts_of(all_taught(), UKPRN) & set(area.districts)
    assert len(districts) > 1

    for row in rows_of(mine, "?reach=catchment"):
        own = [range_of(c, 10) for c in cells.where(first=row["theme_code"]) if c.second in districts]
        most = whole[row["theme_code"]].high
        ends = min(sum(r.low for r in own), most), min(sum(r.high for r in own), most)
        assert (int(row["employers_from"]), int(row["employers_to"])) == ends


def test_a_quarter_has_no_districts_and_the_page_says_so(mine: FlaskClient) -> None:
    page = text_of(mine, "/demand/mine?release=2026Q1&reach=catchment")

    assert "Districts are counted for years only. This shows the whole area." in page


def test_the_plans_priorities_are_marked_and_summed_as_ranges(mine: FlaskClient) -> None:
    page = text_of(mine, "/demand/mine")

    row = re.search(r'<tr><th scope="row"><a [^>]*>English for speakers.*?</tr>', page, re.S)
    assert row is not None
    assert "More good English training" in row[0]
    assert "By priority of the plan" in page
    assert gaps.TWICE in page


def test_themes_can_be_narrowed_to_what_i_or_nobody_teaches(mine: FlaskClient) -> None:
    every, not_mine, nobody = (rows_of(mine, f"?show={show}") for show in ("", "not-mine", "nobody"))

    assert len(every) > len(not_mine) > len(nobody) > 0
    assert all(r["my_offers"] == "0" for r in not_mine)
    assert all(r["other_offers"] == "0" for r in nobody)


def test_the_offers_behind_a_number_can_be_seen(provided: Flask, mine: FlaskClient) -> None:
    with provided.app_context():
        taught = [t for t in all_taught() if t.theme == "ENG-WELD"]

    page = text_of(mine, "/demand/mine/ENG-WELD")

    for one in taught:
        assert f'href="/offers/{one.offer_id}"' in page
    assert "There is no theme" in text_of(mine, "/demand/mine/NOTHING", 404)


def test_the_workbook_says_the_same_and_holds_no_formula(mine: FlaskClient) -> None:
    book = load_workbook(BytesIO(mine.get("/demand/mine.xlsx").get_data()))
    sheet = book["Themes"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]

    assert [r[1] for r in rows] == [r["theme_code"] for r in rows_of(mine)]
    assert all(cell.data_type != "f" for one in book for row in one.iter_rows() for cell in row)
    assert any("tables do not add up" in str(row[0].value) for row in book["Method"].iter_rows())


# --- who may, what is refused, what is read -------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "status", "words"),
    [
        ("/demand/mine?reach=everywhere", 400, "Choose one of the answers"),
        ("/demand/mine?show=secret", 400, "Choose one of the answers"),
        ("/demand/mine?ukprn=10004112", 400, "cannot be asked for"),
        ("/demand/mine?district=E06000016", 400, "cannot be asked for"),
        (f"/demand/mine?release={DRAFT}", 404, "no published release"),
        (f"/demand/mine?release={WITHDRAWN}", 410, NOTICE),
        (f"/demand/mine.csv?release={WITHDRAWN}", 410, NOTICE),
        ("/demand/mine/ENG-WELD?release=2025", 400, "cannot be asked for"),
    ],
)
def test_an_address_that_was_tampered_with_is_refused_in_words(
    mine: FlaskClient, where: str, status: int, words: str
) -> None:
    assert words in text_of(mine, where, status)


def test_it_is_for_colleges_alone(provided: Flask) -> None:
    for role in (None, *Role):
        client = provided.test_client()
        if role:
            sign_in(client, provided, role, organisation=f"Of {role}")
        expected = 303 if role is None else 200 if role is Role.COLLEGE else 403
        assert client.get("/demand/mine").status_code == expected, role


def test_without_a_ukprn_the_page_says_what_is_lacking(college: FlaskClient) -> None:
    assert "has no UKPRN here" in text_of(college, "/demand/mine")
    assert "has no UKPRN here" in text_of(college, "/demand/mine.csv", 404)


def test_before_any_offer_is_loaded_every_theme_stands_without_one(released: Flask) -> None:
    client = released.test_client()
    sign_in(client, released, Role.COLLEGE, organisation="New College", ukprn=19999991)

    assert "We hold no offers whose theme is known yet" in text_of(client, "/demand/mine")
    assert "We know no district" in text_of(client, "/demand/mine?reach=catchment")


def test_nothing_of_employers_is_read_and_nothing_changes_when_one_asks(
    provided: Flask, mine: FlaskClient
) -> None:
    every = (
        "/demand/mine",
        "/demand/mine?reach=catchment&show=not-mine",
        "/demand/mine.csv",
        "/demand/mine/ENG-WELD",
    )

    def bodies() -> list[str]:
        texts = [mine.get(where).get_data(as_text=True) for where in every]
        return [re.sub(r'name="csrf_token" value="[^"]*"', "", text) for text in texts]

    with guard.statements(provided) as seen:
        before = bodies()
    with provided.app_context():
        ask("owner@only-one.example")

    assert bodies() == before
    assert {table for _, statement in seen for table in guard.tables_named(statement)} == set()
