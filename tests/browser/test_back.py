"""Back, reload and sending again are one need: the browser brings back the form with its own token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from skillsmatch.cases.plan import EducatorAnswer
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from tests.browser.hands import press
from tests.browser.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page


def signals(site: Site) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(DemandSignal)) or 0


def send_words(page: Page, words: str) -> str:
    page.fill("#text", words)
    press(page, "Show me what fits")
    assert page.locator("h1").inner_text() == "Training for your need"
    return page.url


@pytest.mark.parametrize("first_error", [False, True], ids=["at once", "after an error"])
def test_back_and_send_again_leads_to_the_same_need(site: Site, page: Page, first_error: bool) -> None:
    page.goto("/needs/new")
    if first_error:
        page.fill("#people", "lots")
        press(page, "Show me what fits")
        page.fill("#people", "2")
    results = send_words(page, "fork truck ticket for a yard")
    before = signals(site)

    page.go_back()
    assert page.input_value("#text") == "fork truck ticket for a yard"
    press(page, "Show me what fits")

    assert page.url == results
    assert signals(site) == before


def test_a_reload_of_the_results_adds_nothing(site: Site, page: Page) -> None:
    page.goto("/needs/new")
    results = send_words(page, "first aid at work")
    before = signals(site)

    page.reload()

    assert page.url == results
    assert signals(site) == before


def test_the_form_opened_anew_is_a_new_need(site: Site, page: Page) -> None:
    page.goto("/needs/new")
    first = send_words(page, "first aid at work")

    page.goto("/needs/new")

    assert page.input_value("#text") == ""
    assert send_words(page, "first aid at work") != first


def test_back_and_send_again_keeps_an_educators_answer_once(site: Site, page: Page) -> None:
    page.goto("/educators")
    page.fill("#words", "How garages work on electric cars")
    press(page, "Send")

    page.go_back()
    assert page.input_value("#words") == "How garages work on electric cars"
    press(page, "Send")

    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(EducatorAnswer)) == 1
