"""An employer is reminded on days 7 and 42 and told at the end, once each, by links that need no account."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from skillsmatch.addresses import NoAddress
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.leads.reminding import MAILS, remind
from skillsmatch.leads.telling import LATER, SOON, tell
from skillsmatch.mail.models import MailMessage
from skillsmatch.mail.outbox import DAILY_LIMIT, forget_sent, post
from skillsmatch.needs.models import Need
from skillsmatch.texts.catalogue import TEXTS
from tests.leads.conftest import LEICESTER, Employer
from tests.needs.journey import plain

New = Callable[..., Employer]
only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
Later = Callable[..., None]


def run(app: Flask) -> int:
    with app.app_context():
        number = keep(remind)
        db.session.remove()
        return number


def body(app: Flask) -> str:
    with app.app_context():
        reminders = select(MailMessage.body).where(MailMessage.key.contains("-day-"))
        return list(db.session.scalars(reminders.order_by(MailMessage.id)))[-1]


@pytest.fixture
def shared(college: FlaskClient, employer: New) -> Employer:
    one = employer()
    one.share(LEICESTER)
    return one


@pytest.mark.parametrize("day", [7, 42, 84])
def test_the_reminder_comes_on_its_day_and_not_a_second_before_and_once(
    service: Flask, shared: Employer, later: Later, day: int
) -> None:
    later(days=day, seconds=-1)
    run(service)  # whatever was due before
    before = len(shared.mails())

    later(days=day)

    assert (run(service), run(service)) == (1, 0)
    assert shared.mails()[before:] == [TEXTS[MAILS[day]].standard.subject]


@only_sqlite
def test_a_worker_that_was_away_sends_the_last_reminder_only(
    service: Flask, shared: Employer, later: Later
) -> None:
    later(days=50)

    assert (run(service), run(service)) == (1, 0)
    assert shared.mails() == [TEXTS[MAILS[42]].standard.subject]


def test_the_link_in_the_reminder_shows_on_a_get_and_extends_on_a_post(
    service: Flask, shared: Employer, later: Later
) -> None:
    later(days=42)
    run(service)
    link = re.findall(r"http://localhost(/needs/manage/\S+)", body(service))[0]

    for _ in range(2):
        page = plain(shared.client.get(f"{link}/sharing"))
    assert "until Monday 15 February 2027" in page
    assert shared.client.post(f"{link}/sharing/extend").status_code == 303

    assert "until Monday 29 March 2027" in plain(shared.client.get(f"{link}/sharing"))
    assert shared.client.get(f"{link}/change").status_code == 200
    assert shared.client.post(f"{link}/sharing/stop").status_code == 303
    assert "Let a college see it" in plain(shared.client.get(link))


@only_sqlite
def test_after_extending_the_next_reminder_is_42_days_on(
    service: Flask, shared: Employer, later: Later
) -> None:
    later(days=42)
    run(service)
    shared.client.post(f"{shared.manage}/sharing/extend")
    later(days=42 + 41, hours=23)
    assert run(service) == 0

    later(days=84)

    assert run(service) == 1 and shared.mails() == [TEXTS[MAILS[42]].standard.subject] * 2


def test_nobody_is_reminded_of_what_was_stopped_withdrawn_or_is_not_verified(
    service: Flask, college: FlaskClient, employer: New, later: Later
) -> None:
    stopped, withdrawn, unverified = employer(), employer(), employer()
    waiting = employer(confirmed=False)
    for one in (stopped, withdrawn, unverified):
        one.share(LEICESTER)
    waiting.share(LEICESTER, by="page")
    stopped.stop()
    withdrawn.client.post(f"{withdrawn.manage}/withdraw")
    with service.app_context():
        again = update(Need).where(Need.reference == unverified.reference)
        db.session.execute(again.values(email_verified_at=None))
        db.session.commit()

    later(days=90)

    assert run(service) == 0


@only_sqlite
def test_a_lead_runs_from_the_day_its_email_was_verified(
    service: Flask, college: FlaskClient, employer: New, later: Later
) -> None:
    one = employer(confirmed=False)
    one.share(LEICESTER, by="page")
    later(days=5)
    one.confirm()
    later(days=11)
    assert run(service) == 0

    later(days=12)

    assert run(service) == 1


@only_sqlite
def test_an_address_that_had_its_mails_for_the_day_is_reminded_on_the_next(
    service: Flask, shared: Employer, later: Later
) -> None:
    later(days=7)
    with service.app_context():
        keep(lambda: [post(f"x{n}", "owner@firm0.example", "x", "y") for n in range(DAILY_LIMIT)] and None)
    assert run(service) == 0

    later(days=8, seconds=1)

    assert run(service) == 1 and shared.mails() == [TEXTS[MAILS[7]].standard.subject]


@only_sqlite
def test_a_reminder_is_not_sent_again_when_the_sent_mail_is_forgotten(
    service: Flask, shared: Employer, later: Later
) -> None:
    later(days=7)
    run(service)
    with service.app_context():
        db.session.execute(update(MailMessage).values(sent_at=MailMessage.created_at))
        db.session.commit()
    later(days=40)
    with service.app_context():
        forget_sent()

    assert run(service) == 0 and shared.mails() == []


@only_sqlite
def test_without_an_address_for_its_links_nothing_is_sent_and_all_stays_due(
    service: Flask, shared: Employer, later: Later
) -> None:
    service.config["BASE_URL"] = ""
    later(days=7)
    with service.app_context():
        with pytest.raises(NoAddress):
            keep(remind)
        assert tell(SOON + LATER) == ""

    service.config["BASE_URL"] = "http://localhost"

    assert run(service) == 1


@only_sqlite
def test_the_worker_does_it(service: Flask, shared: Employer, later: Later) -> None:
    later(days=7)

    ran = service.test_cli_runner().invoke(args=["work", "--once"])

    assert ran.exit_code == 0, ran.output
    assert shared.mails() == [TEXTS[MAILS[7]].standard.subject]
