"""Rows that a load has checked and taken before: the same text, under the same rules, need not be checked again.

    DATA_DIR/known-rows/<format>-<UKPRN or all>

Written after a load, and of no consequence when it is lost: then every row is checked again.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import exists, select

import skillsmatch.area
from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer

if TYPE_CHECKING:
    from skillsmatch.offers.checking import CheckedFile
    from skillsmatch.offers.tables import Context

log = logging.getLogger(__name__)

NO_MARK = bytes(16)
BETWEEN = "\x1f"  # parts the cells of a row; no cell that is taken holds it
FEWEST = 2_000  # rows; a smaller file is checked in a moment
# The row's text, its record, its provider, the last day before it has passed, its venue and what is said of it.
ENTRY = struct.Struct("<16s16sII16s")
LENGTH = struct.Struct("<I")


@dataclass(slots=True)
class KnownRow:
    """What a row became when it was checked: the record's key and digest; its text is not kept."""

    row: int
    ref: str
    digest: bytes
    ukprn: int
    last_start: int  # ordinal of the last start; 0 where it has none, or can be started at any time
    venue: bytes  # a hash of which venue, and one of what its file said of it; zeros for none

    def has_passed(self, day: date) -> bool:
        """As `CourseRow.has_passed`."""
        return 0 < self.last_start < day.toordinal()


@dataclass
class Known:
    """The rows of one format, of one provider or of all, by a hash of their text."""

    ukprn: int | None
    empty: bool = False  # checks every row, and remembers it
    _source: str = ""
    _rules: bytes = b""
    _places: dict[bytes, int] = field(default_factory=dict)
    _entries: bytes = b""
    _refs: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, ukprn: int | None, *, empty: bool = False) -> Known:
        """The rows that the last load of the same kind took; read when the format is known."""
        return cls(ukprn, empty)

    def open(self, source: str, header: Sequence[str]) -> None:
        """Reads what is known of this format, if the header and the rules are those of then."""
        self._source = source
        self._rules = blake2b(repr((tuple(header), rules())).encode(), digest_size=16).digest()
        if self.empty or not db.session.scalar(select(exists().where(Offer.source == source))):
            return  # a known row is of use only where we hold what it became
        try:
            data = self._path().read_bytes()
        except OSError:
            return
        if len(data) < 20 or data[:16] != self._rules:
            return
        (count,) = LENGTH.unpack_from(data, 16)
        end = 20 + count * ENTRY.size
        whole, refs = data[20:end], data[end:].decode("utf-8", "replace").split("\n")
        if len(whole) != count * ENTRY.size or len(refs) != count:  # cut short
            return
        self._entries, self._refs = whole, refs
        self._places = {whole[at : at + 16]: at // ENTRY.size for at in range(0, end - 20, ENTRY.size)}

    def look(self, number: int, row: Sequence[str], context: Context) -> tuple[bytes, KnownRow | None]:
        """A hash of the row's text, and what the row became; None where it has to be checked."""
        text = BETWEEN.join(row)
        mark = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        place = self._places.get(mark)
        if place is None:
            return mark, None
        _, digest, ukprn, last, venue = ENTRY.unpack_from(self._entries, place * ENTRY.size)
        if context.ukprn not in (None, ukprn) or not context.encoding.holds(text):
            return mark, None
        return mark, KnownRow(number, self._refs[place], digest, ukprn, last, venue)

    def replace(self, checked: CheckedFile) -> None:
        """Remembers the rows of a file that has been taken, in place of those before."""
        if not checked.form.alone or len(checked) < FEWEST:
            return
        entries, refs = bytearray(), []
        for place, ref in enumerate(checked.refs()):
            facts = checked.known(place)
            if facts[0] != NO_MARK:
                entries += ENTRY.pack(*facts)
                refs.append(ref)
        path = self._path()
        beside = path.with_suffix(".new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                file.write(self._rules + LENGTH.pack(len(refs)))
                file.write(entries)
                file.write("\n".join(refs).encode())
            beside.replace(path)
        except OSError as error:
            log.warning("what was checked is not remembered (%s); the next load checks every row", error)

    def _path(self) -> Path:
        return Path(current_app.config["DATA_DIR"]) / "known-rows" / f"{self._source}-{self.ukprn or 'all'}"


@cache
def rules() -> bytes:
    """A hash of everything that a row is checked by: another release checks every row again."""
    here, area = Path(__file__).parent, Path(skillsmatch.area.__file__).parent
    files = [*sorted(here.glob("*.py")), *sorted(area.glob("*.py")), *sorted(area.glob("*.toml"))]
    whole = blake2b(digest_size=16)
    for file in files:
        whole.update(file.read_bytes())
    return whole.digest()
