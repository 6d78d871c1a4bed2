"""Codes of a register row as words, for pages and files alike."""

from __future__ import annotations

from collections.abc import Callable

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import level_words
from skillsmatch.area.reasons import REASON_BY_CODE
from skillsmatch.cases.register import Counts, GroupRow
from skillsmatch.needs.forms import SIZES

NOT_SAID = "not said"
_SIZES = dict(SIZES)
Named = list[tuple[str, int]]


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


def breakdowns(row: GroupRow, area: Area) -> list[tuple[str, Named]]:
    """Each breakdown of a row with its heading: words and the number of employers."""
    parts: list[tuple[str, Counts, Callable[[str], str]]] = [
        ("Districts", row.districts, place_words(area)),
        ("Sectors", row.sectors, sector_words(area)),
        ("Sizes", row.sizes, size_words),
        ("Levels", row.levels, _level),
        ("Why nothing fitted, by the service", row.reasons, _reason),
        ("Why nothing fitted, by employers", row.employer_reasons, _reason),
    ]
    return [(heading, [(name(code), number) for code, number in counts]) for heading, counts, name in parts]


def in_a_line(named: Named) -> str:
    """ "Leicester 4, Blaby 2"."""
    return ", ".join(f"{words} {number:,}" for words, number in named)
