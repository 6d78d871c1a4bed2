"""Whether the banner *Demonstration data* stands on every page."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from skillsmatch.extensions import db
from skillsmatch.offers.models import Catalogue, Offer


def shows_demonstration() -> bool:
    """True while demonstration offers are loaded, or the setting says so. Asked anew when they change.

    A database that does not answer leaves the last answer standing, so that an error page can be drawn.
    """
    if current_app.config["DEMO"]:
        return True
    known: tuple[int | None, bool] = current_app.extensions.get("demonstration", (None, False))
    try:
        number = db.session.scalar(select(Catalogue.number))
        if number != known[0]:
            found = db.session.scalar(select(Offer.id).where(Offer.demonstration).limit(1)) is not None
            known = current_app.extensions["demonstration"] = (number, found)
    except SQLAlchemyError:
        pass
    return known[1]
