"""What employers asked for, exactly, one row for each facet: for officers and for nobody else.

Whatever an officer's page or the internal pack counts, it counts from these rows, by a filter that can be typed again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Select, and_, func, or_, select

from skillsmatch.area import businesses
from skillsmatch.area.areas import Area, Priority
from skillsmatch.area.kinds import LEVELS, load_kinds
from skillsmatch.area.national import load_divisions
from skillsmatch.area.priorities import all_priorities
from skillsmatch.area.themes import Theme, load_themes
from skillsmatch.cases.counted import is_asking
from skillsmatch.cases.days import moments_of
from skillsmatch.cases.gathering import WAYS
from skillsmatch.cases.membership import MEMBERS, listed_businesses, standing_of
from skillsmatch.clock import day_of, today
from skillsmatch.demand.lattice import OUTCOME_OF, SIZES
from skillsmatch.demand.merging import root_of
from skillsmatch.demand.models import DEMONSTRATION, DemandSignal, EmployerKey
from skillsmatch.demand.periods import quarter_of
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.provision import all_taught

STARTED = "started"  # as dates: the days are those on which the employer said that the training started
SMALL = businesses.SMALL  # size bands of small and medium firms
DEDUPE = (
    "Employers are counted once each, by the domain of their e-mail, or by the address where many share a domain. "
    "Without an e-mail each need counts as an employer of its own."
)
WHAT_COUNTS = (
    "Every need that was asked for within the dates counts, confirmed or not. Left out are needs that were withdrawn, "
    "that look automatic, or that came from colleges and training providers no officer confirmed as employers."
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows are meant. Dates are days in England, both included; an empty choice is any.

    The dates are those of asking; with `dates` STARTED those of starting, and only rows that started are meant.
    """

    first: date
    last: date
    theme: str = ""
    soc: str = ""
    district: str = ""
    sector: str = ""
    size: str = ""
    level: str = ""
    kind: str = ""
    outcome: str = ""
    priority: str = ""
    dates: str = ""
    channel: str = ""
    member: str = ""
    ukprn: str = ""  # of a provider: what it teaches

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """The first moment of its days in England and the first after them, in UTC as times are stored."""
        return moments_of(self.first, self.last)

    @property
    def query(self) -> dict[str, str]:
        """The filter as an address has it."""
        chosen = {n: getattr(self, n) for n in CHOICES if getattr(self, n)}
        return {"from": self.first.isoformat(), "to": self.last.isoformat(), **chosen}

    @property
    def words(self) -> str:
        """The filter as it is typed after the address of the figures page: "from=2026-04-01 to=2027-03-31"."""
        return " ".join(f"{name}={value}" for name, value in self.query.items())

    def with_choice(self, name: str, value: str) -> Filters:
        """The same with one choice more; `name` is one of CHOICES."""
        chosen: dict[str, Any] = {name: value}
        return replace(self, **chosen)

    @property
    def so_far(self) -> Filters:
        """The same as far as today, so that what is not over is compared with as many days; as it is otherwise."""
        return replace(self, last=today()) if self.first <= today() < self.last else self

    @property
    def before(self) -> Filters:
        """The same for the same number of days just before."""
        days = (self.last - self.first).days + 1
        return replace(self, first=self.first - timedelta(days), last=self.first - timedelta(1))

    @property
    def year_before(self) -> Filters:
        """The same a year earlier."""
        return replace(self, first=_a_year_before(self.first), last=_a_year_before(self.last))


CHOICES = (
    *("theme", "soc", "district", "sector", "size", "level", "kind", "outcome", "priority"),
    *("dates", "ukprn", "channel", "member"),
)


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year - 1, day=28)


def this_year(area: Area) -> tuple[date, date]:
    """The first day of the area's year that today lies in, and today."""
    return quarter_of(today(), area.year_start_month).whole_year.first_day, today()


@dataclass(frozen=True, slots=True)
class Asked:
    """One facet as codes, with who asked as a number that names nobody."""

    signal: int
    need: int  # 0 where the need is not ours, as in a demonstration
    employer: int
    confirmed: bool  # by a confirmed e-mail or by an officer
    theme: str
    soc: str
    sector: str
    district: str
    level: int | None
    kind: str
    size: str
    people: int | None
    made_on: date
    horizon: str
    channel: str
    outcome: str  # "unmet", "open" or "met"
    started_on: date | None  # when its employer said so; None where the training has not started
    reasons: tuple[str, ...]
    lat: float | None
    lon: float | None

    @property
    def started(self) -> bool:
        """True where its employer said that the training started."""
        return self.started_on is not None


