"""Where a provider teaches, as an officer has confirmed it. Whatever is shown to "all nearby" goes by this alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import exists, func, select

from skillsmatch.accounts import audit
from skillsmatch.accounts.models import Account
from skillsmatch.area.places import distance_km, find_place
from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.leads.models import TaughtPlace
from skillsmatch.offers.models import Offer, Provider, Venue

Point = tuple[float, float]  # latitude, longitude
SAME_PLACE_KM = (
    0.3  # a venue so near to a confirmed place stands there; postcodes are placed about as exactly
)
APART_KM = 5.0  # from the middle of its postcode or, where only the district is known, of that
PAGE_SIZE = 50  # venues on a page of the officer's form
Marks = Mapping[int, Sequence[Point]]  # confirmed places by provider id


@dataclass(frozen=True, slots=True)
class Place:
    """One venue as an officer looks at it."""

    venue: Venue
    confirmed: bool

    @property
    def key(self) -> str:
        """Names the venue and where it is: once it has moved, a tick from before is worth nothing."""
        return f"{self.venue.id} {self.venue.lat:.4f} {self.venue.lon:.4f}"

    @property
    def words(self) -> str:
        """The venue with its address; and a warning where its file puts it elsewhere than its address does.

        It is the point that is confirmed: whoever reads a true address must not confirm another place by that.
        """
        parts = (self.venue.name, self.venue.address, self.venue.town, self.venue.postcode or "no postcode")
        said = ", ".join(part for part in parts if part)
        km = _km_from_postcode(self.venue)
        return (
            said
            if km is None or km <= APART_KM
            else f"{said}. Careful: its file puts it {km:.0f} km from there"
        )


@dataclass(frozen=True, slots=True)
class PlacePage:
    """One page of a provider's places, by name."""

    rows: tuple[Place, ...]
    page: int
    pages: int
    total: int
    unplaced: int  # venues that we cannot place, and nobody can confirm


@dataclass(frozen=True, slots=True)
class Waiting:
    """A provider with an account: how many of its places are confirmed, and how many wait for it."""

    provider: Provider
    confirmed: int
    waiting: int


def teaches_at(providers: Collection[Provider]) -> dict[int, list[Point]]:
    """Where each provider (by its id) is known to teach: its venues at confirmed places, else its home.

    Home is the middle of the postcode district that the area's own list gives, which no provider can change. A
    venue that nobody has confirmed is no place here, whoever typed it.
    """
    marks = _marks(p.id for p in providers)
    found: dict[int, list[Point]] = {provider.id: [] for provider in providers}
    for id, point in _venue_points(marks):
        if _is_at(point, marks[id]):
            found[id].append(point)
    for provider in providers:
        found[provider.id] = found[provider.id] or _home(provider)
    return found


def venues_at(providers: Collection[Provider]) -> dict[int, list[Point]]:
    """Where each provider's venues are, confirmed or not, else its home. For distances that open nothing."""
    found: dict[int, list[Point]] = {provider.id: [] for provider in providers}
    for id, point in _venue_points(found):
        found[id].append(point)
    return {provider.id: found[provider.id] or _home(provider) for provider in providers}


def _venue_points(providers: Iterable[int]) -> list[tuple[int, Point]]:
    points = select(Venue.provider_id, Venue.lat, Venue.lon).where(
        Venue.provider_id.in_(list(providers)), Venue.lat.is_not(None), Venue.lon.is_not(None)
    )
    return [(id, (lat, lon)) for id, lat, lon in db.session.execute(points.distinct())]


def _marks(providers: Iterable[int]) -> dict[int, list[Point]]:
    found: dict[int, list[Point]] = {}
    wanted = select(TaughtPlace.provider_id, TaughtPlace.lat, TaughtPlace.lon)
    for id, lat, lon in db.session.execute(wanted.where(TaughtPlace.provider_id.in_(list(providers)))):
        found.setdefault(id, []).append((lat, lon))
    return found


