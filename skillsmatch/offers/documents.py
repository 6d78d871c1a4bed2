"""Offers as the engine sees them: read from the tables, a few thousand at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import current_app
from sqlalchemy import Row, Select, select

from skillsmatch.area.areas import Area
from skillsmatch.extensions import db
from skillsmatch.offers.course_kinds import in_weeks
from skillsmatch.offers.models import Offer, Venue
from skillsmatch.offers.standing import offered

if TYPE_CHECKING:
    from skillsmatch.matching import Document

__all__ = ["documents", "offered"]

READ = 2_000  # offers read at once


_AS_SEEN = (
    *(
        Offer.id,
        Offer.title,
        Offer.who_for,
        Offer.what_learned,
        Offer.kind,
        Offer.level,
        Offer.mode,
        Offer.attendance,
    ),
    *(
        Offer.start_dates,
        Offer.flexible_start,
        Offer.national,
        Offer.cost,
        Offer.duration_value,
        Offer.duration_unit,
    ),
    *(Offer.confirmed_on, Venue.lat, Venue.lon, Venue.postcode),
)


def documents(ids: Iterable[int] | None = None) -> Iterator[Document]:
    """The offers as the engine sees them, those withdrawn left out; all of them, or those with these ids."""
    every: Select[Any] = select(*_AS_SEEN).outerjoin(Venue, Offer.venue_id == Venue.id).where(offered())
    if ids is None:
        for row in db.session.execute(every.order_by(Offer.id).execution_options(yield_per=READ)):
            yield _document(row)
        return
    wanted = sorted(ids)
    for start in range(0, len(wanted), READ):
        some = every.where(Offer.id.in_(wanted[start : start + READ])).order_by(Offer.id)
        for row in db.session.execute(some):
            yield _document(row)


def fingerprints() -> dict[str, str]:
    """What tells whether an offer's document has changed, by its number: its digest, and when it was confirmed.

    A file that confirms an offer leaves its digest alone; ranking has to learn of it all the same.
    """
    wanted = select(Offer.id, Offer.digest, Offer.confirmed_on).where(offered())
    return {str(id): f"{digest} {confirmed}" for id, digest, confirmed in db.session.execute(wanted)}


def _document(row: Row[Any]) -> Document:
    from skillsmatch.matching import Document

    lat, lon = (row.lat, row.lon) if row.lat is not None else _middle(row.postcode or "")
    return Document(
        id=str(row.id),
        title=row.title,
        text="\n".join(filter(None, (row.who_for, row.what_learned))),
        kind=row.kind,
        level=row.level,
        lat=lat,
        lon=lon,
        mode=row.mode,
        attendance=row.attendance,
        starts=tuple(date.fromisoformat(day).toordinal() for day in row.start_dates),
        flexible_start=row.flexible_start,
        national=row.national,
        price=None if row.cost is None else float(row.cost),
        weeks=in_weeks(row.duration_value, row.duration_unit),
        confirmed=row.confirmed_on.toordinal(),
    )


def _middle(postcode: str) -> tuple[float | None, float | None]:
    """The middle of the postcode's district: near enough to tell Hinckley from Melton. None outside the area."""
    area: Area = current_app.extensions["area"]
    known = area.postcode_districts.get(postcode.split(" ")[0])
    return (known.lat, known.lon) if known is not None and known.kind != "box" else (None, None)
