"""What a load would change: each record of a file beside what we hold under its key."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import select

from skillsmatch import clock
from skillsmatch.extensions import db
from skillsmatch.offers.checking import CheckedFile
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.writing import AS_THEY_ARE, COMPARED, confirmed_on, provider_facts

SAME, CHANGED, NEW, KEPT = range(4)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, in offers. Taken, changed and unchanged are all the courses of the file that count."""

    taken: int = 0  # new to the catalogue
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0  # no longer in the file, which was said to be complete
    outside: int = 0  # left out: outside the area
    passed: int = 0  # of the file's courses, those whose date has passed
    kept: int = 0  # in the file, and left as their provider has changed them at its desk
    spared: int = 0  # not in the file, and not withdrawn for the same reason
    confirmed: int = 0  # of the unchanged ones, those that are confirmed as of a later day than before
    index_problem: str = ""  # why the search index is not up to date; the load itself stands

    @property
    def in_file(self) -> int:
        """How many of the file's courses are in the catalogue now."""
        return self.taken + self.changed + self.unchanged + self.kept

    @property
    def made_a_change(self) -> bool:
        """Whether the catalogue differs from before."""
        return bool(self.taken or self.changed or self.withdrawn or self.confirmed)


@dataclass
class Comparison:
    """A file's records beside the catalogue, by their place in the file."""

    states: bytearray  # SAME, CHANGED or NEW; KEPT for what its provider has changed, and a load leaves alone
    ids: array[int]  # of what we hold; 0 where it is new
    gone: list[int]  # offers of the same format, and provider where one is said, that the file does not name
    own: bool = False  # the provider's own upload, which may change what it has changed at its desk
    spared: int = (
        0  # offers not in the file that a complete load leaves alone, as their provider has changed them
    )
    before: dict[int, str] = field(default_factory=dict)  # digests of the offers that change, by id
    confirmed: list[tuple[int, date]] = field(
        default_factory=list
    )  # ids of unchanged offers, and a later day
    losers: Counter[int] = field(default_factory=Counter)  # UKPRNs whose offers are in `gone`, and how many

    def report(self, checked: CheckedFile, withdrawn: int, spared: int = 0) -> LoadReport:
        """The counts of a load that withdraws so many, and spares so many."""
        return LoadReport(
            taken=self.states.count(NEW),
            changed=self.states.count(CHANGED),
            unchanged=self.states.count(SAME),
            withdrawn=withdrawn,
            outside=checked.outside,
            passed=checked.passed,
            kept=self.states.count(KEPT),
            spared=spared,
            confirmed=len(self.confirmed),
        )


def compare(checked: CheckedFile, *, own: bool = False) -> Comparison:
    """Whether each record is new, changed or the same; the id of what we hold; and the offers not in the file.

    What a provider has changed at its desk is left alone (KEPT), unless the file is its `own`.
    """
    found = Comparison(bytearray([NEW]) * len(checked), array("q", bytes(8 * len(checked))), [], own)
    _COMPARE[checked.form.makes](checked, found)
    return found


def _courses(checked: CheckedFile, found: Comparison) -> None:
    columns = (Offer.id, Offer.source_ref, Offer.digest, Offer.withdrawn_at.is_(None), Provider.ukprn)
    held = select(*columns, Offer.confirmed_on, Offer.source_updated, Offer.desk_at.is_not(None))
    held = held.join(Offer.provider).where(Offer.source == checked.form.source)
    today, own = clock.today(), checked.ukprn is not None
    for id, ref, digest, offered, ukprn, confirmed, updated, at_desk in db.session.execute(
        held.execution_options(yield_per=5_000)
    ):
        place = checked.place(ref)
        theirs = at_desk and not found.own
        if place is not None:
            found.ids[place] = id
            if not offered or digest != checked.digest(place):
                found.states[place] = KEPT if theirs else CHANGED
                found.before[id] = digest
                continue
            found.states[place] = SAME
            day = confirmed_on(updated, today, own)
            if day > confirmed:
                found.confirmed.append((id, day))
        elif offered and checked.ukprn in (None, ukprn):
            if theirs:
                found.spared += 1
            else:
                found.gone.append(id)
                found.losers[ukprn] += 1


