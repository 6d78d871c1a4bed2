"""An officer's year in a real browser: from needs that nothing fits, by a case and a provider's answer, to training
that came, the mail to its employers, what they said of it, and the LSIP pack."""

from __future__ import annotations

import email
import io
import re
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from skillsmatch.accounts.roles import Role
from skillsmatch.cli.work import (
    Job,
    group_needs,
    match_past_needs,
    refresh_search,
    send_mail,
    tell_of_cases,
    work_until,
)
from skillsmatch.extensions import db
from skillsmatch.leads.consent import give
from skillsmatch.needs.models import Need
from tests.accounts.signing import PASSWORD, make_account, sign_in_browser
from tests.browser.conftest import Opener
from tests.browser.hands import follow, press
from tests.browser.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

ASKED = (
    "fumigator licence for grain stores",
    "grain store fumigation training",
    "someone to keep weevils out of our wheat bins",
)
COLLEGE = 10004718  # has offers in the catalogue, and no account in the other tests
OFFER = "Grain store fumigation: licence, weevils and wheat bins"
# Of what `flask work` does, that for which an officer waits.
JOBS = (refresh_search, group_needs, match_past_needs, tell_of_cases, send_mail)


def run_worker(site: Site) -> None:
    """What `flask work` does again and again, once."""
    with site.app.app_context():
        todo = [Job(run.__name__, 0.0, run) for run in JOBS]
        assert work_until(threading.Event(), todo, once=True)


def employers_ask(site: Site) -> None:
    """Three employers ask for much the same; all confirm their e-mail, and one lets the college see its need."""
    for number, text in enumerate(ASKED):
        path = site.say(text, email=f"owner@grain{number}.example", postcode="LE14")
        assert site.send(site.link(path, "verify")).status_code in (200, 303)
    first = select(Need).where(Need.text == ASKED[0])
    site.change(lambda: give(db.session.scalars(first).one(), named=[COLLEGE]))  # type: ignore[arg-type, return-value]


def sign_in(page: Page, who: str) -> None:
    page.goto("/sign-in")
    page.fill("#email", who)
    page.fill("#password", PASSWORD)
    press(page, "Sign in")


def unfold(page: Page, words: str) -> None:
    page.locator("summary", has_text=words).click()


def look_at_register(page: Page) -> None:
    """The officer finds the three in two groups, and puts one into the other."""
    page.goto("/cases")
    groups = page.locator("article", has_text=re.compile("fumigat|weevils"))
    assert groups.count() == 2
    page.get_by_role("link", name=re.compile("weevils")).first.click()
    other = re.search(r"G\d+", page.locator("p.kind").first.inner_text())
    assert other is not None
    page.goto("/cases")
    page.get_by_role("link", name=re.compile("fumigat", re.I)).first.click()
    page.get_by_label("number").or_(page.locator("#number")).first.fill(other.group())
    press(page, "Put it into this group")
    facts = page.locator("dl.facts").first.inner_text()
    assert "3, of them 3 with a confirmed e-mail" in facts
    assert page.locator("#facets .option").count() == 3


def open_case(page: Page) -> str:
    """A case about the group; returns its address."""
    page.get_by_role("link", name="Open a case").click()
    page.fill("#due_on", "31/03/2027")
    page.fill("#words", "Three farms ask; the harvest is in July.")
    press(page, "Open the case")
    shown = page.inner_text("main")
    assert "under review" in shown and "Wednesday 31 March 2027" in shown
    assert "No offer that came or changed since fits any of the 3 needs" in shown
    return page.url


def ask_the_college(page: Page) -> None:
    page.get_by_role("link", name="Ask a provider").click()
    page.select_option("#provider", str(COLLEGE))
    press(page, "Choose what to send")
    page.check("input[name=question][value=run-new]")
    page.get_by_label(re.compile(ASKED[0])).check()
    press(page, "Send the question")
    shown = page.inner_text("main")
    assert (
        "referred to providers" in shown and "for this? (1 shared need)" in shown and "No answer yet" in shown
    )


