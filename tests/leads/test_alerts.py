"""An account is told of leads and releases that touch its alerts, and can stop each without signing in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.accounts.roles import Role
from skillsmatch.demand.models import Release, ReleaseCell
from skillsmatch.extensions import db
from skillsmatch.leads.alerts import GATHER, MOST, STILL_NEW, tell_of_leads, tell_of_releases
from skillsmatch.leads.models import Alert
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.models import Facet
from tests.accounts.signing import sign_in
from tests.conftest import NOW
from tests.leads.conftest import LEICESTER, LOUGHBOROUGH, Employer
from tests.needs.journey import plain

New = Callable[..., Employer]
only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
Later = Callable[..., None]
MAIL = "jo@college.example"


@pytest.fixture
def jo(service: Flask) -> FlaskClient:
    """A person of Leicester College, whose address the tests know."""
    client = service.test_client()
    sign_in(client, service, Role.COLLEGE, organisation="Leicester College", ukprn=LEICESTER, email=MAIL)
    return client


def save(client: FlaskClient, **view: str) -> None:
    assert client.post("/alerts", data=view).status_code == 303


def run(app: Flask, job: Callable[[], int] = tell_of_leads) -> int:
    with app.app_context():
        number = job()
        db.session.remove()
        return number


def mails(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        found = select(MailMessage).where(MailMessage.to_address == MAIL).order_by(MailMessage.id)
        return [(m.subject, m.body) for m in db.session.scalars(found)]


def theme_of(app: Flask, text: str) -> str:
    with app.app_context():
        return db.session.scalar(select(Facet.theme).where(Facet.text == text)) or ""


def test_a_lead_that_touches_an_alert_is_told_within_minutes_and_once(
    service: Flask, jo: FlaskClient, employer: New, later: Later
) -> None:
    save(jo)
    one = employer()
    one.share(LEICESTER)

    assert run(service) == 0  # others may come in the next minutes
    later(seconds=GATHER.total_seconds() - 1)
    assert run(service) == 0
    later(seconds=GATHER.total_seconds())

    assert (run(service), run(service)) == (1, 0)
    subject, body = mails(service)[0]
    assert subject == "A new lead for you" and "http://localhost/leads" in body
    assert "forklift" not in body and "firm0" not in body


@only_sqlite
def test_several_within_minutes_come_in_one_mail(
    service: Flask, jo: FlaskClient, employer: New, later: Later
) -> None:
    save(jo)
    for _ in range(3):
        employer().share(LEICESTER)
        run(service)
    later(minutes=6)

    assert run(service) == 1

    assert [subject for subject, _ in mails(service)] == ["3 new leads for you"]


@only_sqlite
def test_what_could_be_seen_before_the_alert_was_made_is_no_news(
    service: Flask, jo: FlaskClient, employer: New, later: Later
) -> None:
    employer().share(LEICESTER)
    later(minutes=1)
    save(jo)
    run(service)
    later(minutes=20)

    assert run(service) == 0


def test_only_leads_that_the_view_looks_for_and_the_college_may_see(
    service: Flask, jo: FlaskClient, other_college: FlaskClient, employer: New, later: Later
) -> None:
    wanted = employer("forklift licence", postcode="LE10")
    elsewhere = employer("forklift licence", postcode="LE1")
    others = employer("payroll on Sage", postcode="LE10")
    hidden = employer("forklift licence", postcode="LE10")
    district = "E07000132"
    save(jo, theme=theme_of(service, "forklift licence"), district=district)
    for one in (wanted, elsewhere, others):
        one.share(LEICESTER)
    hidden.share(LOUGHBOROUGH)
    run(service)
    later(minutes=6)

    assert run(service) == 1

    subject, body = mails(service)[0]
    assert subject == "A new lead for you" and "Hinckley and Bosworth: 1 lead" in body


def test_consent_withdrawn_before_the_mail_goes_is_in_no_mail(
    service: Flask, jo: FlaskClient, employer: New, later: Later
) -> None:
    save(jo)
    one = employer()
    one.share(LEICESTER)
    run(service)
    one.stop()
    later(minutes=6)

    assert run(service) == 0 and mails(service) == []


def test_the_link_in_the_mail_stops_the_alert_by_a_button_and_without_signing_in(
    service: Flask, jo: FlaskClient, employer: New, later: Later
) -> None:
    save(jo)
    employer().share(LEICESTER)
    run(service)
    later(minutes=6)
    run(service)
    link = re.findall(r"http://localhost(/alerts/stop/\S+)", mails(service)[0][1])[0]
    stranger = service.test_client()

    for _ in range(2):  # a mail scanner
        assert "Stop this alert?" in plain(stranger.get(link))
    employer().share(LEICESTER)
    assert stranger.post(link).status_code == 303
    assert "This alert is stopped" in plain(stranger.get(link))
    run(service)
    later(minutes=30)

    assert run(service) == 0 and stranger.post("/alerts/stop/nothing").status_code == 404


@only_sqlite
def test_another_persons_alert_is_not_there(
    service: Flask, jo: FlaskClient, other_college: FlaskClient
) -> None:
    save(jo, kind="apprenticeship")
    with service.app_context():
        number = db.session.scalars(select(Alert.id)).one()

    assert (
        "Apprenticeships"
        not in plain(other_college.get("/alerts")).replace("Every kind", "").split("Your first alert")[0]
    )
    assert other_college.post(f"/alerts/{number}/stop").status_code == 404
    assert jo.post(f"/alerts/{number}/stop").status_code == 303
    with service.app_context():
        assert db.session.scalars(select(Alert.stopped_at)).one() == NOW


@only_sqlite
def test_the_same_alert_twice_and_too_many_are_refused_in_words(service: Flask, jo: FlaskClient) -> None:
    save(jo, kind="apprenticeship")
    again = jo.post("/alerts", data={"kind": "apprenticeship"})
    assert again.status_code == 422 and "You have this alert already" in plain(again)
    assert jo.post("/alerts", data={"theme": "made up"}).status_code == 422
    with service.app_context():
        account = db.session.scalars(select(Alert.account_id)).one()
        for n in range(MOST - 1):
            db.session.add(Alert(account_id=account, theme=f"t{n}", key=f"k{n}", created_at=NOW))
        db.session.commit()

    assert "Stop one first" in plain(jo.post("/alerts", data={}))


@only_sqlite
def test_a_disabled_account_gets_no_mail(
    service: Flask, jo: FlaskClient, employer: New, later: Later
) -> None:
    from skillsmatch.accounts.models import Account

    save(jo)
    employer().share(LEICESTER)
    run(service)
    with service.app_context():
        db.session.scalars(select(Account).where(Account.email == MAIL)).one().disabled_at = NOW
        db.session.commit()
    later(minutes=6)

    assert run(service) == 0


# --- releases ----------------------------------------------------------------------------------------


def release(app: Flask, cells: dict[tuple[str, str, str], int | None], state: str = "published") -> None:
    """A release with these cells, by (table, first, second)."""
    from dataclasses import asdict

    from skillsmatch.demand.disclosure import Rules

    with app.app_context():
        row = Release(
            period="2026",
            kind="year",
            year_start_month=4,
            first_day=NOW.date().replace(year=2025, month=4, day=1),
            last_day=NOW.date().replace(month=3, day=31),
            state="draft",
            made_at=NOW,
            notice="",
            method=asdict(Rules()),
            loosened=[],
            demonstration=False,
        )
        db.session.add(row)
        db.session.flush()
        for (table, first, second), shown in cells.items():
            db.session.add(
                ReleaseCell(release_id=row.id, table_name=table, first=first, second=second, shown=shown)
            )
        db.session.commit()
        if state == "published":
            row.state, row.published_at = "published", app.config["CLOCK"]()
            db.session.commit()


def test_a_release_tells_only_its_shown_cells(service: Flask, jo: FlaskClient, later: Later) -> None:
    from skillsmatch.area.themes import load_themes

    one, two = list(load_themes().themes)[:2]
    district = "E06000016"
    save(jo, theme=one, district=district)
    save(jo, theme=one, district="E07000132")
    save(jo, theme=two)
    save(jo, kind="apprenticeship")
    save(jo)
    later(minutes=1)
    release(
        service,
        {
            ("theme-by-district", one, district): 25,
            ("theme-by-district", one, "E07000132"): None,  # fewer than 10
            ("theme", two, ""): 40,
            ("kind", "apprenticeship", ""): 15,
        },
    )

    assert (run(service, tell_of_releases), run(service, tell_of_releases)) == (1, 0)

    subject, body = mails(service)[0]
    assert "New figures on demand" in subject
    assert sorted(map(int, re.findall(r"about (\d+) employers", body))) == [15, 25, 40]
    assert "Hinckley" not in body and "fewer than 10 employers" not in body


def test_a_draft_an_old_release_and_one_from_before_the_alert_tell_nothing(
    service: Flask, jo: FlaskClient, later: Later
) -> None:
    from skillsmatch.area.themes import load_themes

    theme = next(iter(load_themes().themes))
    release(service, {("theme", theme, ""): 40})
    later(minutes=1)
    save(jo, theme=theme)
    assert run(service, tell_of_releases) == 0
    with service.app_context():
        db.session.scalars(select(Alert)).one().created_at = NOW - timedelta(days=1)
        db.session.commit()
    later(days=STILL_NEW.days)
    assert run(service, tell_of_releases) == 0
    later(days=STILL_NEW.days, seconds=-1)

    assert run(service, tell_of_releases) == 1


@only_sqlite
def test_a_draft_tells_nothing(service: Flask, jo: FlaskClient, later: Later) -> None:
    from skillsmatch.area.themes import load_themes

    theme = next(iter(load_themes().themes))
    save(jo, theme=theme)
    later(minutes=1)
    release(service, {("theme", theme, ""): 40}, state="draft")

    assert run(service, tell_of_releases) == 0
