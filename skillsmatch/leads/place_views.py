"""The officer's pages of where providers teach: who waits for it, and the confirming."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from skillsmatch.accounts.access import open_to
from skillsmatch.accounts.desks import add_desk
from skillsmatch.accounts.roles import Role
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf, db
from skillsmatch.leads.desk import the_account
from skillsmatch.leads.forms import PlacesForm
from skillsmatch.leads.places import PlacePage, Waiting, confirm_places, places_of, waiting_places
from skillsmatch.leads.pooling import providers_with_accounts
from skillsmatch.leads.views import Answer, leads
from skillsmatch.leads.wording import NEAR_KM
from skillsmatch.needs.blueprint import RETRY
from skillsmatch.offers.models import Provider

PROVIDERS = 30  # on a page
MOVED = "A place has changed since you opened this page. Please look at the places again"
add_desk("leads.places", "Where they teach", Role.CHAMBER, place=60)


@dataclass(frozen=True, slots=True)
class Paged:
    """One page of the providers with an account."""

    rows: list[Waiting]
    page: int
    pages: int
    total: int


@leads.get("/places")
@open_to(Role.CHAMBER)
def places() -> str:
    """The providers with an account, those first whose places wait to be confirmed."""
    every = waiting_places(providers_with_accounts())
    pages = max(1, -(-len(every) // PROVIDERS))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    paged = Paged(every[(page - 1) * PROVIDERS : page * PROVIDERS], page, pages, len(every))
    return render_template("leads/places.html", paged=paged, near_km=NEAR_KM)


@leads.route("/places/<int:ukprn>", methods=["GET", "POST"])
@open_to(Role.CHAMBER)
@csrf.exempt  # the form checks its own token, so that a stale one shows the ticks again
def provider_places(ukprn: int) -> Answer:
    """One provider's places: those ticked are confirmed, those on the page and not ticked no longer are."""
    provider = db.session.scalar(select(Provider).where(Provider.ukprn == ukprn)) or abort(404)
    listing = places_of(provider, request.args.get("page", 1, type=int))
    if request.method != "POST":
        confirmed = [place.key for place in listing.rows if place.confirmed]
        return _page(provider, listing, PlacesForm(listing.rows, data={"places": confirmed}))
    form = PlacesForm(listing.rows)
    if not form.validate():
        form.places.errors = [MOVED] if form.places.errors else []
        return _page(provider, listing, form), 422
    number, ticked = provider.id, set(form.places.data or ())

    def work() -> bool:
        standing = db.session.get_one(Provider, number)
        rows = places_of(standing, listing.page).rows
        if [place.key for place in rows] != [place.key for place in listing.rows]:
            return False
        confirm_places(standing, rows, ticked, the_account())
        return True

    try:
        kept = keep(work)
    except NotSaved:
        return _page(provider, listing, form, unsaved=True), 503, RETRY
    if not kept:
        form.form_errors.append(MOVED)
        return _page(provider, places_of(provider, listing.page), form), 409
    flash(f"It is kept where {provider.name} teaches.")
    return redirect(url_for("leads.provider_places", ukprn=ukprn, page=listing.page), 303)


def _page(provider: Provider, listing: PlacePage, form: PlacesForm, unsaved: bool = False) -> str:
    return render_template(
        "leads/provider_places.html",
        provider=provider,
        listing=listing,
        form=form,
        near_km=NEAR_KM,
        unsaved=unsaved,
    )
