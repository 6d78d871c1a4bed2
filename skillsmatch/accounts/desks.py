"""Where people go once they are signed in: each room names its own desk, and this room knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, url_for

from skillsmatch.accounts.models import Account, Organisation
from skillsmatch.accounts.roles import Role


@dataclass(frozen=True)
class Desk:
    """A page that the head of every page links to, for people with one of these roles."""

    endpoint: str
    words: str
    roles: frozenset[Role]
    place: int


@dataclass(frozen=True)
class Arrival:
    """What is held for an organisation already, and the page that shows it."""

    words: str
    address: str = ""


_desks: dict[str, Desk] = {}
_arrivals: list[Callable[[Organisation], Arrival | None]] = []


def add_desk(endpoint: str, words: str, *roles: Role, place: int = 50) -> None:
    """Puts a link into the head of every page for people with one of `roles`. Done once, where the page is made.

    The one with the lowest `place` is where they arrive after signing in.
    """
    _desks[endpoint] = Desk(endpoint, words, frozenset(roles), place)


def tell_on_arrival(say: Callable[[Organisation], Arrival | None]) -> None:
    """Has something said on the account's page, such as what is held for its organisation; None says nothing."""
    if say not in _arrivals:
        _arrivals.append(say)


def desks_of(account: Account) -> list[Desk]:
    """The account's desks, of those that this service has."""
    known = sorted(_desks.values(), key=lambda desk: (desk.place, desk.words))
    return [d for d in known if account.has(*d.roles) and d.endpoint in current_app.view_functions]


def arrivals_for(organisation: Organisation) -> list[Arrival]:
    """What the rooms have to say to people of this organisation."""
    return [said for say in _arrivals if (said := say(organisation))]


def first_page(account: Account) -> str:
    """Where a person goes after signing in, without having asked for a page."""
    desks = desks_of(account)
    return url_for(desks[0].endpoint if desks else "accounts.mine")
