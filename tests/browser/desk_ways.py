"""How a page of the provider's desk gets into each of its states. Each state has a provider of its own."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from itertools import count
from typing import TYPE_CHECKING

from flask.testing import FlaskClient
from sqlalchemy import select, update

from skillsmatch.accounts.roles import Role
from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer, Provider
from tests.accounts.signing import enter, make_account, sign_in_browser
from tests.browser.hands import follow, press
from tests.browser.site import Site
from tests.demand.releasing import SEEN_UKPRN
from tests.needs.journey import fields_of
from tests.offers.course_files import as_csv, course
from tests.offers.desk.at_the_desk import ANSWERS

if TYPE_CHECKING:
    from playwright.sync_api import Page

Way = Callable[["Page", Site], None]
LONG = "Schweissfachkraft" * 12  # 204 characters without a space
_numbers = count(10_500_000)


class Desk:
    """A provider of its own, with somebody signed in twice: in the browser, and as a second pair of hands."""

    def __init__(self, page: Page, site: Site, role: Role = Role.PROVIDER) -> None:
        self.page, self.site, self.ukprn = page, site, next(_numbers)
        name = f"{LONG[:60]} {self.ukprn}"
        who = make_account(
            site.app, role, organisation=name, ukprn=self.ukprn if role is Role.PROVIDER else None
        )
        sign_in_browser(page.context, site, who)
        self.client: FlaskClient = site.app.test_client()
        enter(self.client, site.app, who)

    def send(self, path: str, form_at: str = "", **answers: object) -> str:
        """Sends the form at `form_at` (else at `path`), as it is but for `answers`; returns where that leads."""
        fields = fields_of(self.client.get(form_at or path))
        answer = self.client.post(path, data=fields | answers)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return str(answer.location)

    def offer(self, **answers: object) -> str:
        """Adds an offer; returns the path of its page at the desk."""
        return self.send("/provider/offers/new", **{**ANSWERS, "do": "publish", **answers})

    def upload(self, *rows: dict[str, str], **more: object) -> str:
        """Sends a file; returns the path of its page."""
        mine = (
            row | {"PROVIDER_UKPRN": str(self.ukprn), "COURSE_ID": f"{self.ukprn}-{n}"}
            for n, row in enumerate(rows)
        )
        file = (io.BytesIO(as_csv(*mine).encode()), f"{LONG[:80]}.csv")
        return self.send("/provider/uploads/new", file=file, **more)

    def publish(self, *rows: dict[str, str], **more: object) -> str:
        """Sends a file and publishes it; returns the path of its page."""
        path = self.upload(*rows, **more)
        return self.send(f"{path}/publish", path)

    def change(self, **values: object) -> None:
        """Changes all of the provider's offers, as time or another program would."""
        mine = select(Provider.id).where(Provider.ukprn == self.ukprn).scalar_subquery()
        self.site.change(
            lambda: db.session.execute(update(Offer).where(Offer.provider_id == mine).values(**values))
        )

    def go(self, path: str) -> None:
        """Opens a page in the browser."""
        self.page.goto(path)


def of(*parts: str) -> list[dict[str, str]]:
    """Courses of these names."""
    return [course(COURSE_NAME=name, COURSE_RUN_ID=name[:20]) for name in parts]


def at_the_desk(path: str) -> Way:
    """A page of an empty desk."""
    return lambda page, site: Desk(page, site).go(path)


