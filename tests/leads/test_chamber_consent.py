"""The Chamber's own box: by it the Chamber may see who said a need and write about it, and no college sees anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from skillsmatch.cases.behind import contacts_of
from skillsmatch.extensions import db
from skillsmatch.leads.models import ChamberConsent, Lead
from skillsmatch.leads.wording import CHAMBER_PRESENT, chamber_words
from skillsmatch.needs.models import Need
from tests.conftest import NOW
from tests.leads.conftest import LEICESTER, Employer
from tests.needs.journey import plain

New = Callable[..., Employer]
only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
CHAMBER = "East Midlands Chamber"


def rows(app: Flask) -> list[tuple[str, str, bool]]:
    with app.app_context():
        found = db.session.scalars(select(ChamberConsent).order_by(ChamberConsent.id))
        return [(c.chamber, c.wording, c.withdrawn_at is None) for c in found]


def agreed(app: Flask) -> str:
    """By which consent an officer may see the contact details of the one need there is."""
    with app.app_context():
        number = db.session.scalars(select(Need.id)).one()
        return contacts_of([number]).get(number, "")


def tick(one: Employer, **boxes: str) -> int:
    return one.client.post(f"{one.manage}/sharing", data={"chamber": "y"} | boxes).status_code


def test_the_chambers_box_is_a_consent_of_its_own_that_no_college_sees(
    service: Flask, college: FlaskClient, employer: New
) -> None:
    one = employer()
    page = one.client.get(f"{one.manage}/sharing")
    assert chamber_words(CHAMBER) in plain(page) and " checked" not in page.get_data(as_text=True)
    assert "does not see your e-mail address" in plain(one.client.get(one.manage))
    assert agreed(service) == ""

    assert tick(one) == tick(one) == 303  # sent twice, it is one

    assert rows(service) == [(CHAMBER, CHAMBER_PRESENT, True)] and agreed(service) == "chamber"
    assert f"{CHAMBER} may see your e-mail address" in plain(one.client.get(one.manage))
    page = one.client.get(f"{one.manage}/sharing").get_data(as_text=True)
    assert 'name="chamber"' not in page and "another 12 weeks" not in page
    assert one.lead() == 0 and "forklift licence" not in plain(college.get("/leads"))

    one.share(LEICESTER)
    one.client.post(f"{one.manage}/sharing/chamber/withdraw")
    one.client.post(f"{one.manage}/sharing/chamber/withdraw")  # a page that was open before
    assert [live for *_, live in rows(service)] == [False] and agreed(service) == "shared"

    tick(one)
    assert [live for *_, live in rows(service)] == [False, True] and agreed(service) == "chamber"
    assert one.client.post(f"{one.manage}/withdraw").status_code == 303
    assert [live for *_, live in rows(service)] == [False, False] and agreed(service) == ""
    assert tick(one) == 404  # a form that was open before


@only_sqlite
def test_it_begins_with_the_confirmed_email_and_ends_with_the_needs_time_or_all_sharing(
    service: Flask, employer: New, later: Callable[..., None]
) -> None:
    one = employer(confirmed=False)
    assert one.client.post(f"/needs/{one.reference}/sharing", data={"chamber": "y"}).status_code == 303
    assert "once you confirm your e-mail" in plain(one.client.get(f"/needs/{one.reference}"))
    assert f"Once you confirm, {CHAMBER} may see your e-mail" in plain(one.client.get(one.verify))
    assert agreed(service) == ""
    one.client.post(f"/needs/{one.reference}/sharing/chamber/withdraw")
    assert [live for *_, live in rows(service)] == [False]
    one.client.post(f"/needs/{one.reference}/sharing", data={"chamber": "y"})
    one.confirm()
    assert agreed(service) == "chamber"

    with service.app_context():
        last = db.session.scalars(select(Need.kept_until)).one() - NOW.date()
    later(days=last.days)
    assert agreed(service) == "chamber"
    later(days=last.days + 1)
    assert agreed(service) == ""

    later(days=0)
    one.stop()
    assert agreed(service) == "" and [live for *_, live in rows(service)] == [False, False]
    with service.app_context():
        assert db.session.scalars(select(Lead)).all() == []


def test_the_tables_refuse_to_change_or_lose_it_and_its_words_are_never_edited(
    service: Flask, employer: New
) -> None:
    tick(employer())
    again = text(
        "INSERT OR REPLACE INTO chamber_consent (id, need_id, chamber, wording, given_at) "
        "SELECT id, need_id, 'Another', wording, given_at FROM chamber_consent"
    )
    with service.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
        for forbidden in (
            delete(ChamberConsent),
            update(ChamberConsent).values(chamber="Another"),
            *((again,) if is_sqlite else ()),
        ):
            with pytest.raises(DBAPIError, match="only given and withdrawn"):
                db.session.execute(forbidden)
            db.session.rollback()
    digest = hashlib.sha256(chamber_words("{chamber}", "2026-11").encode()).hexdigest()
    assert digest == "5fdd018709c0eedb0cafcc9425791751faecde7733d9fb1d2a3cbf9e14ec6a76"
