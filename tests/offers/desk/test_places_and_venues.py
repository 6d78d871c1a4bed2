"""Venues, contacts and planned places; the reminders; and the Chamber's freshness table."""

from __future__ import annotations

import re
from datetime import date, timedelta
from threading import Event

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from skillsmatch.accounts.models import Account
from skillsmatch.accounts.roles import Role
from skillsmatch.addresses import NoAddress
from skillsmatch.cli.work import look_after_desks
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.offers.desk.models import PlannedPlaces
from skillsmatch.offers.desk.places import quarter_of, quarter_words, quarters_from
from skillsmatch.offers.desk.reminding import remind_providers
from skillsmatch.offers.models import Offer, Provider
from tests.accounts.signing import sign_in
from tests.conftest import NOW
from tests.needs.journey import fields_of, plain
from tests.offers.course_files import course
from tests.offers.desk.at_the_desk import ANOTHER, add_offer, fill, held, noted, publish, rows_of, venues

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PLACE = {"name": "Town Forge", "address": "1 Anvil Lane", "town": "Hinckley", "postcode": "le10 1aa"}


def test_a_venue_is_added_changed_and_removed(app: Flask, college: FlaskClient) -> None:
    assert fill(college, "/provider/venues/new", **PLACE).status_code == 303
    held_venue = venues(app)["Town Forge"]
    assert (held_venue["postcode"], held_venue["district"]) == ("LE10 1AA", "E07000132")
    path = f"/provider/venues/{held_venue['id']}"

    assert fill(college, path, name="The Forge", postcode="LE1 3WA").status_code == 303
    assert venues(app)["The Forge"]["district"] == "E06000016"

    assert college.post(f"{path}/remove").status_code == 303
    assert venues(app) == {}
    assert [action for action, _ in noted(app)] == ["venue added", "venue changed", "venue removed"]


@only_sqlite
@pytest.mark.parametrize(
    ("box", "typed", "words"),
    [
        ("name", "", "“Name of the venue” is empty"),
        ("address", "", "“Address, first line” is empty"),
        ("postcode", "nowhere", '“Postcode”: "nowhere" is not a postcode'),
        ("email", "me", "is not an e-mail address"),
        ("name", "ABBEY PARK CAMPUS", "is the name of another of your venues"),
    ],
)
def test_what_is_wrong_with_a_venue_is_told_at_its_box(
    app: Flask, college: FlaskClient, box: str, typed: str, words: str
) -> None:
    publish(college, course())

    answer = fill(college, "/provider/venues/new", **{**PLACE, box: typed})

    assert answer.status_code == 422
    assert words in plain(answer)
    assert len(venues(app)) == 1


def test_a_venue_in_use_is_not_removed(app: Flask, college: FlaskClient) -> None:
    publish(college, course())
    number = venues(app)["Abbey Park Campus"]["id"]

    answer = college.post(f"/provider/venues/{number}/remove")

    assert answer.status_code == 409
    assert "1 offer names this venue" in plain(answer)
    assert len(venues(app)) == 1


def test_of_two_who_change_a_venue_the_later_sees_both(app: Flask, college: FlaskClient) -> None:
    fill(college, "/provider/venues/new", **PLACE)
    path = f"/provider/venues/{venues(app)['Town Forge']['id']}"
    mine = fields_of(college.get(path))
    fill(college, path, town="Earl Shilton")

    answer = college.post(path, data=mine | {"county": "Leicestershire"})

    assert answer.status_code == 409
    assert "now “Earl Shilton”, yours “Hinckley”" in plain(answer)
    assert college.post(path, data=fields_of(answer)).status_code == 303
    assert venues(app)["Town Forge"]["county"] == "Leicestershire"


def test_an_offer_at_a_venue_is_found_in_its_new_place(app: Flask, college: FlaskClient) -> None:
    from skillsmatch.offers.indexing import _digests

    publish(college, course())
    number = venues(app)["Abbey Park Campus"]["id"]
    with app.app_context():
        before = _digests()

    fill(college, f"/provider/venues/{number}", postcode="LE10 1AA")

    with app.app_context():
        assert _digests().keys() == before.keys()
        assert _digests() != before


