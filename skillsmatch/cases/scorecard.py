"""The scorecard: how each of the plan's priorities stands, in exact numbers, for officers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from skillsmatch.area.areas import Area, Priority
from skillsmatch.area.kinds import LEVELS
from skillsmatch.area.priorities import priorities_between
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.actions import all_actions
from skillsmatch.cases.asked import SMALL, Asked, Filters, Sum, asked_rows, asks_for, by, hosts, sum_of
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.measures import Followed, all_measures
from skillsmatch.cases.models import NeedGroup
from skillsmatch.cases.on_offer import OnOffer, for_priority, on_offer
from skillsmatch.cases.plan import Ambassador, AmbassadorAnswer, EducatorAnswer, KeptReport, PlanAction
from skillsmatch.clock import LOCAL, now, today
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.offers.models import Offer
from skillsmatch.words import count_words

# What of a line is kept with a report, and how it is named.
FIGURES = {
    "employers": "Employers who asked",
    "facets": "Skills asked for",
    "met_share": "Something fitted",
    "offers": "Offers now",
    "started": "Training started",
    "cases": "Cases",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One priority on the scorecard."""

    priority: Priority
    asked: Sum | None  # None where no demand can tell of it: it names no theme, occupation, kind or sector
    offers: int
    cases: int | None  # opened in these dates; None where the priority names no theme
    actions: tuple[PlanAction, ...]
    measures: tuple[Followed, ...]
    changes: Mapping[str, str]  # by the name of a figure, since the last report, in words; empty without one
    details: tuple[tuple[str, str], ...]  # what the priority `follows` besides: name and value in words

    @property
    def figures(self) -> dict[str, float | int | None]:
        """The numbers that a report keeps."""
        asked = self.asked
        return {
            "employers": asked.employers if asked else None,
            "facets": asked.facets if asked else None,
            "met_share": round(asked.met_share, 4) if asked and asked.met_share is not None else None,
            "offers": self.offers,
            "started": asked.started if asked else None,
            "cases": self.cases,
        }

    def overdue(self, day: date) -> int:
        """How many of its actions are overdue."""
        return sum(a.is_overdue(day) for a in self.actions)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All priorities in force between two days, in the plan's order."""

    filters: Filters
    lines: tuple[Line, ...]
    whole: Sum
    report: KeptReport | None  # what the changes are since
    english: tuple[
        tuple[str, str, int, int, int], ...
    ]  # level, district, skills asked for, employers, offers
    english_by_level: tuple[tuple[str, int, int, int], ...]  # the same without the district
    ambassadors: tuple[tuple[str, int], ...]  # sector and how many are listed


def scorecard(area: Area, first: date, last: date) -> Scorecard:
    """The scorecard of these days. Reads every row of them once; works where there is none."""
    filters = Filters(first, last)
    rows, offers = asked_rows(filters, area), on_offer()
    report = latest_report()
    actions, measures = by_priority(all_actions()), all_measures(area)
    cases = cases_by_theme(filters)
    lines = []
    for priority in priorities_between(area, first, last):
        own = [row for row in rows if asks_for(priority)(row)]
        line = Line(
            priority=priority,
            asked=sum_of(own) if _can_be_asked_for(priority) else None,
            offers=len(for_priority(priority, offers)),
            cases=sum(cases.get(code, 0) for code in themes) if (themes := _themes_of(priority)) else None,
            actions=tuple(actions.get(priority.code, ())),
            measures=tuple(m for m in measures if m.measure.priority == priority.code),
            changes={},
            details=tuple(_details(priority, own, offers, filters)),
        )
        lines.append(replace(line, changes=changes_since(report, line)))
    english = next((p for p in (line.priority for line in lines) if "english" in p.follows), None)
    return Scorecard(
        filters=filters,
        lines=tuple(lines),
        whole=sum_of(rows),
        report=report,
        english=english_table(area, english, rows, offers) if english else (),
        english_by_level=english_levels(english, rows, offers) if english else (),
        ambassadors=listed_by_sector(area),
    )


def _themes_of(priority: Priority) -> list[str]:
    return [t.code for t in load_themes().themes.values() if priority.names(t)]


def _can_be_asked_for(priority: Priority) -> bool:
    return bool(priority.themes or priority.soc or priority.kinds or priority.sic)


def by_priority(actions: Iterable[PlanAction]) -> dict[str, list[PlanAction]]:
    """The actions of each priority, in their order."""
    found: dict[str, list[PlanAction]] = {}
    for action in actions:
        found.setdefault(action.priority, []).append(action)
    return found


