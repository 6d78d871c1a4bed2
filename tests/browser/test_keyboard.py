"""The whole journey with the keyboard alone: every stop can be seen, nothing holds the focus, errors are led to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import NARROW, WIDE, Opener
from tests.browser.site import Site
from tests.browser.ways import SEVERAL, every_error

if TYPE_CHECKING:
    from playwright.sync_api import Page

STOPS = 400  # presses of Tab; more than the longest page has places to stop at

# Where the focus is, and whether a person can see that: a ring round it (for a radio button or a tick box the
# browser draws it the same way), inside the window, not under anything else.
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height, 40) / 2, 1), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  return {
    what: e.id || e.name || e.textContent.trim().replace(/\\s+/g, ' ').slice(0, 60) || e.tagName,
    tag: e.tagName,
    ringed: ring || style.boxShadow !== 'none',
    inside: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0
            && box.left < innerWidth,
    clear: top !== null && (e.contains(top) || top.contains(e)),
    hidden: e.closest('[aria-hidden=true]') !== null,
  };
}"""
REACHABLE = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(e => e.type !== 'hidden' && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true}))
  .filter(e => e.type !== 'radio' || e.checked || ![...document.getElementsByName(e.name)].some(o => o.checked)
                                                && document.getElementsByName(e.name)[0] === e)
  .length"""


def stop(page: Page) -> dict[str, Any] | None:
    """Where the focus is now, having held it to what every stop has to be; None once it has left the page."""
    where = page.evaluate(FOCUS)
    if where is not None:
        assert where["ringed"], f"no ring is seen on {where}"
        assert where["inside"], f"out of sight: {where}"
        assert where["clear"], f"something lies over {where}"
        assert not where["hidden"], f"not there for a screen reader: {where}"
    return where


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Presses Tab until the focus is on what fits the selector; every stop on the way has to be seen."""
    for _ in range(STOPS):
        page.keyboard.press(key)
        stop(page)
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} is not reached with {key}")


def go(page: Page, key: str = "Enter") -> None:
    """Presses the key, and waits for the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_the_whole_journey_goes_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    tab_to(page, "a.start")
    go(page)
    tab_to(page, "#text")
    page.keyboard.type(SEVERAL)
    tab_to(page, "#postcode")
    page.keyboard.type("LE10 1AA")
    tab_to(page, "[name=who_for]")
    page.keyboard.press("ArrowUp")
    assert page.locator("[name=who_for]:checked").get_attribute("value") == "both"
    tab_to(page, "#people")
    page.keyboard.type("3")
    tab_to(page, "form.need-form button")
    go(page)
    assert page.locator("h1").inner_text() == "Training for your need"
    results = page.url

    tab_to(page, ".card button")
    go(page)
    assert "/offers/" in page.url
    tab_to(page, f"a[href='/needs/{results.rsplit('/', 1)[-1]}']")
    go(page)
    assert page.url == results

    tab_to(page, "a[href$='none-fit']")
    go(page)
    tab_to(page, "#reasons-2")
    page.keyboard.press("Space")
    assert page.is_checked("#reasons-2")
    tab_to(page, "#words")
    page.keyboard.type("It is two buses away.")
    tab_to(page, "main form button")
    go(page)
    assert "You told us that none of these fit" in page.locator("main").inner_text()


def test_the_first_stop_skips_to_the_main_part(page: Page) -> None:
    page.goto("/kinds")
    page.keyboard.press("Tab")
    first = stop(page)
    assert first is not None
    assert first["what"].startswith("Skip to the main part")

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_after_an_error_the_focus_is_on_the_summary_and_its_links_lead_to_the_fields(
    page: Page, site: Site
) -> None:
    every_error(page, site)

    assert page.evaluate("document.activeElement.className") == "error-summary"
    stop(page)
    fields = page.locator(".error-summary a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert len(fields) == 6
    for field in fields:
        page.locator(".error-summary").focus()
        tab_to(page, f".error-summary a[href='{field}']")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == field.removeprefix("#")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_what_is_folded_opens_and_closes_with_the_keyboard(page: Page, key: str) -> None:
    page.goto("/needs/new")
    tab_to(page, "form summary")

    page.keyboard.press(key)
    assert page.evaluate("document.activeElement.parentElement.open")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "max_km"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press(key)
    assert not page.evaluate("document.activeElement.parentElement.open")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("path", ["/", "/offers", "/needs/new", "results", "correct"])
def test_the_keyboard_reaches_everything_and_is_never_held(
    new_context: Opener, site: Site, path: str, size: dict[str, int]
) -> None:
    page = new_context(viewport=size).new_page()
    if not path.startswith("/"):
        path = site.say(SEVERAL) + ("/correct" if path == "correct" else "")
    page.goto(path)
    reachable = page.evaluate(REACHABLE)

    seen = 0
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if stop(page) is None:
            break
        seen += 1

    assert seen == reachable


# --- the net itself ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "caught"),
    [
        (":focus-visible { outline: none !important; box-shadow: none !important }", "no ring"),
        ("main a { position: absolute; left: -999px }", "out of sight"),
        (".site-header { position: fixed; inset: 0; z-index: 9 }", "lies over"),
    ],
)
def test_a_stop_that_cannot_be_seen_is_caught(new_context: Opener, style: str, caught: str) -> None:
    page = new_context(bypass_csp=True).new_page()
    page.goto("/")
    page.add_style_tag(content=style)

    with pytest.raises(AssertionError, match=caught):
        tab_to(page, "footer a")
