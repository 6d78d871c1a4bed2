"""The blueprint of the demand pages: whatever it shows comes from published releases."""

from __future__ import annotations

from flask import Blueprint, Response

demand = Blueprint("demand", __name__)


@demand.after_request
def keep_out_of_search_engines(response: Response) -> Response:
    """These pages are for people who have signed in."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response
