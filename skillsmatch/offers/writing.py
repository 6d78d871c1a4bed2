"""Courses written into the tables, with their providers and venues, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

import skillsmatch.area
from skillsmatch.area.areas import Area
from skillsmatch.area.models import PostcodePoint
from skillsmatch.area.tables import once, read_table
from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.records import NEAR_YOU

VenueKey = tuple[int, str, str]  # provider's id, name, postcode


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What is publicly known of a provider, whatever a course file calls it."""

    name: str
    town: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Change:
    """A record to write, and what it changes."""

    course: dict[str, Any]
    digest: str
    id: int  # of what we hold; 0 for a new one


class Writer:
    """Writes changes in batches; remembers providers and venues, so that each is looked up once."""

    def __init__(
        self, source: str, area: Area, today: date, now: datetime, own: bool = False, by: str = ""
    ) -> None:
        self._source, self._area, self._today, self._now = source, area, today, now
        self._own, self._by = own, by  # whether the file is its provider's own; who answers for it
        self._providers = {ukprn: id for id, ukprn in db.session.execute(select(Provider.id, Provider.ukprn))}
        self._venues: dict[VenueKey, tuple[int, int]] = {}  # key: id, and a hash of what is known of it
        self._venues_read: set[int] = set()  # providers whose venues have been read
        self._settled: set[VenueKey] = set()  # venues of this file: its first word on each stands

    def write(self, changes: Sequence[Change]) -> None:
        """Afterwards each change is an offer, its provider and its venue."""
        self._add_providers(changes)
        self._add_venues(changes)
        new, old = [], []
        for change in changes:
            values = self._offer(change)
            if change.id:
                old.append({**values, "of_id": change.id})
            else:
                new.append({**values, "created_at": self._now})
        if new:
            self._insert_offers(new)
        if old:
            self._update_offers(old)

    def _insert_offers(self, new: list[dict[str, Any]]) -> None:
        db.session.execute(insert(Offer.__table__), new)  # type: ignore[arg-type]

    def _update_offers(self, old: list[dict[str, Any]]) -> None:
        columns: dict[str, Any] = {name: bindparam(name) for name in old[0] if name != "of_id"}
        table = Offer.__table__
        db.session.connection().execute(
            update(table).where(table.c.id == bindparam("of_id")).values(columns),  # type: ignore[arg-type]
            old,
        )

    def _add_providers(self, changes: Iterable[Change]) -> None:
        new: dict[int, str] = {}
        for course in (c.course for c in changes if c.course["ukprn"] not in self._providers):
            new.setdefault(course["ukprn"], course["venue_name"])
        if new:
            self._providers |= self._insert_providers(new)

    def _insert_providers(self, new: Mapping[int, str]) -> dict[int, int]:
        return add_providers(new, self._area)

    def _add_venues(self, changes: Sequence[Change]) -> None:
        self._read_venues({self._providers[c.course["ukprn"]] for c in changes})
        new: dict[VenueKey, dict[str, Any]] = {}
        old = []
        for course in (c.course for c in changes):
            key = self._venue_key(course)
            if key is None or course["venue_id"] is not None or key in self._settled:
                continue
            self._settled.add(key)
            values = self._venue(key, course)
            known = self._venues.get(key)
            if known is None:
                new[key] = values
            elif known[1] != _hash_of(values):
                old.append({"id": known[0], **{n: v for n, v in values.items() if n != "district"}})
                self._venues[key] = (known[0], _hash_of(values))
        if old:
            self._update_venues(old)
        if new:
            for key, id in self._insert_venues(new).items():
                self._venues[key] = (id, _hash_of(new[key]))

    def _insert_venues(self, new: Mapping[VenueKey, dict[str, Any]]) -> dict[VenueKey, int]:
        columns = (Venue.id, Venue.provider_id, Venue.name, Venue.postcode)
        found = db.session.execute(insert(Venue).returning(*columns), [*new.values()])
        return {(row.provider_id, row.name, row.postcode): row.id for row in found}

    def _update_venues(self, old: list[dict[str, Any]]) -> None:
        db.session.execute(update(Venue), old)

    def _read_venues(self, providers: set[int]) -> None:
        wanted = {id for id in providers - self._venues_read if id > 0}  # a new one has none
        if wanted:
            columns = Venue.__table__.c
            for row in db.session.execute(select(*columns).where(columns.provider_id.in_(wanted))).mappings():
                key = (row["provider_id"], row["name"], row["postcode"])
                self._venues[key] = (row["id"], _hash_of(dict(row)))
            self._venues_read |= wanted

    def _venue_key(self, course: dict[str, Any]) -> VenueKey | None:
        if not course["venue_name"]:
            return None
        return self._providers[course["ukprn"]], course["venue_name"], course["venue_postcode"]

    def _venue(self, key: VenueKey, course: dict[str, Any]) -> dict[str, Any]:
        provider, name, postcode = key
        return {
            "provider_id": provider,
            "name": name,
            "postcode": postcode,
            "address": course["venue_address"],
            "town": course["venue_town"],
            "county": course["venue_county"],
            "district": district_of(postcode, self._area),
            "lat": course["lat"],
            "lon": course["lon"],
            "email": course["venue_email"],
            "phone": course["venue_phone"],
            "website": course["venue_website"],
        }

    def _offer(self, change: Change) -> dict[str, Any]:
        course = change.course
        key = self._venue_key(course)
        updated = date.fromisoformat(course["source_updated"]) if course["source_updated"] else None
        return {
            **{name: course[name] for name in AS_THEY_ARE},
            "provider_id": self._providers[course["ukprn"]],
            "venue_id": course["venue_id"] or (self._venues[key][0] if key else None),
            "source": self._source,
            "source_ref": course["ref"],
            "duration_value": _decimal(course["duration_value"]),
            "cost": _decimal(course["cost"]),
            "max_funding": _decimal(course["max_funding"]),
            "source_updated": updated,
            "confirmed_on": confirmed_on(updated, self._today, self._own),
            "confirmed_by": self._by,
            "digest": change.digest,
            "changed_at": self._now,
            "withdrawn_at": None,
        }


