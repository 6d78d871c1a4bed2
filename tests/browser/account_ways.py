"""How the accounts' pages get into each of their states."""

from __future__ import annotations

import re
from datetime import UTC
from itertools import count
from typing import TYPE_CHECKING, Any

import pyotp
from sqlalchemy import delete, select

from skillsmatch.accounts.audit import note
from skillsmatch.accounts.changing import send_new_address, send_reset
from skillsmatch.accounts.inviting import invite
from skillsmatch.accounts.models import Organisation, SignIn
from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from tests.accounts.signing import PASSWORD, account, live_sign_in, make_account, sign_in_browser
from tests.browser.hands import press
from tests.browser.site import Site
from tests.browser.ways import Way

if TYPE_CHECKING:
    from playwright.sync_api import Page

LONG = "Leicestershire-Fabrication-Engineering-and-Hospitality-Training-Academy"
MARKS = count(1)  # the same names in every run: pages list people by name
PEOPLE: dict[str, dict[str, Any]] = {
    "provider": {"roles": [Role.PROVIDER, Role.COLLEGE], "organisation": LONG, "ukprn": 10003867},
    "colleague": {"roles": [Role.PROVIDER], "ukprn": 10003867, "organisation": LONG, "owner": False},
    "careful provider": {"roles": [Role.PROVIDER], "organisation": "Careful", "second_step": True},
    "officer": {"roles": [Role.CHAMBER], "organisation": "Chamber"},
    "new officer": {"roles": [Role.CHAMBER], "organisation": "Chamber", "second_step": False},
    "admin": {"roles": [Role.ADMIN], "organisation": "Operator"},
    "shown": {"roles": [Role.CHAMBER], "organisation": "Show", "second_step": False, "demonstration": True},
}


def person(site: Site, who: str) -> int:
    """A new account of this sort, with a long name and address."""
    what = dict(PEOPLE[who])
    mark = f"{next(MARKS):06}"
    email = f"somebody.with.a.long.name.{mark}@{LONG.lower()[:50]}.example"
    return make_account(site.app, *what.pop("roles"), email=email, name=f"Wilhelmina {LONG} {mark}", **what)


def as_(who: str, path: str) -> Way:
    """Goes to a path, signed in as somebody of this sort."""

    def go(page: Page, site: Site) -> None:
        sign_in_browser(page.context, site, person(site, who))
        page.goto(path)

    return go


def pressed(way: Way, words: str) -> Way:
    """Goes there, and presses a button."""

    def go(page: Page, site: Site) -> None:
        way(page, site)
        press(page, words)

    return go


