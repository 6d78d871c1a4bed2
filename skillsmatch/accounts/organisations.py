"""Organisations: whom an account belongs to, and which roles its people may have."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from skillsmatch.accounts.models import Account, Organisation
from skillsmatch.accounts.roles import Kind, Role
from skillsmatch.clock import now
from skillsmatch.extensions import db

TRAINING = frozenset({Role.PROVIDER, Role.COLLEGE})
GOVERNING = frozenset({Role.CHAMBER, Role.ADMIN})


class NotPossible(Exception):
    """What was asked for cannot be; the words say why, to whoever asked."""


def kind_for(roles: Iterable[Role]) -> Kind:
    """The sort of organisation whose people have these roles. Refused: training and governing in one account."""
    given = frozenset(roles)
    if not given:
        raise NotPossible("Choose one role or more")
    if given & TRAINING and given & GOVERNING:
        raise NotPossible(
            "A provider's or college's account cannot be a Chamber officer's or an administrator's as well. "
            "Whoever judges unmet needs must not be one of those who offer training"
        )
    if Role.PROVIDER in given:
        return Kind.PROVIDER
    if Role.COLLEGE in given:
        return Kind.COLLEGE
    return Kind.CHAMBER if Role.CHAMBER in given else Kind.OPERATOR


def organisation_for(roles: Iterable[Role], name: str, ukprn: int | None) -> Organisation:
    """The organisation with this UKPRN, else with this name and sort; a new one where there is none.

    Refused (NotPossible) where the roles do not go together, or do not suit an organisation that is there.
    """
    kind = kind_for(roles)
    found = None
    if ukprn:
        found = db.session.scalars(select(Organisation).where(Organisation.ukprn == ukprn)).first()
    elif name:
        same = select(Organisation).where(Organisation.name == name, Organisation.kind == kind)
        found = db.session.scalars(same.order_by(Organisation.id)).first()
    if found is not None:
        check_roles(found, roles)
        return found
    if not name:
        raise NotPossible("Give the organisation's name: it is not known here yet")
    made = Organisation(kind=kind.value, name=name, ukprn=ukprn, demonstration=False, created_at=now())
    db.session.add(made)
    db.session.flush()
    return made


def check_roles(organisation: Organisation, roles: Iterable[Role]) -> None:
    """Refuses (NotPossible) roles that people of this organisation cannot have."""
    training = organisation.kind in (Kind.PROVIDER, Kind.COLLEGE)
    kind_for(roles)
    if not frozenset(roles) <= (TRAINING if training else GOVERNING):
        can_be = "a training provider or a college" if training else "the Chamber or the operator"
        raise NotPossible(f"{organisation.name} is {can_be}, so its people cannot have that role")


def people_of(organisation_id: int) -> list[Account]:
    """Everybody of the organisation, main contacts first, then by name; those disabled last."""
    people = db.session.scalars(select(Account).where(Account.organisation_id == organisation_id))
    return sorted(people, key=lambda a: (not a.is_active, not a.owner, a.name.casefold(), a.id))


def other_owners(account: Account) -> list[Account]:
    """The organisation's other main contacts who can sign in."""
    return [a for a in people_of(account.organisation_id) if a.owner and a.is_active and a.id != account.id]