def cases_by_theme(filters: Filters) -> dict[str, int]:
    """Cases opened between two days, by the theme of their group or of their need's first skill."""
    first, after = moments(filters)
    opened = select(Case.group_id, Case.need_id).where(Case.opened_at >= first, Case.opened_at < after)
    cases = db.session.execute(opened).all()
    groups = dict(
        db.session.execute(
            select(NeedGroup.id, NeedGroup.theme).where(
                NeedGroup.id.in_([c.group_id for c in cases if c.group_id])
            )
        )
        .tuples()
        .all()
    )
    first_skill = (
        select(Facet.need_id, Facet.theme)
        .where(Facet.need_id.in_([c.need_id for c in cases if c.need_id]), Facet.removed_at.is_(None))
        .order_by(Facet.need_id, Facet.position.desc())
    )
    needs = dict(db.session.execute(first_skill).tuples().all())
    return dict(
        Counter(groups.get(c.group_id, "") if c.group_id else needs.get(c.need_id, "") for c in cases)
    )


# --- what a priority follows besides --------------------------------------------------------------


def _details(
    priority: Priority, own: Sequence[Asked], offers: Sequence[OnOffer], filters: Filters
) -> Iterable[tuple[str, str]]:
    if "educator-cpd" in priority.follows:
        yield "Training for educators on offer", count_words(_of_kind(offers, "educator-cpd"), "offer")
        yield "Educators who asked for some", count_words(educators_between(filters), "answer")
        yield (
            "Employers who would host a teacher",
            count_words(hosts(filters, Need.hosts_teacher), "employer"),
        )
    if "leadership" in priority.follows:
        small = {row.employer for row in own if row.size in SMALL}
        yield "Small and medium firms among those who asked", count_words(len(small), "firm")
        yield "Leadership programmes on offer", count_words(_of_kind(offers, "leadership-programme"), "offer")
        green = [o for o in offers if load_themes().groups and o.taught.theme.startswith("GRN-")]
        yield "Offers on green skills", count_words(len(green), "offer")
    if "t-levels" in priority.follows:
        shown, opened = shown_and_opened("t-level-placement", filters)
        yield "Employers shown a T Level placement", count_words(shown, "employer")
        yield "Employers who opened one", count_words(opened, "employer")
        yield (
            "Employers who would host a placement",
            count_words(hosts(filters, Need.hosts_t_level), "employer"),
        )
        yield "Placements on offer", count_words(_of_kind(offers, "t-level-placement"), "offer")
    if "ambassadors" in priority.follows:
        listed = (
            db.session.scalar(select(func.count(Ambassador.id)).where(Ambassador.ended_on.is_(None))) or 0
        )
        yield "Ambassadors listed", count_words(listed, "person", "people")
        yield "Answers “I would be an ambassador” that wait", count_words(waiting_answers(), "answer")


def _of_kind(offers: Sequence[OnOffer], kind: str) -> int:
    return sum(o.kind == kind for o in offers)


def educators_between(filters: Filters) -> int:
    """What educators asked for between two days."""
    days = func.count(EducatorAnswer.id)
    first, after = moments(filters)
    asked = select(days).where(EducatorAnswer.made_at >= first, EducatorAnswer.made_at < after)
    return db.session.scalar(asked) or 0


def moments(filters: Filters) -> tuple[datetime, datetime]:
    """The first moment of the days and the first after them, in UTC as times are stored."""
    from datetime import UTC, time, timedelta

    ends = (filters.first, filters.last + timedelta(1))
    first, after = (datetime.combine(day, time(), LOCAL).astimezone(UTC).replace(tzinfo=None) for day in ends)
    return first, after


def shown_and_opened(kind: str, filters: Filters) -> tuple[int, int]:
    """Employers that were shown an offer of this kind for a need of these dates, and those that opened one."""
    first, after = moments(filters)
    wanted = select(func.count(Need.id.distinct())).join(Facet, Facet.need_id == Need.id)
    wanted = wanted.join(NeedMatch, NeedMatch.facet_id == Facet.id).join(
        Offer, Offer.id == NeedMatch.offer_id
    )
    wanted = wanted.where(Offer.kind == kind, Need.created_at >= first, Need.created_at < after)
    wanted = wanted.where(Need.suspect.is_(False))
    opened = wanted.where(NeedMatch.opened_at.is_not(None))
    return db.session.scalar(wanted) or 0, db.session.scalar(opened) or 0


