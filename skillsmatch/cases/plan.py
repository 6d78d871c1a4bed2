"""The plan's own tables: actions, measures, ambassadors, what educators ask for, and reports that were kept.

What an officer saves of actions, measures and reports is added and never changed: the database refuses it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from skillsmatch.accounts.demonstration import NAMES
from skillsmatch.database import Base, one_of

RAG = {"green": "Green: on course", "amber": "Amber: at risk", "red": "Red: off course"}
DECISIONS = ("listed", "not-now")
WAYS = {
    "course": "A short course",
    "qualification": "A qualification",
    "visit": "Days with an employer",
    "speaker": "Somebody from industry who comes to us",
    "online": "Learning online",
}


INVENTED = "demonstration-"  # how the receipt of an educator's invented answer begins; no form makes such a one


def not_invented(saved_by: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """True of a row that this service reads: one with a demonstration's name for who saved it is there in one only."""
    if current_app.config["DEMO"]:
        return true()
    return saved_by.not_in([name for name, _organisation in NAMES.values()])


class PlanAction(Base):
    """One action of the plan as it was saved: who owns it, by when, done or not. Saving again is a new row."""

    __tablename__ = "plan_action"
    __table_args__ = (
        UniqueConstraint("action", "number"),
        one_of("rag", tuple(RAG)),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint(
            "due_on IS NULL OR starts_on IS NULL OR due_on >= starts_on", name="due_after_its_start"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[int] = mapped_column(index=True)  # the action's own number, from 1
    number: Mapped[int]  # of the version, from 1
    priority: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(300))
    owner: Mapped[str] = mapped_column(String(200), default="")  # the organisation that owns it
    partners: Mapped[str] = mapped_column(String(500), default="")
    starts_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    success: Mapped[str] = mapped_column(Text, default="")  # how one would know that it worked
    progress: Mapped[str] = mapped_column(Text, default="")
    rag: Mapped[str] = mapped_column(String(5), default="")
    done_on: Mapped[date | None] = mapped_column(Date)
    public: Mapped[bool] = mapped_column(
        default=False
    )  # may stand on the board's page and in the public pack
    removed: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime] = mapped_column(DateTime)
    saved_by: Mapped[str] = mapped_column(String(120))

    def is_overdue(self, day: date) -> bool:
        """True where its day has passed and it is not done."""
        return self.done_on is None and self.due_on is not None and self.due_on < day


class MeasureAdded(Base):
    """A measure that an officer added to those of the area's file."""

    __tablename__ = "measure"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(Text, default="")
    priority: Mapped[str] = mapped_column(String(20), default="")
    added_at: Mapped[datetime] = mapped_column(DateTime)
    added_by: Mapped[str] = mapped_column(String(120))


class MeasureVersion(Base):
    """A measure as an officer changed it. Saving again is a new row; version 0, not stored here, is as it was added."""

    __tablename__ = "measure_version"
    __table_args__ = (UniqueConstraint("code", "number"), CheckConstraint("number >= 1", name="number_from_one"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]  # of the version, from 1
    title: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(Text, default="")
    priority: Mapped[str] = mapped_column(String(20), default="")
    removed: Mapped[bool] = mapped_column(default=False)  # no longer followed; its values are kept
    saved_at: Mapped[datetime] = mapped_column(DateTime)
    saved_by: Mapped[str] = mapped_column(String(120))


class MeasureEntry(Base):
    """The value of a measure on one day. The latest entry of a day stands; an empty value takes it back."""

    __tablename__ = "measure_entry"
    __table_args__ = (Index("ix_measure_entry_measure_day", "measure", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(String(40))  # its code
    day: Mapped[date] = mapped_column(Date)
    value: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    note: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(300), default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    added_at: Mapped[datetime] = mapped_column(DateTime)
    added_by: Mapped[str] = mapped_column(String(120))


class Ambassador(Base):
    """Somebody who agreed to tell other employers about apprenticeships, with the words they agreed to."""

    __tablename__ = "ambassador"
    __table_args__ = (Index("ix_ambassador_listed", "ended_on", "sector"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(120), default="")
    business: Mapped[str] = mapped_column(String(200))
    sector: Mapped[str] = mapped_column(String(1))
    district: Mapped[str] = mapped_column(String(9), default="")
    words: Mapped[str] = mapped_column(Text)
    reach: Mapped[str] = mapped_column(String(320), default="")  # shown to everybody
    agreed_on: Mapped[date] = mapped_column(Date)
    added_at: Mapped[datetime] = mapped_column(DateTime)
    changed_at: Mapped[datetime] = mapped_column(DateTime)
    ended_on: Mapped[date | None] = mapped_column(Date)
    demonstration: Mapped[bool] = mapped_column(default=False, server_default=false())  # listed by its account


def ambassador_is_here() -> ColumnElement[bool]:
    """True of an ambassador that this service shows: one of a demonstration is there in one only."""
    return true() if current_app.config["DEMO"] else Ambassador.demonstration.is_(False)


class AmbassadorAnswer(Base):
    """What an officer did about an employer's "I would speak up for apprenticeships". It holds nothing of the need."""

    __tablename__ = "ambassador_answer"
    __table_args__ = (one_of("decision", DECISIONS, empty=False),)

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), unique=True)
    decision: Mapped[str] = mapped_column(String(8))
    decided_at: Mapped[datetime] = mapped_column(DateTime)
    decided_by: Mapped[str] = mapped_column(String(120))


class EducatorAnswer(Base):
    """What a teacher or trainer wants to learn. One form makes one row, however often it is sent."""

    __tablename__ = "educator_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(String(32), unique=True)
    made_at: Mapped[datetime] = mapped_column(DateTime, index=True)
    words: Mapped[str] = mapped_column(Text)  # emptied when its time is over, as the address is
    group: Mapped[str] = mapped_column(String(30), default="")  # theme group that they teach
    ways: Mapped[list[str]] = mapped_column(JSON, default=list)
    organisation: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(320), default="")  # given so that the Chamber may write
    kept_until: Mapped[date] = mapped_column(Date)


def educator_is_here() -> ColumnElement[bool]:
    """True of an educator's answer that this service reads: an invented one is there in a demonstration only."""
    return true() if current_app.config["DEMO"] else ~EducatorAnswer.receipt.startswith(INVENTED)


class KeptReport(Base):
    """The scorecard's numbers on the day of a report, so that the next can say what changed."""

    __tablename__ = "kept_report"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="ends_after_it_begins"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    figures: Mapped[dict[str, Any]] = mapped_column(
        JSON
    )  # by priority code: employers, people, met and so on
    kept_at: Mapped[datetime] = mapped_column(DateTime)
    kept_by: Mapped[str] = mapped_column(String(120))
