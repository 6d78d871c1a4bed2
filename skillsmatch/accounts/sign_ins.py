"""Signing a browser in and out. What the cookie holds is worth nothing once its row has ended."""

from __future__ import annotations

import re

from flask import current_app, request, session
from flask_login import login_user, logout_user
from sqlalchemy import select, update

from skillsmatch.accounts.keys import digest_of, new_secret
from skillsmatch.accounts.models import Account, SignIn
from skillsmatch.clock import now
from skillsmatch.extensions import db

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
KEY = "_user_id"  # Flask-Login's own name for what it keeps in the session


def begin(account: Account, second_step: str = "") -> SignIn:
    """A live sign-in in the caller's transaction; `enter` gives it to the browser once that is committed.

    One that this browser had until now, of this account or another's, is over.
    """
    moment = now()
    if standing := current():
        standing.ended_at = moment
    account.sign_in_secret = new_secret()
    row = SignIn(
        account_id=account.id,
        secret_digest=digest_of(account.sign_in_secret),
        browser=browser_words(request.user_agent.string),
        second_step=second_step,
        created_at=moment,
        last_seen_at=moment,
    )
    account.last_signed_in_at = moment
    db.session.add(row)
    return row


def enter(account: Account) -> None:
    """Puts the sign-in into the browser's cookie. Everything the cookie held before is gone, so nothing is fixed."""
    session.clear()
    login_user(account)


def leave() -> None:
    """Takes the sign-in out of the browser's cookie; its row is ended by whoever calls this."""
    logout_user()
    session.clear()


def of_secret(secret: str) -> SignIn | None:
    """The live sign-in that this secret belongs to, of an account that is not disabled."""
    row = db.session.scalars(select(SignIn).where(SignIn.secret_digest == digest_of(secret))).first()
    return row if row and row.is_live(now()) and row.account.is_active and is_at_home(row.account) else None


def is_at_home(account: Account) -> bool:
    """False for a demonstration's account on a service that is no demonstration: its password was shown around."""
    return bool(current_app.config["DEMO"]) or not account.demonstration


def current() -> SignIn | None:
    """This browser's live sign-in."""
    secret = session.get(KEY)
    return of_secret(secret) if isinstance(secret, str) else None


def live_of(account: Account) -> list[SignIn]:
    """Where the account is signed in now, the latest used first."""
    rows = db.session.scalars(
        select(SignIn)
        .where(SignIn.account_id == account.id, SignIn.ended_at.is_(None))
        .order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())
    )
    return [row for row in rows if row.is_live(now())]


def end_all(account: Account, but: SignIn | None = None) -> int:
    """Ends every sign-in of the account except `but`; returns how many were live until now."""
    ended = [row for row in live_of(account) if but is None or row.id != but.id]
    numbers = [row.id for row in ended]
    db.session.execute(update(SignIn).where(SignIn.id.in_(numbers)).values(ended_at=now()))
    return len(ended)


def browser_words(agent: str) -> str:
    """A browser in few words, such as "Firefox on Windows". No version: it is not needed to know one's own."""
    name = next((words for sign, words in BROWSERS if sign in agent), "")
    system = next((words for sign, words in SYSTEMS if sign in agent), "")
    if name and system:
        return f"{name} on {system}"
    return name or system or re.sub(r"[^\w ./-]", "", agent)[:40] or "a browser that does not say which"
