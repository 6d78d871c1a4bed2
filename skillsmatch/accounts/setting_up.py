"""Setting up the second step: the picture, the first code, the recovery codes; and turning it off."""

from __future__ import annotations

from flask import Response, abort, redirect, render_template, url_for
from sqlalchemy import select

from skillsmatch.accounts import sign_ins
from skillsmatch.accounts.access import SIGNED_IN, open_to
from skillsmatch.accounts.audit import note
from skillsmatch.accounts.blueprint import Answer, accounts, ask_password, me, wait
from skillsmatch.accounts.changing import tell
from skillsmatch.accounts.forms import PasswordForm, SetUpForm
from skillsmatch.accounts.models import Account
from skillsmatch.accounts.second_step import (
    address_of,
    grouped,
    new_recovery_codes,
    picture_of,
    secret_to_set_up,
    set_up,
    turn_off,
)
from skillsmatch.accounts.throttle import CODES, count, seconds_to_wait
from skillsmatch.database import keep
from skillsmatch.extensions import csrf, db

CONFIRM = "accounts/confirm_password.html"


def _secret() -> str:
    return secret_to_set_up(me(), sign_ins.current() or abort(401))


@accounts.get("/account/second-step/picture.svg")
@open_to(*SIGNED_IN)
def second_step_picture() -> Response:
    """The QR code for this browser's set-up; nothing is stored for it."""
    return Response(picture_of(address_of(me(), _secret())), mimetype="image/svg+xml")


@accounts.route("/account/second-step", methods=["GET", "POST"])
@open_to(*SIGNED_IN)
@csrf.exempt  # the form checks its own token, so that a stale one shows what was typed instead of losing it
def second_step() -> Answer:
    """Turns the second step on with the first code of an app, and shows the recovery codes once."""
    account, form = me(), SetUpForm()
    secret, template = _secret(), "accounts/second_step.html"
    page = {"account": account, "secret": grouped(secret)}
    if asked := ask_password(template, form, **page):
        return asked
    number, address = account.id, account.email
    if seconds := seconds_to_wait(CODES, address):
        return wait(template, form, form.code, seconds, **page)
    codes = keep(lambda: _turn_on(number, secret, form.code.data))
    if not codes:
        count(CODES, address)
        form.code.errors = [
            "That code is not right. Check that the clock of your phone is right, and try the next one"
        ]
        return render_template(template, form=form, **page), 422
    return render_template("accounts/recovery_codes.html", codes=codes)


def _turn_on(number: int, secret: str, code: str) -> list[str]:
    account = db.session.get_one(Account, number)
    codes = set_up(account, secret, code)
    if codes:
        ended = sign_ins.end_all(account, sign_ins.current())
        note("second step set up", f"account {number}", sign_ins_ended=ended)
        tell(account, "Its second step was set up, and other browsers were signed out.")
    return codes


@accounts.route("/account/recovery-codes", methods=["GET", "POST"])
@open_to(*SIGNED_IN)
def recovery_codes() -> Answer:
    """Ten new recovery codes, shown once; the old ones no longer work."""
    account, form = me(), PasswordForm()
    may = account.has_second_step
    if (may or form.is_submitted()) and (asked := ask_password(CONFIRM, form, account=account, what="codes")):
        return asked
    if not may:
        return redirect(url_for("accounts.second_step"), 303)
    number = account.id

    def renew() -> list[str]:
        standing = db.session.scalars(select(Account).where(Account.id == number)).one()
        note("recovery codes renewed", f"account {number}")
        tell(standing, "It has ten new recovery codes. The old ones no longer work.")
        return new_recovery_codes(standing)

    return render_template("accounts/recovery_codes.html", codes=keep(renew))


@accounts.route("/account/second-step/off", methods=["GET", "POST"])
@open_to(*SIGNED_IN)
def second_step_off() -> Answer:
    """Turns the second step off, where the account may do without."""
    account, form = me(), PasswordForm()
    may = account.has_second_step and not account.needs_second_step
    if (may or form.is_submitted()) and (asked := ask_password(CONFIRM, form, account=account, what="off")):
        return asked
    if not may:
        return redirect(url_for("accounts.mine"), 303)
    number = account.id

    def end() -> None:
        standing = db.session.get_one(Account, number)
        turn_off(standing)
        note("second step turned off", f"account {number}")
        tell(standing, "Its second step was turned off.")

    keep(end)
    return redirect(url_for("accounts.mine"), 303)
