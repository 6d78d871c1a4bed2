"""The Chamber's own list of local businesses, members or not: who they are, so that it can tell whom it hears from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from skillsmatch.area.areas import Area
from skillsmatch.cases import gathering_files as cells
from skillsmatch.cases.firm_names import legal_name
from skillsmatch.cases.gathering import business_key
from skillsmatch.cases.gathering_files import Column, FileKind, neither
from skillsmatch.cases.gathering_models import GatheredFile, KnownBusiness
from skillsmatch.cases.survey import NotAsShown
from skillsmatch.clock import now
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
    Column("member", "Whether it is a member: yes or no. Empty is no.", cells.yes),
)
MOST_ROWS = 10_000
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
    """What saving a list would do. `new` and `changed` hold the first of them, `counts` says of how many."""

    counts: dict[str, int] = field(default_factory=lambda: {"new": 0, "changed": 0, "as it is": 0})
    new: list[tuple[int, str]] = field(default_factory=list)
    changed: list[Difference] = field(default_factory=list)


class Listed:
    """The businesses on the list, found by domain, else by name and postcode district."""

    def __init__(self) -> None:
        self._by_domain: dict[str, KnownBusiness] = {}
        self._by_name: dict[tuple[str, str], KnownBusiness] = {}
        for one in db.session.scalars(select(KnownBusiness).order_by(KnownBusiness.id.desc())):
            self.add(one)

    def add(self, one: KnownBusiness) -> None:
        """Finds it from now on, too."""
        if one.domain:
            self._by_domain[one.domain] = one
        if one.outcode:
            self._by_name[legal_name(one.name), one.outcode] = one

    def find(self, values: Mapping[str, Any]) -> KnownBusiness | None:
        """The one that these values are of."""
        by_domain = self._by_domain.get(values["domain"]) if values["domain"] else None
        named = self._by_name.get((legal_name(values["name"]), values["outcode"]))
        if by_domain is None and named is not None and values["domain"] and named.domain:
            return None  # the same name in the same place with another domain is another business
        return by_domain or named


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
        standing = listed.find(values)
        changes = _changes(standing, values) if standing else ()
        told.counts["changed" if changes else "as it is" if standing else "new"] += 1
        if standing is None and len(told.new) < most:
            told.new.append((number, values["name"]))
        if standing is not None and changes and len(told.changed) < most:
            told.changed.append(Difference(number, standing.name, changes))
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


def save(file: GatheredFile, rows: Sequence[tuple[int, Mapping[str, Any]]], area: Area) -> dict[str, int]:
    """Every row stands on the list. Businesses that the file does not name stay as they are.

    Raises NotAsShown where the file no longer waits; saved again, nothing more happens.
    """
    counts = {"new": 0, "changed": 0, "as it is": 0}
    if file.state == "saved":
        return counts
    if file.state != "read":
        raise NotAsShown
    listed = Listed()
    for _, got in rows:
        values = values_of(got, area)
        standing = listed.find(values)
        if standing is None:
            key = business_key(values["name"], values["domain"], values["outcode"])
            standing = db.session.scalar(select(KnownBusiness).where(KnownBusiness.employer_key_id == key.id))
        counts[_put(standing, values, file, listed)] += 1
    file.state, file.content, file.ended_at = "saved", None, now()
    return counts


def _put(
    standing: KnownBusiness | None, values: Mapping[str, Any], file: GatheredFile, listed: Listed
) -> str:
    if standing is None:
        key = business_key(values["name"], values["domain"], values["outcode"])
        one = KnownBusiness(employer_key_id=key.id, loaded_at=now(), file_id=file.id, **values)
        db.session.add(one)
        listed.add(one)
        return "new"
    changes = _changes(standing, values)
    for name in NAMES:
        if values[name] != "":
            setattr(standing, name, values[name])
    standing.loaded_at, standing.file_id = now(), file.id
    listed.add(standing)
    return "changed" if changes else "as it is"


def remove(number: int) -> bool:
    """The business is no longer on the list; what it asked for stays. False where it was not there."""
    one = db.session.get(KnownBusiness, number)
    if one is not None:
        db.session.delete(one)
    return one is not None
