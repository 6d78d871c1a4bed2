"""Taking a course file into the catalogue: all of it or none of it, and only what has changed."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

import skillsmatch.area
from skillsmatch import clock
from skillsmatch.area.areas import Area
from skillsmatch.area.models import PostcodePoint
from skillsmatch.area.places import Point
from skillsmatch.area.tables import once, read_table
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import db
from skillsmatch.offers.checking import CheckedFile, Progress, Refused, check_file, chunks
from skillsmatch.offers.live_courses import SOURCE
from skillsmatch.offers.models import Catalogue, Offer, Provider, Venue

__all__ = ["LoadReport", "Refused", "load_offers"]

log = logging.getLogger(__name__)
BATCH = 500  # offers written at once; SQLite's oldest limit on values in one statement is 999
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


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What is publicly known of a provider, whatever a course file calls it."""

    name: str
    town: str
    postcode: str


def load_offers(
    path: Path, *, complete: bool = False, area_only: bool = False, progress: Progress | None = None
) -> LoadReport:
    """Takes the courses of a live-courses file, plain or gzip, into the catalogue; renews the search index.

    Afterwards each course of the file is an offer that says what the file says. With `complete`, every other
    offer of this source is withdrawn. With `area_only`, courses outside the area are left out. The same file
    again changes nothing. Raises Refused, the catalogue being as it was, where anything in the file is wrong;
    NotSaved where the database did not answer.
    """
    area: Area = current_app.extensions["area"]
    today = clock.today()
    checked = check_file(path, today, area=area if area_only else None, exact=_exact_point, progress=progress)
    try:
        report = keep(lambda: _write(checked, path.name, area, today, complete, progress))
    except IntegrityError as error:
        # Only another load that ran at the same moment can have put the same keys there.
        raise NotSaved from error
    finally:
        checked.close()
    return _index(report, progress)


def _index(report: LoadReport, progress: Progress | None) -> LoadReport:
    from skillsmatch.offers.indexing import build_index, index_is_stale

    try:
        if report.made_a_change or index_is_stale():
            if progress is not None:
                progress("Building the search index", 0, 0)
            build_index()
    except Exception as error:  # the offers are safe by now, so whatever went wrong must not say otherwise
        log.exception("the search index was not built")
        return LoadReport(**{**asdict(report), "index_problem": f"{type(error).__name__}: {error}"})
    return report


def _exact_point(postcode: str) -> Point | None:
    found = db.session.get(PostcodePoint, postcode)
    return (found.lat, found.lon, found.district or None) if found else None


def _write(
    checked: CheckedFile, name: str, area: Area, today: date, complete: bool, progress: Progress | None
) -> LoadReport:
    """Puts the checked courses into the tables, inside the caller's transaction."""
    now = clock.now()
    catalogue = _catalogue()
    states, ids, gone = _compare(checked)
    writer = _Writer(area, today, now)
    todo = [place for place, state in enumerate(states) if state != SAME]
    for done, places in enumerate(chunks(todo, BATCH)):
        if progress is not None:
            progress("Saving", done * BATCH, len(todo))
        writer.write([_Change(checked.course(p), checked.digest(p), ids[p]) for p in places])
    withdrawn = _withdraw(gone, now) if complete else 0
    _place_exactly()
    report = LoadReport(
        taken=states.count(NEW),
        changed=states.count(CHANGED),
        unchanged=states.count(SAME),
        withdrawn=withdrawn,
        outside=checked.outside,
        passed=checked.passed,
    )
    if report.made_a_change:
        catalogue.number += 1
        catalogue.changed_at = now
        catalogue.last_load = {"file": name, **asdict(report)}
    return report


def _catalogue() -> Catalogue:
    """The one row, held until the commit, so that two loads on PostgreSQL go one after the other."""
    found = db.session.get(Catalogue, 1, with_for_update=True)
    if found is None:
        found = Catalogue(id=1, number=0, last_load={})
        db.session.add(found)
        db.session.flush()
    return found


def _compare(checked: CheckedFile) -> tuple[bytearray, array[int], list[int]]:
    """Whether each course is new, changed or the same; its offer's id; and the offers the file does not name."""
    states = bytearray([NEW]) * len(checked)
    ids = array("q", bytes(8 * len(checked)))
    gone = []
    known = select(Offer.id, Offer.source_ref, Offer.digest, Offer.withdrawn_at.is_(None)).where(
        Offer.source == SOURCE
    )
    for id, ref, digest, offered in db.session.execute(known.execution_options(yield_per=5_000)):
        place = checked.place(ref)
        if place is None:
            if offered:
                gone.append(id)
            continue
        ids[place] = id
        states[place] = SAME if offered and digest == checked.digest(place) else CHANGED
    return states, ids, gone


@dataclass(frozen=True, slots=True)
class _Change:
    course: dict[str, Any]
    digest: str
    id: int  # of the offer; 0 for a new one


