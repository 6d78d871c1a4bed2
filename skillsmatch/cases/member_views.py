"""The page of the Chamber's own list of businesses: look one up, and take it off."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from skillsmatch.accounts.audit import note
from skillsmatch.cases import members
from skillsmatch.cases.blueprint import NUMBER, cases
from skillsmatch.cases.gathering_models import KnownBusiness, business_is_here
from skillsmatch.cases.gathering_views import LONGEST_NAME, area
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.forms import one_line
from skillsmatch.needs.forms import SIZES

PER_PAGE = 50


@cases.get("/gathering/businesses")
def businesses() -> str:
    """The list by name, all of it or those with some words in their names."""
    name = one_line(request.args.get("business", ""))[:LONGEST_NAME]
    wanted = select(KnownBusiness).where(business_is_here())
    if name:
        wanted = wanted.where(func.lower(KnownBusiness.name).contains(name.lower(), autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    pages = max(1, -(-total // PER_PAGE))
    at = min(max(1, request.args.get("page", 1, type=int)), pages)
    some = wanted.order_by(func.lower(KnownBusiness.name), KnownBusiness.id)
    return render_template(
        "cases/businesses.html",
        business=name,
        rows=db.session.scalars(some.offset((at - 1) * PER_PAGE).limit(PER_PAGE)).all(),
        listing={"page": at, "pages": pages, "total": total},
        sizes=dict(SIZES),
        area_of=area(),
    )


@cases.post(f"/gathering/businesses/{NUMBER}/remove")
def business_remove(number: int) -> Response:
    """Takes a business off the list. What it asked for stays."""

    def remove() -> bool:
        gone = members.remove(number)
        if gone:
            note("business taken off the list", f"business {number}")
        return gone

    flash("It is off the list. What it asked for stays." if keep(remove) else "It was not on the list any more.")
    return redirect(url_for("cases.businesses"), 303)
