"""The button that makes the LSIP pack. Who made which pack stands in the audit log."""

from __future__ import annotations

from flask import Response, render_template

from skillsmatch.cases.asked import this_year
from skillsmatch.cases.pack.writing import WHICH, begin, write_zip
from skillsmatch.cases.plan_blueprint import RETRY, Answer, plan, the_area
from skillsmatch.cases.plan_forms import PackForm
from skillsmatch.database import NotSaved, keep
from skillsmatch.demand.guard import reads_employers
from skillsmatch.demand.periods import quarter_of
from skillsmatch.demand.published import editions


@plan.get("/pack")
def pack_page() -> str:
    """The dates of a pack; by default this year."""
    first, today = this_year(the_area())
    year = quarter_of(today, the_area().year_start_month).whole_year
    return _page(PackForm(formdata=None, first=first, last=year.last_day))


def _page(form: PackForm, busy: bool = False) -> str:
    found = [e for e in editions() if e.state == "published"]
    return render_template("plan/pack.html", form=form, editions=found, busy=busy)


@plan.post("/pack")
@reads_employers
def make_pack() -> Answer:
    """Makes the pack and hands it over as a ZIP; nothing of it is kept here."""
    form = PackForm()
    if not form.validate():
        return _page(form), 422
    first, last, what = form.first.data, form.last.data, form.what.data
    which = WHICH if what == "both" else (what,)
    try:
        keep(lambda: begin(first, last, which))
    except NotSaved:
        return _page(form, busy=True), 503, RETRY
    answer = Response(write_zip(the_area(), first, last, which), mimetype="application/zip")
    name = f"lsip-{first}-{last}-{what}.zip"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer
