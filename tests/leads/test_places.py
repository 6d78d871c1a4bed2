"""A lead for all nearby goes by where an officer has confirmed that a provider teaches, and not by what it types."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from skillsmatch.accounts.models import AuditEntry
from skillsmatch.accounts.roles import Role
from skillsmatch.area.models import PostcodePoint
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.leads.models import TaughtPlace
from skillsmatch.leads.places import confirm_demonstration, teaches_at
from skillsmatch.needs.models import Need
from skillsmatch.offers.models import Provider, Venue
from tests.accounts.signing import sign_in
from tests.leads.conftest import LEICESTER, Employer
from tests.needs.journey import plain
from tests.offers.desk.at_the_desk import fill

New = Callable[..., Employer]
FORGE = 10001234  # a provider that is in no list of ours
NEAR, FAR = ("LE1 3WA", 52.64, -1.13), ("LE16 7QX", 52.48, -0.92)  # FAR is 23 km away
KEYS = re.compile(r'name="places" value="([^"]+)"')
pytestmark = pytest.mark.parametrize("service", ["sqlite"], indirect=True)


@pytest.fixture
def forge(service: Flask) -> FlaskClient:
    """A provider's browser. The middles of two postcodes are known."""

    def place() -> None:
        for postcode, lat, lon in (NEAR, FAR):
            db.session.add(PostcodePoint(postcode=postcode.replace(" ", ""), lat=lat, lon=lon, district=""))

    with service.app_context():
        keep(place)
        db.session.remove()
    client = service.test_client()
    sign_in(client, service, Role.PROVIDER, organisation="Forge Training", ukprn=FORGE)
    return client


@pytest.fixture
def officer(service: Flask) -> FlaskClient:
    """A Chamber officer's browser."""
    client = service.test_client()
    sign_in(client, service, Role.CHAMBER, organisation="Chamber")
    return client


@pytest.fixture
def near(service: Flask, employer: New) -> Employer:
    """An employer near NEAR that lets all nearby see its need."""
    one = employer()
    with service.app_context():
        db.session.execute(update(Need).values(lat=NEAR[1], lon=NEAR[2]))
        db.session.commit()
        db.session.remove()
    assert one.share(nearby=True).status_code == 303
    return one


def teach(client: FlaskClient, postcode: str = NEAR[0], path: str = "new") -> None:
    venue = {"name": "Forge Hall", "address": "1 Anvil Lane", "town": "Leicester", "postcode": postcode}
    assert fill(client, f"/provider/venues/{path}", **venue).status_code == 303


def sees(client: FlaskClient, one: Employer) -> bool:
    seen = "forklift licence" in plain(client.get("/leads"))
    statuses = (
        client.get(f"/leads/{one.lead()}").status_code,
        client.post(f"/leads/{one.lead()}/contact").status_code,
    )
    assert statuses == ((200, 200) if seen else (404, 404))
    return seen


def confirm(officer: FlaskClient, *keys: str) -> int:
    return officer.post(f"/leads/places/{FORGE}", data={"places": list(keys)}).status_code


def keys_on(officer: FlaskClient) -> list[str]:
    return KEYS.findall(officer.get(f"/leads/places/{FORGE}").get_data(as_text=True))


def test_a_place_that_a_provider_types_opens_no_lead_until_an_officer_confirms_it(
    service: Flask, forge: FlaskClient, officer: FlaskClient, near: Employer
) -> None:
    teach(forge)

    assert not sees(forge, near)
    assert "has yet to confirm 1 place" in plain(forge.get("/leads"))
    assert "Forge Training" not in plain(near.client.get(f"{near.manage}/sharing")).partition("At present")[2]
    assert "Forge" in plain(officer.get("/leads/places"))
    assert confirm(officer, *keys_on(officer)) == 303

    assert sees(forge, near)
    assert "has yet to confirm" not in plain(forge.get("/leads"))
    with service.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "places confirmed")).one()
        assert (entry.about, entry.facts) == (f"provider {FORGE}", '{"confirmed": 1, "ended": 0}')


def test_a_confirmed_venue_that_is_moved_has_to_be_confirmed_again(
    service: Flask, forge: FlaskClient, officer: FlaskClient, near: Employer
) -> None:
    teach(forge, FAR[0])
    seen_far = keys_on(officer)
    assert confirm(officer, *seen_far) == 303
    with service.app_context():
        number = db.session.scalars(select(Venue.id).where(Venue.name == "Forge Hall")).one()

    teach(forge, NEAR[0], path=str(number))

    assert not sees(forge, near)
    assert confirm(officer, *seen_far) == 422  # a tick beside the old place confirms no new one
    assert not sees(forge, near)


def test_a_confirmation_that_is_taken_back_hides_at_once(
    service: Flask, forge: FlaskClient, officer: FlaskClient, near: Employer
) -> None:
    teach(forge)
    confirm(officer, *keys_on(officer))
    assert " checked" in officer.get(f"/leads/places/{FORGE}").get_data(as_text=True)

    assert confirm(officer) == 303

    assert not sees(forge, near)
    with service.app_context():
        assert db.session.scalars(select(TaughtPlace)).all() == []


def test_until_a_place_is_confirmed_the_areas_own_list_says_where_a_provider_is(service: Flask) -> None:
    with service.app_context():
        college = db.session.scalars(select(Provider).where(Provider.ukprn == LEICESTER)).one()
        home = teaches_at([college])[college.id]
        assert len(home) == 1

        assert keep(confirm_demonstration) > 0
        assert keep(confirm_demonstration) == 0
        assert teaches_at([college])[college.id] != home


def test_an_officer_is_warned_of_a_point_that_lies_elsewhere_than_the_address(
    service: Flask, forge: FlaskClient, officer: FlaskClient
) -> None:
    teach(forge, FAR[0])
    assert "Careful" not in plain(officer.get(f"/leads/places/{FORGE}"))
    with service.app_context():  # as a file of courses does that gives its own points
        db.session.execute(update(Venue).where(Venue.name == "Forge Hall").values(lat=NEAR[1], lon=NEAR[2]))
        db.session.commit()

    assert re.search(
        r"LE16 7QX\. Careful: its file puts it 2\d km from there",
        plain(officer.get(f"/leads/places/{FORGE}")),
    )


def test_only_officers_confirm(forge: FlaskClient, service: Flask, near: Employer) -> None:
    teach(forge)
    admin = service.test_client()
    sign_in(admin, service, Role.ADMIN, organisation="Operator")

    assert confirm(forge, "1") == confirm(admin, "1") == 403
    assert not sees(forge, near)
