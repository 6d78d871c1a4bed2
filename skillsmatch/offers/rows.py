"""The rows of a CSV file whose bytes may be anything: gzip or plain text, or refused in words."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

FIELD_LIMIT = 131_072  # characters; the csv module's own limit
ROW_LIMIT = 1_000_000  # characters; a longer row is one line without an end, which would fill the memory
BLANK_LIMIT = 100_000  # blank lines that stand together; packed, millions of them are a few kilobytes
GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
LOOK_ALIKES = {  # first bytes of files that people rename to .csv
    ZIP: "a zip archive or an Excel workbook",
    b"PK\x05\x06": "an empty zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    GZIP: "gzip inside gzip",
}

TOO_LONG = f"the field is longer than {FIELD_LIMIT:,} characters; is a closing quotation mark missing?"
NEVER_CLOSED = "a quotation mark opens this field and never closes it; add the closing one"
STRAY_QUOTE = (
    'a quotation mark stands inside the quoted field; write it twice (""), or close the field before it'
)
LONE_RETURN = "a carriage return stands on its own; end each row with a line feed (LF or CR LF)"
ENDLESS = f"the row is longer than {ROW_LIMIT:,} characters; is a line end or a quotation mark missing?"
ALL_BLANK = f"more than {BLANK_LIMIT:,} blank lines stand together; take them out"
NOT_CSV = "this cannot be read as CSV; save the sheet again as CSV UTF-8"
DAMAGED = "the gzip file is cut short or damaged; fetch it again, or give the file unpacked"


class Unreadable(Exception):
    """A file that cannot be read on from `row` (the header is 1). `place` is the field, from 0, if known."""

    def __init__(self, row: int, place: int | None, message: str) -> None:
        super().__init__(message)
        self.row, self.place, self.message = row, place, message


class NotText(str):
    """A cell that a workbook holds and no table may: a formula, or an error such as #N/A."""

    message: str
    # Never equal to text that may stand in a cell, so that nothing kept for such a text is taken for it.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __new__(cls, shown: str, message: str) -> NotText:
        """The cell as the workbook shows it, and what is wrong with it."""
        made = super().__new__(cls, shown)
        made.message = message
        return made


class _Lines:
    """Lines for the csv module. Those of the row under way are kept, so that a fault can be found in them."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.kept: list[str] = []
        self._length = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(ROW_LIMIT)
        if not line:
            raise StopIteration
        self.kept.append(line)
        self._length += len(line)
        if self._length >= ROW_LIMIT:
            raise csv.Error("row too long")
        return line

    def next_row(self) -> None:
        """Forgets the row that has been read."""
        self.kept.clear()
        self._length = 0


def read_rows(path: Path, on_bytes: Callable[[int], None] | None = None) -> Iterator[tuple[int, list[str]]]:
    """Each row with its number, the first being 1; a blank line counts and gives no cells.

    Bytes that are not UTF-8 come through as lone surrogates (U+DC80 to U+DCFF), for the caller to judge.
    `on_bytes` is told how much of the file has been read, about every thousand rows.
    Raises Unreadable for anything that is not CSV text, at the row and field where that shows.
    """
    number = blank = 0
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        try:
            lines = _Lines(_open_text(file, stack))
            for cells in csv.reader(lines, strict=True):
                number += 1
                blank = 0 if cells else blank + 1
                if blank > BLANK_LIMIT:
                    raise Unreadable(number, None, ALL_BLANK)
                lines.next_row()
                yield number, cells
                if on_bytes is not None and number % 1000 == 0:
                    on_bytes(file.tell())
        except csv.Error:
            raise Unreadable(number + 1, *_find_fault("".join(lines.kept))) from None
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise Unreadable(number + 1, None, DAMAGED) from None
    if number == 0:
        raise Unreadable(1, None, "the file is empty; its first row must name the columns")


def _open_text(file: io.BufferedReader, stack: ExitStack) -> io.TextIOWrapper:
    """The file as text, unpacked if its content is gzip. Refused: content that is plainly something else."""
    data = file
    if file.peek(2)[:2] == GZIP:
        data = io.BufferedReader(stack.enter_context(gzip.GzipFile(fileobj=file)))
    head = data.peek(8)[:8]
    for first, what in LOOK_ALIKES.items():
        if head.startswith(first):
            raise Unreadable(1, None, f"this is {what}, not CSV text; save the sheet as CSV UTF-8")
    if b"\0" in head:
        raise Unreadable(1, None, "this is not plain text (it may be UTF-16); save the sheet as CSV UTF-8")
    # Lines end at LF only, so that a carriage return on its own is refused, not taken for a row's end.
    return stack.enter_context(io.TextIOWrapper(data, "utf-8-sig", "surrogateescape", newline="\n"))


def _find_fault(text: str) -> tuple[int | None, str]:
    """The field (from 0) at which the row's text stops being CSV, and what is wrong there."""
    field = start = 0
    state = "start"
    for place, char in enumerate(text):
        if place - start > FIELD_LIMIT:
            return field, TOO_LONG
        if state == "quoted":
            state = "closing" if char == '"' else "quoted"
        elif state == "start" and char == '"':
            state, start = "quoted", place + 1
        elif char == ",":
            field, start, state = field + 1, place + 1, "start"
        elif state == "closing" and char == '"':
            state = "quoted"
        elif char == "\r":
            if text[place + 1 : place + 2] not in ("\n", ""):
                return field, LONE_RETURN
        elif state == "closing" and char != "\n":
            return field, STRAY_QUOTE
        else:
            state = "plain"
    if len(text) >= ROW_LIMIT:
        return None, ENDLESS
    return (field, NEVER_CLOSED) if state == "quoted" else (None, NOT_CSV)