@dataclass(frozen=True, slots=True)
class Sum:
    """What some rows come to, exactly."""

    employers: int
    confirmed: int  # of these
    needs: int
    facets: int
    people: int
    people_said: int  # facets that say how many people
    met: int  # facets for which something fitted, or training was started
    unmet: int
    started: int

    @property
    def met_share(self) -> float | None:
        """The share of facets for which something fitted, 0 to 1; None where there are none."""
        return self.met / self.facets if self.facets else None

    @property
    def unmet_share(self) -> float | None:
        """The share of facets for which nothing fitted, 0 to 1; None where there are none."""
        return self.unmet / self.facets if self.facets else None


def sum_of(rows: Iterable[Asked]) -> Sum:
    """The rows added up."""
    known = list(rows)
    outcomes = Counter(r.outcome for r in known)
    return Sum(
        employers=len({r.employer for r in known}),
        confirmed=len({r.employer for r in known if r.confirmed}),
        needs=len({r.need or -r.signal for r in known}),
        facets=len(known),
        people=sum(r.people or 0 for r in known),
        people_said=sum(r.people is not None for r in known),
        met=outcomes["met"],
        unmet=outcomes["unmet"],
        started=sum(r.started for r in known),
    )


def asks_for(priority: Priority) -> Callable[[Asked], bool]:
    """Whether a row is about the priority: by its theme, occupation or kind; by sector only where it names no other."""
    themes = {t.code for t in load_themes().themes.values() if priority.names(t)}
    soc, kinds, sectors = set(priority.soc), set(priority.kinds), sections_of(priority)
    if themes or soc or kinds:
        return lambda row: row.theme in themes or row.soc in soc or row.kind in kinds
    return lambda row: row.sector in sectors


def can_be_asked_for(priority: Priority) -> bool:
    """True where demand can tell of the priority: it names a theme, an occupation, a kind or a sector."""
    return bool(priority.themes or priority.soc or priority.kinds or priority.sic)


def sections_of(priority: Priority) -> set[str]:
    """The SIC 2007 sections that the priority names, by their letters or by divisions within them."""
    divisions = load_divisions()
    return {divisions[code].section if code in divisions else code for code in priority.sic}


def asked_rows(filters: Filters, area: Area) -> list[Asked]:
    """The rows that the filter names, in the order they were made."""
    wanted = select(
        *(
            DemandSignal.id,
            Need.id,
            root_of(DemandSignal.employer_key_id),  # merged employers are one
            DemandSignal.countable_at,
            DemandSignal.theme,
        ),
        *(
            DemandSignal.soc_confirmed,
            DemandSignal.soc_guessed,
            DemandSignal.sic_section,
            DemandSignal.district,
        ),
        *(DemandSignal.level, DemandSignal.need_kind, DemandSignal.size_band, DemandSignal.people),
        *(
            DemandSignal.made_on,
            Need.wanted_when,
            DemandSignal.channel,
            DemandSignal.outcome,
            DemandSignal.reasons,
        ),
        *(Need.lat, Need.lon, Facet.answered_at),
    )
    wanted = wanted.join(EmployerKey, EmployerKey.id == DemandSignal.employer_key_id)
    wanted = wanted.outerjoin(Facet, Facet.signal_id == DemandSignal.id).outerjoin(
        Need, Need.id == Facet.need_id
    )
    for condition in (*_that_count(), *_chosen(filters)):
        wanted = wanted.where(condition)
    themes = load_themes().themes
    rows = [_asked(row, themes) for row in db.session.execute(wanted.order_by(DemandSignal.id))]
    if filters.soc:
        rows = [row for row in rows if row.soc == ("" if filters.soc == "none" else filters.soc)]
    if filters.outcome:
        rows = [row for row in rows if row.outcome == filters.outcome]
    if filters.member:
        listed = listed_businesses(row.employer for row in rows)
        rows = [row for row in rows if standing_of(listed, row.employer) == filters.member]
    if filters.priority:
        named = next((p for p in all_priorities(area) if p.code == filters.priority), None)
        rows = list(filter(asks_for(named), rows)) if named else []
    if filters.ukprn:
        taught = themes_taught(int(filters.ukprn))
        rows = [row for row in rows if row.theme in taught]
    return rows


def themes_taught(ukprn: int) -> set[str]:
    """The themes of the offers of this provider that stand today."""
    return {one.theme for one in all_taught() if one.ukprn == ukprn and one.theme}