def _venues(checked: CheckedFile, found: Comparison) -> None:
    """A venue is known by the provider's own reference, else by its name and postcode, else by its name alone."""
    wanted = select(Venue).join(Venue.provider).where(Provider.ukprn == checked.ukprn)
    held = list(db.session.scalars(wanted.order_by(Venue.id)))
    for place in range(len(checked)):
        values = checked.values(place)
        id = _known_venue(values, held)
        if id:
            found.ids[place] = id
            found.states[place] = CHANGED if any(differences(values, "venue", id)) else SAME


def _known_venue(values: Mapping[str, Any], held: Sequence[Venue]) -> int:
    name, reference = values["name"].casefold(), values["reference"].casefold()
    by_reference = [venue for venue in held if reference and venue.reference.casefold() == reference]
    by_name = [venue for venue in held if venue.name.casefold() == name]
    exact = [venue for venue in by_name if venue.postcode == values["postcode"]]
    found = by_reference or exact or (by_name if len(by_name) == 1 else [])
    return found[0].id if found else 0


def _providers(checked: CheckedFile, found: Comparison) -> None:
    for id, ukprn in db.session.execute(select(Provider.id, Provider.ukprn)):
        place = checked.place(str(ukprn))
        if place is not None:
            found.ids[place] = id
            changes = any(differences(checked.values(place), "provider", id))
            found.states[place] = CHANGED if changes else SAME


_COMPARE = {"course": _courses, "venue": _venues, "provider": _providers}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that a load would change, in words."""

    name: str
    before: str
    after: str


def differences(values: Mapping[str, Any], makes: str, id: int) -> Iterator[FieldChange]:
    """Field by field, what differs between a record of a file and what we hold under that id."""
    for name, before in _held(values, makes, id).items():
        # "On offer" is no value of a file's: what it names is offered. A venue that we hold is said by its name.
        after = _venue_words(values["venue_id"]) if name == "venue" else values.get(name, "yes")
        was, becomes = _words(before), _words(Decimal(after) if after and name in DECIMALS else after)
        # A venue's point may come from its postcode where no file gives one.
        if was != becomes and not (name in ("lat", "lon") and values[name] is None):
            yield FieldChange(name.replace("_", " "), was, becomes)


def _held(values: Mapping[str, Any], makes: str, id: int) -> dict[str, Any]:
    if makes == "provider":
        provider = db.session.get_one(Provider, id)
        known = provider_facts(current_app.extensions["area"].slug)
        return {} if provider.ukprn in known else {"name": provider.name}
    if makes == "venue":
        venue = db.session.get_one(Venue, id)
        return {name: getattr(venue, name) for name in VENUE_FIELDS}
    offer = db.session.get_one(Offer, id)
    held: dict[str, Any] = {"on offer": offer.withdrawn_at is None}
    held |= {name: getattr(offer, name) for name in (*AS_THEY_ARE, *AS_NUMBERS)}
    if values["venue_id"] is not None:
        return held | {"venue": _venue_words(offer.venue_id)}
    columns = ("name", "postcode", *COMPARED)
    return held | {_venue_field(name): getattr(offer.venue, name, None) for name in columns}


def _venue_words(id: int | None) -> str:
    venue = db.session.get(Venue, id) if id is not None else None
    return "" if venue is None else ", ".join(filter(None, (venue.name, venue.town, venue.postcode)))


VENUE_FIELDS = (
    *("name", "reference", "address", "town", "county", "postcode"),
    *("email", "phone", "website"),
)
DECIMALS = ("duration_value", "cost", "max_funding")  # which come from a file as text
AS_NUMBERS = (*DECIMALS, "source_updated")


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