def sign_in_as(page: Page, site: Site, number: int, password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    with site.app.app_context():
        page.fill("#email", account(number).email)
    page.fill("#password", password)
    press(page, "Sign in")


def wrong_password(page: Page, site: Site) -> None:
    sign_in_as(page, site, person(site, "provider"), "something else altogether")


def too_many_tries(page: Page, site: Site) -> None:
    number = person(site, "provider")
    for _ in range(11):
        sign_in_as(page, site, number, "something else altogether")


def lapsed(page: Page, site: Site) -> None:
    as_("provider", "/account/name")(page, site)
    site.change(lambda: db.session.execute(delete(SignIn)) and None)
    press(page, "Change my name")


def a_code_to_give(code: str) -> Way:
    """After the right password of an officer; with a code sent where there is one."""

    def go(page: Page, site: Site) -> None:
        sign_in_as(page, site, person(site, "officer"))
        if code:
            page.fill("#code", code)
            press(page, "Sign in")

    return go


def signed_out(page: Page, site: Site) -> None:
    as_("provider", "/account")(page, site)
    press(page, "Sign out")


def not_mine(page: Page, site: Site) -> None:
    as_("provider", "/accounts")(page, site)


def forgotten(page: Page, site: Site) -> None:
    page.goto("/sign-in/forgotten")
    page.fill("#email", f"nobody@{LONG[:50]}.example")
    press(page, "Send me the link")


def mailed(site: Site, kind: str) -> str:
    """The path of the newest link of this kind in any mail."""
    with site.app.app_context():
        bodies = db.session.scalars(select(MailMessage.body).order_by(MailMessage.id.desc()))
        return next(found[0] for body in bodies if (found := re.findall(rf"/{kind}/[\w-]+", body)))


def a_link(kind: str) -> Way:
    """Opens a link from a mail."""

    def go(page: Page, site: Site) -> None:
        number = person(site, "provider")

        def send() -> None:
            if kind == "new-password":
                send_reset(account(number))
            else:
                home = db.session.scalars(select(Organisation).where(Organisation.ukprn == 10003867)).one()
                address = f"{next(MARKS):08}@{LONG.lower()[:50]}.example"
                invite(address, [Role.PROVIDER], home, by=account(number))

        # Within a request, as a person's press is: the link takes the address that was asked for.
        with site.app.test_request_context(base_url=site.origin):
            keep(send)
            db.session.remove()
        page.goto(mailed(site, kind))

    return go


def choosing_badly(page: Page, site: Site) -> None:
    a_link("new-password")(page, site)
    page.fill("#new_password", "password password")
    press(page, "Use this password")


def an_account_made(page: Page, site: Site) -> None:
    a_link("invitations")(page, site)
    page.fill("#name", "Nia Newman")
    page.fill("#new_password", "umbrella quartz over hills")
    press(page, "Make my account")


def new_address(page: Page, site: Site) -> None:
    number = person(site, "provider")
    with site.app.test_request_context("/account/email"):  # the mail's link begins as the request's address
        keep(lambda: send_new_address(account(number), f"{next(MARKS):08}@{LONG.lower()[:50]}.example"))
        db.session.remove()
    page.goto(mailed(site, "new-email"))


def several_sign_ins(page: Page, site: Site) -> None:
    number = person(site, "officer")
    for _ in range(3):
        live_sign_in(site.app, number)
    sign_in_browser(page.context, site, number)
    page.goto("/account")


def demonstration(page: Page, site: Site) -> None:
    site.app.config["DEMO"] = True
    try:
        as_("shown", "/account")(page, site)
    finally:
        site.app.config["DEMO"] = False


def recovery_codes(page: Page, site: Site) -> None:
    as_("new officer", "/account/second-step")(page, site)
    moment = site.app.config["CLOCK"]().replace(tzinfo=UTC).timestamp()
    page.fill("#code", pyotp.TOTP(page.inner_text(".key").replace(" ", "")).at(int(moment)))
    page.fill("#password", PASSWORD)
    press(page, "Turn it on")


def refused_to_leave(page: Page, site: Site) -> None:
    as_("careful provider", "/account/people")(page, site)
    person(site, "careful provider")
    page.goto("/account/people")
    end = re.compile("^No longer main contact")
    others = page.locator("li.card").filter(has_not_text="(you)").get_by_role("button", name=end)
    while others.count() > 0:  # whoever gave up their own part first would see no button any more
        with page.expect_navigation():
            others.last.click()
    with page.expect_navigation():
        page.get_by_role("button", name=end).click()


def everybody(page: Page, site: Site) -> None:
    a_link("invitations")(page, site)
    as_("admin", "/accounts")(page, site)


def invited_badly(page: Page, site: Site) -> None:
    as_("admin", "/accounts")(page, site)
    page.fill("#email", "nobody at all")
    page.fill("#ukprn", "12")
    press(page, "Invite them")


def audit_of_much(page: Page, site: Site) -> None:
    def write() -> None:
        for number in range(60):
            note("offer changed", f"offer {number}", fields=["price", LONG], was=LONG * 2)

    with site.app.app_context():
        keep(write)
        db.session.remove()
    as_("admin", "/accounts/audit")(page, site)
