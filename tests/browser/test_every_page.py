"""Every page in every state: nothing for axe to find, nothing wider than a phone, nothing too small to press."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from skillsmatch.extensions import limiter
from tests.browser.conftest import NARROW, WIDE, Opener
from tests.browser.hands import open_all
from tests.browser.site import Site
from tests.browser.states import STATES, State

if TYPE_CHECKING:
    from playwright.sync_api import Page

NO_PAGES = {  # for machines, pictures and files: no person reads them
    *("static", "pages.livez", "pages.readyz", "offers.as_csv", "offers.as_workbook", "offers.feed"),
    *("offers.offer_linked", "api.list_offers", "api.one_offer", "api.list_providers", "api.document"),
    *("accounts.second_step_picture", "demand.file", "demand.api_releases", "demand.api_table"),
    *("demand.mine_file", "demand.evidence_file", "cases.file", "desk.figures_file"),
}
LEAST = 24  # CSS pixels each way of what is pressed (WCAG 2.2, 2.5.8)
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# What a narrow window and dark colours can change; the rest is the same page, looked at before.
OF_LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
LOOKS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": OF_LOOKS}}
TWICE = {"width": 640, "height": 900}  # a window of 1280 at 200%

TOO_WIDE = """() => [...document.body.querySelectorAll('*')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 40)}`)"""
TOO_SMALL = """least => [...document.querySelectorAll('button, summary, select, textarea, .button, input')]
  .filter(e => e.type !== 'hidden' && e.checkVisibility() && !e.closest('[aria-hidden=true]'))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, box]) => box.width < least || box.height < least)
  .map(([e, box]) => `${e.tagName} ${e.name || e.textContent.trim().slice(0, 40)}: ${box.width} by ${box.height}`)"""


@pytest.fixture(scope="module")
def window(new_lasting_context: Opener) -> Page:
    """One page for all of these tests. axe has to be put into the page, so the content policy is off here only."""
    context = new_lasting_context(bypass_csp=True)
    context.watch.forgiven = {500, 503}
    return context.new_page()


@pytest.fixture(scope="module", params=STATES, ids=lambda state: state.name)
def shown(request: pytest.FixtureRequest, window: Page, site: Site) -> Page:
    """A page in one of its states, with what folds open."""
    state: State = request.param
    window.set_viewport_size(WIDE)
    window.context.clear_cookies()
    limiter.limiter.storage.reset()  # the tries of one state must not shut out the next
    state.reach(window, site)
    assert window.context.watch.status == state.status
    assert site.endpoint(window.url) == state.endpoint
    open_all(window, but=".none" if state.more else ".more")
    return window


@pytest.fixture(autouse=True)
def as_it_comes(shown: Page) -> Iterator[None]:
    """Afterwards the window is wide again, and its colours are the usual ones."""
    yield
    shown.emulate_media(color_scheme="light")
    shown.set_viewport_size(WIDE)


def faults(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds, one line for each element."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=options).response
    return [
        f"{violation['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:300]})"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize(
    ("size", "colours", "options"),
    [(WIDE, "light", RULES), (NARROW, "dark", LOOKS)],
    ids=["wide and light", "narrow and dark"],
)
def test_axe_finds_nothing(
    shown: Page, size: dict[str, int], colours: str, options: dict[str, Any]
) -> None:
    shown.set_viewport_size(size)
    shown.emulate_media(color_scheme=colours)

    assert faults(shown, options) == []


def test_nothing_scrolls_sideways_on_a_narrow_screen(shown: Page) -> None:
    shown.set_viewport_size(NARROW)

    width = shown.evaluate("() => document.documentElement.scrollWidth")

    assert width <= NARROW["width"], shown.evaluate(TOO_WIDE)


def test_nothing_scrolls_sideways_with_the_text_twice_as_large(shown: Page) -> None:
    shown.set_viewport_size(TWICE)
    shown.evaluate("() => { document.documentElement.style.fontSize = '200%' }")

    width = shown.evaluate("() => document.documentElement.scrollWidth")
    wider = shown.evaluate(TOO_WIDE)
    shown.evaluate("() => { document.documentElement.style.fontSize = '' }")

    assert width <= TWICE["width"], wider


def test_what_is_pressed_is_large_enough(shown: Page) -> None:
    shown.set_viewport_size(NARROW)

    assert shown.evaluate(TOO_SMALL, LEAST) == []
