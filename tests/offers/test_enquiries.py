"""Writing to a provider: with consent, once, to the right address, and kept no longer than it takes to send."""

from __future__ import annotations

import html
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from skillsmatch.extensions import db
from skillsmatch.mail.delivery import deliver
from skillsmatch.mail.models import MailMessage
from skillsmatch.offers import enquiries
from skillsmatch.offers.enquiries import A_DAY
from skillsmatch.offers.models import Offer, Provider, Venue
from tests.conftest import NOW
from tests.needs.journey import fields_of, plain

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
ASKED = {
    "name": "Jo Smith",
    "business": "Smith & Söhne",
    "email": "jo@firm.example",
    "phone": "0116 000",
    "message": "Is there room for three?\nCould you teach at our place?",
    "consent": "y",
}


@pytest.fixture
def number(service: Flask) -> int:
    """A real offer whose provider can be written to."""
    with service.app_context():
        offer = db.session.scalars(
            select(Offer).where(Offer.venue_id.is_not(None)).order_by(Offer.id)
        ).first()
        assert offer is not None
        offer.demonstration, offer.contact_email = False, "courses@college.example"
        db.session.commit()
        return offer.id


@pytest.fixture(autouse=True)
def another_day(service: Flask, request: pytest.FixtureRequest) -> Iterator[None]:
    """What a network may do is counted for a day; each test has its own."""
    days = 1_000 + abs(hash(request.node.name)) % 100_000
    with patch("skillsmatch.throttle.today", return_value=(NOW + timedelta(days=days)).date()):
        yield


def change(service: Flask, **values: Any) -> None:
    with service.app_context():
        db.session.execute(update(Offer).values(**values))
        db.session.commit()


def send(client: FlaskClient, number: int, **answers: Any) -> TestResponse:
    form = fields_of(client.get(f"/offers/{number}/enquiry"))
    return client.post(f"/offers/{number}/enquiry", data=form | ASKED | answers)


def mails(service: Flask) -> list[MailMessage]:
    with service.app_context():
        found = list(db.session.scalars(select(MailMessage).order_by(MailMessage.id)))
        db.session.expunge_all()
        return found


