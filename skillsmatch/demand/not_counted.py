"""Employers that asked and do not count, for officers: key numbers and counts, and no words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select

from skillsmatch.demand.employers import provider_digests
from skillsmatch.demand.models import DEMONSTRATION, DemandSignal, EmployerKey
from skillsmatch.demand.periods import quarter_of
from skillsmatch.extensions import db

BASES = {"domain": "a business's own domain", "email": "a free mailbox", "need": "neither e-mail nor domain"}
COLLEGE, AUTOMATIC, UNCONFIRMED = "college", "automatic", "unconfirmed"
WHY = {
    COLLEGE: "A college's or training provider's domain",
    AUTOMATIC: "Looks automatic",
    UNCONFIRMED: "No confirmed e-mail",
}
MOST = 200  # rows of one page; the counts above them are of all


@dataclass(frozen=True)
class NotCounted:
    """One employer key that does not count, wholly or in part."""

    number: int
    basis: str  # in words
    why: str  # a key of WHY
    signals: int  # skills asked for, those withdrawn left out
    last_quarter: str  # in which it last asked


@dataclass(frozen=True)
class Overview:
    """How many there are for each reason, and the latest of them."""

    counts: dict[str, int]  # words of the reason, and employers
    rows: tuple[NotCounted, ...]


def look(start_month: int) -> Overview:
    """The employers that do not count, those of colleges first, then the latest. Reads employers' rows."""
    found = [_row(row, start_month) for row in db.session.execute(_query())]
    counts = Counter(row.why for row in found)
    order = list(WHY)
    ranked = sorted(found, key=lambda row: order.index(row.why))  # the query has put the latest first
    return Overview({WHY[why]: counts[why] for why in order}, tuple(ranked[:MOST]))


def one(number: int, start_month: int) -> NotCounted | None:
    """The same of one employer; None where it counts already, or where there is no such key."""
    row = db.session.execute(_query().where(EmployerKey.id == number)).first()
    return _row(row, start_month) if row else None


def _query() -> Select[Any]:
    """One row for each employer that does not count, wholly or in part."""
    digests = provider_digests()
    college = or_(EmployerKey.provider, EmployerKey.digest.in_(digests)) if digests else EmployerKey.provider
    suspect = func.sum(case((DemandSignal.suspect, 1), else_=0))
    waiting = func.sum(case((DemandSignal.countable_at.is_(None), 1), else_=0))
    signals = func.count(DemandSignal.id)
    kept: ColumnElement[bool] = DemandSignal.withdrawn_at.is_(None)
    if not current_app.config["DEMO"]:
        kept = and_(kept, DemandSignal.channel != DEMONSTRATION)
    is_college = func.max(case((college, 1), else_=0))
    last = func.max(DemandSignal.made_on)
    return (
        select(
            EmployerKey.id,
            EmployerKey.basis,
            is_college.label("college"),
            suspect.label("suspect"),
            signals.label("signals"),
            last.label("last"),
        )
        .join(DemandSignal, DemandSignal.employer_key_id == EmployerKey.id)
        .where(kept)
        .group_by(EmployerKey.id, EmployerKey.basis, EmployerKey.confirmed_at)
        .having(
            or_(
                and_(EmployerKey.confirmed_at.is_(None), or_(is_college == 1, suspect > 0)),
                waiting == signals,
            )
        )
        .order_by(last.desc(), EmployerKey.id.desc())
    )


def _row(row: Row[Any], start_month: int) -> NotCounted:
    last = row.last if isinstance(row.last, date) else date.fromisoformat(row.last)
    why = COLLEGE if row.college else AUTOMATIC if row.suspect else UNCONFIRMED
    return NotCounted(row.id, BASES[row.basis], why, row.signals, quarter_of(last, start_month).words)