def waiting_answers() -> int:
    """Needs whose employer would be an ambassador, on which no officer has decided."""
    wanted = select(func.count(Need.id)).outerjoin(AmbassadorAnswer, AmbassadorAnswer.need_id == Need.id)
    wanted = wanted.where(
        Need.ambassador.is_(True), Need.status == "open", Need.suspect.is_(False), Need.text != ""
    )
    return db.session.scalar(wanted.where(AmbassadorAnswer.id.is_(None))) or 0


def english_table(
    area: Area, priority: Priority, rows: Sequence[Asked], offers: Sequence[OnOffer]
) -> tuple[tuple[str, str, int, int, int], ...]:
    """English asked for against what is on offer, by level and district; rows with neither are left out."""
    asked = by([r for r in rows if asks_for(priority)(r)], lambda r: f"{_level(r.level)}|{r.district}")
    own = Counter(
        f"{_level(o.level)}|{'anywhere' if o.taught.anywhere else o.taught.district}"
        for o in for_priority(priority, offers)
    )
    found = []
    places = {**{d.code: d.name for d in area.districts.values()}, "": "Place not said", "anywhere": "Online"}
    for level in (*map(str, LEVELS), ""):
        for code, name in places.items():
            some, there = asked.get(f"{level}|{code}", []), own.get(f"{level}|{code}", 0)
            if some or there:
                found.append((_level_words(level), name, len(some), len({r.employer for r in some}), there))
    return tuple(found)


def english_levels(
    priority: Priority, rows: Sequence[Asked], offers: Sequence[OnOffer]
) -> tuple[tuple[str, int, int, int], ...]:
    """English asked for against what is on offer, by level; levels with neither are left out."""
    asked = by([r for r in rows if asks_for(priority)(r)], lambda r: _level(r.level))
    own = Counter(_level(o.level) for o in for_priority(priority, offers))
    return tuple(
        (_level_words(level), len(some), len({r.employer for r in some}), own[level])
        for level in (*map(str, LEVELS), "")
        if (some := asked.get(level, [])) or own[level]
    )


def _level_words(level: str) -> str:
    return LEVELS[int(level)].split(" (")[0] if level else "Level not said"


def _level(level: int | None) -> str:
    return "" if level is None else str(level)


def listed_by_sector(area: Area) -> tuple[tuple[str, int], ...]:
    """The ambassadors that are listed, by sector; every sector is there, because an empty one is news as well."""
    listed = select(Ambassador.sector, func.count(Ambassador.id)).where(Ambassador.ended_on.is_(None))
    counted = {row[0]: row[1] for row in db.session.execute(listed.group_by(Ambassador.sector))}
    return tuple((s.name, counted.get(s.letter, 0)) for s in area.sectors)


# --- reports that were kept -----------------------------------------------------------------------


def latest_report() -> KeptReport | None:
    """The report that was kept last; None before the first."""
    return db.session.scalar(select(KeptReport).order_by(KeptReport.id.desc()).limit(1))


def all_reports() -> list[KeptReport]:
    """Every report that was kept, the latest first."""
    return list(db.session.scalars(select(KeptReport).order_by(KeptReport.id.desc())))


def keep_report(card: Scorecard, title: str, by_whom: str) -> KeptReport:
    """The scorecard's numbers, kept in the caller's transaction under this title."""
    figures: dict[str, Any] = {line.priority.code: line.figures for line in card.lines}
    row = KeptReport(
        title=title,
        first_day=card.filters.first,
        last_day=card.filters.last,
        figures={"priorities": figures, "whole": asdict(card.whole)},
        kept_at=now(),
        kept_by=by_whom,
    )
    db.session.add(row)
    db.session.flush()
    return row


def changes_since(report: KeptReport | None, line: Line) -> dict[str, str]:
    """Each figure against the report's, in words. A figure that the report or the line has not is left out."""
    was = (report.figures.get("priorities", {}) if report else {}).get(line.priority.code, {})
    found = {}
    for name, value in line.figures.items():
        before = was.get(name)
        if value is not None and before is not None:
            found[name] = change_words(value - before, share=name == "met_share")
    return found


def change_words(change: float, *, share: bool = False) -> str:
    """A change in words: "up 3", "down 4 points", "no change"."""
    size = round(abs(change) * 100) if share else round(abs(change))
    if not size:
        return "no change"
    return f"{'up' if change > 0 else 'down'} {size:,}{' points' if share else ''}"


def is_over(filters: Filters) -> bool:
    """True where the last day is past."""
    return filters.last < today()
