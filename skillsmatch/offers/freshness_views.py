"""The page of the Chamber's freshness table."""

from __future__ import annotations

from flask import render_template

from skillsmatch.accounts.access import open_to
from skillsmatch.accounts.roles import Role
from skillsmatch.clock import today
from skillsmatch.offers.freshness import HIDDEN, MARKED
from skillsmatch.offers.freshness_table import freshness_table
from skillsmatch.offers.views import offers


@offers.get("/offers/freshness")
@open_to(Role.CHAMBER, Role.ADMIN)
def freshness() -> str:
    """How fresh each provider's offers are, those least confirmed first."""
    rows = freshness_table(today())
    return render_template("offers/freshness.html", rows=rows, marked=MARKED, hidden=HIDDEN)
