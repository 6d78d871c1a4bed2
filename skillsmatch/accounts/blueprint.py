"""The blueprint of the accounts' pages, and what their views share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as BaseResponse

from skillsmatch.accounts.access import current_account
from skillsmatch.accounts.models import Account
from skillsmatch.accounts.organisations import NotPossible
from skillsmatch.accounts.passwords import password_fits
from skillsmatch.accounts.throttle import PASSWORDS, count, seconds_to_wait, wait_words
from skillsmatch.database import keep
from skillsmatch.extensions import db

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


def ask_password(template: str, form: Any, **page: Any) -> Answer | None:
    """None where the form was sent rightly, with the person's own password; else the page that asks for it."""
    if not form.is_submitted():
        return render_template(template, form=form, **page)
    if not form.validate():
        return render_template(template, form=form, **page), 422
    return check_password(template, form, form.password, **page)


def act_on(
    number: int,
    act: Callable[[Account], None],
    page: Callable[..., str],
    onward: str,
    may: Callable[[Account], bool] = lambda _: True,
) -> Answer:
    """Does it to an account and goes `onward`; where it is not possible, `page` says why.

    One that was forgotten, or to whom one `may` not do it, is not there, as far as the answer tells.
    """

    def do() -> None:
        account = db.session.get(Account, number)
        if account is None or account.disabled_why == "forgotten" or not may(account):
            abort(404)
        act(account)

    try:
        keep(do)
    except NotPossible as error:
        return page(refused=str(error)), 409
    return redirect(onward, 303)


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