def test_the_provider_gets_the_message_and_the_employer_a_copy(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    answer = send(visitor, number)

    assert answer.status_code == 303
    message, copy = mails(service)
    assert (message.to_address, message.reply_to) == ("courses@college.example", "jo@firm.example")
    assert (copy.to_address, copy.reply_to) == ("jo@firm.example", "")
    for mail in (copy, message):
        for words in (ASKED["name"], ASKED["business"], ASKED["email"], ASKED["phone"], ASKED["message"]):
            assert words in mail.body
        assert f"http://localhost/offers/{number}" in mail.body
        assert "On 23 November 2026 at 10:30" in mail.body
        assert "“Send my name, business, e-mail and message to" in mail.body
        assert "(wording 1)" in mail.body
    assert "on its way" in plain(visitor.get(answer.location))


def test_the_same_form_twice_is_one_message(service: Flask, visitor: FlaskClient, number: int) -> None:
    form = fields_of(visitor.get(f"/offers/{number}/enquiry")) | ASKED

    answers = [visitor.post(f"/offers/{number}/enquiry", data=form) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [303] * 3
    assert len({answer.location for answer in answers}) == 1
    assert len(mails(service)) == 2


@pytest.mark.parametrize("words", [[ASKED["message"]] * 4, [f"question {n}" for n in range(4)]])
def test_the_same_form_from_several_windows_at_once_is_one_message(
    service: Flask, visitor: FlaskClient, number: int, words: list[str]
) -> None:
    form = fields_of(visitor.get(f"/offers/{number}/enquiry")) | ASKED
    statuses = []

    def press(message: str) -> None:
        answer = service.test_client().post(f"/offers/{number}/enquiry", data=form | {"message": message})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=press, args=(message,)) for message in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(statuses) <= {303, 409}
    assert 303 in statuses
    assert len(mails(service)) == 2


@only_sqlite
@pytest.mark.parametrize(("words", "status"), [(ASKED["message"], 303), ("something else", 409)])
def test_a_window_that_looked_just_before_the_other_sent_posts_nothing(
    service: Flask, visitor: FlaskClient, number: int, words: str, status: int
) -> None:
    form = fields_of(visitor.get(f"/offers/{number}/enquiry")) | ASKED
    visitor.post(f"/offers/{number}/enquiry", data=form)
    looks = [lambda *_: None, enquiries._copy]  # the first look finds nothing yet

    with patch.object(enquiries, "_copy", lambda *of: looks.pop(0)(*of)):
        answer = visitor.post(f"/offers/{number}/enquiry", data=form | {"message": words})

    assert (answer.status_code, looks) == (status, [])
    assert len(mails(service)) == 2


@only_sqlite
def test_the_same_form_with_other_words_asks_before_a_second_message(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    form = fields_of(visitor.get(f"/offers/{number}/enquiry")) | ASKED
    visitor.post(f"/offers/{number}/enquiry", data=form)

    again = visitor.post(f"/offers/{number}/enquiry", data=form | {"message": "And in May?"})

    assert again.status_code == 409
    assert "You have sent this form before, with other words" in plain(again)
    assert fields_of(again)["message"] == "And in May?"
    assert len(mails(service)) == 2
    assert (
        visitor.post(f"/offers/{number}/enquiry", data=fields_of(again) | {"consent": "y"}).status_code == 303
    )
    assert len(mails(service)) == 4


@only_sqlite
def test_nothing_is_sent_without_consent_and_the_box_is_not_ticked_for_anyone(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    page = visitor.get(f"/offers/{number}/enquiry")
    assert "consent" not in fields_of(page)

    answer = visitor.post(f"/offers/{number}/enquiry", data=fields_of(page) | ASKED | {"consent": ""})

    assert answer.status_code == 422
    assert "Tick the box if we may send this" in plain(answer)
    assert fields_of(answer)["message"] == ASKED["message"]
    assert mails(service) == []


@only_sqlite
@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"name": " "}, "Enter your name"),
        ({"business": ""}, "Enter the name of your business"),
        ({"email": "jo at firm"}, "Enter an e-mail address in the form name@example.com"),
        ({"email": "jo@firm.example\r\nBcc: all@world.example"}, "Enter an e-mail address in the form"),
        ({"message": ""}, "Write what you want to ask"),
        ({"message": "x" * 4_001}, "Use 4,000 characters or fewer"),
        ({"phone": "1" * 41}, "Use 40 characters or fewer"),
        ({"leave_empty": "http://spam.example"}, "A box that people cannot see was filled in"),
        ({"token": "made up"}, "This form was not ours, or is weeks old"),
        ({"token": ""}, "This form was not ours, or is weeks old"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    service: Flask, visitor: FlaskClient, number: int, answers: dict[str, str], words: str
) -> None:
    answer = send(visitor, number, **answers)

    assert answer.status_code == 422
    assert words in html.unescape(answer.get_data(as_text=True))
    kept = {name: value for name, value in ASKED.items() if name not in ("consent", *answers)}
    assert {name: fields_of(answer)[name] for name in kept} == kept
    assert "consent" in fields_of(answer)
    assert mails(service) == []


@only_sqlite
def test_a_form_of_another_offer_does_not_serve(service: Flask, visitor: FlaskClient, number: int) -> None:
    change(service, demonstration=False, contact_email="a@b.example")
    form = fields_of(visitor.get(f"/offers/{number + 1}/enquiry"))

    answer = visitor.post(f"/offers/{number}/enquiry", data=form | ASKED)

    assert answer.status_code == 422
    assert mails(service) == []


@only_sqlite
def test_a_forged_post_from_another_site_sends_nothing_and_loses_nothing(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    service.config["WTF_CSRF_ENABLED"] = True
    form = fields_of(visitor.get(f"/offers/{number}/enquiry")) | ASKED

    forged = service.test_client().post(f"/offers/{number}/enquiry", data=form)

    assert forged.status_code == 422
    assert fields_of(forged)["message"] == ASKED["message"]
    assert mails(service) == []
    assert visitor.post(f"/offers/{number}/enquiry", data=form).status_code == 303


@only_sqlite
def test_the_message_goes_to_the_offers_contact_else_the_venues_else_the_providers(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    for table, address in ((Provider, "desk@college.example"), (Venue, "campus@college.example")):
        with service.app_context():
            db.session.execute(update(Offer).values(contact_email=""))
            db.session.execute(update(table).values(email=address))
            db.session.commit()

        send(visitor, number, message=f"to {address}", email=f"jo@{table.__tablename__}.example")

        assert mails(service)[-2].to_address == address


@only_sqlite
def test_where_there_is_no_address_the_page_says_so_and_how_else_to_ask(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    change(service, contact_email="", contact_phone="0116 123", url="https://www.example.org/x")

    page = visitor.get(f"/offers/{number}/enquiry")

    assert page.status_code == 200
    assert "We hold no e-mail address for" in plain(page)
    assert "Phone 0116 123" in plain(page)
    assert 'href="https://www.example.org/x"' in page.get_data(as_text=True)
    assert "<form" not in page.get_data(as_text=True)


@only_sqlite
def test_an_address_or_offer_that_goes_while_someone_writes_costs_them_no_word(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    form = fields_of(visitor.get(f"/offers/{number}/enquiry")) | ASKED
    for values, words in (
        ({"contact_email": ""}, "We no longer have an address for this provider, so we sent nothing"),
        ({"withdrawn_at": NOW}, "This training was withdrawn a moment ago, so we sent nothing"),
    ):
        change(service, **values)

        answer = visitor.post(f"/offers/{number}/enquiry", data=form)

        assert answer.status_code == 409
        assert words in plain(answer)
        assert fields_of(answer)["message"] == ASKED["message"]
    assert mails(service) == []
    assert visitor.get(f"/offers/{number}/enquiry").location == f"/offers/{number}"


@only_sqlite
def test_a_demonstration_offer_writes_to_no_provider_and_says_so(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    change(service, demonstration=True, contact_email="courses@college.example")
    assert "We send your message to no provider" in plain(visitor.get(f"/offers/{number}/enquiry"))

    answer = send(visitor, number)

    (copy,) = mails(service)
    assert copy.to_address == "jo@firm.example"
    assert "message to no provider" in copy.body
    assert "Nothing was sent to the provider" in plain(visitor.get(answer.location))


@only_sqlite
def test_an_employer_who_has_had_enough_mail_today_is_told_and_loses_nothing(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    answers = [send(visitor, number, message=f"question {n}") for n in range(7)]

    assert [answer.status_code for answer in answers] == [303] * 6 + [429]
    assert "We have sent 6 messages to your address today" in plain(answers[-1])
    assert fields_of(answers[-1])["message"] == "question 6"
    assert len(mails(service)) == 12  # and no half of the seventh


@only_sqlite
def test_a_provider_gets_no_more_in_a_day_than_people_write(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    service.config["ENQUIRY_LIMITS"] = "1000/hour"
    for n in range(A_DAY):
        assert send(visitor, number, email=f"jo{n}@firm.example").status_code == 303

    answer = send(visitor, number, email="last@firm.example")

    assert answer.status_code == 429
    assert "has had many messages through us today" in plain(answer)
    assert not [mail for mail in mails(service) if mail.to_address == "last@firm.example"]


@only_sqlite
def test_a_network_that_sends_a_flood_is_told_when_to_try_again(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    service.config["ENQUIRY_LIMITS"] = "2/hour"
    answers = [send(visitor, number, email=f"jo{n}@firm.example") for n in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 3_600
    assert "Your network has sent many messages" in plain(answers[-1])
    assert fields_of(answers[-1])["message"] == ASKED["message"]


@only_sqlite
def test_while_nothing_can_be_saved_the_message_comes_back(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    form = fields_of(visitor.get(f"/offers/{number}/enquiry")) | ASKED
    full = OperationalError("COMMIT", None, Exception("disk full"))
    with patch.object(db.session, "commit", side_effect=full):
        answer = visitor.post(f"/offers/{number}/enquiry", data=form)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert fields_of(answer)["message"] == ASKED["message"]
    assert mails(service) == []
    assert (
        visitor.post(f"/offers/{number}/enquiry", data=fields_of(answer) | {"consent": "y"}).status_code
        == 303
    )


@only_sqlite
def test_once_sent_its_words_are_gone_and_its_receipt_says_so(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    where = send(visitor, number).location
    with service.app_context():
        assert deliver() == (2, 0)

    message, copy = mails(service)

    assert (copy.body, message.body, message.reply_to) == ("", "", "")
    assert copy.key.startswith(f"enquiry-1-{number}-")  # the wording of the consent that was given
    assert "Your message has been sent" in plain(visitor.get(where))
    assert visitor.get(where).headers["Cache-Control"] == "no-store"


@only_sqlite
def test_the_mail_says_whom_to_answer(service: Flask, visitor: FlaskClient, number: int) -> None:
    from email import message_from_bytes, policy
    from pathlib import Path

    send(visitor, number)
    with service.app_context():
        deliver()

    files = Path(service.config["MAIL_DIR"]).glob("*.eml")
    sent = {m["To"]: m for m in (message_from_bytes(f.read_bytes(), policy=policy.default) for f in files)}
    assert sent["courses@college.example"]["Reply-To"] == "jo@firm.example"
    assert sent["jo@firm.example"]["Reply-To"] is None
    assert ASKED["message"] in sent["courses@college.example"].get_content()


@only_sqlite
def test_a_message_that_was_given_up_is_said_to_be(service: Flask, visitor: FlaskClient, number: int) -> None:
    where = send(visitor, number).location
    with service.app_context():
        db.session.execute(update(MailMessage).values(given_up_at=NOW))
        db.session.commit()

    assert "could not be delivered" in plain(visitor.get(where))
    assert visitor.get(where[:-4] + "0000").status_code == 404


@only_sqlite
@pytest.mark.parametrize("path", ["/offers/999999/enquiry", "/offers/0/enquiry", "/offers/1/enquiry/nothing"])
def test_what_there_is_not_is_not_found(visitor: FlaskClient, path: str) -> None:
    assert visitor.get(path).status_code == 404


@only_sqlite
def test_every_offer_has_the_button_unless_nobody_runs_it(
    service: Flask, visitor: FlaskClient, number: int
) -> None:
    assert f'<a class="button" href="/offers/{number}/enquiry">Ask about this training</a>' in visitor.get(
        f"/offers/{number}"
    ).get_data(as_text=True)
    with service.app_context():
        db.session.get_one(Offer, number).provider.ukprn = 10_000_000
        db.session.commit()

    assert "Ask about this training" not in visitor.get(f"/offers/{number}").get_data(as_text=True)
    assert "there is nobody we could write to" in plain(visitor.get(f"/offers/{number}/enquiry"))
