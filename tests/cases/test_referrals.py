"""A referral carries published figures and shared needs and nothing else; the answer comes back to the case."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.accounts.models import Account
from skillsmatch.accounts.roles import Role
from skillsmatch.cases.case_keeping import CaseRefused
from skillsmatch.cases.referral_models import Referral
from skillsmatch.cases.referrals import (
    ConsentedWords,
    NotForProviders,
    ReleasedFigure,
    figures_for,
    leads_about,
    referrals_wait,
    send_referral,
)
from skillsmatch.cases.telling import tell_waiting
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.demand import guard
from skillsmatch.demand.models import Release, ReleaseCell
from skillsmatch.demand.published import Cell, read_table
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.offers.models import Provider
from tests.accounts.signing import make_account
from tests.cases.at_work import FALCONRY, add_offer, as_officer, case_about, group_of, the_case
from tests.cases.test_closing_the_loop import approve, run_rematch
from tests.leads.conftest import (  # noqa: F401  (fixtures)
    LEICESTER,
    LOUGHBOROUGH,
    Employer,
    college,
    employer,
    other_college,
)
from tests.needs.journey import fields_of, plain

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
THEME = "CON-BRICK"
SECRET = "falconry at Jo's place in Melton"


def publish(app: Flask, shown: int | None = 25) -> None:
    """A published release with one number of the theme, and one that is too small to show."""
    method = {"threshold": 10, "base": 5, "v": 4, "d": 5, "least_employers": 50, "most_per_employer": 5}

    def make() -> None:
        from skillsmatch.demand.disclosure import Rules

        known = {name: method.get(name, 1) for name in Rules.__dataclass_fields__}
        known |= {"threshold": 10, "base": 5}
        release = Release(
            period="2026Q1", kind="quarter", year_start_month=4, first_day=date(2026, 4, 1),
            last_day=date(2026, 6, 30), state="draft", made_at=app.config["CLOCK"](), method=known, loosened=[],
        )  # fmt: skip
        db.session.add(release)
        db.session.flush()
        for theme, number in ((THEME, shown), ("CON-PLUMB", None)):
            cell = {"table_name": "theme", "first": theme, "second": "", "shown": number}
            db.session.add(ReleaseCell(release_id=release.id, **cell))
        db.session.flush()
        release.state, release.published_at = "published", app.config["CLOCK"]()

    with app.app_context():
        keep(make)
        db.session.remove()


@pytest.fixture
def referred(
    service: Flask,
    employer: Callable[..., Employer],  # noqa: F811
    college: FlaskClient,  # noqa: F811
) -> dict[str, Any]:
    """A case of two needs, one of them shared with Leicester College, which was asked about it."""
    publish(service)
    open_one, secret = employer(FALCONRY), employer(SECRET)
    assert open_one.share(LEICESTER).status_code == 303
    browser, me = as_officer(service)
    case = case_about(service, group_of(service, open_one.reference, secret.reference, theme=THEME), me)
    page = f"/cases/case/{case}/refer/to"
    form = browser.get(f"{page}?provider={LEICESTER}")
    figures = re.findall(r'name="figures" value="([^"]+)"', form.get_data(as_text=True))
    shared = re.findall(r'name="shared" value="([^"]+)"', form.get_data(as_text=True))
    sent = {"provider": LEICESTER, "question": "run-new", "figures": figures, "shared": shared}
    answer = browser.post(page, data=sent)
    assert answer.status_code == 303, plain(answer)
    return {"case": case, "browser": browser, "me": me, "form": form, "figures": figures, "shared": shared,
            "employer": open_one, "college": college}  # fmt: skip


def test_a_referral_reaches_the_inbox_and_its_answer_the_case(
    service: Flask, referred: dict[str, Any]
) -> None:
    college, browser, case = referred["college"], referred["browser"], referred["case"]  # noqa: F811
    with service.app_context():
        assert (the_case(case).state, the_case(case).decision) == ("referred", "referred")
        mail = db.session.scalars(select(MailMessage).where(MailMessage.key.startswith("referral-"))).one()
    assert "/leads/referrals/1" in mail.body and "Brick" not in mail.body and FALCONRY not in mail.body

    listing = plain(college.get("/leads/referrals"))
    assert "Could you run training for this?" in listing and "Waiting for your answer" in listing
    words = plain(college.get("/leads/referrals/1"))
    assert "25 employers" in words and FALCONRY in words and "Jo's place" not in words

    form = college.get("/leads/referrals/1/answer")
    assert (
        college.post("/leads/referrals/1/answer", data=fields_of(form) | {"kind": "new"}).status_code == 422
    )
    sent = fields_of(form) | {"kind": "new", "starts_on": "01/09/2027", "reach": "Kim, 0116 496 0000"}
    assert college.post("/leads/referrals/1/answer", data=sent | {"words": "Gladly"}).status_code == 303
    late = college.post("/leads/referrals/1/answer", data=sent | {"words": "Twice"})
    assert late.status_code == 409 and "Twice" in plain(late)

    told = plain(browser.get(f"/cases/case/{case}"))
    assert "it will run new training from Wednesday 1 September 2027" in told and "Gladly" in told
    assert "asked Leicester College, with 1 published figure and 1 shared need" in told
    assert "has an answer from Leicester College: it will run new training" in told
    with service.app_context():
        owner = db.session.get_one(Account, referred["me"]).email
        mails = db.session.scalars(
            select(MailMessage.to_address).where(MailMessage.key.startswith("answer-"))
        )
        assert mails.all() == [owner]


@only_sqlite
def test_only_published_cells_and_shared_needs_can_be_handed_over(
    service: Flask, referred: dict[str, Any]
) -> None:
    assert len(referred["figures"]) == 1 and len(referred["shared"]) == 1
    assert "Jo's place" not in plain(referred["form"])
    with service.app_context():
        case, me = the_case(referred["case"]), db.session.get_one(Account, referred["me"])
        leicester = db.session.scalars(select(Provider).where(Provider.ukprn == LEICESTER)).one()
        figure = figures_for(case)[0]
        table = read_table(service.extensions["area"], "2026Q1", "theme")
        words = leads_about(case, leicester)[0]

        for wrong in (
            lambda: ReleasedFigure(table, Cell(THEME, "", "", "", 3, "3")),
            lambda: ReleasedFigure(table, table.of("CON-PLUMB")),
            lambda: ReleasedFigure(
                replace(table, edition=replace(table.edition, state="draft")), table.cells[0]
            ),
            lambda: ReleasedFigure("25", table.cells[0]),  # type: ignore[arg-type]
            lambda: ConsentedWords(SECRET),  # type: ignore[arg-type]
            lambda: send_referral(case, leicester, "run-new", [figure, "and a word of mine"], me),  # type: ignore[list-item]
        ):
            with pytest.raises(NotForProviders):
                wrong()
        with pytest.raises(CaseRefused, match="at least one"):
            send_referral(case, leicester, "run-new", [], me)
        referred["employer"].stop()
        with pytest.raises(NotForProviders, match="does not share"):
            keep(lambda: send_referral(the_case(case.id), leicester, "run-new", [words], me))


@only_sqlite
def test_what_is_no_longer_shared_or_published_is_shown_no_more(
    service: Flask, referred: dict[str, Any]
) -> None:
    referred["employer"].stop()
    words = plain(referred["college"].get("/leads/referrals/1"))
    assert FALCONRY not in words and "25 employers" in words and "not shown any more" in words

    def withdraw() -> None:
        release = db.session.scalars(select(Release)).one()
        release.state, release.withdrawn_at, release.notice = "withdrawn", service.config["CLOCK"](), "Wrong"

    with service.app_context():
        keep(withdraw)
    assert "25 employers" not in plain(referred["college"].get("/leads/referrals/1"))


@only_sqlite
def test_a_referral_is_the_asked_providers_alone_and_says_nothing_of_the_case(
    service: Flask,
    referred: dict[str, Any],
    other_college: FlaskClient,  # noqa: F811
) -> None:
    for where in ("/leads/referrals/1", "/leads/referrals/1/answer", "/leads/referrals/2"):
        assert other_college.get(where).status_code == 404
    assert (
        other_college.post("/leads/referrals/1/answer", data={"kind": "new", "number": "1"}).status_code
        == 404
    )
    assert "has not asked Loughborough" in plain(other_college.get("/leads/referrals"))
    assert referred["browser"].get("/leads/referrals").status_code == 403

    with guard.statements(service) as seen:
        for where in ("/leads/referrals", "/leads/referrals/1/answer"):
            assert referred["college"].get(where).status_code == 200
        referred["college"].get("/leads/referrals/1")
    named = {(endpoint, name) for endpoint, said in seen for name in guard.tables_named(said)}
    assert {name for endpoint, name in named if endpoint != "referrals.referral"} == set()
    assert not {"unmet_case", "case_event", "fit_mail", "new_fit"} & {name for _, name in named}
    page = plain(referred["college"].get("/leads/referrals/1"))
    assert "Falconry" not in page.replace(FALCONRY, "") and "Case" not in page


@only_sqlite
def test_a_provider_sees_nothing_of_the_mails_to_employers(service: Flask, referred: dict[str, Any]) -> None:
    run_rematch(service)
    provider = referred["college"]
    offer = add_offer(service, ukprn=LEICESTER)
    where = ("/leads", "/leads/1", "/leads/referrals", "/leads/referrals/1", f"/offers/{offer}", "/alerts")
    before = [plain(provider.get(path)) for path in where]

    run_rematch(service)
    assert approve(referred["browser"], referred["case"]).status_code == 303
    one = referred["employer"]
    helps = re.findall(
        r"/training/(\d+)/helps", one.client.get(f"{one.manage}/training").get_data(as_text=True)
    )
    assert one.client.post(f"{one.manage}/training/{helps[0]}/helps").status_code == 303

    assert [plain(provider.get(path)) for path in where] == before


@only_sqlite
def test_an_officer_reads_shared_words_with_personal_data_hidden(
    service: Flask,
    employer: Callable[..., Employer],  # noqa: F811
    college: FlaskClient,  # noqa: F811
) -> None:
    one = employer(f"{FALCONRY}, ring Mr Featherstone on 0116 496 0123")
    assert one.share(LEICESTER).status_code == 303
    browser, me = as_officer(service)
    case = case_about(service, group_of(service, one.reference), me)

    words = plain(browser.get(f"/cases/case/{case}/refer/to?provider={LEICESTER}"))

    assert FALCONRY in words and "[phone number hidden]" in words
    assert "496 0123" not in words and "Featherstone" not in words


@only_sqlite
def test_nobody_is_asked_who_cannot_sign_in_here(
    service: Flask, referred: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_account(service, Role.COLLEGE, organisation="Loughborough", ukprn=LOUGHBOROUGH, demonstration=True)
    page = plain(referred["browser"].get(f"/cases/case/{referred['case']}/refer"))
    assert "Leicester College" in page and "Loughborough" not in page

    def nobody_told() -> None:
        db.session.scalars(select(Referral)).one().told_at = None
        for account in db.session.scalars(select(Account)):
            account.disabled_at = now() if account.organisation.ukprn else None

    with service.app_context():
        keep(nobody_told)
        assert not referrals_wait(), "no write is begun for a mail that nobody can get"
        db.session.remove()


@only_sqlite
def test_refusals_of_a_referral_are_told_in_words(service: Flask, referred: dict[str, Any]) -> None:
    browser, page = referred["browser"], f"/cases/case/{referred['case']}/refer/to"
    sent = {"provider": LEICESTER, "question": "more", "figures": referred["figures"]}

    again = browser.post(page, data=sent)
    assert again.status_code == 409 and "has not answered yet" in plain(again)
    assert browser.post(page, data=sent | {"figures": []}).status_code == 422
    assert browser.post(page, data=sent | {"figures": ["2026Q1|theme|CON-PLUMB|"]}).status_code == 422
    assert browser.post(page, data=sent | {"provider": LOUGHBOROUGH}).status_code == 422
    assert browser.get(f"{page}?provider=nonsense").status_code == 422
    with service.app_context():
        assert len(db.session.scalars(select(Referral)).all()) == 1


@only_sqlite
def test_a_mail_to_a_provider_that_had_to_wait_goes_out_later(
    service: Flask, referred: dict[str, Any]
) -> None:
    def forget() -> None:
        db.session.scalars(select(Referral)).one().told_at = None
        db.session.delete(
            db.session.scalars(select(MailMessage).where(MailMessage.key.startswith("referral-"))).one()
        )

    with service.app_context():
        keep(forget)
        assert tell_waiting() == 1
        assert tell_waiting() == 0
        db.session.remove()
