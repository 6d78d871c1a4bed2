"""The Chamber's own list of local businesses, members or not: who they are, so that it can tell whom it hears from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from skillsmatch.area.areas import Area
from skillsmatch.cases import gathering_files as cells
from skillsmatch.cases.firm_names import legal_name
from skillsmatch.cases.gathering import identity_of
from skillsmatch.cases.gathering_files import Column, FileKind, neither
from skillsmatch.cases.gathering_models import GatheredFile, KnownBusiness
from skillsmatch.cases.survey import NotAsShown
from skillsmatch.clock import now
from skillsmatch.database import in_turn
from skillsmatch.demand.employers import employer_keys
from skillsmatch.extensions import db
from skillsmatch.needs.asked import place_of

COLUMNS = (
    Column("business", "Name of the business.", cells.words, needed=True, longest=200),
    Column("website", "Its web address or domain, such as acme.co.uk. This or a postcode.", cells.domain),
    Column("postcode", "Its postcode, or the first half. The second half is not kept.", cells.place),
    Column("sector", "What it does: a sector’s name, or its SIC letter. May be empty.", cells.sector),
    Column(
        "size", "How many people work there: 0-9, 10-49, 50-249, 250+, or a number. May be empty.", cells.size
    ),
    Column("member", "Whether it is a member: yes or no. Empty changes nothing; new ones are none.", cells.yes),
)
MOST_ROWS = 10_000
LOCK = 7_265_005  # PostgreSQL's advisory lock: of two lists saved at one moment the later sees the earlier's
NAMES = {
    "name": "name", "domain": "web domain", "outcode": "postcode district", "district": "council",
    "sic_section": "sector", "size_band": "size", "member": "member",
}  # fmt: skip


def _once(got: Mapping[str, Any]) -> object:
    return got["website"] or (legal_name(got["business"]), got["postcode"].replace(" ", "").upper())


MEMBERS = FileKind(COLUMNS, MOST_ROWS, neither, _once)


@dataclass(frozen=True)
class Difference:
    """What a row would change of a business that is on the list: names of columns, before and after."""

    number: int
    name: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass
class Comparison:
    """What saving a list would do. The lists hold the first of each, `counts` says of how many.

    "left" are members that the file does not name: no longer members only where the officer says that it is whole.
    """

    counts: dict[str, int] = field(default_factory=lambda: {"new": 0, "changed": 0, "as it is": 0, "left": 0})
    new: list[tuple[int, str]] = field(default_factory=list)
    changed: list[Difference] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # members that the file does not name


class Listed:
    """The businesses on the list, found by domain, else by name and postcode district."""

    def __init__(self) -> None:
        self._by_domain: dict[str, KnownBusiness] = {}
        self._by_name: dict[tuple[str, str], KnownBusiness] = {}
        self._found: set[KnownBusiness] = set()
        self._all = list(db.session.scalars(select(KnownBusiness).order_by(KnownBusiness.id.desc())))
        for one in self._all:
            self._add(one)

    def _add(self, one: KnownBusiness) -> None:
        if one.domain:
            self._by_domain[one.domain] = one
        if one.outcode:
            self._by_name[legal_name(one.name), one.outcode] = one

    def take(self, values: Mapping[str, Any]) -> KnownBusiness | None:
        """The one that these values are of. None where there is none: they are found for the rows that follow."""
        by_domain = self._by_domain.get(values["domain"]) if values["domain"] else None
        named = self._by_name.get((legal_name(values["name"]), values["outcode"]))
        if by_domain is None and named is not None and values["domain"] and named.domain:
            named = None  # the same name in the same place with another domain is another business
        found = by_domain or named
        if found is not None:
            self._found.add(found)
        return found

    def put(self, values: Mapping[str, Any]) -> KnownBusiness:
        """A business of these values, which later rows find. It belongs to no session yet."""
        one = KnownBusiness(**{**values, "member": bool(values["member"])})
        self._add(one)
        return one

    def left_out(self) -> list[KnownBusiness]:
        """The members of before that no row was of."""
        return [one for one in reversed(self._all) if one.member and one not in self._found]


def values_of(got: Mapping[str, Any], area: Area) -> dict[str, Any]:
    """A row as it is kept. The second half of its postcode finds the council and is then dropped."""
    place = place_of(got["postcode"], area)
    return {
        "name": got["business"],
        "domain": got["website"],
        "outcode": place.outcode if place else "",
        "district": (place.district or "") if place else "",
        "sic_section": got["sector"],
        "size_band": got["size"],
        "member": got["member"],
    }


def compare(rows: Sequence[tuple[int, Mapping[str, Any]]], area: Area, most: int) -> Comparison:
    """What these rows would add and change, with the first `most` of each. It reads; it writes nothing."""
    listed, told = Listed(), Comparison()
    for number, got in rows:
        values = values_of(got, area)
        standing = listed.take(values)
        changes = _changes(standing, values) if standing else ()
        told.counts["changed" if changes else "as it is" if standing else "new"] += 1
        if standing is None:
            listed.put(values)
            told.new += [(number, values["name"])][: most - len(told.new)]
        elif changes and len(told.changed) < most:
            told.changed.append(Difference(number, standing.name, changes))
    left = listed.left_out()
    told.counts["left"], told.left = len(left), [one.name for one in left[:most]]
    return told


def _changes(standing: KnownBusiness, values: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """What would be other. An empty cell changes nothing: the list may know more than the file."""
    pairs = ((name, getattr(standing, name), values[name]) for name in NAMES)
    return tuple(
        (NAMES[name], _said(before), _said(after))
        for name, before, after in pairs
        if before != after and after != ""
    )


def _said(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def save(
    file: GatheredFile, rows: Sequence[tuple[int, Mapping[str, Any]]], area: Area, *, whole: bool = False
) -> dict[str, int]:
    """Every row stands on the list. Businesses that the file does not name stay, with `whole` as no members.

    Raises NotAsShown where the file no longer waits; saved again, nothing more happens.
    """
    counts = {"new": 0, "changed": 0, "as it is": 0, "left": 0}
    if file.state == "saved":
        return counts
    if file.state != "read":
        raise NotAsShown
    in_turn(LOCK)
    listed, new, webs = Listed(), [], []
    for values in (values_of(got, area) for _, got in rows):
        standing = listed.take(values)
        if standing is None:
            counts["new"] += 1
            new.append(listed.put(values))
            continue
        if values["domain"] and not standing.domain:
            webs.append(standing)  # it is known by its web domain from now on, as its own needs are
        counts["changed" if _change(standing, values) else "as it is"] += 1
        standing.loaded_at, standing.file_id = now(), file.id
    left = listed.left_out() if whole else []
    for one in left:
        one.member, one.loaded_at, one.file_id = False, now(), file.id
    counts["left"] = len(left)
    _give_keys(new, webs, file)
    file.state, file.content, file.ended_at = "saved", None, now()
    return counts


def _change(standing: KnownBusiness, values: Mapping[str, Any]) -> bool:
    changes = _changes(standing, values)
    for name in NAMES:
        if values[name] != "":
            setattr(standing, name, values[name])
    return bool(changes)


def _give_keys(new: Sequence[KnownBusiness], webs: Sequence[KnownBusiness], file: GatheredFile) -> None:
    """The new ones stand on the list with the key their needs have; `webs` get that of their web domain.

    One that stands there already, by a key it had under a name or place of before, takes what the new one says.
    """
    identities = {one: identity_of(one.name, one.domain, one.outcode) for one in (*new, *webs)}
    keys = employer_keys(identities.values())
    with db.session.no_autoflush:
        standing = {one.employer_key_id: one for one in db.session.scalars(select(KnownBusiness))}
    added = set(new)
    for one, identity in identities.items():
        key = keys[identity].id
        known = standing.get(key)
        if known is None:
            one.employer_key_id, standing[key] = key, one
            if one in added:
                one.loaded_at, one.file_id = now(), file.id
                db.session.add(one)
        elif one in added:
            _change(known, {name: getattr(one, name) for name in NAMES})


def remove(number: int) -> bool:
    """The business is no longer on the list; what it asked for stays. False where it was not there."""
    one = db.session.get(KnownBusiness, number)
    if one is not None:
        db.session.delete(one)
    return one is not None
