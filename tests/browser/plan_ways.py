"""How the plan's pages get into each of their states."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from skillsmatch.cases.actions import Said, save_action
from skillsmatch.cases.ambassadors import Listed, save_ambassador
from skillsmatch.cases.educators import Wish, keep_wish
from tests.browser.account_ways import LONG, as_
from tests.browser.hands import press
from tests.browser.site import Site
from tests.browser.ways import MANY_WORDS, ONE, ONE_WORD, Way

if TYPE_CHECKING:
    from playwright.sync_api import Page

ACTION = Said(
    *("LSIP25-6", MANY_WORDS[:250], LONG),
    due_on=date(2026, 3, 31), progress=ONE_WORD[:300], rag="red", public=True,
)  # fmt: skip
LISTED = Listed(
    *("Wilhelmina Fetherstonhaugh", "Owner", LONG, "C", "E07000132", MANY_WORDS[:300]),
    *("0116 496 0000", date(2026, 11, 3)),
)  # fmt: skip


def made(site: Site, what: str) -> int:
    """Makes an action or an ambassador; returns its number."""
    numbers: list[int] = []

    def work() -> None:
        if what == "action":
            numbers.append(save_action(None, ACTION, 0, "Ola Officer").action)
        else:
            numbers.append(save_ambassador(LISTED).id)

    site.change(work)
    return numbers[0]


def scorecard_of_much(page: Page, site: Site) -> None:
    """With an action overdue, somebody listed, and English asked for."""
    for what in ("action", "ambassador"):
        made(site, what)
    site.say("English lessons for six packers in Hinckley", email="english@firm.example")
    as_("officer", "/priorities?from=1/4/2025&to=31/3/2027")(page, site)


def report_kept(page: Page, site: Site) -> None:
    """With a name as long as one may be, and an action of a long name."""
    made(site, "action")
    as_("officer", "/priorities?from=1/4/2025&to=31/3/2026")(page, site)
    page.fill("#title", MANY_WORDS[:200])
    press(page, "Keep these numbers")
    page.goto("/priorities/reports/1")


def board(page: Page, site: Site) -> None:
    made(site, "action")
    as_("admin", "/priorities/board")(page, site)


def one_made(what: str, path: str, words: str = "") -> Way:
    """The page of an action or of an ambassador that was just made; with `words`, after pressing that button."""

    def go(page: Page, site: Site) -> None:
        as_("officer", f"{path}/{made(site, what)}")(page, site)
        if words:
            press(page, words)

    return go


def answers(page: Page, site: Site) -> None:
    """An employer would be an ambassador, and the officer looks how to reach them."""
    site.say(ONE, ambassador="y", business_name=LONG, email="speaks@firm.example")
    made(site, "ambassador")
    as_("officer", "/priorities/ambassadors")(page, site)


def sent_wrongly(path: str, words: str, **typed: Any) -> Way:
    """Fills in a form wrongly, and sends it."""

    def go(page: Page, site: Site) -> None:
        as_("officer", path)(page, site)
        for name, value in typed.items():
            page.fill(f"#{name}", value)
        press(page, words)

    return go


def educators_said(page: Page, site: Site) -> None:
    wish = Wish(ONE_WORD, "ENG", ("visit", "online"), LONG, "tutor@college.example")
    site.change(lambda: keep_wish(wish, "an educator's receipt"))
    as_("officer", "/priorities/educators")(page, site)


def ambassadors_listed(page: Page, site: Site) -> None:
    made(site, "ambassador")
    page.goto("/ambassadors")


def educators_sent(page: Page, _site: Site) -> None:
    page.goto("/educators")
    page.fill("#words", "How local garages work on electric cars")
    page.check("#ways-2")
    press(page, "Send")
