"""Signing a test's browser in, by real rows: for the tests of every room."""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.accounts.keys import digest_of, new_secret, seal
from skillsmatch.accounts.models import Account, Organisation, SignIn
from skillsmatch.accounts.passwords import hash_password
from skillsmatch.accounts.roles import KIND_OF_ROLE, NEEDS_SECOND_STEP, Role
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.extensions import db

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from tests.browser.site import Site

NUMBERS = count(1)  # the same addresses in every run, in the order they were made
PASSWORD = "violet anchors over nine rivers"


@lru_cache
def hash_of(password: str) -> str:
    """The password's hash, worked out once in a process: it is made to be slow, and hundreds of accounts share it."""
    return hash_password(password)


def make_account(
    app: Flask,
    *roles: Role,
    organisation: str = "Test organisation",
    ukprn: int | None = None,
    email: str = "",
    name: str = "Sam Tester",
    owner: bool = True,
    password: str = PASSWORD,
    second_step: bool | None = None,
    demonstration: bool = False,
) -> int:
    """An account with a password, and its organisation where there is none of that name; returns its id.

    The second step is set up where the roles need it, or as `second_step` says.
    """

    def make() -> int:
        home = db.session.scalars(
            select(Organisation).where(
                Organisation.ukprn == ukprn if ukprn else Organisation.name == organisation
            )
        ).first()
        if home is None:
            kind = KIND_OF_ROLE[roles[0]]
            home = Organisation(kind=kind, name=organisation, ukprn=ukprn, created_at=now())
            db.session.add(home)
        needs = bool(NEEDS_SECOND_STEP & set(roles)) if second_step is None else second_step
        account = Account(
            organisation=home,
            email=email or f"{'-'.join(roles)}-{next(NUMBERS):08}@people.example",
            name=name,
            roles=list(roles),
            owner=owner,
            demonstration=demonstration,
            password_hash=hash_of(password),
            password_changed_at=now(),
            totp_sealed=seal(pyotp.random_base32()) if needs else "",
            created_at=now(),
        )
        db.session.add(account)
        db.session.flush()
        return account.id

    with app.app_context():
        number = keep(make)
        db.session.remove()
        return number


def live_sign_in(app: Flask, account_id: int) -> str:
    """A live sign-in of the account, as a right password and code make it; returns what its cookie holds."""
    secret = new_secret()

    def begin() -> None:
        db.session.add(
            SignIn(
                account_id=account_id,
                secret_digest=digest_of(secret),
                browser="Firefox on Linux",
                created_at=now(),
                last_seen_at=now(),
            )
        )

    with app.app_context():
        keep(begin)
        db.session.remove()
    return secret


def enter(client: FlaskClient, app: Flask, account_id: int, base_url: str | None = None) -> int:
    """Signs the client in as this account; returns its id."""
    secret = live_sign_in(app, account_id)
    with client.session_transaction(base_url=base_url) as session:
        session.clear()
        session["_user_id"] = secret
        session["_fresh"] = True
    return account_id


def sign_in(
    client: FlaskClient,
    app: Flask,
    *roles: Role,
    organisation: str = "Test organisation",
    ukprn: int | None = None,
    **more: object,
) -> int:
    """Signs the client in as a new person with these roles; returns the account's id."""
    number = make_account(app, *roles, organisation=organisation, ukprn=ukprn, **more)  # type: ignore[arg-type]
    return enter(client, app, number)


def sign_in_browser(context: BrowserContext, site: Site, account_id: int) -> None:
    """Signs a real browser in as this account."""
    client = site.app.test_client()
    enter(client, site.app, account_id, base_url=site.origin)
    cookie = client.get_cookie("session", domain="127.0.0.1")
    assert cookie is not None
    context.add_cookies([{"name": "session", "value": cookie.value, "url": site.origin, "httpOnly": True}])


def account(number: int) -> Account:
    """The account, as it stands. Inside an app context."""
    db.session.expire_all()
    return db.session.get_one(Account, number)
