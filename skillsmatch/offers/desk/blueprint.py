"""The blueprint of the provider's desk, and whose desk it is."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from sqlalchemy import select

from skillsmatch.accounts.access import blueprint_open_to, current_account
from skillsmatch.accounts.models import Account
from skillsmatch.accounts.roles import Role
from skillsmatch.area.areas import Area
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.offers.desk.models import OfferDraft, Upload
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.writing import add_providers
from skillsmatch.safety import BROWSER_ONLY, RETRY_AFTER

RETRY = {"Retry-After": RETRY_AFTER}  # beside a form that could not be saved
FORMS = frozenset({"desk.new_offer", "desk.edit_offer", "desk.edit_draft"})
Found = TypeVar("Found", Offer, Venue, Upload, OfferDraft)

desk = blueprint_open_to(Blueprint("desk", __name__, url_prefix="/provider"), Role.PROVIDER)


@desk.after_request
def keep_private(response: Response) -> Response:
    """The desk is its provider's alone. A long form may be kept for the Back button by the browser that asked."""
    is_form = request.endpoint in FORMS and response.status_code == 200
    response.headers["Cache-Control"] = BROWSER_ONLY if is_form else "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def area() -> Area:
    """The area this service serves."""
    found: Area = current_app.extensions["area"]
    return found


def account() -> Account:
    """Who is at the desk."""
    found = current_account()
    return found if found is not None else abort(401)


def who() -> str:
    """The person's name, as it is kept beside what they do."""
    person = account()
    return (person.name or person.email)[:120]


def the_ukprn() -> int:
    """Whose desk it is. An organisation without a number has none, and is told so."""
    ukprn = account().organisation.ukprn
    if ukprn is None:
        abort(make_response(render_template("desk/no_number.html"), 403))
    return ukprn


@desk.before_request
def need_a_number() -> None:
    """Turns an organisation without a number away before anything else is looked at."""
    the_ukprn()


def the_provider() -> Provider | None:
    """The provider, where anything of it is held yet."""
    return db.session.scalar(select(Provider).where(Provider.ukprn == the_ukprn()))


def provider_to_write() -> Provider:
    """The provider; its first act at the desk puts it on our list."""
    found = the_provider()
    if found is not None:
        return found
    ukprn, name = the_ukprn(), account().organisation.name

    def add() -> None:
        if db.session.scalar(select(Provider.id).where(Provider.ukprn == ukprn)) is None:
            add_providers({ukprn: name}, area())

    keep(add)
    return db.session.scalars(select(Provider).where(Provider.ukprn == ukprn)).one()


def mine(found: Found | None) -> Found:
    """What was found, or 404: what is another's is not there at all."""
    return found if found is not None else abort(404)
