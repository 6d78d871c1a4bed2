"""The bytes that a provider sends: taken up to a size, checked by the one checking core, every fault with its value."""

from __future__ import annotations

import gzip
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from skillsmatch.extensions import db
from skillsmatch.offers.checking import CheckedFile, Refused, WrongUse, check_file, chunks
from skillsmatch.offers.errors_file import ErrorsFile
from skillsmatch.offers.formats import Format, OpenFile
from skillsmatch.offers.loading import BATCH, file_context
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.offers.records import STANDARDS_SOURCE, CourseRow, RowError
from skillsmatch.offers.rows import DAMAGED, GZIP
from skillsmatch.offers.tables import HEADER, ROW, Read

MOST_SENT = 12_000_000  # bytes of a file; 5,000 full rows packed have about a tenth
MOST_UNPACKED = 60_000_000  # bytes; the same as a workbook may unpack to
MOST_ROWS = 5_000  # rows that a page checks while somebody waits; more are loaded by the operator
SHOWN = 60  # characters of a value beside its fault

TOO_LARGE = (
    f"the file unpacks to more than {MOST_UNPACKED // 1_000_000} MB; split it, "
    "or ask whoever runs this service to load it"
)
TOO_MANY = f"the file has more than {MOST_ROWS:,} rows; split it, or ask whoever runs this service to load it"
NOT_YOURS = "only whoever runs this service loads such a file; a provider's own are courses and venues"
NO_WHOLE_LIST = "a list of venues withdraws nothing; take the tick from “This is my whole list”"
ANOTHERS = "another provider's course has the same {columns}; give this one an identifier of your own"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell: where, what stands there, and what would be right."""

    row: int  # the header is 1
    column: str  # empty for what is wrong with the whole file or row
    value: str
    message: str


@dataclass
class Reading:
    """A file, read to its end. `checked` is there only where nothing is wrong."""

    form: Format | None = None  # None where it has no format that we know
    rows: int = 0
    faults: int = 0
    first: list[Fault] = field(default_factory=list)  # the first faults, in the file's order
    checked: CheckedFile | None = None

    @property
    def source(self) -> str:
        """The format, as `offer.source` names it."""
        return self.form.source if self.form else ""


@contextmanager
def read_upload(
    content: bytes, ukprn: int, *, whole: bool = False, shown: int = 50, errors: Path | None = None
) -> Iterator[Reading]:
    """The file that these bytes are, checked as a load by this provider; inside the block its records can be read.

    With `errors`, a table with faults is written there again, with a last column that names them. Nothing is
    written to the database.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(content)
        kept = _Kept(ukprn)
        reading = Reading()
        try:
            _refuse_large(content)
            reading.checked = check_file(path, file_context(ukprn), complete=whole, on_row=kept.add)
        except Refused as refused:
            kept.whole_file = [] if kept.rows else list(refused.errors)
            kept.more = 0 if kept.rows else refused.more
        except WrongUse:
            kept.whole_file = [RowError(1, HEADER, NO_WHOLE_LIST)]
        except _Stop as stop:
            kept.rows.clear()
            kept.whole_file = [RowError(stop.row, HEADER, stop.message)]
        try:
            _finish(reading, kept, shown)
            if errors is not None and reading.faults and kept.file is not None and kept.file.header:
                _write_errors(errors, kept, kept.file)
            yield reading
        finally:
            if reading.checked is not None:
                reading.checked.close()


class _Stop(Exception):
    """The file need not be read any further."""

    def __init__(self, row: int, message: str) -> None:
        super().__init__(message)
        self.row, self.message = row, message


