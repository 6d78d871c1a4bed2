"""The table of where postcodes lie: filled all at once, and touched only where something differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from skillsmatch.area.loading import PostcodeRow
from skillsmatch.area.models import PostcodePoint
from skillsmatch.extensions import db

BATCH = 500  # postcodes looked up at once; SQLite's oldest limit on values in one statement is 999


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    taken: int  # postcodes new to the table
    changed: int
    unchanged: int
    left_out: int  # outside the area


def store(rows: dict[str, PostcodeRow], left_out: int = 0) -> Loaded:
    """Puts the postcodes into the table, inside the caller's transaction; says what that changed."""
    taken = changed = 0
    for batch in _batches(sorted(rows)):
        held = {
            point.postcode: (point.lat, point.lon, point.district)
            for point in db.session.execute(
                select(
                    PostcodePoint.postcode, PostcodePoint.lat, PostcodePoint.lon, PostcodePoint.district
                ).where(PostcodePoint.postcode.in_(batch))
            )
        }
        new, other = [], []
        for row in (rows[postcode] for postcode in batch):
            values = {"postcode": row.postcode, "lat": row.lat, "lon": row.lon, "district": row.district}
            if row.postcode not in held:
                new.append(values)
            elif held[row.postcode] != (row.lat, row.lon, row.district):
                other.append(values)
        if new:
            db.session.execute(insert(PostcodePoint), new)
        if other:
            db.session.execute(update(PostcodePoint), other)
        taken, changed = taken + len(new), changed + len(other)
    return Loaded(taken, changed, len(rows) - taken - changed, left_out)


def _batches(postcodes: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(postcodes), BATCH):
        yield postcodes[start : start + BATCH]
