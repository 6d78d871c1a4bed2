"""Nothing is shared without a tick and a verified e-mail; each box is a row; withdrawing hides at once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.leads import consent
from skillsmatch.leads.consent import ConsentRefused, give, live_consents
from skillsmatch.leads.models import ChamberConsent, Consent
from skillsmatch.leads.wording import PRESENT, WORDINGS
from skillsmatch.needs.models import Need
from skillsmatch.offers.models import Provider, Venue
from tests.conftest import NOW
from tests.leads.conftest import LEICESTER, LOUGHBOROUGH, Employer, confirm_places
from tests.needs.journey import plain

KM_OF_A_DEGREE = 111.195  # of latitude
New = Callable[..., Employer]
only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)


def rows(app: Flask) -> list[tuple[str, str, int, bool]]:
    with app.app_context():
        found = db.session.scalars(select(Consent).order_by(Consent.id))
        return [(c.purpose, c.recipients, c.ukprn, c.withdrawn_at is None) for c in found]


def listed(college: FlaskClient) -> bool:
    return "forklift licence" in plain(college.get("/leads"))


@only_sqlite
def test_no_box_is_ticked_beforehand_and_sending_none_keeps_none(
    service: Flask, college: FlaskClient, employer: New
) -> None:
    one = employer()
    page = one.client.get(f"{one.manage}/sharing").get_data(as_text=True)

    assert "Leicester College" in page and " checked" not in page
    sent = one.share()

    assert sent.status_code == 422 and "Tick at least one box" in plain(sent)
    assert rows(service) == []


def test_each_box_is_a_row_with_its_wording_time_and_recipients(
    service: Flask, college: FlaskClient, other_college: FlaskClient, employer: New
) -> None:
    one = employer()

    assert one.share(LEICESTER, nearby=True, pool=True).status_code == 303

    assert rows(service) == [
        ("share", "named", LEICESTER, True),
        ("share", "nearby", 0, True),
        ("pool", "chosen", 0, True),
    ]
    with service.app_context():
        assert {(c.wording, c.given_at) for c in db.session.scalars(select(Consent))} == {(PRESENT, NOW)}


def test_only_whom_the_employer_chose_sees_it(
    college: FlaskClient, other_college: FlaskClient, employer: New
) -> None:
    employer().share(LEICESTER)

    assert listed(college) and not listed(other_college)


@pytest.mark.parametrize(("km", "seen"), [(14.99, True), (15.01, False)])
def test_all_nearby_is_15_km_and_no_more(
    service: Flask, college: FlaskClient, employer: New, km: float, seen: bool
) -> None:
    confirm_places(service)
    employer().share(nearby=True)
    with service.app_context():
        leicester = (
            select(Venue).join(Venue.provider).where(Provider.ukprn == LEICESTER, Venue.lat.is_not(None))
        )
        north = max(db.session.scalars(leicester), key=lambda venue: venue.lat or 0.0)
        assert north.lat is not None
        db.session.execute(update(Need).values(lat=north.lat + km / KM_OF_A_DEGREE, lon=north.lon))
        db.session.commit()

    assert listed(college) is seen


def test_the_same_ticks_sent_twice_at_one_moment_are_one_consent(
    service: Flask, college: FlaskClient, employer: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, both, row = employer(), threading.Barrier(2), consent._row
    page = one.client.get(f"{one.manage}/sharing").get_data(as_text=True)
    box = "named" if f'name="named" value="{LEICESTER}"' in page else "others"

    def once_both_are_here(*of: object) -> Consent:
        """Where the second has to wait for the first, they are never both here."""
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=1)
        return row(*of)  # type: ignore[arg-type]

    monkeypatch.setattr(consent, "_row", once_both_are_here)

    boxes = {box: str(LEICESTER), "chamber": "y"}

    def send(_: int) -> int:
        return service.test_client().post(f"{one.manage}/sharing", data=boxes).status_code

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(send, range(2))) <= {303, 422}
    assert rows(service) == [("share", "named", LEICESTER, True)]
    with service.app_context():
        assert len(db.session.scalars(select(ChamberConsent)).all()) == 1


@only_sqlite
def test_all_nearby_cannot_be_ticked_where_the_place_is_not_known(service: Flask, employer: New) -> None:
    one = employer(postcode="")
    page = one.client.get(f"{one.manage}/sharing").get_data(as_text=True)

    assert 'name="nearby"' not in page and "do not know where you are" in page
    assert one.share(nearby=True).status_code == 422
    assert rows(service) == []


def test_before_the_email_is_verified_nobody_sees_it_and_then_at_once(
    service: Flask, college: FlaskClient, employer: New
) -> None:
    one = employer(confirmed=False)
    sent = one.share(LEICESTER, by="page")
    assert sent.status_code == 303 and sent.location.startswith(f"/needs/{one.reference}/sharing")

    number = one.lead()
    assert not listed(college) and college.get(f"/leads/{number}").status_code == 404
    assert "Nobody sees it yet" in plain(one.client.get(f"/needs/{one.reference}"))
    # Whoever confirms is told first what that shares: they may not be who ticked the boxes.
    assert "Once you confirm, these can see your need" in plain(one.client.get(one.verify))
    one.confirm()

    assert listed(college) and college.get(f"/leads/{number}").status_code == 200


@only_sqlite
def test_once_verified_only_the_private_link_shares(
    service: Flask, college: FlaskClient, employer: New
) -> None:
    one = employer()

    for answer in (
        one.client.get(f"/needs/{one.reference}/sharing"),
        one.client.post(f"/needs/{one.reference}/sharing", data={"named": [str(LEICESTER)]}),
    ):
        assert answer.location == f"/needs/{one.reference}#confirmed"
    assert rows(service) == []
    one.share(LEICESTER)
    with service.app_context():
        number = db.session.scalars(select(Consent.id)).one()
    assert one.client.post(f"/needs/{one.reference}/sharing/{number}/withdraw").status_code == 404
    assert listed(college)


@only_sqlite
def test_an_address_that_has_to_be_verified_anew_hides_the_need_until_it_is(
    service: Flask, college: FlaskClient, employer: New
) -> None:
    one = employer()
    one.share(LEICESTER)
    with service.app_context():
        db.session.execute(update(Need).values(email_verified_at=None))
        db.session.commit()

    assert not listed(college)


def test_consent_withdrawn_between_listing_and_opening_is_not_shown(
    service: Flask, college: FlaskClient, employer: New
) -> None:
    one = employer()
    one.share(LEICESTER)
    number = one.lead()
    assert listed(college) and f"/leads/{number}" in college.get("/leads").get_data(as_text=True)

    one.stop()

    assert college.get(f"/leads/{number}").status_code == 404
    assert college.post(f"/leads/{number}/contact").status_code == 404
    assert college.get(f"/leads/{number}/reply").status_code == 404
    assert not listed(college)
    assert rows(service) == [("share", "named", LEICESTER, False)]


def test_one_consent_is_withdrawn_without_the_others_and_the_last_ends_the_lead(
    service: Flask, college: FlaskClient, other_college: FlaskClient, employer: New
) -> None:
    one = employer()
    one.share(LEICESTER, LOUGHBOROUGH, pool=True)
    with service.app_context():
        numbers = list(db.session.scalars(select(Consent.id).order_by(Consent.id)))

    one.client.post(f"{one.manage}/sharing/{numbers[0]}/withdraw")
    assert not listed(college) and listed(other_college)

    one.client.post(f"{one.manage}/sharing/{numbers[1]}/withdraw")
    assert not listed(other_college)
    assert rows(service)[2] == ("pool", "chosen", 0, False)  # nobody is left to show a group to


def test_agreeing_again_is_a_new_row_and_the_old_one_stays(
    service: Flask, college: FlaskClient, employer: New
) -> None:
    one = employer()
    one.share(LEICESTER)
    one.stop()

    one.share(LEICESTER)
    one.share(LEICESTER)  # ticked twice is agreed once

    assert rows(service) == [("share", "named", LEICESTER, False), ("share", "named", LEICESTER, True)]
    assert listed(college)


@only_sqlite
def test_anothers_consent_cannot_be_withdrawn(service: Flask, college: FlaskClient, employer: New) -> None:
    one, other = employer(), employer("payroll on Sage")
    one.share(LEICESTER)
    with service.app_context():
        number = db.session.scalars(select(Consent.id)).one()

    other.client.post(f"{other.manage}/sharing/{number}/withdraw")

    assert listed(college)


@only_sqlite
def test_pooling_alone_is_refused_in_words(college: FlaskClient, employer: New) -> None:
    sent = employer().share(pool=True)

    assert sent.status_code == 422 and "Choose who may see your need as well" in plain(sent)


def test_withdrawing_the_need_ends_its_lead_and_its_mails(
    service: Flask, college: FlaskClient, employer: New
) -> None:
    one = employer()
    one.share(LEICESTER)
    number = one.lead()

    assert one.client.post(f"{one.manage}/withdraw").status_code == 303

    assert college.get(f"/leads/{number}").status_code == 404
    assert [live for *_, live in rows(service)] == [False]
    assert one.mails() == []


def test_a_need_whose_time_is_over_is_not_shared(service: Flask, college: FlaskClient, employer: New) -> None:
    one = employer()
    one.share(LEICESTER)
    with service.app_context():
        db.session.execute(update(Need).values(kept_until=NOW.date()))
        db.session.commit()
    assert listed(college)
    with service.app_context():
        db.session.execute(update(Need).values(kept_until=NOW.date().replace(day=22)))
        db.session.commit()

    assert not listed(college)


@only_sqlite
def test_a_robots_need_is_never_shown(service: Flask, college: FlaskClient, employer: New) -> None:
    one = employer()
    one.share(LEICESTER)
    with service.app_context():
        db.session.execute(update(Need).values(suspect=True))
        db.session.commit()

    assert not listed(college)


def test_the_tables_refuse_to_change_or_lose_a_consent(
    service: Flask, college: FlaskClient, employer: New
) -> None:
    one = employer()
    one.share(LEICESTER)
    one.stop()
    with service.app_context():
        for forbidden in (
            delete(Consent),
            update(Consent).values(withdrawn_at=None),
            update(Consent).values(wording="other"),
        ):
            with pytest.raises(DBAPIError, match="only given and withdrawn"):
                db.session.execute(forbidden)
            db.session.rollback()


@only_sqlite
def test_without_accounts_the_providers_of_the_shown_offers_may_be_chosen(
    service: Flask, employer: New
) -> None:
    one = employer()
    page = one.client.get(f"{one.manage}/sharing")

    assert "None of them is registered here yet" in plain(page)
    assert page.get_data(as_text=True).count('name="named"') >= 1


@only_sqlite
def test_a_need_that_was_withdrawn_takes_no_consent(service: Flask, employer: New) -> None:
    one = employer()
    one.client.post(f"{one.manage}/withdraw")
    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        with pytest.raises(ConsentRefused):
            give(need, named=[LEICESTER])
        assert live_consents(need) == [] and now() == NOW


def test_words_that_were_shown_are_never_edited() -> None:
    """A change of the words is a new version: the rows that name this one must go on saying what was agreed."""
    import hashlib

    told = WORDINGS["2026-11"]
    digest = hashlib.sha256("\n".join((told.named, told.nearby, told.pool)).encode()).hexdigest()

    assert digest[:16] == "28eb29c3b742b957"


@only_sqlite
def test_a_link_worked_out_again_opens_the_desk_and_a_forged_one_does_not(
    service: Flask, employer: New
) -> None:
    one = employer(confirmed=False)
    goes_to = one.client.post(one.verify).location.partition("#")[0]

    assert one.client.get(goes_to).status_code == 200 and goes_to != one.manage
    assert one.client.get(goes_to[:-1] + ("0" if goes_to[-1] != "0" else "1")).status_code == 404
    assert one.client.get(f"/needs/manage/n999999999999-{'0' * 40}").status_code == 404


@only_sqlite
def test_a_link_made_with_a_secret_key_used_before_still_opens_the_desk(
    service: Flask, employer: New
) -> None:
    one = employer(confirmed=False)
    goes_to = one.client.post(one.verify).location.partition("#")[0]
    before = service.config["SECRET_KEY"]

    service.config["SECRET_KEY"] = "another key " * 5
    assert service.test_client().get(goes_to).status_code == 404
    service.config["SECRET_KEY_FALLBACKS"] = [before]

    assert service.test_client().get(goes_to).status_code == 200


@only_sqlite
def test_before_a_shared_need_is_changed_its_employer_is_told_who_reads_it(employer: New) -> None:
    one = employer()
    forms = (f"/needs/{one.reference}/correct", f"{one.manage}/change")
    for form in forms:
        assert "You share this need" not in plain(one.client.get(form))

    one.share(LEICESTER, nearby=True)

    for form in forms:
        page = plain(one.client.get(form))
        assert "You share this need. What you change here can be read at once by:" in page
        assert "Leicester College" in page
        assert "within 15 km" in page
    one.stop()
    for form in forms:
        assert "You share this need" not in plain(one.client.get(form))
