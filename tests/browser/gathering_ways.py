"""How the pages of gathering, merging, quotes and owned words get into each of their states."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from skillsmatch.accounts.roles import Role
from skillsmatch.area.models import BusinessCount
from skillsmatch.cases.gathering_models import GatheredFile, Quote
from skillsmatch.cases.survey_saving import begin
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.needs.models import Need
from tests.accounts.signing import enter, make_account
from tests.browser.account_ways import LONG, as_
from tests.browser.hands import press
from tests.browser.site import Site
from tests.browser.ways import MANY_WORDS, ONE, ONE_WORD, Way
from tests.needs.journey import fields_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from playwright.sync_api import Page

HEADER = "business,website,postcode,sector,size,people,when,need\n"
SURVEY = HEADER + (
    f"{LONG} Ltd,{LONG.lower()[:50]}.example,LE10 1AA,Manufacturing,23,2,Now,"
    '"TIG welding, and forklift licences for three"\n'
    f"Forge,,LE1,F,,,,Bricklayers\nSoar College,soar.ac.uk,,,,,,{ONE_WORD[:300]}\n"
)
FAULTY = HEADER + f"{ONE_WORD[:250]},gmail.com,XX,Witchcraft,many,0,Someday,\nForge,,LE1,,,,,Sage,more\n"
MEMBERS = f"business,website,postcode,member\n{LONG},acme-listed.example,LE10,yes\nForge,,LE1,no\n"


def officer(site: Site) -> FlaskClient:
    """A second officer, who brings about what the first one looks at."""
    client = site.app.test_client()
    enter(client, site.app, make_account(site.app, Role.CHAMBER, organisation="Chamber", name=f"Pat {LONG}"))
    return client


def write(site: Site, **answers: str) -> str:
    """Writes a need down; the path of its page."""
    client = officer(site)
    page = client.get("/cases/gathering/new")
    given = {"channel": "event", "occasion": f"Fair at {LONG}", "met_on": "20/11/2026", "text": ONE,
             "business_name": f"{LONG} Ltd", "postcode": "LE10", "told": "y"}  # fmt: skip
    answer = client.post("/cases/gathering/new", data=fields_of(page) | given | answers)
    assert answer.status_code == 303
    return answer.location


def sent(site: Site, kind: str, rows: str, save: bool = False) -> str:
    """Sends a file; the path of its page."""
    client = officer(site)
    file = (io.BytesIO(rows.encode()), f"{LONG}.csv")
    about = {"occasion": f"Survey {LONG}", "met_on": "20/11/2026"}
    data = _token(client, f"/cases/gathering/{kind}") | {"file": file} | about
    answer = client.post(f"/cases/gathering/{kind}", data=data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    if save:
        token = _token(client, answer.location)
        assert client.post(f"{answer.location}/save", data=token | {"confirmed": "y"}).status_code == 303
    return answer.location


def gathered_things(page: Page, site: Site) -> None:
    write(site, confirmed="y")
    sent(site, "survey", FAULTY)
    as_("officer", f"/cases/gathering?business={LONG[:20]}")(page, site)


def written_down(page: Page, site: Site) -> None:
    as_("officer", write(site, text=MANY_WORDS))(page, site)


def writing_with_errors(page: Page, site: Site) -> None:
    as_("officer", "/cases/gathering/new")(page, site)
    page.fill("#text", MANY_WORDS)
    page.fill("#met_on", "soon")
    page.fill("#website", f"{ONE_WORD[:200]}.example/x y")
    page.fill("#email", "owner@firm.example")
    press(page, "Write it down")


def file_of(kind: str, rows: str, more: str = "", save: bool = False) -> Way:
    """A page of a file that another officer has sent."""

    def go(page: Page, site: Site) -> None:
        as_("officer", sent(site, kind, rows, save) + more)(page, site)

    return go


def choosing_no_file(page: Page, site: Site) -> None:
    as_("officer", "/cases/gathering/survey")(page, site)
    press(page, "Check the file")


def sending_a_file_unnamed(page: Page, site: Site) -> None:
    """A survey's file comes without its name and day: it is kept."""
    as_("officer", "/cases/gathering/survey")(page, site)
    page.set_input_files("#file", {"name": f"{LONG}.csv", "mimeType": "text/csv", "buffer": SURVEY.encode()})
    press(page, "Check the file")


def a_survey_half_saved(page: Page, site: Site) -> None:
    """Somebody has pressed, and the rest of it is saved by the worker."""
    path = sent(site, "survey", SURVEY + "Mill,,LE2,C,,,,Weavers\n")
    with site.app.app_context():
        file = db.session.get_one(GatheredFile, int(path.rpartition("/")[2]))
        keep(lambda: begin(file, 4, confirmed=True))
        db.session.remove()
    as_("officer", path)(page, site)


def listed_businesses(page: Page, site: Site) -> None:
    sent(site, "members", MEMBERS + f"{ONE_WORD[:190]},,LE2,yes\n", save=True)
    as_("officer", "/cases/gathering/businesses")(page, site)


def alike(page: Page, site: Site) -> None:
    """Two employers that may be one, and two about which somebody has decided."""
    write(site, business_name=f"{LONG} Limited", postcode="LE1", text="Sage")
    write(site, business_name=f"{LONG[:-1]}", postcode="LE1", text="Excel")
    write(site, business_name="Decided Works Ltd", website="decided-one.example")
    write(site, business_name="Decided Works", website="", postcode="LE2")
    client = officer(site)
    shown = client.get("/cases/employers").get_data(as_text=True)
    keys = re.findall(r'name="(one|other)" value="(\d+)"', shown)
    token = _token(client, "/cases/employers")
    client.post("/cases/employers/decide", data={**token, **dict(keys[:2]), "same": "yes"})
    as_("officer", "/cases/employers")(page, site)


