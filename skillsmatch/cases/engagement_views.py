"""The page of whom the Chamber has heard from."""

from __future__ import annotations

from datetime import date, timedelta

from flask import render_template, request
from wtforms import DateField
from wtforms.validators import InputRequired
from wtforms.widgets import TextInput

from skillsmatch.cases.blueprint import cases
from skillsmatch.cases.engagement import engagement as figures
from skillsmatch.cases.gathering_forms import DAY_FORMATS
from skillsmatch.clock import today
from skillsmatch.forms import Form

A_YEAR = timedelta(days=364)


def _day(label: str) -> DateField:
    said = "Enter a day, such as 1/4/2026"
    return DateField(label, format=DAY_FORMATS, widget=TextInput(), validators=[InputRequired(said)])


class SpanForm(Form):
    """From a day to a day."""

    class Meta(Form.Meta):
        """It is read, and changes nothing."""

        csrf = False

    first = _day("From")
    last = _day("To")


@cases.get("/engagement")
def engagement() -> str | tuple[str, int]:
    """Distinct employers in a span of days; without one, in the year up to today."""
    asked = bool(request.args)
    form = SpanForm(formdata=request.args if asked else None)
    if not asked:
        form.first.data, form.last.data = today() - A_YEAR, today()
    right = form.validate() if asked else True
    if right and isinstance(form.first.data, date) and form.first.data > form.last.data:
        form.last.errors = ["Enter a day that is not before the first"]
        right = False
    told = figures(form.first.data, form.last.data) if right else None
    page = render_template(
        "cases/engagement.html", form=form, told=told, first=form.first.data, last=form.last.data
    )
    return page if right else (page, 422)