def desk_with_work(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.publish(*of("Welding", LONG))
    desk.change(confirmed_on=date(2025, 10, 1), confirmed_by="")
    desk.offer(title="Gone by")
    desk.site.change(
        lambda: db.session.execute(
            update(Offer).where(Offer.title == "Gone by").values(start_dates=["2026-01-01"])
        )
    )
    desk.send("/provider/offers/new", title=LONG, do="draft")
    desk.upload(course(COST="dear"))
    desk.go("/provider")


def desk_with_nothing_found(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.offer()
    desk.go("/provider?words=nothing+like+it")


def desk_where_all_is_well(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.send(f"{desk.offer()}/confirm", "/provider")
    desk.go("/provider")


def uploads_listed(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.publish(*of("Welding"))
    desk.upload(course(COST="dear"))
    desk.go("/provider/uploads")


def no_file_chosen(page: Page, site: Site) -> None:
    Desk(page, site).go("/provider/uploads/new")
    press(page, "Check the file")


def file_with_faults(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.go(
        desk.upload(
            course(COST=LONG, EDUCATION_LEVEL="9", COURSE_NAME="", WHO_THIS_COURSE_IS_FOR="<b>all</b>")
        )
    )


def file_that_is_none(page: Page, site: Site) -> None:
    Desk(page, site).go("/provider/uploads/new")
    page.set_input_files("#file", {"name": "x.csv", "mimeType": "text/csv", "buffer": b"%PDF-1.7"})
    press(page, "Check the file")


def a_difference(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.publish(*of("Welding", "Milling", LONG))
    rows = of("Welding", "Milling", "Forging")
    rows[0] |= {"COST": "95", "WHO_THIS_COURSE_IS_FOR": "New words. " * 60}
    desk.go(desk.upload(*rows, whole="y"))


def a_difference_that_moved(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.publish(*of("Welding"))
    desk.go(desk.upload(*of("Milling")))
    desk.change(digest="changed meanwhile")
    press(page, "Publish")


def nothing_would_change(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.publish(*of("Welding"))
    desk.go(desk.upload(*of("Welding")))


def published(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.go(desk.publish(*of("Welding", LONG)))


def dropped(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    path = desk.upload(*of("Welding"))
    desk.send(f"{path}/drop", path)
    desk.go(path)


def asking_to_undo(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    path = desk.publish(*of("Welding", LONG, "Milling"))
    site.change(lambda: db.session.execute(update(Offer).where(Offer.title == LONG).values(digest="changed")))
    desk.go(f"{path}/undo")


def undone(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.go(desk.publish(*of("Welding")) + "/undo")
    press(page, "Undo this upload")


def nothing_to_undo(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    path = desk.upload(*of("Welding"))
    desk.go(f"{path}/undo")


def an_offer_at_the_desk(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    path = desk.offer(title=LONG)
    desk.send(f"{path}/places", places_2026_q4="12")
    desk.send(f"{path}/edit", cost="95", do="draft")
    desk.go(path)


def an_offer_withdrawn_at_the_desk(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.go(desk.offer())
    press(page, "Withdraw it")


def offer_form_with_errors(page: Page, site: Site) -> None:
    Desk(page, site).go("/provider/offers/new")
    page.fill("#cost", "dear")
    page.fill("#url", "http://elsewhere.example")
    page.fill("#start_dates", "one day")
    press(page, "Save and put on offer")


def offer_form_that_could_not_be_saved(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.go(desk.offer() + "/edit")
    page.fill("#title", LONG)
    with site.with_a_full_disk():
        press(page, "Save and put on offer")


def offer_of_two(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    path = desk.offer()
    desk.go(f"{path}/edit")
    desk.send(f"{path}/edit", title=LONG, cost="95", do="publish")
    page.fill("#who_for", "Other people altogether. " * 20)
    press(page, "Save and put on offer")


def offer_looked_at(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.go(desk.offer() + "/edit")
    press(page, "See how it would look")


def a_draft(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.go(desk.send("/provider/offers/new", title=LONG, do="draft"))


def places_with_errors(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.go(desk.offer() + "/places")
    page.fill("#places_2026_q4", "many")
    press(page, "Save the places")


def planning_places(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.go(desk.offer(title=LONG) + "/places")


def venues_listed(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.publish(*of("Welding"), course(LOCATION_NAME=LONG, LOCATION_POSTCODE=""))
    desk.go("/provider/venues")


def venue_with_errors(page: Page, site: Site) -> None:
    Desk(page, site).go("/provider/venues/new")
    page.fill("#postcode", "nowhere at all")
    press(page, "Save the venue")


def a_venue(page: Page, site: Site) -> None:
    venues_listed(page, site)
    follow(page, ".offers a")


def venue_of_two(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.publish(*of("Welding"))
    desk.go("/provider/venues")
    follow(page, ".offers a")
    desk.send(page.url.removeprefix(site.origin), town="Oadby")
    page.fill("#county", "Rutland")
    press(page, "Save the venue")


def venue_in_use(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    place = {"name": "Forge", "address": "1 Anvil Lane", "town": "Hinckley", "postcode": "LE10 1AA"}
    desk.send("/provider/venues/new", **place)
    desk.go("/provider/venues")
    follow(page, ".offers a")
    number = page.url.rsplit("/", 1)[-1]
    more = {"mode": "classroom", "venue": number, "study_mode": "part-time", "attendance": "evening"}
    desk.offer(**more)
    press(page, "Remove this venue")


def contacts_with_errors(page: Page, site: Site) -> None:
    Desk(page, site).go("/provider/contacts")
    page.fill("#email", "ask at work")
    press(page, "Save the contacts")


def contacts_of_two(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.offer()
    desk.go("/provider/contacts")
    desk.send("/provider/contacts", phone="0116 1")
    page.fill("#phone", "0116 2")
    press(page, "Save the contacts")


def desk_without_a_number(page: Page, site: Site) -> None:
    who = make_account(site.app, Role.PROVIDER, organisation=f"Numberless {next(_numbers)}")
    sign_in_browser(page.context, site, who)
    page.goto("/provider")


def freshness(page: Page, site: Site) -> None:
    desk = Desk(page, site)
    desk.publish(*of("Welding"))
    page.context.clear_cookies()
    Desk(page, site, Role.CHAMBER).go("/offers/freshness")


def figures_of_offers(page: Page, site: Site) -> None:
    """The desk of the provider whose offers the released employers were shown."""
    number = make_account(site.app, Role.PROVIDER, organisation=LONG, ukprn=SEEN_UKPRN)
    sign_in_browser(page.context, site, number)
    page.goto("/provider/figures")
