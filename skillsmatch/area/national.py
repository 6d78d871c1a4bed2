"""Facts that are the same in every area: SOC 2020 unit groups, SIC 2007, and the 15 routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from skillsmatch.area.tables import once, read_table

FOLDER = Path(__file__).parent / "national"
SECTIONS = "ABCDEFGHIJKLMNOPQRSTU"  # SIC 2007


@dataclass(frozen=True)
class Route:
    """One of the 15 technical routes of Skills England, with examples of what it includes."""

    slug: str
    name: str
    includes: tuple[str, ...]


@dataclass(frozen=True)
class Sector:
    """A SIC 2007 section in plain words, with other names that firms use for themselves."""

    letter: str
    name: str
    other_names: tuple[str, ...]


@dataclass(frozen=True)
class Division:
    """A SIC 2007 division: two digits inside a section."""

    code: str
    section: str
    title: str


@lru_cache(maxsize=1)
def load_soc() -> Mapping[str, str]:
    """The 412 unit groups of SOC 2020: four-digit code to title. Source: ONS, 16 April 2025, OGL v3."""
    rows = once(read_table(FOLDER / "soc2020.csv", ["code", "title"]), "code")
    return MappingProxyType({row.text("code"): row.text("title") for row in rows})


@lru_cache(maxsize=1)
def load_postcode_districts() -> Mapping[str, tuple[float, float]]:
    """The middle of each postcode district of the United Kingdom, such as "LE10": latitude and longitude.

    Source: the list of outward codes by Gibbs (uk-postcodes, 2017), CC0 1.0, rounded to about 100 m.
    """
    rows = once(
        read_table(FOLDER / "postcode_districts.csv", ["postcode_district", "lat", "lon"]),
        "postcode_district",
    )
    return MappingProxyType(
        {row.text("postcode_district"): (float(row.text("lat")), float(row.text("lon"))) for row in rows}
    )


@lru_cache(maxsize=1)
def load_divisions() -> Mapping[str, Division]:
    """The 88 divisions of SIC 2007, by two-digit code. Source: ONS, OGL v3."""
    rows = once(read_table(FOLDER / "sic2007.csv", ["division", "section", "title"]), "division")
    found = {}
    for row in rows:
        code = row.text("division")
        found[code] = Division(code, row.text("section"), row.text("title"))
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def load_routes() -> Mapping[str, Route]:
    """The 15 routes, by slug, in the order of their names. Source: Skills England."""
    rows = once(read_table(FOLDER / "routes.csv", ["slug", "name", "includes"]), "slug")
    return MappingProxyType(
        {row.text("slug"): Route(row.text("slug"), row.text("name"), row.many("includes")) for row in rows}
    )


@lru_cache(maxsize=1)
def all_sectors() -> Mapping[str, Sector]:
    """The 21 sections of SIC 2007, A to U, in plain words."""
    return MappingProxyType(read_sectors(FOLDER / "sectors.csv"))


def read_sectors(path: Path) -> dict[str, Sector]:
    """The sections in a sectors file, by letter. Refused: a letter that is no section or stands twice."""
    found = {}
    for row in once(read_table(path, ["section", "name", "other_names"]), "section"):
        letter = row.text("section")
        if len(letter) != 1 or letter not in SECTIONS:
            raise row.wrong("section", f"{letter!r} is not a SIC 2007 section (A to U)")
        found[letter] = Sector(letter, row.text("name"), row.many("other_names"))
    return found
