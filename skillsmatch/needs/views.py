"""Saying a need and seeing what fits: the form, the results, and putting right what we understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from skillsmatch.area.national import load_soc
from skillsmatch.area.themes import load_themes
from skillsmatch.clock import today
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf
from skillsmatch.mail.outbox import TooManyMessages
from skillsmatch.matching import FacetReading
from skillsmatch.needs import feedback, private, wording  # noqa: F401  (they add to this blueprint)
from skillsmatch.needs.asked import MATCHED_CHARACTERS, asked_from
from skillsmatch.needs.blueprint import needs, the_need
from skillsmatch.needs.changing import (
    change_need,
    corrected,
    keep_correction,
    rename_facet,
    search_again,
    set_occupation,
    set_theme,
)
from skillsmatch.needs.contact import ask_to_verify
from skillsmatch.needs.forms import PEOPLE_LIMIT, CorrectionForm, NeedForm, area, one_line, straddling
from skillsmatch.needs.keeping import need_of_token, new_token, payload_digest, store_need, token_digest
from skillsmatch.needs.models import Facet, Need
from skillsmatch.needs.results import shown_facets
from skillsmatch.needs.search import Found, find_matches

__all__ = ["needs"]

FACET_LENGTH = 500  # characters of one corrected facet
RETRY = {"Retry-After": "5"}


@needs.get("/new")
def new() -> str:
    """The form, with a one-use token."""
    form = NeedForm()
    form.token.data = new_token()
    return show_form(form)


@needs.post("/new")
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def send() -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Keeps the need and goes to its page; shows the form again, with everything typed, where it cannot."""
    form = NeedForm()
    digest = token_digest(form.token.data or "")
    if digest is None:
        form.token.data = new_token()
        form.form_errors.append(
            "This form was not ours, or was cut short. Please send it again. Nothing is lost"
        )
        return show_form(form), 422
    if not form.validate():
        return show_form(form), 422
    return keep_once(form, digest)


def keep_once(
    form: NeedForm, digest: str
) -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """One token makes one need: the same answers again go to its page, other answers ask what is meant."""
    payload = payload_digest(form.data)
    try:
        standing = need_of_token(digest)
        if standing is None:
            found = find_matches(asked_from(form.data, area()), today())
            try:
                standing = keep(lambda: _store(found, form.data, digest, payload))
            except IntegrityError:  # another process stored the same token a moment ago
                standing = need_of_token(digest)
                if standing is None:
                    raise NotSaved from None
        if standing.payload_digest == payload:
            return redirect(url_for("needs.show", reference=standing.reference), 303)
        if request.form.get("choice") == "correct":
            return _change(standing, form, payload)
    except NotSaved:
        return show_form(form, unsaved=True), 503, RETRY
    return render_template("needs/changed_mind.html", form=form, need=standing, fresh_token=new_token()), 422


def _store(found: Found, answers: dict[str, Any], digest: str, payload: str) -> Need:
    standing = need_of_token(digest)
    if standing is not None:
        return standing
    need = store_need(found, answers, digest, payload, area())
    _post_link(need)
    return need


def _change(need: Need, form: NeedForm, payload: str) -> Response:
    reference = need.reference
    found = find_matches(asked_from(form.data, area()), today())

    def change() -> None:
        standing = the_need(reference)
        before = standing.email
        change_need(standing, found, form.data, payload, area())
        if standing.email != before:
            _post_link(standing)

    keep(change)
    return redirect(url_for("needs.show", reference=reference), 303)


def _post_link(need: Need) -> None:
    """Posts the verification mail. An address that has had too many today keeps its need, without a mail."""
    if need.email and not need.suspect:
        try:
            ask_to_verify(need)
        except TooManyMessages:
            need.verify_digest = None


def show_form(form: NeedForm, unsaved: bool = False, **more: Any) -> str:
    """The form page."""
    values = {
        "form": form,
        "unsaved": unsaved,
        "straddling": straddling(),
        "action": url_for("needs.send"),
        **more,
    }
    return render_template("needs/new.html", **values)


