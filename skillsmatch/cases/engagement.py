"""Whom the Chamber has heard from: distinct employers by size, sector, council, membership and channel.

The one count behind the page and behind R2 and R8 of the pack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from skillsmatch.area.areas import Area
from skillsmatch.cases.asked import SMALL, Asked, Filters, asked_rows, by, sum_of, ways_here
from skillsmatch.cases.membership import MEMBERS, is_list_loaded, listed_businesses, standing_of
from skillsmatch.cases.pack.sheets import percent
from skillsmatch.demand.lattice import SIZES

NOT_SAID = "Not said"


@dataclass(frozen=True, slots=True)
class Category:
    """Employers of one kind, such as one size. One that gave two answers is in both."""

    by: str  # "Size"
    words: str  # "10 to 49"
    employers: int
    by_list: int  # of these, those that did not say so themselves: the Chamber's list does
    share: float | None  # per cent of all employers; None where there is none
    confirmed: int
    needs: int
    filters: Filters  # finds those that said so themselves


@dataclass(frozen=True, slots=True)
class Engagement:
    """Distinct employers that asked, within a filter."""

    filters: Filters
    employers: int
    confirmed: int  # of them, by a confirmed e-mail or by an officer
    needs: int
    small: int  # employers with fewer than 250 people
    sized: int  # employers whose size is known
    categories: tuple[Category, ...]
    has_list: bool  # whether the Chamber's list is loaded

    @property
    def small_share(self) -> float | None:
        """Per cent of those whose size is known; None where none is."""
        return percent(self.small, self.sized)

    @property
    def tables(self) -> dict[str, list[Category]]:
        """The categories under what they are by."""
        found: dict[str, list[Category]] = {}
        for one in self.categories:
            found.setdefault(one.by, []).append(one)
        return found


def engagement(filters: Filters, area: Area) -> Engagement:
    """The employers that asked, as the filter names them; asked.WHAT_COUNTS says who is left out."""
    return engagement_of(asked_rows(filters, area), filters, area)


def engagement_of(rows: Sequence[Asked], filters: Filters, area: Area) -> Engagement:
    """The same of rows that were read already, by the same filter.

    What an employer did not say of itself in any of them, the Chamber's list may know.
    """
    known, total, has_list = _completed(rows), sum_of(rows), is_list_loaded()
    districts = {d.code: d.name for d in area.districts.values()}
    districts |= {code: area.district_name(code) for code in sorted({row.district for row in known}) if code}
    told = _Told(rows, known, filters)
    found = [
        *told.parted("Size", "size", lambda r: r.size, dict(SIZES)),
        *told.parted(
            "Sector (SIC 2007)", "sector", lambda r: r.sector, {s.letter: s.name for s in area.sectors}
        ),
        *told.parted("District", "district", lambda r: r.district, districts),
    ]
    if has_list:
        listed = listed_businesses(row.employer for row in rows)
        found += told.parted("Membership", "member", lambda r: standing_of(listed, r.employer), MEMBERS)
    found += told.parted("Channel", "channel", lambda r: r.channel, ways_here())
    small, sized = _sme(known)
    return Engagement(
        filters, total.employers, total.confirmed, total.needs, small, sized, tuple(found), has_list
    )


def sme(rows: Sequence[Asked]) -> tuple[int, int]:
    """How many employers have fewer than 250 people, and of how many the size is known, by them or by the list."""
    return _sme(_completed(rows))


def _sme(known: Sequence[Asked]) -> tuple[int, int]:
    return len({r.employer for r in known if r.size in SMALL}), len({r.employer for r in known if r.size})


def _completed(rows: Sequence[Asked]) -> list[Asked]:
    """The rows; what an employer says in none of them is there as the Chamber's list has it."""
    listed = listed_businesses(row.employer for row in rows)
    sizes = {r.employer for r in rows if r.size}
    sectors = {r.employer for r in rows if r.sector}
    districts = {r.employer for r in rows if r.district}
    return [
        row
        if (one := listed.get(row.employer)) is None
        else replace(
            row,
            size=row.size if row.employer in sizes else one.size_band,
            sector=row.sector if row.employer in sectors else one.sic_section,
            district=row.district if row.employer in districts else one.district,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class _Told:
    """The rows as employers said them, and as they are known."""

    rows: Sequence[Asked]
    known: Sequence[Asked]
    filters: Filters

    def parted(
        self, part: str, choice: str, key: Callable[[Asked], str], names: Mapping[str, str]
    ) -> Iterable[Category]:
        """A category for each code that has a name or is there, those who did not say last."""
        said, known = by(self.rows, key), by(self.known, key)
        everybody = len({row.employer for row in self.rows})
        others = sorted(set(known) - set(names) - {""})
        for code in [*names, *others, *([""] if "" in known else [])]:
            own = known.get(code, [])
            total = sum_of(own)
            yield Category(
                by=part,
                words=names.get(code, code) or NOT_SAID,
                employers=total.employers,
                by_list=len({r.employer for r in own} - {r.employer for r in said.get(code, [])}),
                share=percent(total.employers, everybody),
                confirmed=total.confirmed,
                needs=total.needs,
                filters=self.filters.with_choice(choice, code or "none"),
            )