def answer_and_add_training(page: Page) -> None:
    """The college sees the question and the one shared need, answers, and puts the training on offer."""
    page.goto("/leads/referrals")
    page.get_by_role("link", name="Could you run training for this?").click()
    shown = page.inner_text("main")
    assert ASKED[0] in shown
    assert not any(words in shown for words in ("grain0", *ASKED[1:])), "the others share nothing"
    page.get_by_role("link", name="Answer", exact=True).click()
    page.check("input[name=kind][value=new]")
    page.fill("#starts_on", "18/01/2027")
    page.fill("#reach", "Gail, gail@college.example")
    page.fill("#words", "Two days in January.")
    press(page, "Send the answer")
    assert "Monday 18 January 2027" in page.inner_text("main")
    page.goto("/provider/offers/new")
    page.select_option("#kind", "short-course")
    page.fill("#title", OFFER)
    page.fill(
        "#what_learned",
        "Fumigation of grain stores and silos, the licence, and keeping weevils out of wheat.",
    )
    page.fill("#who_for", "Farms and grain merchants that store their own wheat.")
    page.check("input[name=mode][value=online]")
    page.fill("#duration", "2")
    page.select_option("#duration_unit", "days")
    page.check("#flexible_start")
    page.fill("#cost", "240")
    press(page, "Save and put on offer")
    assert OFFER in page.inner_text("main")


def tell_employers(page: Page, case: str) -> None:
    """The officer reads the answer and what fits now, looks at the mail, and approves it."""
    page.goto(case)
    shown = page.inner_text("main")
    assert "it will run new training from Monday 18 January 2027" in shown
    assert "1 offer now fits 3 of 3 needs" in shown
    page.get_by_role("link", name="Tell the employers").click()
    mail = page.locator("pre").inner_text()
    assert OFFER in mail and not any(words in mail for words in ASKED)
    page.check("#looked")
    press(page, "Send it to 3 employers")
    assert "Employers of 3 needs told: 0 said that it helps" in page.inner_text("main")


def link_mailed_to(site: Site, who: str) -> str:
    """The link in the newest mail that went to this address and asks whether the training helps."""
    for file in sorted(Path(site.app.config["MAIL_DIR"]).glob("*.eml"), reverse=True):
        mail = email.message_from_bytes(file.read_bytes())
        body = mail.get_payload(decode=True)
        assert isinstance(body, bytes)
        found = re.findall(r"https?://\S+/needs/manage/\S+/training", body.decode())
        if mail["To"] == who and found:
            return str(found[0])
    raise AssertionError(f"no such mail went to {who}")


def close_case(page: Page, case: str) -> None:
    """The officer reads what came of it, and closes the case with its decision."""
    page.goto(case)
    assert (
        "Employers of 3 needs told: 1 said that it helps, 0 that it does not, 2 have not answered"
        in page.inner_text("main")
    )
    for state in ("exists", "closed"):
        unfold(page, "Decide")
        page.check(f"input[name=to][value={state}]")
        press(page, "Put the decision on record")
    assert "closed, with the decision “Provision exists and employers told”" in page.inner_text("main")


def make_pack(page: Page) -> set[str]:
    """The names of the files in the pack that the button makes."""
    page.get_by_role("link", name="Priorities", exact=True).click()
    page.get_by_role("link", name="LSIP pack").click()
    with page.expect_download() as got:
        page.get_by_role("button", name="Make the pack").click()
    content = Path(got.value.path()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        assert pack.testzip() is None
        return set(pack.namelist())


def test_from_an_unmet_need_to_what_became_of_it(new_context: Opener, site: Site) -> None:
    officer = make_account(site.app, Role.CHAMBER, organisation="The Chamber", name="Olive Yearly")
    college = "grain@college.example"
    make_account(site.app, Role.PROVIDER, organisation="Grain College", ukprn=COLLEGE, email=college)
    employers_ask(site)
    run_worker(site)
    context = new_context(accept_downloads=True)
    page = context.new_page()

    sign_in_browser(context, site, officer)
    look_at_register(page)
    case = open_case(page)
    ask_the_college(page)
    press(page, "Sign out")
    sign_in(page, college)
    answer_and_add_training(page)
    press(page, "Sign out")
    run_worker(site)
    sign_in_browser(context, site, officer)
    tell_employers(page, case)
    run_worker(site)
    page.goto(link_mailed_to(site, "owner@grain1.example"))
    follow(page, "form[action$='/helps'] button")
    assert "Your answer is on record" in page.inner_text("main")
    close_case(page, case)
    files = make_pack(page)

    assert {
        f"lsip/{kind}/lsip.{file}" for kind in ("internal", "public") for file in ("xlsx", "docx")
    } <= files
