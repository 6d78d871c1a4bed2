"""The catalogue as open data: what is said of an offer, and which offers are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import Kind
from skillsmatch.area.national import load_routes
from skillsmatch.extensions import db
from skillsmatch.offers.browsing import ANYWHERE, ELSEWHERE, Filters, find_provider, narrowed
from skillsmatch.offers.models import MODES, Catalogue, Offer, Provider, Venue
from skillsmatch.offers.records import NEAR_YOU
from skillsmatch.offers.standing import offered

READ = 1_000  # offers read at once
FILTERS = (
    "kind",
    "route",
    "district",
    "provider",
    "level",
    "mode",
    "starts_from",
    "starts_to",
    "updated_since",
)


class WrongParameter(Exception):
    """A parameter of an address that cannot be taken; `parameter` names it, the words say what would be right."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


@dataclass(frozen=True)
class OpenFilters(Filters):
    """The filters of the pages, and those that only a program would want."""

    level: int | None = None  # RQF: 0 is Entry
    mode: str = ""
    starts_from: date | None = None
    starts_to: date | None = None
    updated_since: datetime | None = None  # UTC


def read_filters(given: Mapping[str, str], area: Area, others: tuple[str, ...] = ()) -> OpenFilters:
    """The filters that an address asks for. Refused (WrongParameter): a name or a value that we do not know."""
    for name in given:
        if name not in (*FILTERS, *others):
            raise WrongParameter(name, f"is not a parameter here; use {', '.join((*FILTERS, *others))}")
    said = {name: given.get(name, "").strip() for name in FILTERS}
    found = OpenFilters(
        kind=_one_of(said, "kind", tuple(Kind)),
        route=_one_of(said, "route", tuple(load_routes())),
        district=_one_of(said, "district", (*area.districts, ANYWHERE, ELSEWHERE)),
        mode=_one_of(said, "mode", MODES),
        level=_whole(said, "level", 0, 8, "0 for Entry, or 1 to 8"),
        provider=_whole(said, "provider", 10_000_000, 19_999_999, "a UKPRN: 8 digits that begin with 1"),
        starts_from=_day(said, "starts_from"),
        starts_to=_day(said, "starts_to"),
        updated_since=_moment(said, "updated_since"),
    )
    if found.provider is not None and find_provider(found.provider) is None:
        raise WrongParameter("provider", f"{found.provider} is no provider that we hold")
    if found.starts_from and found.starts_to and found.starts_to < found.starts_from:
        raise WrongParameter("starts_to", "lies before starts_from; change one of them")
    return found


