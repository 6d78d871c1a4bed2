"""The register of unmet needs: one row for each need group, exact, most urgent first. For officers only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, func, select, true
from sqlalchemy import Row as Read

from skillsmatch.area.areas import Area
from skillsmatch.area.reasons import REASON_BY_CODE
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.counted import of_unmet
from skillsmatch.cases.filters import Filters, names_reason, serving
from skillsmatch.cases.flags import is_surge
from skillsmatch.cases.models import GroupedFacet, NeedGroup
from skillsmatch.cases.priority import QUARTER, Score, score
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


def ranking(filters: Filters, area: Area) -> list[Ranked]:
    """Every group with an unmet need within the filters, in the register's order. The database does the counting."""
    groups = _groups(filters, area, None)
    taught = Counter(each.theme for each in all_taught() if each.theme)
    codes = {theme: [p.code for p in serving(theme, area)] for theme in {g.theme for g in groups.values()}}
    found = []
    for row in db.session.execute(_sums(filters)):
        if row.group_id in groups and row.needs:
            theme = groups[row.group_id].theme
            told = score(
                confirmed=row.confirmed,
                unconfirmed=row.employers - row.confirmed,
                people=row.people,
                now=row.now,
                before=row.before,
                priorities=codes[theme],
                offers=_offers(taught, theme),
                told_none=row.told_none,
                needs=row.needs,
            )
            found.append(Ranked(row.group_id, row.employers, row.needs, told.points))
    return sorted(found, key=lambda r: (-r.points, -r.employers, r.group))


def _sums(filters: Filters) -> Any:
    """For each group what its score is made of: first for each employer within it, then over these."""

    def largest(condition: ColumnElement[bool]) -> Any:
        return func.max(case((condition, 1), else_=0))

    turn, start = _turns(filters.last_day)
    inside = DemandSignal.made_on >= filters.since if filters.since else true()
    none_here = names_reason(Facet.reasons, NO_PROVISION_HERE)
    each = of_unmet(
        select(
            GroupedFacet.group_id,
            root_of(DemandSignal.employer_key_id).label("employer"),  # merged employers are one
            func.sum(case((inside, 1), else_=0)).label("needs"),
            func.max(case((inside, func.coalesce(DemandSignal.people, 1)), else_=0)).label("people"),
            largest(inside & DemandSignal.countable_at.is_not(None)).label("confirmed"),
            largest(DemandSignal.made_on > turn).label("now"),
            largest((DemandSignal.made_on > start) & (DemandSignal.made_on <= turn)).label("before"),
            func.sum(case((inside & none_here, 1), else_=0)).label("told_none"),
        )
        .select_from(Facet)
        .join(GroupedFacet, GroupedFacet.facet_id == Facet.id)
    )
    one = filters.narrow(each).group_by(GroupedFacet.group_id, "employer").subquery()
    sums = {name: one.c[name] for name in ("needs", "people", "confirmed", "now", "before", "told_none")}
    sums["employers"] = case((one.c.needs > 0, 1), else_=0)
    columns = (cast(func.sum(column), Integer).label(name) for name, column in sums.items())
    return select(one.c.group_id, *columns).group_by(one.c.group_id)


def register(filters: Filters, area: Area, only: Collection[int] | None = None) -> list[GroupRow]:
    """Every group with an unmet need within the filters, by its score, then employers, then number.

    With `only`, the rows of these groups. Reads one row for each unmet facet of theirs.
    """
    groups = _groups(filters, area, only)
    read: dict[int, list[Read[Any]]] = defaultdict(list)
    for row in db.session.execute(_facets(filters, only)):
        if row.group_id in groups:
            read[row.group_id].append(row)
    taught = Counter(each.theme for each in all_taught() if each.theme)
    rows = []
    for number, found in read.items():
        inside = [row for row in found if filters.since is None or row.made_on >= filters.since]
        if inside:
            rows.append(_row(groups[number], found, inside, filters, area, taught))
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
        themes = {group.theme for group in groups.values()}
        serves = {t for t in themes if filters.priority in {p.code for p in serving(t, area)}}
        groups = {number: group for number, group in groups.items() if group.theme in serves}
    return groups


def _facets(filters: Filters, only: Collection[int] | None) -> Any:
    columns = (
        *(GroupedFacet.group_id, Facet.id.label("facet"), Facet.reasons, Facet.employer_reasons),
        *(
            root_of(DemandSignal.employer_key_id).label("employer_key_id"),  # merged employers are one
            DemandSignal.district,
            DemandSignal.sic_section,
            DemandSignal.size_band,
        ),
        *(DemandSignal.level, DemandSignal.people, DemandSignal.made_on, DemandSignal.countable_at),
        *(Need.search_round, Need.changed_at),
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
    filters: Filters,
    area: Area,
    taught: Counter[str],
) -> GroupRow:
    employers = {row.employer_key_id for row in inside}
    confirmed = {row.employer_key_id for row in inside if row.countable_at is not None}
    people: dict[int, int] = {}
    for row in inside:
        people[row.employer_key_id] = max(people.get(row.employer_key_id, 0), row.people or 0)
    wanted = sum(number or 1 for number in people.values())
    now, before = _quarters(found, filters.last_day)
    named = [priority.code for priority in serving(group.theme, area)]
    offers = _offers(taught, group.theme)
    told_none = sum(NO_PROVISION_HERE in row.reasons for row in inside)
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
        reasons=_by((code, row) for row in inside for code in row.reasons if code in REASON_BY_CODE),
        employer_reasons=_by((c, row) for row in inside for c in row.employer_reasons if c in REASON_BY_CODE),
        first=min(row.made_on for row in inside),
        last=max(row.made_on for row in inside),
        now=now,
        before=before,
        priorities=tuple(named),
        offers=offers,
        score=score(
            confirmed=len(confirmed),
            unconfirmed=len(employers) - len(confirmed),
            people=wanted,
            now=now,
            before=before,
            priorities=named,
            offers=offers,
            told_none=told_none,
            needs=len(inside),
        ),
        facets=tuple(row.facet for row in inside),
        state=_state(inside),
    )


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
