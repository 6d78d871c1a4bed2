"""Quotes as the public reads them: words, who said them in general, what they are about. No need is read here.

A row stands here because its employer agreed to be quoted and an officer checked the words: it is the employer's own
publication. It goes with its quote, in the database itself, so nothing that was taken back can stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import JSON, ForeignKey, String, exists, func, select
from sqlalchemy.orm import Mapped, mapped_column

from skillsmatch.area.areas import Area
from skillsmatch.area.businesses import SMALL, is_counted
from skillsmatch.area.models import BusinessCount
from skillsmatch.database import Base
from skillsmatch.demand.periods import quarter_of
from skillsmatch.extensions import db

LEAST_FIT = 10  # local businesses that the description must fit; as many as a released cell has employers


class PublishedQuote(Base):
    """A copy of a quote that stands, without its need, its day and its officer. `quotes.publish` keeps it true."""

    __tablename__ = "published_quote"

    quote_id: Mapped[int] = mapped_column(ForeignKey("quote.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str] = mapped_column(String(1_000))
    described: Mapped[str] = mapped_column(String(200))
    sector: Mapped[str] = mapped_column(String(1))  # what the description names, to count who fits it
    size: Mapped[str] = mapped_column(String(8))
    district: Mapped[str] = mapped_column(String(9))
    themes: Mapped[list[str]] = mapped_column(JSON)
    year: Mapped[int]  # the area's year in which it was said; no day, because a day may tell who


@dataclass(frozen=True, slots=True, order=True)
class Quoted:
    """One quote. In the order of their words, which tells neither who nor when."""

    words: str
    described: str
    themes: tuple[str, ...]


def published_quotes(first: date, last: date, area: Area) -> Sequence[Quoted]:
    """The quotes said in the years that these days lie in, that LEAST_FIT businesses fit by the counts of now."""
    if not counts_loaded():
        return ()
    one = PublishedQuote
    begin, end = (quarter_of(day, area.year_start_month).year for day in (first, last))
    wanted = select(one.words, one.described, one.themes, one.sector, one.size, one.district)
    found = db.session.execute(wanted.where(one.year.between(begin, end)))
    return sorted(
        Quoted(row.words, row.described, tuple(row.themes))
        for row in found
        if businesses(row.sector, row.size, row.district) >= LEAST_FIT
    )


def counts_loaded() -> bool:
    """Whether an operator has loaded how many businesses there are. Until then nobody is quoted."""
    return bool(db.session.scalar(select(exists().where(BusinessCount.businesses > 0, is_counted()))))


def businesses(sector: str, size: str, district: str) -> int:
    """How many local businesses fit, by the counts that are loaded. Empty is any."""
    area: Area = current_app.extensions["area"]
    wanted = select(func.sum(BusinessCount.businesses)).where(is_counted())
    wanted = wanted.where(BusinessCount.district.in_([district] if district else list(area.districts)))
    if sector:
        wanted = wanted.where(BusinessCount.sic_section == sector)
    if size:
        wanted = wanted.where(BusinessCount.size_band.in_(SMALL if size == "sme" else (size,)))
    return int(db.session.scalar(wanted) or 0)
