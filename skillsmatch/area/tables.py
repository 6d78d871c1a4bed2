"""Rows of an area's data files, read field by field; wrong data is refused with its file, row and field."""

from __future__ import annotations

import csv
import datetime
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class AreaError(Exception):
    """Area data that cannot be used. Its words name the file, the row and the field, and what is wrong."""


@dataclass(frozen=True)
class Row:
    """One row of a CSV file, or one table of a TOML file, with where it stands."""

    file: str
    number: int  # as a person counts: the header of a CSV file is row 1, the first table of a list is 1
    values: Mapping[str, Any]

    def wrong(self, field: str, what: str) -> AreaError:
        """The error to raise about `field`."""
        return AreaError(f"{self.file}, row {self.number}, {field}: {what}")

    def text(self, field: str, default: str | None = None) -> str:
        """The words in `field`. Refused when it is missing or empty and has no default."""
        value = self.values.get(field)
        if value is None or (isinstance(value, str) and not value.strip()):
            if default is None:
                raise self.wrong(field, "is missing")
            return default
        if not isinstance(value, str):
            raise self.wrong(field, f"{value!r} is not text")
        return value.strip()

    def decimal(self, field: str, low: float = -math.inf, high: float = math.inf) -> float:
        """The number in `field`, from `low` to `high`. Refused otherwise, NaN included."""
        value = self.values.get(field)
        if value is None or isinstance(value, bool):
            raise self.wrong(field, "is missing; a number is needed")
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise self.wrong(field, f"{value!r} is not a number") from None
        if not low <= number <= high:
            raise self.wrong(field, f"{number:g} is not between {low:g} and {high:g}")
        return number

    def whole(self, field: str, low: int, high: int) -> int:
        """The whole number in `field`, from `low` to `high`."""
        number = self.decimal(field, low, high)
        if number != int(number):
            raise self.wrong(field, f"{number:g} is not a whole number")
        return int(number)

    def day(self, field: str) -> datetime.date:
        """The date in `field`. Refused when it is missing or not a date (in TOML: 2026-08-01)."""
        value = self.values.get(field)
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return value
        raise self.wrong(field, f"{value!r} is not a date such as 2026-08-01")

    def day_or_none(self, field: str) -> datetime.date | None:
        """The date in `field`, or None where the field is absent: the end is not known."""
        return None if self.values.get(field) is None else self.day(field)

    def yes(self, field: str) -> bool:
        """True for yes, False for no. Refused for anything else."""
        value = self.values.get(field)
        if isinstance(value, bool):
            return value
        if value not in ("yes", "no"):
            raise self.wrong(field, f"{value!r} is neither yes nor no")
        return value == "yes"

    def many(self, field: str) -> tuple[str, ...]:
        """The list in `field`: a TOML list of texts, or a CSV cell parted by semicolons. Absent is empty."""
        value = self.values.get(field)
        parts = value.split(";") if isinstance(value, str) else (value or [])
        if not isinstance(parts, list) or not all(isinstance(p, str) for p in parts):
            raise self.wrong(field, f"{value!r} is not a list of texts")
        return tuple(p.strip() for p in parts if p.strip())

    def rows(self, field: str) -> list[Row]:
        """The tables listed under `field` in a TOML file."""
        tables = self.values.get(field, [])
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            raise self.wrong(field, f"write each entry as [[{field}]]")
        name = f"{self.file} [[{field}]]"
        return [Row(name, number, table) for number, table in enumerate(tables, start=1)]


def read_table(path: Path, columns: Iterable[str]) -> Iterator[Row]:
    """The rows of a CSV file. Refused: no such file, a column missing, a row too long or too short."""
    name = f"{path.parent.name}/{path.name}"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [column for column in columns if column not in (reader.fieldnames or [])]
            if missing:
                raise AreaError(f"{name}, row 1, {missing[0]}: this column is missing")
            for values in reader:
                row = Row(name, reader.line_num, values)
                if None in values or None in values.values():
                    raise row.wrong("cells", f"{len(reader.fieldnames or [])} are needed, as in the header")
                yield row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AreaError(f"{name}: cannot be read ({error})") from error


def read_toml(path: Path) -> Row:
    """A whole TOML file as one row. Refused when it cannot be read as TOML."""
    name = f"{path.parent.name}/{path.name}"
    try:
        return Row(name, 1, tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AreaError(f"{name}: cannot be read ({error})") from error


def once(rows: Iterable[Row], field: str) -> Iterator[Row]:
    """The same rows. Refused when two of them hold the same value in `field`."""
    seen: set[str] = set()
    for row in rows:
        value = row.text(field)
        if value in seen:
            raise row.wrong(field, f"{value!r} stands twice")
        seen.add(value)
        yield row
