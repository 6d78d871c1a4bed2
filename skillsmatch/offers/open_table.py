"""The catalogue as one CSV table: told row by row while it is sent, and kept as a file where that would take too long.

    DATA_DIR/open/<database>/<catalogue's number>-<day>.csv.gz

Made by `flask work`; of no consequence when it is lost: it is made again within the hour.
"""

from __future__ import annotations

import csv
import gzip
import io
import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Select, func, select

from skillsmatch import clock
from skillsmatch.addresses import whole_address
from skillsmatch.area.areas import Area
from skillsmatch.extensions import db
from skillsmatch.offers.catalogue import catalogue_number
from skillsmatch.offers.indexing import index_folder
from skillsmatch.offers.inert import inert
from skillsmatch.offers.models import Offer
from skillsmatch.offers.open_data import (
    COLUMNS,
    OpenFilters,
    each_offer,
    offer_cells,
    offer_data,
    wanted_offers,
)

log = logging.getLogger(__name__)

LINES = 200  # rows sent at once
KEPT_FROM = 20_000  # offers; fewer are told in some seconds
MOST_TOLD = 60_000  # offers told while they are sent: 12 s of the processor, and gunicorn ends an answer after 30
OLDEST = timedelta(hours=2)  # a kept table may be this much behind: made once an hour, and for minutes
NAME = re.compile(r"([0-9]{1,12})-([0-9]{4}-[0-9]{2}-[0-9]{2})\.csv\.gz")
PACKING = 6  # of 9; more takes twice as long for a hundredth


def rows_of(wanted: Select[Any], pages: str, area: Area) -> Iterator[list[str]]:
    """The cells of each offer, none of them live. `pages` is the address of the catalogue's own page."""
    for offer in each_offer(wanted):
        cells = offer_cells(offer_data(offer, pages, area))
        yield [inert(cells[name]) for name in COLUMNS]


def lines_of(rows: Iterator[list[str]]) -> Iterator[str]:
    """The table as text, some rows at a time. It begins with the mark by which Excel knows UTF-8."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows, start=1):
        writer.writerow(row)
        if number % LINES == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def count_of(wanted: Select[Any]) -> int:
    """How many offers there are of these."""
    ids = wanted.with_only_columns(Offer.id).order_by(None).subquery()
    return db.session.scalar(select(func.count()).select_from(ids)) or 0


def kept_table() -> Path | None:
    """The packed table of all offers, of the catalogue of now or of two hours ago at most; None where there is none."""
    found = _newest()
    if found is None:
        return None
    path, number, day = found
    if (number, day) == (catalogue_number(), clock.today().isoformat()):
        return path
    made = clock.now().timestamp() - path.stat().st_mtime
    return path if made <= OLDEST.total_seconds() else None


def keep_table(stop: Callable[[], bool] = lambda: False) -> bool:
    """Makes the kept table anew where the catalogue is large and has changed; True where it did.

    Ends early, with the table as it was, once `stop` says so.
    """
    area: Area = current_app.extensions["area"]
    wanted = wanted_offers(OpenFilters(), area).order_by(Offer.id)
    number, day, base = catalogue_number(), clock.today().isoformat(), current_app.config["BASE_URL"]
    if count_of(wanted) < KEPT_FROM:
        _clear(keep=None)
        return False
    if not base:
        log.warning("without BASE_URL the table of all offers is not kept, as it names their pages")
        return False
    found = _newest()
    if found is not None and found[1:] == (number, day):
        return False
    path = _folder() / f"{number}-{day}.csv.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    pages = whole_address("offers.browse")
    with gzip.open(beside, "wt", encoding="utf-8", newline="", compresslevel=PACKING) as out:
        for lines in lines_of(rows_of(wanted, pages, area)):
            out.write(lines)
            if stop():
                return False
    beside.replace(path)
    _clear(keep=path)
    return True


def unpacked(path: Path) -> Iterator[bytes]:
    """The table as it was before it was packed, a megabyte at a time."""
    with gzip.open(path) as file:
        while some := file.read(1 << 20):
            yield some


def _folder() -> Path:
    return Path(current_app.config["DATA_DIR"]) / "open" / index_folder().name


def _newest() -> tuple[Path, int, str] | None:
    try:
        found = [(path, NAME.fullmatch(path.name)) for path in _folder().iterdir()]
    except OSError:
        return None
    named = [(path, int(name[1]), name[2]) for path, name in found if name]
    return max(named, key=lambda each: (each[1], each[2]), default=None)


def _clear(keep: Path | None) -> None:
    if _folder().is_dir():
        for path in _folder().iterdir():
            if path != keep:
                path.unlink(missing_ok=True)
