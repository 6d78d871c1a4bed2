"""The officer's pages of a referral and of a batch of mail: what would be sent is looked at before it is."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for

from skillsmatch.cases.blueprint import NUMBER, cases
from skillsmatch.cases.case_forms import AskForm, BatchForm, ReferForm
from skillsmatch.cases.case_keeping import CaseRefused
from skillsmatch.cases.case_listing import title_of
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.case_views import Answer, held_case, me, the_case
from skillsmatch.cases.fit_mails import Batch, approve, batch_for
from skillsmatch.cases.fit_models import FitBatch
from skillsmatch.cases.fits import CaseFits, fits_of
from skillsmatch.cases.referrals import (
    NotForProviders,
    figures_for,
    leads_about,
    providers_to_ask,
    send_referral,
)
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf
from skillsmatch.needs.blueprint import RETRY
from skillsmatch.offers.models import Provider
from skillsmatch.words import count_words

# --- referring -------------------------------------------------------------------------------------


@cases.get(f"/case/{NUMBER}/refer")
def choose_provider(number: int) -> str:
    """Which provider to ask."""
    case = the_case(number)
    form = AskForm(providers_to_ask(case), formdata=None)
    return render_template("cases/ask.html", case=case, title=title_of(case), form=form)


@cases.route(f"/case/{NUMBER}/refer/to", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token
def refer(number: int) -> Answer:
    """What goes to the provider: published figures and needs shared with it, and no word besides."""
    case, provider = the_case(number), _provider(the_case(number), request.values.get("provider", ""))
    if provider is None:
        form = AskForm(providers_to_ask(case), formdata=None)
        form.provider.errors = ["Choose a provider from the list"]
        return render_template("cases/ask.html", case=case, title=title_of(case), form=form), 422
    form = _refer_form(case, provider)
    if request.method != "POST":
        return _refer_page(case, provider, form)
    if not form.validate():
        return _refer_page(case, provider, form), 422

    def work() -> None:
        standing = held_case(number)
        asked = _provider(standing, str(provider.ukprn)) or abort(404)
        fresh = _refer_form(standing, asked)
        if not fresh.validate():
            raise CaseRefused("What may be sent has changed since you looked. Please look at it again")
        send_referral(standing, asked, fresh.question.data, fresh.carried, me())

    try:
        keep(work)
    except (CaseRefused, NotForProviders) as refused:
        form.form_errors.append(str(refused))
        return _refer_page(the_case(number), provider, form), 409
    except NotSaved:
        return _refer_page(the_case(number), provider, form, unsaved=True), 503, RETRY
    flash(f"{provider.name} has been asked.")
    return redirect(url_for("cases.case", number=number, _anchor="referrals"), 303)


def _provider(case: Case, ukprn: str) -> Provider | None:
    return next((p for p in providers_to_ask(case) if str(p.ukprn) == ukprn), None)


def _refer_form(case: Case, provider: Provider) -> ReferForm:
    formdata = request.form if request.method == "POST" else None
    return ReferForm(figures_for(case), leads_about(case, provider), formdata=formdata)


def _refer_page(case: Case, provider: Provider, form: ReferForm, unsaved: bool = False) -> str:
    page = {"case": case, "title": title_of(case), "provider": provider, "form": form, "unsaved": unsaved}
    return render_template("cases/refer.html", **page)


# --- mails to employers ----------------------------------------------------------------------------


@cases.get(f"/case/{NUMBER}/mail")
def mail(number: int) -> Answer:
    """The mail about the offers that are ticked, or about all that fit: its words, and how many get it."""
    case = the_case(number)
    fits = fits_of(case)
    return _mail_page(case, fits, _chosen(fits, request.args.getlist("offer")), BatchForm(formdata=None))


@cases.post(f"/case/{NUMBER}/mail")
@csrf.exempt
def mail_approve(number: int) -> Answer:
    """Sends the batch as it was looked at."""
    case, form = the_case(number), BatchForm()
    fits = fits_of(case)
    chosen = _chosen(fits, request.form.getlist("offer"))
    if not form.validate():
        return _mail_page(case, fits, chosen, form), 422
    try:
        sent = keep(lambda: _sent(approve(held_case(number), me(), chosen, form.digest.data or "")))
    except CaseRefused as refused:
        form.form_errors.append(str(refused))
        return _mail_page(the_case(number), fits_of(the_case(number)), chosen, form), 409
    except NotSaved:
        return _mail_page(the_case(number), fits_of(the_case(number)), chosen, form, unsaved=True), 503, RETRY
    flash(sent)
    return redirect(url_for("cases.case", number=number, _anchor="fits"), 303)


def _sent(batch: FitBatch) -> str:
    posted = sum(mail.posted_at is not None for mail in batch.mails)
    waits = len(batch.mails) - posted
    words = f"The mail is on its way to {count_words(posted, 'employer')}."
    if waits:
        words += f" {count_words(waits, 'address has', 'addresses have')} had enough mail for today and get it later."
    return words


def _chosen(fits: CaseFits, asked: list[str]) -> list[int]:
    """The offers that are ticked; all where none is, as on the first look."""
    every = [one.offer.id for one in fits.offers]
    wanted = {int(n) for n in asked if n.isascii() and n.isdigit() and len(n) < 11}
    return [number for number in every if number in wanted] if wanted else every


def _mail_page(case: Case, fits: CaseFits, chosen: list[int], form: BatchForm, unsaved: bool = False) -> str:
    batch: Batch = batch_for(case, chosen)
    form.digest.data = batch.digest
    return render_template(
        "cases/mail.html",
        case=case,
        title=title_of(case),
        fits=fits,
        chosen=chosen,
        batch=batch,
        form=form,
        unsaved=unsaved,
    )
