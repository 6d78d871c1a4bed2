"""A survey's file: one row an employer, with its need in its own words; its columns, and a row's answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skillsmatch.area.areas import Area
from skillsmatch.cases import gathering_files as cells
from skillsmatch.cases.firm_names import legal_name
from skillsmatch.cases.gathering_files import Column, FileKind, neither

COLUMNS = (
    Column("business", "Name of the business.", cells.words, needed=True, longest=200),
    Column("website", "Its web address or domain, such as acme.co.uk. This or a postcode.", cells.domain),
    Column(
        "postcode", "Its postcode, the first half of it, or a town. The second half is not kept.", cells.place
    ),
    Column("sector", "What it does: a sector’s name, or its SIC letter. May be empty.", cells.sector),
    Column(
        "size", "How many people work there: 0-9, 10-49, 50-249, 250+, or a number. May be empty.", cells.size
    ),
    Column("people", "How many people are to be trained. May be empty.", cells.people),
    Column("when", "When: Now, Within 6 months, Within a year, In 1 to 3 years. May be empty.", cells.when),
    Column("need", "What skills it needs, in its own words.", cells.long_words, needed=True, longest=4_000),
)
MOST_ROWS = 2_000  # saved in one write


def _once(got: Mapping[str, Any]) -> object:
    return legal_name(got["business"]), got["need"].casefold()


SURVEY = FileKind(COLUMNS, MOST_ROWS, neither, _once)


class NotAsShown(Exception):
    """The file was saved, dropped or found faulty meanwhile; nothing was done."""


def answers_of(got: Mapping[str, Any], area: Area) -> dict[str, Any]:
    """A row's answers, as the need form gives them."""
    return {
        "text": got["need"],
        "postcode": got["postcode"],
        "people": got["people"],
        "wanted_when": got["when"],
        "size_band": got["size"],
        "sector": area.sector_name(got["sector"]) if got["sector"] else "",
        "business_name": got["business"],
        "domain": got["website"],
    }
