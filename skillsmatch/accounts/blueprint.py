"""The blueprint of the accounts' pages, and what their views share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as BaseResponse

from skillsmatch.accounts.access import current_account
from skillsmatch.accounts.models import Account
from skillsmatch.accounts.passwords import password_fits
from skillsmatch.accounts.throttle import PASSWORDS, count, seconds_to_wait, wait_words

Answer = str | BaseResponse | tuple[str, int] | tuple[str, int, dict[str, str]]
TOO_MANY = "We have sent this address several mails today. Please try again tomorrow"

accounts = Blueprint("accounts", __name__)


@accounts.after_request
def keep_private(response: Response) -> Response:
    """These pages are for one person, and some addresses are keys: nothing is cached, indexed or passed on."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def me() -> Account:
    """Whoever is signed in; for views that are open to people with an account only."""
    account = current_account()
    if account is None:
        raise Unauthorized
    return account


def wait(template: str, form: Any, field: Any, seconds: int, **page: Any) -> Answer:
    """The form again with 429: too many tries, and how long to wait."""
    field.errors = [wait_words(seconds)]
    return render_template(template, form=form, **page), 429, {"Retry-After": str(seconds)}


def check_password(template: str, form: Any, field: Any, **page: Any) -> Answer | None:
    """None where `field` holds the signed-in person's password; else the form again, saying what is wrong.

    Asked for before anything that could lock the person out, so that an open screen alone is not enough.
    """
    account = me()
    if seconds := seconds_to_wait(PASSWORDS, account.email):
        return wait(template, form, field, seconds, **page)
    if password_fits(account, field.data or ""):
        return None
    count(PASSWORDS, account.email)
    field.errors = ["That is not your password"]
    return render_template(template, form=form, **page), 422
