"""What the employer says of the results: opened, fits, none fits, started."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf
from skillsmatch.needs.blueprint import RETRY, needs, the_facet, the_match, the_need
from skillsmatch.needs.forms import NoneFitForm
from skillsmatch.needs.outcomes import OutcomeRefused, record_fits, record_opened, record_outcome


def to_facet(reference: str, position: int) -> Response:
    """Back to the facet on the results page."""
    return redirect(url_for("needs.show", reference=reference, _anchor=f"need-{position}"), 303)


@needs.post("/<reference>/matches/<int:number>/open")
def open_offer(reference: str, number: int) -> Response:
    """Goes to the offer, and notes that the employer looked at it. What cannot be noted is shown all the same."""

    def note() -> int:
        match = the_match(the_need(reference), number)
        record_opened(match)
        return match.offer_id

    try:
        offer = keep(note)
    except NotSaved:
        offer = the_match(the_need(reference), number).offer_id
    return redirect(url_for("offers.offer", offer_id=offer, need=reference), 303)


@needs.post("/<reference>/matches/<int:number>/fits")
def fits(reference: str, number: int) -> Response | tuple[str, int]:
    """Notes that this offer fits."""

    def note() -> int:
        match = the_match(the_need(reference), number)
        record_fits(match)
        return match.facet.position

    try:
        return to_facet(reference, keep(note))
    except OutcomeRefused as refused:
        return render_template("needs/refused.html", reference=reference, words=str(refused)), 409


@needs.post("/<reference>/facets/<int:position>/started")
def started(reference: str, position: int) -> Response | tuple[str, int]:
    """Notes that the training has been taken up."""
    try:
        keep(lambda: record_outcome(the_facet(the_need(reference), position), "started"))
    except OutcomeRefused as refused:
        return render_template("needs/refused.html", reference=reference, words=str(refused)), 409
    return to_facet(reference, position)


@needs.route("/<reference>/facets/<int:position>/none-fit", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def none_fit(
    reference: str, position: int
) -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Asks why none of these fits, and keeps the reasons."""
    need = the_need(reference)
    facet = the_facet(need, position)
    form = NoneFitForm() if request.method == "POST" else NoneFitForm(reasons=facet.employer_reasons)
    page = {"need": need, "facet": facet, "form": form}
    if request.method != "POST":
        return render_template("needs/none_fit.html", **page)
    if not form.validate():
        return render_template("needs/none_fit.html", **page), 422
    reasons, words = form.reasons.data or [], form.words.data or ""
    try:
        keep(lambda: record_outcome(the_facet(the_need(reference), position), "none-fits", reasons, words))
    except OutcomeRefused as refused:
        return render_template("needs/refused.html", reference=reference, words=str(refused)), 409
    except NotSaved:
        need = the_need(reference)
        page |= {"need": need, "facet": the_facet(need, position), "unsaved": True}
        return render_template("needs/none_fit.html", **page), 503, RETRY
    return to_facet(reference, position)
