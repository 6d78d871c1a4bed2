"""The administrator's pages: every organisation and account, inviting anybody, the audit log."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Select, func, select

from skillsmatch.accounts.access import open_to
from skillsmatch.accounts.audit import note
from skillsmatch.accounts.blueprint import TOO_MANY, Answer, accounts, act_on, me
from skillsmatch.accounts.changing import BY_ADMINISTRATOR, disable, enable, make_owner, take_second_step_off
from skillsmatch.accounts.forms import InviteForm, LogForm
from skillsmatch.accounts.inviting import invite, open_invitations, withdraw
from skillsmatch.accounts.models import Account, AuditEntry, Invitation
from skillsmatch.accounts.organisations import NotPossible, organisation_for, organisations_page, page_with
from skillsmatch.accounts.roles import Role
from skillsmatch.accounts.sign_ins import end_all
from skillsmatch.clock import LOCAL, now
from skillsmatch.database import keep
from skillsmatch.extensions import csrf, db
from skillsmatch.forms import one_line
from skillsmatch.mail.outbox import TooManyMessages

PER_PAGE = 50
LONGEST_WORDS = 100  # characters looked for
LAST_YEAR = 9999  # no day follows its last


def _page(form: InviteForm | None = None, refused: str = "") -> str:
    words = one_line(request.args.get("q", "").replace("\0", ""))[:LONGEST_WORDS]
    return render_template(
        "accounts/all.html",
        form=form or InviteForm(formdata=None),
        refused=refused,
        account=me(),
        listing=organisations_page(words, request.args.get("page", 1, int)),
        words=words,
        invitations=open_invitations(words=words, most=PER_PAGE),
        moment=now(),
    )


@accounts.get("/accounts")
@open_to(Role.ADMIN)
def everybody() -> str:
    """The organisations with their people, a page at a time or as looked for; and who is invited."""
    return _page()


@accounts.post("/accounts")
@open_to(Role.ADMIN)
@csrf.exempt  # the form checks its own token, so that a stale one shows what was typed instead of losing it
def invite_anybody() -> Answer:
    """Invites somebody of any organisation, new or known."""
    form, number = InviteForm(), me().id
    if not form.validate():
        return _page(form), 422

    def send() -> None:
        by = db.session.get_one(Account, number)
        roles = [Role(role) for role in form.roles.data]
        ukprn = int(form.ukprn.data) if form.ukprn.data else None
        home = organisation_for(roles, form.organisation.data or "", ukprn)
        invite(form.email.data, roles, home, name=form.name.data or "", owner=form.owner.data, by=by)

    try:
        keep(send)
    except NotPossible as error:
        form.form_errors = [str(error)]
        return _page(form), 422
    except TooManyMessages:
        form.email.errors = [TOO_MANY]
        return _page(form), 429
    return redirect(url_for("accounts.everybody", _anchor="invited"), 303)


def _act(account_id: int, act: Callable[[Account], None]) -> Answer:
    account = db.session.get(Account, account_id)
    onward = url_for("accounts.everybody")
    if account is not None:
        page = page_with(account.organisation)
        where: dict[str, Any] = {"page": page} if page > 1 else {}
        onward = url_for("accounts.everybody", **where, _anchor=f"organisation-{account.organisation_id}")
    return act_on(account_id, act, _page, onward)


@accounts.post("/accounts/<int:account_id>/disable")
@open_to(Role.ADMIN)
def disable_account(account_id: int) -> Answer:
    """Nobody signs in with it any more; not one's own, so that somebody is left who can enable it."""
    if account_id == me().id:
        return _page(refused="You cannot disable your own account. Ask another administrator"), 409
    return _act(account_id, lambda account: disable(account, BY_ADMINISTRATOR))


@accounts.post("/accounts/<int:account_id>/enable")
@open_to(Role.ADMIN)
def enable_account(account_id: int) -> Answer:
    """It can be used again."""
    return _act(account_id, enable)