def test_contacts_are_kept_and_shown_but_not_where_enquiries_go(app: Flask, college: FlaskClient) -> None:
    add_offer(college)
    answers = {"contact": "Business team", "email": "ask@example.org", "phone": "0116 000 0000"}
    answers |= {"website": "https://www.example.org", "enquiry_email": "desk@example.org"}

    assert fill(college, "/provider/contacts", **answers).status_code == 303

    page = plain(college.get("/providers/10003867"))
    assert "Ask for Business team" in page
    assert "ask@example.org" in page
    assert "desk@example.org" not in page
    assert fields_of(college.get("/provider/contacts"))["enquiry_email"] == "desk@example.org"
    assert noted(app)[-1] == ("contacts changed", "provider 10003867")


@only_sqlite
def test_wrong_contacts_are_told_at_their_boxes(college: FlaskClient) -> None:
    answer = fill(college, "/provider/contacts", email="me", website="http://example.org")

    assert answer.status_code == 422
    assert "is not an e-mail address" in plain(answer)
    assert "is not a secure address" in plain(answer)


def test_of_two_who_change_the_contacts_the_later_sees_both(app: Flask, college: FlaskClient) -> None:
    add_offer(college)
    mine = fields_of(college.get("/provider/contacts"))
    fill(college, "/provider/contacts", phone="0116 1")

    answer = college.post("/provider/contacts", data=mine | {"phone": "0116 2"})

    assert answer.status_code == 409
    assert "now “0116 1”, yours “0116 2”" in plain(answer)


def test_planned_places_are_kept_by_quarter(app: Flask, college: FlaskClient) -> None:
    number = add_offer(college)
    path = f"/provider/offers/{number}/places"

    assert fill(college, path, places_2026_q4="12", places_2027_q1="1,200").status_code == 303
    assert fill(college, path, places_2026_q4="", places_2027_q2="0").status_code == 303

    found = [(row[2], row[3], row[4]) for row in rows_of(app, PlannedPlaces)]
    assert sorted(found) == [("2027-Q1", 1200, "Ada Weld"), ("2027-Q2", 0, "Ada Weld")]
    assert "January to March 2027: 1,200 places" in plain(college.get(f"/provider/offers/{number}"))
    assert noted(app)[-1] == ("places planned", f"offer {number}")
    assert "1,200" not in plain(college.get(f"/offers/{number}"))


@only_sqlite
def test_places_that_are_no_number_are_told_at_their_box(college: FlaskClient) -> None:
    path = f"/provider/offers/{add_offer(college)}/places"

    answer = fill(college, path, places_2026_q4="many", places_2027_q1="-1")

    assert answer.status_code == 422
    assert "Enter a whole number, such as 3" in plain(answer)
    assert "Enter a number of places between 0 and 10,000" in plain(answer)


def test_quarters_go_on_over_the_year() -> None:
    assert quarters_from(date(2026, 11, 23)) == [
        "2026-Q4",
        "2027-Q1",
        "2027-Q2",
        "2027-Q3",
        "2027-Q4",
        "2028-Q1",
    ]
    assert quarter_of(date(2026, 3, 31)) == "2026-Q1"
    assert quarter_words("2026-Q4") == "October to December 2026"


# --- reminders ------------------------------------------------------------------------------------------


def age(app: Flask, title: str, **values: object) -> None:
    with app.app_context():
        db.session.execute(update(Offer).where(Offer.title == title).values(**values))
        db.session.commit()


