"""How the pages about leads, replies, cohorts and alerts get into each of their states."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import select

from skillsmatch.accounts.roles import Role
from skillsmatch.extensions import db
from skillsmatch.leads.models import Alert, Lead
from skillsmatch.needs.models import Need
from skillsmatch.offers.models import Provider
from tests.accounts.signing import make_account, sign_in_browser
from tests.browser.hands import open_all, press
from tests.browser.site import Site
from tests.browser.ways import EVERYTHING, MANY_WORDS, ONE, ONE_WORD, SEVERAL, Way

if TYPE_CHECKING:
    from playwright.sync_api import Page

LEICESTER = 10003867  # the UKPRN of a college in the demonstration catalogue
_number = count(1)


def sign_in_as(page: Page, site: Site, role: Role, ukprn: int | None = LEICESTER) -> None:
    """The browser is signed in as a new person; a provider's organisation is the one of this UKPRN."""
    organisation = str(ukprn or role)
    sign_in_browser(page.context, site, make_account(site.app, role, organisation=organisation, ukprn=ukprn))


def signed_in(path: str, role: Role = Role.COLLEGE, ukprn: int | None = LEICESTER) -> Way:
    """Goes to a path, signed in."""

    def go(page: Page, site: Site) -> None:
        sign_in_as(page, site, role, ukprn)
        page.goto(path)

    return go


def nobodys_desk(page: Page, site: Site) -> None:
    """A provider that no employer shares anything with."""
    with site.app.app_context():
        used = {LEICESTER}
        ukprn = next(
            u for u in db.session.scalars(select(Provider.ukprn).order_by(Provider.ukprn)) if u not in used
        )
        db.session.remove()
    sign_in_as(page, site, Role.PROVIDER, ukprn)
    page.goto("/leads")


def shared(
    site: Site, text: str, *, confirmed: bool = True, pool: bool = True, **answers: object
) -> tuple[str, str, int]:
    """A need that Leicester College may see; its page, its private link and the lead's number."""
    make_account(site.app, Role.COLLEGE, organisation=str(LEICESTER), ukprn=LEICESTER)
    answers = {"postcode": "LE1", "email": f"owner@sharer{next(_number)}.example", **answers}
    path = site.say(text, **answers)
    manage, verify = site.link(path, "manage"), site.link(path, "verify")
    where = manage if confirmed else path
    if confirmed:
        assert site.send(verify).status_code == 303
    boxes = {"named": [str(LEICESTER)], "nearby": "y", "chamber": "y"} | ({"pool": "y"} if pool else {})
    page = site.client.get(f"{where}/sharing").get_data(as_text=True)
    if f'name="named" value="{LEICESTER}"' not in page:
        boxes["others"] = boxes.pop("named")
    answer = site.send(f"{where}/sharing", **boxes)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    with site.app.app_context():
        wanted = select(Lead.id).join(Lead.need).where(Need.reference == path.rsplit("/", 1)[-1])
        number = db.session.scalars(wanted).one()
        db.session.remove()
    return path, manage, number


# --- the employer's side -----------------------------------------------------------------------------


def to_share(page: Page, site: Site) -> None:
    make_account(site.app, Role.COLLEGE, organisation=str(LEICESTER), ukprn=LEICESTER)
    path = site.say(MANY_WORDS, postcode="LE10", email="sharer@firm.example")
    page.goto(site.link(path, "manage") + "/sharing")
    open_all(page)


def to_share_before(page: Page, site: Site) -> None:
    page.goto(site.say(ONE_WORD) + "/sharing")


def shared_nothing(page: Page, site: Site) -> None:
    to_share(page, site)
    press(page, "Share as ticked")


def sharing_now(page: Page, site: Site) -> None:
    page.goto(shared(site, SEVERAL)[1] + "/sharing")


def confirming_what_is_shared(page: Page, site: Site) -> None:
    path = shared(site, ONE, confirmed=False)[0]
    page.goto(site.link(path, "verify"))


def desk_with_replies(page: Page, site: Site) -> None:
    _, manage, number = shared(site, SEVERAL)
    sign_in_as(page, site, Role.COLLEGE)
    replied(page, number, "contact")
    replied(page, number, "offer")
    replied(page, number, "cannot")
    page.context.clear_cookies()
    page.goto(manage)


def results_with_replies(page: Page, site: Site) -> None:
    path, _, number = shared(site, ONE)
    sign_in_as(page, site, Role.COLLEGE)
    replied(page, number, "cannot")
    page.context.clear_cookies()
    page.goto(path)


# --- the college's side ------------------------------------------------------------------------------


def replied(page: Page, number: int, kind: str) -> None:
    """Sends a reply, with everything that its kind asks for, and long words."""
    page.goto(f"/leads/{number}/reply")
    page.check(f"[name=kind][value={kind}]")
    page.select_option("#offer", index=1)
    page.select_option("#reason", index=2)
    page.fill("#reach", "Jo Adams, jo.adams@college.example, 0116 000 0000")
    page.fill("#words", f"{MANY_WORDS} {ONE_WORD}")
    press(page, "Send my reply")


