"""How the pages of cases, referrals and answers get into each of their states, and which states there are."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from sqlalchemy import select

from skillsmatch.accounts.models import Account
from skillsmatch.accounts.roles import Role
from skillsmatch.cases.case_keeping import open_case
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.fit_mails import approve, batch_for
from skillsmatch.cases.fit_models import NewFit
from skillsmatch.cases.models import FiledNeed, GroupedFacet, NeedGroup
from skillsmatch.cases.referrals import figures_for, send_referral
from skillsmatch.clock import now, today
from skillsmatch.database import keep
from skillsmatch.demand.published import read_table
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.models import Offer, Provider
from tests.accounts.signing import make_account, sign_in_browser
from tests.browser.account_ways import LONG, person
from tests.browser.hands import press
from tests.browser.site import Site
from tests.browser.ways import ONE_WORD, Way

if TYPE_CHECKING:
    from playwright.sync_api import Page

LEICESTER = 10003867
COUNTED = itertools.count(1)
NOTE = "Spoke to three of them at the breakfast. " * 8


def make_case(site: Site, owner: int, text: str = "shotfirer ticket for a quarry") -> tuple[int, str]:
    """A case about two needs that nothing fits, one of them with a confirmed e-mail, and two offers that came later.

    Returns its number and the path of the private link.
    """
    # An address of its own: one that has had six mails in a day gets no more.
    paths = [site.say(text, email=f"owner@quarry{next(COUNTED)}.example"), site.say(text)]
    verify, manage = site.link(paths[0], "verify"), site.link(paths[0], "manage")
    site.send(verify)
    made: list[int] = []

    def make() -> None:
        theme = read_table(site.app.extensions["area"], "2025", "theme").shown[0].first
        group = NeedGroup(name=ONE_WORD[:110], theme=theme, created_at=now())
        db.session.add(group)
        db.session.flush()
        wanted = [path.rsplit("/", 1)[-1] for path in paths]
        facets = db.session.scalars(select(Facet).join(Facet.need).where(Need.reference.in_(wanted))).all()
        offers = db.session.scalars(
            select(Offer.id).where(Offer.withdrawn_at.is_(None)).order_by(Offer.id)
        ).all()
        seen = {match.offer_id for facet in facets for match in facet.matches}
        for facet in facets:
            db.session.add(GroupedFacet(facet_id=facet.id, group_id=group.id, grouped_at=now()))
            for offer in [number for number in offers if number not in seen][:2]:
                db.session.add(NewFit(facet_id=facet.id, offer_id=offer, strength=0.8, found_at=now()))
        by = db.session.get_one(Account, owner)
        case = open_case(by, group=group, lead=LONG, due_on=today(), rag="red", words=NOTE)
        made.append(case.id)

    site.change(lambda: keep(make))
    return made[0], manage


def officer_at(path: str = "", **more: str) -> Way:
    """An officer at a page of a new case; `{case}` in the path is its number."""

    def go(page: Page, site: Site) -> None:
        me = person(site, "officer")
        case, _ = make_case(site, me)
        sign_in_browser(page.context, site, me)
        page.goto((path or "/cases/case/{case}").format(case=case, **more))

    return go


def then(way: Way, *buttons: str) -> Way:
    """Goes there, opens what folds and presses buttons."""

    def go(page: Page, site: Site) -> None:
        way(page, site)
        page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true })")
        for words in buttons:
            press(page, words)

    return go


def deciding_too_early(page: Page, site: Site) -> None:
    officer_at()(page, site)
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true })")
    page.check("input[name=to][value=closed]")
    press(page, "Put the decision on record")


def opening_badly(page: Page, site: Site) -> None:
    opening(page, site)
    page.fill("#due_on", "soon")
    page.fill("#lead", LONG * 4)
    press(page, "Open the case")


def opening(page: Page, site: Site) -> None:
    me = person(site, "officer")
    names: list[str] = []

    def file() -> None:
        need = db.session.scalars(select(Need).where(Need.reference == reference)).one()
        db.session.add(FiledNeed(need_id=need.id, name=reference[:12], filed_at=now()))
        names.append(reference[:12])

    reference = site.say("shotfirer ticket for a quarry").rsplit("/", 1)[-1]
    site.change(file)
    sign_in_browser(page.context, site, me)
    page.goto(f"/cases/open?need={names[0]}")


def referring(page: Page, site: Site) -> None:
    """What goes to a college that has an account."""
    make_account(site.app, Role.COLLEGE, organisation=LONG, ukprn=LEICESTER)
    officer_at("/cases/case/{case}/refer/to?provider=10003867")(page, site)


def refer(site: Site) -> tuple[int, int]:
    """A referral to a college; returns its number and the college's account."""
    college = make_account(site.app, Role.COLLEGE, organisation=LONG, ukprn=LEICESTER)
    me = person(site, "officer")
    number, _ = make_case(site, me)
    made: list[int] = []

    def send() -> None:
        case, by = db.session.get_one(Case, number), db.session.get_one(Account, me)
        provider = db.session.scalars(select(Provider).where(Provider.ukprn == LEICESTER)).one()
        made.append(send_referral(case, provider, "run-new", figures_for(case)[:4], by).id)

    with site.app.app_context(), site.app.test_request_context("/cases/list"):
        keep(send)
        db.session.remove()
    return made[0], college


