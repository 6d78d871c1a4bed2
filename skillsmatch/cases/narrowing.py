"""The days and choices that narrow an officer's page of exact figures, read from its address."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from skillsmatch.area.areas import Area
from skillsmatch.cases.asked import Filters, choices
from skillsmatch.cases.days import A_YEAR
from skillsmatch.cases.plan_forms import SpanForm
from skillsmatch.clock import today


def span_asked() -> tuple[SpanForm, bool]:
    """The days of the address, and whether they make a span; without any, the year up to today."""
    if "first" not in request.args and "last" not in request.args:
        return SpanForm(formdata=None, first=today() - A_YEAR, last=today()), True
    form = SpanForm(formdata=request.args)
    return form, form.validate()


class Narrowed:
    """What an address asks for: two days, by default the year up to today, and some of asked.CHOICES.

    A choice that is on no list is left out and named in `refused`; without right days there are no `filters`.
    """

    def __init__(self, names: Iterable[str], area: Area) -> None:
        self.form, right = span_asked()
        self.known = choices(area)
        given = {name: request.args.get(name, "").strip() for name in names}
        self.refused = [name for name, code in given.items() if code and code not in dict(self.known[name])]
        self.chosen = {name: "" if name in self.refused else code for name, code in given.items()}
        self.filters = Filters(self.form.first.data, self.form.last.data, **self.chosen) if right else None

    @property
    def given(self) -> dict[str, str]:
        """The days as they were typed, for an address."""
        return {"first": self.form.first._value(), "last": self.form.last._value()}
