"""Need, Facet, NeedMatch and Correction: what one employer asked for, what was shown and what they said."""

from __future__ import annotations

from datetime import date, datetime
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
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from skillsmatch.database import Base, one_of
from skillsmatch.demand.models import DEMONSTRATION, OUTCOMES, UNMET, DemandSignal
from skillsmatch.offers.models import Offer

STATUSES = ("open", "withdrawn")
SIZE_BANDS = ("0-9", "10-49", "50-249", "250+")
WHO_FOR = ("present", "new", "both")
WHEN = ("now", "6-months", "1-year", "3-years")
AGES = ("16-18", "19-21", "22-24", "25+")


class Need(Base):
    """What one employer asked for, in their words. One form token makes one need, ever."""

    __tablename__ = "need"
    __table_args__ = (
        one_of("status", STATUSES, empty=False),
        one_of("size_band", SIZE_BANDS),
        one_of("who_for", WHO_FOR),
        one_of("wanted_when", WHEN),
        CheckConstraint("people IS NULL OR people >= 1", name="people_at_least_one"),
        CheckConstraint("level BETWEEN 0 AND 8", name="level_entry_to_8"),
        Index("ix_need_waiting", "matcher_version", "status"),  # asked every few seconds by `flask work`
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(32), unique=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    payload_digest: Mapped[str] = mapped_column(
        String(64)
    )  # the same token with other words is a change of mind
    created_at: Mapped[datetime] = mapped_column(DateTime, index=True)
    changed_at: Mapped[datetime] = mapped_column(DateTime)
    status: Mapped[str] = mapped_column(String(12), default="open")
    kept_until: Mapped[date] = mapped_column(Date)
    channel: Mapped[str] = mapped_column(String(12), default="web")
    suspect: Mapped[bool] = mapped_column(default=False)

    text: Mapped[str] = mapped_column(Text)
    outcode: Mapped[str] = mapped_column(String(4), default="")  # the full postcode is not kept
    place: Mapped[str] = mapped_column(String(75), default="")  # the place in words, as shown on the page
    district: Mapped[str] = mapped_column(String(9), default="")
    outside_area: Mapped[bool] = mapped_column(default=False)
    lat: Mapped[float | None]  # of the 1 km square, or of the postcode district's middle
    lon: Mapped[float | None]
    who_for: Mapped[str] = mapped_column(String(8), default="")
    people: Mapped[int | None]
    wanted_when: Mapped[str] = mapped_column(String(10), default="")
    size_band: Mapped[str] = mapped_column(String(8), default="")
    sic_section: Mapped[str] = mapped_column(String(1), default="")
    max_km: Mapped[float | None]
    modes: Mapped[list[str]] = mapped_column(JSON, default=list)
    attendance: Mapped[list[str]] = mapped_column(JSON, default=list)
    level: Mapped[int | None]
    budget: Mapped[float | None] = mapped_column(Numeric(10, 2, asdecimal=False))  # pounds in all
    strict: Mapped[bool] = mapped_column(
        default=False
    )  # leave out what misses a limit, instead of ranking it down
    ages: Mapped[list[str]] = mapped_column(JSON, default=list)
    from_words: Mapped[list[str]] = mapped_column(
        JSON, default=list
    )  # answers read out of the text, not given
    hosts_t_level: Mapped[bool] = mapped_column(default=False)
    hosts_teacher: Mapped[bool] = mapped_column(default=False)
    ambassador: Mapped[bool] = mapped_column(default=False)
    business_name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(320), default="")
    email_verified_at: Mapped[datetime | None] = mapped_column(DateTime)
    verify_digest: Mapped[str | None] = mapped_column(
        String(64), unique=True
    )  # single use: emptied when used
    verify_until: Mapped[datetime | None] = mapped_column(DateTime)
    manage_digest: Mapped[str | None] = mapped_column(String(64), unique=True)

    search_round: Mapped[int] = mapped_column(default=1)
    searched_at: Mapped[datetime | None] = mapped_column(DateTime)
    matcher_version: Mapped[str] = mapped_column(
        String(60), default=""
    )  # empty: the search was not available

    facets: Mapped[list[Facet]] = relationship(back_populates="need", order_by="Facet.position")

    @property
    def live_facets(self) -> list[Facet]:
        """The facets that still stand, in the order they were said."""
        return [f for f in self.facets if f.removed_at is None]

    @property
    def is_open(self) -> bool:
        """True until the employer withdraws the need."""
        return self.status == "open"


