"""The scorecard, the figures behind it, and the reports whose numbers were kept."""

from __future__ import annotations

import re
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from skillsmatch.accounts.access import current_account
from skillsmatch.accounts.audit import note
from skillsmatch.accounts.models import Account
from skillsmatch.area.national import load_soc
from skillsmatch.cases.asked import (
    CHOICES,
    DEDUPE,
    WHAT_COUNTS,
    Asked,
    Filters,
    asked_rows,
    choices,
    sum_of,
    this_year,
)
from skillsmatch.cases.behind import filed_names
from skillsmatch.cases.blueprint import NUMBER
from skillsmatch.cases.days import span_words
from skillsmatch.cases.english import NO_PLACES
from skillsmatch.cases.pack.besides import figures_besides
from skillsmatch.cases.plan_blueprint import RETRY, Answer, Listing, page_asked, plan, the_area, the_officer
from skillsmatch.cases.plan_forms import ReportForm, SpanForm
from skillsmatch.cases.reports import FIGURES, NameTaken, all_reports, find_report, keep_report, spans_differ
from skillsmatch.cases.scorecard import scorecard
from skillsmatch.cases.starts import WHAT_STARTS, started_in, starts_of
from skillsmatch.clock import today
from skillsmatch.database import NotSaved, keep
from skillsmatch.demand.guard import reads_employers
from skillsmatch.demand.lattice import OUTCOMES
from skillsmatch.extensions import db

TYPED = {"ukprn": re.compile("[0-9]{1,8}")}  # a choice that no list has
PAGE_SIZE = 50  # rows behind a number


def span_form() -> SpanForm:
    """The dates that the address asks for; without any, this year so far."""
    if "from" not in request.args and "to" not in request.args:
        first, last = this_year(the_area())
        return SpanForm(formdata=None, first=first, last=last)
    from werkzeug.datastructures import MultiDict

    asked = {"first": request.args.get("from", ""), "last": request.args.get("to", "")}
    return SpanForm(formdata=MultiDict(asked))


def wrong(form: SpanForm) -> bool:
    """Whether the address asks for dates that there are not."""
    return ("from" in request.args or "to" in request.args) and not form.validate()


@plan.get("")
@reads_employers
def scorecard_page() -> Answer:
    """How each priority stands between two days; by default in this year so far."""
    form = span_form()
    if wrong(form):
        return render_template("plan/scorecard.html", form=form, span=form, card=None, report_form=None), 422
    return _scorecard(form, None)


def _scorecard(span: SpanForm, report_form: ReportForm | None, **page: object) -> str:
    card = scorecard(the_area(), span.first.data, span.last.data)
    return render_template(
        "plan/scorecard.html",
        form=report_form,
        span=span,
        card=card,
        report_form=report_form or ReportForm(formdata=None, first=span.first.data, last=span.last.data),
        reports=all_reports(),
        differ=spans_differ(card.report, card.filters) if card.report else "",
        started=started_in(card.filters).query,
        what_counts=WHAT_COUNTS,
        what_starts=WHAT_STARTS,
        no_places=NO_PLACES,
        dedupe=DEDUPE,
        measures=[m for m in card.measures if not m.measure.priority],
        when=span_words(span.first.data, span.last.data),
        today=today(),
        **page,
    )


@plan.post("/reports")
@reads_employers
def keep_a_report() -> Answer:
    """Keeps the scorecard's numbers under a name, so that the next one says what changed since."""
    form = ReportForm()
    fine = form.validate()
    if not (form.first.data and form.last.data) or form.first.errors or form.last.errors:
        first, last = this_year(the_area())
        return _scorecard(SpanForm(formdata=None, first=first, last=last), form), 422
    span = SpanForm(formdata=None, first=form.first.data, last=form.last.data)
    if not fine:
        return _scorecard(span, form), 422

    def work() -> None:
        account = current_account()
        if account is not None:  # pressed twice, the second waits for the first, and then finds the name taken
            db.session.get(Account, account.id, with_for_update=True)
        card = scorecard(the_area(), form.first.data, form.last.data)
        kept = keep_report(card, form.title.data or "", the_officer())
        first, last = str(kept.first_day), str(kept.last_day)
        note("report kept", f"report {kept.id}", title=kept.title, first=first, last=last)

    try:
        keep(work)
    except NameTaken:
        form.title.errors = ["A report of this name is kept already. Give this one another name"]
        return _scorecard(span, form), 422
    except NotSaved:
        return _scorecard(span, form, unsaved=True), 503, RETRY
    flash(f"The numbers are kept as “{form.title.data}”. A scorecard of later days says what changed since.")
    dates: dict[str, Any] = dict(Filters(form.first.data, form.last.data).query)
    return redirect(url_for("plan.scorecard_page", **dates), 303)


@plan.get(f"/reports/{NUMBER}")
def report(number: int) -> Answer:
    """A report as it was kept: its numbers, its priorities by the names and days they had then."""
    kept = find_report(number)
    if kept is None:
        abort(404)
    return render_template("plan/report.html", report=kept, kept=kept.figures, names=FIGURES)


# --- the figures behind a number ------------------------------------------------------------------


@plan.get("/figures")
@reads_employers
def figures() -> Answer:
    """What a filter comes to, and the coded needs behind it. Every internal number can be asked for again here."""
    form, known = span_form(), choices(the_area())
    chosen = {name: request.args.get(name, "").strip() for name in CHOICES}
    unknown = [n for n in known if chosen[n] and chosen[n] not in {code for code, _ in known[n]}]
    unknown += [n for n, shape in TYPED.items() if chosen[n] and not shape.fullmatch(chosen[n])]
    if chosen["soc"] not in ("", "none", *load_soc()):
        unknown.append("soc")
    if wrong(form) or unknown:
        return (
            render_template(
                "plan/figures.html", form=form, span=form, known=known, chosen=chosen, unknown=unknown
            ),
            422,
        )
    filters = Filters(form.first.data, form.last.data, **chosen)
    rows = asked_rows(filters, the_area())
    return render_template(
        "plan/figures.html",
        form=None,
        span=form,
        known=known,
        chosen=chosen,
        unknown=[],
        filters=filters,
        sums=sum_of(rows),
        starts=starts_of(rows),
        outcomes=[
            (words, sum_of([r for r in rows if r.outcome == code])) for code, words in OUTCOMES.items()
        ],
        listing=(listing := _page_of(rows)),
        filed=filed_names([row.need for row in listing.rows if row.need]),
        names={name: dict(pairs) for name, pairs in known.items()},
        what_counts=WHAT_COUNTS,
        what_starts=WHAT_STARTS,
        dedupe=DEDUPE,
        when=span_words(filters.first, filters.last),
        besides=figures_besides(filters, rows, the_area()),
    )


def _page_of(rows: list[Asked]) -> Listing[Asked]:
    page, pages = page_asked(len(rows), PAGE_SIZE)
    return Listing(rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], page, pages, len(rows))
