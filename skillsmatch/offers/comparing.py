"""What a load would change: each record of a file beside what we hold under its key."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from skillsmatch.extensions import db
from skillsmatch.offers.checking import CheckedFile
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.offers.writing import AS_THEY_ARE, COMPARED

SAME, CHANGED, NEW = range(3)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, in offers. Taken, changed and unchanged are all the courses of the file that count."""

    taken: int = 0  # new to the catalogue
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0  # no longer in the file, which was said to be complete
    outside: int = 0  # left out: outside the area
    passed: int = 0  # of the file's courses, those whose date has passed
    index_problem: str = ""  # why the search index is not up to date; the load itself stands

    @property
    def in_file(self) -> int:
        """How many of the file's courses are in the catalogue now."""
        return self.taken + self.changed + self.unchanged

    @property
    def made_a_change(self) -> bool:
        """Whether the catalogue differs from before."""
        return bool(self.taken or self.changed or self.withdrawn)


@dataclass(frozen=True)
class Comparison:
    """A file's records beside the catalogue, by their place in the file."""

    states: bytearray  # SAME, CHANGED or NEW
    ids: array[int]  # of what we hold; 0 where it is new
    gone: list[int]  # offers of the same format, and provider where one is said, that the file does not name

    def report(self, checked: CheckedFile, withdrawn: int) -> LoadReport:
        """The counts of a load that withdraws so many."""
        return LoadReport(
            taken=self.states.count(NEW),
            changed=self.states.count(CHANGED),
            unchanged=self.states.count(SAME),
            withdrawn=withdrawn,
            outside=checked.outside,
            passed=checked.passed,
        )


def compare(checked: CheckedFile) -> Comparison:
    """Whether each course is new, changed or the same; its offer's id; and the offers not in the file."""
    states = bytearray([NEW]) * len(checked)
    ids = array("q", bytes(8 * len(checked)))
    gone = []
    columns = (Offer.id, Offer.source_ref, Offer.digest, Offer.withdrawn_at.is_(None), Provider.ukprn)
    held = select(*columns).join(Offer.provider).where(Offer.source == checked.form.source)
    for id, ref, digest, offered, ukprn in db.session.execute(held.execution_options(yield_per=5_000)):
        place = checked.place(ref)
        if place is None:
            if offered and checked.ukprn in (None, ukprn):
                gone.append(id)
            continue
        ids[place] = id
        states[place] = SAME if offered and digest == checked.digest(place) else CHANGED
    return Comparison(states, ids, gone)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that a load would change, in words."""

    name: str
    before: str
    after: str


def differences(values: Mapping[str, Any], held: Offer) -> Iterator[FieldChange]:
    """Field by field, what differs between a course of a file and the offer that it would change."""
    if held.withdrawn_at is not None:
        yield FieldChange("on offer", "no", "yes")
    old: dict[str, Any] = {name: getattr(held, name) for name in (*AS_THEY_ARE, *AS_NUMBERS)}
    if values["venue_id"] is None:
        old |= {
            _venue_field(name): getattr(held.venue, name, None) for name in ("name", "postcode", *COMPARED)
        }
    else:
        old["venue_id"] = held.venue_id
    for name, before in old.items():
        was, becomes = _words(before), _words(values[name])
        # A venue's point may come from its postcode where no file gives one.
        if was != becomes and not (name in ("lat", "lon") and values[name] is None):
            yield FieldChange(name.replace("_", " "), was, becomes)


AS_NUMBERS = ("duration_value", "cost", "source_updated")


def _venue_field(name: str) -> str:
    return name if name in ("lat", "lon") else f"venue_{name}"


def _words(value: Any) -> str:
    """A value as a person compares it; the same for what a file says and for what a table holds."""
    if value is None or value == "" or value == []:
        return "not given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return " ".join(str(value).split())
