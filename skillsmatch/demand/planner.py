"""The course planner: a draft, or two beside each other, held against demand. It stores nothing."""

from __future__ import annotations

from typing import Any

from flask import render_template
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import TextInput

from skillsmatch.accounts.access import open_to
from skillsmatch.area.kinds import LEVELS, attendance_words, mode_words
from skillsmatch.area.models import PostcodePoint
from skillsmatch.area.places import Point, find_place
from skillsmatch.area.priorities import all_priorities
from skillsmatch.demand import gaps
from skillsmatch.demand.blueprint import demand
from skillsmatch.demand.mine import my_ukprn
from skillsmatch.demand.planning import Draft, Planned, plan
from skillsmatch.demand.reading import READERS
from skillsmatch.demand.showing import NOISE_WORDS, area, asked, newest, newest_year
from skillsmatch.extensions import db
from skillsmatch.forms import AtMost, Form, Pounds, clean, listed, one_line
from skillsmatch.offers.models import ATTENDANCE, MODES

PARTS = ("title", "learned", "level", "place", "mode", "attendance", "start", "cost")
DEAREST = 999_999  # pounds; more is a slip of the keyboard


def _title() -> StringField:
    return StringField("Title", filters=[one_line], validators=[AtMost(255)])


def _learned() -> TextAreaField:
    return TextAreaField("What people learn", filters=[clean], validators=[AtMost(4_000)])


def _choice(label: str, answers: list[tuple[str, str]]) -> SelectField:
    return SelectField(label, choices=listed([("", "Not decided"), *answers]), validators=[Optional()])


def _level() -> SelectField:
    return _choice("Level", [(str(level), words) for level, words in LEVELS.items()])


def _place() -> StringField:
    return StringField("Where: a town or postcode", filters=[one_line], validators=[AtMost(100)])


def _mode() -> SelectField:
    return _choice("How it is taught", [(mode, mode_words(mode)) for mode in MODES])


def _attendance() -> SelectField:
    return _choice("At what time", [(when, attendance_words(when)) for when in ATTENDANCE])


def _start() -> DateField:
    formats = ["%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%Y-%m-%d"]
    return DateField("First day", format=formats, widget=TextInput(), validators=[Optional()])


def _cost() -> Pounds:
    between = NumberRange(0, DEAREST, "Enter an amount from £0 to £999,999")
    return Pounds("Cost for one person, in pounds", validators=[Optional(), between])


class PlanForm(Form):
    """One draft, and a second one to compare it with where its title is given."""

    title, learned, level, place = _title(), _learned(), _level(), _place()
    mode, attendance, start, cost = _mode(), _attendance(), _start(), _cost()
    title_2, learned_2, level_2, place_2 = _title(), _learned(), _level(), _place()
    mode_2, attendance_2, start_2, cost_2 = _mode(), _attendance(), _start(), _cost()

    def validate(self, extra_validators: Any = None) -> bool:
        """A draft needs a title, and a place that is known where one is given."""
        fine = super().validate(extra_validators)
        for after, which in (("", "the course"), ("_2", "the second course")):
            title, place = self[f"title{after}"], self[f"place{after}"]
            if not title.data and (not after or self.has_second):
                title.errors = [*title.errors, f"Give {which} a title"]
                fine = False
            if place.data and not place.errors and find_place(place.data, area()) is None:
                said = f"“{place.data[:40]}” is no town or postcode that we know"
                place.errors = [*place.errors, f"{said}. Try a larger town, or leave it empty"]
                fine = False
        return fine

    @property
    def has_second(self) -> bool:
        """True where anything of a second draft was typed or chosen."""
        return any(
            self[f"{part}_2"].data or self[f"{part}_2"].raw_data not in (None, [], [""]) for part in PARTS
        )

    def draft(self, after: str = "") -> Draft:
        """What was typed; `after` is "_2" for the second."""
        said = {part: self[part + after].data for part in PARTS}
        level, place = said.pop("level"), said.pop("place")
        return Draft(
            **{k: v if v is not None else "" for k, v in said.items() if k not in ("start", "cost")},
            start=said["start"],
            cost=said["cost"],
            level=int(level) if level else None,
            place=find_place(place, area(), exact=_exact) if place else None,
        )


def _exact(postcode: str) -> Point | None:
    """Where a full postcode lies, if the operator has loaded a table of postcodes."""
    row = db.session.get(PostcodePoint, postcode)
    return (row.lat, row.lon, row.district or None) if row else None


@demand.get("/demand/planner")
@open_to(*READERS)
def planner() -> str:
    """The empty form."""
    asked()
    return _page(PlanForm(formdata=None), [])


@demand.post("/demand/planner")
@open_to(*READERS)
def planner_answer() -> str | tuple[str, int]:
    """The drafts against demand, above the form as it was sent. Nothing is stored: the page is the answer."""
    form = PlanForm()
    if not form.validate():
        return _page(form, []), 422
    drafts = [form.draft(), *([form.draft("_2")] if form.has_second else [])]
    return _page(form, [plan(draft, my_ukprn()) for draft in drafts])


def _page(form: PlanForm, planned: list[Planned]) -> str:
    year, latest = newest_year(), newest()
    return render_template(
        "demand/planner.html",
        form=form,
        planned=planned,
        editions=[e for e in dict.fromkeys((year, latest)) if e is not None],
        has_number=my_ukprn() is not None,
        how=gaps.HOW,
        noise=NOISE_WORDS,
        titles={p.code: p.title for p in all_priorities(area())},
    )
