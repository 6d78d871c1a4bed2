"""Pages of the provider's venues, and of how it is reached."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from skillsmatch.database import LARGEST_ID, NotSaved
from skillsmatch.extensions import csrf, db
from skillsmatch.offers.desk import contacts, venues
from skillsmatch.offers.desk.blueprint import (
    RETRY,
    desk,
    mine,
    provider_to_write,
    the_provider,
    the_ukprn,
)
from skillsmatch.offers.desk.contacts import ContactsMoved
from skillsmatch.offers.desk.forms import ContactForm, VenueForm
from skillsmatch.offers.desk.venues import InUse, VenueMoved
from skillsmatch.offers.loading import file_context
from skillsmatch.offers.models import Venue

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
BOTH = ["GET", "POST"]


@desk.get("/venues")
def list_venues() -> str:
    """The provider's venues, and how much is taught at each."""
    provider = the_provider()
    return render_template(
        "desk/venues.html", venues=venues.venues_of(provider), taught=venues.taught_at(provider)
    )


@desk.route("/venues/new", methods=BOTH)
@csrf.exempt  # the form checks its own token, so that a stale one shows what was typed instead of losing it
def new_venue() -> Answer:
    """A venue more."""
    form = VenueForm()
    return _sent(form) if request.method == "POST" else _show(form)


@desk.route(f"/venues/<int(max={LARGEST_ID}):number>", methods=BOTH)
@csrf.exempt  # as above
def edit_venue(number: int) -> Answer:
    """A venue, changed."""
    venue = mine(venues.find_venue(the_provider(), number))
    if request.method == "POST":
        return _sent(VenueForm(), venue)
    return _show(VenueForm(data={**_answers(venue), "seen": venues.mark(venue)}), venue)


def _answers(venue: Venue) -> dict[str, str]:
    """The venue as its form has it; a long address stands on two lines, as in a file."""
    answers = {name: getattr(venue, name) for name in venues.KEPT} | {"address_2": ""}
    if len(venue.address) > 100:
        answers["address"], _, answers["address_2"] = venue.address.partition(", ")
    return answers


def _sent(form: VenueForm, venue: Venue | None = None) -> Answer:
    number = venue.id if venue else 0
    if not form.validate():
        return _show(form, venue), 422
    try:
        provider = provider_to_write()
        row = venues.check_venue(form.answers(), provider, file_context(the_ukprn()), number)
        if isinstance(row, list):
            form.tell(row)
            return _show(form, venue), 422
        venues.save_venue(row, provider, number, form.seen.data or "")
    except VenueMoved as moved:
        form.seen.data = venues.mark(moved.venue)
        return _show(form, moved.venue, moved=_answers(moved.venue)), 409
    except NotSaved:
        db.session.rollback()
        return _show(form, venues.find_venue(the_provider(), number), unsaved=True), 503, RETRY
    flash("The venue is saved.")
    return redirect(url_for("desk.list_venues"), 303)


def _show(form: VenueForm, venue: Venue | None = None, **more: Any) -> str:
    action = url_for("desk.edit_venue", number=venue.id) if venue else url_for("desk.new_venue")
    taught = venues.taught_at(the_provider()).get(venue.id, 0) if venue else 0
    return render_template("desk/venue.html", form=form, venue=venue, action=action, taught=taught, **more)


@desk.post(f"/venues/<int(max={LARGEST_ID}):number>/remove")
def remove_venue(number: int) -> Answer:
    """Takes a venue off the list, where nothing is taught there."""
    venue = mine(venues.find_venue(the_provider(), number))
    try:
        venues.remove_venue(venue)
    except InUse as used:
        return render_template("desk/venue_in_use.html", venue=venue, offers=used.offers), 409
    flash("The venue is removed.")
    return redirect(url_for("desk.list_venues"), 303)


@desk.route("/contacts", methods=BOTH)
@csrf.exempt  # the form checks its own token
def edit_contacts() -> Answer:
    """How the provider is reached."""
    if request.method == "POST":
        return _contacts_sent(ContactForm())
    provider = the_provider()
    held = {name: getattr(provider, name) for name in contacts.KEPT} if provider else {}
    seen = contacts.mark(provider) if provider else ""
    return render_template("desk/contacts.html", form=ContactForm(data={**held, "seen": seen}))


def _contacts_sent(form: ContactForm) -> Answer:
    if not form.validate():
        return render_template("desk/contacts.html", form=form), 422
    wrong = form.check()
    if wrong:
        form.tell(wrong)
        return render_template("desk/contacts.html", form=form), 422
    try:
        provider = provider_to_write()
        seen = form.seen.data or contacts.mark(provider)
        contacts.save_contacts(provider, form.answers(), seen)
    except ContactsMoved:
        provider = provider_to_write()
        form.seen.data = contacts.mark(provider)
        now = {name: getattr(provider, name) for name in contacts.KEPT}
        return render_template("desk/contacts.html", form=form, moved=now), 409
    except NotSaved:
        db.session.rollback()
        return render_template("desk/contacts.html", form=form, unsaved=True), 503, RETRY
    flash("Your contacts are saved.")
    return redirect(url_for("desk.edit_contacts"), 303)
