"""An offer comes, the case says whom it fits, an officer approves the mail, and the employer says what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from skillsmatch.accounts.models import Account, AuditEntry
from skillsmatch.cases import rematching
from skillsmatch.cases.case_keeping import open_case
from skillsmatch.cases.case_models import CaseEvent
from skillsmatch.cases.fit_models import FitMail, NewFit
from skillsmatch.cases.fits import fits_of, fits_without_case
from skillsmatch.cases.rematching import changed_offers, rematch
from skillsmatch.cases.telling import tell_waiting
from skillsmatch.clock import today
from skillsmatch.database import keep
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.mail import outbox
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.catalogue import note_change
from skillsmatch.offers.indexing import refresh_index
from skillsmatch.offers.models import Offer
from tests.cases.at_work import FALCONRY, add_offer, as_officer, at, case_about, group_of, the_case
from tests.leads.conftest import Employer, employer  # noqa: F401  (a fixture)
from tests.needs.journey import fields_of, plain

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
Make = Callable[..., Employer]


def run_rematch(app: Flask) -> tuple[int, int]:
    with app.app_context():
        told = rematch()
        db.session.remove()
        return told


def mails(app: Flask) -> list[MailMessage]:
    with app.app_context():
        asked = select(MailMessage).where(MailMessage.key.startswith("fits-")).order_by(MailMessage.id)
        return list(db.session.scalars(asked))


def outcome(app: Flask, one: Employer) -> tuple[str, str]:
    """The outcome of the need's first facet, and of its signal."""
    with app.app_context():
        asked = select(Facet.outcome, DemandSignal.outcome).join(Facet.need).join(Facet.signal)
        return db.session.execute(asked.where(Need.reference == one.reference)).tuples().all()[0]


def approve(browser: FlaskClient, case: int, **more: Any) -> Any:
    page = f"/cases/case/{case}/mail"
    looked = browser.get(page)
    offers = re.findall(r'type="hidden" name="offer" value="(\d+)"', looked.get_data(as_text=True))
    return browser.post(page, data=fields_of(looked) | {"looked": "y", "offer": offers} | more)


@pytest.fixture
def asked(service: Flask, employer: Make) -> dict[str, Any]:  # noqa: F811
    """Two employers with a confirmed e-mail and one without, whom nothing fits, in a case; an offer comes."""
    run_rematch(service)
    people = [employer(FALCONRY), employer(FALCONRY), employer(FALCONRY, confirmed=False)]
    browser, me = as_officer(service)
    case = case_about(service, group_of(service, *(one.reference for one in people)), me)
    return {"people": people, "browser": browser, "me": me, "case": case, "offer": add_offer(service)}


