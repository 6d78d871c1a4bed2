"""Upload, OfferDraft and PlannedPlaces: what a provider does at its desk, and is nobody else's to see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from skillsmatch.database import Base, one_of
from skillsmatch.offers.models import Offer, Provider

STATES = ("faulty", "read", "applied", "undone", "dropped")


class Upload(Base):
    """One file of a provider's. `content` is kept while it may be needed, `undo` while it may be undone."""

    __tablename__ = "upload"
    __table_args__ = (
        one_of("state", STATES, empty=False),
        Index("ix_upload_latest", "provider_id", "uploaded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    uploaded_by: Mapped[str] = mapped_column(String(120))  # the person's name; the audit log has the account
    uploaded_at: Mapped[datetime] = mapped_column(DateTime)
    file_name: Mapped[str] = mapped_column(String(200))
    format: Mapped[str] = mapped_column(
        String(30), default=""
    )  # as offer.source; empty where it has none we know
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the file as it was sent
    whole: Mapped[bool] = mapped_column(
        default=False
    )  # said to be everything: what it does not name is withdrawn
    state: Mapped[str] = mapped_column(String(8))

    rows: Mapped[int] = mapped_column(default=0)  # read below the header
    errors: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    applied_by: Mapped[str] = mapped_column(String(120), default="")
    applied_at: Mapped[datetime | None] = mapped_column(DateTime)
    ended_by: Mapped[str] = mapped_column(String(120), default="")  # who undid or dropped it
    ended_at: Mapped[datetime | None] = mapped_column(DateTime)

    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))  # the file as it was sent
    undo: Mapped[bytes | None] = deferred(
        mapped_column(LargeBinary)
    )  # what stood before, and what stood after

    provider: Mapped[Provider] = relationship()


class OfferDraft(Base):
    """What somebody has typed of an offer and not put on offer. It need not be right, and only its provider sees it."""

    __tablename__ = "offer_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), index=True)  # empty for a new offer
    token: Mapped[str] = mapped_column(String(40), unique=True)  # of the form: sent twice, it is one draft
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)  # the boxes of the form, as typed
    saved_by: Mapped[str] = mapped_column(String(120))
    saved_at: Mapped[datetime] = mapped_column(DateTime)
    saves: Mapped[int] = mapped_column(default=1)  # tells a later save from an earlier one

    offer: Mapped[Offer | None] = relationship()

    @property
    def title(self) -> str:
        """What it is called so far."""
        return str(self.answers.get("title") or "") or "An offer without a name yet"


class PlannedPlaces(Base):
    """How many places a provider plans on an offer in one quarter of the year."""

    __tablename__ = "planned_places"
    __table_args__ = (
        UniqueConstraint("offer_id", "quarter"),
        CheckConstraint("places >= 0", name="places_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    quarter: Mapped[str] = mapped_column(String(7))  # "2027-Q1": January to March
    places: Mapped[int]  # people
    saved_by: Mapped[str] = mapped_column(String(120))
    saved_at: Mapped[datetime] = mapped_column(DateTime)
