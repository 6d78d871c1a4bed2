"""The register of unmet needs: one row for each need group, exact, most urgent first. For officers only."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from flask import current_app
from sqlalchemy import Row as Read
from sqlalchemy import String, Text, case, cast, func, literal, select, true, type_coerce

from skillsmatch.area.areas import Area
from skillsmatch.area.reasons import REASON_BY_CODE
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.counted import of_unmet
from skillsmatch.cases.filters import Filters, names_reason, priorities_by_theme
from skillsmatch.cases.flags import is_surge
from skillsmatch.cases.models import GroupedFacet, NeedGroup
from skillsmatch.cases.priority import QUARTER, Score, points_of, score
from skillsmatch.demand.merging import root_of
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.provision import all_taught

NO_PROVISION_HERE = "no-provision"  # the reason by which the service says that nobody here teaches it
Counts = list[tuple[str, int]]  # a code ("" is not said) and how many employers, the most first


@dataclass(frozen=True)
class GroupRow:
    """One need group within the filters. Every number is exact."""

    group: int
    name: str
    theme: str
    employers: int  # distinct
    confirmed: int  # of them with a confirmed e-mail
    needs: int  # facets
    people: int  # the most that each employer asked for, summed; who did not say counts as one
    people_not_said: int  # employers that did not say
    districts: Counts
    sectors: Counts
    sizes: Counts
    levels: Counts
    reasons: Counts  # the system's
    employer_reasons: Counts
    first: date
    last: date
    now: int  # employers of the last quarter
    before: int  # and of the one before
    priorities: tuple[str, ...]
    offers: int | None  # local ones of its theme
    score: Score
    facets: tuple[int, ...] = field(repr=False, default=())
    state: bytes = field(
        repr=False, default=b""
    )  # another one as soon as a need behind it is another, or has changed

    @property
    def theme_name(self) -> str:
        """Its theme in words."""
        theme = load_themes().themes.get(self.theme)
        return theme.name if theme else "Not clear"

    @property
    def unverified(self) -> int:
        """The share of employers without a confirmed e-mail, in per cent."""
        return round(100 * (self.employers - self.confirmed) / self.employers)

    @property
    def surge(self) -> bool:
        """Whether the last quarter rose further than chance would have it."""
        return is_surge(self.now, self.before)

    @property
    def trend(self) -> str:
        """The last quarter against the one before, in words."""
        if self.now == self.before:
            return f"no change ({self.now:,})"
        return f"{'up' if self.now > self.before else 'down'} from {self.before:,} to {self.now:,}"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A group's place in the register: what decides it, and no more. The numbers are those of its row."""

    group: int
    employers: int
    needs: int
    points: int


@dataclass(slots=True)
class _Sum:
    """What a group's score is made of."""

    needs: int = 0
    told_none: int = 0
    people: dict[int, int] = field(default_factory=dict)  # of each employer, the most that it asked for
    confirmed: set[int] = field(default_factory=set)
    now: set[int] = field(default_factory=set)
    before: set[int] = field(default_factory=set)


def ranking(filters: Filters, area: Area) -> list[Ranked]:
    """Every group with an unmet need within the filters, in the register's order: what a page of it is cut from.

    Nothing is read of a facet but what the order hangs on: 20,000 take a tenth of a second.
    """
    groups, taught, codes = _groups(filters, area, None), _taught(), priorities_by_theme(area)
    found = []
    for number, told in _sums(filters).items():
        if number in groups and told.needs:
            theme = groups[number].theme
            points = points_of(
                confirmed=len(told.confirmed),
                unconfirmed=len(told.people) - len(told.confirmed),
                people=sum(told.people.values()),
                now=len(told.now),
                before=len(told.before),
                priorities=codes.get(theme, []),
                offers=_offers(taught, theme),
                told_none=told.told_none,
                needs=told.needs,
            )
            found.append(Ranked(number, len(told.people), told.needs, sum(points)))
    return sorted(found, key=lambda r: (-r.points, -r.employers, r.group))


INSIDE, CONFIRMED, NOW, BEFORE, TOLD_NONE = 1, 2, 4, 8, 16  # what is so of a facet, added up to one number