class _Kept:
    """Every row of the file with its faults, as long as the file is being looked at."""

    def __init__(self, ukprn: int) -> None:
        self.ukprn = ukprn
        self.file: OpenFile | None = None
        self.rows: list[tuple[Read, list[RowError]]] = []
        self.whole_file: list[RowError] = []
        self.more = 0  # faults of the whole file that are not in `whole_file`

    def add(self, file: OpenFile, read: Read, wrong: list[RowError]) -> None:
        if file.form.makes == "provider" or file.form.source == STANDARDS_SOURCE:
            raise _Stop(1, f"this is {file.form.name}; {NOT_YOURS}")
        self.file = file
        if len(self.rows) >= MOST_ROWS:
            raise _Stop(read.number, TOO_MANY)
        self.rows.append((read, list(wrong)))


def _refuse_large(content: bytes) -> None:
    if not content.startswith(GZIP):
        return
    left, unpack = MOST_UNPACKED, zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        rest = content
        while rest and left > 0:
            left -= len(unpack.decompress(rest, min(left, 1 << 20) or 1))
            rest = unpack.unconsumed_tail or _next_member(unpack)
            if unpack.eof and rest:
                unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
    except (zlib.error, gzip.BadGzipFile):
        raise _Stop(1, DAMAGED) from None
    if left <= 0:
        raise _Stop(1, TOO_LARGE)


def _next_member(unpack: zlib._Decompress) -> bytes:
    """What follows the end of one packed part: a gzip file may have several, which count together."""
    rest = unpack.unused_data.lstrip(b"\0")
    return rest if unpack.eof and rest.startswith(GZIP) else b""


def _finish(reading: Reading, kept: _Kept, shown: int) -> None:
    """Counts, and adds what only the tables tell: a key that belongs to another provider."""
    reading.form = kept.file.form if kept.file else None
    reading.rows = len(kept.rows)
    if reading.form is not None and reading.form.names_provider and reading.form.makes == "course":
        _refuse_anothers(kept, reading.form)
    faults = [_fault(kept, None, error) for error in kept.whole_file]
    for read, wrong in kept.rows:
        faults += [_fault(kept, read, error) for error in wrong]
    reading.faults, reading.first = len(faults) + kept.more, faults[:shown]
    if reading.faults and reading.checked is not None:
        reading.checked.close()
        reading.checked = None


def _refuse_anothers(kept: _Kept, form: Format) -> None:
    """A course's key in such a file does not hold whose it is, so one provider could name another's."""
    by_ref = {
        read.outcome.ref: wrong
        for read, wrong in kept.rows
        if isinstance(read.outcome, CourseRow) and not wrong
    }
    numbers = {read.outcome.ref: read.number for read, _ in kept.rows if isinstance(read.outcome, CourseRow)}
    column = form.key[0] if form.key else ROW
    for refs in _some(list(by_ref)):
        wanted = select(Offer.source_ref).join(Offer.provider).where(Offer.source_ref.in_(refs))
        wanted = wanted.where(Offer.source == form.source, Provider.ukprn != kept.ukprn)
        for ref in db.session.scalars(wanted):
            message = ANOTHERS.format(columns="COURSE_ID and COURSE_RUN_ID")
            by_ref[ref].append(RowError(numbers[ref], column, message))


def _some(refs: Sequence[str]) -> Iterator[Sequence[str]]:
    for places in chunks(range(len(refs)), BATCH):
        yield [refs[place] for place in places]


def _fault(kept: _Kept, read: Read | None, error: RowError) -> Fault:
    column = "" if error.column in (HEADER, ROW) else error.column
    value = ""
    if read is not None and kept.file is not None and column:
        names = [name.strip() for name in kept.file.header]
        place = names.index(column) if column in names else len(read.cells)
        value = read.cells[place] if place < len(read.cells) else ""
    value = "".join(c if c.isprintable() else " " for c in value).strip()
    return Fault(error.row, column, value[:SHOWN] + ("…" if len(value) > SHOWN else ""), error.message)


def _write_errors(path: Path, kept: _Kept, file: OpenFile) -> None:
    with ErrorsFile(path) as out:
        for read, wrong in kept.rows:
            out.add(file, read, wrong)
