"""A table that people fill in: columns by name, each row checked cell by cell, each fault named.

One core for every format with a header. A format says what its columns hold and what a row becomes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import Any

from skillsmatch.offers import cells
from skillsmatch.offers.cells import Wrong, shown
from skillsmatch.offers.known_rows import Known, KnownRow
from skillsmatch.offers.records import Record, RowError
from skillsmatch.offers.rows import NotText, Unreadable

HEADER = "HEADER"  # stands for the column in a message about the whole file
ROW = "ROW"  # stands for the column in a message about a whole row
ERRORS = "ERRORS"  # the column that our own list of faults adds; a corrected list is taken with it

Reader = Callable[[str], Any]
Got = dict[str, Any]  # what the cells of a row were read as, by column
AtOdds = Iterator[tuple[str, str]]  # column and message
SHORT = 80  # characters; what a cell of this length was read as is kept for the next one like it
KEPT = 65_536  # such cells of a column
UNREAD = object()


@dataclass(frozen=True)
class KnownVenue:
    """A provider's venue that we hold."""

    id: int
    name: str
    reference: str
    postcode: str


@dataclass(frozen=True)
class KnownStandard:
    """An apprenticeship standard that we hold."""

    reference: str
    title: str
    level: int | None
    route: str
    kind: str
    duration_value: Decimal | None
    duration_unit: str
    max_funding: Decimal | None = None


@dataclass
class Context:
    """What a row is checked against besides itself."""

    today: date  # the day of loading
    ukprn: int | None = None  # whose file it is, where the person who loads it has said
    venues: Callable[[int], Sequence[KnownVenue]] = lambda _: ()
    standards: Callable[[], Mapping[str, KnownStandard]] = dict  # by LARS code
    encoding: cells.Encoding = field(default_factory=cells.Encoding)
    seen: dict[tuple[str, str], int] = field(default_factory=dict)  # rows by what may stand once in a file
    known: Known | None = None  # rows that need not be checked again
    read: list[dict[str, Any]] = field(
        default_factory=list
    )  # for each column, what its short cells were read as


@dataclass(frozen=True, slots=True)
class Read:
    """One row as it stands in the file, and what it became."""

    number: int  # the header is 1
    cells: Sequence[str]  # in the order of the file's own header
    outcome: Record | list[RowError] | KnownRow
    mark: bytes = b""  # a hash of the cells, where rows are remembered


@dataclass(frozen=True)
class TableFormat:
    """A published table. `columns` gives each column's greatest length in characters and what reads it."""

    source: str  # as offer.source holds it
    name: str  # in words, for messages
    columns: Mapping[str, tuple[int, Reader]]
    record: Callable[[int, Got, Context], Record]
    at_odds: Callable[[Got, Context], AtOdds]  # cells that are right alone and wrong together
    key: tuple[str, str] | None  # where a row that stands twice is named, and the words; None: it may
    once: tuple[str, ...] = ()  # columns whose value, where given, no other row may have
    dates: frozenset[str] = frozenset()  # columns that are read with the day of loading, for "+30"
    names_provider: bool = False  # False: a person must say whose file it is
    alone: bool = (
        False  # True: nothing but its own cells decides what becomes of a row, save a date such as "+30"
    )
    makes: str = "course"  # or "venue", "provider"
    empty: str = "there is no course below the header; a file needs at least one"

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def check(self, number: int, row: Sequence[str], context: Context) -> Record | list[RowError]:
        """What the row became, its cells being in the order of `columns`; or all that is wrong with it."""
        errors: list[RowError] = []
        if not context.read:
            context.read = [{} for _ in self.columns]
        # Half of a file's cells are empty or say what others say: each of these is read once.
        values = [known.get(cell, UNREAD) for known, cell in zip(context.read, row, strict=True)]
        got: Got = dict(zip(self.columns, values, strict=True))
        for place in [place for place, value in enumerate(values) if value is UNREAD]:
            column, cell = self._names[place], row[place]
            try:
                got[column] = value = self._read(column, cell, context)
            except Wrong as wrong:
                errors.append(RowError(number, column, str(wrong)))
                continue
            known = context.read[place]
            if len(cell) <= SHORT and len(known) < KEPT and cell.isascii():
                known[cell] = value
        if not errors:
            errors = [RowError(number, column, message) for column, message in self.at_odds(got, context)]
        errors = errors or list(self._again(number, got, context))
        if errors:
            return errors
        record = self.record(number, got, context)
        if self.names_provider and context.ukprn not in (None, record.ukprn):
            column = next(iter(self.columns))
            return [RowError(number, column, f'"{record.ukprn}" is not {context.ukprn}, whose file this is')]
        return record

    def _read(self, column: str, cell: str, context: Context) -> Any:
        if isinstance(cell, NotText):
            raise Wrong(cell.message)
        longest, read = self.columns[column]
        text = context.encoding.clean(cell) if cell else ""
        if len(text) > longest:
            raise Wrong(f"is {len(text):,} characters long; the most is {longest:,}")
        return cells.day(text, context.today) if column in self.dates else read(text)

    def _again(self, number: int, got: Got, context: Context) -> Iterator[RowError]:
        for column in self.once:
            if got[column]:
                earlier = context.seen.setdefault((column, got[column].casefold()), number)
                if earlier != number:
                    yield RowError(number, column, f"row {earlier} has the same; each row has one of its own")


