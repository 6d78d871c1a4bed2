"""PostcodePoint: where each full postcode lies. PriorityVersion: what an officer made of a priority of the plan."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, DateTime, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from skillsmatch.database import Base, one_of

SORTS = ("priority", "recommendation")


class PostcodePoint(Base):
    """A full postcode and its place. Without it, distances start from the postcode district's middle."""

    __tablename__ = "postcode_point"

    postcode: Mapped[str] = mapped_column(String(7), primary_key=True)  # no space, such as LE101AA
    lat: Mapped[float]  # WGS84 degrees, six places
    lon: Mapped[float]
    district: Mapped[str] = mapped_column(String(9), default="")  # ONS code; empty where the file has none


class PriorityVersion(Base):
    """A priority as an officer saved it. Saving again is a new row: the database refuses to change or delete one.

    Version 0 of a priority is the area's file, and is not stored.
    """

    __tablename__ = "priority_version"
    __table_args__ = (
        UniqueConstraint("code", "number"),
        one_of("sort", SORTS, empty=False),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_it_begins"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]  # of the version, from 1
    title: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(Text, default="")
    sort: Mapped[str] = mapped_column(String(14))
    report: Mapped[str] = mapped_column(String(200), default="")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    themes: Mapped[list[str]] = mapped_column(JSON, default=list)
    soc: Mapped[list[str]] = mapped_column(JSON, default=list)
    sic: Mapped[list[str]] = mapped_column(JSON, default=list)
    follows: Mapped[list[str]] = mapped_column(JSON, default=list)
    source: Mapped[str] = mapped_column(String(300), default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    checked_on: Mapped[date] = mapped_column(Date)
    saved_at: Mapped[datetime] = mapped_column(DateTime)
    saved_by: Mapped[str] = mapped_column(String(120))
    why: Mapped[str] = mapped_column(Text, default="")
