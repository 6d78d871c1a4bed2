"""The forms: which colleges may see a need, a college's reply, its class size, and a saved alert."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import KINDS
from skillsmatch.area.themes import load_themes
from skillsmatch.forms import AtMost, Between, Form, WholeNumber, clean, listed, one_line, ticks
from skillsmatch.leads.choosing import Choice, Choices
from skillsmatch.leads.places import Place
from skillsmatch.leads.replies import OwnOffers
from skillsmatch.leads.wording import NEAR_KM, WHY_NOT
from skillsmatch.needs.models import Need
from skillsmatch.offers.models import Offer

WORDS = 2_000  # characters of a reply
REPLY_KINDS = [
    ("contact", "We have been in touch with you, or will be within a week"),
    ("offer", "We have training for you"),
    ("cannot", "We cannot help with this, because"),
]


def _pairs(choices: tuple[Choice, ...]) -> list[tuple[str, str]]:
    return [(str(choice.ukprn), choice.words) for choice in choices]


class SharingForm(Form):
    """The boxes that let colleges see a need, and the Chamber's own. None is ticked beforehand."""

    named = ticks("Let these see my need", [])
    others = ticks("Let these see my need as well", [])
    nearby = BooleanField(f"Let all within {NEAR_KM} km see my need")
    pool = BooleanField("Pool my need with like needs")
    chamber = BooleanField()

    def __init__(self, choices: Choices, chamber: str, **values: Any) -> None:
        super().__init__(**values)
        self.chamber.label.text = f"Let {chamber} write to me about this need"
        self.named.choices = listed(_pairs(choices.shown))
        self.others.choices = listed(_pairs(choices.others))

    @property
    def chosen(self) -> list[int]:
        """The UKPRNs that are ticked."""
        return [int(ukprn) for ukprn in (*(self.named.data or ()), *(self.others.data or ()))]

    def validate(self, extra_validators: Any = None) -> bool:
        """At least one box, or there is nothing to keep."""
        if not super().validate(extra_validators):
            return False
        if not (self.chosen or self.nearby.data or self.pool.data or self.chamber.data):
            self.form_errors.append("Tick at least one box, or go back. Nothing is shared without your tick")
            return False
        return True


class PlacesForm(Form):
    """The places of a provider that an officer looks at; a tick confirms that it teaches there."""

    places = ticks("It teaches here", [])

    def __init__(self, rows: Sequence[Place], **values: Any) -> None:
        super().__init__(**values)
        self.places.choices = listed([(place.key, place.words) for place in rows])


class ReplyForm(Form):
    """A provider's answer to a lead."""

    number = HiddenField()
    kind = RadioField(
        "What do you want to tell the employer?",
        choices=listed(REPLY_KINDS),
        validators=[DataRequired("Choose one of the three answers")],
    )
    position = SelectField("Which of these do you answer?", choices=[], validators=[Optional()])
    offer = SelectField("The training you offer", choices=[], validators=[Optional()])
    look_for = StringField("Look for another of your offers", filters=[one_line], validators=[AtMost(100)])
    reason = SelectField(
        "Why you cannot help",
        choices=listed([("", "Choose a reason"), *((r.code, r.provider_words) for r in WHY_NOT)]),
        validators=[Optional()],
    )
    reach = StringField("Whom the employer can ask", filters=[one_line], validators=[AtMost(320)])
    words = TextAreaField(
        "What else the employer should know (optional)", filters=[clean], validators=[AtMost(WORDS)]
    )

    def __init__(self, need: Need, offers: OwnOffers, **values: Any) -> None:
        super().__init__(**values)
        self.offers = offers
        several = [(str(f.position), f.text[:120]) for f in need.live_facets]
        self.position.choices = listed([("", "All of it"), *several])
        self.offer.choices = {
            "": listed([("", "Choose one of your offers")]),
            "Shown to this employer": listed(_titles(offers.shown)),
            "Your other offers": listed(_titles(offers.rest)),
        }
        self.offer.choices = {name: some for name, some in self.offer.choices.items() if some}

    def validate(self, extra_validators: Any = None) -> bool:
        """Each answer with what belongs to it; what belongs to another is left aside."""
        if not super().validate(extra_validators):
            return False
        if self.kind.data == "offer" and not self.offer.data:
            self.offer.errors = ["Choose the training you offer"]
        if self.kind.data == "cannot" and not self.reason.data:
            self.reason.errors = ["Choose why you cannot help. The employer will be told"]
        if self.kind.data == "cannot" and self.reason.data == "other" and not self.words.data:
            self.words.errors = ["Say in a few words why you cannot help"]
        if self.kind.data in ("contact", "offer") and not self.reach.data:
            self.reach.errors = ["Give a name with a phone number or an e-mail address"]
        return not self.errors


def _titles(offers: Sequence[Offer]) -> list[tuple[str, str]]:
    return [
        (str(o.id), f"{o.title}, {o.venue.town}" if o.venue and o.venue.town else o.title) for o in offers
    ]


class LookFor(Form):
    """Words of an offer that the reply's form does not list."""

    look_for = StringField("Look for another of your offers", filters=[one_line], validators=[AtMost(100)])


class ReplyWords(Form):
    """What was typed of a reply, to be given back where its lead has gone."""

    reach = StringField(filters=[one_line])
    words = TextAreaField(filters=[clean])


class ClassSizeForm(Form):
    """How many people make a class."""

    people = WholeNumber(
        "People who make a class",
        validators=[
            DataRequired("Enter a whole number, such as 10"),
            Between(1, 500, "Enter a number from 1 to 500"),
        ],
    )


class AlertForm(Form):
    """A view to be told of."""

    theme = SelectField("Theme", choices=[], validators=[Optional()])
    district = SelectField("Council area", choices=[], validators=[Optional()])
    kind = SelectField("Kind of training", choices=[], validators=[Optional()])

    def __init__(self, area: Area, **values: Any) -> None:
        super().__init__(**values)
        self.theme.choices = listed([("", "Every theme"), *theme_choices()])
        self.district.choices = listed(
            [("", "The whole area"), *((d.code, d.name) for d in area.districts.values())]
        )
        self.kind.choices = listed(
            [("", "Every kind"), *((k.value, words.name) for k, words in KINDS.items())]
        )


def theme_choices() -> list[tuple[str, str]]:
    """Every theme as (code, name), by name."""
    return sorted(((t.code, t.name) for t in load_themes().themes.values()), key=lambda pair: pair[1])
