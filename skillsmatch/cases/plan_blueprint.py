"""The blueprint of the plan's pages. A view is kept from employers' rows unless it is marked as needing them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from flask import Blueprint, Response, current_app
from werkzeug.wrappers import Response as BaseResponse

from skillsmatch.accounts.access import blueprint_open_to, current_account
from skillsmatch.accounts.desks import add_desk
from skillsmatch.area.areas import Area
from skillsmatch.cases.blueprint import READERS
from skillsmatch.cases.days import plain_day
from skillsmatch.cases.measures import value_words
from skillsmatch.safety import RETRY_AFTER

plan = blueprint_open_to(Blueprint("plan", __name__, url_prefix="/priorities"), *READERS)
add_desk("plan.scorecard_page", "Priorities", *READERS, place=25)
Answer = str | BaseResponse | tuple[str, int] | tuple[str, int, dict[str, str]]
RETRY = {"Retry-After": RETRY_AFTER}


@plan.after_request
def keep_private(response: Response) -> Response:
    """Exact numbers: no copy is kept by browsers or on the way."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@plan.app_template_filter("plain_day")
def plain_day_words(day: date | datetime) -> str:
    """A day without its weekday."""
    return plain_day(day)


@plan.app_template_filter("measured")
def measured(value: Decimal) -> str:
    """A measure's value as it is read."""
    return value_words(value)


def the_area() -> Area:
    """The area this service serves."""
    found: Area = current_app.extensions["area"]
    return found


def the_officer() -> str:
    """The name that stands beside what the person signed in saves."""
    account = current_account()
    return account.name if account else ""
