"""DemandSignal and EmployerKey; Release and ReleaseCell. Nothing here says who asked, or points back to a need."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from skillsmatch.database import Base, one_of

OUTCOMES = ("nothing-fitted", "offers-shown", "fits", "none-fits", "started")
UNMET = frozenset({"nothing-fitted", "none-fits"})
BASES = ("domain", "email", "need")
DEMONSTRATION = "demo"  # the channel of invented signals; they count in demonstration mode only
STATES = ("draft", "published", "withdrawn", "too-few")
PERIOD_KINDS = ("quarter", "year")


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
    provider: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # a college's or training provider's domain: not counted unless an officer confirms it
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime)  # by an officer, as asking as an employer


class EmployerPair(Base):
    """What an officer decided of two keys: the same employer, or not. Undone, the row stays as history."""

    __tablename__ = "employer_pair"
    __table_args__ = (
        CheckConstraint("key_id < other_id", name="older_first"),
        Index(
            "uq_employer_pair_live",
            "key_id",
            "other_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("employer_key.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("employer_key.id"), index=True)
    same: Mapped[bool]
    decided_at: Mapped[datetime] = mapped_column(DateTime)
    undone_at: Mapped[datetime | None] = mapped_column(DateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)


class MergedEmployer(Base):
    """A key that counts as another one, by the pairs that stand. Worked out from them, never written by hand."""

    __tablename__ = "merged_employer"
    __table_args__ = (CheckConstraint("key_id <> root_id", name="another"),)

    key_id: Mapped[int] = mapped_column(ForeignKey("employer_key.id"), primary_key=True)
    root_id: Mapped[int] = mapped_column(ForeignKey("employer_key.id"), index=True)
    record_key: Mapped[int]  # the root's: the noise of a cell is one employer's


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


class Release(Base):
    """The safe tables of one period, made once. A draft is for officers; published, it never changes again."""

    __tablename__ = "release"
    __table_args__ = (
        one_of("state", STATES, empty=False),
        one_of("kind", PERIOD_KINDS, empty=False),
        CheckConstraint("year_start_month BETWEEN 1 AND 12", name="year_start_month_of_a_year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(
        String(6), unique=True
    )  # "2026Q4" or "2026": one release each, for ever
    kind: Mapped[str] = mapped_column(String(8))
    year_start_month: Mapped[int]  # the area's; fixed by the first release
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    made_at: Mapped[datetime] = mapped_column(DateTime)
    published_at: Mapped[datetime | None] = mapped_column(DateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime)
    notice: Mapped[str] = mapped_column(Text, default="")  # why it was withdrawn, or was never made
    method: Mapped[dict[str, int]] = mapped_column(JSON)  # the parameters it was made with
    loosened: Mapped[list[str]] = mapped_column(
        JSON, default=list
    )  # what protects less than it should, in words
    demonstration: Mapped[bool] = mapped_column(default=False)

    @property
    def is_published(self) -> bool:
        """True while everyone may read it."""
        return self.state == "published"


class ReleaseCell(Base):
    """One number that may be shown. The true count is kept nowhere; the database refuses to change a published one."""

    __tablename__ = "release_cell"

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"), primary_key=True)
    table_name: Mapped[str] = mapped_column(String(30), primary_key=True)
    first: Mapped[str] = mapped_column(String(30), primary_key=True)  # code of the category
    second: Mapped[str] = mapped_column(String(30), primary_key=True)  # empty in a table of one dimension
    shown: Mapped[int | None]  # None: fewer than the threshold, or none at all
