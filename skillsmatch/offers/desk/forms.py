"""The desk's forms. What an offer or a venue may say is checked by the rules of the files, and told at its box."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from skillsmatch.area.kinds import Kind, level_words
from skillsmatch.area.national import load_routes
from skillsmatch.forms import AtMost, Between, Form, WholeNumber, clean, listed, one_line
from skillsmatch.offers import cells
from skillsmatch.offers.desk import form_format, venues
from skillsmatch.offers.desk.places import MOST_PLACES, quarter_words
from skillsmatch.offers.desk.receiving import MOST_SENT
from skillsmatch.offers.models import DURATION_UNITS
from skillsmatch.offers.records import RowError

CODE = re.compile(r"\b[A-Z]+(?:_[A-Z0-9]+)+\b|\bVENUE\b|\bCOST\b")
LONGEST_BOX = 20_000  # characters; what may stand in each box is said by the rules of the files

MODES = [
    ("classroom", "In a classroom or workshop"),
    ("online", "Online"),
    ("workplace", "At the employer’s workplace"),
    ("blended", "Partly online (blended)"),
]
STUDY_MODES = [("full-time", "Full time"), ("part-time", "Part time"), ("flexible", "Flexible")]
ATTENDANCE = [
    ("daytime", "Daytime"),
    ("evening", "Evenings"),
    ("weekend", "Weekends"),
    ("block", "Day release or in blocks"),
]
ANYWHERE = [("yes", "Yes"), ("no", "No, in some councils only")]


def box(label: str, *filters: Any) -> StringField:
    """A box of one line."""
    return StringField(label, filters=filters or [one_line], validators=[AtMost(LONGEST_BOX)])


def area_box(label: str) -> TextAreaField:
    """A box of several lines."""
    return TextAreaField(label, filters=[clean], validators=[AtMost(LONGEST_BOX)])


def choose(label: str, choices: Iterable[tuple[str, str]], none: str = "") -> SelectField:
    """One of a list, with words for none of them."""
    return SelectField(label, choices=listed([("", none), *choices]), default="")


def one_of(label: str, choices: list[tuple[str, str]]) -> RadioField:
    """One of a few."""
    return RadioField(label, choices=listed(choices), default="", validators=[Optional()])


class ByBoxes(Form):
    """A form whose answers are checked elsewhere, box by box."""

    boxes: tuple[str, ...] = ()  # names of the fields that hold answers
    codes: Mapping[str, str] = {}  # fields by the column of the file that they stand for

    def answers(self) -> dict[str, str]:
        """What was typed, by box; a tick is "yes"."""
        return {name: _text(self[name].data) for name in self.boxes}

    def tell(self, errors: Iterable[RowError]) -> None:
        """Puts each fault at its box, in the words of the page."""
        for error in errors:
            field = self[error.column]
            words = CODE.sub(self._named, error.message)
            colon = ":" if words.startswith('"') else ""
            field.errors = [*field.errors, f"“{plain_label(field)}”{colon} {words}"]

    def _named(self, code: re.Match[str]) -> str:
        name = self.codes.get(code.group())
        return f"“{plain_label(self[name])}”" if name else code.group()


def plain_label(field: Field) -> str:
    """The label without what stands in brackets after it, and without its question mark."""
    return re.sub(r"\s*\(.*\)$", "", str(field.label.text)).rstrip("?.")


def _text(data: Any) -> str:
    return "yes" if data is True else str(data or "")


class OfferForm(ByBoxes):
    """One offer. The buttons say whether it is put on offer or kept as a draft."""

    boxes = tuple(form_format.FIELDS.values())
    codes = form_format.FIELDS

    seen = HiddenField()
    token = HiddenField()
    saves = HiddenField()

    kind = choose("Kind of training", [], "Choose")
    title = box("Name")
    who_for = area_box("Who it is for")
    what_learned = area_box("What people learn")
    level = choose("Level", [(str(n), level_words(n)) for n in range(9)], "Not given")
    route = choose("Subject", [], "Not given")
    mode = one_of("How is it taught?", MODES)
    venue = choose("Venue", [], "None")
    national = one_of("Can you teach it anywhere in England?", ANYWHERE)
    regions = box("Councils you teach in")
    study_mode = one_of("How much of the week?", STUDY_MODES)
    attendance = one_of("When?", ATTENDANCE)
    flexible_start = BooleanField("People can start at any time")
    start_dates = area_box("Start dates")
    duration = box("Length")
    duration_unit = choose("Unit of length", [(unit, unit.capitalize()) for unit in DURATION_UNITS], "Choose")
    cost = box("Price for one person, in pounds")
    cost_description = box("About the price")
    url = box("Web page")
    contact_email = box("E-mail for this offer")
    contact_phone = box("Phone for this offer")
    how_taught = area_box("How people learn")
    entry_requirements = area_box("What people need to start")
    bring = area_box("What to bring")
    assessment = area_box("How it is assessed")
    where_next = area_box("What it can lead to")
    awarding_body = box("Awarded by")
    reference = box("Learning aim or standard")

    def __init__(self, *args: Any, venues: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.value, kind.words.name) for kind in Kind]
        self.kind.choices = listed([("", "Choose"), *kinds])
        self.route.choices = listed([("", "Not given"), *((r.slug, r.name) for r in load_routes().values())])
        self.venue.choices = listed([("", "None"), *venues.items()])


def as_data(answers: Mapping[str, str]) -> dict[str, Any]:
    """Answers as the form's fields hold them."""
    return {**answers, "flexible_start": answers.get("flexible_start") == "yes"}


class VenueForm(ByBoxes):
    """One venue."""

    boxes = tuple(venues.FIELDS.values())
    codes = venues.FIELDS

    seen = HiddenField()
    name = box("Name of the venue")
    reference = box("Your own reference (optional)")
    address = box("Address, first line")
    address_2 = box("Address, second line (optional)")
    town = box("Town or city")
    county = box("County (optional)")
    postcode = box("Postcode")
    email = box("E-mail there (optional)")
    phone = box("Phone there (optional)")
    website = box("Web page (optional)")


class ContactForm(ByBoxes):
    """How to reach a provider."""

    boxes = ("contact", "email", "phone", "website", "enquiry_email")

    seen = HiddenField()
    contact = box("Whom to ask for (optional)")
    email = box("E-mail that everybody sees (optional)")
    phone = box("Phone (optional)")
    website = box("Website (optional)")
    enquiry_email = box("E-mail for enquiries (optional)")

    def check(self) -> list[RowError]:
        """What is wrong, by the rules that the files have for such cells."""
        rules = {"contact": (120, cells.line), "email": (254, cells.email), "phone": (40, cells.line)}
        rules |= {"website": (248, cells.secure_address), "enquiry_email": (254, cells.email)}
        wrong = []
        for name, (longest, read) in rules.items():
            text = self[name].data or ""
            try:
                if len(text) > longest:
                    raise cells.Wrong(f"is {len(text):,} characters long; the most is {longest:,}")
                self[name].data = read(cells.clean(text))
            except cells.Wrong as found:
                wrong.append(RowError(1, name, str(found)))
        return wrong


class UploadForm(Form):
    """One file, and whether it is everything."""

    file = FileField("Choose your file")
    whole = BooleanField("This is my whole list")

    def content(self) -> bytes | None:
        """The bytes sent; None, with a message at the box, where there is no file or nothing in it."""
        sent = self.file.data
        if sent is None or not getattr(sent, "filename", ""):
            self.file.errors = ["Choose a file first"]
            return None
        data: bytes = sent.read(MOST_SENT + 1)
        if not data:
            self.file.errors = ["The file is empty. Choose the one with your courses in it"]
        elif len(data) > MOST_SENT:
            self.file.errors = [too_much()]
        return data if not self.file.errors else None


def too_much() -> str:
    """What is said of a file that is too large."""
    return (
        f"The file is larger than {MOST_SENT // 1_000_000} MB. Split it, or pack it as .gz, "
        "or ask whoever runs this service to load it"
    )


def places_form(quarters: Iterable[str]) -> type[Form]:
    """A form with a box for the places of each quarter."""
    boxes = {
        box_of(quarter): WholeNumber(
            quarter_words(quarter),
            validators=[
                Optional(),
                Between(0, MOST_PLACES, f"Enter a number of places between 0 and {MOST_PLACES:,}"),
            ],
        )
        for quarter in quarters
    }
    return type("PlacesForm", (Form,), boxes)


def box_of(quarter: str) -> str:
    """The name of the box for a quarter."""
    return "places_" + quarter.replace("-", "_").lower()


class PressForm(Form):
    """A button and nothing else, besides what it is about."""

    mark = HiddenField()
