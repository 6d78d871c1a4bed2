"""Organisations: whom an account belongs to, and which roles its people may have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from skillsmatch.accounts.models import Account, Organisation
from skillsmatch.accounts.roles import Kind, Role
from skillsmatch.clock import now
from skillsmatch.extensions import db

TRAINING = frozenset({Role.PROVIDER, Role.COLLEGE})
GOVERNING = frozenset({Role.CHAMBER, Role.ADMIN})
PAGE_SIZE = 20  # organisations on a page
_BY_NAME = (func.lower(Organisation.name), Organisation.id)


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
    return _people([organisation_id])


def _people(organisations: list[int]) -> list[Account]:
    people = db.session.scalars(select(Account).where(Account.organisation_id.in_(organisations)))
    return sorted(people, key=lambda a: (not a.is_active, not a.owner, a.name.casefold(), a.id))


@dataclass(frozen=True)
class OrganisationPage:
    """One page of organisations by name, each with its people."""

    rows: list[tuple[Organisation, list[Account]]]
    page: int
    pages: int
    total: int


def organisations_page(words: str = "", page: int = 1) -> OrganisationPage:
    """The page with this number, or the nearest there is, of all organisations or of those that `words` fit.

    They fit an organisation whose name holds them, and one with a person whose name or e-mail does.
    """
    wanted = select(Organisation).where(_fits(words)) if words else select(Organisation)
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    some = wanted.order_by(*_BY_NAME).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    homes = list(db.session.scalars(some))
    people: dict[int, list[Account]] = {home.id: [] for home in homes}
    for one in _people(list(people)):
        people[one.organisation_id].append(one)
    return OrganisationPage([(home, people[home.id]) for home in homes], page, pages, total)


def _fits(words: str) -> ColumnElement[bool]:
    named = or_(
        Account.name.icontains(words, autoescape=True), Account.email.icontains(words, autoescape=True)
    )
    somebody = exists().where(Account.organisation_id == Organisation.id, named)
    return or_(Organisation.name.icontains(words, autoescape=True), somebody)


def page_with(organisation: Organisation) -> int:
    """The number of the page of all organisations on which this one stands."""
    name = func.lower(Organisation.name)
    own = select(name).where(Organisation.id == organisation.id).scalar_subquery()
    before = or_(name < own, and_(name == own, Organisation.id < organisation.id))
    return (db.session.scalar(select(func.count(Organisation.id)).where(before)) or 0) // PAGE_SIZE + 1


def other_owners(account: Account) -> list[Account]:
    """The organisation's other main contacts who can sign in."""
    return [a for a in people_of(account.organisation_id) if a.owner and a.is_active and a.id != account.id]
