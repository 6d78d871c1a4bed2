"""The catalogue as JSON, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from sqlalchemy import func, select

from skillsmatch.addresses import whole_address
from skillsmatch.api.blueprint import api, area, open_answer
from skillsmatch.database import LARGEST_ID
from skillsmatch.extensions import db
from skillsmatch.offers.browsing import find_offer
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.offers.open_data import (
    WrongParameter,
    last_change,
    offer_data,
    provider_data,
    read_filters,
    wanted_offers,
    whole_number,
)
from skillsmatch.offers.records import NEAR_YOU
from skillsmatch.offers.standing import offered
from skillsmatch.safety import problem

PAGING = ("limit", "after")
PAGE = 100  # things on a page, unless asked otherwise
MOST = 500


@api.get("/offers")
def list_offers() -> Response:
    """The standing offers that pass the filters, in the order of their ids."""
    filters = read_filters(request.args, area(), PAGING)
    limit, after = _page_asked()
    wanted = wanted_offers(filters, area())
    total = db.session.scalar(select(func.count()).select_from(wanted.with_only_columns(Offer.id).subquery()))
    found = db.session.scalars(wanted.where(Offer.id > after).order_by(Offer.id).limit(limit + 1)).all()
    pages = whole_address("offers.browse")
    following = _following("api.list_offers", found, limit, "id")
    data = {
        "offers": [offer_data(offer, pages, area()) for offer in found[:limit]],
        "total": total,
        "next": following,
    }
    return open_answer(data, last_change(), following)


@api.get(f"/offers/<int(max={LARGEST_ID}):offer_id>")
def one_offer(offer_id: int) -> Response:
    """One offer; a withdrawn one says when it was withdrawn."""
    found = find_offer(offer_id)
    if found is None:
        return problem(404, "No such offer", f"We hold no offer with the id {offer_id}.")
    return open_answer(offer_data(found, whole_address("offers.browse"), area()), last_change())


@api.get("/providers")
def list_providers() -> Response:
    """The providers with something standing on offer, in the order of their UKPRNs, and how much."""
    for name in request.args:
        if name not in PAGING:
            raise WrongParameter(name, f"is not a parameter here; use {', '.join(PAGING)}")
    limit, after = _page_asked()
    count = func.count(Offer.id)
    wanted = select(Provider, count).join(Provider.offers).where(offered(), Provider.ukprn != NEAR_YOU)
    wanted = wanted.group_by(Provider.id).order_by(Provider.ukprn)
    rows = db.session.execute(wanted.where(Provider.ukprn > after).limit(limit + 1)).all()
    pages = whole_address("offers.browse")
    following = _following("api.list_providers", [row[0] for row in rows], limit, "ukprn")
    found = [{**provider_data(provider, pages), "offers": offers} for provider, offers in rows[:limit]]
    return open_answer({"providers": found, "next": following}, last_change(), following)


def _page_asked() -> tuple[int, int]:
    """How many things, and the key after which they begin."""
    return whole_number(request.args, "limit", PAGE, MOST), whole_number(
        request.args, "after", 0, LARGEST_ID, 0
    )


def _following(endpoint: str, found: Sequence[Any], limit: int, key: str) -> str | None:
    """The address of the next page. It names the last key of this one, so nothing that changes meanwhile moves it."""
    if len(found) <= limit:
        return None
    asked = {name: value for name, value in request.args.items() if value}
    return whole_address(endpoint, **(asked | {"after": str(getattr(found[limit - 1], key))}))
