"""What goes into a provider's evidence pack: released demand where it teaches, the trend, and what it did about it.

Numbers of employers come from published cells alone, and sums of cells are ranges. What the provider answered to
leads comes in from the room above as a plain number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import select

from skillsmatch import clock
from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import load_kinds
from skillsmatch.area.priorities import priorities_on
from skillsmatch.area.themes import load_themes
from skillsmatch.demand import gaps
from skillsmatch.demand.gaps import Gap, PriorityGap
from skillsmatch.demand.published import Edition, NoSuchTable, editions, read_table
from skillsmatch.demand.ranges import Range, change_words, range_of
from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.offers.provision import Taught, all_taught, districts_of
from skillsmatch.words import day_words, listed_words

MOST_THEMES = 20  # in the tables of the pack, those with the most employers for certain
MOST_QUARTERS = 4  # in the trend; a year is the better measure
LEADS_FROM = 10  # replies; a smaller number is not said, as a few would tell of single employers


@dataclass(frozen=True, slots=True)
class Asked:
    """One theme where the provider teaches, with the change since the year before in words."""

    gap: Gap
    change: str  # "" where there is no year to compare with


@dataclass(frozen=True, slots=True)
class Trend:
    """One theme in the whole area, release by release, in words."""

    name: str
    words: tuple[str, ...]  # one for each edition of the trend


@dataclass(frozen=True, slots=True)
class Response:
    """An offer that was added or changed since the release's period began."""

    theme: str  # its name; "" where it is not clear
    asked: str  # employers who ask for the theme, in words; "" where it is not clear
    title: str
    kind: str
    start: str
    did: str  # "added on 3 May 2026" or "changed on 3 May 2026"


@dataclass(frozen=True, slots=True)
class Replies:
    """How many replies to leads the provider has sent since a day. Nothing of the leads themselves."""

    since: date
    count: int

    @property
    def words(self) -> str:
        """The number in words; a small one is hidden, and so is none."""
        return f"{self.count:,}" if self.count >= LEADS_FROM else f"fewer than {LEADS_FROM}"


@dataclass(frozen=True)
class Pack:
    """All that a provider's evidence pack says."""

    provider: str
    ukprn: int
    area: str
    made_on: date
    edition: Edition
    districts: tuple[str, ...]  # where its offers are taught; none: the whole area is meant
    asked: tuple[Asked, ...]
    trend_editions: tuple[Edition, ...]  # the latest last
    trend: tuple[Trend, ...]
    priorities: tuple[PriorityGap, ...]
    since: date  # responses are counted from this day
    responses: tuple[Response, ...]
    not_yet: tuple[Gap, ...]  # themes of `asked` on which it has no offer
    replies: Replies | None
    citations: tuple[str, ...]

    @property
    def where(self) -> str:
        """Where the numbers hold, in words."""
        return listed_words(self.districts) if self.districts else self.area

    @property
    def method(self) -> tuple[str, ...]:
        """How the numbers were made, in sentences."""
        summed = (
            "The numbers for our districts are sums of published numbers. A hidden number counts as 0 up to one less "
            f"than {self.edition.threshold}, so sums are given as ranges. {gaps.TWICE}"
        )
        return (
            "Employers say in plain words what skills they need. Each need is coded to a theme. A release counts "
            "distinct employers with a confirmed e-mail, once, when its period is over, and never changes.",
            *self.edition.notes,
            *((summed,) if len(self.districts) > 1 or self.priorities else ()),
            "A change is reckoned from two published numbers. A change of 5 may be no more than the noise.",
            "The theme of an offer is told from its title and what is learned. Online offers count everywhere.",
        )


def pack_for(provider: Provider, area: Area, period: str = "", replies: Replies | None = None) -> Pack:
    """The provider's pack by the release of this year, by default the latest. Reads no need and no signal.

    Refused (NoSuchTable): no published release of a year yet, or none of this name; a quarter has no districts.
    """
    published = [edition for edition in editions() if edition.state == "published"]
    edition = _year(published, period)
    taught = all_taught()
    districts = districts_of(taught, provider.ukprn) & set(area.districts)
    themes, priorities = load_themes(), priorities_on(area, clock.today())
    asked = _asked(area, edition, districts)
    found = gaps.gaps_of(
        themes, asked, {}, gaps.within(taught, districts or None), provider.ukprn, priorities
    )
    top = sorted((g for g in found if g.asked.low), key=lambda g: (-g.asked.low, -g.asked.high, g.name))[
        :MOST_THEMES
    ]
    before = next((e for e in published if e.kind == "year" and e.last_day < edition.first_day), None)
    was = _asked(area, before, districts) if before else {}
    changes = {g.theme: _change(g, was) for g in top}
    trend_editions = _of_trend(published, edition)
    return Pack(
        provider=provider.name,
        ukprn=provider.ukprn,
        area=area.name,
        made_on=clock.today(),
        edition=edition,
        districts=tuple(d.name for d in area.districts.values() if d.code in districts),
        asked=tuple(Asked(g, changes[g.theme]) for g in top),
        trend_editions=trend_editions,
        trend=_trend(area, trend_editions, top),
        priorities=tuple(gaps.priority_gaps(priorities, found)),
        since=edition.first_day,
        responses=_responses(provider, edition.first_day, taught, {g.theme: g for g in found}),
        not_yet=tuple(g for g in top if not g.mine.offers),
        replies=replies,
        citations=_citations(area, edition, before, trend_editions, bool(districts)),
    )


