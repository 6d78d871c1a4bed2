"""A course file, checked to its end and put aside, so that writing it holds the database for a moment."""

from __future__ import annotations

import json
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import date
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path
from typing import Any, Protocol

from skillsmatch.area.areas import Area
from skillsmatch.area.places import Exact, find_place
from skillsmatch.offers.formats import Format, OpenFile, open_file
from skillsmatch.offers.known_rows import NO_MARK, KnownRow
from skillsmatch.offers.records import CourseRow, Record, RowError
from skillsmatch.offers.rows import Unreadable
from skillsmatch.offers.tables import HEADER, ROW, Context, Read

VENUE_WORDS = (
    *("venue_address", "venue_town", "venue_county", "lat", "lon"),
    *("venue_email", "venue_phone", "venue_website"),
)
OF_A_VENUE = attrgetter(*VENUE_WORDS)
AS_JSON = json.JSONEncoder(ensure_ascii=False, default=str).encode
NO_VENUE = bytes(8)
NO_TEXT = 2**63  # stands for where a record's text begins
MOST_SHOWN = 100  # errors; the rest are counted
MOST_ROWS = 1_000_000  # rows; England's whole file of courses has about a third of that


class Progress(Protocol):
    """Told how far a load has come: the stage in words, how much is done and how much there is."""

    def __call__(self, stage: str, done: int, whole: int) -> None:
        """Takes the news."""


class Refused(Exception):
    """The file was not taken and the catalogue is as it was. `lines` say what is wrong, row by row."""

    def __init__(self, file: str, errors: Sequence[RowError], more: int = 0) -> None:
        self.file, self.errors, self.more = file, tuple(errors), more
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> list[str]:
        """One line for each error: `FILE, row N, COLUMN: what is wrong and what would be right`."""
        lines = [f"{self.file}, row {e.row}, {e.column}: {e.message}" for e in self.errors]
        if self.more:
            lines.append(f"and {self.more:,} more like these")
        return lines


class NeedsTexts(Exception):
    """What a file says now has to be compared with rows that were known, so they have to be read after all."""


class WrongUse(Exception):
    """What was asked does not go with this format. Its words say what does."""


def digest_of(record: Record) -> str:
    """The hash of everything a reader sees of a record, as `offer.digest` holds it."""
    values = attrgetter(*_names_of(record))
    return blake2b(_text_of(values(record)), digest_size=16).hexdigest()


def _names_of(record: Record) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record) if field.name != "row")


def _text_of(values: Sequence[Any]) -> bytes:
    return AS_JSON(values).encode()


def _venue_marks(course: CourseRow) -> tuple[bytes, bytes]:
    """Hashes of which venue the course is at and of what the row says of it; NO_VENUE where it names none."""
    if not course.venue_name or course.venue_id is not None:
        return NO_VENUE, NO_VENUE
    which = repr((course.ukprn, course.venue_name, course.venue_postcode))
    marks = (blake2b(text.encode(), digest_size=8).digest() for text in (which, repr(OF_A_VENUE(course))))
    return next(marks), next(marks)


