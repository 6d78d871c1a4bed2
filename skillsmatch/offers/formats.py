"""The formats that a file may have, and which one it has: told from its content, never from its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from skillsmatch.offers.directory_courses import DIRECTORY_COURSES, DIRECTORY_OTHER_COURSES
from skillsmatch.offers.directory_lists import PROVIDERS, VENUES
from skillsmatch.offers.live_courses import LIVE_COURSES
from skillsmatch.offers.records import RowError
from skillsmatch.offers.rows import read_rows
from skillsmatch.offers.tables import Context, Read, TableFormat, check_header, nearest, read_table

TABLES: tuple[TableFormat, ...] = (
    LIVE_COURSES,
    DIRECTORY_COURSES,
    DIRECTORY_OTHER_COURSES,
    VENUES,
    PROVIDERS,
)


@dataclass
class OpenFile:
    """A file whose format is known. `wrong` says what is wrong with its header; then no row can be read."""

    form: TableFormat
    header: Sequence[str]
    wrong: list[RowError]
    _rows: Iterator[tuple[int, list[str]]]

    def read(self, context: Context) -> Iterator[Read]:
        """Each row, checked."""
        return read_table(self.header, self._rows, self.form, context)


def open_file(path: Path, on_bytes: Callable[[int], None] | None = None) -> OpenFile:
    """The file, its format known by its header. Raises Unreadable for what is no table at all."""
    rows = read_rows(path, on_bytes)
    _, header = next(rows)
    form = nearest(header, TABLES)
    return OpenFile(form, header, check_header(header, form), rows)
