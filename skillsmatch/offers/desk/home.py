"""The desk's first page: what needs doing, and the provider's offers; and saying that they are still right."""

from __future__ import annotations

import re
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from skillsmatch.area.kinds import Kind
from skillsmatch.clock import today
from skillsmatch.database import LARGEST_ID
from skillsmatch.offers.browsing import Listing
from skillsmatch.offers.desk import drafts, lists, uploads
from skillsmatch.offers.desk.blueprint import desk, mine, the_provider
from skillsmatch.offers.desk.confirming import Confirmed, confirm
from skillsmatch.offers.desk.due import due_words
from skillsmatch.offers.desk.editing import find_offer
from skillsmatch.offers.desk.lists import Mine
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.offers.wording import place_words, start_words
from skillsmatch.words import count_words, kind_name

NUMBER = re.compile(r"[0-9]{1,9}")


@desk.get("")
def home() -> str:
    """What needs doing, and the offers, narrowed as asked."""
    provider, day = the_provider(), today()
    asked = _asked(provider)
    last = next(iter(uploads.last_uploads(provider, 1)), None)
    page = request.args.get("page", 1, type=int)
    listing = lists.my_offers(provider, asked, page, day) if provider else Listing((), 0, 1, 1)
    return render_template(
        "desk/home.html",
        provider=provider,
        standing=lists.standing_of(provider, day),
        drafts=drafts.drafts_of(provider),
        last=last,
        listing=listing,
        rows=[row_of(offer) for offer in listing.offers],
        asked=asked,
        shows=lists.SHOWS,
        kinds=lists.kinds_of(provider) if provider else {},
        venues=lists.venue_names(provider) if provider else {},
    )


def _asked(provider: Provider | None) -> Mine:
    asked = Mine(
        words=" ".join(request.args.get("words", "").replace("\0", "").split())[:100],
        kind=request.args.get("kind", ""),
        show=request.args.get("show", ""),
        venue=request.args.get("venue", ""),
    )
    known_venues = {"", lists.NOWHERE, *(lists.venue_names(provider) if provider else ())}
    if asked.show not in lists.SHOWS or asked.kind not in {"", *Kind} or asked.venue not in known_venues:
        abort(404)
    return asked


def row_of(offer: Offer) -> dict[str, Any]:
    """An offer in the desk's list."""
    day = today()
    due = due_words(offer, day)
    return {
        "id": offer.id,
        "title": offer.title,
        "kind": kind_name(offer.kind),
        "where": place_words(offer) or "Place not given",
        "starts": start_words(offer, day),
        "due": due,
        "confirmed_on": offer.confirmed_on,
        "confirmed_by": offer.confirmed_by,
        "standing": offer.withdrawn_at is None,
        "can_confirm": offer.withdrawn_at is None and not offer.date_has_passed(day),
    }


@desk.post("/confirm")
def confirm_shown() -> Response:
    """Confirms the offers that were shown, and goes back to the list."""
    numbers = {int(n) for n in request.form.getlist("offer")[: lists.PAGE_SIZE] if NUMBER.fullmatch(n)}
    provider = the_provider()
    if provider is not None:
        tell(confirm(provider, numbers))
    return redirect(url_for("desk.home", **_asked_again(provider)), 303)


def _asked_again(provider: Provider | None) -> dict[str, Any]:
    """The filters that the list had, as the form carried them; none where one is no longer there."""
    asked = {name: request.form.get(name, "") for name in ("words", "kind", "show", "venue")}
    fine = asked["show"] in lists.SHOWS and asked["kind"] in {"", *Kind}
    fine = fine and asked["venue"] in {"", lists.NOWHERE, *(lists.venue_names(provider) if provider else ())}
    return {name: value[:100] for name, value in asked.items() if value} if fine else {}


@desk.post(f"/offers/<int(max={LARGEST_ID}):number>/confirm")
def confirm_one(number: int) -> Response:
    """Confirms one offer."""
    provider = the_provider()
    mine(find_offer(provider, number))
    if provider is not None:
        tell(confirm(provider, [number]))
    return redirect(url_for("desk.show_offer", number=number), 303)


def tell(done: Confirmed) -> None:
    """Says on the next page what was confirmed."""
    if done.offers:
        flash(f"{count_words(done.offers, 'offer')} confirmed as still right.")
    if done.passed:
        words = "offer has a start date" if done.passed == 1 else "offers have start dates"
        flash(f"{done.passed} {words} that passed. Give a new date, or withdraw.")
