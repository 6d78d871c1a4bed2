"""Saying a need and seeing what fits: the form, the results, and putting right what we understood."""

from __future__ import annotations

import logging
from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlalchemy.exc import DBAPIError, IntegrityError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from skillsmatch.clock import today
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf, db
from skillsmatch.mail.outbox import TooManyMessages
from skillsmatch.matching.reading import is_readable
from skillsmatch.matching.words import LONGEST_TEXT
from skillsmatch.needs import correcting, feedback, private, wording  # noqa: F401  (they add to this blueprint)
from skillsmatch.needs.asked import asked_from
from skillsmatch.needs.blueprint import RETRY, needs, the_need
from skillsmatch.needs.changing import change_need, changed, search_again
from skillsmatch.needs.contact import ask_to_verify
from skillsmatch.needs.forms import NeedForm, area, straddling
from skillsmatch.needs.keeping import need_of_token, new_token, payload_digest, store_need, token_digest
from skillsmatch.needs.models import Need
from skillsmatch.needs.results import shown_facets
from skillsmatch.needs.search import Found, find_matches

__all__ = ["needs"]

FROM_ELSEWHERE = ("text", "postcode")  # what the box on other sites' pages asks
log = logging.getLogger(__name__)


@needs.get("/new")
def new() -> str:
    """The form, with a one-use token."""
    form = NeedForm()
    form.token.data = new_token()
    return show_form(form)


@needs.post("/start")
@csrf.exempt  # other sites send people here; nothing is stored, so there is nothing to forge
def start() -> str | tuple[str, int]:
    """The form, filled in with what another site's box says. Nothing is stored, and no cookie is set."""
    said = MultiDict({name: request.form.get(name, "") for name in FROM_ELSEWHERE})
    form = NeedForm(formdata=said, meta={"csrf": False})  # a token would come with a cookie
    boxes = [form[name] for name in FROM_ELSEWHERE if form[name].data]
    right = [box.validate(form) for box in boxes]
    form.token.data = new_token()
    page = show_form(form, from_elsewhere=True)
    return page if all(right) else (page, 422)


@needs.get("/start")
def start_without_words() -> Response:
    """Who types that address gets the empty form."""
    return redirect(url_for("needs.new"), 303)


def _sent_from_here() -> bool:
    """Whether the browser says that the form stood on a page of ours, as all that are not years old do."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    return site == "same-origin" if site else origin == request.host_url.rstrip("/")


@needs.post("/new")
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def send() -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Keeps the need and goes to its page; shows the form again, with everything typed, where it cannot."""
    if not request.form.get("csrf_token") and _sent_from_here():
        g.csrf_valid = True  # a form filled in by another site's box has no cookie yet that a token could go with
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
        if request.form.get("choice") == "correct" and standing.is_open:
            return _change(standing, form, payload)
    except (NotSaved, DBAPIError) as error:  # busy or full, or it went away while we were reading
        db.session.rollback()
        log.warning("a need was not saved: %s", type(error.__cause__ or error).__name__)
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
    found = find_matches(changed(need, form.data, area()), today())

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
    """The form page.

    It is sent to an address of its own: sending to the page's own address would make the browser forget the page,
    and Back would then bring a fresh token, with which the same need could be logged a second time.
    """
    values = {
        "form": form,
        "unsaved": unsaved,
        "straddling": straddling(),
        "action": url_for("needs.send", sent=1),
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
        too_long=len(need.text) > LONGEST_TEXT,
        matched_characters=LONGEST_TEXT,
        readable=not need.text or is_readable(need.text[:LONGEST_TEXT]),
    )


@needs.post("/<reference>/search-again")
def again(reference: str) -> Response:
    """Searches today's catalogue for the same need; no signal is added."""

    def search() -> None:
        need = the_need(reference)
        if need.is_open and need.text:
            search_again(need, area())

    keep(search)
    return redirect(url_for("needs.show", reference=reference), 303)
