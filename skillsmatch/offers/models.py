"""Provider, Venue and Offer: what an employer could take up, who runs it and where."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from skillsmatch.area.kinds import Kind
from skillsmatch.database import Base, one_of

MODES = ("classroom", "online", "workplace", "blended")
STUDY_MODES = ("full-time", "part-time", "flexible")
ATTENDANCE = ("daytime", "evening", "weekend", "block")
DURATION_UNITS = ("minutes", "hours", "days", "weeks", "months", "years")


class Provider(Base):
    """An organisation that runs training, by its UK provider reference number."""

    __tablename__ = "provider"
    __table_args__ = (CheckConstraint("ukprn BETWEEN 10000000 AND 19999999", name="ukprn_eight_digits"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ukprn: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(255))
    town: Mapped[str] = mapped_column(String(75), default="")
    postcode: Mapped[str] = mapped_column(String(8), default="")
    website: Mapped[str] = mapped_column(String(255), default="")
    email: Mapped[str] = mapped_column(String(320), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    contact: Mapped[str] = mapped_column(String(120), default="", server_default="")  # whom to ask for
    enquiry_email: Mapped[str] = mapped_column(String(320), default="", server_default="")  # shown to nobody
    reminded_on: Mapped[date | None] = mapped_column(Date)  # when it was last reminded to look at its offers

    offers: Mapped[list[Offer]] = relationship(back_populates="provider")


class Venue(Base):
    """A place where a provider teaches."""

    __tablename__ = "venue"
    __table_args__ = (UniqueConstraint("provider_id", "name", "postcode"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    name: Mapped[str] = mapped_column(String(250))
    reference: Mapped[str] = mapped_column(String(255), default="", server_default="")  # the provider's own
    address: Mapped[str] = mapped_column(String(250), default="")
    town: Mapped[str] = mapped_column(String(75), default="")
    county: Mapped[str] = mapped_column(String(75), default="")
    postcode: Mapped[str] = mapped_column(String(8), default="")
    district: Mapped[str] = mapped_column(
        String(9), default="", index=True
    )  # ONS code; empty where not known
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    email: Mapped[str] = mapped_column(String(320), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    website: Mapped[str] = mapped_column(String(255), default="")

    provider: Mapped[Provider] = relationship()


class Offer(Base):
    """One thing an employer could take up. `digest` changes whenever anything a reader sees changes."""

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("source", "source_ref"),
        one_of("kind", tuple(Kind)),
        one_of("mode", MODES),
        one_of("study_mode", STUDY_MODES),
        one_of("attendance", ATTENDANCE),
        one_of("duration_unit", DURATION_UNITS),
        CheckConstraint("level BETWEEN 0 AND 8", name="level_entry_to_8"),
        CheckConstraint("cost >= 0", name="cost_not_negative"),
        Index("ix_offer_browse", "withdrawn_at", "kind", "route"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venue.id"), index=True)
    source: Mapped[str] = mapped_column(String(30))  # the file format it came in by
    source_ref: Mapped[str] = mapped_column(String(120))  # its own key in that source
    reference: Mapped[str] = mapped_column(String(255), default="", server_default="")  # the provider's own
    demonstration: Mapped[bool] = mapped_column(default=False)

    kind: Mapped[str] = mapped_column(String(30), index=True)
    title: Mapped[str] = mapped_column(String(255))
    who_for: Mapped[str] = mapped_column(Text, default="")
    what_learned: Mapped[str] = mapped_column(Text, default="")
    how_taught: Mapped[str] = mapped_column(Text, default="", server_default="")
    bring: Mapped[str] = mapped_column(Text, default="", server_default="")
    where_next: Mapped[str] = mapped_column(Text, default="", server_default="")
    entry_requirements: Mapped[str] = mapped_column(Text, default="")
    assessment: Mapped[str] = mapped_column(Text, default="")
    awarding_body: Mapped[str] = mapped_column(String(255), default="")
    level: Mapped[int | None]  # RQF: 0 is Entry
    route: Mapped[str] = mapped_column(String(30), default="", index=True)
    mode: Mapped[str] = mapped_column(String(12), default="")
    study_mode: Mapped[str] = mapped_column(String(12), default="")
    attendance: Mapped[str] = mapped_column(String(12), default="")
    start_dates: Mapped[list[str]] = mapped_column(JSON, default=list)  # ISO dates, earliest first
    flexible_start: Mapped[bool] = mapped_column(default=False)
    duration_value: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    duration_unit: Mapped[str] = mapped_column(String(8), default="")
    cost: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))  # pounds for one person, before any funding
    max_funding: Mapped[Decimal | None] = mapped_column(
        Numeric(10, 2)
    )  # pounds; the most the government funds
    cost_description: Mapped[str] = mapped_column(String(255), default="")
    national: Mapped[bool] = mapped_column(default=False)  # delivered anywhere in England
    regions: Mapped[str] = mapped_column(Text, default="")
    lars_ref: Mapped[str] = mapped_column(String(8), default="")
    standard_ref: Mapped[str] = mapped_column(String(6), default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    contact_email: Mapped[str] = mapped_column(String(320), default="", server_default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="", server_default="")

    source_updated: Mapped[date | None] = mapped_column(Date)
    confirmed_on: Mapped[date] = mapped_column(Date)
    confirmed_by: Mapped[str] = mapped_column(String(120), default="")
    digest: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(DateTime)
    changed_at: Mapped[datetime] = mapped_column(DateTime, index=True)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime)
    desk_at: Mapped[datetime | None] = mapped_column(
        DateTime
    )  # when its provider last changed it at the desk: a load by the operator then leaves it alone

    provider: Mapped[Provider] = relationship(back_populates="offers")
    venue: Mapped[Venue | None] = relationship()

    def starts_after(self, day: date) -> list[date]:
        """The start dates from `day` on, earliest first."""
        return [d for d in map(date.fromisoformat, self.start_dates) if d >= day]

    def next_start(self, day: date) -> date | None:
        """The first start on or after `day`; None where none is known."""
        return next(iter(self.starts_after(day)), None)

    def date_has_passed(self, day: date) -> bool:
        """True where the offer has dates, all of them before `day`, and cannot start at any time."""
        return bool(self.start_dates) and not self.flexible_start and not self.starts_after(day)


class Catalogue(Base):
    """One row: how often the catalogue has changed. The search index names the number it was built from."""

    __tablename__ = "catalogue"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime | None] = mapped_column(DateTime)
    last_load: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # file name and its counts