def _that_count() -> list[Any]:
    """What the exact counts are made of; WHAT_COUNTS says the same in words."""
    return [DemandSignal.withdrawn_at.is_(None), is_asking()]


def _chosen(filters: Filters) -> list[Any]:
    conditions = [_within(filters)]
    columns = {
        "theme": DemandSignal.theme,
        "district": DemandSignal.district,
        "sector": DemandSignal.sic_section,
        "size": DemandSignal.size_band,
        "kind": DemandSignal.need_kind,
        "channel": DemandSignal.channel,
    }
    for name, column in columns.items():
        value = getattr(filters, name)
        if value:
            conditions.append(column == ("" if value == "none" else value))
    if filters.level:
        conditions.append(
            DemandSignal.level.is_(None)
            if filters.level == "none"
            else DemandSignal.level == int(filters.level)
        )
    return conditions


def _within(filters: Filters) -> Any:
    asked = and_(DemandSignal.made_on >= filters.first, DemandSignal.made_on <= filters.last)
    if filters.dates != STARTED:
        return asked
    first, after = filters.moments
    said = and_(Facet.answered_at >= first, Facet.answered_at < after)
    # A signal without a need of ours, as a demonstration has them, has no day but that of asking.
    return and_(DemandSignal.outcome == "started", or_(said, and_(Facet.answered_at.is_(None), asked)))


def _asked(row: Any, themes: Mapping[str, Theme]) -> Asked:
    (
        signal,
        need,
        employer,
        countable,
        theme,
        confirmed,
        guessed,
        sector,
        district,
        level,
        kind,
        size,
        people,
        *rest,
    ) = row
    made_on, horizon, channel, outcome, reasons, lat, lon, answered = rest
    known = themes.get(theme)
    return Asked(
        signal=signal,
        need=need or 0,
        employer=employer,
        confirmed=countable is not None,
        theme=theme,
        soc=confirmed or guessed or (known.soc[0] if known and not known.any_job else ""),
        sector=sector,
        district=district,
        level=level,
        kind=kind,
        size=size,
        people=people,
        made_on=made_on,
        horizon=horizon or "",
        channel=channel,
        outcome=OUTCOME_OF[outcome],
        started_on=(day_of(answered) if answered else made_on) if outcome == "started" else None,
        reasons=tuple(reasons),
        lat=lat,
        lon=lon,
    )


def employers_of_needs(filters: Filters) -> Select[tuple[int]]:
    """The statement that counts employers by their needs of these dates, for a page that narrows it down."""
    wanted = select(func.count(root_of(DemandSignal.employer_key_id).distinct())).select_from(DemandSignal)
    wanted = wanted.join(Facet, Facet.signal_id == DemandSignal.id).join(Need, Need.id == Facet.need_id)
    wanted = wanted.join(EmployerKey, EmployerKey.id == DemandSignal.employer_key_id)
    return wanted.where(*_that_count(), *_chosen(filters))


def choices(area: Area) -> dict[str, list[tuple[str, str]]]:
    """What each choice of the filter may be, as code and name; "none" is those who did not say."""
    unsaid = ("none", "Not said")
    return {
        "theme": [*((t.code, t.name) for t in load_themes().themes.values()), ("none", "Not clear")],
        "district": [*((d.code, d.name) for d in area.districts.values()), *area.neighbours.items(), unsaid],
        "sector": [*((s.letter, s.name) for s in area.sectors), unsaid],
        "size": [*SIZES.items(), unsaid],
        "level": [*((str(level), words) for level, words in LEVELS.items()), unsaid],
        "kind": [*((kind.value, words.name) for kind, words in load_kinds().items()), unsaid],
        "outcome": [("unmet", "Nothing fitted"), ("open", "No answer yet"), ("met", "Something fitted")],
        "priority": [(p.code, f"{p.code}: {p.title}") for p in all_priorities(area)],
        "dates": [(STARTED, "Training started")],
        "channel": list(ways_here().items()),
        "member": list(MEMBERS.items()),
    }


def ways_here() -> dict[str, str]:
    """How needs come in here, by code; the invented ones of a demonstration in a demonstration only."""
    return {way: words for way, words in WAYS.items() if way != DEMONSTRATION or current_app.config["DEMO"]}


def by(rows: Sequence[Asked], key: Callable[[Asked], str]) -> dict[str, list[Asked]]:
    """The rows parted by a code, in the order of their first."""
    found: dict[str, list[Asked]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found
