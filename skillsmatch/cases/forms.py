"""The forms of a need group: another name, another group put into it, some of its needs taken out."""

from __future__ import annotations

import re

from wtforms import RadioField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Optional

from skillsmatch.cases.models import LONGEST_NAME
from skillsmatch.forms import AtMost, Form, one_line

NAMED = "Give it a name"
TURNING = re.compile(
    "[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)  # signs that nobody sees, and that turn a line round


def _readable(words: str) -> str:
    """The words without signs that nobody sees; none where no letter or digit is left to click on."""
    seen = TURNING.sub("", words).strip()
    return seen if any(sign.isalnum() for sign in seen) else ""


class RenameForm(Form):
    """What officers call the group."""

    name = StringField(
        "Name of the group",
        filters=[one_line, _readable],
        validators=[DataRequired(NAMED), AtMost(LONGEST_NAME)],
    )


class MergeForm(Form):
    """Which group is put into this one: one of those suggested, or any by its number."""

    other = RadioField(
        "Which group is about the same?", choices=[], validators=[Optional()], validate_choice=False
    )
    number = StringField("Or the number of another group", filters=[one_line])

    def wanted(self) -> int | None:
        """The number that was typed, else the one that was chosen; None, with a message, where neither is one."""
        typed = (self.number.data or "").upper().removeprefix("G").strip()
        said = typed or (self.other.data or "")
        if said.isascii() and said.isdigit() and len(said) < 10:
            return int(said)
        errors = (
            f"“{self.number.data[:40]}” is not a group's number: write it as G12"
            if typed
            else "Choose a group, or enter a number"
        )
        self.number.errors = [*self.number.errors, errors]
        return None


class SplitForm(Form):
    """Which needs are taken out, and what their own group is called."""

    facets = SelectMultipleField(
        "Which needs are about something else?",
        coerce=int,
        validate_choice=False,
        validators=[DataRequired("Choose the needs that are about something else")],
    )
    name = StringField(
        "Name of their own group",
        id="split-name",  # the page has the group's own name, too
        filters=[one_line, _readable],
        validators=[DataRequired(NAMED), AtMost(LONGEST_NAME)],
    )