AS_THEY_ARE = (
    *(
        "reference",
        "demonstration",
        "kind",
        "title",
        "who_for",
        "what_learned",
        "how_taught",
        "bring",
        "where_next",
        "entry_requirements",
        "assessment",
        "awarding_body",
        "level",
    ),
    *("route", "mode", "study_mode", "attendance", "start_dates", "flexible_start", "duration_unit"),
    *("cost_description", "national", "regions", "lars_ref", "standard_ref", "url"),
    *("contact_email", "contact_phone"),
)
COMPARED = ("address", "town", "county", "lat", "lon", "email", "phone", "website")


def confirmed_on(updated: date | None, today: date, own: bool) -> date:
    """The day as of which a file confirms an offer that it names.

    That is today, where the file is its provider's `own` or does not say; else the day that the file says, on
    which the provider last looked at it: a national list that names an old course does not make it fresh.
    """
    return today if own or updated is None else min(updated, today)


def _hash_of(venue: Mapping[str, Any]) -> int:
    return hash(tuple(venue[name] for name in COMPARED))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def add_providers(names: Mapping[int, str], area: Area) -> dict[int, int]:
    """Adds providers, named as the public knows them, else as given; returns their ids by UKPRN."""
    new = provider_values(names, area)
    if not new:
        return {}
    added = db.session.execute(insert(Provider).returning(Provider.ukprn, Provider.id), new).all()
    return {row.ukprn: row.id for row in added}


def provider_values(names: Mapping[int, str], area: Area) -> list[dict[str, Any]]:
    """The rows of these providers, named as the public knows them, else as given."""
    facts = {NEAR_YOU: ProviderFacts("Providers near you", "", ""), **provider_facts(area.slug)}
    return [
        {
            "ukprn": ukprn,
            **asdict(facts.get(ukprn, ProviderFacts(name or f"Provider {ukprn}", "", ""))),
            **dict.fromkeys(("website", "email", "phone"), ""),
        }
        for ukprn, name in names.items()
    ]


def district_of(postcode: str, area: Area) -> str:
    """The council that holds the postcode's first half, or nearly all of it; empty where several do."""
    known = area.postcode_districts.get(postcode.split(" ")[0])
    code = known.mainly if known else None
    return code if code and area.covers(code) else ""


def place_exactly() -> bool:
    """Places each venue by its full postcode, where that is known; True where a venue has a new place.

    Its district is then surer than from the postcode's first half. Its point is taken from the postcode only
    where its file gave none.
    """
    point, venue = PostcodePoint.__table__.c, Venue.__table__.c
    same = point.postcode == func.replace(venue.postcode, " ", "")
    surer = select(point.district).where(same).scalar_subquery()
    differs = select(point.postcode).where(same, point.district != "", point.district != venue.district)
    db.session.execute(update(Venue.__table__).where(differs.exists()).values(district=surer))  # type: ignore[arg-type]
    where = {name: select(point[name]).where(same).scalar_subquery() for name in ("lat", "lon")}
    nowhere = venue.lat.is_(None) & select(point.postcode).where(same).exists()
    placed = db.session.connection().execute(update(Venue.__table__).where(nowhere).values(where))  # type: ignore[arg-type]
    return placed.rowcount > 0


@lru_cache(maxsize=4)
def provider_facts(area: str) -> dict[int, ProviderFacts]:
    """The public facts of the area's providers, by UKPRN; empty for an area without such a file."""
    path = Path(skillsmatch.area.__file__).parent / area / "providers.csv"
    if not path.exists():
        return {}
    rows = once(read_table(path, ["ukprn", "name", "town", "postcode"]), "ukprn")
    return {
        row.whole("ukprn", 10_000_000, 19_999_999): ProviderFacts(
            row.text("name"), row.text("town", ""), row.text("postcode", "")
        )
        for row in rows
    }
