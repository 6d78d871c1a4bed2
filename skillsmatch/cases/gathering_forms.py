"""The forms by which officers gather: one need, a file, and the press that saves it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DataList,
    DateField,
    Field,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email, InputRequired, Optional, ValidationError
from wtforms.widgets import TextInput

from skillsmatch.area.places import find_place
from skillsmatch.cases.gathering import CHANNELS, own_domain
from skillsmatch.clock import today
from skillsmatch.forms import AtMost, Form, clean, listed, one_line, radios
from skillsmatch.needs.forms import (
    SIZES,
    TEXT_LIMIT,
    WHEN,
    WHO_FOR,
    WithCouncil,
    area,
    check_sector,
    council_box,
    people_box,
    postcode_box,
    sector_names,
)

DAY_FORMATS = ["%d/%m/%Y", "%Y-%m-%d"]
OLDEST = timedelta(days=3 * 365)  # a need heard of before says little of what is needed now
NO_BUSINESS = "That is not the web domain of one business. Leave it empty, and give a postcode"


def check_met_on(_form: Any, field: Field) -> None:
    """A day that has come, and not long ago."""
    if isinstance(field.data, date) and not today() - OLDEST <= field.data <= today():
        raise ValidationError("Enter a day of the last three years, not one to come")


def check_domain(_form: Any, field: Field) -> None:
    """A web address of the business's own."""
    if own_domain(field.data or "") is None:
        raise ValidationError(NO_BUSINESS)


def day_box(label: str) -> DateField:
    """A box for a day that has come."""
    said = "Enter a day, such as 23/11/2026"
    return DateField(
        label, format=DAY_FORMATS, widget=TextInput(), validators=[InputRequired(said), check_met_on]
    )


class GatherForm(WithCouncil):
    """A need as an officer heard it."""

    token = HiddenField()
    channel = RadioField(
        "How did you hear of it?",
        choices=listed([(code, words) for code, words in CHANNELS.items() if code != "survey"]),
        validators=[InputRequired("Choose how you heard of it")],
    )
    occasion = StringField("Which one?", filters=[one_line], validators=[AtMost(120)])
    met_on = day_box("On which day?")
    text = TextAreaField(
        "What skills does the business need?",
        filters=[clean],
        validators=[DataRequired("Write what the business needs, in its own words"), AtMost(TEXT_LIMIT)],
    )
    business_name = StringField(
        "Name of the business",
        filters=[one_line],
        validators=[DataRequired("Enter the name of the business"), AtMost(200)],
    )
    website = StringField("Its web address", filters=[one_line], validators=[AtMost(300), check_domain])
    postcode = postcode_box("Its postcode")
    council = council_box("Which council area?")
    sector = StringField(
        "What does it do?",
        filters=[one_line],
        validators=[AtMost(120), check_sector],
        datalist=DataList(choices=sector_names),
    )
    size_band = radios("How many people work there?", SIZES)
    who_for = radios("Who is the training for?", WHO_FOR)
    people = people_box()
    wanted_when = radios("When do they need it?", WHEN)
    email = StringField(
        "E-mail address of the employer",
        filters=[one_line],
        validators=[
            Optional(),
            AtMost(320),
            Email("Enter an e-mail address in the form name@example.com, or leave it empty"),
        ],
    )
    may_write = BooleanField("The employer agreed that we write to this address")
    told = BooleanField(
        "I told the employer that we keep this, and where the privacy notice is",
        validators=[DataRequired("Tick the box once you told the employer")],
    )
    confirmed = BooleanField("I know that this business asks as an employer: count it")

    def validate(self, extra_validators: Any = None) -> bool:
        """What tells one business from another is there, and nobody is written to who did not agree."""
        right = super().validate(extra_validators)
        place = find_place(self.postcode.data, area()) if self.postcode.data else None
        if (
            not (self.website.data or self.email.data or (place and place.outcode))
            and not self.postcode.errors
        ):
            said = (
                "Enter a web address, an e-mail address or a postcode, so that the business is counted once"
            )
            self.website.errors = [*self.website.errors, said]
            right = False
        if self.email.data and not self.may_write.data:
            self.may_write.errors = [
                "Tick the box once the employer agreed, or leave the e-mail address empty"
            ]
            right = False
        return right

    @property
    def answers(self) -> dict[str, Any]:
        """As the need form gives them, and the business's domain."""
        names = ("text", "postcode", "council", "who_for", "people", "wanted_when", "size_band", "sector",
                 "business_name", "email")  # fmt: skip
        return {
            **{name: self[name].data for name in names},
            "domain": own_domain(self.website.data or "") or "",
        }


def too_large(most: int) -> str:
    """What is said of a file of more than `most` bytes."""
    return f"The file is larger than {most // 1_000_000} MB. Split it"


class FileForm(Form):
    """A CSV file."""

    file = FileField("The file")

    @property
    def chosen(self) -> bool:
        """Whether a file was sent."""
        return bool(getattr(self.file.data, "filename", ""))

    @property
    def ours(self) -> bool:
        """Whether the form is one that we made for this browser, whatever is wrong in its boxes."""
        return "csrf_token" not in self.errors

    def content(self, most: int) -> bytes | None:
        """What was sent; None, with the reason at the box, where nothing was or too much."""
        sent = self.file.data
        if not self.chosen:
            self.file.errors = ["Choose a file"]
            return None
        content: bytes = sent.read(most + 1)
        if len(content) > most:
            self.file.errors = [too_large(most)]
            return None
        if not content.strip():
            self.file.errors = ["The file is empty"]
            return None
        return content


class SurveyForm(FileForm):
    """A survey's file, and what survey it was. `kept` is a file that was sent before, so that it need not be again."""

    kept = HiddenField()

    occasion = StringField(
        "Which survey is it?",
        filters=[one_line],
        validators=[DataRequired("Name the survey, such as Quarterly survey, autumn 2026"), AtMost(120)],
    )
    met_on = day_box("On which day did it end?")


class SaveForm(Form):
    """The press that saves a file as it was shown."""

    confirmed = BooleanField("I have checked that these businesses answered as employers: count them")
    whole = BooleanField("This is the whole list of members: those that it does not name are members no longer")