def test_from_a_new_offer_to_what_became_of_the_need(service: Flask, asked: dict[str, Any]) -> None:
    one, two, silent = asked["people"]
    browser, case = asked["browser"], asked["case"]
    assert outcome(service, one) == ("nothing-fitted", "nothing-fitted")

    assert run_rematch(service) == (1, 3)

    assert "1 offer now fits 3 of 3 needs" in plain(browser.get(f"/cases/case/{case}"))
    looked_at = browser.get(f"/cases/case/{case}/mail")
    looked = plain(looked_at)
    assert "2 employers get this mail" in looked and "1 need: no confirmed e-mail" in looked
    assert "[the employer's own words]" in looked and FALCONRY not in looked
    assert not mails(service), "looking sends nothing"
    assert approve(browser, case).status_code == 303
    sent = mails(service)
    assert sorted(mail.to_address for mail in sent) == ["owner@firm0.example", "owner@firm1.example"]
    body = next(mail.body for mail in sent if mail.to_address == "owner@firm0.example")
    assert FALCONRY in body and "Falconry for hospital kitchens" in body
    shown = unescape(re.findall(r"(?s)<pre[^>]*>(.*?)</pre>", looked_at.get_data(as_text=True))[0])
    for mail in sent:
        link = re.findall(r"https?://[^/\s]+/needs/manage/\S+/training", mail.body)[0]
        hidden = mail.body.replace(link, "[the employer's private link]")
        assert hidden.replace(FALCONRY, "[the employer's own words]", 1) == shown, "word for word"
    assert "Nobody can be told now" in plain(browser.get(f"/cases/case/{case}/mail"))

    link = re.findall(r"https?://[^/\s]+(/needs/manage/\S+/training)", body)[0]
    page = one.client.get(link)
    assert page.status_code == 200 and outcome(service, one)[0] == "nothing-fitted", "a look answers nothing"
    helps = re.findall(r'action="([^"]+/helps)"', page.get_data(as_text=True))
    assert one.client.post(helps[0]).status_code == 303
    assert outcome(service, one) == ("fits", "fits")
    assert two.client.post(f"{two.manage}/training/no").status_code == 303
    assert outcome(service, two) == ("none-fits", "none-fits")
    assert silent.client.get(f"{silent.manage}/training").status_code == 200

    words = plain(browser.get(f"/cases/case/{case}"))
    assert "Employers of 2 needs told: 1 said that it helps, 1 that it does not, 0 have not answered" in words
    assert "Olu Officer approved a mail to 2 employers" in words
    assert "heard from an employer that training we wrote about helps" in words
    own = plain(one.client.get(f"/needs/{one.reference}"))
    assert "You said that training fits" in own and "You said that it helps" in own
    with service.app_context():
        actions = db.session.scalars(select(AuditEntry.action)).all()
        assert "mails to employers approved" in actions


@only_sqlite
def test_nothing_goes_out_unread_or_when_it_is_no_longer_what_was_looked_at(
    service: Flask, asked: dict[str, Any]
) -> None:
    run_rematch(service)
    browser, case = asked["browser"], asked["case"]

    assert approve(browser, case, looked="").status_code == 422
    page = browser.get(f"/cases/case/{case}/mail")
    asked["people"][2].confirm()  # one more would get it
    stale = browser.post(
        f"/cases/case/{case}/mail", data=fields_of(page) | {"looked": "y", "offer": asked["offer"]}
    )
    assert stale.status_code == 409 and "has changed since you looked" in plain(stale)
    assert not mails(service)
    assert approve(browser, case).status_code == 303 and len(mails(service)) == 3
    with service.app_context():
        first = select(Need).where(Need.reference == asked["people"][0].reference)
        about_it = keep(
            lambda: (
                open_case(db.session.get_one(Account, asked["me"]), need=db.session.scalars(first).one()).id
            )
        )
    words = plain(browser.get(f"/cases/case/{about_it}/mail"))
    assert "1 need: a mail about this need within the last month" in words, "from whatever case"


@only_sqlite
def test_a_need_gets_one_mail_a_month_at_most_and_none_once_its_employer_says_stop(
    service: Flask, asked: dict[str, Any]
) -> None:
    two = asked["people"][1]
    run_rematch(service)
    approve(asked["browser"], asked["case"])
    assert two.client.post(f"{two.manage}/training/stop").status_code == 303
    add_offer(service, "Hospital falconry, level 2")
    run_rematch(service)

    at(service, days=29)
    browser, _ = as_officer(service, "Later Officer")
    words = plain(browser.get(f"/cases/case/{asked['case']}/mail"))
    assert "Nobody can be told now" in words
    assert "1 need: a mail about this need within the last month" in words
    assert "1 need: asked not to be written to about this need" in words
    at(service, days=31)
    browser, _ = as_officer(service, "Later Officer")
    assert approve(browser, asked["case"]).status_code == 303
    latest = mails(service)[-1]
    assert (len(mails(service)), latest.to_address) == (3, "owner@firm0.example")
    assert "Hospital falconry, level 2" in latest.body
    assert "Falconry for hospital kitchens" not in latest.body, "it was told of that already"


