"""Pages of quotes: which needs may be quoted, the words an officer leaves of one, and the quotes that stand."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, TextAreaField
from wtforms.validators import DataRequired

from skillsmatch.accounts.audit import note
from skillsmatch.cases import quotes as quoting_rules
from skillsmatch.cases.blueprint import NUMBER, cases
from skillsmatch.cases.case_keeping import names_of_accounts
from skillsmatch.cases.gathering_models import Quote
from skillsmatch.cases.owned_words import me
from skillsmatch.cases.quotes import QuoteRefused
from skillsmatch.cases.redaction import redact
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf, db
from skillsmatch.forms import Form, clean
from skillsmatch.needs.models import Need
from skillsmatch.safety import RETRY_AFTER

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


class ApproveForm(Form):
    """What is left of an employer's words, and that somebody has read it."""

    words = TextAreaField(
        "The quote", filters=[clean], validators=[DataRequired("Leave some words to quote")]
    )
    looked = BooleanField(
        "I have read it, and nothing in it tells who said it",
        validators=[DataRequired("Tick the box once you have read the quote")],
    )


@cases.get("/quotes")
def quotes() -> str:
    """The quotes that stand, those that cannot be shown now, and the needs that may be quoted."""
    shown, hidden = quoting_rules.shown_quotes(), quoting_rules.hidden_quotes()
    waiting = quoting_rules.waiting()
    return render_template(
        "cases/quotes.html",
        shown=shown,
        hidden=hidden,
        waiting=[(need, redact(need.text, need.business_name).text) for need in waiting],
        loaded=quoting_rules.counts_loaded(),
        least=quoting_rules.LEAST_FIT,
        names=names_of_accounts({quote.account_id for quote in shown}),
    )


def _need(number: int) -> Need:
    return quoting_rules.quotable(number) or abort(404)


@cases.get(f"/quotes/needs/{NUMBER}")
def quote_new(number: int) -> str:
    """A need that may be quoted, with personal data cut out, and under which description it would stand."""
    need = _need(number)
    return _page(need, ApproveForm(formdata=None, data={"words": quoting_rules.proposed(need)}))


def _page(need: Need, form: ApproveForm, **more: Any) -> str:
    described = refused = ""
    try:
        described = quoting_rules.standing_description(need)
    except QuoteRefused as error:
        refused = str(error)
    return render_template(
        "cases/quote.html",
        need=need,
        redacted=redact(need.text, need.business_name).text,
        form=form,
        described=described,
        refused=refused,
        least=quoting_rules.LEAST_FIT,
        **more,
    )


@cases.post(f"/quotes/needs/{NUMBER}")
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def quote_approve(number: int) -> Answer:
    """Has the quote stand, or says what is wrong with it."""
    need, form, who = _need(number), ApproveForm(), me()
    if not form.validate():
        return _page(need, form), 422

    def approve() -> bool:
        quote = quoting_rules.approve(number, form.words.data, who)
        if quote is None:
            return False
        note("quote approved", f"quote {quote.id}", described=quote.described)
        return True

    try:
        if not keep(approve):
            abort(404)
    except QuoteRefused as refused:
        form.words.errors = [str(refused)]
        return _page(_need(number), form), 422
    except NotSaved:
        return _page(_need(number), form, unsaved=True), 503, {"Retry-After": RETRY_AFTER}
    flash("The quote stands. It is shown for as long as the employer agrees.")
    return redirect(url_for("cases.quotes"), 303)


@cases.post(f"/quotes/{NUMBER}/take-down")
def quote_take_down(number: int) -> Answer:
    """Takes a quote down."""
    _ = db.session.get(Quote, number) or abort(404)

    def take_down() -> None:
        quote = db.session.get(Quote, number)
        if quote is not None:
            quoting_rules.take_down(quote)
            note("quote taken down", f"quote {number}")

    keep(take_down)
    flash("The quote is taken down.")
    return redirect(url_for("cases.quotes"), 303)
