"""The need form, the form that puts our understanding right, and the form that asks why nothing fits."""

from __future__ import annotations

import re
from typing import Any

from flask import current_app
from rapidfuzz import fuzz, process
from wtforms import (
    BooleanField,
    DataList,
    Field,
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email, Optional, ValidationError

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import level_words
from skillsmatch.area.places import find_place
from skillsmatch.area.reasons import REASONS
from skillsmatch.forms import (
    AtMost,
    Between,
    Form,
    Pounds,
    WholeNumber,
    clean,
    listed,
    one_line,
    radios,
    ticks,
)

TEXT_LIMIT = 100_000  # characters kept; a longer text is somebody's whole file, and is refused unharmed
PEOPLE_LIMIT = 10_000  # people; a larger number is a slip of the finger
CLOSE_ENOUGH = 82  # RapidFuzz score from which a typed sector is taken as the listed one

SIZES = [
    ("0-9", "Up to 9 people"),
    ("10-49", "10 to 49"),
    ("50-249", "50 to 249"),
    ("250+", "250 or more"),
]
WHO_FOR = [("present", "People we have"), ("new", "People we will hire"), ("both", "Both")]
WHEN = [
    ("now", "Now"),
    ("6-months", "Within 6 months"),
    ("1-year", "Within a year"),
    ("3-years", "In 1 to 3 years"),
]
DISTANCES = [("", "Any distance"), *((str(km), f"Up to {km} km") for km in (5, 10, 20, 30, 50))]
MODES = [
    ("workplace", "At our workplace"),
    ("classroom", "At the training provider"),
    ("online", "Online"),
]
ATTENDANCE = [
    ("daytime", "Daytime"),
    ("evening", "Evenings"),
    ("weekend", "Weekends"),
    ("block", "A day a week, or in blocks"),
    ("shifts", "Around our shifts"),
]
AGES = [("16-18", "16 to 18"), ("19-21", "19 to 21"), ("22-24", "22 to 24"), ("25+", "25 or over")]
LEVELS = [("", "Any level"), *((str(n), level_words(n)) for n in range(9))]


def area() -> Area:
    """The area this service is for."""
    return current_app.extensions["area"]


def sector_letter(typed: str) -> str | None:
    """The SIC section of what was typed: a listed name, another name for it, or a near miss; else None."""
    exact = area().find_sector(typed)
    if exact:
        return exact
    wanted = typed.casefold()
    names = {n.casefold(): s.letter for s in area().sectors for n in (s.name, *s.other_names)}
    best = process.extractOne(wanted, list(names), scorer=fuzz.WRatio, score_cutoff=CLOSE_ENOUGH)
    return names[best[0]] if best and len(wanted) > 2 else None


def sector_names() -> list[str]:
    """What the sector box suggests."""
    return [s.name for s in area().sectors]


def straddling() -> list[str]:
    """The postcode districts that lie in more than one council of the area."""
    return [d.code for d in area().postcode_districts.values() if d.straddles and d.kind == "main"]


def check_postcode(_form: Any, field: Field) -> None:
    """A postcode, its first half, or a town of the area."""
    if field.data and find_place(field.data, area()) is None:
        raise ValidationError("Enter a postcode such as LE10 1AA, or just its first half, such as LE10")


def check_sector(_form: Any, field: Field) -> None:
    """A sector we know, by any of its names."""
    if field.data and sector_letter(field.data) is None:
        typed = field.data[:60]
        raise ValidationError(
            f"We do not know “{typed}” as a sector. Choose from the list, or leave it empty"
        )


class Distance(SelectField):
    """A distance from the list, or the one that was read out of the words: "15 miles" is on no list."""

    choices: Any

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Takes the value, and puts another distance on the list."""
        super().process(*args, **kwargs)
        known = {choice.value for choice in self.choices}
        if self.data and self.data not in known and re.fullmatch(r"\d{1,3}(\.\d+)?", self.data):
            self.choices = [*self.choices, SelectChoice(self.data, f"Up to {float(self.data):g} km")]


def budget_box() -> Pounds:
    """A box for an amount of money."""
    return Pounds(
        "Budget in pounds, in all",
        validators=[Optional(), Between(0, 10_000_000, "Enter an amount in pounds, such as 1500")],
    )


def people_box(label: str = "How many people?") -> WholeNumber:
    """A box for a number of people."""
    return WholeNumber(
        label,
        validators=[
            Optional(),
            Between(1, PEOPLE_LIMIT, f"Enter a number of people between 1 and {PEOPLE_LIMIT:,}"),
        ],
    )


def postcode_box(label: str) -> StringField:
    """A box for a postcode, half of one, or a town."""
    return StringField(label, filters=[one_line], validators=[AtMost(60), check_postcode])


def council_box(label: str) -> SelectField:
    """A list of the area's councils, filled by WithCouncil."""
    return SelectField(label, validate_choice=True, default="", choices=[])


class WithCouncil(Form):
    """A form with a council box: filled from the area, so that nothing about an area stands in code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(d.code, d.name) for d in area().districts.values()]
        self.council.choices = listed([("", "Not sure"), *names])


class NeedForm(WithCouncil):
    """One need. Only the words are required."""

    token = HiddenField()
    leave_empty = StringField("Leave this box empty")  # hidden from people; only a machine fills it in

    text = TextAreaField(
        "What skills do you need? Say it in your own words.",
        filters=[clean],
        validators=[
            DataRequired("Say what skills you need, in your own words"),
            AtMost(TEXT_LIMIT),
        ],
    )
    postcode = postcode_box("Business postcode")
    council = council_box("Which council area?")
    who_for = radios("Who is it for?", WHO_FOR)
    people = people_box()
    wanted_when = radios("When do you need it?", WHEN)
    size_band = radios("How many people work in the business?", SIZES)
    sector = StringField(
        "What does the business do?",
        filters=[one_line],
        validators=[AtMost(120), check_sector],
        datalist=DataList(choices=sector_names),
    )

    max_km = Distance("How far can people travel?", choices=listed(DISTANCES), default="")
    modes = ticks("Where could they train?", MODES)
    attendance = ticks("What times suit?", ATTENDANCE)
    level = SelectField("Level", choices=listed(LEVELS), default="")
    budget = budget_box()
    strict = BooleanField("Leave out training that misses these limits")
    ages = ticks("How old are the people?", AGES)
    hosts_t_level = BooleanField("We can host a T Level student on a placement")
    hosts_teacher = BooleanField("We can host a visiting teacher")
    ambassador = BooleanField("I would speak up for apprenticeships as an ambassador")
    business_name = StringField("Business name", filters=[one_line], validators=[AtMost(200)])
    email = StringField(
        "E-mail address",
        filters=[one_line],
        validators=[
            Optional(),
            AtMost(320),
            Email("Enter an e-mail address in the form name@example.com, or leave it empty"),
        ],
    )


class NoneFitForm(Form):
    """Why nothing fits: any of the reasons, and own words."""

    reasons = ticks("Why does none of these fit?", [(r.code, r.employer_words) for r in REASONS])
    words = TextAreaField(
        "Anything else? (optional)",
        filters=[clean],
        validators=[AtMost(4_000)],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """At least one reason or a word, because an empty answer tells nobody what to change."""
        if not super().validate(extra_validators):
            return False
        if not self.reasons.data and not self.words.data:
            self.reasons.errors = ["Choose at least one reason, or say it in your own words"]
            return False
        return True


class EmailForm(Form):
    """An e-mail address for a need that has none, or whose mail went astray."""

    email = StringField(
        "E-mail address",
        filters=[one_line],
        validators=[
            DataRequired("Enter an e-mail address in the form name@example.com"),
            AtMost(320),
            Email("Enter an e-mail address in the form name@example.com"),
        ],
    )
