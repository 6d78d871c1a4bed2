"""Employers who share, colleges that look, and a clock that a test can move."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.accounts.roles import Role
from skillsmatch.extensions import db
from skillsmatch.leads.models import Lead
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.models import Need
from tests.accounts.signing import sign_in
from tests.conftest import NOW
from tests.needs.journey import say

LEICESTER, LOUGHBOROUGH = 10003867, 10004112  # UKPRNs of two colleges in the demonstration catalogue


@dataclass
class Employer:
    """One employer with its need: the page's address and the two links of its mail."""

    app: Flask
    client: FlaskClient
    reference: str
    verify: str = ""
    manage: str = ""

    def confirm(self) -> None:
        """Presses the button of the first mail."""
        assert self.client.post(self.verify).status_code == 303

    def share(self, *named: int, nearby: bool = False, pool: bool = False, by: str = "manage") -> Any:
        """Ticks boxes and sends them, by the private link or (`by="page"`) by the need's own address."""
        boxes: dict[str, Any] = {"named": list(map(str, named)), "others": list(map(str, named))}
        boxes |= {"nearby": "y"} if nearby else {}
        boxes |= {"pool": "y"} if pool else {}
        where = self.manage if by == "manage" else f"/needs/{self.reference}"
        page = self.client.get(f"{where}/sharing").get_data(as_text=True)
        for name in ("named", "others"):  # a browser sends only boxes that are on the page
            boxes[name] = [u for u in boxes[name] if re.search(rf'name="{name}" value="{u}"', page)]
        return self.client.post(f"{where}/sharing", data=boxes)

    def stop(self) -> None:
        """Stops all sharing."""
        assert self.client.post(f"{self.manage}/sharing/stop").status_code == 303

    def lead(self) -> int:
        """The number of its lead; 0 where there is none."""
        with self.app.app_context():
            asked = select(Lead.id).join(Lead.need).where(Need.reference == self.reference)
            return db.session.scalar(asked) or 0

    def mails(self) -> list[str]:
        """The subjects of the mails about its lead, the first first."""
        with self.app.app_context():
            about = MailMessage.key.startswith(f"lead-{self.reference}-", autoescape=True)
            return list(db.session.scalars(select(MailMessage.subject).where(about).order_by(MailMessage.id)))


@pytest.fixture
def employer(service: Flask) -> Callable[..., Employer]:
    """Makes an employer: says the need, and confirms the e-mail unless told not to."""
    made: list[Employer] = []
    service.config["BASE_URL"] = "http://localhost"  # as in use, so that the worker can put links into mails

    def make(text: str = "forklift licence", confirmed: bool = True, **answers: Any) -> Employer:
        client = service.test_client()
        answers = {"email": f"owner@firm{len(made)}.example", "postcode": "LE1", "people": "3", **answers}
        one = Employer(service, client, say(client, text, **answers))
        if answers["email"]:
            with service.app_context():
                need = db.session.scalars(select(Need).where(Need.reference == one.reference)).one()
                mails = select(MailMessage.body).where(MailMessage.key.startswith(f"verify-{need.reference}"))
                body = db.session.scalars(mails).all()[-1]
            one.verify, one.manage = re.findall(r"https?://[^/\s]+(/needs/(?:verify|manage)/\S+)", body)
        if confirmed:
            one.confirm()
        made.append(one)
        return one

    return make


@pytest.fixture
def college(service: Flask) -> FlaskClient:
    """A browser of Leicester College, signed in."""
    client = service.test_client()
    sign_in(client, service, Role.COLLEGE, organisation="Leicester College", ukprn=LEICESTER)
    return client


@pytest.fixture
def other_college(service: Flask) -> FlaskClient:
    """A browser of Loughborough College, signed in."""
    client = service.test_client()
    sign_in(client, service, Role.COLLEGE, organisation="Loughborough College", ukprn=LOUGHBOROUGH)
    return client


@pytest.fixture
def later(service: Flask) -> Callable[..., None]:
    """Moves the clock so far past the test's beginning. Sign-ins end by that: `as_college` makes another."""

    service.config["BASE_URL"] = "http://localhost"  # as in use, for the worker's mails

    def move(**by: float) -> None:
        service.config["CLOCK"] = lambda: NOW + timedelta(**by)

    return move


def as_college(app: Flask, ukprn: int = LEICESTER) -> FlaskClient:
    """A browser of this college, signed in now."""
    client = app.test_client()
    sign_in(client, app, Role.COLLEGE, organisation=str(ukprn), ukprn=ukprn)
    return client


def confirm_places(app: Flask, ukprn: int = LEICESTER) -> None:
    """An officer confirms every place where this provider says that it teaches."""
    officer = app.test_client()
    sign_in(officer, app, Role.CHAMBER, organisation="Chamber")
    page = officer.get(f"/leads/places/{ukprn}").get_data(as_text=True)
    keys = re.findall(r'name="places" value="([^"]+)"', page)
    assert officer.post(f"/leads/places/{ukprn}", data={"places": keys}).status_code == 303