def leads_listed(page: Page, site: Site) -> None:
    for text in (ONE, SEVERAL, MANY_WORDS, ONE_WORD):
        shared(site, text, **(EVERYTHING if text == MANY_WORDS else {}))
    signed_in("/leads")(page, site)


def leads_filtered_away(page: Page, site: Site) -> None:
    shared(site, ONE)
    signed_in("/leads?kind=t-level-placement&district=E07000133")(page, site)


def a_lead(more: str = "", text: str = ONE_WORD) -> Way:
    """Goes to a lead, or to a page below it."""

    def go(page: Page, site: Site) -> None:
        number = shared(site, text, business_name=ONE_WORD[:200], **EVERYTHING)[2]
        signed_in(f"/leads/{number}{more}")(page, site)

    return go


def contact_shown(page: Page, site: Site) -> None:
    a_lead()(page, site)
    press(page, "Show the contact details")


def a_lead_answered(page: Page, site: Site) -> None:
    number = shared(site, SEVERAL)[2]
    sign_in_as(page, site, Role.COLLEGE)
    for kind in ("contact", "offer", "cannot"):
        replied(page, number, kind)


def reply_with_errors(page: Page, site: Site) -> None:
    a_lead("/reply", SEVERAL)(page, site)
    page.check("[name=kind][value=offer]")
    press(page, "Send my reply")


def reply_twice(page: Page, site: Site) -> None:
    """Two people of a college open the form, and one sends first."""
    number = shared(site, SEVERAL)[2]
    sign_in_as(page, site, Role.COLLEGE)
    page.goto(f"/leads/{number}/reply")
    other = page.context.new_page()
    replied(other, number, "cannot")
    other.close()
    page.check("[name=kind][value=contact]")
    page.fill("#reach", "Jo Adams, 0116 000 0000")
    page.fill("#words", MANY_WORDS)
    press(page, "Send my reply")


def reply_too_late(page: Page, site: Site) -> None:
    """The employer stops sharing while the reply is on its way."""
    _, manage, number = shared(site, ONE)
    sign_in_as(page, site, Role.COLLEGE)
    page.goto(f"/leads/{number}/reply")
    assert site.send(f"{manage}/sharing/stop", form_at=f"{manage}/sharing").status_code == 303
    page.check("[name=kind][value=contact]")
    page.fill("#reach", "Jo Adams")
    page.fill("#words", MANY_WORDS)
    press(page, "Send my reply")


def cohorts_listed(page: Page, site: Site) -> None:
    for n in range(5):
        shared(site, ONE, people=str(n + 1))
    signed_in("/leads/cohorts")(page, site)


def class_of_no_size(page: Page, site: Site) -> None:
    signed_in("/leads/cohorts")(page, site)
    page.fill("#people", "a few")
    press(page, "Keep this number")


def counts_of_leads(page: Page, site: Site) -> None:
    number = shared(site, ONE)[2]
    sign_in_as(page, site, Role.COLLEGE)
    replied(page, number, "cannot")
    signed_in("/leads/counts", Role.CHAMBER, None)(page, site)


def places_waiting(page: Page, site: Site) -> None:
    make_account(site.app, Role.COLLEGE, organisation=str(LEICESTER), ukprn=LEICESTER)
    signed_in("/leads/places", Role.CHAMBER, None)(page, site)


def places_of_one(page: Page, site: Site) -> None:
    signed_in(f"/leads/places/{LEICESTER}", Role.CHAMBER, None)(page, site)


def places_refused(page: Page, site: Site) -> None:
    """A venue has moved since the officer opened the page."""
    places_of_one(page, site)
    box = page.locator("input[name=places]").first
    box.evaluate("box => { box.value = '0 0.0000 0.0000' }")
    box.check()
    press(page, "Keep what is ticked")


# --- alerts ------------------------------------------------------------------------------------------


def alerts_saved(page: Page, site: Site) -> None:
    signed_in("/alerts")(page, site)
    page.select_option("#theme", index=3)
    page.select_option("#kind", index=2)
    press(page, "Tell me by mail")


def alert_twice(page: Page, site: Site) -> None:
    alerts_saved(page, site)
    page.select_option("#theme", index=3)
    page.select_option("#kind", index=2)
    press(page, "Tell me by mail")


def alert_to_stop(page: Page, site: Site) -> None:
    alerts_saved(page, site)
    with site.app.app_context():
        key = db.session.scalars(select(Alert.key).order_by(Alert.id.desc())).first()
        db.session.remove()
    page.context.clear_cookies()
    page.goto(f"/alerts/stop/{key}")


def alert_stopped(page: Page, site: Site) -> None:
    alert_to_stop(page, site)
    press(page, "Stop this alert")
