"""Places to learn English, which officers enter by level and district: no file that is read here holds them."""

from __future__ import annotations

from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for

from skillsmatch.accounts.audit import note
from skillsmatch.area.measures import Measured
from skillsmatch.cases import english, measures
from skillsmatch.cases.measure_forms import PlacesForm
from skillsmatch.cases.plan_blueprint import RETRY, Answer, plan, the_area, the_officer
from skillsmatch.clock import today
from skillsmatch.database import NotSaved, keep


@plan.route("/english", methods=["GET", "POST"])
def english_places() -> Answer:
    """Every number of places that stands, its history, and the form for another."""
    levels = [(str(level), english.level_words(str(level))) for level in english.LEVELS_OF_ENGLISH]
    form = PlacesForm(
        levels,
        list(english.district_names(the_area()).items()),
        **({} if request.method == "POST" else {"formdata": None, "day": today()}),
    )
    if request.method != "POST":
        return _page(form)
    if not form.validate():
        return _page(form), 422
    code = english.code_of(form.level.data, form.district.data)
    taken_back = bool(form.taken_back.data)
    if taken_back and not english.stands(the_area(), code, form.day.data):
        form.day.errors = ["There is no number on this day to take back"]
        return _page(form), 422
    said = (form.note.data or "", form.source.data or "", form.url.data or "")
    value = Measured(code, form.day.data, form.value.data or Decimal(0), *said)

    def work() -> None:
        row = measures.enter(value, the_officer(), taken_back=taken_back)
        done = "places of English taken back" if taken_back else "places of English entered"
        note(done, f"measure {code}", day=str(row.day), value=str(row.value))

    try:
        keep(work)
    except NotSaved:
        return _page(form, unsaved=True), 503, RETRY
    flash("The number is taken back." if taken_back else "The number of places is saved.")
    return redirect(url_for("plan.english_places"), 303)


def _page(form: PlacesForm, **page: object) -> str:
    area = the_area()
    standing = english.places_on(area, today())
    return render_template(
        "plan/english.html",
        form=form,
        standing=[(english.said_of(key, area), one) for key, one in standing.items()],
        entries=[(english.said_of(one.measure, area), one) for one in english.entries(area)],
        no_places=english.NO_PLACES,
        **page,
    )
