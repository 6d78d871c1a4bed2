"""The blueprint of the Chamber's pages. They read employers' rows, so nobody else may open one."""

from __future__ import annotations

from flask import Blueprint, Response

from skillsmatch.accounts.access import blueprint_open_to
from skillsmatch.accounts.roles import Role
from skillsmatch.database import LARGEST_ID
from skillsmatch.demand.guard import may_read_employers

READERS = (Role.CHAMBER, Role.ADMIN)
NUMBER = f"<int(max={LARGEST_ID}):number>"

cases = may_read_employers(
    blueprint_open_to(Blueprint("cases", __name__, url_prefix="/cases"), *READERS),
    "officers review unmet needs; words are shown with personal data hidden, and every look behind that is noted",
)


@cases.after_request
def keep_private(response: Response) -> Response:
    """Exact numbers and employers' words: no copy is kept by browsers or on the way."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