def _change(gap: Gap, was: dict[str, Range]) -> str:
    """The change since the year before; of a number that is shown it is never said that it is too small to tell."""
    if gap.theme not in was:
        return ""
    words = change_words(gap.asked, was[gap.theme])
    return "up or down: no clear change" if words == "too few to tell" else words


def _year(published: Sequence[Edition], period: str) -> Edition:
    years = [edition for edition in published if edition.kind == "year"]
    if not years:
        raise NoSuchTable(
            "No release of a whole year is published yet, and only years are counted by district"
        )
    wanted = [edition for edition in years if edition.period == (period or years[0].period)]
    if not wanted:
        listed = ", ".join(edition.period for edition in years)
        raise NoSuchTable(f"There is no published release of the year “{period[:20]}”. There is: {listed}")
    return wanted[0]


def _asked(area: Area, edition: Edition, districts: frozenset[str] | set[str]) -> dict[str, Range]:
    """Employers by theme in these districts; in the whole area where there are none."""
    by_theme = read_table(area, edition.period, "theme")
    if districts:
        by_district = read_table(area, edition.period, "theme-by-district")
        return gaps.asked_within(by_district, by_theme, frozenset(districts))
    return gaps.asked_by_theme(by_theme)


def _of_trend(published: Sequence[Edition], edition: Edition) -> tuple[Edition, ...]:
    """The years up to the release's own, then the latest quarters; each row the earliest first."""
    years = [e for e in published if e.kind == "year" and e.last_day <= edition.last_day]
    quarters = [e for e in published if e.kind == "quarter"][:MOST_QUARTERS]
    return (*reversed(years), *reversed(quarters))


def _trend(area: Area, shown: Sequence[Edition], top: Iterable[Gap]) -> tuple[Trend, ...]:
    tables = [read_table(area, e.period, "theme") for e in shown]
    numbers = [{c.first: range_of(c, t.edition.threshold).words for c in t.cells} for t in tables]
    return tuple(Trend(g.name, tuple(one.get(g.theme, "") for one in numbers)) for g in top)


def _responses(
    provider: Provider, since: date, taught: Sequence[Taught], found: dict[str, Gap]
) -> tuple[Response, ...]:
    """The provider's offers that stand and were added or changed since; the most asked-for themes first."""
    own = {one.offer_id: one for one in taught if one.ukprn == provider.ukprn}
    start = datetime.combine(since, time(), clock.LOCAL).astimezone(UTC).replace(tzinfo=None)
    rows = select(Offer.id, Offer.kind, Offer.created_at, Offer.changed_at).where(
        Offer.provider_id == provider.id, Offer.withdrawn_at.is_(None), Offer.changed_at >= start
    )
    kinds, told = load_kinds(), []
    for row in db.session.execute(rows):
        one = own.get(row.id)
        if one is None:
            continue
        gap = found.get(one.theme)
        added = row.created_at >= start
        response = Response(
            theme=gap.name if gap else "",
            asked=gap.asked.words if gap else "",
            title=one.title,
            kind=next((words.name for kind, words in kinds.items() if kind.value == row.kind), ""),
            start="at any time" if one.any_time else day_words(one.start) if one.start else "no date known",
            did=f"{'added' if added else 'changed'} {day_words(row.created_at if added else row.changed_at)}",
        )
        told.append(((-(gap.asked.low if gap else -1), response.theme, one.title, row.id), response))
    return tuple(response for _, response in sorted(told, key=lambda pair: pair[0]))


def _citations(
    area: Area, edition: Edition, before: Edition | None, trend: Sequence[Edition], by_district: bool
) -> tuple[str, ...]:
    """Each table that a number of the pack was read from, as it would be cited."""
    wanted = [(one, "theme-by-district") for one in (edition, before) if one and by_district]
    wanted += [(one, "theme") for one in trend]
    if not by_district and edition not in trend:
        wanted.append((edition, "theme"))
    return tuple(dict.fromkeys(_citation(area, one, name) for one, name in wanted))


def _citation(area: Area, edition: Edition, name: str) -> str:
    title = read_table(area, edition.period, name).title
    published = f", published {day_words(edition.published_at)}" if edition.published_at else ""
    marked = " Demonstration: invented employers." if edition.demonstration else ""
    return (
        f"skillsmatch, {area.name}: “{title}”, {edition.words}. Release {edition.period}{published}, "
        f"table {name}.{marked}"
    )
