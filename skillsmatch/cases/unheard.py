"""Whom we have not heard from: employers that asked for anything at all, against the businesses there are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from skillsmatch.area.businesses import is_counted
from skillsmatch.area.models import BusinessCount
from skillsmatch.cases.counted import is_asking
from skillsmatch.cases.filters import Filters
from skillsmatch.demand.merging import root_of
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db

Cell = tuple[str, str, str]  # SIC section, size band, district


@dataclass(frozen=True, slots=True)
class Heard:
    """Businesses of one kind, and how many of them have asked."""

    sector: str  # "" in a sum over all
    size: str
    district: str
    businesses: int
    employers: int  # distinct, that asked within the dates

    @property
    def unheard(self) -> int:
        """How many have not asked; 0 where more asked than are counted."""
        return max(0, self.businesses - self.employers)

    @property
    def share(self) -> float:
        """How many of a hundred have asked."""
        return 100 * self.employers / self.businesses if self.businesses else 0.0


@dataclass(frozen=True, slots=True)
class Unheard:
    """What is known of who asked and who did not."""

    source: str  # of the business counts; "" where none are loaded
    loaded_at: datetime | None
    cells: tuple[Heard, ...]  # within the filters, most unheard businesses first
    by_sector: tuple[Heard, ...]
    by_size: tuple[Heard, ...]
    by_district: tuple[Heard, ...]
    whole: Heard
    unplaced: int  # employers that did not say sector, size or district, or that no count covers


def unheard(filters: Filters) -> Unheard:
    """The counts within the filters. Only days, sector, size and district narrow them: businesses have nothing else."""
    filters = replace(filters, level="", reason="", said="", priority="", theme="")
    counts = {
        (row.sic_section, row.size_band, row.district): row.businesses
        for row in db.session.scalars(select(BusinessCount).where(is_counted()))
        if _chosen(filters, (row.sic_section, row.size_band, row.district))
    }
    asked = _asked(filters)
    employers: dict[Cell, set[int]] = defaultdict(set)
    placed: set[int] = set()
    for cell, keys in asked.items():
        if cell in counts:
            employers[cell] |= keys
            placed |= keys
    everybody = set().union(*asked.values()) if asked else set()
    first = db.session.scalars(select(BusinessCount).where(is_counted()).limit(1)).first()
    cells = [Heard(*cell, businesses, len(employers[cell])) for cell, businesses in counts.items()]
    return Unheard(
        source=first.source if first else "",
        loaded_at=first.loaded_at if first else None,
        cells=tuple(sorted(cells, key=lambda c: (-c.unheard, c.share, c.sector, c.size, c.district))),
        by_sector=_sums(counts, employers, 0),
        by_size=_sums(counts, employers, 1),
        by_district=_sums(counts, employers, 2),
        whole=Heard("", "", "", sum(counts.values()), len(placed)),
        unplaced=len(everybody - placed),
    )


def _chosen(filters: Filters, cell: Cell) -> bool:
    wanted = (filters.sector, filters.size, filters.district)
    return all(not want or want == has for want, has in zip(wanted, cell, strict=True))


def _asked(filters: Filters) -> dict[Cell, set[int]]:
    """The employers that asked for anything, met or not, by what they said of themselves."""
    columns = (
        DemandSignal.sic_section,
        DemandSignal.size_band,
        DemandSignal.district,
        root_of(DemandSignal.employer_key_id),  # merged employers are one
    )
    asking = select(*columns).join(DemandSignal.employer_key)
    asking = asking.where(is_asking(), DemandSignal.withdrawn_at.is_(None)).distinct()
    query = filters.narrow(asking)
    if filters.since:
        query = query.where(DemandSignal.made_on >= filters.since)
    found: dict[Cell, set[int]] = defaultdict(set)
    for sector, size, district, key in db.session.execute(query):
        found[(sector, size, district)].add(key)
    return found


def _sums(counts: dict[Cell, int], employers: dict[Cell, set[int]], part: int) -> tuple[Heard, ...]:
    """The same summed over the other two; an employer counts once in each sum. The least heard first."""
    businesses: dict[str, int] = defaultdict(int)
    asked: dict[str, set[int]] = defaultdict(set)
    for cell, number in counts.items():
        businesses[cell[part]] += number
        asked[cell[part]] |= employers.get(cell, set())
    made = []
    for code, number in businesses.items():
        where = ["", "", ""]
        where[part] = code
        made.append(Heard(where[0], where[1], where[2], number, len(asked[code])))
    return tuple(sorted(made, key=lambda c: (c.share, -c.businesses, c.sector, c.size, c.district)))
