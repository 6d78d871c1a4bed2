"""An LSIP area as data: its districts, postcode districts, towns, priorities, sectors and funding rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from skillsmatch.area.national import Sector, all_sectors, read_sectors
from skillsmatch.area.rules import FundingRules, read_rules
from skillsmatch.area.tables import AreaError, Row, once, read_table, read_toml
from skillsmatch.area.themes import Theme, load_themes

__all__ = ["Area", "AreaError", "District", "PostcodeDistrict", "Priority", "Town", "load_area"]

MAINLY = 0.75  # share of a postcode district; below it no one district is named for the whole of it
# What a scorecard may tell of a priority besides its numbers.
FOLLOWS = {
    "educator-cpd": "Training for educators, on offer and asked for",
    "leadership": "Leadership for small and medium firms",
    "english": "English asked for, against the places there are",
    "t-levels": "T Level placements shown, opened and hosted",
    "ambassadors": "Apprenticeship ambassadors",
    "accountability": "Who owns which action, by when",
}
SHARES_ERROR = 0.01  # shares are written to three places, so a sum may miss 1 by this much
DISTRICT_CODE = re.compile(r"[ENSW]\d{8}")  # ONS nine-character code
OUTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?")


@dataclass(frozen=True)
class District:
    """A local authority district of the area."""

    code: str  # ONS, such as E06000016
    name: str
    optional: bool  # in the plan's area by some definitions only


@dataclass(frozen=True)
class PostcodeDistrict:
    """The first half of a postcode: where it lies and which districts share it."""

    code: str
    lat: float  # mean of its postcodes inside the area, WGS84
    lon: float
    shares: tuple[tuple[str, float], ...]  # ONS code and share of 2011 small areas, largest first
    kind: str = "main"  # "main", "edge" (mostly outside the area) or "box" (post-office boxes, no place)

    @property
    def straddles(self) -> bool:
        """True where no single district holds at least MAINLY of it, so that none may be inferred."""
        return self.kind != "box" and self.shares[0][1] < MAINLY

    @property
    def mainly(self) -> str | None:
        """The ONS code of the district that holds at least MAINLY of it; None where none does, or a box."""
        return None if self.kind == "box" or self.straddles else self.shares[0][0]


@dataclass(frozen=True)
class Town:
    """A place that employers name instead of a postcode."""

    name: str
    lat: float
    lon: float
    postcode_district: str
    district: str
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Priority:
    """Something that the area's plan or its progress report asks for."""

    code: str
    title: str
    about: str
    sort: str  # "priority" or "recommendation"
    report: str
    valid_from: date
    valid_to: date | None
    kinds: tuple[str, ...]  # the kinds of training it names
    soc: tuple[str, ...]
    sic: tuple[str, ...]
    themes: tuple[str, ...]  # codes of themes, or of whole theme groups
    source: str
    url: str
    checked_on: date
    follows: tuple[str, ...] = ()  # what the scorecard tells of it besides; a name of FOLLOWS

    def holds_on(self, day: date) -> bool:
        """True where `day` falls inside its span, both ends included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def names(self, theme: Theme) -> bool:
        """True where it asks for the theme: it names the theme, its group, or an occupation whose own skill it is."""
        return bool({theme.code, theme.group} & set(self.themes)) or bool(set(theme.soc) & set(self.soc))


@dataclass(frozen=True)
class Area:
    """Everything that is local. Two areas differ in their files only."""

    slug: str
    folder: Path = field(repr=False)  # with its files, those of its demonstration among them
    name: str
    short_name: str
    chamber: str
    lsip_code: str
    year_start_month: int
    districts: Mapping[str, District]  # by ONS code, in the file's order
    neighbours: Mapping[str, str]  # ONS code to name, districts just outside
    postcode_districts: Mapping[str, PostcodeDistrict]
    towns: tuple[Town, ...]
    priorities: tuple[
        Priority, ...
    ]  # as the file has them; area.priorities knows what an officer changed since
    sectors: tuple[Sector, ...]  # SIC 2007 sections, A to U
    funding: FundingRules = field(repr=False)

    @property
    def demonstration_catalogue(self) -> Path:
        """The file of invented offers; an area need not have one."""
        return self.folder / "demonstration.csv"

    def district_name(self, code: str | None) -> str:
        """The name of a district inside or just outside the area; the code itself where it is neither."""
        if not code:
            return ""
        inside = self.districts.get(code)
        return inside.name if inside else self.neighbours.get(code, code)

    def sector_name(self, letter: str | None) -> str:
        """The plain name of a SIC 2007 section; empty where there is none."""
        return next((sector.name for sector in self.sectors if sector.letter == letter), "")

    def covers(self, code: str | None) -> bool:
        """True where the ONS code is a district of this area."""
        return code in self.districts

    def find_sector(self, words: str) -> str | None:
        """The SIC 2007 section that `words` name: its letter, its name or another name for it."""
        wanted = " ".join(words.casefold().split())
        for sector in self.sectors:
            names = (sector.letter, sector.name, *sector.other_names)
            if wanted in {name.casefold() for name in names}:
                return sector.letter
        return None


@lru_cache(maxsize=16)
def load_area(slug: str = "leicestershire", folder: Path | None = None) -> Area:
    """The area in `folder`, by default the one of that name in this package. Read once, then remembered.

    Refused (AreaError, with file, row and field): a missing file, a code that stands twice, a district that
    no file knows, shares that do not sum to 1, spans of one rule that overlap.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", slug):
        raise AreaError(f"{slug!r} is not the name of an area (small letters, digits and hyphens)")
    place = folder or Path(__file__).parent / slug
    if not place.is_dir():
        raise AreaError(f"{slug}: there is no such area folder")
    about = read_toml(place / "area.toml")
    districts = _districts(place / "districts.csv")
    neighbours = {row.text("code"): row.text("name") for row in once(about.rows("neighbours"), "code")}
    codes = _postcode_districts(place / "postcode_districts.csv", {*districts, *neighbours})
    return Area(
        slug=slug,
        folder=place,
        name=about.text("name"),
        short_name=about.text("short_name"),
        chamber=about.text("chamber"),
        lsip_code=about.text("lsip_code", ""),
        year_start_month=about.whole("year_start_month", 1, 12),
        districts=MappingProxyType(districts),
        neighbours=MappingProxyType(neighbours),
        postcode_districts=MappingProxyType(codes),
        towns=tuple(_town(row, districts, codes) for row in once(about.rows("towns"), "name")),
        priorities=_priorities(place / "priorities.toml"),
        sectors=_sectors(place / "sectors.csv"),
        funding=read_rules(place / "funding.toml"),
    )


