"""The employer's private links: confirming an e-mail, and coming back to change, extend or withdraw a need."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from skillsmatch.clock import today
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf
from skillsmatch.mail.outbox import TooManyMessages
from skillsmatch.needs.blueprint import RETRY, needs, the_need
from skillsmatch.needs.changing import change_need, changed
from skillsmatch.needs.contact import (
    ask_to_verify,
    extend,
    manage_secret,
    need_to_manage,
    need_to_verify,
    verify,
    withdraw,
)
from skillsmatch.needs.forms import EmailForm, NeedForm, area, straddling
from skillsmatch.needs.keeping import payload_digest
from skillsmatch.needs.models import Need
from skillsmatch.needs.search import find_matches

TOO_MANY = "We have sent this address several mails today. Please try again tomorrow"


@needs.get("/verify/<secret>")
def verify_page(secret: str) -> str | tuple[str, int]:
    """A button: mail scanners open links, and must not verify anything by that."""
    need = need_to_verify(secret)
    if need is None:
        return render_template("needs/link_over.html"), 404
    return render_template("needs/verify.html", need=need, secret=secret)


@needs.post("/verify/<secret>", endpoint="verify")
def verify_post(secret: str) -> Response | tuple[str, int]:
    """Confirms the address, once, and goes to the need's own desk: whoever pressed reads that address's mail."""

    def confirm() -> str | None:
        need = need_to_verify(secret)
        if need is not None:
            verify(need)
        return manage_secret(need) if need else None

    private = keep(confirm)
    if private is None:
        return render_template("needs/link_over.html"), 404
    return redirect(url_for("needs.manage", secret=private, _anchor="confirmed"), 303)


@needs.route("/<reference>/email", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def email(reference: str) -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Adds an e-mail to a need, or sends the links once more."""
    need = the_need(reference)
    if not need.is_open or need.email_verified_at is not None:
        return redirect(url_for("needs.show", reference=reference), 303)
    form = EmailForm()
    if request.method != "POST":
        return render_template("needs/email.html", need=need, form=form)
    if not form.validate():
        return render_template("needs/email.html", need=need, form=form), 422

    def add() -> None:
        standing = the_need(reference)
        if standing.email_verified_at is None and standing.is_open:
            standing.email = form.email.data
            ask_to_verify(standing)

    try:
        keep(add)
    except TooManyMessages:
        form.email.errors = [TOO_MANY]
        return render_template("needs/email.html", need=the_need(reference), form=form), 429
    except NotSaved:
        return (
            render_template("needs/email.html", need=the_need(reference), form=form, unsaved=True),
            503,
            RETRY,
        )
    return redirect(url_for("needs.show", reference=reference, _anchor="email"), 303)


@needs.route("/<reference>/withdraw", methods=["GET", "POST"])
def withdraw_open(reference: str) -> str | Response:
    """Withdraws a need that has no confirmed e-mail: whoever holds its address is its employer."""
    need = the_need(reference)
    if need.email_verified_at is not None or not need.is_open:
        return redirect(url_for("needs.show", reference=reference), 303)
    if request.method != "POST":
        action = url_for("needs.withdraw_open", reference=reference)
        return render_template("needs/withdraw.html", need=need, action=action)
    keep(lambda: withdraw(the_need(reference)))
    return redirect(url_for("needs.show", reference=reference), 303)


@needs.get("/manage/<secret>")
def manage(secret: str) -> str | tuple[str, int]:
    """The need's own desk: open, change, extend or withdraw it."""
    need = need_to_manage(secret)
    if need is None:
        return render_template("needs/link_over.html"), 404
    return render_template("needs/manage.html", need=need, secret=secret)


@needs.post("/manage/<secret>/extend")
def manage_extend(secret: str) -> Response | tuple[str, int]:
    """Keeps the need for another year."""
    return _act(secret, extend)


@needs.post("/manage/<secret>/withdraw")
def manage_withdraw(secret: str) -> Response | tuple[str, int]:
    """Takes the need back."""
    return _act(secret, withdraw)


def _act(secret: str, action: Any) -> Response | tuple[str, int]:
    def act() -> bool:
        need = need_to_manage(secret)
        if need is not None and need.is_open:
            action(need)
        return need is not None

    if not keep(act):
        return render_template("needs/link_over.html"), 404
    return redirect(url_for("needs.manage", secret=secret), 303)


@needs.route("/manage/<secret>/change", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def manage_change(secret: str) -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """The whole form again, filled in; sending it changes this need and logs no other."""
    need = need_to_manage(secret)
    if need is None or not need.is_open:
        return render_template("needs/link_over.html"), 404
    form = NeedForm(data=_as_given(need)) if request.method != "POST" else NeedForm()
    page = {
        "form": form,
        "straddling": straddling(),
        "action": url_for("needs.manage_change", secret=secret),
        "changing": need,
    }
    if request.method != "POST":
        return render_template("needs/new.html", **page)
    if not form.validate():
        return render_template("needs/new.html", **page), 422
    found = find_matches(changed(need, form.data, area()), today())
    payload = payload_digest(form.data)

    def change() -> str:
        standing = need_to_manage(secret)
        if standing is None or not standing.is_open:
            raise NotSaved
        before = standing.email
        change_need(standing, found, form.data, payload, area())
        if standing.email and standing.email != before:
            ask_to_verify(standing)
        return standing.reference

    try:
        return redirect(url_for("needs.show", reference=keep(change)), 303)
    except TooManyMessages:
        form.email.errors = [TOO_MANY]
        return render_template("needs/new.html", **page), 429
    except NotSaved:
        return render_template("needs/new.html", **page, unsaved=True), 503, RETRY


def _as_given(need: Need) -> dict[str, Any]:
    """The need as the form shows it; what was read out of the words is left for the words to say."""
    read = set(need.from_words)
    return {
        "text": need.text,
        "postcode": "" if "place" in read else need.place,
        "council": need.district,
        "who_for": "" if "who_for" in read else need.who_for,
        "people": None if "people" in read else need.people,
        "wanted_when": "" if "wanted_when" in read else need.wanted_when,
        "size_band": need.size_band,
        "sector": area().sector_name(need.sic_section),
        "max_km": "" if "max_km" in read or not need.max_km else f"{need.max_km:g}",
        "modes": [] if "modes" in read else need.modes,
        "attendance": [] if "attendance" in read else need.attendance,
        "level": "" if "level" in read or need.level is None else str(need.level),
        "budget": None if "budget" in read else need.budget,
        "strict": need.strict,
        "ages": need.ages,
        "hosts_t_level": need.hosts_t_level,
        "hosts_teacher": need.hosts_teacher,
        "ambassador": need.ambassador,
        "business_name": need.business_name,
        "email": need.email,
    }
