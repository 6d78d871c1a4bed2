"""The blueprint of the accounts' pages."""

from __future__ import annotations

from flask import Blueprint, Response

from skillsmatch.safety import RETRY_AFTER

RETRY = {"Retry-After": RETRY_AFTER}  # beside a form that could not be saved
accounts = Blueprint("accounts", __name__)


@accounts.after_request
def keep_private(response: Response) -> Response:
    """These pages are for one person, and some addresses are keys: nothing is cached, indexed or passed on."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
