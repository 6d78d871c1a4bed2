"""Postcode files as published: Code-Point Open, ONS Postcode Directory, or plain latitude and longitude."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from skillsmatch.area.areas import Area
from skillsmatch.area.osgb import to_wgs84
from skillsmatch.area.places import parse_postcode

PLACES = 6  # decimals kept of a degree; the sixth is about 10 cm
NOWHERE_LAT = 90.0  # the ONS Postcode Directory writes 99.999999 where a postcode has no place

# Column names in small letters, as the publishers write them. The first that a file has is used.
POSTCODE = ("postcode", "pcds", "pcd", "pcd7", "pcd8", "pc")
LAT, LON = ("lat", "latitude"), ("long", "lon", "longitude")
EAST, NORTH = (
    ("eastings", "easting", "ea", "oseast1m", "east1m"),
    ("northings", "northing", "no", "osnrth1m", "north1m"),
)
DISTRICT = ("oslaua", "laua", "lad_code", "admin_district_code", "dc", "district")
YEARLY = re.compile(r"(?:lad|lad\d\d|laua\d\d|oslaua\d\d)cd")  # lad25cd and its like change name every year
# Code-Point Open has no header. Quality, place, country, two for health, county, district, ward.
CODE_POINT = ("postcode", "pq", "eastings", "northings", "cy", "rh", "lh", "cc", "dc", "wc")


class PostcodeFileError(Exception):
    """A postcode file that cannot be used. Its words name the file, the row and the column."""


@dataclass(frozen=True, slots=True)
class PostcodeRow:
    """One postcode with a place."""

    postcode: str  # no space, such as LE101AA
    lat: float  # WGS84 degrees
    lon: float
    district: str  # ONS code; empty where the file has none

    @property
    def outcode(self) -> str:
        """The first half of the postcode."""
        return self.postcode[:-3]


@dataclass(frozen=True)
class _Columns:
    """Where each thing stands in a row."""

    postcode: int
    across: tuple[int, int]  # latitude and longitude, or easting and northing
    grid: bool
    district: int | None
    names: tuple[str, ...]


def read_postcodes(path: Path) -> Iterator[PostcodeRow]:
    """The postcodes of a file, plain or gzip; those without a place are left out.

    Refused (PostcodeFileError, with file, row and column): a file without the columns of a known publisher, a
    cell that is not what its column holds, a file that is not UTF-8 text. The header is row 1.
    """
    with _open(path) as file:
        reader = csv.reader(file, strict=True)
        number = 0
        try:
            first = next(reader, None)
            if first is None:
                raise PostcodeFileError(f"{path.name}: is empty")
            columns = _columns(path.name, first)
            rows: Iterable[list[str]] = reader
            if _is_data(first):
                yield from _row(path.name, 1, first, columns)
            for cells in rows:
                number = reader.line_num
                if not cells or _is_second_header(number, cells, columns):
                    continue
                yield from _row(path.name, number, cells, columns)
        except (UnicodeDecodeError, csv.Error, OSError, EOFError, zlib.error) as error:
            raise PostcodeFileError(f"{path.name}, row {number + 1}: cannot be read ({error})") from error


def in_area(area: Area) -> Callable[[PostcodeRow], bool]:
    """A test for postcodes that belong to `area`: by postcode district, or by district code at its edges."""
    return lambda row: row.outcode in area.postcode_districts or area.covers(row.district)


def _open(path: Path) -> IO[str]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        if packed:
            return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise PostcodeFileError(f"{path.name}: cannot be read ({error.strerror})") from error


def _is_data(cells: Sequence[str]) -> bool:
    halves = parse_postcode(cells[0]) if cells else None
    return halves is not None and halves[1] is not None


def _is_second_header(number: int, cells: Sequence[str], columns: _Columns) -> bool:
    """Code-Point Open's own header file has two rows, the second of long names."""
    return (
        number == 2
        and len(cells) == len(columns.names)
        and cells[columns.postcode].strip().lower() == "postcode"
    )


