"""Where people go once they are signed in: each room names its own desk, and this room knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import current_app, request, url_for

from skillsmatch.accounts.models import Account, Organisation
from skillsmatch.accounts.roles import Role


@dataclass(frozen=True)
class Desk:
    """A page that the head of every page links to, for people with one of these roles."""

    endpoint: str
    words: str
    roles: frozenset[Role]
    place: int
    within: tuple[str, ...] = ()  # where addresses of its room begin, besides its own

    def reach(self, address: str) -> int:
        """How much of this address the room's own beginnings cover: 0 where it is in another room."""
        root = request.script_root
        begins = (url_for(self.endpoint), *(root + begin for begin in self.within))
        return max((len(b) for b in begins if f"{address}/".startswith(f"{b}/")), default=0)


@dataclass(frozen=True)
class Arrival:
    """What is held for an organisation already, and the page that shows it."""

    words: str
    address: str = ""


_desks: dict[str, Desk] = {}
_arrivals: list[Callable[[Organisation], Arrival | None]] = []


def add_desk(endpoint: str, words: str, *roles: Role, place: int = 50, within: tuple[str, ...] = ()) -> None:
    """Puts a link into the head of every page for people with one of `roles`. Done once, where the page is made.

    The one with the lowest `place` is where they arrive after signing in. Pages below its address are of its room, and
    those whose addresses begin as `within` says; where two desks say so, of the one that says more of the address.
    """
    _desks[endpoint] = Desk(endpoint, words, frozenset(roles), place, within)


def tell_on_arrival(say: Callable[[Organisation], Arrival | None]) -> None:
    """Has something said on the account's page, such as what is held for its organisation; None says nothing."""
    if say not in _arrivals:
        _arrivals.append(say)


def desks_of(account: Account) -> list[Desk]:
    """The account's desks, of those that this service has."""
    known = sorted(_desks.values(), key=lambda desk: (desk.place, desk.words))
    return [d for d in known if account.has(*d.roles) and d.endpoint in current_app.view_functions]


def room_of_page(desks: Iterable[Desk]) -> str:
    """The endpoint of the desk, of these, whose room the page in hand belongs to; "" where it is in none of them."""
    address = request.script_root + request.path
    reached = [(desk.reach(address), desk.endpoint) for desk in desks]
    return max((one for one in reached if one[0]), key=lambda one: one[0], default=(0, ""))[1]


def arrivals_for(organisation: Organisation) -> list[Arrival]:
    """What the rooms have to say to people of this organisation."""
    return [said for say in _arrivals if (said := say(organisation))]


def first_page(account: Account) -> str:
    """Where a person goes after signing in, without having asked for a page."""
    desks = desks_of(account)
    return url_for(desks[0].endpoint if desks else "accounts.mine")
