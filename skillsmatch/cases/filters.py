"""What narrows the register: dates, district, sector, size, priority and theme. The same on every page and file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast
from sqlalchemy.orm import InstrumentedAttribute

from skillsmatch.area.areas import Area, Priority
from skillsmatch.area.kinds import LEVELS, level_words
from skillsmatch.area.priorities import all_priorities, priorities_on
from skillsmatch.area.reasons import REASON_BY_CODE
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.days import A_YEAR
from skillsmatch.clock import today
from skillsmatch.demand.models import DemandSignal
from skillsmatch.needs.models import SIZE_BANDS, Facet

NAMES = ("since", "until", "district", "sector", "size", "level", "reason", "said", "priority", "theme")
ON_TABLES = ("district", "sector", "size", "level", "priority")  # narrow the tables of needs and gaps as well
ON_BUSINESSES = ("since", "until", "district", "sector", "size")  # narrow whom we have not heard from as well
NOT_SAID = "none"  # of a district, sector or size: those who did not say


@dataclass(frozen=True)
class Filters:
    """What was chosen; empty where nothing was. What is not on the lists is left out, and said in `refused`."""

    since: date | None = None
    until: date | None = None
    district: str = ""
    sector: str = ""
    size: str = ""
    level: str = ""
    reason: str = ""  # the service's, why nothing fitted
    said: str = ""  # the employer's own
    priority: str = ""
    theme: str = ""
    refused: tuple[str, ...] = ()

    @property
    def last_day(self) -> date:
        """The last day looked at: the one chosen, or today."""
        return self.until or today()

    @cached_property
    def given(self) -> dict[str, Any]:
        """The choices as an address carries them."""
        return {name: str(value) for name in NAMES if (value := getattr(self, name))}

    @property
    def of_businesses(self) -> dict[str, Any]:
        """The choices that counts of businesses take as well, as an address carries them."""
        return {name: value for name, value in self.given.items() if name in ON_BUSINESSES}

    @property
    def of_tables(self) -> dict[str, str]:
        """The choices that the plan's tables take as well, as their addresses carry them; without days, their own."""
        chosen = {name: value for name in ON_TABLES if (value := getattr(self, name))}
        if not (self.since or self.until):
            return chosen
        first = min(self.since or self.last_day - A_YEAR, self.last_day)
        return {"first": first.isoformat(), "last": self.last_day.isoformat(), **chosen}

    def narrow(self, query: Select[Any]) -> Select[Any]:
        """The query, joined to facets and signals, for those that were chosen; of dates only the last one.

        The first day is left to the reader of the rows, which needs what came before it to tell a trend.
        """
        query = query.where(DemandSignal.made_on <= self.last_day)
        for column, chosen in (
            (DemandSignal.district, self.district),
            (DemandSignal.sic_section, self.sector),
            (DemandSignal.size_band, self.size),
        ):
            if chosen:
                query = query.where(column == ("" if chosen == NOT_SAID else chosen))
        if self.level:
            level = None if self.level == NOT_SAID else int(self.level)
            query = query.where(
                DemandSignal.level.is_(None) if level is None else DemandSignal.level == level
            )
        for reasons, chosen in ((Facet.reasons, self.reason), (Facet.employer_reasons, self.said)):
            if chosen:
                query = query.where(names_reason(reasons, chosen))
        return query

    def words(self, area: Area) -> list[str]:
        """The choices in words, for the head of a file."""
        themes, named = load_themes().themes, {p.code: p.title for p in all_priorities(area)}
        said = [
            (f"from {self.since:%d/%m/%Y}") if self.since else "",
            f"up to {self.last_day:%d/%m/%Y}",
            f"council area: {_place(area, self.district)}" if self.district else "",
            f"sector: {_sector(area, self.sector)}" if self.sector else "",
            f"size: {'not said' if self.size == NOT_SAID else self.size}" if self.size else "",
            f"level: {'not said' if self.level == NOT_SAID else level_words(int(self.level))}"
            if self.level
            else "",
            f"why nothing fitted: {REASON_BY_CODE[self.reason].name}" if self.reason else "",
            f"why nothing fitted, by employers: {REASON_BY_CODE[self.said].name}" if self.said else "",
            f"priority: {self.priority} {named.get(self.priority, '')}" if self.priority else "",
            f"theme: {themes[self.theme].name}" if self.theme else "",
        ]
        return [words for words in said if words]


def names_reason(reasons: InstrumentedAttribute[list[str]], code: str) -> ColumnElement[bool]:
    """True of a facet whose list of reasons holds this code. Codes are our own words in a list of such, so a look at
    the list as it is stored will do in either database."""
    return cast(reasons, Text).contains(f'"{code}"', autoescape=True)


def _place(area: Area, code: str) -> str:
    return "not said" if code == NOT_SAID else area.district_name(code)


def _sector(area: Area, letter: str) -> str:
    return "not said" if letter == NOT_SAID else area.sector_name(letter)


def read_filters(given: Mapping[str, str], area: Area) -> Filters:
    """The choices of an address. What makes no sense is refused in words and left out, never an error page."""
    refused: list[str] = []
    chosen = {name: given.get(name, "").strip() for name in NAMES}
    known = {
        "district": {*area.districts, NOT_SAID},
        "sector": {*(s.letter for s in area.sectors), NOT_SAID},
        "size": {*SIZE_BANDS, NOT_SAID},
        "level": {*map(str, LEVELS), NOT_SAID},
        "reason": set(REASON_BY_CODE),
        "said": set(REASON_BY_CODE),
        "priority": {p.code for p in priorities(area)},
        "theme": set(load_themes().themes),
    }
    for name, codes in known.items():
        if chosen[name] and chosen[name] not in codes:
            refused.append(f"“{chosen[name][:60]}” is not a {name} on the list")
            chosen[name] = ""
    since, until = (_day(chosen[name], refused) for name in ("since", "until"))
    if since and until and since > until:
        refused.append("The first day is after the last day, so the dates were left out")
        since = until = None
    codes_chosen = {name: chosen[name] for name in known}
    return Filters(since, until, **codes_chosen, refused=tuple(refused))


def _day(words: str, refused: list[str]) -> date | None:
    try:
        day = date.fromisoformat(words) if words else None
    except ValueError:
        refused.append(f"“{words[:60]}” is not a day: write it as 2026-04-01")
        return None
    if day is not None and not 2000 <= day.year <= 2200:
        refused.append(f"“{words}” is too far away: choose a day from 2000 to 2200")
        return None
    return day


def priorities(area: Area) -> tuple[Priority, ...]:
    """The priorities in force today that name a theme: those that a need group can serve."""
    return tuple(p for p in priorities_on(area, today()) if p.themes or p.soc)


def priorities_by_theme(area: Area) -> dict[str, list[str]]:
    """For each theme that the priorities in force name, by its code, their codes."""
    found: dict[str, list[str]] = {}
    themes = load_themes().themes.values()
    for priority in priorities(area):
        for theme in themes:
            if priority.names(theme):
                found.setdefault(theme.code, []).append(priority.code)
    return found
