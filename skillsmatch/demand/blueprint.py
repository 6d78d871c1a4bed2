"""The blueprint of the demand pages: whatever it shows comes from published releases."""

from __future__ import annotations

from flask import Blueprint, Response

demand = Blueprint("demand", __name__)


@demand.after_request
def keep_out_of_search_engines(response: Response) -> Response:
    """These pages are for people who have signed in."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response


DIMENSION_NAMES = {
    "theme": "Theme",
    "theme-group": "Theme group",
    "district": "District",
    "sector": "Sector",
    "level": "Level",
    "size": "Size",
    "kind": "Kind of training",
    "outcome": "What became of the need",
    "reason": "Reason",
    "counting": "Employers",
}


@demand.app_template_filter()
def dimension_name(code: str) -> str:
    """A dimension of a table as a heading names it."""
    return DIMENSION_NAMES.get(code, code)
