"""The people of one's own organisation: invite a colleague, disable, hand over."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, redirect, render_template, url_for

from skillsmatch.accounts.access import SIGNED_IN, open_to
from skillsmatch.accounts.blueprint import TOO_MANY, Answer, accounts, act_on, me
from skillsmatch.accounts.changing import disable, enable, end_owner, make_owner
from skillsmatch.accounts.forms import ColleagueForm
from skillsmatch.accounts.inviting import invite, open_invitations, withdraw
from skillsmatch.accounts.models import Account, Invitation
from skillsmatch.accounts.organisations import NotPossible, people_of
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.extensions import csrf, db
from skillsmatch.mail.outbox import TooManyMessages


def _page(form: ColleagueForm | None = None, refused: str = "") -> str:
    account = me()
    return render_template(
        "accounts/people.html",
        form=form or ColleagueForm(formdata=None),
        refused=refused,
        account=account,
        people=people_of(account.organisation_id),
        invitations=open_invitations(account.organisation_id),
        moment=now(),
    )


@accounts.get("/account/people")
@open_to(*SIGNED_IN)
def people() -> str:
    """Everybody of my organisation, and who is invited."""
    return _page()


@accounts.post("/account/people")
@open_to(*SIGNED_IN)
@csrf.exempt  # the form checks its own token, so that a stale one shows what was typed instead of losing it
def invite_colleague() -> Answer:
    """Invites somebody with my own roles; for main contacts."""
    account, form = me(), ColleagueForm()
    _main_contacts_only(account)
    if not form.validate():
        return _page(form), 422
    number = account.id

    def send() -> None:
        by = db.session.get_one(Account, number)
        roles = sorted(by.all_roles)
        invite(
            form.email.data,
            roles,
            by.organisation,
            name=form.name.data or "",
            owner=form.owner.data,
            by=by,
        )

    try:
        keep(send)
    except NotPossible as error:
        form.email.errors = [str(error)]
        return _page(form), 422
    except TooManyMessages:
        form.email.errors = [TOO_MANY]
        return _page(form), 429
    return redirect(url_for("accounts.people", _anchor="invited"), 303)


def _main_contacts_only(account: Account) -> None:
    if not account.owner:
        abort(403)


def _act(account_id: int, act: Callable[[Account], None]) -> Answer:
    """Does it to a colleague: somebody of another organisation is not there, as far as this page knows."""
    mine = me().organisation_id
    _main_contacts_only(me())
    return act_on(
        account_id, act, _page, url_for("accounts.people"), lambda other: other.organisation_id == mine
    )


@accounts.post("/account/people/<int:account_id>/disable")
@open_to(*SIGNED_IN)
def disable_colleague(account_id: int) -> Answer:
    """A colleague has left."""
    return _act(account_id, lambda other: disable(other, "by a main contact"))


@accounts.post("/account/people/<int:account_id>/enable")
@open_to(*SIGNED_IN)
def enable_colleague(account_id: int) -> Answer:
    """A colleague is back."""
    return _act(account_id, enable)


@accounts.post("/account/people/<int:account_id>/main-contact")
@open_to(*SIGNED_IN)
def make_main_contact(account_id: int) -> Answer:
    """A colleague looks after the organisation's people, too."""
    return _act(account_id, make_owner)


@accounts.post("/account/people/<int:account_id>/not-main-contact")
@open_to(*SIGNED_IN)
def end_main_contact(account_id: int) -> Answer:
    """A colleague, or I, no longer do."""
    return _act(account_id, end_owner)


@accounts.post("/account/invitations/<int:invitation_id>/withdraw")
@open_to(*SIGNED_IN)
def withdraw_invitation(invitation_id: int) -> Answer:
    """The link in that mail works no more."""
    mine = me().organisation_id
    _main_contacts_only(me())

    def do() -> None:
        invitation = db.session.get(Invitation, invitation_id)
        if invitation is None or invitation.organisation_id != mine:
            abort(404)
        if invitation.used_at is None:
            withdraw(invitation)

    keep(do)
    return redirect(url_for("accounts.people"), 303)
