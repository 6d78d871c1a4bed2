"""Pages of single offers and drafts: look, add, edit, copy, withdraw, bring back, and planned places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from skillsmatch.clock import today
from skillsmatch.database import LARGEST_ID, NotSaved
from skillsmatch.extensions import csrf, db
from skillsmatch.offers.comparing import FieldChange
from skillsmatch.offers.desk import drafts, editing, lists
from skillsmatch.offers.desk.blueprint import (
    RETRY,
    desk,
    mine,
    provider_to_write,
    the_provider,
    the_ukprn,
    who,
)
from skillsmatch.offers.desk.drafts import DraftMoved
from skillsmatch.offers.desk.due import due_words
from skillsmatch.offers.desk.editing import Moved, Origin
from skillsmatch.offers.desk.form_format import answers_of, as_change, check_answers
from skillsmatch.offers.desk.forms import OfferForm, as_data, box_of, places_form, plain_label
from skillsmatch.offers.desk.models import OfferDraft
from skillsmatch.offers.desk.places import places_of, quarter_words, quarters_from, save_places
from skillsmatch.offers.desk.previews import preview_card
from skillsmatch.offers.loading import file_context
from skillsmatch.offers.models import Offer
from skillsmatch.offers.records import CourseRow
from skillsmatch.offers.views import SOURCES, short_card

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
BOTH = ["GET", "POST"]


@desk.get(f"/offers/<int(max={LARGEST_ID}):number>")
def show_offer(number: int) -> str:
    """One offer as its provider sees it, with what can be done."""
    offer = mine(editing.find_offer(the_provider(), number))
    day = today()
    planned = places_of(offer)
    return render_template(
        "desk/offer.html",
        offer=offer,
        card=short_card(offer, day),
        due=due_words(offer, day),
        today=day,
        can_confirm=not offer.withdrawn_at and not offer.date_has_passed(day),
        source=SOURCES.get(offer.source, offer.source),
        places=[(quarter_words(q), planned[q]) for q in quarters_from(day) if q in planned],
        drafts=[draft for draft in drafts.drafts_of(offer.provider) if draft.offer_id == offer.id],
    )


@desk.route("/offers/new", methods=BOTH)
@csrf.exempt  # the form checks its own token, so that a stale one shows what was typed instead of losing it
def new_offer() -> Answer:
    """A new offer, empty or as a copy of another."""
    if request.method == "POST":
        return _sent(_form(), Origin(token=request.form.get("token", "")))
    number = request.args.get("copy", 0, type=int)
    held = 0 < number <= LARGEST_ID
    copied = mine(editing.find_offer(the_provider(), number) if held else None) if number else None
    answers = answers_of(copied) if copied else {}
    form = _form(as_data(answers) | {"token": editing.new_token()})
    return _show(form, Origin(), copied=copied)


@desk.route(f"/offers/<int(max={LARGEST_ID}):number>/edit", methods=BOTH)
@csrf.exempt  # as above
def edit_offer(number: int) -> Answer:
    """An offer that is there, changed."""
    offer = mine(editing.find_offer(the_provider(), number))
    if request.method == "POST":
        return _sent(_form(), Origin(offer=number, seen=request.form.get("seen", "")))
    more = {"seen": editing.mark(offer), "token": editing.new_token()}
    return _show(_form(as_data(answers_of(offer)) | more), Origin(offer=number))


@desk.route(f"/drafts/<int(max={LARGEST_ID}):number>", methods=BOTH)
@csrf.exempt  # as above
def edit_draft(number: int) -> Answer:
    """A draft, taken up again."""
    draft = mine(drafts.find_draft(the_provider(), number))
    origin = Origin(offer=draft.offer_id, token=draft.token, draft=number, seen=request.form.get("seen", ""))
    if request.method == "POST":
        return _sent(_form(), origin)
    more = {"saves": str(draft.saves), "token": draft.token, "seen": draft.answers.get("seen", "")}
    return _show(_form(as_data(draft.answers) | more), origin, draft=draft)


@desk.post(f"/drafts/<int(max={LARGEST_ID}):number>/drop")
def drop_draft(number: int) -> Answer:
    """Drops a draft."""
    drafts.drop_draft(mine(drafts.find_draft(the_provider(), number)))
    flash("The draft is gone.")
    return redirect(url_for("desk.home"), 303)


def _form(data: Mapping[str, Any] | None = None) -> OfferForm:
    provider = the_provider()
    venues = lists.venue_names(provider) if provider else {}
    return OfferForm(data=data, venues=venues) if data is not None else OfferForm(venues=venues)


def _sent(form: OfferForm, origin: Origin) -> Answer:
    """What was sent: kept as a draft, looked at, or put on offer; the form again where that cannot be."""
    wanted = request.form.get("do", "publish")
    right = form.validate()
    try:
        if wanted == "draft" and "csrf_token" not in form.errors:
            return _keep_draft(form, origin)
        if not right:
            return _show(form, origin), 422
        record = check_answers(form.answers(), file_context(the_ukprn()))
        if not isinstance(record, CourseRow):
            form.tell(record)
            return _show(form, origin), 422
        if wanted == "look":
            return _show(form, origin, card=preview_card(as_change(record), provider_to_write()))
        return _put_on_offer(form, record, origin)
    except NotSaved:
        db.session.rollback()
        return _show(form, origin, unsaved=True), 503, RETRY


def _put_on_offer(form: OfferForm, record: CourseRow, origin: Origin) -> Answer:
    try:
        number = editing.save_offer(record, provider_to_write(), origin)
    except Moved as moved:
        form.seen.data = editing.mark(moved.offer)
        both = _in_words(form, editing.both_versions(moved.offer, form.answers()))
        saved = Origin(moved.offer.id, "", origin.token, origin.draft)
        return _show(form, saved, both=both, withdrawn=moved.offer.withdrawn_at), 409
    flash("Saved. Employers see it at once on its page, and find it in a search within seconds.")
    return redirect(url_for("desk.show_offer", number=number), 303)


def _keep_draft(form: OfferForm, origin: Origin) -> Answer:
    saves = form.saves.data or ""
    try:
        number = drafts.save_draft(
            form.answers()
            | {"seen": form.seen.data or ""},  # a change to the offer meanwhile will be noticed
            provider_to_write(),
            token=(form.token.data or "")[:40] or editing.new_token(),
            offer=origin.offer,
            draft=origin.draft,
            seen=int(saves) if saves.isascii() and saves.isdigit() and len(saves) < 10 else 0,
            by=who(),
        )
    except DraftMoved as moved:
        form.saves.data = str(moved.draft.saves)
        theirs = [
            FieldChange(name, str(text), form.answers().get(name, ""))
            for name, text in moved.draft.answers.items()
            if name in form.boxes and str(text).split() != form.answers().get(name, "").split()
        ]
        saved = Origin(origin.offer, origin.seen, origin.token, moved.draft.id)
        return _show(form, saved, both=_in_words(form, theirs), draft=moved.draft, draft_moved=True), 409
    flash("Saved as a draft. Only people of your organisation see it.")
    return redirect(url_for("desk.edit_draft", number=number), 303)


def _in_words(form: OfferForm, both: list[FieldChange]) -> list[FieldChange]:
    """The same under the boxes' labels, chosen answers by their words."""
    return [
        FieldChange(
            plain_label(form[c.name]), _chosen(form, c.name, c.before), _chosen(form, c.name, c.after)
        )
        for c in both
        if c.name in form
    ]


