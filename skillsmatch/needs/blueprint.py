"""The blueprint of the employer's pages."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from sqlalchemy import select

from skillsmatch.accounts.access import PUBLIC, blueprint_open_to
from skillsmatch.demand.guard import may_read_employers
from skillsmatch.extensions import db
from skillsmatch.needs.keeping import need_of_reference
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.safety import BROWSER_ONLY, RETRY_AFTER

RETRY = {"Retry-After": RETRY_AFTER}  # beside a form that could not be saved
needs = may_read_employers(
    blueprint_open_to(Blueprint("needs", __name__, url_prefix="/needs"), PUBLIC),
    "an employer's own need, under an address only it has",
)


@needs.after_request
def keep_private(response: Response) -> Response:
    """A need's address is its key: it is not passed on to other sites, cached or indexed."""
    if request.endpoint in ("needs.new", "needs.send", "needs.start"):
        # The browser may keep the form: Back then brings the same token, and sending again logs nothing twice.
        response.headers["Cache-Control"] = BROWSER_ONLY
        return response
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


def the_need(reference: str) -> Need:
    """The need with this reference, or 404."""
    return need_of_reference(reference) or abort(404)


def the_facet(need: Need, position: int) -> Facet:
    """The need's standing facet at this position, or 404."""
    return next((f for f in need.live_facets if f.position == position), None) or abort(404)


def the_match(need: Need, number: int) -> NeedMatch:
    """The match with this id that was shown for this need, or 404."""
    shown = select(NeedMatch).join(NeedMatch.facet).where(NeedMatch.id == number)
    return db.session.scalar(shown.where(Facet.need_id == need.id, Facet.removed_at.is_(None))) or abort(404)
