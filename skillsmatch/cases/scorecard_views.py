"""The scorecard, the figures behind it, and the reports whose numbers were kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from skillsmatch.accounts.audit import note
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
from skillsmatch.cases.behind import names_of
from skillsmatch.cases.days import span_words
from skillsmatch.cases.measures import all_measures
from skillsmatch.cases.plan_blueprint import RETRY, Answer, plan, the_area, the_officer
from skillsmatch.cases.plan_forms import ReportForm, SpanForm
from skillsmatch.cases.scorecard import FIGURES, all_reports, keep_report, scorecard
from skillsmatch.clock import today
from skillsmatch.database import NotSaved, keep
from skillsmatch.demand.guard import reads_employers
from skillsmatch.demand.lattice import OUTCOMES

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
        figures=FIGURES,
        what_counts=WHAT_COUNTS,
        dedupe=DEDUPE,
        measures=[m for m in all_measures(the_area()) if not m.measure.priority],
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
        card = scorecard(the_area(), form.first.data, form.last.data)
        kept = keep_report(card, form.title.data or "", the_officer())
        first, last = str(kept.first_day), str(kept.last_day)
        note("report kept", f"report {kept.id}", title=kept.title, first=first, last=last)

    try:
        keep(work)
    except NotSaved:
        return _scorecard(span, form, unsaved=True), 503, RETRY
    flash(f"The numbers are kept as “{form.title.data}”.")
    dates: dict[str, Any] = dict(Filters(form.first.data, form.last.data).query)
    return redirect(url_for("plan.scorecard_page", **dates), 303)


# --- the figures behind a number ------------------------------------------------------------------


@dataclass(frozen=True)
class Listing:
    """One page of the rows behind a number."""

    rows: list[Asked]
    page: int
    pages: int
    total: int


@plan.get("/figures")
@reads_employers
def figures() -> Answer:
    """What a filter comes to, and the coded needs behind it. Every internal number can be asked for again here."""
    form, known = span_form(), choices(the_area())
    chosen = {name: request.args.get(name, "").strip() for name in CHOICES}
    unknown = [n for n in known if chosen[n] and chosen[n] not in {code for code, _ in known[n]}]
    if wrong(form) or unknown or (chosen["soc"] and not chosen["soc"].isdigit()):
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
        outcomes=[
            (words, sum_of([r for r in rows if r.outcome == code])) for code, words in OUTCOMES.items()
        ],
        listing=(listing := _page_of(rows)),
        filed=names_of([row.need for row in listing.rows if row.need]),
        names={name: dict(pairs) for name, pairs in known.items()},
        what_counts=WHAT_COUNTS,
        dedupe=DEDUPE,
        when=span_words(filters.first, filters.last),
    )


def _page_of(rows: list[Asked]) -> Listing:
    pages = max(1, math.ceil(len(rows) / PAGE_SIZE))
    typed = request.args.get("page", "1")
    page = min(max(1, int(typed) if typed.isdigit() and len(typed) < 10 else 1), pages)
    return Listing(rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], page, pages, len(rows))