class CheckedFile:
    """The records of a file that is right. Their texts wait on disk, keys and digests in memory."""

    def __init__(self, form: Format, ukprn: int | None) -> None:
        self.form, self.ukprn = form, ukprn
        self._texts = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close)
        self._starts = array("Q")
        self._end = 0
        self._digests = bytearray()
        self._marks = bytearray()
        self._venue_marks = bytearray()
        self._ukprns = array("L")
        self._last_starts = array("L")
        self._rows = array("L")
        self._places: dict[str, int] = {}
        self._names: tuple[str, ...] = ()
        self._venues: dict[bytes, tuple[bytes, tuple[Any, ...]]] = {}  # what was first said of each
        self.outside = 0  # rows left out: outside the area
        self.passed = 0  # rows taken whose date has passed

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, record: Record | KnownRow, mark: bytes = b"", venue: bytes = b"") -> int | None:
        """Puts a record aside. Where its key is there already, does nothing and returns that row's number."""
        place = self._places.setdefault(record.ref, len(self._starts))
        if place < len(self._starts):
            return self._rows[place]
        if isinstance(record, KnownRow):
            self._starts.append(NO_TEXT)
            self._digests += record.digest
        else:
            if not self._names:
                self._names = _names_of(record)
                self._values = attrgetter(*self._names)
            text = _text_of(self._values(record))
            self._starts.append(self._end)
            self._end += self._texts.write(text + b"\n")
            self._digests += blake2b(text, digest_size=16).digest()
        self._rows.append(record.row)
        if self.form.makes == "course":
            self._ukprns.append(record.ukprn)
            self._last_starts.append(_last_start(record))
            self._marks += mark or NO_MARK
            self._venue_marks += venue or NO_VENUE * 2
        return None

    def settled(self, record: CourseRow | KnownRow) -> tuple[CourseRow | KnownRow, bytes]:
        """The course with what the file first said of its venue, and a mark of both; a venue is held once.

        Raises NeedsTexts where what was first said stands in a row that was known, and this one says otherwise.
        """
        if isinstance(record, KnownRow):
            key, said = record.venue[:8], record.venue[8:]
        else:
            key, said = _venue_marks(record)
        if key == NO_VENUE:
            return record, key + said
        if key not in self._venues:
            self._venues[key] = said, () if isinstance(record, KnownRow) else OF_A_VENUE(record)
        first, words = self._venues[key]
        if first != said:
            if isinstance(record, KnownRow) or not words:
                raise NeedsTexts
            record = replace(record, **dict(zip(VENUE_WORDS, words, strict=True)))
        return record, key + first

    @property
    def providers(self) -> set[int]:
        """The UKPRNs whose courses it holds."""
        return set(self._ukprns)

    def without_text(self, place: int) -> bool:
        """True where the record's row was known, so that its values were not read."""
        return self._starts[place] == NO_TEXT

    def known(self, place: int) -> tuple[bytes, bytes, int, int, bytes]:
        """What can be remembered of the row: its mark (NO_MARK: nothing), digest, provider, last start, venue."""
        at = place * 16
        mark, digest = bytes(self._marks[at : at + 16]), bytes(self._digests[at : at + 16])
        venue = bytes(self._venue_marks[at : at + 16])
        return mark, digest, self._ukprns[place], self._last_starts[place], venue

    def place(self, ref: str) -> int | None:
        """Where in the file a record stands, from 0, by its key."""
        return self._places.get(ref)

    def refs(self) -> list[str]:
        """The records' keys, in the file's order."""
        return list(self._places)

    def row(self, place: int) -> int:
        """The number of the record's row in the file."""
        return self._rows[place]

    def digest(self, place: int) -> str:
        """The hash of everything a reader sees of the record, as `offer.digest` holds it."""
        return self._digests[place * 16 : place * 16 + 16].hex()

    def values(self, place: int) -> dict[str, Any]:
        """The record's values by name; decimals are text."""
        self._texts.seek(self._starts[place])
        return dict(zip(self._names, json.loads(self._texts.readline()), strict=True))

    def close(self) -> None:
        """Drops the texts."""
        self._texts.close()


def _last_start(record: Record | KnownRow) -> int:
    if isinstance(record, KnownRow):
        return record.last_start
    if not isinstance(record, CourseRow) or not record.start_dates or record.flexible_start:
        return 0
    return date.fromisoformat(record.start_dates[-1]).toordinal()


