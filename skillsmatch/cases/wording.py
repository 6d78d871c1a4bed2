"""Codes of a register row as words, for pages and files alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import level_words
from skillsmatch.area.reasons import REASON_BY_CODE
from skillsmatch.cases.filters import NOT_SAID as NOBODY_SAID
from skillsmatch.cases.register import Counts, GroupRow
from skillsmatch.needs.forms import SIZES

NOT_SAID = "not said"
_SIZES = dict(SIZES)


def size_words(band: str) -> str:
    """A size band as the need's form words it."""
    return _SIZES.get(band, band) or NOT_SAID


def place_words(area: Area) -> Callable[[str], str]:
    """Names a district; one that is empty was not said."""
    return lambda code: area.district_name(code) or NOT_SAID


def sector_words(area: Area) -> Callable[[str], str]:
    """Names a sector."""
    return lambda letter: area.sector_name(letter) or NOT_SAID


def _level(code: str) -> str:
    return level_words(int(code)) if code else NOT_SAID


def _reason(code: str) -> str:
    return REASON_BY_CODE[code].name


@dataclass(frozen=True, slots=True)
class Breakdown:
    """How a row's employers part by one thing: code, words and number of each, the most first."""

    heading: str
    choice: str  # the filter that narrows the register to one of them; "" where there is none
    parts: tuple[tuple[str, str, int], ...]


def breakdowns(row: GroupRow, area: Area) -> list[Breakdown]:
    """Districts, sectors, sizes, levels, and the reasons of the service and of employers, in this order."""
    parts: list[tuple[str, str, Counts, Callable[[str], str]]] = [
        ("Council areas", "district", row.districts, place_words(area)),
        ("Sectors", "sector", row.sectors, sector_words(area)),
        ("Sizes", "size", row.sizes, size_words),
        ("Levels", "level", row.levels, _level),
        ("Why nothing fitted, by the service", "reason", row.reasons, _reason),
        ("Why nothing fitted, by employers", "said", row.employer_reasons, _reason),
    ]
    return [
        Breakdown(
            heading, choice, tuple((code or NOBODY_SAID, name(code), number) for code, number in counts)
        )
        for heading, choice, counts, name in parts
    ]


def in_a_line(told: Breakdown) -> str:
    """ "Leicester 4, Blaby 2"."""
    return ", ".join(f"{words} {number:,}" for _, words, number in told.parts)