def nearest(header: Sequence[str], formats: Sequence[TableFormat]) -> TableFormat:
    """The format whose columns the header has most of, and fewest of its own missing; else the first."""
    names = {name.strip() for name in header}
    if not any(names & form.columns.keys() for form in formats):
        return formats[0]
    return max(formats, key=lambda f: (len(names & f.columns.keys()), -len(f.columns.keys() - names)))


def check_header(header: Sequence[str], form: TableFormat) -> list[RowError]:
    """What is wrong: each column must stand there once, and no other, in any order."""
    names = [name.strip() for name in header]
    wrong = []
    for name, times in Counter(names).items():
        if name not in form.columns and name != ERRORS:
            plain = shown(name)
            message = f"{plain} is not a column of this format; take it out"
            wrong.append(RowError(1, plain.strip('"') or HEADER, message))
        elif times > 1:
            wrong.append(RowError(1, name, f"stands {times} times in the header; keep one"))
    for name in form.columns:
        if name not in names:
            message = f"is missing from the header; all {len(form.columns)} columns are needed"
            wrong.append(RowError(1, name, message))
    return wrong


def read_table(
    header: Sequence[str], rows: Iterator[tuple[int, list[str]]], form: TableFormat, context: Context
) -> Iterator[Read]:
    """Each row below the header, checked. Blank rows are passed over; after bytes that are no table, nothing.

    The header must be right.
    """
    names = [name.strip() for name in header]
    arrange = itemgetter(*map(names.index, form.columns))
    dates = [names.index(column) for column in form.dates]
    known = context.known if form.alone else None
    if known is not None:
        known.open(form.source, names)
    found = 0
    try:
        for number, row in rows:
            if len(row) != len(names):
                if row:
                    yield Read(number, row, [_ragged(number, len(row), names)])
            elif any(row):
                found += 1
                mark, taken = b"", None
                if known is not None and "+" not in "".join([row[place] for place in dates]):
                    mark, taken = known.look(number, row, context)
                yield Read(number, row, taken or form.check(number, arrange(row), context), mark)
    except Unreadable as fault:
        yield Read(fault.row, (), [RowError(fault.row, _column(fault, names), fault.message)])
        return
    if not found:
        yield Read(2, (), [RowError(2, ROW, form.empty)])


def _column(fault: Unreadable, names: Sequence[str]) -> str:
    return names[fault.place] if fault.place is not None and fault.place < len(names) else ROW


def _ragged(number: int, count: int, names: Sequence[str]) -> RowError:
    if count < len(names):
        message = f"the row ends before this: it has {count} cells, not {len(names)}"
        return RowError(number, names[count], message)
    words = f"the row goes on after this: it has {count} cells, not {len(names)}"
    words += "; put text that holds commas in quotation marks"
    return RowError(number, names[-1], words)
