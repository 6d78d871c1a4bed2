"""The scorecard: how each of the plan's priorities stands, in exact numbers, for officers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from skillsmatch.area.areas import Area, Priority
from skillsmatch.area.kinds import Kind
from skillsmatch.area.priorities import priorities_between
from skillsmatch.area.themes import load_themes
from skillsmatch.cases import ambassadors
from skillsmatch.cases.actions import all_actions
from skillsmatch.cases.asked import (
    SMALL,
    Asked,
    Filters,
    Sum,
    asked_rows,
    asks_for,
    can_be_asked_for,
    employers_of_needs,
    sum_of,
)
from skillsmatch.cases.case_models import Case, case_is_here
from skillsmatch.cases.english import English, english
from skillsmatch.cases.measures import Followed, all_measures
from skillsmatch.cases.models import NeedGroup
from skillsmatch.cases.on_offer import OnOffer, for_priority, on_offer
from skillsmatch.cases.plan import EducatorAnswer, KeptReport, PlanAction, educator_is_here
from skillsmatch.cases.reports import changes_since, last_report
from skillsmatch.cases.starts import Starts, starts_between, starts_of
from skillsmatch.clock import today
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.offers.models import Offer
from skillsmatch.words import count_words

GREEN = "GRN"  # the theme group of green skills


@dataclass(frozen=True, slots=True)
class Line:
    """One priority on the scorecard."""

    priority: Priority
    asked: Sum | None  # None where no demand can tell of it: it names no theme, occupation, kind or sector
    starts: Starts | None  # within these dates, whenever it was asked for; None as `asked` is
    offers: int | None  # that stand today; None as `asked` is
    cases: int | None  # opened in these dates; None where the priority names no theme
    actions: tuple[PlanAction, ...]
    measures: tuple[Followed, ...]
    changes: Mapping[str, str]  # by the name of a figure, since the last report, in words; empty without one
    details: tuple[tuple[str, str], ...]  # what the priority `follows` besides: name and value in words

    @property
    def figures(self) -> dict[str, float | int | None]:
        """The numbers that a report keeps, by the names in reports.FIGURES."""
        asked = self.asked
        return {
            "employers": asked.employers if asked else None,
            "facets": asked.facets if asked else None,
            "met_share": round(asked.met_share, 4) if asked and asked.met_share is not None else None,
            "offers": self.offers,
            "started": self.starts.skills if self.starts else None,
            "cases": self.cases,
            "done": sum(a.done_on is not None for a in self.actions),
            "actions": len(self.actions),
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
    starts: Starts  # of all needs, within these dates
    report: KeptReport | None  # what the changes are since
    english: English | None  # None where no priority in force follows it
    ambassadors: tuple[tuple[str, int], ...]  # sector and how many are listed
    measures: tuple[Followed, ...]  # all of them, those of a priority too


def scorecard(area: Area, first: date, last: date) -> Scorecard:
    """The scorecard of these days. Reads every row of them once; works where there is none."""
    filters = Filters(first, last)
    rows, started, offers = asked_rows(filters, area), starts_between(filters, area), on_offer()
    report, measures = last_report(filters), all_measures(area)
    priorities = priorities_between(area, first, last)
    lines = _lines(priorities, rows, started, offers, filters, measures, report)
    asks_english = next((p for p in priorities if "english" in p.follows), None)
    return Scorecard(
        filters=filters,
        lines=tuple(lines),
        whole=sum_of(rows),
        starts=starts_of(started),
        report=report,
        english=english(area, asks_english, rows, offers, last) if asks_english else None,
        ambassadors=ambassadors.by_sector(area),
        measures=tuple(measures),
    )


def _lines(
    priorities: Iterable[Priority],
    rows: Sequence[Asked],
    started: Sequence[Asked],
    offers: Sequence[OnOffer],
    filters: Filters,
    measures: Sequence[Followed],
    report: KeptReport | None,
) -> Iterable[Line]:
    every, cases = all_actions(), cases_by_theme(filters)
    actions = by_priority(every)
    for priority in priorities:
        about, told = asks_for(priority), can_be_asked_for(priority)
        own, themes = list(filter(about, rows)), _themes_of(priority)
        line = Line(
            priority=priority,
            asked=sum_of(own) if told else None,
            starts=starts_of(filter(about, started)) if told else None,
            offers=len(for_priority(priority, offers)) if told else None,
            cases=sum(cases.get(code, 0) for code in themes) if themes else None,
            actions=tuple(actions.get(priority.code, ())),
            measures=tuple(m for m in measures if m.measure.priority == priority.code),
            changes={},
            details=(*_details(priority, own, offers, filters), *_accountability(priority, every)),
        )
        yield replace(line, changes=changes_since(report, priority.code, line.figures))


def _themes_of(priority: Priority) -> list[str]:
    return [t.code for t in load_themes().themes.values() if priority.names(t)]


def by_priority(actions: Iterable[PlanAction]) -> dict[str, list[PlanAction]]:
    """The actions of each priority, in their order."""
    found: dict[str, list[PlanAction]] = {}
    for action in actions:
        found.setdefault(action.priority, []).append(action)
    return found


def cases_by_theme(filters: Filters) -> dict[str, int]:
    """Cases opened between two days, by the theme of their group or of their need's first skill."""
    first, after = filters.moments
    opened = select(Case.group_id, Case.need_id).where(Case.opened_at >= first, Case.opened_at < after)
    opened = opened.where(case_is_here())
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
            _employers_words(_who_offer(filters, Need.hosts_teacher)),
        )
    if "leadership" in priority.follows:
        small = {row.employer for row in own if row.size in SMALL}
        yield "Small and medium firms among those who asked", count_words(len(small), "firm")
        yield "Leadership programmes on offer", count_words(_of_kind(offers, "leadership-programme"), "offer")
        green = {theme.code for theme in load_themes().themes.values() if theme.group == GREEN}
        yield "Offers on green skills", count_words(sum(o.taught.theme in green for o in offers), "offer")
    if "t-levels" in priority.follows:
        shown = employers_of_needs(filters).join(NeedMatch).join(Offer, Offer.id == NeedMatch.offer_id)
        shown = shown.where(Offer.kind == Kind.T_LEVEL_PLACEMENT)
        yield "Employers shown a T Level placement", _employers_words(shown)
        yield "Employers who opened one", _employers_words(shown.where(NeedMatch.opened_at.is_not(None)))
        yield (
            "Employers who would host a placement",
            _employers_words(_who_offer(filters, Need.hosts_t_level)),
        )
        yield "Placements on offer", count_words(_of_kind(offers, "t-level-placement"), "offer")
    if "ambassadors" in priority.follows:
        yield "Ambassadors listed", count_words(ambassadors.count_listed(), "person", "people")
        waiting = count_words(ambassadors.count_waiting(), "answer")
        yield "Answers “I would be an ambassador” that wait", waiting


