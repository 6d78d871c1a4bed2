"""The pages that need no form: home, about, privacy, accessibility, kinds of training; and health checks."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import SecurityError

from skillsmatch.accounts.access import PUBLIC, blueprint_open_to
from skillsmatch.area.kinds import load_kinds
from skillsmatch.database import write
from skillsmatch.extensions import db
from skillsmatch.leads.wording import NEAR_KM
from skillsmatch.offers.browsing import Filters, choices
from skillsmatch.offers.models import Offer
from skillsmatch.offers.standing import offered

pages = blueprint_open_to(Blueprint("pages", __name__), PUBLIC)

KEPT_MONTHS = 12  # months a need's words and contact details are kept; the same as needs.keeping.KEPT_DAYS


@pages.get("/")
def home() -> str:
    """What the service is, the way to the form, and the catalogue by kind, subject and district."""
    return render_template("pages/home.html", choices=choices(Filters(), current_app.extensions["area"]))


@pages.get("/about")
def about() -> str:
    """What the service does, for whom, and how it chooses."""
    return render_template("pages/about.html")


@pages.get("/privacy")
def privacy() -> str:
    """What is kept, for how long, and who sees it."""
    return render_template("pages/privacy.html", months=KEPT_MONTHS, kilometres=NEAR_KM)


@pages.get("/accessibility")
def accessibility() -> str:
    """What was tested, and what is known not to work."""
    return render_template("pages/accessibility.html")


@pages.get("/kinds")
def kinds() -> str:
    """Every kind of training: what it is, whom it suits, who pays and how it is taken up."""
    return render_template("pages/kinds.html", kinds=load_kinds().values(), counts=_counts_by_kind())


def _counts_by_kind() -> dict[str, int]:
    counted = select(Offer.kind, func.count()).where(offered()).group_by(Offer.kind)
    return {row.kind: row[1] for row in db.session.execute(counted)}


@pages.get("/livez")
def livez() -> tuple[str, dict[str, str]]:
    """The process answers. No database is asked, so a busy one does not get the process restarted."""
    return "alive\n", {"Content-Type": "text/plain; charset=utf-8"}


@pages.get("/readyz")
def readyz() -> tuple[dict[str, str], int]:
    """Whether a need could be kept and answered now: 200 if so, else 503 with the part that is missing.

    A write transaction is begun and given back, which writes nothing and shows that one could be had.
    """
    state = {"database": _database_state(), "index": "not asked"}
    if state["database"] == "ok":
        state["index"] = _index_state()
    return state, 200 if state["database"] == "ok" and state["index"] in ("ok", "no offers yet") else 503


def _database_state() -> str:
    try:
        write()
        db.session.scalar(select(Offer.id).limit(1))
    except SQLAlchemyError:
        current_app.logger.warning("the database is not ready", exc_info=True)
        return "not ready"
    finally:
        db.session.rollback()
    return "ok"


def _index_state() -> str:
    from skillsmatch.offers.indexing import (
        open_index,
    )  # brings scikit-learn, which the other pages do without

    if open_index() is not None:
        return "ok"
    return "missing: run flask offers index" if _has_offers() else "no offers yet"


def _has_offers() -> bool:
    return db.session.scalar(select(Offer.id).where(Offer.withdrawn_at.is_(None)).limit(1)) is not None


@pages.app_errorhandler(SecurityError)
def _unknown_host(_error: SecurityError) -> tuple[str, int, dict[str, str]]:
    """A host name that is not ours gets words and no page: a page holds links, and links need a host."""
    return "This service does not answer to that name.\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