def _chosen(form: OfferForm, name: str, value: str) -> str:
    choices = getattr(form[name], "choices", None) or []
    found = next((str(c.label) for c in choices if str(c.value) == value), value)
    return found or "nothing"


def _show(form: OfferForm, origin: Origin, draft: OfferDraft | None = None, **more: Any) -> str:
    if origin.draft is not None:
        action = url_for("desk.edit_draft", number=origin.draft)
        draft = draft or drafts.find_draft(the_provider(), origin.draft)
    elif origin.offer is not None:
        action = url_for("desk.edit_offer", number=origin.offer)
    else:
        action = url_for("desk.new_offer")
    changed = editing.find_offer(the_provider(), origin.offer) if origin.offer else None
    # The address that is sent to differs from the page's own, so that Back keeps the form and its token.
    return render_template(
        "desk/offer_form.html", form=form, action=action + "?sent=1", offer=changed, draft=draft, **more
    )


@desk.post(f"/offers/<int(max={LARGEST_ID}):number>/withdraw")
def withdraw(number: int) -> Answer:
    """Takes an offer off the list."""
    editing.withdraw(mine(editing.find_offer(the_provider(), number)))
    flash("Withdrawn. Employers no longer find it. You can bring it back at any time.")
    return redirect(url_for("desk.show_offer", number=number), 303)


@desk.post(f"/offers/<int(max={LARGEST_ID}):number>/bring-back")
def bring_back(number: int) -> Answer:
    """Puts a withdrawn offer back on the list."""
    offer: Offer = mine(editing.find_offer(the_provider(), number))
    editing.bring_back(offer)
    flash("It is on offer again.")
    return redirect(url_for("desk.show_offer", number=number), 303)


@desk.route(f"/offers/<int(max={LARGEST_ID}):number>/places", methods=BOTH)
@csrf.exempt  # the form checks its own token
def places(number: int) -> Answer:
    """Planned places, quarter by quarter."""
    offer = mine(editing.find_offer(the_provider(), number))
    quarters = quarters_from(today())
    kind = places_form(quarters)
    if request.method == "POST":
        form = kind()
        if not form.validate():
            return _show_places(offer, form), 422
        try:
            save_places(offer, {quarter: form[box_of(quarter)].data for quarter in quarters}, who())
        except NotSaved:
            db.session.rollback()
            offer = mine(editing.find_offer(the_provider(), number))
            return _show_places(offer, form, unsaved=True), 503, RETRY
        flash("The planned places are saved.")
        return redirect(url_for("desk.show_offer", number=number), 303)
    held = places_of(offer)
    return _show_places(offer, kind(data={box_of(quarter): held.get(quarter) for quarter in quarters}))


def _show_places(offer: Offer, form: Any, **more: Any) -> str:
    boxes = [form[box_of(quarter)] for quarter in quarters_from(today())]
    return render_template("desk/places.html", offer=offer, form=form, boxes=boxes, **more)
