"""The catalogue for programs: as a table, as a feed of what is new, and each offer as linked data."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

from flask import Response, abort, request, send_file, stream_with_context

from skillsmatch.addresses import whole_address
from skillsmatch.database import LARGEST_ID
from skillsmatch.extensions import db
from skillsmatch.offers import browsing
from skillsmatch.offers.feed import feed_of
from skillsmatch.offers.linked_data_out import linked_data
from skillsmatch.offers.models import Offer
from skillsmatch.offers.open_data import COLUMNS, WrongParameter, read_filters, wanted_offers
from skillsmatch.offers.open_table import MOST_TOLD, count_of, kept_table, lines_of, rows_of, unpacked
from skillsmatch.offers.views import MOST_IN_A_WORKBOOK, area, offers
from skillsmatch.offers.workbooks_out import WorkbookWriter
from skillsmatch.safety import problem

FOR_ALL = "public, max-age=300"  # seconds; a catalogue that changes some times a day may be this old
NEW = 50  # offers in the feed


@offers.app_errorhandler(WrongParameter)
def wrong_parameter(wrong: WrongParameter) -> Response:
    """What is wrong with an address, naming the parameter."""
    said = {"parameter": wrong.parameter}
    return problem(400, "A parameter cannot be taken", f"{wrong.parameter} {wrong}", **said)


@offers.get("/offers.csv")
def as_csv() -> Response:
    """The standing offers that pass the filters, as a table; sent while it is read, or all of them from a file."""
    kept = None if request.args else kept_table()
    if kept is not None:
        return _as_download(_of_file(kept))
    wanted = wanted_offers(read_filters(request.args, area()), area())
    count = count_of(wanted)
    if count > MOST_TOLD and not request.args:
        words = f"The table of all {count:,} offers is not made yet. Ask again in an hour, or read the JSON by pages."
        answer = problem(503, "The table is being made", words)
        answer.headers["Retry-After"] = "3600"
        return answer
    if count > MOST_TOLD:
        words = f"These are {count:,} offers; a table with filters holds {MOST_TOLD:,}. Narrow them, or take them all."
        return problem(400, "Too many offers for a table with filters", words)
    lines = lines_of(rows_of(wanted.order_by(Offer.id), whole_address("offers.browse"), area()))
    return _as_download(Response(stream_with_context(lines), mimetype="text/csv"))


def _of_file(kept: Path) -> Response:
    """The kept table, packed for whoever takes it so."""
    if "gzip" in request.accept_encodings:
        answer = send_file(kept, "text/csv", conditional=False)
        answer.headers["Content-Encoding"] = "gzip"
    else:
        answer = Response(unpacked(kept), mimetype="text/csv")
    answer.last_modified = datetime.fromtimestamp(kept.stat().st_mtime, UTC)
    answer.vary.add("Accept-Encoding")
    return answer


def _as_download(answer: Response) -> Response:
    answer.headers["Content-Disposition"] = 'attachment; filename="offers.csv"'
    return _open(answer)


@offers.get("/offers.xlsx")
def as_workbook() -> Response:
    """The same as an Excel workbook of text, for as many offers as a person would open."""
    wanted = wanted_offers(read_filters(request.args, area()), area())
    count = count_of(wanted)
    if count > MOST_IN_A_WORKBOOK:
        words = f"A workbook holds {MOST_IN_A_WORKBOOK:,} offers; these are {count:,}. Narrow them, or take the CSV."
        return problem(400, "Too many offers for a workbook", words)
    file = io.BytesIO()  # about a megabyte
    with WorkbookWriter(file, COLUMNS) as book:
        for row in rows_of(wanted.order_by(Offer.id), whole_address("offers.browse"), area()):
            book.add(row)
    file.seek(0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _open(send_file(file, kind, as_attachment=True, download_name="offers.xlsx"))


@offers.get("/offers.atom")
def feed() -> Response:
    """The offers that came last, as an Atom feed; the same filters."""
    filters = read_filters(request.args, area())
    wanted = wanted_offers(filters, area()).order_by(Offer.created_at.desc(), Offer.id.desc()).limit(NEW)
    here = whole_address("offers.feed", **request.args)
    pages = whole_address("offers.browse", **request.args)
    text = feed_of(list(db.session.scalars(wanted)), area(), here, pages)
    answer = _open(Response(text, mimetype="application/atom+xml"))
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@offers.get(f"/offers/<int(max={LARGEST_ID}):offer_id>.jsonld")
def offer_linked(offer_id: int) -> Response:
    """One offer as schema.org JSON-LD; 410 once it is withdrawn."""
    found = browsing.find_offer(offer_id)
    if found is None:
        abort(404)
    if found.withdrawn_at is not None:
        return problem(410, "Withdrawn", f'"{found.title}" is no longer on offer.')
    address = whole_address("offers.offer", offer_id=offer_id)
    text = json.dumps(linked_data(found, address), ensure_ascii=False, indent=1)
    return _open(Response(text, mimetype="application/ld+json"))


def _open(answer: Response) -> Response:
    """An answer that any other site's pages may read, and any cache may keep for a while."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = FOR_ALL
    return answer
