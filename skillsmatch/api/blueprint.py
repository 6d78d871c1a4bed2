"""The blueprint of the API, and what each of its answers carries."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, request

from skillsmatch.accounts.access import PUBLIC, blueprint_open_to
from skillsmatch.area.areas import Area

api = blueprint_open_to(Blueprint("api", __name__, url_prefix="/api/v1"), PUBLIC)
FOR_ALL = "public, max-age=300"  # seconds; a catalogue that changes some times a day may be this old


def area() -> Area:
    """The area this service is for."""
    found: Area = current_app.extensions["area"]
    return found


@api.after_request
def let_other_sites_read(answer: Response) -> Response:
    """Any site's pages may read open data and ask for matches. No cookie goes with that, and none is needed."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Link, Retry-After"
    if request.method == "OPTIONS":
        answer.headers["Access-Control-Allow-Methods"] = answer.headers.get("Allow", "GET")
        answer.headers["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match, If-Modified-Since"
        answer.headers["Access-Control-Max-Age"] = "86400"
    return answer


def open_answer(data: Any, changed: datetime | None = None, following: str | None = None) -> Response:
    """Open data as JSON: kept by caches for some minutes, and answered 304 to whoever has it already."""
    answer = Response(json.dumps(data, ensure_ascii=False), mimetype="application/json")
    answer.headers["Cache-Control"] = FOR_ALL
    if following:
        answer.headers["Link"] = f'<{following}>; rel="next"'
    if changed is not None:
        answer.last_modified = changed.replace(tzinfo=UTC)
    answer.add_etag()
    answer.make_conditional(request)
    return answer
