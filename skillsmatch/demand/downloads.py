"""Published tables as charts, files and JSON. Signed-in readers only, as the pages."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request, url_for

from skillsmatch.accounts.access import open_to
from skillsmatch.demand.blueprint import demand
from skillsmatch.demand.files import TYPES, digest_of, file_of
from skillsmatch.demand.lattice import specs_for
from skillsmatch.demand.published import Edition, NoSuchTable, Table, read_table
from skillsmatch.demand.reading import READERS
from skillsmatch.demand.showing import BadChoice, NotShown, area, asked, edition_of, every_edition

PRIVATE = "private, no-cache"  # the browser asks each time, for a release may be withdrawn


@demand.get(f"/demand/<period>/<name>.<any({','.join(TYPES)}):form>")
@open_to(*READERS)
def file(period: str, name: str, form: str) -> Response:
    """The table as a chart or a file. Its ETag names what it holds, so it changes with nothing else."""
    edition = edition_of(period)
    asked()
    table = read_table(area(), edition.period, name)
    answer = Response(file_of(table, form).read_bytes(), mimetype=TYPES[form])
    if form != "svg":
        answer.headers["Content-Disposition"] = f"attachment; filename=skillsmatch-{period}-{name}.{form}"
    answer.set_etag(digest_of(table, form))
    answer.last_modified = edition.published_at
    answer.headers["Cache-Control"] = PRIVATE
    answer.make_conditional(request)
    return answer


@demand.get("/api/v1/demand/releases")
@open_to(*READERS)
def api_releases() -> Response | tuple[Response, int]:
    """Every release that was published, with its tables; a withdrawn one with its notice."""
    try:
        asked()
    except BadChoice as error:
        return jsonify(error=str(error)), 400
    return jsonify(releases=[_release(edition) for edition in every_edition()])


def _release(edition: Edition) -> dict[str, Any]:
    said = {
        "release": edition.period,
        "kind": edition.kind,
        "words": edition.words,
        "first_day": edition.first_day.isoformat(),
        "last_day": edition.last_day.isoformat(),
        "state": edition.state,
        "demonstration": edition.demonstration,
    }
    if edition.state != "published":
        return said | {"notice": edition.notice, "tables": []}
    tables = [
        {
            "table": spec.name,
            "title": spec.title,
            "dimensions": spec.dimensions,
            "url": url_for("demand.api_table", period=edition.period, name=spec.name),
        }
        for spec in specs_for(edition.kind)
    ]
    published_at = edition.published_at.isoformat() + "Z" if edition.published_at else None
    return said | {
        "published_at": published_at,
        "rests_on": edition.rests_on,
        "notes": edition.notes,
        "tables": tables,
    }


@demand.get("/api/v1/demand/<period>/<name>")
@open_to(*READERS)
def api_table(period: str, name: str) -> Response | tuple[Response, int]:
    """One table of a release with every cell; a hidden number is null and says so in words."""
    try:
        edition_of(period)
        asked()
        table = read_table(area(), period, name)
    except BadChoice as error:
        return jsonify(error=str(error)), 400
    except NoSuchTable as error:
        return jsonify(error=str(error)), 404
    except NotShown as error:
        return jsonify(error="This release is not shown", notice=error.edition.notice), 410
    answer = jsonify(table_json(table))
    answer.set_etag(digest_of(table, "json"))
    answer.headers["Cache-Control"] = PRIVATE
    answer.make_conditional(request)
    return answer


def table_json(table: Table) -> dict[str, Any]:
    """A published table as the API hands it out."""
    edition, two = table.edition, len(table.dimensions) == 2
    cells = []
    for cell in table.cells:
        named = {table.dimensions[0]: {"code": cell.first, "name": cell.first_name}}
        if two:
            named[table.dimensions[1]] = {"code": cell.second, "name": cell.second_name}
        cells.append({**named, "shown": cell.shown, "words": cell.words})
    return {
        "release": edition.period,
        "table": table.name,
        "title": table.title,
        "counts": "people" if table.name == "people" else "employers",
        "dimensions": table.dimensions,
        "rests_on": edition.rests_on,
        "notes": table.notes,
        "demonstration": edition.demonstration,
        "cells": cells,
    }
