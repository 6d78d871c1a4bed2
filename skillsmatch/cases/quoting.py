"""An employer's own page on which it agrees to be quoted, or takes that back. Its box is ticked by nobody else."""

from __future__ import annotations

from types import MappingProxyType

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import delete, select, update
from werkzeug.wrappers import Response
from wtforms import BooleanField
from wtforms.validators import DataRequired

from skillsmatch.accounts.access import PUBLIC, blueprint_open_to
from skillsmatch.cases.gathering_models import Quote, QuoteConsent
from skillsmatch.clock import now
from skillsmatch.database import NotSaved, keep
from skillsmatch.demand.guard import may_read_employers
from skillsmatch.extensions import csrf, db
from skillsmatch.forms import Form
from skillsmatch.needs.blueprint import RETRY, keep_private
from skillsmatch.needs.contact import need_to_manage
from skillsmatch.needs.models import Need
from skillsmatch.needs.moments import taking_part, when_forgotten, when_reworded

# Other words are another version: a version that was shown is never edited, because consents name it.
WORDINGS = MappingProxyType(
    {
        "2026-11": "My words may be quoted in the area’s skills plan and in reports about it, without my name, my "
        "business name or my contact details. An officer leaves out whatever could tell who I am."
    }
)
PRESENT = "2026-11"

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]

quoting = may_read_employers(
    blueprint_open_to(Blueprint("quoting", __name__, url_prefix="/needs"), PUBLIC),
    "an employer's own need, by its private link",
)
quoting.after_request(keep_private)


class QuoteForm(Form):
    """The one box."""

    agree = BooleanField(
        WORDINGS[PRESENT], validators=[DataRequired("Tick the box if you agree. If you do not, go back")]
    )


@quoting.app_template_global()
def quote_consent_of(need: Need) -> QuoteConsent | None:
    """The consent to be quoted that stands now, if one does."""
    standing = select(QuoteConsent).where(
        QuoteConsent.need_id == need.id, QuoteConsent.withdrawn_at.is_(None)
    )
    return db.session.scalar(standing)


@quoting.app_template_global()
def quoted_of(need: Need) -> Quote | None:
    """What may be shown of this need now, so that its employer sees it as others do."""
    from skillsmatch.cases.quotes import why_hidden

    approved = select(Quote).where(Quote.need_id == need.id, Quote.approved_at.is_not(None))
    quote = db.session.scalar(approved)
    return quote if quote and quote_consent_of(need) and not why_hidden(quote) else None


@quoting.route("/manage/<secret>/quote", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token, so that a stale one shows the page again
def quote(secret: str) -> Answer:
    """The box, unticked, or the button that takes the consent back."""
    need = _need(secret)
    if need is None:
        return render_template("needs/link_over.html"), 404
    form = QuoteForm() if request.method == "POST" else QuoteForm(formdata=None)
    page = {"need": need, "secret": secret, "form": form}
    if request.method != "POST":
        return render_template("cases/quote_consent.html", **page)
    if not form.validate():
        return render_template("cases/quote_consent.html", **page), 422
    try:
        keep(lambda: _agree(secret))
    except NotSaved:
        return render_template("cases/quote_consent.html", **page, unsaved=True), 503, RETRY
    return redirect(url_for("quoting.quote", secret=secret), 303)


def _need(secret: str) -> Need | None:
    need = need_to_manage(secret)
    return need if need is not None and need.is_open and need.text else None


def _agree(secret: str) -> None:
    need = _need(secret)
    if need is not None:
        agree_to_quote(need)


def agree_to_quote(need: Need) -> None:
    """Its employer has ticked the box, in the words of today; ticked already, it stays as it is."""
    lock_quoting(need)
    if quote_consent_of(need) is None:
        db.session.add(QuoteConsent(need_id=need.id, wording=PRESENT, given_at=now()))


@quoting.post("/manage/<secret>/quote/withdraw")
def quote_withdraw(secret: str) -> Answer:
    """The consent is over, and what was quoted goes at once. A report that is out stays as it is."""

    def end() -> bool:
        need = need_to_manage(secret)
        if need is not None:
            end_quoting(need)
        return need is not None

    if not keep(end):
        return render_template("needs/link_over.html"), 404
    return redirect(url_for("quoting.quote", secret=secret), 303)


def lock_quoting(need: Need) -> None:
    """An officer who has a quote stand and an employer who takes its consent back go one after the other."""
    db.session.execute(select(Need.id).where(Need.id == need.id).with_for_update())


@taking_part(when_reworded)
@taking_part(when_forgotten)
def end_quoting(need: Need) -> None:
    """No consent to quote this need stands any more, and nothing of its words is kept for quoting.

    Consent is for the words as they stand: who changes them is asked again.
    """
    lock_quoting(need)
    standing = update(QuoteConsent).where(
        QuoteConsent.need_id == need.id, QuoteConsent.withdrawn_at.is_(None)
    )
    db.session.execute(standing.values(withdrawn_at=now()))
    db.session.execute(delete(Quote).where(Quote.need_id == need.id))
