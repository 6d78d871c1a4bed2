"""An offer as the engine sees it: plain data, no database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """One offer, standard or label that can be found.

    Dates are proleptic ordinals (`date.toordinal()`), prices are pounds for one person before funding,
    levels run from 0 (Entry) to 8. None means "not given" and never counts against the offer as a fault.
    """

    id: str
    title: str
    text: str = ""
    aliases: tuple[str, ...] = ()
    kind: str = ""
    level: int | None = None
    lat: float | None = None
    lon: float | None = None
    mode: str = ""  # classroom, online, workplace, blended
    attendance: str = ""  # daytime, evening, weekend, block
    starts: tuple[int, ...] = ()
    flexible_start: bool = False
    national: bool = False  # delivered anywhere in England: distance does not apply
    price: float | None = None
    weeks: float | None = None
    confirmed: int | None = None  # ordinal of the day it was last confirmed
