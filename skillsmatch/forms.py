"""What every form is built of: our own wording of what is wrong, and boxes that keep what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DecimalField,
    Field,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
)
from wtforms.validators import Length, NumberRange, Optional, StopValidation, ValidationError
from wtforms.widgets import TextInput

# A browser cuts a longer paste without a word, so this is far above what any box may hold: too much is then told on
# the page. It is also so little that no form full of text comes near MAX_CONTENT_LENGTH, where the words are lost.
LONGEST_PASTE = 200_000  # characters
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_NOT_LISTED = "Choose from the answers given for {field}"
# WTForms' own sentences, and ours.
_SAID = {
    "Not a valid choice.": _NOT_LISTED,
    "Invalid Choice: could not coerce.": _NOT_LISTED,
    "Invalid choice(s): one or more data inputs could not be coerced.": _NOT_LISTED,
    "'%(value)s' is not a valid choice for this field.": _NOT_LISTED,
    "Field cannot be longer than %(max)d character.": (
        "Use {number:,} characters or fewer for {field}. Nothing you typed is lost"
    ),
    "This field is required.": "Fill in {field}",
    "Not a valid date value.": "Enter {field} as a day, such as 23/11/2026",
}


class OurWords:
    """What WTForms says of one field, in our words. It takes the place of a translation."""

    def __init__(self, label: str) -> None:
        self.field = f"“{label.rstrip('?.')}”".replace("%", "%%")  # WTForms fills in what a % stands for

    def gettext(self, said: str) -> str:
        """Our sentence for WTForms' own."""
        return self.ngettext(said, said, 0)

    def ngettext(self, said: str, _plural: str, number: int) -> str:
        """The same, where the sentence names a number."""
        return _SAID.get(said, "Look at {field} again").format(field=self.field, number=number)


class Form(FlaskForm):
    """A form whose every message is ours and names its field, and whose boxes cut off nothing that is pasted."""

    class Meta(FlaskForm.Meta):
        """How WTForms makes the fields."""

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """The field, with our words for what WTForms may say of it."""
            label = next(iter(unbound_field.args), unbound_field.kwargs.get("label"))
            if label:
                options = {**options, "translations": OurWords(str(label))}
            field = unbound_field.bind(form=form, **options)
            if field.flags.maxlength:  # what WTForms would have the browser cut at
                field.flags.maxlength = LONGEST_PASTE
            return field


def clean(text: str | None) -> str:
    """What was typed, without control characters (PostgreSQL cannot keep a NUL) and outer space."""
    return CONTROL.sub("", text or "").replace("\r\n", "\n").strip()


def one_line(text: str | None) -> str:
    """The same on one line."""
    return " ".join(clean(text).split())


class WholeNumber(IntegerField):
    """A number of people, with one message in the person's words."""

    widget = TextInput()  # a number box sends nothing at all for "a few", and what was typed would be lost

    def process_formdata(self, valuelist: list[str]) -> None:
        """Takes "3", " 3 " and "1,200"; anything else is an error, and stays on the page as typed."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = int(valuelist[0].strip().replace(",", ""))
        except ValueError:
            self.data = None
            raise ValueError("Enter a whole number, such as 3") from None


class Pounds(DecimalField):
    """An amount of money, with or without the pound sign."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Takes "£1,500" and "1500"; anything else is an error, and stays on the page as typed."""
        if valuelist:
            valuelist = [valuelist[0].replace("£", "").replace(",", "").strip()]
        if not valuelist or not valuelist[0]:
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Enter an amount in pounds, such as 1500") from None
        if self.data is not None and not self.data.is_finite():
            self.data = None
            raise ValueError("Enter an amount in pounds, such as 1500")


class AtMost(Length):
    """So many characters and no more. A longer answer is told that alone, and is looked at no further."""

    def __init__(self, characters: int) -> None:
        super().__init__(max=characters)

    def __call__(self, form: Any, field: Field) -> None:
        """Checks the length."""
        try:
            super().__call__(form, field)
        except ValidationError as error:
            raise StopValidation(str(error)) from None


class Between(NumberRange):
    """A number in a range; says nothing where the field has already said that it is no number."""

    def __call__(self, form: Any, field: Field) -> None:
        """Checks the number."""
        if not field.process_errors:
            super().__call__(form, field)


def listed(choices: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """The choices as WTForms takes them."""
    return [SelectChoice(value=value, label=label) for value, label in choices]


def radios(label: str, choices: list[tuple[str, str]]) -> RadioField:
    """One of `choices`, or not sure."""
    return RadioField(
        label, choices=listed([*choices, ("", "Not sure")]), default="", validators=[Optional()]
    )


def ticks(label: str, choices: list[tuple[str, str]]) -> SelectMultipleField:
    """Any of `choices`."""
    return SelectMultipleField(label, choices=listed(choices))