def _one_of(said: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    if said[name] and said[name] not in known:
        raise WrongParameter(name, f"{_quoted(said[name])} is not on the list; use one of {', '.join(known)}")
    return said[name]


def _whole(said: Mapping[str, str], name: str, least: int, most: int, right: str) -> int | None:
    text = said[name]
    if not text:
        return None
    if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise WrongParameter(name, f"{_quoted(text)} cannot be taken; use {right}")
    return int(text)


def whole_number(given: Mapping[str, str], name: str, default: int, most: int, least: int = 1) -> int:
    """A number among the parameters, from `least` to `most`. Refused (WrongParameter): anything else."""
    said = {name: given.get(name, "").strip()}
    found = _whole(said, name, least, most, f"a whole number from {least} to {most:,}")
    return default if found is None else found


def _day(said: Mapping[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(said[name]) if said[name] else None
    except ValueError:
        raise WrongParameter(name, f"{_quoted(said[name])} is not a date; write it as 2027-01-31") from None


def _moment(said: Mapping[str, str], name: str) -> datetime | None:
    """A moment in UTC; one without a zone is taken for UTC."""
    if not said[name]:
        return None
    try:
        moment = datetime.fromisoformat(said[name])
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        message = (
            f"{_quoted(said[name])} is not a date or time; write it as 2027-01-31 or 2027-01-31T09:30:00Z"
        )
        raise WrongParameter(name, message) from None


def _quoted(text: str) -> str:
    return '"' + "".join(c if c.isprintable() else "?" for c in text[:40]) + '"'


def wanted_offers(filters: OpenFilters, area: Area) -> Select[Any]:
    """The offers asked for, with provider and venue. Since a moment: also those withdrawn since then."""
    if filters.updated_since is None:
        wanted = narrowed(filters, area)
    else:
        wanted = narrowed(filters, area, or_(offered(), Offer.withdrawn_at.is_not(None)))
        wanted = wanted.where(Offer.changed_at >= filters.updated_since)
    if filters.level is not None:
        wanted = wanted.where(Offer.level == filters.level)
    if filters.mode:
        wanted = wanted.where(Offer.mode == filters.mode)
    if filters.starts_from or filters.starts_to:
        wanted = wanted.where(or_(Offer.flexible_start, _starts(filters.starts_from, filters.starts_to)))
    return wanted.options(contains_eager(Offer.venue), joinedload(Offer.provider))


def _starts(first: date | None, last: date | None) -> ColumnElement[bool]:
    """Whether one of the start dates lies between the two days, these included."""
    if db.engine.dialect.name == "sqlite":
        each = func.json_each(Offer.start_dates).table_valued("value")
        day: ColumnElement[str] = each.c.value
    else:
        each = func.json_array_elements_text(Offer.start_dates).table_valued("value")
        day = each.c.value
    within = [day >= first.isoformat()] if first else []
    within += [day <= last.isoformat()] if last else []
    return exists(select(literal(1)).select_from(each).where(and_(*within)))


def each_offer(wanted: Select[Any]) -> Iterator[Offer]:
    """The offers one by one, in one read, so that they are all of one catalogue; few are in memory at a time."""
    # The session holds on to nothing that was only read, so what has been told is let go.
    yield from db.session.scalars(wanted.execution_options(yield_per=READ))


def last_change() -> datetime | None:
    """When anything of the catalogue last changed."""
    moments = (
        db.session.scalar(select(func.max(Offer.changed_at))),
        db.session.scalar(select(Catalogue.changed_at)),
    )
    return max((moment for moment in moments if moment is not None), default=None)


def offer_data(offer: Offer, pages: str, area: Area) -> dict[str, Any]:
    """What is publicly known of an offer, as JSON. `pages` is the address of the catalogue's own page."""
    route = load_routes().get(offer.route)
    return {
        "id": offer.id,
        "url": f"{pages}/{offer.id}",
        "kind": offer.kind,
        "kind_name": Kind(offer.kind).words.name,
        "title": offer.title,
        "provider": provider_data(offer.provider, pages) if offer.provider.ukprn != NEAR_YOU else None,
        "venue": _venue_data(offer.venue, area) if offer.venue else None,
        "level": offer.level,
        "route": offer.route,
        "route_name": route.name if route else "",
        "mode": offer.mode,
        "study_mode": offer.study_mode,
        "attendance": offer.attendance,
        "start_dates": list(offer.start_dates),
        "flexible_start": offer.flexible_start,
        "duration_value": _number(offer.duration_value),
        "duration_unit": offer.duration_unit,
        "cost": _number(offer.cost),
        "max_funding": _number(offer.max_funding),
        "cost_description": offer.cost_description,
        "national": offer.national,
        "regions": offer.regions,
        **{name: getattr(offer, name) for name in TEXTS},
        "lars_ref": offer.lars_ref,
        "standard_ref": offer.standard_ref,
        "course_url": offer.url,
        "contact_email": offer.contact_email,
        "contact_phone": offer.contact_phone,
        "demonstration": offer.demonstration,
        "source": offer.source,
        "source_updated": offer.source_updated.isoformat() if offer.source_updated else None,
        "confirmed_on": offer.confirmed_on.isoformat(),
        "created_at": moment_text(offer.created_at),
        "changed_at": moment_text(offer.changed_at),
        "withdrawn_at": moment_text(offer.withdrawn_at) if offer.withdrawn_at else None,
    }


TEXTS = (
    *("who_for", "what_learned", "how_taught", "bring", "where_next"),
    *("entry_requirements", "assessment", "awarding_body"),
)


def provider_data(provider: Provider, pages: str) -> dict[str, Any]:
    """What is publicly known of a provider, as JSON."""
    return {
        "ukprn": provider.ukprn,
        "name": provider.name,
        "town": provider.town,
        "postcode": provider.postcode,
        "website": provider.website,
        "url": f"{pages.removesuffix('/offers')}/providers/{provider.ukprn}",
    }


def _venue_data(venue: Venue, area: Area) -> dict[str, Any]:
    names = ("name", "address", "town", "county", "postcode", "district")
    return {
        **{name: getattr(venue, name) for name in names},
        "district_name": area.district_name(venue.district) if venue.district in area.districts else "",
        **{name: getattr(venue, name) for name in ("lat", "lon", "email", "phone", "website")},
    }


def moment_text(moment: datetime) -> str:
    """A moment in UTC to the second, as RFC 3339 writes it."""
    return moment.replace(microsecond=0).isoformat() + "Z"


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def offer_cells(data: Mapping[str, Any]) -> dict[str, str]:
    """The same on one row: what stands inside provider and venue gets its name before it."""
    cells: dict[str, str] = {}
    for name, value in data.items():
        if name in INSIDE:
            for inner in INSIDE[name]:
                cells[f"{name}_{inner}"] = _cell((value or {}).get(inner))
        else:
            cells[name] = _cell(value)
    return cells


INSIDE = {
    "provider": ("ukprn", "name", "town", "postcode", "website", "url"),
    "venue": (
        *("name", "address", "town", "county", "postcode", "district", "district_name"),
        *("lat", "lon", "email", "phone", "website"),
    ),
}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    return str(value)


def _all_columns() -> tuple[str, ...]:
    first = ("id", "url", "kind", "kind_name", "title")
    inside = tuple(f"{name}_{inner}" for name, inners in INSIDE.items() for inner in inners)
    rest = (
        *("level", "route", "route_name", "mode", "study_mode", "attendance", "start_dates"),
        *("flexible_start", "duration_value", "duration_unit", "cost", "max_funding", "cost_description"),
        *("national", "regions", *TEXTS, "lars_ref", "standard_ref", "course_url", "contact_email"),
        *("contact_phone", "demonstration", "source", "source_updated", "confirmed_on", "created_at"),
        *("changed_at", "withdrawn_at"),
    )
    return (*first, *inside, *rest)


COLUMNS = _all_columns()
