"""An e-mail is proved by a button, once; the private link changes, extends and withdraws without an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.forgetting import forget_old
from skillsmatch.needs.models import Correction, Need
from tests.conftest import NOW
from tests.needs.journey import fields_of, plain, say, send

OWNER = "owner@longline.example"


def links(app: Flask, which: int = -1) -> tuple[str, str]:
    """The paths of the two links in a waiting mail."""
    with app.app_context():
        body = db.session.scalars(select(MailMessage.body).order_by(MailMessage.id)).all()[which]
    verify, manage = re.findall(r"https?://[^/\s]+(/needs/(?:verify|manage)/\S+)", body)
    return verify, manage


def countable(app: Flask) -> list[bool]:
    with app.app_context():
        return [s.countable_at is not None for s in db.session.scalars(select(DemandSignal)).all()]


def test_the_mail_goes_to_the_outbox_with_the_need_and_carries_two_links(
    service: Flask, visitor: FlaskClient
) -> None:
    say(visitor, "forklift licence", email=OWNER)

    verify, manage = links(service)

    assert verify != manage
    with service.app_context():
        message = db.session.scalars(select(MailMessage)).one()
        assert message.to_address == OWNER and message.sent_at is None
        stored = " ".join(str(v) for v in vars(db.session.scalars(select(Need)).one()).values())
        assert verify.rsplit("/")[-1] not in stored and manage.rsplit("/")[-1] not in stored


def test_without_an_email_there_is_no_mail_and_the_page_asks_for_one(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence")

    assert "Confirm an e-mail so that your need counts" in plain(visitor.get(f"/needs/{reference}"))
    with service.app_context():
        assert db.session.scalar(select(func.count()).select_from(MailMessage)) == 0


def test_opening_the_verification_link_verifies_nothing(service: Flask, visitor: FlaskClient) -> None:
    say(visitor, "forklift licence", email=OWNER)
    verify, _ = links(service)

    for _ in range(3):  # a mail scanner
        page = visitor.get(verify)

    assert page.status_code == 200 and "Yes, this is my e-mail" in plain(page)
    assert countable(service) == [False]


def test_the_button_verifies_once_and_makes_every_signal_countable(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence; Sage payroll", email=OWNER)
    verify, _ = links(service)

    assert visitor.post(verify).status_code == 303

    assert countable(service) == [True, True]
    assert "Your e-mail is confirmed" in plain(visitor.get(f"/needs/{reference}"))
    assert visitor.get(verify).status_code == 404
    assert "no longer works" in plain(visitor.post(verify))


def test_a_verification_link_runs_out(service: Flask, visitor: FlaskClient) -> None:
    say(visitor, "forklift licence", email=OWNER)
    verify, manage = links(service)
    service.config["CLOCK"] = lambda: NOW + timedelta(days=7, seconds=1)

    assert visitor.get(verify).status_code == visitor.post(verify).status_code == 404
    assert visitor.get(manage).status_code == 200


def test_an_email_added_later_gets_the_links_and_a_lost_mail_can_be_sent_again(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence")

    assert visitor.post(f"/needs/{reference}/email", data={"email": "not an address"}).status_code == 422
    assert visitor.post(f"/needs/{reference}/email", data={"email": OWNER}).status_code == 303
    first, _ = links(service)
    assert visitor.post(f"/needs/{reference}/email", data={"email": OWNER}).status_code == 303
    second, _ = links(service)

    assert visitor.get(first).status_code == 404  # only the newest link works
    assert visitor.post(second).status_code == 303
    assert countable(service) == [True]


def test_one_address_gets_six_mails_a_day_at_most_and_no_need_is_lost_by_that(
    service: Flask, visitor: FlaskClient
) -> None:
    for n in range(8):
        say(visitor, f"forklift licence {n}", email=OWNER)

    with service.app_context():
        assert db.session.scalar(select(func.count()).select_from(MailMessage)) == 6
        assert db.session.scalar(select(func.count()).select_from(Need)) == 8
    reference = say(visitor, "payroll")
    page = visitor.post(f"/needs/{reference}/email", data={"email": OWNER})
    assert page.status_code == 429
    assert "tomorrow" in plain(page) and fields_of(page)["email"] == OWNER


def test_the_private_link_changes_the_need_and_keeps_its_signals(
    service: Flask, visitor: FlaskClient
) -> None:
    say(visitor, "forklift licence", email=OWNER, people="2")
    verify, manage = links(service)
    visitor.post(verify)
    page = visitor.get(f"{manage}/change")
    form = fields_of(page)
    assert form["text"] == "forklift licence" and form["people"] == "2" and form["email"] == OWNER

    answer = visitor.post(f"{manage}/change", data=form | {"people": "5"})

    assert answer.status_code == 303
    with service.app_context():
        signal = db.session.scalars(select(DemandSignal)).one()
        assert signal.people == 5 and signal.countable_at is not None
        assert db.session.scalars(select(Need)).one().email_verified_at is not None


def test_changing_the_email_has_to_be_confirmed_anew(service: Flask, visitor: FlaskClient) -> None:
    say(visitor, "forklift licence", email=OWNER)
    verify, manage = links(service)
    visitor.post(verify)
    form = fields_of(visitor.get(f"{manage}/change"))

    visitor.post(f"{manage}/change", data=form | {"email": "office@longline.example"})

    with service.app_context():
        assert db.session.scalars(select(Need)).one().email_verified_at is None
    assert visitor.get(links(service)[0]).status_code == 200


def test_a_wrong_answer_on_the_change_page_changes_nothing_and_keeps_what_was_typed(
    service: Flask, visitor: FlaskClient
) -> None:
    say(visitor, "forklift licence", email=OWNER)
    _, manage = links(service)
    form = fields_of(visitor.get(f"{manage}/change"))

    page = visitor.post(f"{manage}/change", data=form | {"text": "payroll", "people": "many"})

    assert page.status_code == 422
    assert fields_of(page)["text"] == "payroll" and fields_of(page)["people"] == "many"
    with service.app_context():
        assert db.session.scalars(select(Need)).one().text == "forklift licence"


def test_extending_keeps_the_words_another_year(service: Flask, visitor: FlaskClient) -> None:
    say(visitor, "forklift licence", email=OWNER)
    _, manage = links(service)
    service.config["CLOCK"] = lambda: NOW + timedelta(days=300)

    assert visitor.post(f"{manage}/extend").status_code == 303

    with service.app_context():
        assert db.session.scalars(select(Need)).one().kept_until == (NOW + timedelta(days=665)).date()


def test_withdrawing_ends_the_signals_and_removes_the_contact(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "forklift licence", email=OWNER, business_name="Longline")
    verify, manage = links(service)
    visitor.post(verify)

    assert visitor.post(f"{manage}/withdraw").status_code == 303

    assert "withdrawn this need" in plain(visitor.get(f"/needs/{reference}"))
    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert (need.status, need.email, need.business_name) == ("withdrawn", "", "")
        assert db.session.scalars(select(DemandSignal)).one().withdrawn_at is not None
    assert visitor.get(f"{manage}/change").status_code == 404


def test_a_need_with_a_confirmed_email_cannot_be_withdrawn_from_its_public_address(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence", email=OWNER)
    visitor.post(links(service)[0])

    visitor.post(f"/needs/{reference}/withdraw")

    with service.app_context():
        assert db.session.scalars(select(Need)).one().status == "open"


def test_a_need_without_an_email_can_be_withdrawn_by_whoever_holds_its_address(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence")
    assert visitor.get(f"/needs/{reference}/withdraw").status_code == 200

    assert visitor.post(f"/needs/{reference}/withdraw").status_code == 303

    with service.app_context():
        assert db.session.scalars(select(Need)).one().status == "withdrawn"


@pytest.mark.parametrize("path", ["verify/nothing", "manage/nothing", "manage/nothing/change"])
def test_a_made_up_link_says_that_it_does_not_work(visitor: FlaskClient, path: str) -> None:
    page = visitor.get(f"/needs/{path}")

    assert page.status_code == 404
    assert "no longer works" in plain(page)


def test_one_business_domain_is_one_employer_and_free_mail_addresses_are_not(
    service: Flask, visitor: FlaskClient
) -> None:
    for address in ("a@longline.example", "B@LONGLINE.example", "a@gmail.com", "b@gmail.com", ""):
        send(visitor, text="forklift licence", email=address)

    with service.app_context():
        keys = db.session.scalars(select(EmployerKey)).all()
        assert sorted(k.basis for k in keys) == ["domain", "email", "email", "need"]
        assert all(0 <= k.record_key < 4096 and len(k.digest) == 64 for k in keys)
        assert db.session.scalar(select(func.count()).select_from(DemandSignal)) == 5


def test_a_signal_has_no_name_words_or_contact(service: Flask, visitor: FlaskClient) -> None:
    say(
        visitor,
        "forklift licence for Daveyboy",
        email=OWNER,
        business_name="Longline Pallets",
        postcode="LE10 1AA",
        size_band="10-49",
    )

    with service.app_context():
        signal = db.session.scalars(select(DemandSignal)).one()
        told = " ".join(
            str(v) for v in (*vars(signal).values(), *vars(signal.employer_key).values())
        ).casefold()
        for private in ("daveyboy", "longline", "owner", "1aa", "le10", "licence"):
            assert private not in told
        assert (signal.district, signal.size_band) == ("E07000132", "10-49")
        columns = set(DemandSignal.__table__.columns.keys())
        assert not columns & {"need_id", "facet_id", "text", "email", "business_name", "reference"}


def test_words_and_contact_are_forgotten_when_their_time_is_over_and_codes_stay(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence", email=OWNER)
    page = visitor.get(f"/needs/{reference}/correct")
    visitor.post(f"/needs/{reference}/correct", data=fields_of(page) | {"facet_1": "counterbalance truck"})

    service.config["CLOCK"] = lambda: NOW + timedelta(days=365)
    with service.app_context():
        assert forget_old() == 0
    service.config["CLOCK"] = lambda: NOW + timedelta(days=366)
    with service.app_context():
        assert forget_old() == 1
        assert forget_old() == 0
        need = db.session.scalars(select(Need)).one()
        assert (need.text, need.email, need.live_facets[0].text) == ("", "", "")
        assert db.session.scalars(select(DemandSignal)).one().theme != ""
        assert not any(c.before or c.after for c in db.session.scalars(select(Correction)).all())
        shown = [m.shown for m in need.live_facets[0].matches]
        assert "forklift" not in " ".join(w for s in shown for w in s.get("matched", [])).casefold()
    assert visitor.get(f"/needs/{reference}").status_code == 200


def test_changing_the_size_leaves_the_corrected_needs_as_they_are(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "fork truck", email=OWNER)
    _, manage = links(service)
    page = visitor.get(f"/needs/{reference}/correct")
    visitor.post(f"/needs/{reference}/correct", data=fields_of(page) | {"facet_1": "counterbalance truck"})

    form = fields_of(visitor.get(f"{manage}/change"))
    visitor.post(f"{manage}/change", data=form | {"size_band": "10-49"})

    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert [f.text for f in need.live_facets] == ["counterbalance truck"]
        assert db.session.scalar(select(func.count()).select_from(DemandSignal)) == 1


def test_withdrawing_leaves_no_word_place_or_mail_behind(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "forklift licence for Daveyboy", email=OWNER, postcode="LE10 1AA")
    _, manage = links(service)

    visitor.post(f"{manage}/withdraw")

    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        rows = [need, *need.facets, *(m for f in need.facets for m in f.matches)]
        told = " ".join(str(v) for row in rows for v in vars(row).values()).casefold()
        for private in ("daveyboy", "longline", "le10", "licence for"):
            assert private not in told
        assert need.lat is None and need.payload_digest == ""
        assert db.session.scalar(select(func.count()).select_from(MailMessage)) == 0
    assert visitor.get(f"/needs/{reference}").status_code == 200


def test_an_address_that_could_not_be_saved_stays_in_its_box(
    service: Flask, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = say(visitor, "forklift licence")

    def full_disk(*_: object) -> None:
        raise OperationalError("COMMIT", None, Exception("disk full"))

    with monkeypatch.context() as broken:
        broken.setattr(db.session, "commit", full_disk)
        page = visitor.post(f"/needs/{reference}/email", data={"email": OWNER})

    assert page.status_code == 503 and page.headers["Retry-After"]
    assert fields_of(page)["email"] == OWNER
    assert "We could not save this just now" in plain(page)