def _districts(path: Path) -> dict[str, District]:
    found = {}
    for row in once(read_table(path, ["code", "name", "optional"]), "code"):
        code = row.text("code")
        if not DISTRICT_CODE.fullmatch(code):
            raise row.wrong("code", f"{code!r} is not an ONS code such as E06000016")
        found[code] = District(code, row.text("name"), row.yes("optional"))
    if not found:
        raise AreaError(f"{path.parent.name}/{path.name}: has no districts")
    return found


def _postcode_districts(path: Path, known: set[str]) -> dict[str, PostcodeDistrict]:
    found = {}
    columns = ["postcode_district", "kind", "lat", "lon", "shares"]
    for row in once(read_table(path, columns), "postcode_district"):
        code, kind = row.text("postcode_district"), row.text("kind")
        if not OUTCODE.fullmatch(code):
            raise row.wrong("postcode_district", f"{code!r} is not the first half of a postcode")
        if kind not in ("main", "edge", "box"):
            raise row.wrong("kind", f"{kind!r} is not main, edge or box")
        lat, lon = row.decimal("lat", 49, 61), row.decimal("lon", -9, 2)
        found[code] = PostcodeDistrict(code, lat, lon, _shares(row, known), kind)
    return found


def _shares(row: Row, known: set[str]) -> tuple[tuple[str, float], ...]:
    """Shares as written, `E06000016:0.712 E07000135:0.227`, largest first."""
    shares: dict[str, float] = {}
    for part in row.text("shares").split():
        code, _, share = part.partition(":")
        if code not in known:
            raise row.wrong("shares", f"{code!r} is neither a district of the area nor a neighbour")
        if code in shares:
            raise row.wrong("shares", f"{code!r} stands twice")
        shares[code] = Row(row.file, row.number, {"shares": share}).decimal("shares", 0, 1)
    if abs(sum(shares.values()) - 1) > SHARES_ERROR:
        raise row.wrong("shares", f"the shares sum to {sum(shares.values()):.3f}, not 1")
    return tuple(sorted(shares.items(), key=lambda s: -s[1]))


def _town(row: Row, districts: Mapping[str, District], codes: Mapping[str, PostcodeDistrict]) -> Town:
    code, district = row.text("postcode_district"), row.text("district")
    if code not in codes:
        raise row.wrong("postcode_district", f"{code!r} is not in postcode_districts.csv")
    if district not in districts:
        raise row.wrong("district", f"{district!r} is not in districts.csv")
    lat, lon = row.decimal("lat", 49, 61), row.decimal("lon", -9, 2)
    return Town(row.text("name"), lat, lon, code, district, row.many("other_names"))


def _priorities(path: Path) -> tuple[Priority, ...]:
    return tuple(_priority(row) for row in once(read_toml(path).rows("priority"), "code"))


def _priority(row: Row) -> Priority:
    start, end = row.day("valid_from"), row.day_or_none("valid_to")
    if end is not None and end < start:
        raise row.wrong("valid_to", f"{end} is before valid_from, {start}")
    sort = row.text("sort")
    if sort not in ("priority", "recommendation"):
        raise row.wrong("sort", f"{sort!r} is not priority or recommendation")
    known = load_themes()
    for code in row.many("themes"):
        if code not in known.themes and code not in known.groups:
            raise row.wrong("themes", f"{code!r} is not the code of a theme or of a theme group")
    for name in row.many("follows"):
        if name not in FOLLOWS:
            raise row.wrong("follows", f"{name!r} is not one of {', '.join(FOLLOWS)}")
    return Priority(
        code=row.text("code"),
        title=row.text("title"),
        about=row.text("about"),
        sort=sort,
        report=row.text("report"),
        valid_from=start,
        valid_to=end,
        kinds=row.many("kinds"),
        soc=row.many("soc"),
        sic=row.many("sic"),
        themes=row.many("themes"),
        source=row.text("source"),
        url=row.text("url"),
        checked_on=row.day("checked_on"),
        follows=row.many("follows"),
    )


def _sectors(path: Path) -> tuple[Sector, ...]:
    """The national sections; the area's own file, where there is one, renames them and adds other names."""
    sectors = dict(all_sectors())
    if path.exists():
        for letter, own in read_sectors(path).items():
            names = dict.fromkeys((*sectors[letter].other_names, *own.other_names))
            sectors[letter] = Sector(letter, own.name, tuple(names))
    return tuple(sectors.values())
