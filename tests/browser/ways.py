"""How a page gets into each of its states: what a person does there, or what happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from unittest.mock import patch

from sqlalchemy import Select, select

from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.offers.models import Offer
from tests.browser.hands import follow, open_all, press
from tests.browser.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

Way = Callable[["Page", Site], None]

ONE, SEVERAL = "forklift licence", "forklift x3 in Hinckley, someone who knows Sage, and the packers' English"
NOTHING = "shotfirer ticket for a quarry"
MANY_WORDS = " ".join(["We need people who can weld stainless steel and read a drawing properly"] * 9)[:600]
ONE_WORD = "Schweissfachkraft" * 35 + "kurse"  # 600 characters without a space
EVERYTHING = {
    "postcode": "LE10",
    "people": "4",
    "who_for": "both",
    "wanted_when": "6-months",
    "size_band": "10-49",
    "sector": "Construction",
    "max_km": "20",
    "level": "2",
    "budget": "4000",
    "modes": ["workplace", "classroom"],
    "attendance": ["evening", "block"],
    "ages": ["25+"],
}


def at(path: str) -> Way:
    """Goes straight to a path."""
    return lambda page, _site: page.goto(path) and None


def said(text: str, more: str = "", **answers: object) -> Way:
    """Goes to the page of a need just said, or to a page below it."""
    return lambda page, site: page.goto(site.say(text, **answers) + more) and None


# --- offers ----------------------------------------------------------------------------------------


def an_offer(page: Page, _site: Site) -> None:
    page.goto("/offers")
    follow(page, ".card-title a")


def an_offer_from_results(page: Page, site: Site) -> None:
    page.goto(site.say(ONE))
    follow(page, "button:has-text('See the details')")


def a_withdrawn_offer(page: Page, site: Site) -> None:
    page.goto(f"/offers/{withdraw_last(site, shown_for(site.say('beauty therapy')))}")


def results_of_withdrawn_and_changed(page: Page, site: Site) -> None:
    path = site.say("barbering course")
    withdraw_last(site, shown_for(path))

    def change_first() -> None:
        db.session.scalars(shown_for(path)).all()[0].offer_digest = "as it was"

    site.change(change_first)
    page.goto(path)


def shown_for(path: str) -> Select[tuple[NeedMatch]]:
    """What was shown for the need at this path, in order."""
    shown = select(NeedMatch).join(NeedMatch.facet).join(Facet.need)
    return shown.where(Need.reference == path.rsplit("/", 1)[-1]).order_by(NeedMatch.position)


def withdraw_last(site: Site, shown: Select[tuple[NeedMatch]]) -> int:
    """Withdraws the last offer shown, which no other state looks at; returns its number."""
    numbers: list[int] = []

    def withdraw() -> None:
        offer = db.session.get_one(Offer, db.session.scalars(shown).all()[-1].offer_id)
        offer.withdrawn_at = now()
        numbers.append(offer.id)

    site.change(withdraw)
    return numbers[0]


def a_provider(page: Page, _site: Site) -> None:
    page.goto("/offers")
    follow(page, ".provider a")


# --- asking a provider -------------------------------------------------------------------------------


def real_offer(site: Site, email: str = "courses@college.example") -> str:
    """The path of the form about an offer that is no demonstration; nobody else looks at that offer."""
    numbers: list[int] = []

    def make_real() -> None:
        offer = db.session.scalars(select(Offer).order_by(Offer.id.desc())).first()
        assert offer is not None
        offer.demonstration, offer.contact_email, offer.contact_phone = False, email, "0116 496 0000"
        numbers.append(offer.id)

    site.change(make_real)
    return f"/offers/{numbers[0]}/enquiry"


def asking(page: Page, site: Site) -> None:
    page.goto(real_offer(site))


def asking_with_errors(page: Page, site: Site) -> None:
    asking(page, site)
    page.fill("#email", "owner at firm")
    page.fill("#message", ONE_WORD * 8)
    press(page, "Send my message")


def asking_nobody(page: Page, site: Site) -> None:
    page.goto(real_offer(site, email=""))


def fill_in_enquiry(page: Page, owner: str) -> None:
    page.fill("#name", "Jo Smith")
    page.fill("#business", "Smith & Sons")
    page.fill("#email", f"{owner}@firm.example")
    page.fill("#message", MANY_WORDS)
    page.check("#consent")


def asked(page: Page, site: Site) -> None:
    asking(page, site)
    fill_in_enquiry(page, "asker")
    press(page, "Send my message")


def asked_and_sent(page: Page, site: Site) -> None:
    asked(page, site)

    def note_sent() -> None:
        for message in db.session.scalars(select(MailMessage).where(MailMessage.key.startswith("enquiry-"))):
            message.sent_at, message.body = now(), ""

    site.change(note_sent)
    page.reload()


def asked_about_a_demonstration(page: Page, _site: Site) -> None:
    page.goto("/offers/1/enquiry")
    fill_in_enquiry(page, "curious")
    press(page, "Send my message")


def asking_too_often(page: Page, site: Site) -> None:
    asking(page, site)
    fill_in_enquiry(page, "eager")
    with patch("skillsmatch.offers.enquiry_views.seconds_to_wait", return_value=600):
        press(page, "Send my message")


def asking_on_a_full_disk(page: Page, site: Site) -> None:
    asking(page, site)
    fill_in_enquiry(page, "unlucky")
    with site.with_a_full_disk():
        press(page, "Send my message")


# --- coming from another site ------------------------------------------------------------------------


def from_another_site(page: Page, _site: Site) -> None:
    page.goto("/embed")
    page.fill("#skillsmatch-text", MANY_WORDS)
    page.fill("#skillsmatch-postcode", "LE10")
    press(page, "Find local training")


def from_another_site_wrongly(page: Page, _site: Site) -> None:
    page.goto("/embed")
    page.fill("#skillsmatch-text", ONE_WORD)
    page.fill("#skillsmatch-postcode", "nowhere at all")
    press(page, "Find local training")


# --- the form ---------------------------------------------------------------------------------------


def every_error(page: Page, _site: Site) -> None:
    page.goto("/needs/new")
    fill_wrongly(page)
    page.fill("#text", "")
    press(page, "Show me what fits")


def fill_wrongly(page: Page) -> None:
    """Everything wrong that a person can get wrong in a form with the need's fields."""
    open_all(page)
    wrong = {
        "#postcode": "nowhere at all",
        "#people": "a few",
        "#sector": "zzzzqqq",
        "#budget": "not much",
        "#email": "owner at firm",
    }
    for box, words in wrong.items():
        page.fill(box, words)


