"""The formats that a file may have, and which one it has: told from its content, never from its name."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from skillsmatch.offers.directory_courses import DIRECTORY_COURSES, DIRECTORY_OTHER_COURSES
from skillsmatch.offers.directory_lists import PROVIDERS, VENUES
from skillsmatch.offers.json_files import DocumentFormat, read_document
from skillsmatch.offers.linked_data import LINKED_DATA
from skillsmatch.offers.live_courses import LIVE_COURSES
from skillsmatch.offers.old_apprenticeships import OLD_APPRENTICESHIPS
from skillsmatch.offers.records import RowError
from skillsmatch.offers.rows import GZIP, ZIP, Unreadable, read_rows
from skillsmatch.offers.standards import STANDARDS
from skillsmatch.offers.tables import Context, Read, TableFormat, check_header, nearest, read_table
from skillsmatch.offers.workbooks import read_workbook

Format = TableFormat | DocumentFormat
TABLES: tuple[TableFormat, ...] = (
    *(LIVE_COURSES, DIRECTORY_COURSES, DIRECTORY_OTHER_COURSES),
    *(OLD_APPRENTICESHIPS, VENUES, PROVIDERS),
)
DOCUMENTS: tuple[DocumentFormat, ...] = (STANDARDS, LINKED_DATA)
HEAD = 1_000  # bytes; enough to see what a file is
OTHER_JSON = "this is JSON, and holds neither Skills England standards nor schema.org courses"


@dataclass
class OpenFile:
    """A file whose format is known. `wrong` says what is wrong with its header; then no row can be read."""

    form: Format
    header: Sequence[str]  # empty for what is no table
    wrong: list[RowError]
    read: Callable[[Context], Iterator[Read]]  # each row, checked


def open_file(path: Path, on_bytes: Callable[[int], None] | None = None) -> OpenFile:
    """The file, its format known by its content. Raises Unreadable for what has none of them."""
    if _head(path).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        document = read_document(path)
        kind = next((form for form in DOCUMENTS if form.suits(document)), None)
        if kind is None:
            raise Unreadable(1, None, OTHER_JSON)
        return OpenFile(kind, (), [], lambda context: kind.read(document, context))
    rows = read_workbook(path) if _is_zip(path) else read_rows(path, on_bytes)
    _, header = next(rows)
    form = nearest(header, TABLES)
    return OpenFile(
        form, header, check_header(header, form), lambda context: read_table(header, rows, form, context)
    )


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == ZIP


def _head(path: Path) -> bytes:
    """The first bytes, unpacked if they are gzip; what is damaged is left for the reader of rows to name."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(GZIP):
        try:
            with gzip.open(path) as unpacked:
                return unpacked.read(HEAD)
        except (OSError, EOFError, zlib.error):
            return b""
    return head
