"""What a person does to a page: press, follow, open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def press(page: Page, words: str) -> None:
    """Presses the button that says exactly this, and waits for the page it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def follow(page: Page, selector: str) -> None:
    """Presses the first thing that fits the selector, and waits for the page it leads to."""
    with page.expect_navigation():
        page.locator(selector).first.click()


def open_all(page: Page, but: str = ".none") -> None:
    """Opens everything that folds, `but` what fits this selector."""
    folded = f"document.querySelectorAll('details:not({but})')"
    page.evaluate(f"() => {folded}.forEach(d => {{ d.open = true }})")