def referral_at(path: str) -> Way:
    """A college at a page of a referral."""

    def go(page: Page, site: Site) -> None:
        number, college = refer(site)
        sign_in_browser(page.context, site, college)
        page.goto(path.format(number=number))

    return go


def answered(page: Page, site: Site) -> None:
    referral_at("/leads/referrals/{number}/answer")(page, site)
    page.check("input[name=kind][value=cannot]")
    page.select_option("#reason", "too-few")
    page.fill("#words", NOTE)
    press(page, "Send the answer")


def never_asked(page: Page, site: Site) -> None:
    number = make_account(site.app, Role.PROVIDER, organisation="Never asked", ukprn=10004112)
    sign_in_browser(page.context, site, number)
    page.goto("/leads/referrals")


def told(said: str = "") -> Way:
    """An employer at the page that asks whether training helps, with a button pressed."""

    def go(page: Page, site: Site) -> None:
        me = person(site, "officer")
        number, manage = make_case(site, me)

        def send() -> None:
            case = db.session.get_one(Case, number)
            offers = [offer.id for letter in batch_for(case).letters for offer in letter.offers]
            approve(case, db.session.get_one(Account, me), offers, batch_for(case, offers).digest)

        with site.app.app_context(), site.app.test_request_context("/cases/list"):
            keep(send)
            db.session.remove()
        page.goto(f"{manage}/training")
        if said:
            with page.expect_navigation():
                page.get_by_role("button", name=said).first.click()

    return go


CASE_STATES: list[tuple[str, str, Way, int]] = [  # name, endpoint, the way there, status
    ("cases", "cases.case_list", officer_at("/cases/list"), 200),
    ("the board of cases", "cases.case_board", officer_at("/cases/board"), 200),
    ("opening a case with errors", "cases.open_page", opening_badly, 422),
    ("a case", "cases.case", officer_at(), 200),
    ("a case closed too early", "", deciding_too_early, 409),
    ("choosing a provider to ask", "cases.choose_provider", officer_at("/cases/case/{case}/refer"), 200),
    ("sending a provider nothing", "cases.refer", then(referring, "Send the question"), 422),
    (
        "a mail unread",
        "cases.mail",
        then(officer_at("/cases/case/{case}/mail"), "Send it to 1 employer"),
        422,
    ),
    ("no referrals", "referrals.listing", never_asked, 200),
    ("a referral answered", "referrals.referral", answered, 200),
    (
        "answering with errors",
        "referrals.answer_form",
        then(referral_at("/leads/referrals/{number}/answer"), "Send the answer"),
        422,
    ),
    ("training that helps", "helping.page", told("This helps"), 200),
]
