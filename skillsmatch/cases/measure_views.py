"""Measures that no demand can tell: the list, one of them over time, and the forms for a new one and a new value."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import chain, count

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError

from skillsmatch.accounts.audit import note
from skillsmatch.area.measures import Measure, Measured
from skillsmatch.area.priorities import all_priorities
from skillsmatch.cases import measures
from skillsmatch.cases.measure_forms import MeasureChangeForm, MeasureForm, ValueForm
from skillsmatch.cases.measures import Followed
from skillsmatch.cases.plan_blueprint import MEANWHILE, RETRY, Answer, plan, the_area, the_officer
from skillsmatch.cases.plan_forms import version_typed
from skillsmatch.database import NotSaved, keep


@plan.get("/measures")
def measure_list() -> str:
    """Every measure with its latest value, and those that are no longer followed."""
    every = measures.ever_followed(the_area())
    return render_template(
        "plan/measures.html",
        measures=[m for m in every if not m.removed],
        gone=[m for m in every if m.removed],
    )


@plan.route("/measures/new", methods=["GET", "POST"])
def new_measure() -> Answer:
    """A measure that is not followed yet."""
    known = all_priorities(the_area())
    form = MeasureForm(known) if request.method == "POST" else MeasureForm(known, formdata=None)
    if request.method != "POST":
        return _measure_form(form)
    if not form.validate():
        return _measure_form(form), 422
    title, there = form.title.data or "", measures.ever_followed(the_area())
    code = _code_of(title, {m.measure.code for m in there})
    if title.casefold() in {m.measure.title.casefold() for m in there}:
        form.title.errors = ["There is a measure of this name already. Give this one another name"]
        return _measure_form(form), 422
    wanted = Measure(code, title, form.unit.data or "", form.about.data or "", form.priority.data or "")

    def work() -> None:
        measures.add_measure(wanted, the_officer())
        note("measure added", f"measure {code}")

    try:
        keep(work)
    except IntegrityError:
        form.title.errors = ["Somebody else has added this measure just now"]
        return _measure_form(form), 409
    except NotSaved:
        return _measure_form(form, unsaved=True), 503, RETRY
    flash("The measure is added. Enter its first value.")
    return redirect(url_for("plan.measure", code=code), 303)


def _measure_form(form: MeasureForm, before: Followed | None = None, **page: object) -> str:
    return render_template("plan/measure_form.html", form=form, before=before, **page)


@plan.route("/measures/<code>/change", methods=["GET", "POST"])
def change_measure(code: str) -> Answer:
    """Another title, unit or priority for a measure, or that it is no longer followed."""
    followed = measures.find_measure(the_area(), code)
    if followed is None:
        abort(404)
    known, one = all_priorities(the_area()), followed.measure
    if request.method != "POST":
        values = {name: getattr(one, name) for name in ("title", "unit", "about", "priority")}
        values |= {"seen": str(followed.version), "removed": followed.removed}
        return _measure_form(MeasureChangeForm(known, formdata=None, **values), followed)
    form = MeasureChangeForm(known)
    if not form.validate():
        return _measure_form(form, followed), 422
    wanted = Measure(
        code, form.title.data or "", form.unit.data or "", form.about.data or "", form.priority.data or ""
    )

    def work() -> None:
        row = measures.change_measure(wanted, bool(form.removed.data), version_typed(form.seen), the_officer())
        note("measure changed", f"measure {code}", version=row.number, removed=row.removed)

    try:
        keep(work)
    except (measures.MeasureChanged, IntegrityError):
        now_stands = measures.find_measure(the_area(), code) or followed
        form.form_errors.append(MEANWHILE)
        form.seen.data = str(now_stands.version)
        return _measure_form(form, now_stands), 409
    except NotSaved:
        return _measure_form(form, followed, unsaved=True), 503, RETRY
    flash("The measure is changed.")
    return redirect(url_for("plan.measure", code=code), 303)


def _code_of(title: str, taken: set[str]) -> str:
    """A code for the measure's address, of its title's letters and digits: one that is free, and no page's own name."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:36].strip("-") or "measure"
    numbered = (f"{plain}-{number}" for number in count(2))
    return next(code for code in chain([plain], numbered) if code not in {*taken, "new"})


@plan.route("/measures/<code>", methods=["GET", "POST"])
def measure(code: str) -> Answer:
    """One measure over time, and the form for a new value."""
    followed = measures.find_measure(the_area(), code)
    if followed is None:
        abort(404)
    if request.method != "POST":
        return _measure(followed, ValueForm(formdata=None))
    form = ValueForm()
    if not form.validate():
        return _measure(followed, form), 422
    taken_back = bool(form.taken_back.data)
    if taken_back and form.day.data not in {v.day for v in followed.values}:
        form.day.errors = ["There is no value on this day to take back"]
        return _measure(followed, form), 422
    value = Measured(
        code,
        form.day.data,
        form.value.data or Decimal(0),
        form.note.data or "",
        form.source.data or "",
        form.url.data or "",
    )

    def work() -> None:
        row = measures.enter(value, the_officer(), taken_back=taken_back)
        done = "measure value taken back" if taken_back else "measure value entered"
        note(done, f"measure {code}", day=str(row.day), value=str(row.value))

    try:
        keep(work)
    except NotSaved:
        return _measure(followed, form, unsaved=True), 503, RETRY
    flash("The value is taken back." if taken_back else "The value is saved.")
    return redirect(url_for("plan.measure", code=code), 303)


def _measure(followed: Followed, form: ValueForm, **page: object) -> str:
    return render_template(
        "plan/measure.html",
        followed=followed,
        form=form,
        entries=measures.entries_of(followed.measure.code),
        versions=measures.versions_of(followed.measure.code),
        **page,
    )
