"""The forms of measures: a measure, its value on one day, and places to learn English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DecimalField, Field, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError
from wtforms.widgets import TextInput

from skillsmatch.area.areas import Priority
from skillsmatch.cases.plan_forms import day, not_to_come, text, web_address, words
from skillsmatch.forms import AtMost, Form, listed, one_line

LARGEST = 10**12  # of a measure's value; more is a slip of the keyboard
DECIMALS = 2  # as the table keeps them
NUMBER_TYPED = re.compile(r"[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|[-−]?\.\d+", re.ASCII)
A_NUMBER = "Enter a number, such as 148 or 99.25"


class AnyNumber(DecimalField):
    """A number with or without what people write beside it: "1,480", "99.25%", "£1,500"."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Takes those; anything else is an error, and stays on the page as typed.

        A comma stands between thousands only: "99,25" is no number here, and never 9,925.
        """
        typed = re.sub(r"[£%\s]", "", valuelist[0]) if valuelist else ""
        if typed and not NUMBER_TYPED.fullmatch(typed):
            raise ValueError(A_NUMBER)
        self.data = Decimal(typed.replace(",", "").replace("−", "-")) if typed else None
        if self.data is not None and abs(self.data) >= LARGEST:
            raise ValueError("Enter a smaller number")
        if self.data is not None and self.data != round(self.data, DECIMALS):
            raise ValueError(f"Give {DECIMALS} places after the point at most, such as 99.25")


class MeasureForm(Form):
    """A measure that no demand can tell."""

    title = text("What is measured", 200, "Say what is measured")
    unit = text("Unit", 60, "Say what is counted, such as learners")
    about = words("In a sentence or two")
    priority = SelectField("Priority", choices=[], validators=[Optional()])

    def __init__(self, priorities: Sequence[Priority], *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        whole = ("", "The plan as a whole")
        self.priority.choices = listed([whole, *((p.code, f"{p.code}: {p.title}") for p in priorities)])


class MeasureChangeForm(MeasureForm):
    """Changes what a measure is called or counts."""

    seen = HiddenField()
    removed = BooleanField("It is no longer followed")


class ValueForm(Form):
    """A value of a measure on one day."""

    day = day("Day the value speaks of", InputRequired("Enter a day, such as 31/3/2026"), not_to_come)
    value = AnyNumber("Value", validators=[Optional()])
    note = words("Note", 500)
    source = text("Source", 300, "Say where the value is from")
    url = StringField("Web address of the source", filters=[one_line], validators=[AtMost(500), web_address])
    taken_back = BooleanField("The value of this day was wrong: take it back")

    def validate(self, extra_validators: Any = None) -> bool:
        """There is a value, unless one is taken back."""
        fine = super().validate(extra_validators)
        if self.value.data is None and not self.value.errors and not self.taken_back.data:
            self.value.errors = [A_NUMBER]
            return False
        return fine


class PlacesForm(ValueForm):
    """How many places there are to learn English at one level in one district."""

    level = SelectField("Level", choices=[], validators=[DataRequired("Choose a level")])
    district = SelectField("Council area", choices=[], validators=[DataRequired("Choose a council area")])

    def __init__(self, levels: Sequence[tuple[str, str]], districts: Sequence[tuple[str, str]], **values: Any) -> None:
        super().__init__(**values)
        self.level.choices = listed([("", "Choose one"), *levels])
        self.district.choices = listed([("", "Choose one"), *districts])

    def validate_value(self, field: Field) -> None:
        """Places are counted whole."""
        if field.data is not None and (field.data < 0 or field.data != int(field.data)):
            raise ValidationError("Enter a whole number of places, such as 48")
