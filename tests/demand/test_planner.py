"""The course planner: a draft against published cells and the catalogue; it stores nothing and never sees a need."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from test_safety import everything

from skillsmatch.accounts.roles import Role
from skillsmatch.demand import guard, planning, published
from skillsmatch.demand.planning import Draft, themes_of_draft
from skillsmatch.demand.reading import READERS
from skillsmatch.offers.indexing import open_index
from tests.accounts.signing import sign_in

DRAFT: dict[str, Any] = {
    "title": "MIG welding for beginners",
    "learned": "Welding mild steel.\nReading engineering drawings.\nFirst aid at work.\nForklift driving.",
    "level": "2",
    "place": "Hinckley",
    "mode": "classroom",
    "attendance": "weekend",
    "start": "1/12/2026",
    "cost": "£20",
}


@pytest.fixture
def planner(provided: Flask) -> FlaskClient:
    """The browser of a college that has offers."""
    client = provided.test_client()
    sign_in(client, provided, Role.COLLEGE, organisation="Leicester College", ukprn=10003867)
    return client


def planned(client: FlaskClient, status: int = 200, **changed: str) -> str:
    answer = client.post("/demand/planner", data=DRAFT | changed)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_a_draft_has_at_most_three_themes_and_its_title_comes_first(provided: Flask) -> None:
    with provided.app_context():
        index = open_index()
        assert index is not None
        told = themes_of_draft(index.themes, Draft(DRAFT["title"], DRAFT["learned"]))
        unclear = themes_of_draft(index.themes, Draft("Zzyzx quux"))

    assert told[0] == "ENG-WELD"
    assert len(told) == planning.MOST_THEMES
    assert unclear == ()


def test_the_numbers_are_the_published_cells_each_by_itself(provided: Flask, planner: FlaskClient) -> None:
    page = planned(planner)
    with provided.app_context():
        area = provided.extensions["area"]
        read = {n: published.read_table(area, "2025", n) for n in ("theme", "theme-by-district", "people")}

    section = page[page.index("<h4>Welding and fabrication") :]
    for words, cell in (
        ("Employers who ask, April 2025 to March 2026", read["theme"].of("ENG-WELD")),
        ("In Hinckley and Bosworth", read["theme-by-district"].of("ENG-WELD", "E07000132")),
        ("People wanted", read["people"].of("ENG-WELD")),
    ):
        assert re.search(rf"<dt>{words}</dt><dd>{cell.words}\b", section), words


def test_what_none_of_the_offers_like_it_has_is_said(planner: FlaskClient) -> None:
    page = planned(planner)

    missing = page[page.index("What is missing") :]
    for words in (
        "None is taught in Hinckley",
        "None is known to start by Tuesday 1 December 2026",
        "None costs so little",
    ):
        assert words in missing
    assert "Welding" in page[page.index("What is there already") : page.index("What is missing")]


def test_a_course_that_nobody_teaches_would_be_the_first(planner: FlaskClient) -> None:
    page = planned(planner, title="Falconry for vineyards", learned="")

    assert "Yours would be the first" in page


def test_two_drafts_stand_beside_each_other(planner: FlaskClient) -> None:
    page = planned(planner, title_2="Excel for the office", level_2="1")

    assert page.index('id="draft-1"') < page.index('id="draft-2"')
    assert "Excel, Word and office programs" in page
    assert '<div class="sides">' in page
    assert 'value="Excel for the office"' in page


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title": " "}, "Give the course a title"),
        ({"cost_2": "10"}, "Give the second course a title"),
        ({"place": "Atlantis"}, "is no town or postcode that we know"),
        ({"start": "soon"}, "as a day, such as"),
        ({"cost": "cheap"}, "Enter an amount in pounds"),
        ({"cost": "-1"}, "Enter an amount from £0"),
        ({"level": "12"}, "Choose from the answers given"),
        ({"title": "x" * 300}, "characters or fewer"),
        ({"learned": "y" * 4001}, "characters or fewer"),
    ],
)
def test_a_slip_is_told_on_its_field_and_nothing_typed_is_lost(
    planner: FlaskClient, changed: dict[str, str], words: str
) -> None:
    page = planned(planner, 422, **changed)

    assert "There is a problem" in page
    assert words in page
    assert "Reading engineering drawings." in page or "learned" in changed
    assert next(iter(changed.values())).strip() in page


def test_it_stores_nothing_and_reads_nothing_of_employers(provided: Flask, planner: FlaskClient) -> None:
    before = everything(provided)

    with guard.statements(provided) as seen:
        planner.get("/demand/planner")
        planned(planner, title_2="Excel")

    assert everything(provided) == before
    assert any(endpoint == "demand.planner_answer" for endpoint, _ in seen)
    assert {table for _, statement in seen for table in guard.tables_named(statement)} == set()
    assert guard.is_kept_from_employers(provided, "demand.planner_answer")


def test_it_is_for_readers_of_demand(provided: Flask) -> None:
    for role in (None, *Role):
        client = provided.test_client()
        if role:
            sign_in(client, provided, role, organisation=f"Of {role}")
        got, sent = client.get("/demand/planner"), client.post("/demand/planner", data=DRAFT)
        allowed = role in READERS
        assert got.status_code == (303 if role is None else 200 if allowed else 403), role
        assert sent.status_code == (401 if role is None else 200 if allowed else 403), role


def test_without_an_index_or_a_release_the_page_says_so(app: Flask, client: FlaskClient) -> None:
    sign_in(client, app, Role.COLLEGE)

    page = planned(client)

    assert "The search is not ready" in page
    assert "There is no release yet" in page


def test_an_offer_with_all_that_was_asked_leaves_nothing_missing(provided: Flask) -> None:
    with provided.test_request_context("/demand/planner"):
        found = planning.plan(Draft("MIG welding for beginners", cost=Decimal(9_999)), None)

    assert found.like > 0
    assert found.missing == ()
