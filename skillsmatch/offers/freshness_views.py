"""The page of the Chamber's freshness table."""

from __future__ import annotations

from flask import render_template, request

from skillsmatch.accounts.access import open_to
from skillsmatch.accounts.roles import Role
from skillsmatch.clock import today
from skillsmatch.offers.freshness import HIDDEN, MARKED
from skillsmatch.offers.freshness_table import freshness_page
from skillsmatch.offers.views import offers


@offers.get("/offers/freshness")
@open_to(Role.CHAMBER, Role.ADMIN)
def freshness() -> str:
    """How fresh each provider's offers are, those least confirmed first; a page at a time."""
    listing = freshness_page(today(), request.args.get("page", 1, type=int))
    return render_template("offers/freshness.html", listing=listing, marked=MARKED, hidden=HIDDEN)
