"""The catalogue as a file of any format that is read. Each row is read back before it is written.

So a file that was written can be loaded, and says of each row what it would then be: unchanged, or less than we hold.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from skillsmatch.extensions import db
from skillsmatch.offers.checking import WrongUse, digest_of
from skillsmatch.offers.comparing import differences
from skillsmatch.offers.formats import DOCUMENTS, TABLES, Format
from skillsmatch.offers.inert import inert
from skillsmatch.offers.json_files import DocumentFormat
from skillsmatch.offers.known_rows import KnownRow
from skillsmatch.offers.linked_data_out import CONTEXT, course
from skillsmatch.offers.loading import file_context
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.records import NEAR_YOU, CourseRow, Record, RowError
from skillsmatch.offers.standards_out import standard
from skillsmatch.offers.standing import offered
from skillsmatch.offers.tables import Context, TableFormat
from skillsmatch.offers.tables_out import (
    LIVE_SOURCE,
    Cells,
    apprenticeship,
    directory_course,
    live_course,
    provider_row,
    variants,
    venue_row,
)
from skillsmatch.offers.workbooks_out import WorkbookWriter

_ALL: tuple[Format, ...] = (*TABLES, *DOCUMENTS)
FORMATS = {form.source: form for form in _ALL}
READ = 1_000  # offers read at once
ROWS: dict[str, Callable[[Any], Cells]] = {
    LIVE_SOURCE: live_course,
    "directory-courses": directory_course,
    "directory-non-lars": directory_course,
    "directory-apprenticeships": apprenticeship,
    "directory-venues": venue_row,
    "directory-providers": provider_row,
}
UNKEYED = "its reference cannot be told in this format, so that it would come back as another offer"


@dataclass
class ExportReport:
    """What was written, and what was not. `less` are rows that, loaded again, would change what we hold."""

    written: int = 0
    less: list[str] = field(default_factory=list)  # titles
    left_out: list[tuple[str, str]] = field(default_factory=list)  # title, and why


@dataclass(frozen=True, slots=True)
class _Told:
    """One thing of ours as the format says it: a row or an item, and what reading that gives."""

    said: Any
    record: Record


def export_offers(
    source: str, path: Path, *, ukprn: int | None = None, every: bool = False, address: str = ""
) -> ExportReport:
    """Writes what came in by a format out in it again: as a table (.xlsx a workbook, .gz packed) or as JSON.

    With `ukprn` that provider's only, which is needed where the format does not say whose it is. With `every`,
    offers that came in otherwise are written too. Addresses of pages begin with `address`. What the format would
    refuse or cannot say is left out and named. Raises WrongUse where the format and the wishes do not go together.
    """
    form = FORMATS[source]
    if not form.names_provider and ukprn is None:
        raise WrongUse(f"A file of {form.name} is one provider's; add --ukprn and that number.")
    if every and source != LIVE_SOURCE:
        raise WrongUse(f"--every goes with {LIVE_SOURCE} only: its rows can name any offer and its provider.")
    if isinstance(form, DocumentFormat) and path.suffix == ".xlsx":
        raise WrongUse(f"{form.name} is JSON and no table; name a file that ends .json.")
    report, context = ExportReport(), file_context(ukprn)
    told = _tell(form, context, report, every, address)
    beside = path.with_name(path.name + ".part")
    try:
        _write(form, beside, path.suffix, told)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
        db.session.rollback()
    return report


def _tell(form: Format, context: Context, report: ExportReport, every: bool, address: str) -> Iterator[Any]:
    """Each thing as the format says it; what is left out goes into the report."""
    seen: set[str] = set()
    for number, thing in enumerate(_things(form, context.ukprn, every), start=2):
        title = thing.title if isinstance(thing, Offer) else thing.name
        found = list(_readings(form, number, thing, context, address))
        right = [told for told in found if isinstance(told, _Told)]
        best = min(right, key=lambda told: _distance(told.record, thing, form), default=None)
        if best is None:
            error = next(wrong[0] for wrong in found if isinstance(wrong, list))
            report.left_out.append((title, f"{error.column} {error.message}"))
        elif _distance(best.record, thing, form) == LOST:
            report.left_out.append((title, UNKEYED))
        elif best.record.ref in seen:
            report.left_out.append(
                (title, f"another row has {form.key[1]}" if form.key else "it stands twice")
            )
        else:
            seen.add(best.record.ref)
            report.written += 1
            if _distance(best.record, thing, form) == LESS:
                report.less.append(title)
            yield best.said


SAME, LESS, LOST = range(3)


def _distance(record: Record, thing: Any, form: Format) -> int:
    """How a row, read again, stands to what we hold: the same, less than it, or no longer known as it."""
    if not isinstance(record, CourseRow):
        makes = "venue" if isinstance(thing, Venue) else "provider"
        return LESS if any(differences(_values(record), makes, thing.id)) else SAME
    if thing.source != form.source:
        return SAME
    if record.ref != thing.source_ref:
        return LOST
    return SAME if digest_of(record) == thing.digest else LESS


def _values(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _readings(
    form: Format, number: int, thing: Any, context: Context, address: str
) -> Iterator[_Told | list[RowError]]:
    """What the format can say of a thing, likeliest first, each read back; none after one that loses nothing."""
    if isinstance(form, DocumentFormat):
        item = standard(thing) if form.source == "skills-england" else _linked(thing, address)
        for read in form.read([item], context):
            if not isinstance(read.outcome, KnownRow):  # nothing is remembered where nothing is loaded
                yield read.outcome if isinstance(read.outcome, list) else _Told(item, read.outcome)
        return
    for row in variants(ROWS[form.source](thing)):
        cells = [inert(row.get(column, "")) for column in form.columns]
        outcome = form.check(number, cells, context)
        if isinstance(outcome, list):
            yield outcome
            continue
        yield _Told(cells, outcome)
        if _distance(outcome, thing, form) == SAME:
            return


def _linked(offer: Offer, address: str) -> Any:
    return course(offer, f"{address}/offers/{offer.id}", offer.source_ref)


def _things(form: Format, ukprn: int | None, every: bool) -> Iterator[Any]:
    """What we hold that the format is of, in the order in which it came."""
    if form.makes == "provider":
        wanted: Select[Any] = select(Provider).where(Provider.ukprn != NEAR_YOU).order_by(Provider.id)
        if ukprn is not None:
            wanted = wanted.where(Provider.ukprn == ukprn)
    elif form.makes == "venue":
        wanted = select(Venue).join(Venue.provider).where(Provider.ukprn == ukprn).order_by(Venue.id)
    else:
        wanted = select(Offer).join(Offer.provider).options(contains_eager(Offer.provider))
        wanted = wanted.options(joinedload(Offer.venue)).order_by(Offer.id)
        wanted = wanted.where(offered() if every else Offer.withdrawn_at.is_(None))
        if not every:
            wanted = wanted.where(Offer.source == form.source)
        if ukprn is not None:
            wanted = wanted.where(Provider.ukprn == ukprn)
    # The session holds on to nothing that was only read, so a catalogue of any size goes through.
    yield from db.session.scalars(wanted.execution_options(yield_per=READ))


def _write(form: Format, path: Path, kind: str, told: Iterator[Any]) -> None:
    if isinstance(form, TableFormat) and kind == ".xlsx":
        with path.open("wb") as file, WorkbookWriter(file, list(form.columns)) as book:
            for row in told:
                book.add(row)
        return
    with ExitStack() as stack:
        raw: Any = stack.enter_context(path.open("wb"))
        if kind == ".gz":
            raw = stack.enter_context(gzip.GzipFile(fileobj=raw, mode="wb", mtime=0))
        text = stack.enter_context(io.TextIOWrapper(raw, "utf-8", newline=""))
        if isinstance(form, DocumentFormat):
            _write_document(form, text, told)
            return
        text.write("\ufeff")  # by which Excel knows UTF-8; our own reader passes over it
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        writer.writerow(form.columns)
        writer.writerows(told)


def _write_document(form: DocumentFormat, text: io.TextIOWrapper, told: Iterator[Any]) -> None:
    """A list of standards, or a graph of courses; one thing to a line."""
    graph = form.source != "skills-england"
    text.write(f'{{"@context": "{CONTEXT}", "@graph": [' if graph else "[")
    for place, item in enumerate(told):
        text.write((",\n" if place else "\n") + json.dumps(item, ensure_ascii=False))
    text.write("\n]}\n" if graph else "\n]\n")
