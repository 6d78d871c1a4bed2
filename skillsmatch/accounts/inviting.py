"""Invitations: a place kept for somebody, the mail about it, and the account it becomes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from skillsmatch.accounts.audit import note
from skillsmatch.accounts.keys import digest_of, new_secret
from skillsmatch.accounts.models import Account, Invitation, Organisation
from skillsmatch.accounts.organisations import NotPossible, check_roles, people_of
from skillsmatch.accounts.passwords import hash_password
from skillsmatch.accounts.roles import Role
from skillsmatch.addresses import whole_address
from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.mail.outbox import post
from skillsmatch.texts.reading import letter

OPEN_DAYS = 7  # days an invitation's link works


def invite(
    email: str,
    roles: Iterable[Role],
    organisation: Organisation,
    *,
    name: str = "",
    owner: bool = False,
    by: Account | None = None,
) -> Invitation:
    """An invitation and its mail, both in the caller's transaction. An older one to the same address no longer works.

    `by` is who invites; None is the operator.

    The first person of an organisation becomes its main contact. Refused (NotPossible) where the address has an
    account, or the roles do not suit the organisation. Raises TooManyMessages as the outbox does.
    """
    given = [Role(role) for role in roles]
    check_roles(organisation, given)
    address = email.strip().lower()
    there = db.session.scalars(select(Account).where(Account.email == address)).first()
    if there is not None:
        state = "an account" if there.is_active else "an account that is disabled. It can be enabled again"
        raise NotPossible(f"{address} already has {state}")
    _withdraw_open(address)
    secret = new_secret()
    invitation = Invitation(
        organisation=organisation,
        email=address,
        name=name,
        roles=[role.value for role in given],
        owner=owner or not any(a.owner and a.is_active for a in people_of(organisation.id)),
        secret_digest=digest_of(secret),
        invited_by=by.name if by else "",
        inviter_id=by.id if by else None,
        created_at=now(),
        expires_at=now() + timedelta(days=OPEN_DAYS),
    )
    db.session.add(invitation)
    db.session.flush()
    mail = letter(
        "accounts.invitation",
        name=name or "there",
        inviter=by or "The people who run it",
        organisation=organisation.name,
        roles=" and ".join(role.words for role in given),
        days=OPEN_DAYS,
        link=whole_address("accounts.join", secret=secret),
    )
    post(f"invitation-{invitation.secret_digest[:24]}", address, mail.subject, mail.body)
    note(
        "invited",
        f"invitation {invitation.id}",
        to=address,
        roles=sorted(invitation.roles),
        organisation=organisation.id,
        owner=invitation.owner,
    )
    return invitation


def _withdraw_open(address: str) -> None:
    db.session.execute(
        update(Invitation)
        .where(Invitation.email == address, Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
        .values(withdrawn_at=now())
    )


def invitation_of(secret: str) -> Invitation | None:
    """The invitation whose link this is; None once it was used, withdrawn or has run out."""
    found = db.session.scalars(
        select(Invitation).where(Invitation.secret_digest == digest_of(secret))
    ).first()
    return found if found and found.is_open(now()) else None


def open_invitations(
    organisation_id: int | None = None, *, words: str = "", most: int | None = None
) -> list[Invitation]:
    """Invitations not taken up yet, the newest first; of one organisation or of all.

    With `words` those to an address that holds them; with `most` no more than so many.
    """
    asked = select(Invitation).where(Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
    asked = asked.options(joinedload(Invitation.organisation), joinedload(Invitation.inviter))
    if organisation_id is not None:
        asked = asked.where(Invitation.organisation_id == organisation_id)
    if words:
        asked = asked.where(Invitation.email.icontains(words, autoescape=True))
    return list(db.session.scalars(asked.order_by(Invitation.id.desc()).limit(most)))


def withdraw(invitation: Invitation) -> None:
    """Its link works no more."""
    invitation.withdrawn_at = now()
    note("invitation withdrawn", f"invitation {invitation.id}", to=invitation.email)


def withdraw_all_of(inviter: Account) -> None:
    """The links that this person had sent work no more."""
    sent = select(Invitation).where(Invitation.inviter_id == inviter.id)
    still_open = sent.where(Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
    for invitation in db.session.scalars(still_open.order_by(Invitation.id)).all():
        withdraw(invitation)


def accept(invitation: Invitation, name: str, password: str) -> Account:
    """The account of whoever was invited; the invitation is used up. Its address is proved by the link itself."""
    moment = now()
    account = Account(
        organisation_id=invitation.organisation_id,
        email=invitation.email,
        name=name,
        roles=invitation.roles,
        owner=invitation.owner,
        demonstration=False,
        password_hash=hash_password(password),
        password_changed_at=moment,
        totp_sealed="",
        totp_used=0,
        recovery_digests=[],
        created_at=moment,
        disabled_why="",
    )
    invitation.used_at = moment
    db.session.add(account)
    db.session.flush()
    note(
        "account made",
        f"account {account.id}",
        by=account,
        invitation=invitation.id,
        roles=sorted(account.roles),
    )
    return account
