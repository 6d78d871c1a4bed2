"""The forms of the plan's pages: dates, a priority, an action, a measure and its value, a report to keep."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError
from wtforms.widgets import TextInput

from skillsmatch.area.areas import FOLLOWS, Priority
from skillsmatch.area.kinds import load_kinds
from skillsmatch.area.national import SECTIONS, load_divisions, load_soc
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.plan import RAG
from skillsmatch.forms import AtMost, Form, clean, listed, one_line

DAY_FORMATS = ["%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y", "%d.%m.%Y"]
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}")
WEB = re.compile(r"https?://\S+")
LARGEST = 10**12  # of a measure's value; more is a slip of the keyboard
LONGEST_YEARS = 5  # of one report


def day(label: str, *validators: Any) -> DateField:
    """A day, typed as 1/4/2026 or 2026-04-01."""
    return DateField(
        label, format=DAY_FORMATS, widget=TextInput(), validators=list(validators) or [Optional()]
    )


def text(label: str, most: int, needed: str = "") -> StringField:
    """One line of words; `needed` is what to say where there are none."""
    return StringField(
        label, filters=[one_line], validators=[*([DataRequired(needed)] if needed else []), AtMost(most)]
    )


def words(label: str, most: int = 2_000) -> TextAreaField:
    """Several lines of words."""
    return TextAreaField(label, filters=[clean], validators=[AtMost(most)])


def _web_address(_form: Form, field: Field) -> None:
    if field.data and not WEB.fullmatch(field.data):
        raise ValidationError("Start a web address with https://, such as https://www.example.org/report")


class SpanForm(Form):
    """Two days. It stands in an address, so it needs no token."""

    class Meta(Form.Meta):
        """Read with GET."""

        csrf = False

    first = day("From", InputRequired("Enter the first day, such as 1/4/2026"))
    last = day("To", InputRequired("Enter the last day, such as 31/3/2027"))

    def validate(self, extra_validators: Any = None) -> bool:
        """The last day is not before the first, and not many years after it."""
        fine = super().validate(extra_validators)
        return check_span(self) and fine


def check_span(form: Any) -> bool:
    """Whether the form's two days make a span; says beside the last day what is wrong."""
    first, last = form.first.data, form.last.data
    if not isinstance(first, date) or not isinstance(last, date):
        return True
    if not (2000 <= first.year <= 2200 and 2000 <= last.year <= 2200):
        form.last.errors = [*form.last.errors, "Choose days from 2000 to 2200"]
    elif last < first:
        form.last.errors = [*form.last.errors, "The last day is before the first"]
    elif (last - first).days > 366 * LONGEST_YEARS:
        form.last.errors = [*form.last.errors, f"Choose {LONGEST_YEARS} years at most"]
    else:
        return True
    return False