def _accountability(priority: Priority, actions: Sequence[PlanAction]) -> Iterable[tuple[str, str]]:
    """How the plan's actions stand in all, whatever their priority."""
    if "accountability" in priority.follows:
        owners = {action.owner for action in actions}
        yield "Actions of the whole plan", f"{len(actions):,}, led by {count_words(len(owners), 'organisation')}"
        yield "Done", f"{sum(action.done_on is not None for action in actions):,}"
        yield "Overdue", f"{sum(action.is_overdue(today()) for action in actions):,}"


def _employers_words(wanted: Select[tuple[int]]) -> str:
    return count_words(db.session.scalar(wanted) or 0, "employer")


def _who_offer(filters: Filters, help_offered: Any) -> Select[tuple[int]]:
    """Employers that ticked one of the form's offers of help ("We can host ...") in a need of these dates."""
    return employers_of_needs(filters).where(help_offered.is_(True))


def _of_kind(offers: Sequence[OnOffer], kind: str) -> int:
    return sum(o.kind == kind for o in offers)


def educators_between(filters: Filters) -> int:
    """What educators asked for between two days."""
    days = func.count(EducatorAnswer.id)
    first, after = filters.moments
    asked = select(days).where(EducatorAnswer.made_at >= first, EducatorAnswer.made_at < after)
    return db.session.scalar(asked.where(educator_is_here())) or 0
