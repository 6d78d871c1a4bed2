"""PostcodePoint: where each full postcode lies. Filled by `flask area load-postcodes`; empty is allowed."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from skillsmatch.database import Base


class PostcodePoint(Base):
    """A full postcode and its place. Without it, distances start from the postcode district's middle."""

    __tablename__ = "postcode_point"

    postcode: Mapped[str] = mapped_column(String(7), primary_key=True)  # no space, such as LE101AA
    lat: Mapped[float]  # WGS84 degrees, six places
    lon: Mapped[float]
    district: Mapped[str] = mapped_column(String(9), default="")  # ONS code; empty where the file has none
