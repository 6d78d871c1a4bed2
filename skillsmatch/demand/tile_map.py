"""A map of the districts as tiles: one of the same size for each, roughly where it lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from skillsmatch.area.areas import Area
from skillsmatch.demand.published import Cell, Table

SHADES = 4  # of one colour; the number on the tile says the same


@dataclass(frozen=True, slots=True)
class Tile:
    """One district's tile."""

    cell: Cell
    shade: int  # 0 where the number is hidden, else 1 to SHADES, by its share of the largest


def tile_map(table: Table, area: Area) -> tuple[tuple[Tile, ...], ...]:
    """Rows of tiles from north to south, each from west to east. The places come from the area's postcode
    districts, so that every area has its map."""
    largest = max((c.shown or 0 for c in table.cells), default=0)
    cells = {c.first: c for c in table.cells if c.first in area.districts}
    return tuple(
        tuple(Tile(cells[code], _shade(cells[code].shown, largest)) for code in row if code in cells)
        for row in rows_of(area)
    )


def _shade(shown: int | None, largest: int) -> int:
    return 0 if not shown else max(1, math.ceil(SHADES * shown / largest))


def rows_of(area: Area) -> Sequence[Sequence[str]]:
    """The districts' codes in rows of about as many as there are rows."""
    places = {code: _place(area, code) for code in area.districts}
    wide = math.ceil(math.sqrt(len(places)))
    southward = sorted(places, key=lambda code: (-places[code][0], code))
    rows = [southward[start : start + wide] for start in range(0, len(southward), wide)]
    return [sorted(row, key=lambda code: (places[code][1], code)) for row in rows]


def _place(area: Area, code: str) -> tuple[float, float]:
    """The middle of the district's postcode districts, as latitude and longitude; of the area where it has none."""
    lying = [
        (p.lat, p.lon)
        for p in area.postcode_districts.values()
        if p.kind != "box" and any(district == code and share >= 0.4 for district, share in p.shares)
    ] or [(p.lat, p.lon) for p in area.postcode_districts.values()]
    return fmean(lat for lat, _ in lying), fmean(lon for _, lon in lying)
