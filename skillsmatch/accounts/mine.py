"""One's own account: details, password, address, where one is signed in."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from skillsmatch.accounts import sign_ins
from skillsmatch.accounts.access import SIGNED_IN, open_to
from skillsmatch.accounts.audit import note
from skillsmatch.accounts.blueprint import TOO_MANY, Answer, accounts, ask_password, me
from skillsmatch.accounts.changing import account_of, send_new_address, set_password, words_about
from skillsmatch.accounts.desks import arrivals_for
from skillsmatch.accounts.forms import ChangeEmailForm, ChangePasswordForm, NameForm
from skillsmatch.accounts.models import Account, SignIn
from skillsmatch.accounts.passwords import what_is_wrong
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.extensions import csrf, db
from skillsmatch.mail.outbox import TooManyMessages


@accounts.get("/account")
@open_to(*SIGNED_IN)
def mine() -> str:
    """My details, my second step, what is held for my organisation, and where I am signed in."""
    account = me()
    here = sign_ins.current()
    rows = sign_ins.live_of(account)
    return render_template(
        "accounts/mine.html",
        account=account,
        rows=rows,
        here=here.id if here else 0,
        arrivals=arrivals_for(account.organisation),
    )


@accounts.route("/account/name", methods=["GET", "POST"])
@open_to(*SIGNED_IN)
@csrf.exempt  # the form checks its own token, so that a stale one shows what was typed instead of losing it
def name() -> Answer:
    """Changes the name that colleagues and the log show."""
    number, form = me().id, NameForm(obj=me())
    if not form.is_submitted():
        return render_template("accounts/name.html", form=form)
    if not form.validate():
        return render_template("accounts/name.html", form=form), 422

    def change() -> None:
        db.session.get_one(Account, number).name = form.name.data
        note("name changed", f"account {number}")

    keep(change)
    return redirect(url_for("accounts.mine"), 303)


@accounts.route("/account/password", methods=["GET", "POST"])
@open_to(*SIGNED_IN)
@csrf.exempt  # as above
def password() -> Answer:
    """Changes the password; every other browser is signed out."""
    form = ChangePasswordForm()
    if asked := ask_password("accounts/password.html", form):
        return asked
    account = me()
    if wrong := what_is_wrong(form.new_password.data, words_about(account)):
        form.new_password.errors = [wrong]
        return render_template("accounts/password.html", form=form), 422
    number = account.id

    def change() -> Account:
        standing = db.session.get_one(Account, number)
        set_password(standing, form.new_password.data)
        row = sign_ins.begin(standing)  # this browser too gets a new sign-in
        note("signed in", f"account {number}", by=standing, second_step=row.second_step or "as before")
        return standing

    sign_ins.enter(keep(change))
    return redirect(url_for("accounts.mine", _anchor="password-changed"), 303)


@accounts.route("/account/email", methods=["GET", "POST"])
@open_to(*SIGNED_IN)
@csrf.exempt  # as above
def email() -> Answer:
    """Sends a link to a new address; the old one stands until the link is used."""
    form = ChangeEmailForm()
    if asked := ask_password("accounts/email.html", form):
        return asked
    number, address = me().id, form.email.data
    if account_of(address) is not None:
        form.email.errors = ["There is an account with this address already"]
        return render_template("accounts/email.html", form=form), 422
    try:
        keep(lambda: send_new_address(db.session.get_one(Account, number), address))
    except TooManyMessages:
        form.email.errors = [TOO_MANY]
        return render_template("accounts/email.html", form=form), 429
    return render_template("accounts/look_in_mail.html", address=address, what="email")


@accounts.post("/account/sign-ins/<int:sign_in_id>/end")
@open_to(*SIGNED_IN)
def end_sign_in(sign_in_id: int) -> Response:
    """Signs one of my browsers out."""
    number = me().id

    def end() -> None:
        row = db.session.get(SignIn, sign_in_id)
        if row is None or row.account_id != number:
            abort(404)
        row.ended_at = row.ended_at or now()
        note("sign-in ended", f"account {number}", browser=row.browser)

    keep(end)
    return redirect(url_for("accounts.mine", _anchor="signed-in"), 303)


@accounts.post("/account/sign-ins/end-others")
@open_to(*SIGNED_IN)
def end_other_sign_ins() -> Response:
    """Signs out every browser of mine but this one."""
    number = me().id

    def end() -> None:
        ended = sign_ins.end_all(db.session.get_one(Account, number), sign_ins.current())
        note("other sign-ins ended", f"account {number}", sign_ins_ended=ended)

    keep(end)
    return redirect(url_for("accounts.mine", _anchor="signed-in"), 303)