def agreed(site: Site) -> int:
    """The number of a need whose employer agreed to be quoted."""
    path = site.say(MANY_WORDS, email="quoted@firm.example", postcode="LE10", size_band="10-49")
    manage, verify = site.link(path, "manage"), site.link(path, "verify")
    assert site.client.post(verify, data=_token(site.client, verify)).status_code == 303
    site.client.post(f"{manage}/quote", data={"agree": "y"} | _token(site.client, f"{manage}/quote"))
    found: list[int] = []
    reference = path.rsplit("/", 1)[-1]
    site.change(lambda: found.extend(db.session.scalars(select(Need.id).where(Need.reference == reference))))
    return found[0]


def _token(client: FlaskClient, path: str) -> dict[str, Any]:
    return {"csrf_token": fields_of(client.get(path))["csrf_token"]}


def with_counts(site: Site) -> None:
    """Business counts, as an operator loads them."""

    def put() -> None:
        db.session.execute(delete(BusinessCount))
        for size in ("0-9", "10-49"):
            db.session.add(
                BusinessCount(sic_section="C", size_band=size, district="E07000132", businesses=40,
                              source="a test", loaded_at=now())
            )  # fmt: skip

    site.change(put)


def quotes_listed(page: Page, site: Site) -> None:
    number = agreed(site)
    with_counts(site)

    def stand() -> None:
        need = db.session.get_one(Need, number)
        db.session.add(
            Quote(need_id=number, words=need.text[:900], size="10-49", district="E07000132",
                  described="Small business, Hinckley and Bosworth", drafted_at=now(), approved_at=now())
        )  # fmt: skip

    site.change(stand)
    agreed(site)
    as_("officer", "/cases/quotes")(page, site)


def quoting_wrongly(page: Page, site: Site) -> None:
    with_counts(site)
    as_("officer", f"/cases/quotes/needs/{agreed(site)}")(page, site)
    page.fill("#words", f"{ONE_WORD[:300]} nobody wrote")
    page.check("#looked")
    press(page, "Have the quote stand")


def consent_not_ticked(page: Page, site: Site) -> None:
    path = site.say(ONE, email="quotable@firm.example")
    page.goto(f"{site.link(path, 'manage')}/quote")
    press(page, "Let my words be quoted")


def consent_given(page: Page, site: Site) -> None:
    consent_not_ticked(page, site)
    page.check("#agree")
    press(page, "Let my words be quoted")


def words_previewed(page: Page, site: Site) -> None:
    as_("officer", "/cases/words/page.privacy")(page, site)
    press(page, "See how it reads")


def words_refused(page: Page, site: Site) -> None:
    as_("officer", "/cases/words/accounts.reset")(page, site)
    page.fill("#body", f"Hello {{nmae}} {ONE_WORD[:300]}")
    press(page, "Save, and use at once")


def an_older_version(page: Page, site: Site) -> None:
    client = officer(site)
    for words in ("One\n\n- point", "Two"):
        form = fields_of(client.get("/cases/words/help.rest")) | {"body": words, "do": "save"}
        client.post("/cases/words/help.rest", data=form)
    as_("officer", "/cases/words/help.rest")(page, site)
    page.locator("main > ul.plain a").nth(1).click()
    page.wait_for_url(re.compile("versions"))


GATHERING_STATES: list[tuple[str, str, Way, int]] = [  # name, endpoint, the way there, status
    ("gathering", "cases.gathering", gathered_things, 200),
    ("a need to write down", "cases.gather", as_("officer", "/cases/gathering/new"), 200),
    ("a need written down with errors", "cases.gather", writing_with_errors, 422),
    ("a need that was written down", "cases.gathered", written_down, 200),
    ("a survey's file chosen badly", "cases.survey_new", choosing_no_file, 422),
    ("a list of businesses to send", "cases.members_new", as_("officer", "/cases/gathering/members"), 200),
    ("a survey with errors", "cases.gathered_file", file_of("survey", FAULTY), 200),
    ("a survey that is right", "cases.gathered_file", file_of("survey", SURVEY), 200),
    ("a survey sent without its name", "cases.survey_new", sending_a_file_unnamed, 422),
    ("a survey that is being saved", "cases.gathered_file", a_survey_half_saved, 200),
    ("a survey that was saved", "cases.gathered_file", file_of("survey", SURVEY, save=True), 200),
    ("the list of businesses", "cases.businesses", listed_businesses, 200),
    ("a list of businesses that is right", "cases.gathered_file", file_of("members", MEMBERS), 200),
    ("errors of a file without any", "cases.gathered_file_errors", file_of("members", MEMBERS, "/errors.csv"), 404),
    ("employers that may be one", "cases.employers_alike", alike, 200),
    ("whom we heard from", "cases.engagement", as_("officer", "/cases/engagement"), 200),
    ("quotes", "cases.quotes", quotes_listed, 200),
    ("a quote refused", "cases.quote_new", quoting_wrongly, 422),
    ("being quoted, not ticked", "quoting.quote", consent_not_ticked, 422),
    ("being quoted", "quoting.quote", consent_given, 200),
    ("words", "cases.words", as_("officer", "/cases/words"), 200),
    ("words looked at", "cases.words_edit", words_previewed, 200),
    ("words refused", "cases.words_edit", words_refused, 422),
    ("an older version of words", "cases.words_version", an_older_version, 200),
]
