"""The demonstration's accounts: one for each role, with passwords that are shown to whoever started it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from sqlalchemy import select

from skillsmatch.accounts.keys import key_for
from skillsmatch.accounts.models import Account, Organisation
from skillsmatch.accounts.passwords import hash_password
from skillsmatch.accounts.roles import KIND_OF_ROLE, Role
from skillsmatch.clock import now
from skillsmatch.extensions import db

NAMES = {
    Role.PROVIDER: ("Priya Demonstration", "Demonstration Training"),
    Role.COLLEGE: ("Colin Demonstration", "Demonstration College"),
    Role.CHAMBER: ("Chitra Demonstration", "Demonstration Chamber"),
    Role.ADMIN: ("Adam Demonstration", "Demonstration operator"),
}


@dataclass(frozen=True)
class Shown:
    """One account as it is printed."""

    role: Role
    email: str
    password: str


def make_demonstration_accounts(
    provider: tuple[int, str] | None, college: tuple[int, str] | None = None
) -> list[Shown]:
    """One account for each role, as new, in the caller's transaction; none of them has a second step.

    `provider` and `college` are the UKPRN and name of two whose offers are in the catalogue, so that their pages have
    something on them. They sign in only while the service is a demonstration. Passwords follow from the secret key:
    the same each time.
    """
    places = {Role.PROVIDER: provider, Role.COLLEGE: college}
    return [_make(role, places.get(role)) for role in Role]


def _make(role: Role, place: tuple[int, str] | None) -> Shown:
    name, organisation = NAMES[role]
    email = f"{role.value}@demonstration.example"
    made = hmac.new(key_for("demonstration"), role.value.encode(), "sha256").hexdigest()
    shown = Shown(role, email, "-".join(("show", made[:6], made[6:12])))
    account = db.session.scalars(select(Account).where(Account.email == email)).first()
    if account is None:
        account = Account(email=email, created_at=now(), organisation=_home(role, organisation, place))
        db.session.add(account)
    elif place is not None and account.organisation.ukprn is None:
        account.organisation = _home(role, organisation, place)  # it was made before there was a catalogue
    account.name, account.roles, account.owner, account.demonstration = name, [role], True, True
    account.password_hash, account.password_changed_at = hash_password(shown.password), now()
    account.totp_sealed, account.totp_used, account.recovery_digests = "", 0, []
    account.disabled_at, account.disabled_why, account.last_signed_in_at = None, "", None
    db.session.flush()
    return shown


def _home(role: Role, name: str, place: tuple[int, str] | None) -> Organisation:
    ukprn = None
    if place is not None:
        ukprn, name = place
        standing = db.session.scalars(select(Organisation).where(Organisation.ukprn == ukprn)).first()
        if standing is not None:
            return standing
    return Organisation(kind=KIND_OF_ROLE[role], name=name, ukprn=ukprn, demonstration=True, created_at=now())
