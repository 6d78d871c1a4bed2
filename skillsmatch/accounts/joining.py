"""Links that came by mail: taking up an invitation, choosing a new password, proving a new address.

Opening a link shows a page and changes nothing, because mail scanners open links; sending the page's form uses it up.
"""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from skillsmatch.accounts import sign_ins
from skillsmatch.accounts.access import PUBLIC, open_to
from skillsmatch.accounts.audit import note
from skillsmatch.accounts.blueprint import Answer, accounts, wait
from skillsmatch.accounts.changing import (
    RESET_MINUTES,
    account_of,
    link_of,
    send_reset,
    set_email,
    set_password,
    words_about,
)
from skillsmatch.accounts.forms import ForgottenForm, JoinForm, NewPasswordForm
from skillsmatch.accounts.inviting import accept, invitation_of
from skillsmatch.accounts.models import Account
from skillsmatch.accounts.organisations import NotPossible
from skillsmatch.accounts.passwords import what_is_wrong
from skillsmatch.accounts.throttle import MAILS, count, seconds_to_wait
from skillsmatch.database import keep
from skillsmatch.extensions import csrf, db
from skillsmatch.mail.outbox import TooManyMessages


def _over(kind: str, why: str = "") -> tuple[str, int]:
    return render_template("accounts/link_over.html", kind=kind, why=why), 404


@accounts.route("/invitations/<secret>", methods=["GET", "POST"])
@open_to(PUBLIC)
@csrf.exempt  # the form checks its own token, so that a stale one shows what was typed instead of losing it
def join(secret: str) -> Answer:
    """Takes name and password of whoever was invited; their account is then there, and they are signed in."""
    invitation = invitation_of(secret)
    if invitation is None:
        return _over("invitation")
    form = JoinForm(data={"name": invitation.name}) if request.method != "POST" else JoinForm()
    if request.method != "POST":
        return render_template("accounts/join.html", form=form, invitation=invitation)
    valid = form.validate()
    about = (form.name.data or "", invitation.email, invitation.organisation.name)
    if not form.new_password.errors and (wrong := what_is_wrong(form.new_password.data, about)):
        form.new_password.errors = [wrong]
        valid = False
    if not valid:
        return render_template("accounts/join.html", form=form, invitation=invitation), 422

    def take_up() -> Account | None:
        standing = invitation_of(secret)
        if standing is None:
            return None
        account = accept(standing, form.name.data, form.new_password.data)
        sign_ins.begin(account)
        note("signed in", f"account {account.id}", by=account, second_step="none")
        return account

    try:
        account = keep(take_up)
    except IntegrityError:
        return _over("invitation", "There is an account with this address already. You can sign in with it.")
    if account is None:
        return _over("invitation")
    sign_ins.enter(account)
    return redirect(url_for("accounts.second_step"), 303)


@accounts.route("/sign-in/forgotten", methods=["GET", "POST"])
@open_to(PUBLIC)
@csrf.exempt  # as above
def forgotten() -> Answer:
    """Sends a link to choose a new password. The answer is the same whether or not there is such an account."""
    form = ForgottenForm()
    if not form.is_submitted():
        return render_template("accounts/forgotten.html", form=form)
    if not form.validate():
        return render_template("accounts/forgotten.html", form=form), 422
    address = form.email.data
    if seconds := seconds_to_wait(MAILS, address):
        return wait("accounts/forgotten.html", form, form.email, seconds)
    count(MAILS, address)

    def send() -> None:
        account = account_of(address)
        about = f"account {account.id}" if account else "an e-mail without account"
        note("new password asked for", about)
        if account is not None and account.is_active and sign_ins.is_at_home(account):
            send_reset(account)

    try:
        keep(send)
    except TooManyMessages:
        keep(lambda: note("mail not sent", "a new password", why="too many today"))
    return render_template("accounts/look_in_mail.html", address=address, what="reset", minutes=RESET_MINUTES)


@accounts.route("/new-password/<secret>", methods=["GET", "POST"])
@open_to(PUBLIC)
@csrf.exempt  # as above
def choose_password(secret: str) -> Answer:
    """Takes the new password; every browser is signed out, and the person signs in with it."""
    link = link_of("reset", secret)
    if link is None:
        return _over("reset")
    form = NewPasswordForm()
    page = {"form": form, "account": link.account}
    if not form.is_submitted():
        return render_template("accounts/choose_password.html", **page)
    if not form.validate():
        return render_template("accounts/choose_password.html", **page), 422
    if wrong := what_is_wrong(form.new_password.data, words_about(link.account)):
        form.new_password.errors = [wrong]
        return render_template("accounts/choose_password.html", **page), 422

    def change() -> bool:
        standing = link_of("reset", secret)
        if standing is not None:
            set_password(standing.account, form.new_password.data)
        return standing is not None

    if not keep(change):
        return _over("reset")
    sign_ins.leave()
    return redirect(url_for("accounts.sign_in", password="changed"), 303)  # noqa: S106


@accounts.route("/new-email/<secret>", methods=["GET", "POST"])
@open_to(PUBLIC)
def prove_email(secret: str) -> Answer:
    """A button that makes the new address the account's own."""
    link = link_of("email", secret)
    if link is None:
        return _over("email")
    if request.method != "POST":
        return render_template("accounts/prove_email.html", link=link)

    def change() -> bool:
        standing = link_of("email", secret)
        if standing is not None:
            set_email(standing)
            db.session.flush()
        return standing is not None

    try:
        return _changed() if keep(change) else _over("email")
    except (NotPossible, IntegrityError):
        return _over("email", "Another account has this e-mail address by now.")


def _changed() -> Response:
    return redirect(url_for("accounts.mine"), 303)
