"""The sign-in pages: e-mail and password, then the code."""

from __future__ import annotations

from datetime import datetime

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from skillsmatch.accounts import sign_ins
from skillsmatch.accounts.access import PUBLIC, current_account, open_to, safe_next
from skillsmatch.accounts.audit import note
from skillsmatch.accounts.blueprint import Answer, accounts, wait
from skillsmatch.accounts.changing import account_of
from skillsmatch.accounts.desks import first_page
from skillsmatch.accounts.forms import CodeForm, SignInForm
from skillsmatch.accounts.keys import digest_of
from skillsmatch.accounts.models import Account
from skillsmatch.accounts.passwords import bring_up_to_date, password_fits
from skillsmatch.accounts.second_step import code_fits, recovery_code_fits
from skillsmatch.accounts.throttle import CODES, PASSWORDS, count, seconds_to_wait
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.extensions import csrf, db

HALF = "half_signed_in"  # in the signed cookie between the password and the code
HALF_MINUTES = 10


def may_sign_in(account: Account | None) -> bool:
    """False for nobody, for a disabled account, and for a demonstration's account anywhere else."""
    return bool(account and account.is_active and sign_ins.is_at_home(account))


@accounts.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@open_to(PUBLIC)
@csrf.exempt  # the form checks its own token, so that a stale one shows what was typed instead of losing it
def sign_in_page() -> Answer:
    """Takes e-mail and password; then goes on to the code, or to where the person wanted to go."""
    onward = safe_next(request.values.get("next"))
    if request.method != "POST":
        if current_account() is not None:
            return redirect(onward or url_for("accounts.mine"), 303)
        return render_template("accounts/sign_in.html", form=SignInForm(), next=onward)
    form = SignInForm()
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form, next=onward), 422
    email, password = form.email.data, form.password.data
    if seconds := seconds_to_wait(PASSWORDS, email):
        return wait("accounts/sign_in.html", form, form.email, seconds, next=onward)
    account = account_of(email)
    seen = account.password_hash if account else ""
    if not password_fits(account, password) or account is None or not may_sign_in(account):
        count(PASSWORDS, email)
        keep(
            lambda: note(
                "sign-in refused", f"account {account.id}" if account else "an e-mail without account"
            )
        )
        form.password.errors = ["The e-mail or the password is not right"]
        return render_template("accounts/sign_in.html", form=form, next=onward), 422
    if account.has_second_step:
        _remember_half(account)
        return redirect(url_for("accounts.code", next=onward or None), 303)
    number = account.id
    entered = keep(lambda: _begin_by_password(number, seen, password))
    if entered is None:
        return redirect(url_for("accounts.sign_in", next=onward or None), 303)
    return _let_in(entered, onward)


def _begin_by_password(number: int, seen: str, password: str) -> Account | None:
    """None where the account was changed since `seen`, its hash, fitted: another password, or a second step by now."""
    account = db.session.get_one(Account, number, with_for_update=True)
    if account.password_hash != seen or account.has_second_step or not may_sign_in(account):
        return None
    bring_up_to_date(account, password)
    return _begin(account, "")


def _begin(account: Account, second_step: str) -> Account:
    sign_ins.begin(account, second_step)
    note("signed in", f"account {account.id}", by=account, second_step=second_step or "none")
    return account


def _let_in(account: Account, onward: str) -> Response:
    sign_ins.enter(account)
    return redirect(onward or first_page(account), 303)


def _remember_half(account: Account) -> None:
    session.clear()
    session[HALF] = {
        "account": account.id,
        "at": now().isoformat(),
        "of": digest_of(account.password_hash)[:16],
    }


def _half_signed_in(lock: bool = False) -> Account | None:
    """Whose password was right here, minutes ago, and is still the same."""
    half = session.get(HALF) or {}
    account = db.session.get(Account, half.get("account", 0), with_for_update=lock)
    if account is None or not may_sign_in(account) or not account.has_second_step:
        return None
    minutes = (now() - datetime.fromisoformat(half["at"])).total_seconds() / 60
    return (
        account
        if 0 <= minutes < HALF_MINUTES and half["of"] == digest_of(account.password_hash)[:16]
        else None
    )


@accounts.route("/sign-in/code", methods=["GET", "POST"])
@open_to(PUBLIC)
def code() -> Answer:
    """Takes the code of the second step, or a recovery code."""
    onward = safe_next(request.values.get("next"))
    account = _half_signed_in()
    if account is None:
        return redirect(url_for("accounts.sign_in", next=onward or None), 303)
    form = CodeForm()
    if request.method != "POST":
        return render_template("accounts/code.html", form=form, next=onward)
    if not form.validate():
        return render_template("accounts/code.html", form=form, next=onward), 422
    email = account.email
    if seconds := seconds_to_wait(CODES, email):
        return wait("accounts/code.html", form, form.code, seconds, next=onward)
    entered = keep(lambda: _begin_by_code(form.code.data))
    if entered is None:
        count(CODES, email)
        form.code.errors = ["That code is not right, or was used before. Wait for the next one in your app"]
        return render_template("accounts/code.html", form=form, next=onward), 422
    return _let_in(entered, onward)


def _begin_by_code(code: str) -> Account | None:
    """Takes the code and begins the sign-in, both or neither; None where it was none, which is noted."""
    account = _half_signed_in(lock=True)
    if account is None:
        return None  # changed at this moment; the next try leads to the password again
    if code_fits(account, code):
        return _begin(account, "code")
    if recovery_code_fits(account, code):
        note("recovery code used", f"account {account.id}", by=account, left=len(account.recovery_digests))
        return _begin(account, "recovery")
    note("code refused", f"account {account.id}")
    return None


@accounts.post("/sign-out")
@open_to(PUBLIC)
def sign_out() -> Response:
    """Ends this browser's sign-in; the cookie is worth nothing afterwards, wherever else it may be."""
    if sign_ins.current() is not None:

        def end() -> None:
            standing = sign_ins.current()
            if standing is not None:
                note("signed out", f"account {standing.account_id}")
                standing.ended_at = now()

        keep(end)
    sign_ins.leave()
    return redirect(url_for("accounts.signed_out"), 303)


@accounts.get("/signed-out")
@open_to(PUBLIC)
def signed_out() -> str:
    """Says that it is done."""
    return render_template("accounts/signed_out.html")
