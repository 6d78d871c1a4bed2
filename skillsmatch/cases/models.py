"""NeedGroup, GroupedFacet and FiledNeed: unmet needs gathered by meaning, and the names officers know them by."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    String,
    exists,
    select,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from skillsmatch.database import Base, one_of
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need, is_here

BY = ("engine", "officer")
LONGEST_NAME = 120  # characters


class NeedGroup(Base):
    """Unmet needs that mean much the same, under one name and one theme.

    A group that was merged into another stays as a row, empty, so that whatever pointed to it leads on:
    `standing` follows. Its name may be an employer's words with personal data hidden; it is for officers only.
    """

    __tablename__ = "need_group"
    __table_args__ = (
        one_of("made_by", BY, empty=False),
        one_of("named_by", BY, empty=False),
        CheckConstraint("(merged_into_id IS NULL) = (merged_at IS NULL)", name="merged_into_and_when"),
        CheckConstraint("merged_into_id IS NULL OR merged_into_id != id", name="merged_into_another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    named_by: Mapped[str] = mapped_column(
        String(8), default="engine"
    )  # a run never renames an officer's name
    named_after_id: Mapped[int | None] = mapped_column(
        ForeignKey("facet.id"), index=True
    )  # whose words the name is; given up when they are forgotten
    theme: Mapped[str] = mapped_column(String(30), default="")  # of most of its facets; empty: unclear
    made_by: Mapped[str] = mapped_column(String(8), default="engine")
    created_at: Mapped[datetime] = mapped_column(DateTime)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("need_group.id"), index=True)
    merged_at: Mapped[datetime | None] = mapped_column(DateTime)
    split_from_id: Mapped[int | None] = mapped_column(ForeignKey("need_group.id"), index=True)

    merged_into: Mapped[NeedGroup | None] = relationship(foreign_keys=[merged_into_id], remote_side=[id])
    split_from: Mapped[NeedGroup | None] = relationship(foreign_keys=[split_from_id], remote_side=[id])
    members: Mapped[list[GroupedFacet]] = relationship(
        back_populates="group", order_by="GroupedFacet.facet_id"
    )

    @property
    def standing(self) -> NeedGroup:
        """This group, or the one that it was merged into."""
        group = self
        while group.merged_into is not None:
            group = group.merged_into
        return group


class GroupedFacet(Base):
    """One facet's place in a group. What an officer placed, no later run moves."""

    __tablename__ = "grouped_facet"
    __table_args__ = (one_of("how", BY, empty=False), Index("ix_grouped_facet_group_id", "group_id"))

    facet_id: Mapped[int] = mapped_column(ForeignKey("facet.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("need_group.id"))
    how: Mapped[str] = mapped_column(String(8), default="engine")
    grouped_at: Mapped[datetime] = mapped_column(DateTime)

    facet: Mapped[Facet] = relationship()
    group: Mapped[NeedGroup] = relationship(back_populates="members")


def group_is_here() -> ColumnElement[bool]:
    """True of a group that this service shows: one of invented needs alone is there in a demonstration only."""
    if current_app.config["DEMO"]:
        return true()
    own = exists().where(
        GroupedFacet.group_id == NeedGroup.id,
        Facet.id == GroupedFacet.facet_id,
        Need.id == Facet.need_id,
        is_here(),
    )
    return own.correlate(NeedGroup)


def group_here(number: int) -> NeedGroup | None:
    """The group with this number, or the one that it was merged into; None where there is none, or none to show."""
    found = db.session.get(NeedGroup, number)
    if found is None:
        return None
    return db.session.scalar(select(NeedGroup).where(NeedGroup.id == found.standing.id, group_is_here()))


class FiledNeed(Base):
    """The name by which officers know a need. It opens the officers' page only: the employer's own reference opens
    the page on which the need can be changed and withdrawn, and no officer is shown that."""

    __tablename__ = "filed_need"

    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(16), unique=True)
    filed_at: Mapped[datetime] = mapped_column(DateTime)

    need: Mapped[Need] = relationship()