def _sums(filters: Filters) -> dict[int, _Sum]:
    """The same for each group. Grouped here and not by the database, which would sort all rows for it."""
    sums: dict[int, _Sum] = defaultdict(_Sum)
    for group, employer, people, is_so in db.session.execute(_what_decides(filters)):
        told = sums[group]
        if is_so & INSIDE:
            told.needs += 1
            if told.people.get(employer, 0) < people:
                told.people[employer] = people
            if is_so & CONFIRMED:
                told.confirmed.add(employer)
            if is_so & TOLD_NONE:
                told.told_none += 1
        if is_so & NOW:
            told.now.add(employer)
        elif is_so & BEFORE:
            told.before.add(employer)
    return sums


def _what_decides(filters: Filters) -> Any:
    """Of each facet its group, its employer (merged ones are one), the people asked for, and what is so of it."""
    turn, start = _turns(filters.last_day)
    conditions = {
        INSIDE: DemandSignal.made_on >= filters.since if filters.since else true(),
        CONFIRMED: DemandSignal.countable_at.is_not(None),
        NOW: DemandSignal.made_on > turn,
        BEFORE: DemandSignal.made_on > start,
        TOLD_NONE: names_reason(Facet.reasons, NO_PROVISION_HERE),
    }
    is_so = sum((case((condition, bit), else_=0) for bit, condition in conditions.items()), literal(0))
    people = func.coalesce(DemandSignal.people, 1)
    query = select(GroupedFacet.group_id, root_of(DemandSignal.employer_key_id), people, is_so)
    query = query.select_from(Facet).join(GroupedFacet, GroupedFacet.facet_id == Facet.id)
    return filters.narrow(of_unmet(query))


def register(filters: Filters, area: Area, only: Collection[int] | None = None) -> list[GroupRow]:
    """Every group with an unmet need within the filters, by its score, then employers, then number.

    With `only`, the rows of these groups. Reads one row for each unmet facet of theirs.
    """
    groups = _groups(filters, area, only)
    read: dict[int, list[Read[Any]]] = defaultdict(list)
    for row in db.session.execute(_facets(filters, only)):
        if row.group_id in groups:
            read[row.group_id].append(row)
    taught, codes = _taught(), priorities_by_theme(area)
    rows = []
    for number, found in read.items():
        inside = [row for row in found if filters.since is None or row.made_on >= filters.since]
        if inside:
            theme = groups[number].theme
            named, offers = codes.get(theme, []), _offers(taught, theme)
            rows.append(_row(groups[number], found, inside, filters.last_day, named, offers))
    return sorted(rows, key=lambda r: (-r.score.points, -r.employers, r.group))


def _groups(filters: Filters, area: Area, only: Collection[int] | None) -> dict[int, Any]:
    """Number, name and theme of each group that may have a row."""
    query = select(NeedGroup.id, NeedGroup.name, NeedGroup.theme).where(NeedGroup.merged_into_id.is_(None))
    if only is not None:
        query = query.where(NeedGroup.id.in_(only))
    if filters.theme:
        query = query.where(NeedGroup.theme == filters.theme)
    groups = {group.id: group for group in db.session.execute(query)}
    if filters.priority:
        codes = priorities_by_theme(area)
        groups = {n: group for n, group in groups.items() if filters.priority in codes.get(group.theme, ())}
    return groups


def _facets(filters: Filters, only: Collection[int] | None) -> Any:
    columns = (
        *(GroupedFacet.group_id, Facet.id.label("facet")),
        *(cast(Facet.reasons, Text).label("reasons"), cast(Facet.employer_reasons, Text).label("said")),
        *(
            root_of(DemandSignal.employer_key_id).label("employer_key_id"),  # merged employers are one
            DemandSignal.district,
            DemandSignal.sic_section,
            DemandSignal.size_band,
        ),
        *(DemandSignal.level, DemandSignal.people, DemandSignal.made_on),
        DemandSignal.countable_at.is_not(None).label("confirmed"),
        *(
            Need.search_round,
            type_coerce(Need.changed_at, String).label("changed_at"),
        ),  # compared, never read
    )
    query = of_unmet(
        select(*columns).select_from(Facet).join(GroupedFacet, GroupedFacet.facet_id == Facet.id)
    )
    if only is not None:
        query = query.where(GroupedFacet.group_id.in_(only))
    return filters.narrow(query).order_by(Facet.id)


