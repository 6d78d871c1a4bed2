"""LookedAtOffer, NewFit, FitBatch, FitMail and ToldOffer: training that came later, and telling its employers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from skillsmatch.cases.case_models import Case
from skillsmatch.database import Base, one_of
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.models import Offer

SAID = ("helps", "no")


class Rematched(Base):
    """One row: the catalogue number up to which past needs have been matched again."""

    __tablename__ = "rematched"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime)
    began: Mapped[datetime | None] = mapped_column(DateTime)  # an answer since then came too late for it


class LookedAtOffer(Base):
    """What one offer looked like when past needs were last held against it. Changed since: it is done again."""

    __tablename__ = "looked_at_offer"

    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), primary_key=True)
    looks: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime | None] = mapped_column(DateTime)  # when; empty where that was not kept yet


class NewFit(Base):
    """A past unmet facet that an offer would meet which was added or changed since. Codes and numbers only."""

    __tablename__ = "new_fit"
    __table_args__ = (Index("ix_new_fit_offer_id", "offer_id"),)

    facet_id: Mapped[int] = mapped_column(ForeignKey("facet.id"), primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), primary_key=True)
    strength: Mapped[float]  # 0 to 1
    found_at: Mapped[datetime] = mapped_column(DateTime)

    facet: Mapped[Facet] = relationship()
    offer: Mapped[Offer] = relationship()


class FitBatch(Base):
    """One batch of mail that an officer looked at and approved."""

    __tablename__ = "fit_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("unmet_case.id"), index=True)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    approved_at: Mapped[datetime] = mapped_column(DateTime)

    case: Mapped[Case] = relationship()
    mails: Mapped[list[FitMail]] = relationship(back_populates="batch", order_by="FitMail.id")


class FitMail(Base):
    """One mail to one need's employer, and what became of it. The words went out with it and are not kept."""

    __tablename__ = "fit_mail"
    __table_args__ = (
        UniqueConstraint("batch_id", "need_id"),
        Index("ix_fit_mail_need", "need_id", "made_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("fit_batch.id"))
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    made_at: Mapped[datetime] = mapped_column(DateTime)
    posted_at: Mapped[datetime | None] = mapped_column(DateTime, index=True)  # empty: it waits for its turn
    dropped_at: Mapped[datetime | None] = mapped_column(
        DateTime
    )  # nothing was left to tell before its turn came
    answered_at: Mapped[datetime | None] = mapped_column(DateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(DateTime)  # "do not write about this need again"

    batch: Mapped[FitBatch] = relationship(back_populates="mails")
    need: Mapped[Need] = relationship()
    told: Mapped[list[ToldOffer]] = relationship(back_populates="mail", order_by="ToldOffer.id")


class ToldOffer(Base):
    """One offer in one mail, for one facet, and what the employer said of it."""

    __tablename__ = "told_offer"
    __table_args__ = (UniqueConstraint("mail_id", "facet_id", "offer_id"), one_of("said", SAID))

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("fit_mail.id"))
    facet_id: Mapped[int] = mapped_column(ForeignKey("facet.id"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    said: Mapped[str] = mapped_column(String(5), default="")

    mail: Mapped[FitMail] = relationship(back_populates="told")
    facet: Mapped[Facet] = relationship()
    offer: Mapped[Offer] = relationship()
