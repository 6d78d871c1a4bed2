"""Referral, ReferredLead and ReferralAnswer: what the Chamber asked one provider, and what it answered."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from skillsmatch.cases.case_models import Case
from skillsmatch.database import Base, one_of
from skillsmatch.leads.models import Lead
from skillsmatch.offers.models import Offer

QUESTIONS = {
    "run-new": "Could you run training for this?",
    "more": "Could you run more of this, or at other times and places?",
    "together": "Could you run it together with another provider?",
}
ANSWERS = ("new", "have", "cannot")


class Referral(Base):
    """One question to one provider. It carries published figures by their place, and leads; no words of its own.

    A figure's place is [period, table, first, second]: it is read from the release whenever the page is shown.
    """

    __tablename__ = "case_referral"
    __table_args__ = (
        one_of("question", tuple(QUESTIONS), empty=False),
        Index("ix_case_referral_ukprn", "ukprn", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("unmet_case.id"), index=True)
    ukprn: Mapped[int]
    question: Mapped[str] = mapped_column(String(10))
    figures: Mapped[list[list[str]]] = mapped_column(JSON)
    sent_at: Mapped[datetime] = mapped_column(DateTime)
    told_at: Mapped[datetime | None] = mapped_column(
        DateTime
    )  # when the mail to the provider's people was posted

    case: Mapped[Case] = relationship(back_populates="referrals")
    leads: Mapped[list[ReferredLead]] = relationship(
        back_populates="referral", order_by="ReferredLead.lead_id"
    )
    answers: Mapped[list[ReferralAnswer]] = relationship(
        back_populates="referral", order_by="ReferralAnswer.number"
    )


class ReferredLead(Base):
    """One lead that a referral points to. Whether the provider may see it is asked whenever the page is shown."""

    __tablename__ = "case_referral_lead"

    referral_id: Mapped[int] = mapped_column(ForeignKey("case_referral.id"), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), primary_key=True)

    referral: Mapped[Referral] = relationship(back_populates="leads")
    lead: Mapped[Lead] = relationship()


class ReferralAnswer(Base):
    """What the provider answered. It is never changed; a later answer is another row."""

    __tablename__ = "case_referral_answer"
    __table_args__ = (
        UniqueConstraint("referral_id", "number"),
        one_of("kind", ANSWERS, empty=False),
        CheckConstraint("(kind = 'have') = (offer_id IS NOT NULL)", name="have_names_offer"),
        CheckConstraint("(kind = 'cannot') = (reason != '')", name="cannot_has_reason"),
        CheckConstraint("kind = 'new' OR starts_on IS NULL", name="new_may_have_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("case_referral.id"))
    number: Mapped[int]  # from 1; one form sends one answer
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str] = mapped_column(String(6))
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), index=True)
    starts_on: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(20), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    reach: Mapped[str] = mapped_column(String(320), default="")  # whom the Chamber can ask at the provider
    sent_at: Mapped[datetime] = mapped_column(DateTime)

    referral: Mapped[Referral] = relationship(back_populates="answers")
    offer: Mapped[Offer | None] = relationship()