def _is_at(point: Point, marks: Iterable[Point]) -> bool:
    return any(distance_km(*point, *mark) <= SAME_PLACE_KM for mark in marks)


def _km_from_postcode(venue: Venue) -> float | None:
    place = find_place(venue.postcode, current_app.extensions["area"]) if venue.postcode else None
    if place is None or place.lat is None or place.lon is None:
        return None
    return distance_km(*_point(venue), place.lat, place.lon)


def _home(provider: Provider) -> list[Point]:
    place = find_place(provider.postcode, current_app.extensions["area"]) if provider.postcode else None
    return [(place.lat, place.lon)] if place and place.lat is not None and place.lon is not None else []


def places_of(provider: Provider, page: int = 1) -> PlacePage:
    """The provider's venues that have a place, with whether each is confirmed."""
    placed = Venue.lat.is_not(None) & Venue.lon.is_not(None)
    of_it = select(Venue).where(Venue.provider_id == provider.id)
    total, every = (
        db.session.scalar(select(func.count()).select_from(some.subquery())) or 0
        for some in (of_it.where(placed), of_it)
    )
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    rows = of_it.where(placed).order_by(func.lower(Venue.name), Venue.id)
    marks = _marks([provider.id]).get(provider.id, [])
    venues = db.session.scalars(rows.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return PlacePage(
        tuple(Place(venue, _is_at(_point(venue), marks)) for venue in venues),
        page,
        pages,
        total,
        every - total,
    )


def _point(venue: Venue) -> Point:
    if venue.lat is None or venue.lon is None:
        raise ValueError(f"venue {venue.id} has no place")
    return venue.lat, venue.lon


def confirm_places(
    provider: Provider, shown: Collection[Place], ticked: Collection[str], by: Account
) -> None:
    """From now on the venues `shown` whose key is `ticked` stand at confirmed places, and the others shown do not."""
    db.session.get(Provider, provider.id, with_for_update=True)  # two officers go one after the other
    yes = [_point(place.venue) for place in shown if place.key in ticked]
    no = [_point(place.venue) for place in shown if place.key not in ticked]
    ended = 0
    for mark in db.session.scalars(select(TaughtPlace).where(TaughtPlace.provider_id == provider.id)).all():
        point = (mark.lat, mark.lon)
        if _is_at(point, no) and not _is_at(point, yes):
            db.session.delete(mark)
            ended += 1
    added = _confirm(provider.id, yes, by.id)
    if added or ended:
        audit.note("places confirmed", f"provider {provider.ukprn}", confirmed=added, ended=ended)


def _confirm(provider: int, points: Iterable[Point], account: int | None) -> int:
    marks = _marks([provider]).get(provider, [])
    added = 0
    for lat, lon in points:
        if not _is_at((lat, lon), marks):
            marks.append((lat, lon))
            db.session.add(
                TaughtPlace(provider_id=provider, lat=lat, lon=lon, account_id=account, confirmed_at=now())
            )
            added += 1
    db.session.flush()
    return added


def confirm_demonstration() -> int:
    """The places of the demonstration's own offers are confirmed, as the operator loaded them; returns how many."""
    taught = exists().where(Offer.venue_id == Venue.id, Offer.demonstration)
    wanted = select(Venue).where(taught, Venue.lat.is_not(None), Venue.lon.is_not(None)).order_by(Venue.id)
    added = sum(_confirm(v.provider_id, [_point(v)], None) for v in db.session.scalars(wanted).all())
    if added:
        audit.note("places confirmed", "the demonstration", confirmed=added, ended=0)
    return added


def waiting_places(providers: Collection[Provider]) -> list[Waiting]:
    """How things stand with each, those first where most places wait, then by name."""
    marks = _marks(p.id for p in providers)
    counts = {p.id: [0, 0] for p in providers}
    for id, point in _venue_points(counts):
        counts[id][0 if _is_at(point, marks.get(id, ())) else 1] += 1
    found = [Waiting(p, *counts[p.id]) for p in providers]
    return sorted(found, key=lambda w: (-w.waiting, w.provider.name.casefold(), w.provider.id))
