"""The provider's pages of referrals. Whose referral it is, is asked anew for every page and every post.

The blueprint is kept from employers' rows. Two views are not: the page that shows needs which their employers share
with this very provider, and the post that writes the answer into the case's history.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from skillsmatch.accounts.access import blueprint_open_to
from skillsmatch.accounts.desks import add_desk
from skillsmatch.accounts.roles import Role
from skillsmatch.cases.blueprint import NUMBER
from skillsmatch.cases.case_forms import AnswerForm
from skillsmatch.cases.referral_answers import (
    AnswerRefused,
    Draft,
    carries,
    figures_of,
    own_offers,
    referral_to,
    referrals_to,
    send_answer,
)
from skillsmatch.cases.referral_models import QUESTIONS, Referral
from skillsmatch.cases.referrals import PublishedFigures
from skillsmatch.database import NotSaved, keep
from skillsmatch.demand.guard import reads_employers
from skillsmatch.extensions import csrf
from skillsmatch.leads.desk import own_provider, the_account
from skillsmatch.leads.wording import WHY_NOT_BY_CODE
from skillsmatch.needs.blueprint import RETRY
from skillsmatch.offers.models import Provider

referrals = blueprint_open_to(
    Blueprint("referrals", __name__, url_prefix="/leads/referrals"), Role.COLLEGE, Role.PROVIDER
)
add_desk("referrals.listing", "Referrals", Role.COLLEGE, Role.PROVIDER, place=35)
Answer = str | BaseResponse | tuple[str, int] | tuple[str, int, dict[str, str]]


@referrals.after_request
def keep_private(response: Response) -> Response:
    """What a referral carries may be hidden at any moment, so no copy of its page is kept."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def the_referral(number: int) -> tuple[Provider, Referral]:
    """The referral with this number to this account's provider, or 404: for another it is not there."""
    provider = own_provider()
    found = referral_to(provider, number) if provider else None
    return (provider, found) if provider and found else abort(404)


@referrals.get("")
def listing() -> str:
    """What the Chamber asked this provider."""
    provider = own_provider()
    asked = referrals_to(provider) if provider else []
    published = PublishedFigures()
    rows = [(one, sorted({figure.theme for figure in figures_of(one, published)})) for one in asked]
    return render_template("referrals/listing.html", provider=provider, rows=rows, questions=QUESTIONS)


@referrals.get(f"/{NUMBER}")
@reads_employers
def referral(number: int) -> str:
    """One referral: the question, what it carries now, and the answers."""
    provider, found = the_referral(number)
    return render_template(
        "referrals/referral.html",
        referral=found,
        carries=carries(found, provider),
        question=QUESTIONS[found.question],
        why_not=WHY_NOT_BY_CODE,
    )


@referrals.get(f"/{NUMBER}/answer")
def answer_form(number: int) -> str:
    """The form of an answer."""
    provider, found = the_referral(number)
    form = AnswerForm(own_offers(provider), formdata=None)
    form.number.data = str(len(found.answers) + 1)
    return _answer_page(found, form)


@referrals.post(f"/{NUMBER}/answer")
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
@reads_employers
def answer(number: int) -> Answer:
    """Sends the answer; it is in the case's history in the same transaction."""
    provider, found = the_referral(number)
    form = AnswerForm(own_offers(provider))
    if not form.validate():
        return _answer_page(found, form), 422
    draft = _draft(form)
    try:
        keep(lambda: send_answer(the_referral(number)[0], the_account(), number, draft))
    except AnswerRefused as refused:
        found = the_referral(number)[1]
        form.form_errors.append(str(refused))
        form.number.data = str(len(found.answers) + 1)
        return _answer_page(found, form), 409
    except NotSaved:
        return _answer_page(the_referral(number)[1], form, unsaved=True), 503, RETRY
    return redirect(url_for("referrals.referral", number=number, _anchor="answers"), 303)


def _draft(form: AnswerForm) -> Draft:
    number = form.number.data or ""
    return Draft(
        kind=form.kind.data,
        number=int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0,
        offer_id=int(form.offer.data) if form.offer.data else None,
        starts_on=form.starts_on.data,
        reason=form.reason.data or "",
        words=form.words.data or "",
        reach=form.reach.data or "",
    )


def _answer_page(found: Referral, form: AnswerForm, unsaved: bool = False) -> str:
    page = {"referral": found, "question": QUESTIONS[found.question], "form": form, "unsaved": unsaved}
    return render_template("referrals/answer.html", **page)
