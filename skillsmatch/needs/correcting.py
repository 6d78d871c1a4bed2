"""Putting right what we understood: the form with its boxes for each facet, and what is made of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectChoice, SelectField, StringField

from skillsmatch.area.national import load_soc
from skillsmatch.area.themes import load_themes
from skillsmatch.clock import today
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf
from skillsmatch.forms import AtMost, listed, one_line, radios, ticks
from skillsmatch.matching import FacetReading, facet_of
from skillsmatch.needs.blueprint import RETRY, needs, the_need
from skillsmatch.needs.changing import corrected, keep_correction, rename_facet, set_occupation, set_theme
from skillsmatch.needs.forms import (
    ATTENDANCE,
    DISTANCES,
    LEVELS,
    MODES,
    WHEN,
    WHO_FOR,
    Distance,
    WithCouncil,
    area,
    budget_box,
    council_box,
    people_box,
    postcode_box,
)
from skillsmatch.needs.keeping import note_correction
from skillsmatch.needs.models import Facet, Need
from skillsmatch.needs.search import find_matches

FACET_LENGTH = 500  # characters of one facet in the employer's corrected words
AS_IT_IS = "keep"  # the choice that corrects nothing
NONE_OF_THESE = "none"


class CorrectionForm(WithCouncil):
    """What we understood of a whole need. `correction_form` adds the boxes of its facets."""

    postcode = postcode_box("Place")
    council = council_box("Which council area?")
    who_for = radios("Who is it for?", WHO_FOR)
    people = people_box()
    wanted_when = radios("When?", WHEN)
    level = SelectField("Level", choices=listed(LEVELS), default="")
    max_km = Distance("How far can people travel?", choices=listed(DISTANCES), default="")
    budget = budget_box()
    modes = ticks("Where could they train?", MODES)
    attendance = ticks("What times suit?", ATTENDANCE)
    added = StringField("Another skill you need", filters=[one_line], validators=[AtMost(FACET_LENGTH)])


def correction_form(need: Need) -> CorrectionForm:
    """The form for this need: `facet_1`, `theme_1`, `soc_1` and `remove_1` for its first facet.

    `people_1` is there where the facet may have a number of its own, beside that of the whole need.
    """
    boxes: dict[str, Any] = {}
    for facet in need.live_facets:
        n = facet.position
        text = {"default": facet.text, "filters": [one_line], "validators": [AtMost(FACET_LENGTH)]}
        boxes[f"facet_{n}"] = StringField("In a few words", **text)
        if len(need.live_facets) > 1 or facet.people:
            boxes[f"people_{n}"] = people_box("How many people for this one?")
        boxes[f"theme_{n}"] = SelectField("Kind of skill", choices=theme_choices(facet), default=AS_IT_IS)
        boxes[f"soc_{n}"] = SelectField("Kind of job", choices=soc_choices(facet), default=AS_IT_IS)
        boxes[f"remove_{n}"] = BooleanField("Take this one out: we did not ask for it")
    form: CorrectionForm = type("CorrectionFormOfNeed", (CorrectionForm,), boxes)(data=_understood(need))
    return form


def theme_choices(facet: Facet) -> list[SelectChoice]:
    """The theme as it is, the likeliest others, then all of them by group."""
    themes = load_themes()
    standing = themes.themes.get(facet.theme)
    as_it_is = standing.name if standing else "Unclear: please choose"
    likely = [
        c for c, _ in (facet.choices or {}).get("themes", []) if c in themes.themes and c != facet.theme
    ]
    return [
        SelectChoice(AS_IT_IS, as_it_is, optgroup="As we understood it"),
        *(SelectChoice(code, themes.themes[code].name, optgroup="Perhaps") for code in likely),
        SelectChoice(NONE_OF_THESE, "None of these", optgroup="Perhaps"),
        *(
            SelectChoice(theme.code, theme.name, optgroup=group.name)
            for group in themes.groups.values()
            for theme in themes.in_group(group.code)
            if theme.code not in likely
        ),
    ]


def soc_choices(facet: Facet) -> list[SelectChoice]:
    """The kind of job as it is, and the likeliest others."""
    titles = load_soc()
    likely = [c for c, _ in (facet.choices or {}).get("soc", []) if c in titles and c != facet.soc]
    return [
        SelectChoice(
            AS_IT_IS, titles.get(facet.soc, "Unclear: please choose"), optgroup="As we understood it"
        ),
        *(SelectChoice(code, titles[code], optgroup="Perhaps") for code in likely),
        SelectChoice(NONE_OF_THESE, "None of these", optgroup="Perhaps"),
    ]


def _understood(need: Need) -> dict[str, Any]:
    return {
        "postcode": need.place,
        "council": need.district,
        "who_for": need.who_for,
        "people": need.people,
        "wanted_when": need.wanted_when,
        "level": "" if need.level is None else str(need.level),
        "max_km": f"{need.max_km:g}" if need.max_km else "",
        "budget": need.budget,
        "modes": need.modes,
        "attendance": need.attendance,
        **{f"people_{f.position}": f.people for f in need.live_facets},
    }


@needs.route("/<reference>/correct", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def correct(reference: str) -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Puts right what we understood, and ranks again."""
    need = the_need(reference)
    if not need.is_open or not need.text:
        return redirect(url_for("needs.show", reference=reference), 303)
    form = correction_form(need)
    if request.method != "POST":
        return _page(need, form)
    if form.validate() and not form.added.data and not any(_text(form, f) for f in need.live_facets):
        form.form_errors.append("Keep at least one skill. To take the whole need back, withdraw it instead")
    if form.errors:
        return _page(need, form), 422
    try:
        keep(lambda: _keep(reference, form))
    except NotSaved:
        return _page(the_need(reference), form, unsaved=True), 503, RETRY
    return redirect(url_for("needs.show", reference=reference), 303)


