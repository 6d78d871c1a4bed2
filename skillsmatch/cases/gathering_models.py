"""What the Chamber gathers itself: needs it wrote down, files it read, and the businesses it knows."""

from __future__ import annotations

from datetime import date, datetime

from flask import current_app
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from skillsmatch.accounts.models import Account
from skillsmatch.database import Base, one_of
from skillsmatch.demand.models import EmployerKey
from skillsmatch.needs.models import SIZE_BANDS, Need

CHANNELS = ("event", "phone", "visit", "meeting", "survey")  # how the Chamber heard of a need; need.channel
FILE_KINDS = ("survey", "members")
FILE_STATES = ("faulty", "read", "saved", "dropped")


class GatheredFile(Base):
    """One CSV file of an officer's, a survey or a list of members. `content` is kept until it is decided on."""

    __tablename__ = "gathered_file"
    __table_args__ = (
        one_of("kind", FILE_KINDS, empty=False),
        one_of("state", FILE_STATES, empty=False),
        CheckConstraint("(state IN ('saved', 'dropped')) = (ended_at IS NOT NULL)", name="ended_says_when"),
        CheckConstraint("ended_at IS NULL OR content IS NULL", name="ended_is_empty"),
        Index("ix_gathered_file_latest", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(8))
    file_name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the file as it was sent
    occasion: Mapped[str] = mapped_column(String(120), default="")  # which survey, in the officer's words
    met_on: Mapped[date | None] = mapped_column(Date)  # the day on which the survey ended
    rows: Mapped[int] = mapped_column(default=0)  # read below the header
    errors: Mapped[int] = mapped_column(default=0)
    counted: Mapped[bool] = mapped_column(default=False)  # whether an officer confirmed its employers
    withdrawn: Mapped[int] = mapped_column(default=0)  # rows left out: their employers withdrew the same words
    taken_at: Mapped[datetime] = mapped_column(DateTime)
    begun_at: Mapped[datetime | None] = mapped_column(DateTime)  # an officer pressed: its rows are being saved
    ended_at: Mapped[datetime | None] = mapped_column(DateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)

    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))

    @property
    def is_waiting(self) -> bool:
        """True until an officer has decided on it."""
        return self.state in ("read", "faulty") and self.begun_at is None

    @property
    def is_being_saved(self) -> bool:
        """True from the press until the last row is on record."""
        return self.state == "read" and self.begun_at is not None


class SurveyRow(Base):
    """One row of a survey that waits, as it was matched: what is saved is what was seen. It goes with the file."""

    __tablename__ = "survey_row"

    file_id: Mapped[int] = mapped_column(ForeignKey("gathered_file.id"), primary_key=True)
    file_row: Mapped[int] = mapped_column(primary_key=True)  # in the file; the header is row 1
    skills: Mapped[int]  # that it asks for
    unmet: Mapped[int]  # of them, those that nothing fits
    unclear: Mapped[int]  # of them, those whose theme is not clear
    found: Mapped[bytes] = mapped_column(LargeBinary)  # what was found, packed (cases/survey_rows.py)


class GatheredNeed(Base):
    """How the Chamber heard of a need that an officer wrote down or a survey brought."""

    __tablename__ = "gathered_need"
    __table_args__ = (
        one_of("channel", CHANNELS, empty=False),
        UniqueConstraint("file_id", "file_row"),
        CheckConstraint("(file_id IS NULL) = (file_row IS NULL)", name="row_of_a_file"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)  # officers know the need by it, never by its reference
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), unique=True)
    channel: Mapped[str] = mapped_column(String(8))
    occasion: Mapped[str] = mapped_column(String(120), default="")
    met_on: Mapped[date] = mapped_column(Date)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("gathered_file.id"))
    file_row: Mapped[int | None]  # in the file; the header is row 1
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime)  # an officer said that it counts
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    said_digest: Mapped[str | None] = mapped_column(String(64), index=True)  # who said what (cases/said.py)

    need: Mapped[Need] = relationship()


class KnownBusiness(Base):
    """A local business on the Chamber's own list, with its employer key, so that what it asks for is known as its."""

    __tablename__ = "known_business"
    __table_args__ = (one_of("size_band", SIZE_BANDS),)

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_key_id: Mapped[int] = mapped_column(ForeignKey("employer_key.id"), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    domain: Mapped[str] = mapped_column(String(253), default="")
    outcode: Mapped[str] = mapped_column(String(4), default="")  # the full postcode is not kept
    district: Mapped[str] = mapped_column(String(9), default="")
    sic_section: Mapped[str] = mapped_column(String(1), default="")
    size_band: Mapped[str] = mapped_column(String(8), default="")
    member: Mapped[bool] = mapped_column(default=False)
    loaded_at: Mapped[datetime] = mapped_column(DateTime)
    file_id: Mapped[int | None] = mapped_column(
        ForeignKey("gathered_file.id"), index=True
    )  # that said so last

    employer_key: Mapped[EmployerKey] = relationship()


def business_is_here() -> ColumnElement[bool]:
    """True of a business on the list, but for one that a demonstration's account put there, outside a demonstration."""
    if current_app.config["DEMO"]:
        return true()
    shown = select(GatheredFile.id).join(Account, Account.id == GatheredFile.account_id)
    known = KnownBusiness.file_id.not_in(shown.where(Account.demonstration))
    return or_(KnownBusiness.file_id.is_(None), known)


_LIVE = text("withdrawn_at IS NULL")


class QuoteConsent(Base):
    """That an employer ticked the box by which it may be quoted. Never deleted; agreeing again is a new row."""

    __tablename__ = "quote_consent"
    __table_args__ = (
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= given_at", name="withdrawn_after_given"),
        Index("uq_quote_consent_live", "need_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    wording: Mapped[str] = mapped_column(String(12))  # the version of the words beside the box
    given_at: Mapped[datetime] = mapped_column(DateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime)


class Quote(Base):
    """An employer's words as an officer checked them. They are shown under `described`, which is never refined."""

    __tablename__ = "quote"
    __table_args__ = (
        one_of("size", ("sme", *SIZE_BANDS)),
        CheckConstraint("(approved_at IS NULL) = (described = '')", name="approved_is_described"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), unique=True)
    words: Mapped[str] = mapped_column(String(1_000))  # what was left out stands as […]
    sector: Mapped[str] = mapped_column(
        String(1), default=""
    )  # SIC section that the description names, if it does
    size: Mapped[str] = mapped_column(String(8), default="")
    district: Mapped[str] = mapped_column(String(9), default="")
    described: Mapped[str] = mapped_column(String(200), default="")  # such as "Small manufacturer, Blaby"
    drafted_at: Mapped[datetime] = mapped_column(DateTime)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)

    need: Mapped[Need] = relationship()
