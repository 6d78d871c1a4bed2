"""What of accounts is not kept for ever, as the privacy page says it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select

from skillsmatch.accounts.audit import note
from skillsmatch.accounts.changing import disable, forget
from skillsmatch.accounts.inviting import withdraw_all_of
from skillsmatch.accounts.models import Account, AccountLink, Invitation, SignIn
from skillsmatch.accounts.organisations import NotPossible
from skillsmatch.accounts.sign_ins import end_all
from skillsmatch.accounts.verifying import drop_old, write_head
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.extensions import db

IDLE = timedelta(days=365)  # an account not signed in to for so long is disabled
FORGOTTEN = timedelta(days=731)  # a disabled account's name and address are forgotten after so long
ENDED = timedelta(days=30)  # sign-ins that are over, used links and old invitations are dropped


def tidy() -> dict[str, int]:
    """All of it, in one transaction; afterwards the log's newest entry is written outside the database.

    Returns how many accounts were disabled and forgotten, and how many entries of the log were dropped.
    """
    done = keep(_tidy)
    write_head()
    return done


def _tidy() -> dict[str, int]:
    moment = now()
    _drop_ended(moment)
    last_use = func.coalesce(Account.last_signed_in_at, Account.created_at)
    idle = select(Account).where(Account.disabled_at.is_(None), last_use < moment - IDLE)
    idle = idle.where(or_(Account.enabled_at.is_(None), Account.enabled_at < moment - IDLE))
    disabled = db.session.scalars(idle).all()
    for account in disabled:
        _disable_idle(account)
    gone = select(Account).where(
        Account.disabled_at < moment - FORGOTTEN, Account.disabled_why != "forgotten"
    )
    forgotten = db.session.scalars(gone).all()
    for account in forgotten:
        forget(account)
    return {"disabled": len(disabled), "forgotten": len(forgotten), "entries": drop_old()}


def _disable_idle(account: Account) -> None:
    """The last main contact too: whoever has been away for a year does not look after anybody."""
    try:
        disable(account, "not used for 12 months")
    except NotPossible:
        account.disabled_at, account.disabled_why = now(), "not used for 12 months"
        end_all(account)
        note("account disabled", f"account {account.id}", why=account.disabled_why, last_main_contact=True)
        withdraw_all_of(account)


def _drop_ended(moment: datetime) -> None:
    before = moment - ENDED
    db.session.execute(delete(SignIn).where(or_(SignIn.ended_at < before, SignIn.last_seen_at < before)))
    db.session.execute(delete(AccountLink).where(AccountLink.expires_at < before))
    db.session.execute(delete(Invitation).where(Invitation.expires_at < before))