def is_here() -> ColumnElement[bool]:
    """True of a need that this service reads: an invented one is there in a demonstration only."""
    return true() if current_app.config["DEMO"] else Need.channel != DEMONSTRATION


class Facet(Base):
    """One skill need inside a need, coded, with what became of it. It points to its signal, never back."""

    __tablename__ = "facet"
    __table_args__ = (
        UniqueConstraint("need_id", "position"),
        one_of("outcome", OUTCOMES, empty=False),
        CheckConstraint("level BETWEEN 0 AND 8", name="level_entry_to_8"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    people: Mapped[int | None]
    level: Mapped[int | None]
    kind_hint: Mapped[str] = mapped_column(String(30), default="")
    theme: Mapped[str] = mapped_column(String(30), default="")
    theme_confirmed: Mapped[bool] = mapped_column(default=False)
    soc: Mapped[str] = mapped_column(String(4), default="")
    soc_confirmed: Mapped[bool] = mapped_column(default=False)
    choices: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict
    )  # the three likeliest themes and SOC groups
    strength: Mapped[float] = mapped_column(default=0.0)  # of the best match, 0 to 1
    outcome: Mapped[str] = mapped_column(String(16))
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)  # why nothing fitted, by the system
    employer_reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    employer_words: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(DateTime)
    removed_at: Mapped[datetime | None] = mapped_column(DateTime)
    signal_id: Mapped[int] = mapped_column(ForeignKey("demand_signal.id"), unique=True)

    need: Mapped[Need] = relationship(back_populates="facets")
    signal: Mapped[DemandSignal] = relationship()
    matches: Mapped[list[NeedMatch]] = relationship(back_populates="facet", order_by="NeedMatch.position")

    @property
    def is_unmet(self) -> bool:
        """True where nothing fitted, or the employer says so."""
        return self.outcome in UNMET


class NeedMatch(Base):
    """One offer as it was shown for a facet: in this place, with these words, by this matcher."""

    __tablename__ = "need_match"
    __table_args__ = (
        UniqueConstraint("facet_id", "search_round", "position"),
        Index("ix_need_match_shown", "facet_id", "search_round"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    facet_id: Mapped[int] = mapped_column(ForeignKey("facet.id"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    search_round: Mapped[int]
    position: Mapped[int]  # within the facet, from 1
    score: Mapped[float]
    strength: Mapped[float]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    shown: Mapped[dict[str, Any]] = mapped_column(JSON)  # the card's words, as committed
    offer_digest: Mapped[str] = mapped_column(String(32))
    matcher_version: Mapped[str] = mapped_column(String(60))
    shown_at: Mapped[datetime] = mapped_column(DateTime)  # when this list was made
    opened_at: Mapped[datetime | None] = mapped_column(DateTime)
    chosen_at: Mapped[datetime | None] = mapped_column(DateTime)

    facet: Mapped[Facet] = relationship(back_populates="matches")
    offer: Mapped[Offer] = relationship()


class Correction(Base):
    """What we had understood, and what the employer says is right. It will train the matcher."""

    __tablename__ = "correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    facet_id: Mapped[int | None] = mapped_column(ForeignKey("facet.id"), index=True)
    field: Mapped[str] = mapped_column(String(20))
    before: Mapped[Any] = mapped_column(JSON)
    after: Mapped[Any] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(DateTime)