@accounts.post("/accounts/<int:account_id>/main-contact")
@open_to(Role.ADMIN)
def make_anybody_main_contact(account_id: int) -> Answer:
    """For an organisation whose main contact has gone without handing over."""
    return _act(account_id, make_owner)


@accounts.post("/accounts/<int:account_id>/second-step-off")
@open_to(Role.ADMIN)
def take_off_second_step(account_id: int) -> Answer:
    """For a person who has lost phone and recovery codes, once one is sure that it is they who ask."""
    return _act(account_id, take_second_step_off)


@accounts.post("/accounts/<int:account_id>/sign-out")
@open_to(Role.ADMIN)
def sign_account_out(account_id: int) -> Answer:
    """Signs a person out everywhere."""

    def end(account: Account) -> None:
        note("sign-ins ended", f"account {account.id}", sign_ins_ended=end_all(account))

    return _act(account_id, end)


@accounts.post("/accounts/invitations/<int:invitation_id>/withdraw")
@open_to(Role.ADMIN)
def withdraw_any_invitation(invitation_id: int) -> Answer:
    """The link in that mail works no more."""

    def do() -> None:
        invitation = db.session.get(Invitation, invitation_id) or abort(404)
        if invitation.used_at is None:
            withdraw(invitation)

    keep(do)
    return redirect(url_for("accounts.everybody"), 303)


# --- the audit log -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listing:
    """One page of entries."""

    entries: list[AuditEntry]
    page: int
    pages: int
    total: int


@accounts.get("/accounts/audit")
@open_to(Role.ADMIN)
def audit_log() -> Answer:
    """The log, the newest first, by person, action and day."""
    form = LogForm(request.args)
    actions = db.session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)).all()
    form.action.choices = [("", "Anything"), *((action, action) for action in actions)]
    if not form.validate():
        return render_template(
            "accounts/audit.html", form=form, listing=Listing([], 1, 1, 0), filters={}
        ), 422
    filters = {
        name: request.args[name] for name in ("who", "action", "since", "until") if request.args.get(name)
    }
    listing = _listing(_asked(form), request.args.get("page", 1, int))
    return render_template(
        "accounts/audit.html",
        form=form,
        listing=listing,
        filters=filters,
        facts_of=lambda entry: json.loads(entry.facts),
        names=_names(listing.entries),
    )


def _names(entries: list[AuditEntry]) -> dict[str, str]:
    """The addresses, as they are now, of the accounts that the entries are about."""
    abouts = [entry.about.removeprefix("account ") for entry in entries if entry.about.startswith("account ")]
    numbers = {int(number) for number in abouts if number.isdecimal()}
    asked = select(Account.id, Account.email).where(Account.id.in_(numbers))
    return {f"account {row.id}": row.email for row in db.session.execute(asked)}


def _asked(form: Any) -> Select[tuple[AuditEntry]]:
    asked = select(AuditEntry)
    if form.who.data:
        asked = asked.where(AuditEntry.who.icontains(form.who.data, autoescape=True))
    if form.action.data:
        asked = asked.where(AuditEntry.action == form.action.data)
    if form.since.data:
        asked = asked.where(AuditEntry.at >= _midnight(form.since.data))
    if form.until.data and form.until.data.year < LAST_YEAR:
        asked = asked.where(AuditEntry.at < _midnight(form.until.data + timedelta(days=1)))
    return asked


def _midnight(day: Any) -> datetime:
    """The beginning of a day in England, as the log has it in UTC."""
    if day.year < 2:
        return datetime(1, 1, 1)
    return datetime.combine(day, time(), LOCAL).astimezone(UTC).replace(tzinfo=None)


def _listing(asked: Select[tuple[AuditEntry]], page: int) -> Listing:
    total = db.session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, page), pages)
    rows = db.session.scalars(
        asked.order_by(AuditEntry.id.desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    )
    return Listing(list(rows), page, pages, total)