@needs.get("/<reference>")
def show(reference: str) -> str:
    """The results, as they were committed."""
    need = the_need(reference)
    facets, kinds = shown_facets(need, request.args.get("kind", ""), today())
    return render_template(
        "needs/results.html",
        need=need,
        facets=facets,
        kinds=kinds,
        kind=request.args.get("kind", ""),
        themes=load_themes(),
        too_long=len(need.text) > MATCHED_CHARACTERS,
        matched_characters=MATCHED_CHARACTERS,
    )


@needs.post("/<reference>/search-again")
def again(reference: str) -> Response:
    """Searches today's catalogue for the same need; no signal is added."""
    keep(lambda: search_again(the_need(reference), area()))
    return redirect(url_for("needs.show", reference=reference), 303)


@needs.route("/<reference>/correct", methods=["GET", "POST"])
def correct(reference: str) -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Puts right what we understood, and ranks again."""
    need = the_need(reference)
    form = CorrectionForm(data=_understood(need)) if request.method != "POST" else CorrectionForm()
    page = {
        "need": need,
        "form": form,
        "themes": load_themes(),
        "occupations": load_soc(),
        "typed": request.form,
    }
    if request.method != "POST":
        return render_template("needs/correct.html", **page)
    if not form.validate():
        return render_template("needs/correct.html", **page), 422
    if not any(typed.text for typed in _facets_typed(need, form)):
        form.form_errors.append("Keep at least one skill. To take the whole need back, withdraw it instead")
    if form.form_errors:
        return render_template("needs/correct.html", **page), 422
    try:
        keep(lambda: _keep_correction(reference, form))
    except NotSaved:
        form.form_errors.append(
            "We could not save this just now. Nothing you typed is lost. Please send it again"
        )
        return render_template("needs/correct.html", **{**page, "need": the_need(reference)}), 503, RETRY
    return redirect(url_for("needs.show", reference=reference), 303)


def _understood(need: Need) -> dict[str, Any]:
    return {
        "postcode": need.place,
        "council": need.district,
        "who_for": need.who_for,
        "people": need.people,
        "wanted_when": need.wanted_when,
        "level": "" if need.level is None else str(need.level),
        "max_km": f"{need.max_km:g}" if need.max_km else "",
        "modes": need.modes,
        "attendance": need.attendance,
    }


@dataclass(frozen=True, slots=True)
class TypedFacet:
    """One need on the correction page: as it stands (None: added), its words (empty: taken out) and its people."""

    facet: Facet | None
    text: str
    people: int | None


def _facets_typed(need: Need, form: CorrectionForm) -> list[TypedFacet]:
    """The standing facets as typed, then what was added. A number that is none becomes an error of the form."""
    standing, typed = need.live_facets, []
    for order, facet in enumerate(standing, start=1):
        text = one_line(request.form.get(f"facet-{facet.position}", facet.text))[:FACET_LENGTH]
        number = request.form.get(f"people-{facet.position}", "").strip()
        if number and not (number.isdecimal() and 1 <= int(number) <= PEOPLE_LIMIT):
            form.form_errors.append(f"Need {order}: enter a number of people between 1 and {PEOPLE_LIMIT:,}")
            number = ""
        removed = bool(request.form.get(f"remove-{facet.position}"))
        typed.append(TypedFacet(facet, "" if removed else text, int(number) if number else None))
    typed.append(TypedFacet(None, form.added.data or "", None))
    return typed


def _keep_correction(reference: str, form: CorrectionForm) -> None:
    need = the_need(reference)
    readings = []
    for typed in _facets_typed(need, form):
        facet, text = typed.facet, typed.text
        if not text:
            continue
        if facet is None:
            readings.append(FacetReading(text=text, people=None, level=None, kind_hint=None))
            continue
        if text != facet.text:
            rename_facet(facet, text)
        _set_labels(facet)
        hint = facet.kind_hint or None
        readings.append(FacetReading(text=text, people=typed.people, level=facet.level, kind_hint=hint))
    asked = corrected(need, form.data, tuple(readings), area())
    keep_correction(need, find_matches(asked, today()), area())


def _set_labels(facet: Facet) -> None:
    theme = request.form.get(f"theme-{facet.position}", "keep")
    if theme == "none" or theme in load_themes().themes:
        set_theme(facet, "" if theme == "none" else theme)
    soc = request.form.get(f"soc-{facet.position}", "keep")
    if soc == "none" or soc in load_soc():
        set_occupation(facet, "" if soc == "none" else soc)