def _columns(file: str, first: Sequence[str]) -> _Columns:
    """Where the columns are, by their names; by their order in a file of Code-Point Open without a header."""
    if _is_data(first):
        if len(first) != len(CODE_POINT):
            raise PostcodeFileError(
                f"{file}, row 1: no header, and {len(first)} columns; Code-Point Open has {len(CODE_POINT)}"
            )
        names: tuple[str, ...] = CODE_POINT
    else:
        names = tuple(name.strip().lower() for name in first)
    postcode = _find(names, POSTCODE)
    degrees = _find(names, LAT), _find(names, LON)
    grid = _find(names, EAST), _find(names, NORTH)
    yearly = next((n for n, name in enumerate(names) if YEARLY.fullmatch(name)), None)
    named = _find(names, DISTRICT)
    district = named if named is not None else yearly
    if postcode is None:
        raise PostcodeFileError(f"{file}, row 1, postcode: this column is missing (or pcds, or pcd)")
    for east, north in (degrees, grid):
        if east is not None and north is not None:
            return _Columns(postcode, (east, north), (east, north) != degrees, district, names)
    raise PostcodeFileError(
        f"{file}, row 1, lat: lat and long are missing, and so are eastings and northings"
    )


def _find(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _row(file: str, number: int, cells: Sequence[str], columns: _Columns) -> Iterator[PostcodeRow]:
    """The one postcode of a row; nothing where it has no place."""
    if len(cells) != len(columns.names):
        raise PostcodeFileError(f"{file}, row {number}: {len(cells)} cells, {len(columns.names)} are needed")
    halves = parse_postcode(cells[columns.postcode])
    if halves is None or halves[1] is None:
        raise _wrong(
            file, number, columns, columns.postcode, cells, "is not a full postcode such as LE10 1AA"
        )
    one, two = (_number(file, number, columns, column, cells) for column in columns.across)
    point = _place(file, number, columns, cells, one, two)
    if point is None:
        return
    district = cells[columns.district].strip() if columns.district is not None else ""
    if district and not re.fullmatch(r"[A-Z]\d{8}", district):
        where = columns.district or 0
        raise _wrong(file, number, columns, where, cells, "is not an ONS code such as E06000016")
    yield PostcodeRow(halves[0] + halves[1], round(point[0], PLACES), round(point[1], PLACES), district)


def _place(
    file: str, number: int, columns: _Columns, cells: Sequence[str], one: float | None, two: float | None
) -> tuple[float, float] | None:
    """Latitude and longitude; None where the publisher gives no place for the postcode."""
    if (
        one is None
        or two is None
        or (columns.grid and one == two == 0)
        or (not columns.grid and one > NOWHERE_LAT)
    ):
        return None
    if columns.grid:
        try:
            return to_wgs84(one, two)
        except ValueError:
            raise _wrong(
                file, number, columns, columns.across[0], cells, "is not on the National Grid"
            ) from None
    for value, column, (least, most) in zip((one, two), columns.across, ((49, 61), (-9, 2)), strict=True):
        if not least <= value <= most:
            raise _wrong(file, number, columns, column, cells, f"is not between {least} and {most} degrees")
    return one, two


def _number(file: str, number: int, columns: _Columns, column: int, cells: Sequence[str]) -> float | None:
    cell = cells[column].strip()
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        raise _wrong(file, number, columns, column, cells, "is not a number") from None
    if value != value or abs(value) == float("inf"):
        raise _wrong(file, number, columns, column, cells, "is not a number")
    return value


def _wrong(
    file: str, number: int, columns: _Columns, column: int, cells: Sequence[str], what: str
) -> PostcodeFileError:
    shown = cells[column][:40]
    return PostcodeFileError(f"{file}, row {number}, {columns.names[column]}: {shown!r} {what}")
