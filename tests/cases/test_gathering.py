"""A need that an officer writes down is one like any other: matched, kept once, counted only where somebody says so."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from skillsmatch.cases.gathering import own_domain
from skillsmatch.cases.gathering_models import GatheredNeed
from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.models import Need
from tests.accounts.signing import PASSWORD  # noqa: F401  (the accounts' tables are read through it)
from tests.cases.gathered import HEARD, noted, officer_of, write_down
from tests.needs.journey import fields_of, plain, say

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)


def signals(app: Flask) -> list[tuple[str, bool, int]]:
    """Channel, whether it counts, and its employer, of every signal."""
    with app.app_context():
        rows = db.session.scalars(select(DemandSignal).order_by(DemandSignal.id))
        return [
            (s.channel, s.countable_at is not None and s.withdrawn_at is None, s.employer_key_id)
            for s in rows
        ]


def test_it_keeps_its_channel_shows_what_fits_and_does_not_count_by_itself(service: Flask) -> None:
    officer = officer_of(service)

    answer = write_down(officer)
    assert answer.status_code == 303
    page = plain(officer.get(answer.location))
    assert "heard at an event" in page and "Skills fair" in page and "Friday 20 November 2026" in page
    assert "It does not count yet" in page and ("Tell the employer of" in page or "The nearest" in page)
    assert [(c, counts) for c, counts, _ in signals(service)] == [("event", False)]
    assert noted(service) == ["need written down"]
    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert (need.business_name, need.outcode, need.district) == (
            "Acme Packaging Ltd",
            "LE10",
            "E07000132",
        )
        assert need.reference not in page and db.session.scalars(select(MailMessage)).all() == []


def test_it_counts_at_once_where_the_officer_says_so_and_twice_for_one_business_is_one(
    service: Flask,
) -> None:
    officer = officer_of(service)

    write_down(officer, confirmed="y")
    write_down(
        officer, confirmed="y", text="Forklift", business_name="Acme Packaging", website="acme.example"
    )
    write_down(
        officer, confirmed="y", text="Sage", business_name="The Forge Co. Ltd", website="", postcode="LE1 1AA"
    )
    write_down(officer, confirmed="y", text="Excel", business_name="The Forge Co", website="", postcode="LE1")

    rows = signals(service)
    assert all(counts for _, counts, _ in rows)
    assert rows[0][2] == rows[1][2] and rows[2][2] == rows[3][2] != rows[0][2]


@only_sqlite
def test_pressing_twice_writes_it_down_once_and_a_stale_form_loses_nothing(service: Flask) -> None:
    officer = officer_of(service)
    sent = fields_of(officer.get("/cases/gathering/new")) | HEARD

    assert {officer.post("/cases/gathering/new", data=sent).location for _ in range(2)} == {
        "/cases/gathering/needs/1"
    }
    again = officer.post("/cases/gathering/new", data={**sent, "token": "not ours"})
    assert again.status_code == 422 and "Two welders need TIG" in plain(again)
    assert len(signals(service)) == 1


@only_sqlite
@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"channel": ""}, "Choose how you heard of it"),
        ({"met_on": "1/1/2030"}, "Enter a day of the last three years, not one to come"),
        ({"met_on": "soon"}, "Enter “On which day” as a day, such as 23/11/2026"),
        ({"business_name": ""}, "Enter the name of the business"),
        ({"text": ""}, "Write what the business needs"),
        ({"website": "gmail.com"}, "That is not the web domain of one business"),
        ({"website": "", "postcode": ""}, "so that the business is counted once"),
        ({"email": "owner@acme.example"}, "Tick the box once the employer agreed"),
        ({"told": ""}, "Tick the box once you told the employer"),
    ],
)
def test_a_bad_answer_is_told_and_nothing_typed_is_lost(
    service: Flask, answers: dict[str, str], said: str
) -> None:
    page = write_down(officer_of(service), **answers)

    assert page.status_code == 422 and said in plain(page)
    assert "Skills fair" in page.get_data(as_text=True) and signals(service) == []


def test_the_employer_is_told_and_its_link_changes_confirms_and_withdraws(service: Flask) -> None:
    officer, employer = officer_of(service), service.test_client()
    write_down(officer, email="owner@acme.example", may_write="y", channel="phone")
    with service.app_context():
        mail = db.session.scalars(select(MailMessage)).one()
        assert mail.subject == "Your skills need, as we wrote it down"
        assert "met you by phone, and wrote down" in mail.body and "Two welders need TIG" in mail.body
        verify, manage = re.findall(r"https?://[^/\s]+(/needs/(?:verify|manage)/\S+)", mail.body)

    form = fields_of(employer.get(f"{manage}/change")) | {
        "text": "Two welders need TIG. Forklift licences for three."
    }
    assert employer.post(f"{manage}/change", data=form).status_code == 303
    one = {key for _, _, key in signals(service)}
    assert (
        len(signals(service)) == 2 and len(one) == 1
    )  # what it adds is the same employer's, on the same channel
    assert employer.post(verify).status_code == 303
    assert all(counts for _, counts, _ in signals(service))
    refused = officer.post("/cases/gathering/needs/1/take-back")
    assert refused.status_code == 409 and "Only the employer can withdraw it now" in plain(refused)
    employer.post(f"{manage}/withdraw")
    assert "It was withdrawn" in plain(officer.get("/cases/gathering/needs/1"))


def test_an_owner_with_a_free_mailbox_stays_the_business_that_was_met(service: Flask) -> None:
    officer, employer = officer_of(service), service.test_client()
    write_down(officer, email="acme.owner@gmail.com", may_write="y")
    with service.app_context():
        verify = re.findall(r"(/needs/verify/\S+)", db.session.scalars(select(MailMessage.body)).one())[0]
    employer.post(verify)

    say(service.test_client(), "forklift", email="jo@acme.example")  # what the business asks for itself joins it

    rows = signals(service)
    assert rows[0][1] and {key for _, _, key in rows} == {rows[0][2]}


@only_sqlite
def test_what_a_business_told_is_found_by_part_of_its_name_for_as_long_as_it_stands(service: Flask) -> None:
    officer = officer_of(service)
    write_down(officer, business_name="Acme 100% Packaging")
    page = plain(officer.get("/cases/gathering?business=100%25 PACK"))
    assert "Acme 100% Packaging" in page and "Skills fair" in page and "No need that stands" not in page
    assert "No need that stands" in plain(officer.get("/cases/gathering?business=1000"))

    officer.post("/cases/gathering/needs/1/take-back")

    assert "No need that stands" in plain(officer.get("/cases/gathering?business=acme"))


def test_one_written_down_by_mistake_is_withdrawn_and_its_words_are_gone(service: Flask) -> None:
    officer = officer_of(service)
    write_down(officer, confirmed="y", text="Ask Jane Smith on 0116 496 0000 about welding")
    page = plain(officer.get("/cases/gathering/needs/1"))
    assert "0116 496" not in page and "Jane" not in page and "[name hidden]" in page

    assert officer.post("/cases/gathering/needs/1/take-back").status_code == 303

    assert not any(counts for _, counts, _ in signals(service))
    assert noted(service)[-1] == "need taken back"
    with service.app_context():
        assert db.session.scalars(select(Need)).one().text == ""


@only_sqlite
def test_a_facet_added_to_a_need_that_an_officer_confirmed_counts_too(service: Flask) -> None:
    officer = officer_of(service)
    write_down(officer, confirmed="y")
    with service.app_context():
        reference = db.session.scalars(select(Need.reference)).one()
        need_id = db.session.scalars(select(GatheredNeed.need_id)).one()
    form = fields_of(officer.get(f"/needs/{reference}/correct"))

    service.test_client().post(f"/needs/{reference}/correct", data=form | {"add": "forklift licence"})

    with service.app_context():
        keys = set(db.session.scalars(select(DemandSignal.employer_key_id)))
        assert need_id and len(keys) == 1 and db.session.get(EmployerKey, keys.pop()) is not None
    assert all(counts for _, counts, _ in signals(service))


@only_sqlite
def test_a_need_said_on_the_web_keeps_its_own_channel_and_key(service: Flask) -> None:
    say(service.test_client(), "welding", email="owner@acme.example")
    write_down(officer_of(service))

    rows = signals(service)
    assert [channel for channel, _, _ in rows] == ["web", "event"]
    assert rows[0][2] == rows[1][2]  # the same web domain is the same employer


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("", ""),
        ("https://www.Acme.co.uk/jobs?x=1", "acme.co.uk"),
        ("jobs.acme.co.uk", "acme.co.uk"),
        ("owner@acme.com", "acme.com"),
        ("gmail.com", None),
        ("facebook.com/acme", None),
        ("co.uk", None),
        ("acme", None),
        ("not a domain", None),
        ("ac-me.org", "ac-me.org"),
        ("-acme.org", None),
    ],
)
def test_a_web_address_is_read_as_the_domain_of_one_business(typed: str, domain: str | None) -> None:
    assert own_domain(typed) == domain
