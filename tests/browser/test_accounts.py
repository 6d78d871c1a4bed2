"""Accounts by keyboard alone, and from the link in the mail to being signed in again."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import pyotp
import pytest
from sqlalchemy import delete

from skillsmatch.accounts.keys import unseal
from skillsmatch.accounts.models import SignIn
from skillsmatch.extensions import db
from tests.accounts.signing import PASSWORD, account, sign_in_browser
from tests.browser.account_ways import a_link, person
from tests.browser.conftest import NARROW, WIDE, Opener
from tests.browser.hands import press
from tests.browser.site import Site
from tests.browser.test_keyboard import REACHABLE, STOPS, go, stop, tab_to

if TYPE_CHECKING:
    from playwright.sync_api import Page


def code_now(site: Site, secret: str) -> str:
    moment = site.app.config["CLOCK"]().replace(tzinfo=UTC).timestamp()
    return pyotp.TOTP(secret).at(int(moment))


def test_from_the_invitation_to_a_second_step_by_keyboard_alone(page: Page, site: Site) -> None:
    a_link("invitations")(page, site)
    tab_to(page, "#name")
    page.keyboard.type("Nia Newman")
    tab_to(page, "#new_password")
    page.keyboard.type("umbrella quartz over hills")
    go(page)
    assert page.locator("h1").inner_text() == "Set up the second step"
    picture = page.locator("img.qr")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")

    key = page.inner_text(".key").replace(" ", "")
    tab_to(page, "#code")
    page.keyboard.type(code_now(site, key))
    tab_to(page, "#password")
    page.keyboard.type("umbrella quartz over hills")
    go(page)
    assert page.locator(".codes code").count() == 10
    tab_to(page, "main a.button")
    go(page)
    assert "It is on" in page.locator("main").inner_text()

    tab_to(page, ".account-nav button")
    go(page)
    assert page.locator("h1").inner_text() == "You are signed out"


def test_an_officer_signs_in_by_keyboard_alone(page: Page, site: Site) -> None:
    number = person(site, "officer")
    with site.app.app_context():
        email, secret = account(number).email, unseal(account(number).totp_sealed)
    assert secret
    page.goto("/account/people")
    tab_to(page, "#email")
    page.keyboard.type(email)
    tab_to(page, "#password")
    page.keyboard.type(PASSWORD)
    go(page)
    tab_to(page, "#code")
    page.keyboard.type(code_now(site, secret))
    go(page)

    assert page.url == f"{site.origin}/account/people"


def test_what_was_typed_past_the_end_of_a_sign_in_is_shown_to_be_copied(page: Page, site: Site) -> None:
    sign_in_browser(page.context, site, person(site, "provider"))
    page.goto("/account/email")
    page.fill("#email", "typed-over-a-long-lunch@forge.example")
    page.fill("#password", "canary words never shown")
    site.change(lambda: db.session.execute(delete(SignIn)) and None)

    press(page, "Send me the link")

    said = page.inner_text("main")
    assert "what you sent was not saved" in said
    assert "typed-over-a-long-lunch@forge.example" in said
    assert "canary" not in page.content()


def test_what_another_site_sends_is_not_shown(site: Site) -> None:
    answer = site.app.test_client().post("/account/email", data={"email": "call 0900 000 at once"})

    assert answer.status_code == 401
    assert "0900" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("", "/sign-in"),
        ("provider", "/account"),
        ("provider", "/account/people"),
        ("admin", "/accounts/audit"),
    ],
)
def test_the_keyboard_reaches_everything_of_an_account(
    new_context: Opener, site: Site, who: str, path: str, size: dict[str, int]
) -> None:
    context = new_context(viewport=size)
    if who:
        sign_in_browser(context, site, person(site, who))
    page = context.new_page()
    page.goto(path)
    reachable = page.evaluate(REACHABLE)

    seen: set[str] = set()
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        where = stop(page)
        if where is None:
            break
        seen.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))

    assert len(seen) == reachable
