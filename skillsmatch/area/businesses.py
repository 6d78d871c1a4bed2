"""How many businesses there are, by sector, size and district: an open count that an operator loads from a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from sqlalchemy import ColumnElement, delete, true

from skillsmatch.area.areas import Area
from skillsmatch.area.models import BusinessCount
from skillsmatch.clock import now
from skillsmatch.extensions import db

COLUMNS = ("sector", "size", "district", "businesses")
SIZES = {  # employees, and the names that official tables have for them
    "0-9": ("0-9", "micro", "0 to 9", "micro (0 to 9)"),
    "10-49": ("10-49", "small", "10 to 49", "small (10 to 49)"),
    "50-249": ("50-249", "medium", "medium-sized", "50 to 249", "medium-sized (50 to 249)"),
    "250+": ("250+", "large", "250 or more", "large (250+)"),
}
SMALL = ("0-9", "10-49", "50-249")  # size bands of small and medium firms
MADE_UP = (
    "Made up for the demonstration: rounded, of no use outside it"  # the source of counts that are invented
)
LARGEST = 1_000_000  # businesses of one sector and size in one district; more is a slip of the pen
MOST_ERRORS = 50  # rows told of; a wrong file is put right before its fiftieth row is read out
LARGEST_FILE = 5_000_000  # bytes; a whole area has some 800 rows


class BusinessFileError(Exception):
    """The file cannot be used. `problems` are sentences with row and column; the message is all of them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class BusinessRow:
    """One row, as codes."""

    sic_section: str
    size_band: str
    district: str
    businesses: int


def read_businesses(path: Path, area: Area) -> list[BusinessRow]:
    """The rows of the file, each combination once. Refused (BusinessFileError) with every row that is wrong, up to 50.

    Rows of districts outside the area, sectors without a SIC section and sizes of other bands are wrong: a count that
    leaves some of them out unseen would name sectors that nobody has heard from.
    """
    rows: dict[tuple[str, str, str], int] = {}
    found: list[BusinessRow] = []
    problems: list[str] = []
    for number, cells in _lines(path):
        row, wrong = _read(cells, area)
        where = f"{path.name}, row {number}"
        problems += [f"{where}, {column}: {words}" for column, words in wrong]
        if row is not None:
            key = (row.sic_section, row.size_band, row.district)
            if key in rows:
                problems.append(
                    f"{where}: the same sector, size and district stand in row {rows[key]} already"
                )
            rows.setdefault(key, number)
            found.append(row)
        if len(problems) >= MOST_ERRORS:
            problems.append(f"{path.name}: there may be more; put these right first")
            break
    if not found and not problems:
        problems = [f"{path.name}: has no rows under its header"]
    if problems:
        raise BusinessFileError(problems)
    return found


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BusinessFileError([f"{path.name}: is larger than 5 MB; a count of businesses is not"])
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = {" ".join((name or "").split()).casefold(): name for name in reader.fieldnames or []}
            missing = [column for column in COLUMNS if column not in names]
            if missing:
                needed = ", ".join(COLUMNS)
                raise BusinessFileError(
                    [
                        f"{path.name}, row 1, {column}: this column is missing (needed: {needed})"
                        for column in missing
                    ]
                )
            for row in reader:
                cells = {column: " ".join((row.get(names[column]) or "").split()) for column in COLUMNS}
                if any(cells.values()):
                    yield reader.line_num, cells
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BusinessFileError([f"{path.name}: cannot be read as a CSV file in UTF-8 ({error})"]) from error


def _read(cells: dict[str, str], area: Area) -> tuple[BusinessRow | None, list[tuple[str, str]]]:
    sector = area.find_sector(cells["sector"])
    size = next((band for band, names in SIZES.items() if cells["size"].casefold() in names), None)
    district = _district(cells["district"], area)
    count = _count(cells["businesses"])
    sizes = "0-9, 10-49, 50-249 or 250+"
    wrong = [
        ("sector", f"“{cells['sector']}” is not a SIC 2007 section: use its letter, A to U")
        if not sector
        else None,
        ("size", f"“{cells['size']}” is not a size: use {sizes}") if not size else None,
        ("district", f"“{cells['district']}” is not a district of {area.name}: use its name or ONS code")
        if not district
        else None,
        ("businesses", f"“{cells['businesses']}” is not a whole number from 0 to {LARGEST:,}")
        if count is None
        else None,
    ]
    if sector and size and district and count is not None:
        return BusinessRow(sector, size, district, count), []
    return None, [each for each in wrong if each]


def _district(words: str, area: Area) -> str | None:
    wanted = words.casefold()
    return next(
        (d.code for d in area.districts.values() if wanted in (d.code.casefold(), d.name.casefold())), None
    )


def _count(words: str) -> int | None:
    plain = words.replace(",", "").removesuffix(".0")
    if not plain.isascii() or not plain.isdigit() or len(plain) > 8:
        return None
    return int(plain) if int(plain) <= LARGEST else None


def is_counted() -> ColumnElement[bool]:
    """True of a count that this service reads: a made-up one is there in a demonstration only."""
    return true() if current_app.config["DEMO"] else BusinessCount.source != MADE_UP


def store_businesses(rows: list[BusinessRow], source: str) -> None:
    """These counts are all there are from now on. Inside a write transaction."""
    db.session.execute(delete(BusinessCount))
    db.session.add_all(
        BusinessCount(
            sic_section=row.sic_section,
            size_band=row.size_band,
            district=row.district,
            businesses=row.businesses,
            source=source[:200],
            loaded_at=now(),
        )
        for row in rows
    )