def not_saved(page: Page, site: Site) -> None:
    page.goto("/needs/new")
    page.fill("#text", MANY_WORDS)
    with site.with_a_full_disk():
        press(page, "Show me what fits")


def changed_mind(page: Page, site: Site) -> None:
    """The form is sent, stays open in another window, and is sent from there with other words."""
    page.goto("/needs/new")
    token = page.get_attribute("[name=token]", "value")
    assert site.send("/needs/new", token=token, text="welding for two").status_code == 303
    page.fill("#text", f"welding for two, and {ONE_WORD}")
    press(page, "Show me what fits")


# --- results ----------------------------------------------------------------------------------------


def filtered(page: Page, site: Site) -> None:
    page.goto(site.say("welding"))
    page.select_option("#kind", index=1)
    press(page, "Show")


def after_none_fit(page: Page, site: Site) -> None:
    path = site.say(SEVERAL)
    why = {"reasons": ["too-far", "wrong-mode-or-time"], "words": ONE_WORD}
    assert site.send(f"{path}/facets/1/none-fit", **why).status_code == 303
    page.goto(path)


def after_fits(page: Page, site: Site) -> None:
    page.goto(site.say(ONE))
    follow(page, "button:has-text('This fits')")


def after_started(page: Page, site: Site) -> None:
    after_fits(page, site)
    press(page, "We have started it")


def refused(page: Page, site: Site) -> None:
    """The employer takes "this fits" back in one window and presses "started" in the other."""
    after_fits(page, site)
    path = page.url.removeprefix(site.origin).partition("#")[0]
    assert site.send(f"{path}/facets/1/none-fit", words="We had it wrong").status_code == 303
    press(page, "We have started it")


def withdrawn(page: Page, site: Site) -> None:
    page.goto(site.say(ONE) + "/withdraw")
    press(page, "Withdraw my need")


def without_search(page: Page, site: Site) -> None:
    with site.without_an_index():
        page.goto(site.say(ONE))


# --- what an employer adds --------------------------------------------------------------------------


def correction_with_errors(page: Page, site: Site) -> None:
    page.goto(site.say(SEVERAL) + "/correct")
    for box in page.query_selector_all("input[id^=people]"):
        box.fill("lots")
    page.fill("#postcode", "nowhere at all")
    press(page, "Search again with this")


def correction_of_nothing(page: Page, site: Site) -> None:
    page.goto(site.say(SEVERAL) + "/correct")
    for box in page.query_selector_all("input[id^=people_]"):
        box.fill("lots")
    for box in page.query_selector_all("input[id^=remove]"):
        box.check()
    press(page, "Search again with this")


def no_reason_given(page: Page, site: Site) -> None:
    page.goto(site.say(SEVERAL) + "/facets/1/none-fit")
    press(page, "Send")


def wrong_email(page: Page, site: Site) -> None:
    page.goto(site.say(ONE) + "/email")
    page.fill("#email", "owner at firm")
    press(page, "Send me the links")


def too_many_mails(page: Page, site: Site) -> None:
    path = site.say(ONE)
    for _ in range(6):
        assert site.send(f"{path}/email", email="pestered@firm.example").status_code == 303
    page.goto(f"{path}/email")
    page.fill("#email", "pestered@firm.example")
    press(page, "Send me the links")


def private(kind: str, owner: str, more: str = "") -> Way:
    """Opens a private link of a need by `owner`, as from the mail."""

    def open_link(page: Page, site: Site) -> None:
        page.goto(site.link(site.say(ONE, email=f"{owner}@firm.example"), kind) + more)

    return open_link


def confirmed(page: Page, site: Site) -> None:
    path = site.say(ONE, email="confirmed@firm.example")
    page.goto(site.link(path, "verify"))
    press(page, "Yes, this is my e-mail")
    page.goto(path)


def managed_and_withdrawn(page: Page, site: Site) -> None:
    private("manage", "leaver")(page, site)
    press(page, "Withdraw my need")


def change_with_errors(page: Page, site: Site) -> None:
    private("manage", "slip", "/change")(page, site)
    fill_wrongly(page)
    press(page, "Change my need")


def form_without_its_cookie(page: Page, site: Site) -> None:
    page.goto(site.say(ONE) + "/withdraw")
    page.context.clear_cookies()
    press(page, "Withdraw my need")
