"""A file of JSON whose bytes may be anything: gzip or plain, and never more than we can hold."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from skillsmatch.offers import cells
from skillsmatch.offers.cells import Wrong
from skillsmatch.offers.records import RowError
from skillsmatch.offers.rows import DAMAGED, GZIP, Unreadable
from skillsmatch.offers.tables import ROW, Context, Read

MOST_BYTES = 200_000_000  # unpacked; the whole national list of standards has about 80 million
MARKUP = re.compile(r"<[a-z/!][^<>]*>", re.IGNORECASE)
Item = Mapping[str, Any]


class WrongItem(Wrong):
    """A value that cannot be taken; `key` names it."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class DocumentFormat:
    """A published kind of JSON. The first thing in it is row 1; a key stands for the column."""

    source: str
    name: str
    suits: Callable[[Any], bool]
    items: Callable[[Any, Context], Iterator[tuple[int, Any]]]  # what counts of a document, numbered
    record: Callable[[int, Any, Context], Any]
    key: tuple[str, str] | None
    names_provider: bool
    empty: str
    makes: str = "course"
    alone: bool = False  # as of a table

    def read(self, document: Any, context: Context) -> Iterator[Read]:
        """Each thing of the document, checked."""
        found = False
        for number, item in self.items(document, context):
            found = True
            try:
                if isinstance(item, WrongItem):
                    raise item
                yield Read(number, (), self.record(number, item, context))
            except WrongItem as wrong:
                yield Read(number, (), [RowError(number, wrong.key, str(wrong))])
        if not found:
            yield Read(1, (), [RowError(1, ROW, self.empty)])


def read_document(path: Path) -> Any:
    """What the file holds. Raises Unreadable where it is not JSON in UTF-8, or more than MOST_BYTES."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Unreadable(1, None, DAMAGED) from None
    if len(data) > MOST_BYTES:
        raise Unreadable(1, None, f"the file is larger than {MOST_BYTES // 1_000_000} MB; split it")
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Unreadable(error.lineno, None, f"this is not JSON from character {error.colno} on") from None
    except UnicodeDecodeError:
        raise Unreadable(1, None, "this is not UTF-8 text; save the file again as UTF-8") from None
    except RecursionError:
        raise Unreadable(1, None, "brackets stand in brackets too deep to be read") from None
    except ValueError as error:
        raise Unreadable(1, None, f"this is not JSON that can be taken ({error})") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def text_of(item: Item, key: str, longest: int, *, needed: bool = False, markup: bool = False) -> str:
    """The text under a key, without stray spaces. With `markup`, tags are taken out and not refused."""
    value = item.get(key)
    if value is None:
        value = ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise WrongItem(key, "is not text")
    text = str(value)
    if markup:
        text = unescape(MARKUP.sub(" ", text))
    try:
        text = cells.clean(text)
    except Wrong as wrong:
        raise WrongItem(key, str(wrong)) from None
    if needed and not cells.is_seen(text):
        raise WrongItem(key, "is empty or missing, and is needed")
    if len(text) > longest:
        raise WrongItem(key, f"is {len(text):,} characters long; the most is {longest:,}")
    return text


def read_as(key: str, read: Callable[[str], Any], text: str) -> Any:
    """The text read by one of the readers of cells; what it refuses is named by its key."""
    try:
        return read(text)
    except Wrong as wrong:
        raise WrongItem(key, str(wrong)) from None


def texts_of(item: Item, key: str, inside: str = "") -> list[str]:
    """The texts in a list under a key, or the texts under `inside` of each object in it; tags taken out."""
    value = item.get(key) or []
    if isinstance(value, str):
        value = re.split(r"[;\n|]", value)
    if not isinstance(value, list):
        raise WrongItem(key, "is not a list")
    found = []
    for one in value:
        part = one.get(inside) if inside and isinstance(one, Mapping) else one
        found.append(text_of({key: part}, key, 5_000, markup=True))
    return [" ".join(text.split()) for text in found if text]