def mails(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [
            (m.to_address, m.body) for m in db.session.scalars(select(MailMessage).order_by(MailMessage.id))
        ]


@pytest.fixture(autouse=True)
def address_known(app: Flask) -> None:
    """As in use, so that the worker can put links into mails."""
    app.config["BASE_URL"] = "https://skills.example.org"


def remind(app: Flask, days: int = 0) -> int:
    app.config["CLOCK"] = lambda: NOW + timedelta(days=days)
    with app.app_context():
        return remind_providers()


def test_one_mail_gathers_what_is_due_and_comes_at_most_once_a_week(app: Flask, college: FlaskClient) -> None:
    for title in ("Five", "Eleven", "Fresh", "Gone by"):
        add_offer(college, title=title)
    age(app, "Five", confirmed_on=date(2026, 6, 23))
    age(app, "Eleven", confirmed_on=date(2025, 12, 1))
    age(app, "Gone by", start_dates=["2026-11-22"])

    assert remind(app) == 1

    (mail,) = mails(app)
    assert "Gone by" in mail[1]
    assert mail[1].index("Gone by") < mail[1].index("Eleven") < mail[1].index("Five")
    assert "Fresh" not in mail[1]
    assert "https://skills.example.org/provider?show=to-confirm" in mail[1]
    assert noted(app)[-1] == ("provider reminded", "provider 10003867")

    age(app, "Fresh", start_dates=["2026-11-25"])
    assert remind(app, days=6) == 0
    assert remind(app, days=7) == 1
    assert "Fresh" in mails(app)[1][1]
    assert "Five" not in mails(app)[1][1]
    assert remind(app, days=14) == 0


def test_each_offer_is_told_of_once_at_five_and_once_at_eleven_months(
    app: Flask, college: FlaskClient
) -> None:
    add_offer(college, start_dates="", flexible_start="yes")

    days = [day for day in range(0, 420, 7) if remind(app, days=day)]

    assert len(days) == 2
    assert [(NOW + timedelta(days=day)).strftime("%Y-%m") for day in days] == ["2027-04", "2027-10"]


def test_without_an_address_for_its_link_a_mail_waits(app: Flask, college: FlaskClient) -> None:
    add_offer(college)
    age(app, "TIG welding for stainless steel", confirmed_on=date(2026, 1, 1))
    app.config["BASE_URL"] = ""

    with pytest.raises(NoAddress):
        remind(app)
    with app.app_context():
        look_after_desks(Event())  # the worker goes on with the rest
    assert mails(app) == []
    app.config["BASE_URL"] = "https://skills.example.org"

    assert remind(app, days=1) == 1


def test_who_is_disabled_or_has_no_account_gets_no_mail(app: Flask, college: FlaskClient) -> None:
    add_offer(college)
    age(app, "TIG welding for stainless steel", confirmed_on=date(2026, 1, 1))
    with app.app_context():
        keep(lambda: db.session.execute(update(Account).values(disabled_at=now())))

    assert remind(app) == 0
    assert mails(app) == []


# --- the Chamber's table --------------------------------------------------------------------------------


def test_the_chamber_sees_how_fresh_each_providers_offers_are(
    app: Flask, client: FlaskClient, college: FlaskClient, another: FlaskClient
) -> None:
    for title in ("A", "B", "C"):
        add_offer(college, title=title)
    add_offer(another, title="D")
    age(app, "A", confirmed_on=date(2026, 5, 23))
    age(app, "B", confirmed_on=date(2025, 11, 23))
    age(app, "D", start_dates=["2026-11-22"])
    sign_in(client, app, Role.CHAMBER, organisation="The Chamber")

    page = plain(client.get("/offers/freshness"))

    assert "Leicester College 3 33% 2 1 Sunday 23 November 2025" in page
    assert "Forge Training 1 100% 1 0 Monday 23 November 2026" in page
    assert page.index("Leicester College") < page.index("Forge Training")


def test_the_freshness_table_is_paged_and_nobody_stands_on_two_pages(
    app: Flask, client: FlaskClient, college: FlaskClient
) -> None:
    add_offer(college)
    with app.app_context():
        (offer,) = db.session.scalars(select(Offer))
        like = {column.name: getattr(offer, column.name) for column in Offer.__table__.columns}
        for number in range(70):
            new = Provider(ukprn=10005000 + number, name=f"Anvil {number:02}")
            db.session.add(new)
            db.session.flush()
            more = {"id": None, "provider_id": new.id, "venue_id": None, "source_ref": f"anvil-{number}"}
            db.session.add(Offer(**(like | more)))
        db.session.commit()
        db.session.remove()
    sign_in(client, app, Role.CHAMBER, organisation="The Chamber")

    pages = [client.get(f"/offers/freshness?page={n}").get_data(as_text=True) for n in (1, 2)]

    names = [re.findall(r"Anvil \d\d|Leicester College", page) for page in pages]
    assert [len(some) for some in names] == [50, 21]
    assert names[0] + names[1] == [f"Anvil {n:02}" for n in range(70)] + ["Leicester College"]
    assert "Page 1 of 2" in plain(client.get("/offers/freshness?page=0"))


@only_sqlite
def test_the_freshness_table_is_not_for_providers(
    app: Flask, college: FlaskClient, client: FlaskClient
) -> None:
    assert college.get("/offers/freshness").status_code == 403
    assert client.get("/offers/freshness").status_code == 303


@only_sqlite
def test_a_new_provider_is_on_our_list_under_its_own_name(app: Flask, another: FlaskClient) -> None:
    another.get("/provider")
    with app.app_context():
        assert db.session.scalar(select(Provider)) is None

    add_offer(another)

    with app.app_context():
        assert (
            db.session.scalars(select(Provider.name).where(Provider.ukprn == ANOTHER)).one()
            == "Forge Training"
        )
    assert "TIG welding for stainless steel" in held(app)
