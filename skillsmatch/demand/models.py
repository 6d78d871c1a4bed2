"""DemandSignal and EmployerKey. Nothing here says who asked, and nothing points back to a need."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, DateTime, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from skillsmatch.database import Base, one_of

OUTCOMES = ("nothing-fitted", "offers-shown", "fits", "none-fits", "started")
UNMET = frozenset({"nothing-fitted", "none-fits"})
BASES = ("domain", "email", "need")


class EmployerKey(Base):
    """One employer as a keyed hash. Equal keys are the same employer; the key cannot be turned back."""

    __tablename__ = "employer_key"
    __table_args__ = (
        one_of("basis", BASES, empty=False),
        CheckConstraint("record_key BETWEEN 0 AND 4095", name="record_key_12_bits"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    record_key: Mapped[int]  # uniform 0 to 4095; the noise of the released tables comes from it
    basis: Mapped[str] = mapped_column(String(8))  # what the hash was made of
    created_at: Mapped[datetime] = mapped_column(DateTime)


class DemandSignal(Base):
    """The coded trace of one facet. Countable once its employer's e-mail is verified."""

    __tablename__ = "demand_signal"
    __table_args__ = (
        one_of("outcome", OUTCOMES, empty=False),
        CheckConstraint("level BETWEEN 0 AND 8", name="level_entry_to_8"),
        CheckConstraint("people IS NULL OR people >= 1", name="people_at_least_one"),
        Index("ix_demand_signal_counted", "countable_at", "theme"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_key_id: Mapped[int] = mapped_column(ForeignKey("employer_key.id"), index=True)
    theme: Mapped[str] = mapped_column(String(30), default="")  # empty: unclear
    theme_confirmed: Mapped[bool] = mapped_column(default=False)
    soc_guessed: Mapped[str] = mapped_column(String(4), default="")  # empty: unclear
    soc_confirmed: Mapped[str] = mapped_column(String(4), default="")
    sic_section: Mapped[str] = mapped_column(String(1), default="")
    district: Mapped[str] = mapped_column(String(9), default="")
    level: Mapped[int | None]
    need_kind: Mapped[str] = mapped_column(String(30), default="")  # the kind of training wanted, where said
    who_for: Mapped[str] = mapped_column(String(8), default="")
    size_band: Mapped[str] = mapped_column(String(8), default="")
    people: Mapped[int | None]
    made_on: Mapped[date] = mapped_column(Date)
    countable_at: Mapped[datetime | None] = mapped_column(DateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime)
    channel: Mapped[str] = mapped_column(String(12), default="web")
    outcome: Mapped[str] = mapped_column(String(16))
    reasons: Mapped[list[Any]] = mapped_column(
        JSON, default=list
    )  # reason codes, the system's and the employer's
    suspect: Mapped[bool] = mapped_column(
        default=False
    )  # looks automatic: kept, never counted unless confirmed

    employer_key: Mapped[EmployerKey] = relationship()
