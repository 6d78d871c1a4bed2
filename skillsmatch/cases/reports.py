"""Reports that were kept: the scorecard as it was on one day, so that the next one can say what changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from skillsmatch.cases.asked import Filters
from skillsmatch.cases.days import plain_day
from skillsmatch.cases.measures import amount_words
from skillsmatch.cases.plan import KeptReport, not_invented
from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.words import count_words

if TYPE_CHECKING:
    from skillsmatch.cases.scorecard import Line, Scorecard

# What of a line is kept with a report, and how it is named.
FIGURES = {
    "employers": "Employers who asked",
    "facets": "Skills asked for",
    "met_share": "Something fitted",
    "offers": "Offers then",
    "started": "Training started",
    "cases": "Cases opened",
    "done": "Actions done",
    "actions": "Actions",
}
ALIKE = 7  # days by which two spans may differ and still be set beside each other without a word


class NameTaken(ValueError):
    """A report of this name is kept already; nothing was changed."""


def last_report(filters: Filters) -> KeptReport | None:
    """The report that a scorecard of these dates follows: the latest to end before their last day, of equals the one
    kept last. None before the first. One for the same last day, or for a later one, is no earlier report."""
    earlier = _kept_here().where(KeptReport.last_day < filters.last)
    return db.session.scalar(earlier.order_by(KeptReport.last_day.desc(), KeptReport.id.desc()).limit(1))


def all_reports() -> list[KeptReport]:
    """Every report that was kept, the latest first."""
    return list(db.session.scalars(_kept_here().order_by(KeptReport.id.desc())))


def find_report(number: int) -> KeptReport | None:
    """The report of this number; None where there is none."""
    return db.session.scalar(_kept_here().where(KeptReport.id == number))


def _kept_here() -> Select[tuple[KeptReport]]:
    return select(KeptReport).where(not_invented(KeptReport.kept_by))


def keep_report(card: Scorecard, title: str, by_whom: str) -> KeptReport:
    """All that the scorecard shows, kept in the caller's transaction under this title.

    Refused (NameTaken) where a report has this title: pressing the button twice keeps one.
    """
    if db.session.scalar(_kept_here().where(KeptReport.title == title).limit(1)) is not None:
        raise NameTaken(title)
    row = KeptReport(
        title=title,
        first_day=card.filters.first,
        last_day=card.filters.last,
        figures=_kept(card),
        kept_at=now(),
        kept_by=by_whom,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _kept(card: Scorecard) -> dict[str, Any]:
    return {
        "priorities": {line.priority.code: line.figures for line in card.lines},
        "named": {line.priority.code: _named(line) for line in card.lines},
        "whole": asdict(card.whole) | {"started": card.starts.skills},
        "measures": [
            [one.measure.title, amount_words(one.latest.value, one.measure.unit), str(one.latest.day)]
            for one in card.measures
            if one.latest
        ],
    }


def _named(line: Line) -> dict[str, Any]:
    """The priority as it was called, and what the scorecard told of it besides: a later version changes none of it."""
    return {
        "title": line.priority.title,
        "valid_from": str(line.priority.valid_from),
        "valid_to": str(line.priority.valid_to or ""),
        "details": [list(one) for one in line.details],
        "owned": [[a.title, a.owner, str(a.due_on or ""), str(a.done_on or "")] for a in line.actions],
    }


def spans_differ(report: KeptReport, filters: Filters) -> str:
    """What to say where the report's days and these are not alike; "" where their numbers can be set side by side."""
    if report.first_day == filters.first:
        return f"Both begin on {plain_day(filters.first)}, so a change is what came since."
    own, then = _days(filters.first, filters.last), _days(report.first_day, report.last_day)
    if abs(own - then) <= ALIKE:
        return ""
    return (
        f"It has {count_words(then, 'day')} and this page {own:,}, so compare shares and offers: numbers of employers, "
        "starts and cases grow with the days."
    )


def _days(first: date, last: date) -> int:
    return (last - first).days + 1


def changes_since(report: KeptReport | None, code: str, figures: Mapping[str, float | None]) -> dict[str, str]:
    """Each figure of a priority against the report's, in words. One that either has not is left out."""
    was = (report.figures.get("priorities", {}) if report else {}).get(code, {})
    return {
        name: change_words(value - was[name], share=name == "met_share")
        for name, value in figures.items()
        if value is not None and was.get(name) is not None
    }


def change_words(change: float, *, share: bool = False) -> str:
    """A change in words: "up 3", "down 4 points", "no change"."""
    size = round(abs(change) * 100) if share else round(abs(change))
    if not size:
        return "no change"
    unit = (" point" if size == 1 else " points") if share else ""
    return f"{'up' if change > 0 else 'down'} {size:,}{unit}"
