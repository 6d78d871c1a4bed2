"""Consent, ChamberConsent, Lead and LeadReply; the notices of cohorts; a college's class size and its alerts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from skillsmatch.accounts.models import Account
from skillsmatch.database import Base, one_of
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.models import Offer, Provider

PURPOSES = ("share", "pool")
RECIPIENTS = ("named", "nearby", "chosen")  # pooling is for whoever may see the need: the chosen
REPLIES = ("contact", "offer", "cannot")
CLOSED = ("stopped", "withdrawn")
_LIVE = text("withdrawn_at IS NULL")


class Consent(Base):
    """One box that an employer ticked. It is never deleted and given only once: agreeing again is a new row."""

    __tablename__ = "consent"
    __table_args__ = (
        one_of("purpose", PURPOSES, empty=False),
        one_of("recipients", RECIPIENTS, empty=False),
        CheckConstraint("(recipients = 'named') = (ukprn > 0)", name="named_has_ukprn"),
        CheckConstraint("(purpose = 'pool') = (recipients = 'chosen')", name="pool_is_for_the_chosen"),
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= given_at", name="withdrawn_after_given"),
        Index(
            "uq_consent_live",
            "need_id",
            "purpose",
            "recipients",
            "ukprn",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_consent_ukprn", "ukprn", "withdrawn_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(8))
    recipients: Mapped[str] = mapped_column(String(8))
    ukprn: Mapped[int] = mapped_column(default=0)  # of the named provider; 0 where none is named
    wording: Mapped[str] = mapped_column(String(12))  # the version of the words beside the box
    given_at: Mapped[datetime] = mapped_column(DateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime)


class ChamberConsent(Base):
    """That an employer ticked the Chamber's own box. Never deleted; agreeing again is a new row.

    A table of its own, so that nothing which a provider sees or is told of can come from it.
    """

    __tablename__ = "chamber_consent"
    __table_args__ = (
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= given_at", name="withdrawn_after_given"),
        Index("uq_chamber_consent_live", "need_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    chamber: Mapped[str] = mapped_column(Text)  # its name as it stood in the words beside the box
    wording: Mapped[str] = mapped_column(String(12))  # the version of these words
    given_at: Mapped[datetime] = mapped_column(DateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime)


class Lead(Base):
    """A need its employer agreed to share. Who may see it is asked of the consents each time it is read."""

    __tablename__ = "lead"
    __table_args__ = (
        one_of("closed_why", CLOSED),
        CheckConstraint("(opened_at IS NULL) = (expires_at IS NULL)", name="open_ones_expire"),
        CheckConstraint("(closed_at IS NULL) = (closed_why = '')", name="closed_says_why"),
        Index("ix_lead_expires", "closed_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), unique=True)
    opened_at: Mapped[datetime | None] = mapped_column(DateTime)  # empty until the e-mail is verified
    expires_at: Mapped[datetime | None] = mapped_column(DateTime)
    extended_at: Mapped[datetime | None] = mapped_column(DateTime)  # when the present 12 weeks began anew
    stage_told: Mapped[int] = mapped_column(default=0)  # day of the last reminder sent in these 12 weeks
    closed_at: Mapped[datetime | None] = mapped_column(DateTime)
    closed_why: Mapped[str] = mapped_column(String(10), default="")

    need: Mapped[Need] = relationship()
    replies: Mapped[list[LeadReply]] = relationship(back_populates="lead", order_by="LeadReply.id")


class LeadReply(Base):
    """What one provider answered to a lead. It is never changed, and goes only with the need's own words."""

    __tablename__ = "lead_reply"
    __table_args__ = (
        UniqueConstraint("lead_id", "ukprn", "number"),
        one_of("kind", REPLIES, empty=False),
        CheckConstraint("(kind = 'offer') = (offer_id IS NOT NULL)", name="offer_reply_has_offer"),
        CheckConstraint("(kind = 'cannot') = (reason != '')", name="cannot_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), index=True)
    ukprn: Mapped[int]
    number: Mapped[int]  # of this provider's replies to this lead, from 1: one form sends one reply
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    facet_id: Mapped[int | None] = mapped_column(ForeignKey("facet.id"), index=True)  # empty: all of the need
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), index=True)
    reason: Mapped[str] = mapped_column(String(20), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    reach: Mapped[str] = mapped_column(String(320), default="")  # whom to ask at the provider, and how
    sent_at: Mapped[datetime] = mapped_column(DateTime)
    told_at: Mapped[datetime | None] = mapped_column(DateTime)  # when the mail to the employer was posted
    fits_at: Mapped[datetime | None] = mapped_column(DateTime)  # when the employer said that the offer fits

    lead: Mapped[Lead] = relationship(back_populates="replies")
    facet: Mapped[Facet | None] = relationship()
    offer: Mapped[Offer | None] = relationship()


class ClassSize(Base):
    """How many people make a class, as one provider says. Only that provider is told by it."""

    __tablename__ = "class_size"
    __table_args__ = (CheckConstraint("people BETWEEN 1 AND 500", name="people_1_to_500"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), unique=True)
    people: Mapped[int]

    provider: Mapped[Provider] = relationship()


class TaughtPlace(Base):
    """A place where an officer has confirmed that a provider teaches. A venue counts while it stands at one of these.

    It is the place that is confirmed and not the row of the venue, which its provider may move at any moment.
    """

    __tablename__ = "taught_place"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    lat: Mapped[float]
    lon: Mapped[float]
    account_id: Mapped[int | None] = mapped_column(  # of the officer; empty where the operator did it
        ForeignKey("account.id", ondelete="SET NULL"), index=True
    )
    confirmed_at: Mapped[datetime] = mapped_column(DateTime)


class CohortNotice(Base):
    """That somebody was told of a cohort, so that nobody is told twice. `need_id` is empty for the provider itself."""

    __tablename__ = "cohort_notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    ukprn: Mapped[int] = mapped_column(index=True)
    seed_facet_id: Mapped[int] = mapped_column(
        ForeignKey("facet.id"), index=True
    )  # the cohort's oldest facet
    need_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"), index=True)
    told_at: Mapped[datetime] = mapped_column(DateTime)


class Alert(Base):
    """One saved view of an account: mail comes when a lead or a release touches it. Empty is any."""

    __tablename__ = "alert"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    theme: Mapped[str] = mapped_column(String(30), default="")
    district: Mapped[str] = mapped_column(String(9), default="")
    kind: Mapped[str] = mapped_column(String(30), default="")
    key: Mapped[str] = mapped_column(String(32), unique=True)  # names the alert in its unsubscribe link
    created_at: Mapped[datetime] = mapped_column(DateTime)
    looked_at: Mapped[datetime | None] = mapped_column(
        DateTime
    )  # when leads were first looked through for it
    stopped_at: Mapped[datetime | None] = mapped_column(DateTime)

    account: Mapped[Account] = relationship()


class AlertHit(Base):
    """One lead that touched one alert, and when its account was told. It holds nothing of the need."""

    __tablename__ = "alert_hit"
    __table_args__ = (
        UniqueConstraint("alert_id", "lead_id"),
        Index("ix_alert_hit_waiting", "told_at", "seen_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), index=True)
    seen_at: Mapped[datetime] = mapped_column(DateTime)
    told_at: Mapped[datetime | None] = mapped_column(DateTime)  # also set where it was there before the alert

    alert: Mapped[Alert] = relationship()
    lead: Mapped[Lead] = relationship()