class PackForm(Form):
    """The dates of a pack."""

    first = day("From", InputRequired("Enter the first day, such as 1/4/2026"))
    last = day("To", InputRequired("Enter the last day, such as 31/3/2027"))
    what = RadioField(
        "Which pack?",
        choices=listed(
            [
                ("public", "Public: published numbers only"),
                ("internal", "Internal: exact numbers, for officers only"),
                ("both", "Both, each in a folder of its own"),
            ]
        ),
        default="both",
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """The last day is not before the first, and not many years after it."""
        fine = super().validate(extra_validators)
        return check_span(self) and fine


class ReportForm(Form):
    """The name under which the scorecard's numbers are kept."""

    first = day("From", InputRequired("Enter the first day"))
    last = day("To", InputRequired("Enter the last day"))
    title = text("Name of the report", 200, "Give the report a name, such as Progress report 2026")

    def validate(self, extra_validators: Any = None) -> bool:
        """The last day is not before the first."""
        fine = super().validate(extra_validators)
        return check_span(self) and fine


class AnyNumber(DecimalField):
    """A number with or without what people write beside it: "1,480", "99.25%", "£1,500"."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Takes those; anything else is an error, and stays on the page as typed."""
        super().process_formdata([re.sub(r"[,£%\s]", "", value) for value in valuelist if value.strip()])


def _codes(typed: str | None) -> list[str]:
    return [part.upper() for part in re.split(r"[\s,;]+", typed or "") if part]


class PriorityForm(Form):
    """A priority or recommendation of the plan."""

    seen = HiddenField()
    code = text("Code", 20, "Give it a code, such as LSIP26-1")
    title = text("Title", 200, "Give it a title")
    about = words("In a sentence or two")
    sort = RadioField(
        "What is it?",
        choices=listed(
            [("priority", "A priority of the plan"), ("recommendation", "A recommendation of a report")]
        ),
        default="priority",
    )
    report = text("Where it stands", 200)
    valid_from = day("In force from", InputRequired("Enter the day it begins, such as 1/9/2026"))
    valid_to = day("To, if it has an end")
    groups = SelectMultipleField("Whole theme groups it asks for")
    themes = SelectMultipleField("Single themes it asks for")
    kinds = SelectMultipleField("Kinds of training it asks for")
    soc = text("Occupations: SOC 2020 codes", 500)
    sic = text("Sectors: SIC 2007 sections or divisions", 300)
    follows = SelectMultipleField("What the scorecard tells of it besides")
    source = text("Source", 300, "Say where it is from")
    url = StringField("Web address of the source", filters=[one_line], validators=[AtMost(500), _web_address])
    checked_on = day("Source looked at on", InputRequired("Enter the day you looked at the source"))
    why = words("Why are you changing it?", 1_000)

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        known = load_themes()
        self.groups.choices = listed([(g.code, g.name) for g in known.groups.values()])
        self.themes.choices = listed([(t.code, t.name) for t in known.themes.values()])
        self.kinds.choices = listed(
            [(kind.value, kind_words.name) for kind, kind_words in load_kinds().items()]
        )
        self.follows.choices = listed(list(FOLLOWS.items()))

    def validate_code(self, field: Field) -> None:
        """A code is short, so that it fits in a table."""
        if field.data and not CODE.fullmatch(field.data):
            raise ValidationError(
                "Use letters, digits and hyphens for the code, 20 at most, such as LSIP26-1"
            )

    def validate_valid_to(self, field: Field) -> None:
        """It ends after it begins."""
        if field.data and self.valid_from.data and field.data < self.valid_from.data:
            raise ValidationError("The end is before the beginning")

    def validate_soc(self, field: Field) -> None:
        """Only unit groups that there are."""
        wrong = [code for code in _codes(field.data) if code not in load_soc()]
        if wrong:
            raise ValidationError(
                f"“{wrong[0][:20]}” is not a SOC 2020 unit group of four digits, such as 5213"
            )

    def validate_sic(self, field: Field) -> None:
        """Only sections and divisions that there are."""
        wrong = [
            c for c in _codes(field.data) if c not in load_divisions() and not (len(c) == 1 and c in SECTIONS)
        ]
        if wrong:
            raise ValidationError(
                f"“{wrong[0][:20]}” is not a SIC 2007 section (A to U) or division, such as C or 25"
            )

    def priority(self) -> Priority:
        """What was filled in."""
        return Priority(
            code=self.code.data or "",
            title=self.title.data or "",
            about=one_line(self.about.data),
            sort=self.sort.data,
            report=self.report.data or "",
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
            kinds=tuple(self.kinds.data or ()),
            soc=tuple(_codes(self.soc.data)),
            sic=tuple(_codes(self.sic.data)),
            themes=(*(self.groups.data or ()), *(self.themes.data or ())),
            source=self.source.data or "",
            url=self.url.data or "",
            checked_on=self.checked_on.data,
            follows=tuple(self.follows.data or ()),
        )


def filled_with(priority: Priority, seen: int) -> dict[str, Any]:
    """The form's values for a priority that stands in this version."""
    known = load_themes()
    return {
        "seen": str(seen),
        **{
            n: getattr(priority, n)
            for n in ("code", "title", "about", "sort", "report", "valid_from", "valid_to")
        },
        **{n: getattr(priority, n) for n in ("source", "url", "checked_on")},
        "groups": [code for code in priority.themes if code in known.groups],
        "themes": [code for code in priority.themes if code in known.themes],
        "kinds": list(priority.kinds),
        "follows": list(priority.follows),
        "soc": " ".join(priority.soc),
        "sic": " ".join(priority.sic),
    }


class ActionForm(Form):
    """One action of the plan."""

    seen = HiddenField()
    priority = SelectField("Priority", choices=[], validators=[DataRequired("Choose a priority")])
    title = text("Action", 300, "Say what is to be done")
    owner = text("Who leads it", 200, "Say which organisation owns it")
    partners = text("Who helps", 500)
    starts_on = day("Starts on")
    due_on = day("Due on", InputRequired("Enter the day it is due, such as 31/3/2027"))
    success = words("How you will know that it worked")
    progress = words("Progress so far")
    rag = RadioField("How it stands", choices=listed([*RAG.items(), ("", "Not rated")]), default="")
    done_on = day("Done on, once it is")
    public = BooleanField("The board and the public pack may show it")
    removed = BooleanField("Take this action out of the plan")

    def __init__(self, priorities: Sequence[Priority], *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.priority.choices = listed(
            [("", "Choose one"), *((p.code, f"{p.code}: {p.title}") for p in priorities)]
        )

    def validate_due_on(self, field: Field) -> None:
        """It is due after it starts."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError("It is due before it starts")


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


class ValueForm(Form):
    """A value of a measure on one day."""

    day = day("Day the value speaks of", InputRequired("Enter a day, such as 31/3/2026"))
    value = AnyNumber("Value", validators=[Optional()])
    note = words("Note", 500)
    source = text("Source", 300, "Say where the value is from")
    url = StringField("Web address of the source", filters=[one_line], validators=[AtMost(500), _web_address])
    taken_back = BooleanField("The value of this day was wrong: take it back")

    def validate(self, extra_validators: Any = None) -> bool:
        """There is a value, unless one is taken back."""
        fine = super().validate(extra_validators)
        number = self.value
        if number.process_errors:
            number.errors = ["Enter a number, such as 148 or 99.25"]
            return False
        if number.data is None and not self.taken_back.data:
            number.errors = ["Enter a number, such as 148 or 99.25"]
            return False
        if number.data is not None and (not number.data.is_finite() or abs(number.data) >= LARGEST):
            number.errors = ["Enter a smaller number"]
            return False
        return fine
