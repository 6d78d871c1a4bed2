"""Reading an officer's CSV file: columns by name, each row checked cell by cell, each fault with its row and value."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from skillsmatch.area.areas import Area
from skillsmatch.area.places import find_place
from skillsmatch.cases.gathering import own_domain
from skillsmatch.forms import clean, one_line
from skillsmatch.needs.forms import PEOPLE_LIMIT, SIZES, WHEN, sector_letter
from skillsmatch.offers.inert import as_written, inert

MOST_BYTES = 2_000_000
ERRORS = "ERRORS"  # the column that our list of faults adds; a corrected list is taken with it
SHOWN = 60  # characters of a value beside its fault
ENDINGS = (",", ";", "\t")
YES, NO = (
    frozenset({"yes", "y", "true", "1", "member"}),
    frozenset({"no", "n", "false", "0", "non-member"}),
)
Reader = Callable[[str, Area], Any]


class Wrong(ValueError):
    """A cell that cannot be taken; the words say why."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell. The header is row 1; an empty column is the whole row or file."""

    row: int
    column: str
    value: str
    message: str


@dataclass(frozen=True)
class Column:
    """One column of a file. `about` stands on the page and in the docs."""

    name: str
    about: str
    read: Reader
    needed: bool = False
    longest: int = 300  # characters


@dataclass(frozen=True)
class FileKind:
    """A file that officers send."""

    columns: tuple[Column, ...]
    most_rows: int
    at_odds: Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]  # column and message
    twice: Callable[[Mapping[str, Any]], object]  # what no two rows may share


@dataclass
class CheckedFile:
    """A file as it was read. `rows` holds the right ones with their numbers; with a fault nothing is to be saved."""

    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    cells: list[tuple[int, list[str]]] = field(default_factory=list)  # every row as it stands

    @property
    def right(self) -> bool:
        """Whether it may be saved."""
        return not self.faults and bool(self.rows)


def read_file(content: bytes, kind: FileKind, area: Area) -> CheckedFile:
    """The file, checked. Every fault is named; nothing is refused by raising."""
    checked = CheckedFile()
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") or (text := _decoded(content)) is None:
        checked.faults.append(
            Fault(1, "", "", "This is not a CSV file. In Excel, save the sheet as CSV UTF-8")
        )
        return checked
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=_ending(text), strict=True))
    except csv.Error:
        said = "From this row on it cannot be read as CSV. Is a quotation mark never closed, or not doubled in a cell?"
        checked.faults.append(Fault(len(rows) + 1, "", "", said))
        return checked
    numbered = [
        (number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)
    ]
    if not numbered:
        checked.faults.append(Fault(1, "", "", "The file is empty"))
        return checked
    checked.header = [one_line(cell).lower() for cell in numbered[0][1]]
    checked.cells = numbered[1:]
    places = _places(checked, kind)
    if places is not None and not _too_many(checked, kind):
        _rows(checked, kind, places, area)
    return checked


def _decoded(content: bytes) -> str | None:
    """As UTF-8, as the UTF-16 that Excel calls Unicode text, or as Windows writes letters; None where it is none."""
    try:
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None if error.encoding.startswith("utf-16") else content.decode("cp1252", "replace")


def _ending(text: str) -> str:
    """What divides the cells: whichever comes most often in the first line."""
    first = text.split("\n", 1)[0]
    return max(ENDINGS, key=first.count)


def _places(checked: CheckedFile, kind: FileKind) -> dict[str, int] | None:
    """Where each column stands; None where the header will not do."""
    known = {column.name for column in kind.columns}
    said: set[str] = set()
    for name in checked.header:
        if name in said and name:
            checked.faults.append(Fault(1, name, "", f"The column “{name[:SHOWN]}” stands there twice"))
        elif name not in known and name not in ("", ERRORS.lower()):
            listed = ", ".join(column.name for column in kind.columns)
            checked.faults.append(Fault(1, name[:SHOWN], "", f"There is no such column. There are: {listed}"))
        said.add(name)
    for column in kind.columns:
        if column.needed and column.name not in said:
            checked.faults.append(Fault(1, column.name, "", "This column is missing"))
    if checked.faults:
        return None
    return {name: place for place, name in enumerate(checked.header) if name in known}


def _too_many(checked: CheckedFile, kind: FileKind) -> bool:
    if not checked.cells:
        checked.faults.append(Fault(1, "", "", "There is no row below the header"))
    elif len(checked.cells) > kind.most_rows:
        said = f"There are {len(checked.cells):,} rows. A file may have {kind.most_rows:,}: split it"
        checked.faults.append(Fault(kind.most_rows + 2, "", "", said))
    return bool(checked.faults)


