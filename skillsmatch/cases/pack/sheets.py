"""One table of the pack, as plain data: the workbook, the document, the CSV and the JSON are all made of it."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO, StringIO

from skillsmatch.cases.days import span_words
from skillsmatch.demand.files import safe_cell
from skillsmatch.forms import CONTROL

Value = str | int | float | date | None
Row = Sequence[Value]
NO_ROWS = "There is nothing to show here for these dates."


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar chart of a sheet: names and numbers, the largest first."""

    title: str
    unit: str
    bars: tuple[tuple[str, float], ...]

    @property
    def words(self) -> str:
        """The chart for those who do not see it."""
        if not self.bars:
            return f"{self.title}: nothing to show."
        name, value = self.bars[0]
        return f"Bar chart. {self.title}. The largest is {name}: {value:,g} {self.unit}. The table has every number."


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. Its code names the output it is part of, R1 to R12."""

    code: str
    name: str  # of the workbook's sheet and, in small letters, of the CSV
    title: str
    words: tuple[str, ...]  # what has to be known to read it
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    in_document: bool = True
    most: int = 40  # rows in the document; the other files have them all
    chart: Bars | None = None
    none: str = NO_ROWS  # what is said where there are no rows
    in_table: tuple[str, ...] = ()  # the columns that the document has; empty: as many as it has room for

    @property
    def tab(self) -> str:
        """The name of the workbook's sheet: at most 31 characters, as Excel wants it."""
        return f"{self.code} {self.name}"[:31]

    @property
    def file(self) -> str:
        """The name of its CSV."""
        return f"{self.code}-{'-'.join(self.name.lower().split())}.csv"


@dataclass(frozen=True, slots=True)
class Pack:
    """All that goes into one folder. `mark` stands on every sheet; empty in a public pack."""

    area: str
    chamber: str
    first: date
    last: date
    made_on: date
    mark: str
    opening: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    quotes: tuple[tuple[str, str], ...] = field(
        default=()
    )  # words that their employer agreed to, and who said them

    @property
    def title(self) -> str:
        """The title of the workbook and the document."""
        return f"Local skills improvement plan: evidence for {self.area}"

    @property
    def dates(self) -> str:
        """The dates in words."""
        return span_words(self.first, self.last)

    @property
    def internal(self) -> bool:
        """True where exact numbers stand in it."""
        return bool(self.mark)


NOT_XML = re.compile(r"[\ud800-\udfff\ufffe\uffff]")  # halves of characters, and what is none


def plain(value: Value) -> Value:
    """The value without the characters that no document may have."""
    return NOT_XML.sub("\ufffd", CONTROL.sub(" ", value)) if isinstance(value, str) else value


def write_csv(sheet: Sheet, pack: Pack) -> bytes:
    """The sheet as CSV with a byte-order mark. What must be known to read it stands in the last rows.

    The same rows give the same bytes: nothing of the moment it is made goes in.
    """
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in sheet.header])
    for row in sheet.rows:
        writer.writerow(
            ["" if v is None else safe_cell(str(plain(v))) if isinstance(v, str) else str(v) for v in row]
        )
    notes = [("internal", pack.mark)] if pack.internal else []
    notes += [
        ("about", f"{sheet.code} {sheet.title}, {pack.dates}"),
        *(("about", words) for words in sheet.words),
    ]
    for name, words in notes:
        writer.writerow([name, safe_cell(str(plain(words)))])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def packed(content: bytes, day: date, change: Callable[[str, bytes], bytes] | None = None) -> bytes:
    """A workbook or document with each part `change`d, and dated by the day: the same content gives the same bytes."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as given, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name in given.namelist():
            part = given.read(name)
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, change(name, part) if change else part)
    return file.getvalue()


def percent(part: int, whole: int) -> float | None:
    """A share in per cent, to one place; None of nothing."""
    return round(100 * part / whole, 1) if whole else None
