"""PostcodePoint: where each full postcode lies. BusinessCount: how many businesses there are. Both may be empty.

Filled by `flask area load-postcodes` and `flask area load-businesses`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, String
from sqlalchemy.orm import Mapped, mapped_column

from skillsmatch.database import Base


class PostcodePoint(Base):
    """A full postcode and its place. Without it, distances start from the postcode district's middle."""

    __tablename__ = "postcode_point"

    postcode: Mapped[str] = mapped_column(String(7), primary_key=True)  # no space, such as LE101AA
    lat: Mapped[float]  # WGS84 degrees, six places
    lon: Mapped[float]
    district: Mapped[str] = mapped_column(String(9), default="")  # ONS code; empty where the file has none


class BusinessCount(Base):
    """How many businesses an open source counts, of one sector and size in one district."""

    __tablename__ = "business_count"
    __table_args__ = (CheckConstraint("businesses >= 0", name="businesses_not_negative"),)

    sic_section: Mapped[str] = mapped_column(String(1), primary_key=True)  # SIC 2007, A to U
    size_band: Mapped[str] = mapped_column(String(8), primary_key=True)  # employees, as the need's form has them
    district: Mapped[str] = mapped_column(String(9), primary_key=True)  # ONS code
    businesses: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))  # who counted, and of when; in the operator's words
    loaded_at: Mapped[datetime] = mapped_column(DateTime)
