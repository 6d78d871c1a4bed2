"""The blueprint of the plan's pages. A view is kept from employers' rows unless it is marked as needing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, TypeVar

from flask import Blueprint, Response, current_app, request
from werkzeug.wrappers import Response as BaseResponse

from skillsmatch.accounts.access import blueprint_open_to, current_account
from skillsmatch.accounts.desks import add_desk
from skillsmatch.area.areas import Area
from skillsmatch.cases.blueprint import READERS
from skillsmatch.cases.days import plain_day
from skillsmatch.cases.measures import amount_words
from skillsmatch.safety import RETRY_AFTER

plan = blueprint_open_to(Blueprint("plan", __name__, url_prefix="/priorities"), *READERS)
add_desk("plan.scorecard_page", "Priorities", *READERS, place=25)
T = TypeVar("T")
Answer = str | BaseResponse | tuple[str, int] | tuple[str, int, dict[str, str]]
RETRY = {"Retry-After": RETRY_AFTER}
MEANWHILE = (
    "Somebody else saved this since you opened it, so nothing of yours is saved. What you typed is still here: "
    "look at what stands now, then send it again"
)


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


@plan.app_template_filter("iso_day")
def iso_day_words(day: str) -> str:
    """A day that was kept as "2026-04-01", without its weekday."""
    return plain_day(date.fromisoformat(day))


@plan.app_template_filter("measured")
def measured(value: Decimal, unit: str = "") -> str:
    """A measure's value as it is read, with its unit."""
    return amount_words(value, unit)


@dataclass(frozen=True)
class Listing(Generic[T]):
    """One page of a long list."""

    rows: Sequence[T]
    page: int
    pages: int
    total: int


def page_asked(total: int, size: int) -> tuple[int, int]:
    """The page that the address asks for, or the nearest there is; and how many there are."""
    pages, typed = max(1, -(-total // size)), request.args.get("page", "1")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 1
    return min(max(1, number), pages), pages


def the_area() -> Area:
    """The area this service serves."""
    found: Area = current_app.extensions["area"]
    return found


def the_officer() -> str:
    """The name that stands beside what the person signed in saves."""
    account = current_account()
    return account.name if account else ""