class _Writer:
    """Writes changes in batches; remembers providers and venues, so that each is looked up once."""

    def __init__(self, area: Area, today: date, now: datetime) -> None:
        self._area, self._today, self._now = area, today, now
        self._providers = {ukprn: id for id, ukprn in db.session.execute(select(Provider.id, Provider.ukprn))}
        self._venues: dict[
            tuple[int, str, str], tuple[int, int]
        ] = {}  # key: id, and a hash of what is known of it
        self._venues_read: set[int] = set()  # providers whose venues have been read

    def write(self, changes: Sequence[_Change]) -> None:
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
            db.session.execute(insert(Offer.__table__), new)  # type: ignore[arg-type]
        if old:
            columns: dict[str, Any] = {name: bindparam(name) for name in old[0] if name != "of_id"}
            table = Offer.__table__
            db.session.connection().execute(
                update(table).where(table.c.id == bindparam("of_id")).values(columns),  # type: ignore[arg-type]
                old,
            )

    def _add_providers(self, changes: Iterable[_Change]) -> None:
        facts = provider_facts(self._area.slug)
        new: dict[int, dict[str, Any]] = {}
        for course in (c.course for c in changes if c.course["ukprn"] not in self._providers):
            number = course["ukprn"]
            fallback = ProviderFacts(course["venue_name"] or f"Provider {number}", "", "")
            known = facts.get(number, fallback)
            new.setdefault(
                number, {"ukprn": number, **asdict(known), "website": "", "email": "", "phone": ""}
            )
        if new:
            for id, ukprn in db.session.execute(
                insert(Provider).returning(Provider.id, Provider.ukprn), [*new.values()]
            ):
                self._providers[ukprn] = id

    def _add_venues(self, changes: Sequence[_Change]) -> None:
        self._read_venues({self._providers[c.course["ukprn"]] for c in changes})
        new: dict[tuple[int, str, str], dict[str, Any]] = {}
        old = []
        for course in (c.course for c in changes):
            key = self._venue_key(course)
            if key is None or key in new:
                continue
            values = self._venue(key, course)
            known = self._venues.get(key)
            if known is None:
                new[key] = values
            elif known[1] != _hash_of(values):
                old.append({"id": known[0], **{n: v for n, v in values.items() if n != "district"}})
                self._venues[key] = (known[0], _hash_of(values))
        if old:
            db.session.execute(update(Venue), old)
        if new:
            columns = (Venue.id, Venue.provider_id, Venue.name, Venue.postcode)
            for id, *parts in db.session.execute(insert(Venue).returning(*columns), [*new.values()]):
                found = (parts[0], parts[1], parts[2])
                self._venues[found] = (id, _hash_of(new[found]))

    def _read_venues(self, providers: set[int]) -> None:
        wanted = providers - self._venues_read
        if wanted:
            columns = Venue.__table__.c
            for row in db.session.execute(select(*columns).where(columns.provider_id.in_(wanted))).mappings():
                key = (row["provider_id"], row["name"], row["postcode"])
                self._venues[key] = (row["id"], _hash_of(row))
            self._venues_read |= wanted

    def _venue_key(self, course: dict[str, Any]) -> tuple[int, str, str] | None:
        if not course["venue_name"]:
            return None
        return self._providers[course["ukprn"]], course["venue_name"], course["venue_postcode"]

    def _venue(self, key: tuple[int, str, str], course: dict[str, Any]) -> dict[str, Any]:
        provider, name, postcode = key
        return {
            "provider_id": provider,
            "name": name,
            "postcode": postcode,
            "address": course["venue_address"],
            "town": course["venue_town"],
            "county": course["venue_county"],
            "district": self._district(postcode),
            "lat": course["lat"],
            "lon": course["lon"],
            "email": course["venue_email"],
            "phone": course["venue_phone"],
            "website": course["venue_website"],
        }

    def _district(self, postcode: str) -> str:
        """The council that holds the postcode's first half, or nearly all of it; empty where several do."""
        known = self._area.postcode_districts.get(postcode.split(" ")[0])
        code = known.mainly if known else None
        return code if code and self._area.covers(code) else ""

    def _offer(self, change: _Change) -> dict[str, Any]:
        course = change.course
        key = self._venue_key(course)
        updated = date.fromisoformat(course["source_updated"]) if course["source_updated"] else None
        return {
            **{name: course[name] for name in AS_THEY_ARE},
            "provider_id": self._providers[course["ukprn"]],
            "venue_id": self._venues[key][0] if key else None,
            "source": SOURCE,
            "source_ref": course["ref"],
            "what_learned": "",  # the format has one text for both
            "duration_value": _decimal(course["duration_value"]),
            "cost": _decimal(course["cost"]),
            "source_updated": updated,
            "confirmed_on": min(updated or self._today, self._today),
            "confirmed_by": "",
            "digest": change.digest,
            "changed_at": self._now,
            "withdrawn_at": None,
        }


AS_THEY_ARE = (
    *(
        "demonstration",
        "kind",
        "title",
        "who_for",
        "entry_requirements",
        "assessment",
        "awarding_body",
        "level",
    ),
    *("route", "mode", "study_mode", "attendance", "start_dates", "flexible_start", "duration_unit"),
    *("cost_description", "national", "regions", "lars_ref", "standard_ref", "url"),
)
COMPARED = ("address", "town", "county", "lat", "lon", "email", "phone", "website")


def _hash_of(venue: Mapping[str, Any]) -> int:
    return hash(tuple(venue[name] for name in COMPARED))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _withdraw(ids: Sequence[int], now: datetime) -> int:
    for some in chunks(ids, BATCH):
        db.session.execute(update(Offer).where(Offer.id.in_(some)).values(withdrawn_at=now, changed_at=now))
    return len(ids)


def _place_exactly() -> None:
    """Gives each venue the district of its full postcode, where that is known: surer than the first half."""
    point, venue = PostcodePoint.__table__.c, Venue.__table__.c
    same = point.postcode == func.replace(venue.postcode, " ", "")
    surer = select(point.district).where(same).scalar_subquery()
    differs = (
        select(point.postcode).where(same, point.district != "", point.district != venue.district).exists()
    )
    db.session.execute(update(Venue.__table__).where(differs).values(district=surer))  # type: ignore[arg-type]


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