@only_sqlite
def test_an_approved_mail_waits_while_its_address_has_had_its_mails_and_is_dropped_once_it_is_met(
    service: Flask, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_rematch(service)
    monkeypatch.setattr(outbox.post, "__kwdefaults__", {"reply_to": "", "most": 1, "alone": ""})
    approve(asked["browser"], asked["case"])
    assert not mails(service), "each address has had the mail that confirms it"
    assert "2 mails wait for their turn" in plain(asked["browser"].get(f"/cases/case/{asked['case']}"))
    with service.app_context():
        first = select(Facet).join(Facet.need).where(Need.reference == asked["people"][0].reference)
        keep(lambda: setattr(db.session.scalars(first).one(), "outcome", "fits"))
        assert tell_waiting() == 0
    at(service, days=2)
    with service.app_context():
        assert tell_waiting() == 1
        assert db.session.scalar(select(func.count(FitMail.dropped_at))) == 1
        db.session.remove()
    assert [mail.to_address for mail in mails(service)] == ["owner@firm1.example"]


@only_sqlite
def test_a_mail_that_waits_is_nobody_told_and_no_second_is_approved_beside_it(
    service: Flask, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_rematch(service)
    monkeypatch.setattr(outbox.post, "__kwdefaults__", {"reply_to": "", "most": 0, "alone": ""})
    sent = approve(asked["browser"], asked["case"])
    words = plain(asked["browser"].get(sent.location))
    assert "2 addresses have had enough mail for today and get it later" in words
    assert "No employer has been told yet" in words and "2 mails wait for their turn" in words

    add_offer(service, "Hospital falconry, level 2")
    run_rematch(service)
    at(service, days=40)
    browser, _ = as_officer(service, "Later Officer")
    words = plain(browser.get(f"/cases/case/{asked['case']}/mail"))
    assert "2 needs: an approved mail about this need waits for its turn" in words


@only_sqlite
def test_a_mail_that_waits_is_dropped_once_its_employer_wants_no_more(
    service: Flask, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = asked["people"][0]
    run_rematch(service)
    approve(asked["browser"], asked["case"])
    add_offer(service, "Hospital falconry, level 2")
    run_rematch(service)
    at(service, days=31)
    with monkeypatch.context() as full:
        full.setattr(outbox.post, "__kwdefaults__", {"reply_to": "", "most": 0, "alone": ""})
        browser, _ = as_officer(service, "Later Officer")
        assert approve(browser, asked["case"]).status_code == 303

    assert one.client.post(f"{one.manage}/training/stop").status_code == 303
    with service.app_context():
        assert tell_waiting() == 1
        db.session.remove()
    assert [mail.to_address for mail in mails(service)].count("owner@firm0.example") == 1


@only_sqlite
def test_what_was_said_to_help_can_be_taken_back(service: Flask, asked: dict[str, Any]) -> None:
    one = asked["people"][0]
    add_offer(service, "Hospital falconry, level 2")
    run_rematch(service)
    approve(asked["browser"], asked["case"])
    page = one.client.get(f"{one.manage}/training").get_data(as_text=True)
    first, second = re.findall(r'action="([^"]+/helps)"', page)
    for press in (first, second):
        assert one.client.post(press).status_code == 303
    told = plain(one.client.get(f"{one.manage}/training"))
    assert "You can change it below" in told and "It does not help after all" in told

    assert one.client.post(first.replace("helps", "no-longer")).status_code == 303
    assert outcome(service, one) == ("fits", "fits"), "the other one still helps"
    assert one.client.post(second.replace("helps", "no-longer")).status_code == 303
    assert outcome(service, one) == ("none-fits", "none-fits")
    assert one.client.post(second.replace("helps", "no-longer")).status_code == 303, "pressed twice"
    assert one.client.post(f"{one.manage}/training/77/no-longer").status_code == 404
    words = plain(asked["browser"].get(f"/cases/case/{asked['case']}"))
    assert words.count("training that it said helps does not help after all") == 2
    assert "0 said that it helps, 1 that it does not, 1 has not answered" in words


@only_sqlite
def test_an_answer_after_the_case_was_closed_counts_too(service: Flask, asked: dict[str, Any]) -> None:
    one, browser = asked["people"][0], asked["browser"]
    run_rematch(service)
    approve(browser, asked["case"])
    for to in ("exists", "closed"):
        assert browser.post(f"/cases/case/{asked['case']}/decide", data={"to": to}).status_code == 303
    page = one.client.get(f"{one.manage}/training").get_data(as_text=True)
    assert one.client.head(f"{one.manage}/training").status_code == 200
    assert outcome(service, one)[0] == "nothing-fitted", "a scanner's look answers nothing"

    assert one.client.post(re.findall(r'action="([^"]+/helps)"', page)[0]).status_code == 303
    assert outcome(service, one) == ("fits", "fits")
    words = plain(browser.get(f"/cases/case/{asked['case']}"))
    assert "Employers of 2 needs told: 1 said that it helps" in words
    assert "0 of 3 needs" not in words and "1 is no longer unmet" in words


@only_sqlite
def test_fits_found_before_a_worker_was_stopped_are_told_by_the_next(
    service: Flask, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_number: int, _began: datetime) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as early:
        early.setattr(rematching, "_end", stopped)
        with pytest.raises(KeyboardInterrupt):
            run_rematch(service)
    at(service, minutes=1)
    with service.app_context():
        db.session.remove()

    assert run_rematch(service) == (0, 0), "it was looked at already"

    words = plain(asked["browser"].get(f"/cases/case/{asked['case']}"))
    assert "The service found 1 offer that came or changed and fits 3 needs" in words


@only_sqlite
def test_offers_by_absurd_numbers_are_no_error(service: Flask, asked: dict[str, Any]) -> None:
    run_rematch(service)
    page = f"/cases/case/{asked['case']}/mail"
    absurd = "0" * 11 + "9" * 4_400
    assert asked["browser"].get(f"{page}?offer={absurd}").status_code == 200
    assert asked["browser"].post(page, data={"offer": absurd}).status_code == 422


@only_sqlite
def test_only_offers_that_came_or_changed_are_looked_at(service: Flask, asked: dict[str, Any]) -> None:
    assert run_rematch(service) == (1, 3)
    assert run_rematch(service) == (0, 0)

    def touch(**values: Any) -> None:
        def work() -> None:
            offer = db.session.get_one(Offer, asked["offer"])
            for name, value in values.items():
                setattr(offer, name, value)
            note_change()

        with service.app_context():
            keep(work)
            refresh_index()

    touch(confirmed_by="somebody", confirmed_on=today_of(service))
    assert run_rematch(service) == (0, 0), "confirming an offer changes nothing of what it is"
    touch(title="Beekeeping", what_learned="Bees.", digest="bees")
    assert run_rematch(service) == (1, 0), "it fits no more"
    with service.app_context():
        assert not db.session.scalars(select(NewFit)).all()
        assert not fits_of(the_case(asked["case"])).offers
        assert not changed_offers()


def today_of(app: Flask) -> Any:
    with app.app_context():
        return today()


@only_sqlite
def test_an_offer_the_employer_has_seen_is_no_news(service: Flask, employer: Make) -> None:  # noqa: F811
    run_rematch(service)
    one = employer(FALCONRY)
    add_offer(service)
    assert run_rematch(service) == (1, 1)

    one.client.post(f"/needs/{one.reference}/search-again")
    none = {"reasons": ["too-far"], "words": ""}
    page = one.client.get(f"/needs/{one.reference}/facets/1/none-fit")
    answer = one.client.post(f"/needs/{one.reference}/facets/1/none-fit", data=fields_of(page) | none)
    assert answer.status_code in (303, 422)
    with service.app_context():
        keep(lambda: setattr(db.session.scalars(select(Facet)).one(), "outcome", "none-fits"))
        offer = db.session.scalars(select(Offer).where(Offer.title == "Falconry for hospital kitchens")).one()
        group_of(service, one.reference)
        assert fits_without_case(5) == [], "it was shown in a search since"

        def again() -> None:
            offer.changed_at = offer.changed_at
            note_change()
            db.session.query(NewFit).delete()

        keep(again)
        refresh_index()
        db.session.remove()
    assert run_rematch(service) == (0, 0)


@only_sqlite
def test_an_offer_that_came_before_the_employer_said_that_nothing_fits_is_found_too(
    service: Flask,
    employer: Make,  # noqa: F811
) -> None:
    run_rematch(service)
    one = employer("forklift licence")
    browser, me = as_officer(service)
    at(service, minutes=5)
    add_offer(service, "Forklift licence for beginners", what_learned="Counterbalance forklift licence.")
    assert run_rematch(service) == (1, 0), "something fitted, as far as anybody knew"

    at(service, minutes=9)
    page = one.client.get(f"/needs/{one.reference}/facets/1/none-fit")
    sent = fields_of(page) | {"reasons": ["too-far"]}
    assert one.client.post(f"/needs/{one.reference}/facets/1/none-fit", data=sent).status_code == 303
    case = case_about(service, group_of(service, one.reference), me)
    assert run_rematch(service) == (0, 1)
    assert run_rematch(service) == (0, 0)
    at(service, minutes=10)
    assert run_rematch(service) == (0, 0), "once is enough"

    words = plain(browser.get(f"/cases/case/{case}"))
    assert "1 offer now fits 1 of 1 need" in words and "Forklift licence for beginners" in words
    assert "The service found 1 offer that came or changed and fits 1 need" in words


@only_sqlite
def test_an_offer_that_an_employer_says_does_not_help_fits_its_need_no_more(
    service: Flask, asked: dict[str, Any]
) -> None:
    one = asked["people"][0]
    run_rematch(service)
    approve(asked["browser"], asked["case"])

    assert one.client.post(f"{one.manage}/training/no").status_code == 303

    assert "1 offer now fits 2 of 3 needs" in plain(asked["browser"].get(f"/cases/case/{asked['case']}"))
    assert run_rematch(service) == (0, 0)


@only_sqlite
def test_what_fits_without_a_case_is_told_above_the_list(service: Flask, employer: Make) -> None:  # noqa: F811
    run_rematch(service)
    group = group_of(service, employer(FALCONRY).reference, name="Birds of prey")
    browser, me = as_officer(service)
    add_offer(service)
    run_rematch(service)

    assert "Open a case about Birds of prey : an offer now fits 1 need" in plain(browser.get("/cases/list"))
    case_about(service, group, me)
    assert "Training has come, and no case is open" not in plain(browser.get("/cases/list"))


@only_sqlite
def test_with_the_need_its_fits_and_mails_are_gone(service: Flask, asked: dict[str, Any]) -> None:
    run_rematch(service)
    approve(asked["browser"], asked["case"])
    one = asked["people"][0]

    assert one.client.post(f"{one.manage}/withdraw").status_code == 303

    assert [mail.to_address for mail in mails(service)] == ["owner@firm1.example"]
    assert one.client.get(f"{one.manage}/training").status_code == 404
    assert one.client.post(f"{one.manage}/training/no").status_code == 404
    with service.app_context():
        assert len(db.session.scalars(select(NewFit)).all()) == 2


@only_sqlite
def test_an_answer_needs_the_needs_own_link_and_its_own_mail(service: Flask, asked: dict[str, Any]) -> None:
    run_rematch(service)
    approve(asked["browser"], asked["case"])
    one, two, _ = asked["people"]
    page = two.client.get(f"{two.manage}/training").get_data(as_text=True)
    theirs = re.findall(r"/training/(\d+)/helps", page)[0]

    assert one.client.post(f"{one.manage}/training/{theirs}/helps").status_code == 404
    assert one.client.post(f"/needs/manage/n1-{'0' * 40}/training/no").status_code == 404
    with service.app_context():
        kinds = db.session.scalars(select(CaseEvent.kind)).all()
        assert "helped" not in kinds