def check_file(
    path: Path,
    context: Context,
    *,
    complete: bool = False,
    area: Area | None = None,
    exact: Exact | None = None,
    progress: Progress | None = None,
    on_row: Callable[[OpenFile, Read, list[RowError]], None] | None = None,
) -> CheckedFile:
    """The file's records, all of them checked; with an `area`, courses outside it are left out.

    `on_row` is told of each row and of all that is wrong with it. Raises Refused with the first errors where
    any row is wrong or stands twice; WrongUse where the file names no provider and `context` has none, or where
    it is to be `complete` and holds no offers.
    """
    try:
        file = open_file(path, _on_bytes(path, progress))
    except Unreadable as fault:
        raise Refused(str(path), [RowError(fault.row, HEADER, fault.message)]) from None
    if file.wrong:
        raise Refused(str(path), file.wrong[:MOST_SHOWN], max(0, len(file.wrong) - MOST_SHOWN))
    if not file.form.names_provider and context.ukprn is None:
        raise WrongUse(f"A file of {file.form.name} does not say whose it is; add --ukprn and that number.")
    if complete and file.form.makes != "course":
        raise WrongUse(f"--complete withdraws offers; a file of {file.form.name} holds none.")
    checked = CheckedFile(file.form, context.ukprn)
    errors = _Errors()
    inside = _inside(area, exact) if area is not None else None
    try:
        for read in file.read(context):
            wrong = read.outcome
            if not isinstance(wrong, list):
                wrong = _take(checked, wrong, read.mark, context.today, inside)
            errors.add(wrong)
            if on_row is not None:
                on_row(file, read, wrong)
            if len(checked) > MOST_ROWS:
                errors.add(
                    [RowError(read.number, ROW, f"the file has more than {MOST_ROWS:,} rows; split it")]
                )
                break
        if errors.count:
            raise Refused(str(path), errors.first, errors.count - len(errors.first))
    except BaseException:
        checked.close()
        raise
    return checked


class _Errors:
    def __init__(self) -> None:
        self.first: list[RowError] = []
        self.count = 0

    def add(self, errors: Sequence[RowError]) -> None:
        self.count += len(errors)
        self.first += errors[: MOST_SHOWN - len(self.first)]


def _take(
    checked: CheckedFile,
    record: Record | KnownRow,
    mark: bytes,
    today: date,
    inside: Callable[[CourseRow], bool] | None,
) -> list[RowError]:
    """Puts the record aside, or leaves it out where it is outside the area; what is wrong with that."""
    if inside is not None and isinstance(record, CourseRow) and not inside(record):
        checked.outside += 1
        return []
    venue = b""
    if isinstance(record, CourseRow | KnownRow):
        record, venue = checked.settled(record)
    earlier = checked.add(record, mark, venue)
    if earlier is not None:
        if checked.form.key is None:
            return []
        column, words = checked.form.key
        return [RowError(record.row, column, f"row {earlier} has {words}")]
    if isinstance(record, CourseRow | KnownRow) and record.has_passed(today):
        checked.passed += 1
    return []


def _on_bytes(path: Path, progress: Progress | None) -> Callable[[int], None] | None:
    if progress is None:
        return None
    whole = path.stat().st_size
    return lambda done: progress("Checking", done, whole)


def _inside(area: Area, exact: Exact | None) -> Callable[[CourseRow], bool]:
    """Tells whether a course can be had in the area.

    Online and national courses can. A postcode decides for the rest, or the regions where there is none.
    A course that says nothing of its place is not known to be outside, so it counts as inside.
    """
    known: dict[str, bool] = {}
    names = [n.casefold() for n in (area.name, area.short_name, *(d.name for d in area.districts.values()))]
    codes = [code.casefold() for code in area.districts]

    def inside(course: CourseRow) -> bool:
        if course.national or course.mode == "online":
            return True
        postcode = course.venue_postcode
        if not postcode:
            regions = course.regions.casefold()
            return not regions or any(name in regions for name in (*names, *codes))
        if postcode.split()[0] not in area.postcode_districts:
            return False
        if postcode not in known:
            place = find_place(postcode, area, exact)
            known[postcode] = place is not None and place.inside
        return known[postcode]

    return inside


def chunks(places: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """The places in runs of at most `size`."""
    for start in range(0, len(places), size):
        yield places[start : start + size]
