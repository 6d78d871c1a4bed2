"""How the demand pages get into each of their states."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from skillsmatch.accounts.roles import Role
from skillsmatch.clock import today
from skillsmatch.demand.employers import employer_key
from skillsmatch.demand.models import Release
from skillsmatch.demand.signals import Coded, add_signal
from skillsmatch.extensions import db
from tests.accounts.signing import make_account, sign_in_browser
from tests.browser.account_ways import LONG, as_
from tests.browser.hands import follow, press
from tests.browser.site import Site
from tests.browser.ways import ONE_WORD, Way

if TYPE_CHECKING:
    from playwright.sync_api import Page

CODED = Coded(
    theme="CON-BRICK", theme_confirmed=True, soc_guessed="", soc_confirmed="", sic_section="F", district="E06000016",
    level=2, need_kind="", who_for="", size_band="", people=None, outcome="offers-shown", reasons=[],
)  # fmt: skip


def release_in(state: str) -> Way:
    """An officer's page of a release in this state."""

    def go(page: Page, site: Site) -> None:
        found: list[int] = []
        site.change(
            lambda: found.extend(db.session.scalars(select(Release.id).where(Release.state == state)))
        )
        as_("officer", f"/demand/releases/{found[-1]}")(page, site)

    return go


def signs_of_a_campaign(page: Page, site: Site) -> None:
    release_in("draft")(page, site)
    follow(page, "main .note a")


def publishing_unseen(page: Page, site: Site) -> None:
    release_in("draft")(page, site)
    press(page, "Publish this release")


def withdrawing_without_a_reason(page: Page, site: Site) -> None:
    release_in("published")(page, site)
    press(page, "Withdraw this release")


def too_few_in_a_period(page: Page, site: Site) -> None:
    as_("officer", "/demand/releases")(page, site)
    page.select_option("#period", "2024Q1")
    press(page, "Count, and make a draft")


def not_counted(page: Page, site: Site) -> None:
    """The list, with somebody in it."""

    def ask() -> None:
        for address in ("estates@soar.ac.uk", "owner@unsure-firm.example"):
            add_signal(employer_key(address, "r"), CODED, today(), "web", suspect=False)

    site.change(ask)
    as_("officer", "/demand/employers")(page, site)


def nobody_found(page: Page, site: Site) -> None:
    as_("officer", "/demand/employers")(page, site)
    page.fill("#address", f"{ONE_WORD[:200]}.example")
    press(page, "Find it")


def one_not_counted(page: Page, site: Site) -> None:
    not_counted(page, site)
    follow(page, "main table a")


def confirming_unsure(page: Page, site: Site) -> None:
    one_not_counted(page, site)
    press(page, "Confirm as an employer")


def a_theme(page: Page, site: Site) -> None:
    as_("admin", "/demand?release=2025")(page, site)
    found = re.findall(r"/demand/2025/by/theme/[\w-]+", page.content())
    page.goto(found[0])


def with_offers(path: str) -> Way:
    """Goes to a path as a college that has offers of its own."""

    def go(page: Page, site: Site) -> None:
        number = make_account(site.app, Role.COLLEGE, organisation=LONG, ukprn=10003867)
        sign_in_browser(page.context, site, number)
        page.goto(path)

    return go


def planned(title: str, second: str = "", **answers: str) -> Way:
    """Sends a draft, or two."""

    def go(page: Page, site: Site) -> None:
        with_offers("/demand/planner")(page, site)
        page.fill("#title", title)
        for name, words in answers.items():
            page.fill(f"#{name}", words)
        if second:
            page.click("summary")
            page.fill("#title_2", second)
        press(page, "See who asks for it")

    return go
