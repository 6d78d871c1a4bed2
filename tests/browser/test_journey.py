"""The journey in a real browser: without JavaScript, under the strict policy, on paper, in forced colours."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import NARROW, WIDE, Opener
from tests.browser.hands import follow, press
from tests.browser.site import Site
from tests.browser.ways import ONE, SEVERAL

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

TEN = 10  # needs of real firms that are typed in


def journey(page: Page) -> None:
    """From the first page to the reasons why nothing fits, and to the e-mail, as a person goes."""
    page.goto("/")
    follow(page, "a.start")
    page.fill("#text", SEVERAL)
    page.fill("#postcode", "LE10 1AA")
    page.check("[name=who_for][value=both]")
    page.fill("#people", "3")
    press(page, "Show me what fits")
    assert page.locator("h1").inner_text() == "Training for your need"
    assert page.locator(".card").first.is_visible()
    results = page.url

    follow(page, ".card button:has-text('See the details')")
    assert "/offers/" in page.url
    follow(page, "text=Back to your results")
    assert page.url == results

    follow(page, "a[href$='none-fit']")
    page.check("#reasons-2")
    page.fill("#words", "It is two buses away.")
    press(page, "Send")
    assert "You told us that none of these fit" in page.locator("main").inner_text()

    follow(page, "text=Put this right")
    page.fill("#added", "first aid at work")
    press(page, "Search again with this")
    assert page.locator(".facet").count() == 4

    follow(page, "a:text-is('Add an e-mail')")
    page.fill("#email", "owner@firm.example")
    press(page, "Send me the links")
    assert "Please confirm your e-mail" in page.locator("main").inner_text()


def confirm_and_withdraw(page: Page, site: Site) -> None:
    """From the mail to the end of the need."""
    path = page.url.removeprefix(site.origin).partition("#")[0]
    page.goto(site.link(path, "verify"))
    press(page, "Yes, this is my e-mail")
    assert page.locator("#confirmed").is_visible()
    page.goto(site.link(path, "manage"))
    press(page, "Withdraw my need")
    page.goto(path)
    assert page.locator("h1").inner_text() == "You have withdrawn this need"


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_journey_works_and_breaks_no_policy_and_asks_no_other_site(
    new_context: Opener, site: Site, scripts: bool, size: dict[str, int]
) -> None:
    context = new_context(java_script_enabled=scripts, viewport=size)
    page = context.new_page()

    journey(page)
    confirm_and_withdraw(page, site)

    assert context.watch.requests > 15
    assert context.watch.faults == []


def test_there_is_no_cookie_until_a_form_is_opened_and_then_one(new_context: Opener) -> None:
    context = new_context()
    page = context.new_page()
    for path in ("/", "/about", "/privacy", "/accessibility", "/kinds", "/offers", "/offers?kind=esol"):
        page.goto(path)
    follow(page, ".card-title a")
    page.goto("/offers")
    follow(page, ".provider a")
    assert context.cookies() == []

    page.goto("/needs/new")

    (cookie,) = context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("session", True, "Lax")
    assert cookie["expires"] == -1  # gone when the browser is closed


def test_reloading_and_a_double_click_make_one_need(page: Page, site: Site) -> None:
    from sqlalchemy import func, select

    from skillsmatch.extensions import db
    from skillsmatch.needs.models import Need

    def kept() -> int:
        with site.app.app_context():
            counted = select(func.count()).select_from(Need).where(Need.text == words)
            return db.session.scalar(counted) or 0

    words = "double glazing fitters, said twice by accident"
    page.goto("/needs/new")
    page.fill("#text", words)
    page.get_by_role("button", name="Show me what fits").dblclick()
    page.wait_for_url(lambda url: not url.endswith("/needs/new"))
    page.wait_for_load_state()
    page.reload()

    assert page.locator("h1").inner_text() == "Training for your need"
    assert kept() == 1


def test_on_paper_the_cards_stand_and_the_navigation_and_buttons_are_gone(page: Page, site: Site) -> None:
    page.goto(site.say(ONE))
    cost, order = ".card .cost li >> nth=0", ".card .order li >> nth=0"
    assert (
        not page.locator(cost).is_visible() and not page.locator(order).is_visible()
    )  # folded on the screen

    page.emulate_media(media="print")

    for gone in ("nav[aria-label=Main]", ".skip-link", ".filter", ".card button", "text=None of these fit"):
        assert page.locator(gone).count() > 0
        assert not page.locator(gone).first.is_visible(), gone
    for stands in (
        "h1",
        ".understood",
        ".card >> nth=0",
        ".fits >> nth=0",
        cost,
        order,
        ".order summary >> nth=0",
    ):
        assert page.locator(stands).is_visible(), stands
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_in_forced_colours_buttons_cards_and_the_focus_keep_their_edges(page: Page, site: Site) -> None:
    page.goto(site.say(ONE))
    page.emulate_media(forced_colors="active")
    page.locator(".card button").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # by the keyboard, so that the ring is shown

    edges = page.evaluate(
        """() => [...document.querySelectorAll('.button, .card, .fits, .chip')].filter(e => e.checkVisibility())
             .map(e => getComputedStyle(e)).filter(s => s.borderStyle === 'none' || s.borderWidth === '0px').length"""
    )
    ring = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")

    assert edges == 0
    assert ring != "none"


def employer_needs(shared: Path) -> list[str]:
    """Ten needs as firms wrote them, without made-up persons; always the same ten."""
    lines = (shared / "data" / "bench" / "employer_needs.jsonl").read_text(encoding="utf-8").splitlines()
    needs: list[dict[str, Any]] = [need for need in map(json.loads, lines) if not need["pii"]]
    return [need["query"] for need in random.Random(10).sample(needs, TEN)]


def test_needs_as_firms_write_them_typed_into_the_form_bring_training(page: Page, shared: Path) -> None:
    for words in employer_needs(shared):
        page.goto("/needs/new")
        page.focus("#text")
        page.keyboard.insert_text(words)
        press(page, "Show me what fits")

        assert page.locator("h1").inner_text() == "Training for your need", words
        assert page.locator(".card").count() > 0, words


# --- the net itself ----------------------------------------------------------------------------------


@pytest.fixture
def watched(new_context: Opener) -> BrowserContext:
    """A context whose faults are made on purpose."""
    return new_context()


def taken(context: BrowserContext) -> str:
    """The faults noted so far, which are then forgotten."""
    faults = " | ".join(context.watch.faults)
    context.watch.faults.clear()
    return faults


def test_the_net_catches_a_style_in_the_page(watched: BrowserContext) -> None:
    page = watched.new_page()
    page.goto("/")
    with page.expect_console_message():
        page.evaluate("() => document.body.setAttribute('style', 'color: red')")
    page.evaluate("() => new Promise(done => setTimeout(done, 0))")

    assert "policy: style-src-attr inline" in taken(watched)


def test_the_net_catches_another_site_and_a_fault_of_ours(watched: BrowserContext, site: Site) -> None:
    page = watched.new_page()
    page.goto("/broken")
    page.goto(site.origin.replace("127.0.0.1", "localhost") + "/about")

    faults = taken(watched)
    assert "500 from" in faults
    assert "another site was asked: http://localhost" in faults