def _rows(checked: CheckedFile, kind: FileKind, places: Mapping[str, int], area: Area) -> None:
    first: dict[object, int] = {}
    for number, cells in checked.cells:
        got: dict[str, Any] = {}
        faults: list[Fault] = []
        if len(cells) > len(checked.header):
            faults.append(Fault(number, "", "", "The row has more cells than the header has columns"))
        for column in kind.columns:
            place = places.get(column.name, -1)
            written = cells[place] if 0 <= place < len(cells) else ""
            cell = clean(as_written(written))
            try:
                _check_letters(written)
                got[column.name] = _read(column, cell, area)
            except Wrong as wrong:
                faults.append(Fault(number, column.name, _short(cell), str(wrong)))
        if not faults:
            faults += [
                Fault(number, name, _short(str(got[name] or "")), said) for name, said in kind.at_odds(got)
            ]
        if not faults and (mark := kind.twice(got)) is not None:
            if mark in first:
                faults.append(Fault(number, "", "", f"This row says the same as row {first[mark]}"))
            first.setdefault(mark, number)
        checked.faults += faults
        if not faults:
            checked.rows.append((number, got))


def _check_letters(cell: str) -> None:
    if "\x00" in cell or "\ufffd" in cell:
        raise Wrong("Some letters here cannot be read. In Excel, save the sheet as CSV UTF-8")


def _read(column: Column, cell: str, area: Area) -> Any:
    if column.needed and not cell:
        raise Wrong("This cell is empty and must not be")
    if len(cell) > column.longest:
        raise Wrong(f"Use {column.longest:,} characters or fewer")
    return column.read(cell, area)


def _short(cell: str) -> str:
    flat = one_line(cell)
    return flat[:SHOWN] + ("…" if len(flat) > SHOWN else "")


def errors_csv(checked: CheckedFile) -> str:
    """The file again, with a last column that names what is wrong in each row. No cell of it is a live formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    kept = [place for place, name in enumerate(checked.header) if name != ERRORS.lower()]
    by_row: dict[int, list[str]] = {}
    for fault in checked.faults:
        said = f"{fault.column}: {fault.message}" if fault.column else fault.message
        by_row.setdefault(fault.row, []).append(said)
    writer.writerow([*(inert(checked.header[place]) for place in kept), ERRORS])
    if 1 in by_row:
        writer.writerow(["" for _ in kept] + [inert("; ".join(by_row[1]))])
    for number, cells in checked.cells:
        row = [cells[place] if place < len(cells) else "" for place in kept]
        said = "; ".join(by_row.get(number, ()))
        writer.writerow([*(inert(as_written(cell)) for cell in row), inert(said)])
    return "\ufeff" + out.getvalue()


# --- what stands in a cell ---------------------------------------------------------------------------


def words(cell: str, _area: Area) -> str:
    """Words of one line."""
    return one_line(cell)


def long_words(cell: str, _area: Area) -> str:
    """Words as they stand."""
    return cell


def domain(cell: str, _area: Area) -> str:
    """A business's own domain."""
    found = own_domain(cell)
    if found is None:
        raise Wrong("This is not the web domain of one business, such as acme.co.uk")
    return found


def place(cell: str, area: Area) -> str:
    """A postcode, half of one or a town, as it stands."""
    if cell and find_place(cell, area) is None:
        raise Wrong("This is neither a postcode, such as LE10 1AA or LE10, nor a town of the area")
    return one_line(cell)


def sector(cell: str, area: Area) -> str:
    """A SIC section's letter, from the letter or the sector's name."""
    if not cell:
        return ""
    letters = {one.letter for one in area.sectors}
    found = cell.upper() if cell.upper() in letters else sector_letter(one_line(cell))
    if found is None:
        raise Wrong(
            "We do not know this sector. Use its name, such as Construction, or its SIC letter, such as F"
        )
    return found


def size(cell: str, _area: Area) -> str:
    """A size band, from the band or from a number of people."""
    plain = one_line(cell).replace(",", "").replace("–", "-").replace(" ", "").lower()
    if not plain:
        return ""
    bands = {code for code, _ in SIZES}
    known = {"1-9": "0-9", "micro": "0-9", "small": "10-49", "medium": "50-249", "large": "250+"}
    if plain in bands or plain in known:
        return known.get(plain, plain)
    if plain.isascii() and plain.isdigit() and len(plain) < 8:
        people = int(plain)
        return "0-9" if people < 10 else "10-49" if people < 50 else "50-249" if people < 250 else "250+"
    raise Wrong("Write 0-9, 10-49, 50-249 or 250+, or the number of people")


def people(cell: str, _area: Area) -> int | None:
    """A number of people."""
    plain = one_line(cell).replace(",", "")
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit() and len(plain) < 8 and 1 <= int(plain) <= PEOPLE_LIMIT):
        raise Wrong(f"Write a whole number of people between 1 and {PEOPLE_LIMIT:,}")
    return int(plain)


def when(cell: str, _area: Area) -> str:
    """When it is wanted, by the form's words or our codes."""
    plain = one_line(cell).casefold()
    known = {words.casefold(): code for code, words in WHEN} | {code: code for code, _ in WHEN} | {"": ""}
    if plain not in known:
        raise Wrong("Write one of: " + ", ".join(words for _, words in WHEN))
    return known[plain]


def yes(cell: str, _area: Area) -> bool | str:
    """Yes or no, or empty: it does not say."""
    plain = one_line(cell).casefold()
    if plain not in YES | NO | {""}:
        raise Wrong("Write yes or no")
    return plain in YES if plain else ""


def neither(got: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A row that has neither a domain nor a place is nobody's."""
    if not got["website"] and not got["postcode"]:
        yield "postcode", "Give a website or a postcode, so that the business is counted once"