def _page(need: Need, form: CorrectionForm, unsaved: bool = False) -> str:
    return render_template("needs/correct.html", need=need, form=form, unsaved=unsaved)


def _text(form: CorrectionForm, facet: Facet) -> str:
    """The facet's words as they were sent; empty where it is taken out."""
    n = facet.position
    return "" if form[f"remove_{n}"].data else form[f"facet_{n}"].data or ""


def _keep(reference: str, form: CorrectionForm) -> None:
    need = the_need(reference)
    if not need.is_open or not need.text:  # withdrawn while the page was open
        return
    standing = [f for f in need.live_facets if f"facet_{f.position}" in form]
    readings = [_corrected_facet(form, f) for f in standing if _text(form, f)]
    if form.added.data:
        readings.append(replace(facet_of(form.added.data), text=form.added.data))
    if len(readings) == 1 and form.level.data:  # what was read of one of several yields to the whole's answer
        readings = [replace(readings[0], level=None)]
    asked = corrected(need, form.data, tuple(readings), area())
    keep_correction(need, find_matches(asked, today()), area())


def _corrected_facet(form: CorrectionForm, facet: Facet) -> FacetReading:
    n, text = facet.position, _text(form, facet)
    level, kind_hint = facet.level, facet.kind_hint or None
    if text != facet.text:
        read = facet_of(text)
        level, kind_hint = (read.level if f"people_{n}" in form else None), read.kind_hint
        rename_facet(facet, text)
    theme, soc = form[f"theme_{n}"].data, form[f"soc_{n}"].data
    if theme != AS_IT_IS:
        set_theme(facet, "" if theme == NONE_OF_THESE else theme)
    if soc != AS_IT_IS:
        set_occupation(facet, "" if soc == NONE_OF_THESE else soc)
    people = form[f"people_{n}"].data if f"people_{n}" in form else None
    if f"people_{n}" in form:
        note_correction(facet.need, "facet people", facet.people, people, facet)
    return FacetReading(text=text, people=people, level=level, kind_hint=kind_hint)