def _row(
    group: Any,
    found: Sequence[Read[Any]],
    inside: Sequence[Read[Any]],
    last: date,
    codes: list[str],
    offers: int | None,
) -> GroupRow:
    employers = {row.employer_key_id for row in inside}
    confirmed = {row.employer_key_id for row in inside if row.confirmed}
    people: dict[int, int] = {}
    for row in inside:
        people[row.employer_key_id] = max(people.get(row.employer_key_id, 0), row.people or 0)
    wanted = sum(number or 1 for number in people.values())
    now, before = _quarters(found, last)
    told_none = sum(NO_PROVISION_HERE in _codes(row.reasons) for row in inside)
    return GroupRow(
        group=group.id,
        name=group.name,
        theme=group.theme,
        employers=len(employers),
        confirmed=len(confirmed),
        needs=len(inside),
        people=wanted,
        people_not_said=sum(number == 0 for number in people.values()),
        districts=_by((row.district, row) for row in inside),
        sectors=_by((row.sic_section, row) for row in inside),
        sizes=_by((row.size_band, row) for row in inside),
        levels=_by(("" if row.level is None else str(row.level), row) for row in inside),
        reasons=_by((code, row) for row in inside for code in _codes(row.reasons)),
        employer_reasons=_by((code, row) for row in inside for code in _codes(row.said)),
        first=min(row.made_on for row in inside),
        last=max(row.made_on for row in inside),
        now=now,
        before=before,
        priorities=tuple(codes),
        offers=offers,
        score=score(
            confirmed=len(confirmed),
            unconfirmed=len(employers) - len(confirmed),
            people=wanted,
            now=now,
            before=before,
            priorities=codes,
            offers=offers,
            told_none=told_none,
            needs=len(inside),
        ),
        facets=tuple(row.facet for row in inside),
        state=_state(inside),
    )


@lru_cache(maxsize=1_000)
def _codes(stored: str) -> tuple[str, ...]:
    """The reasons in a list as it is stored; there are few different lists."""
    return tuple(code for code in json.loads(stored) if code in REASON_BY_CODE)


def _state(inside: Sequence[Read[Any]]) -> bytes:
    """A digest of which facets there are, whose, and when each was last changed or searched for."""
    told = [(row.facet, row.employer_key_id, row.search_round, row.changed_at) for row in inside]
    return blake2b(repr(told).encode(), digest_size=16).digest()


def _by(coded: Iterable[tuple[str, Read[Any]]]) -> Counts:
    """Distinct employers of each code, the most first, those who did not say last."""
    found: dict[str, set[int]] = defaultdict(set)
    for code, row in coded:
        found[code].add(row.employer_key_id)
    return sorted(
        ((code, len(keys)) for code, keys in found.items()), key=lambda c: (c[0] == "", -c[1], c[0])
    )


def _taught() -> Counter[str]:
    """How many local offers each theme has, counted once for each state of the catalogue."""
    taught = all_taught()
    known: tuple[object, Counter[str]] | None = current_app.extensions.get("offers by theme")
    if known is None or known[0] is not taught:
        known = (taught, Counter(each.theme for each in taught if each.theme))
        current_app.extensions["offers by theme"] = known
    return known[1]


def _offers(taught: Counter[str], theme: str) -> int | None:
    """The local offers of the theme; None where that is not known."""
    return taught.get(theme, 0) if taught and theme else None


def _turns(last: date) -> tuple[date, date]:
    """The days after which the last quarter begins, and the one before it."""
    return last - timedelta(QUARTER), last - timedelta(2 * QUARTER)


def _quarters(found: Sequence[Read[Any]], last: date) -> tuple[int, int]:
    """Distinct employers of the QUARTER days up to `last`, and of the QUARTER before them."""
    turn, start = _turns(last)
    now = {row.employer_key_id for row in found if row.made_on > turn}
    before = {row.employer_key_id for row in found if start < row.made_on <= turn}
    return len(now), len(before)
