"""The ambassadors' pages: the list that everybody may read, and the officers' desk where it is kept."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Optional

from skillsmatch.accounts.access import PUBLIC, blueprint_open_to, current_account
from skillsmatch.accounts.audit import note
from skillsmatch.area.areas import Area
from skillsmatch.cases import ambassadors
from skillsmatch.cases.ambassadors import Listed
from skillsmatch.cases.blueprint import LARGEST_ID, NUMBER
from skillsmatch.cases.plan import Ambassador
from skillsmatch.cases.plan_blueprint import RETRY, Answer, plan, the_area, the_officer
from skillsmatch.cases.plan_forms import day, not_to_come, text
from skillsmatch.clock import today
from skillsmatch.database import NotSaved, keep
from skillsmatch.demand.guard import reads_employers
from skillsmatch.forms import AtMost, Form, clean, listed, one_line

speakers = blueprint_open_to(Blueprint("ambassadors", __name__), PUBLIC)


DECIDED = (
    "That answer no longer waits: a colleague has decided, or the employer withdrew it. Nobody was listed. Look at the "
    "list first, then send this again if they are not on it"
)


class AmbassadorForm(Form):
    """What everybody will read of an ambassador."""

    name = text("Name", 120, "Enter the person's name")
    role = text("Their job", 120)
    business = text("Business", 200, "Enter the name of the business")
    sector = SelectField("Sector", choices=[], validators=[DataRequired("Choose a sector")])
    district = SelectField("Council area", choices=[], validators=[Optional()])
    words = TextAreaField(
        "What they can tell other employers",
        filters=[clean],
        validators=[DataRequired("Say what they can tell other employers"), AtMost(1_000)],
    )
    reach = StringField("How to reach them", filters=[one_line], validators=[AtMost(320)])
    agreed_on = day("They agreed on", InputRequired("Enter the day on which they agreed"), not_to_come)
    agreed = BooleanField(
        "They have seen these words and agree that everybody may read them",
        validators=[DataRequired("Tick the box once they agree. Without that nobody is listed")],
    )

    def __init__(self, area: Area, **values: object) -> None:
        super().__init__(**values)
        self.sector.choices = listed([("", "Choose one"), *((s.letter, s.name) for s in area.sectors)])
        self.district.choices = listed(
            [("", "Not said"), *((d.code, d.name) for d in area.districts.values())]
        )

    def said(self) -> Listed:
        """What was filled in."""
        values: dict[str, Any] = {name: self[name].data or "" for name in ambassadors.FIELDS}
        return Listed(**values)


class EndForm(Form):
    """That somebody is taken off the list."""

    sure = BooleanField(
        "Take them off the list, and delete their name and words",
        validators=[DataRequired("Tick the box to take them off the list")],
    )


@speakers.record
def _give_templates_the_few(state: object) -> None:
    """Pages of apprenticeships show a few ambassadors; the room of offers need not know this one."""
    app: Flask = state.app  # type: ignore[attr-defined]
    app.jinja_env.globals["ambassadors_for"] = ambassadors.few_for


@speakers.get("/ambassadors")
def public_list() -> str:
    """Employers who tell others about apprenticeships, by sector."""
    area: Area = current_app.extensions["area"]
    return render_template("ambassadors/listing.html", sectors=ambassadors.listed(area))


@plan.get("/ambassadors")
@reads_employers
def ambassador_desk() -> str:
    """Who is listed, and the employers who said that they would be one."""
    return _desk()


def _desk(shown: ambassadors.Answer | None = None) -> str:
    return render_template(
        "plan/ambassadors.html",
        everyone=ambassadors.everyone(),
        waiting=ambassadors.waiting(),
        aside=ambassadors.put_aside(),
        shown=shown,
    )


@plan.post(f"/ambassadors/answers/{NUMBER}/contact")
@reads_employers
def answer_contact(number: int) -> Answer:
    """Shows how to reach an employer that would be an ambassador; who looked stands in the audit log."""
    if ambassadors.find_answer(number) is None:
        abort(404)
    try:
        keep(lambda: note("ambassador answer's contact shown", f"answer {number}"))
    except NotSaved:
        flash("The database was busy, so nothing is shown. Please try again.")
        return redirect(url_for("plan.ambassador_desk"), 303)
    return _desk(ambassadors.find_answer(number))


@plan.route("/ambassadors/new", methods=["GET", "POST"])
@reads_employers
def new_ambassador() -> Answer:
    """Lists somebody; where they answered in a need, with the sector and place of it.

    Who the business is stays behind the button that notes who looked.
    """
    typed = request.args.get("answer", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 11 else 0
    answer = ambassadors.find_answer(number) if 0 < number <= LARGEST_ID else None
    if request.method != "POST":
        if typed and answer is None:
            flash("That answer no longer waits: a colleague has decided, or the employer withdrew it.")
            return redirect(url_for("plan.ambassador_desk"), 303)
        known = {"sector": answer.sector, "district": answer.district} if answer else {}
        return _form(AmbassadorForm(the_area(), formdata=None, **known), None, answer)
    form = AmbassadorForm(the_area())
    if not form.validate():
        return _form(form, None, answer), 422
    if typed and answer is None:
        form.form_errors.append(DECIDED)
        return _form(form, None, None), 409

    def work() -> int:
        officer = current_account()
        invented = officer is not None and officer.demonstration
        row = ambassadors.save_ambassador(form.said(), demonstration=invented)
        if answer is not None:
            ambassadors.decide(answer.need_id, "listed", the_officer())
        note("ambassador listed", f"ambassador {row.id}", sector=row.sector)
        return row.id

    try:
        keep(work)
    except IntegrityError:
        form.form_errors.append(DECIDED)
        return _form(form, None, None), 409
    except NotSaved:
        return _form(form, None, answer, unsaved=True), 503, RETRY
    flash(f"{form.name.data} is listed.")
    return redirect(url_for("plan.ambassador_desk"), 303)


@plan.post(f"/ambassadors/answers/{NUMBER}/not-now")
@reads_employers
def not_now(number: int) -> Answer:
    """Puts an answer aside: the employer was asked, or cannot be reached."""
    if ambassadors.find_answer(number) is None:
        abort(404)

    def work() -> None:
        ambassadors.decide(number, "not-now", the_officer())
        note("ambassador answer put aside", f"answer {number}")

    try:
        keep(work)
    except (IntegrityError, NotSaved):
        flash("That could not be saved. Look whether a colleague has decided, and try again.")
        return redirect(url_for("plan.ambassador_desk"), 303)
    flash("The answer is put aside.")
    return redirect(url_for("plan.ambassador_desk"), 303)


@plan.post(f"/ambassadors/answers/{NUMBER}/again")
@reads_employers
def bring_back(number: int) -> Answer:
    """Lets an answer that was put aside wait again."""

    def work() -> bool:
        back = ambassadors.bring_back(number)
        if back:
            note("ambassador answer brought back", f"answer {number}")
        return back

    try:
        back = keep(work)
    except NotSaved:
        flash("That could not be saved. Please try again.")
        return redirect(url_for("plan.ambassador_desk"), 303)
    flash("The answer waits again." if back else "That answer is not put aside any more.")
    return redirect(url_for("plan.ambassador_desk"), 303)


@plan.route(f"/ambassadors/{NUMBER}", methods=["GET", "POST"])
def ambassador(number: int) -> Answer:
    """Changes what everybody reads of an ambassador."""
    row = _row(number)
    if request.method != "POST":
        values = {name: getattr(row, name) for name in ambassadors.FIELDS}
        return _form(AmbassadorForm(the_area(), formdata=None, **values), row, None)
    form = AmbassadorForm(the_area())
    if not form.validate():
        return _form(form, row, None), 422

    def work() -> None:
        ambassadors.save_ambassador(form.said(), _row(number))
        note("ambassador changed", f"ambassador {number}")

    try:
        keep(work)
    except NotSaved:
        return _form(form, row, None, unsaved=True), 503, RETRY
    flash(f"{form.name.data} is changed.")
    return redirect(url_for("plan.ambassador_desk"), 303)


@plan.post(f"/ambassadors/{NUMBER}/end")
def end_ambassador(number: int) -> Answer:
    """Takes somebody off the list."""
    row, form = _row(number), EndForm()
    if not form.validate():
        values = {name: getattr(row, name) for name in ambassadors.FIELDS}
        return _form(AmbassadorForm(the_area(), formdata=None, **values), row, None, ending=form), 422

    def work() -> None:
        ambassadors.end(_row(number))
        note("ambassador taken off the list", f"ambassador {number}")

    try:
        keep(work)
    except NotSaved:
        flash("That could not be saved. Please try again.")
        return redirect(url_for("plan.ambassador", number=number), 303)
    flash("They are off the list.")
    return redirect(url_for("plan.ambassador_desk"), 303)


def _row(number: int) -> Ambassador:
    return ambassadors.find_listed(number) or abort(404)


def _form(
    form: AmbassadorForm,
    row: Ambassador | None,
    answer: ambassadors.Answer | None,
    ending: EndForm | None = None,
    **page: object,
) -> str:
    return render_template(
        "plan/ambassador_form.html",
        form=ending or form,
        filled=form,
        row=row,
        answer=answer,
        ending=ending or EndForm(formdata=None),
        today=today(),
        **page,
    )
