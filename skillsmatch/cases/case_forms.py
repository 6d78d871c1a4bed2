"""The forms of cases and referrals."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional
from wtforms.widgets import TextInput

from skillsmatch.accounts.models import Account
from skillsmatch.cases.behind import hidden_words
from skillsmatch.cases.case_models import LONGEST_LEAD, Case
from skillsmatch.cases.case_moves import NO_ACTION_WHY, RAG, State, moves_from, there_already
from skillsmatch.cases.referral_models import QUESTIONS
from skillsmatch.cases.referrals import ConsentedWords, ReleasedFigure
from skillsmatch.forms import AtMost, Form, clean, listed, one_line, ticks
from skillsmatch.leads.wording import WHY_NOT
from skillsmatch.offers.models import Offer, Provider

WORDS = 4_000  # characters of a note, and of a provider's answer
DAY_FORMATS = ["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y"]


def day_box(label: str) -> DateField:
    """A day as typed: 23/11/2026, 2026-11-23 or 23 November 2026."""
    return DateField(label, format=DAY_FORMATS, widget=TextInput(), validators=[Optional()])


def words_box(label: str) -> TextAreaField:
    """An officer's own words."""
    return TextAreaField(label, filters=[clean], validators=[AtMost(WORDS)])


def lead_box() -> StringField:
    """The lead organisation."""
    return StringField("Lead organisation", filters=[one_line], validators=[AtMost(LONGEST_LEAD)])


def rag_choice() -> RadioField:
    """Red, amber or green."""
    return RadioField(
        "How it stands", choices=listed(RAG.items()), default="amber", validators=[DataRequired()]
    )


def _people(officers: list[Account]) -> list[tuple[str, str]]:
    return [(str(account.id), f"{account.name}, {account.organisation.name}") for account in officers]


class OpenForm(Form):
    """A new case."""

    group = HiddenField()
    need = HiddenField()
    owner = SelectField("Owner", choices=[], validators=[DataRequired("Choose who owns the case")])
    lead = lead_box()
    due_on = day_box("Due date")
    rag = rag_choice()
    words = words_box("A first note (optional)")

    def __init__(self, officers: list[Account], **values: Any) -> None:
        super().__init__(**values)
        self.owner.choices = listed(_people(officers))


class MoveForm(Form):
    """A decision."""

    to = RadioField("Decision", choices=[], validators=[DataRequired("Choose the decision")])
    why = SelectField(
        "Why no action is taken",
        choices=listed([("", "Choose a reason"), *((w.code, w.words) for w in NO_ACTION_WHY.values())]),
        validators=[Optional()],
    )
    move_words = words_box("Say why, or how (optional for most)")

    def __init__(self, case: Case, **values: Any) -> None:
        super().__init__(**values)
        self.stands = State(case.state)
        moves = moves_from(case.standing)
        self.barred = {to.value: why for to, why in moves}
        self.to.choices = listed(
            (to.value, "Open it again for review" if to == State.REVIEW else to.words) for to, _ in moves
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Where it stands already is no choice, and told as that: a colleague may have moved it a moment ago."""
        right = super().validate(extra_validators)
        if self.to.data == self.stands:
            self.to.errors = [there_already(self.stands)]
        return right


class PlanForm(Form):
    """Who leads, until when, and how it stands."""

    lead = lead_box()
    due_on = day_box("Due date")
    rag = rag_choice()


class HandForm(Form):
    """Another owner."""

    owner = SelectField(
        "Hand over to", choices=[], validators=[DataRequired("Choose who is to own the case")]
    )
    hand_words = words_box("What they should know (optional)")

    def __init__(self, officers: list[Account], case: Case, **values: Any) -> None:
        super().__init__(**values)
        others = [account for account in officers if account.id != case.owner_id]
        self.owner.choices = listed([("", "Choose an officer"), *_people(others)])


class NoteForm(Form):
    """A note."""

    note = TextAreaField(
        "Note", filters=[clean], validators=[DataRequired("Write the note first"), AtMost(WORDS)]
    )


class AskForm(Form):
    """Which provider to ask."""

    provider = SelectField("Provider", choices=[], validators=[DataRequired("Choose a provider")])

    def __init__(self, providers: list[Provider], **values: Any) -> None:
        super().__init__(**values)
        self.provider.choices = listed(
            [("", "Choose a provider"), *((str(p.ukprn), p.name) for p in providers)]
        )


def _said(one: ConsentedWords) -> str:
    """The words as an officer reads them: the provider sees them as they are, the officer with personal data hidden."""
    need = one.shown.need
    return hidden_words(need, need.text)[:160]


class ReferForm(Form):
    """What to ask it, and what goes along."""

    question = RadioField(
        "What do you ask?",
        choices=listed(QUESTIONS.items()),
        validators=[DataRequired("Choose what you ask")],
    )
    figures = ticks("Published figures to send along", [])
    shared = ticks("Needs whose employers let this provider see them", [])

    def __init__(self, figures: list[ReleasedFigure], shared: list[ConsentedWords], **values: Any) -> None:
        super().__init__(**values)
        every: list[ReleasedFigure | ConsentedWords] = [*figures, *shared]
        self.by_key = {one.key: one for one in every}
        self.figures.choices = listed((one.key, one.words) for one in figures)
        self.shared.choices = listed((one.key, _said(one)) for one in shared)

    @property
    def carried(self) -> list[ReleasedFigure | ConsentedWords]:
        """What is ticked."""
        return [self.by_key[key] for key in (*(self.figures.data or ()), *(self.shared.data or ()))]

    def validate(self, extra_validators: Any = None) -> bool:
        """Something to carry, or there is nothing that may be sent."""
        right = super().validate(extra_validators)
        if not self.figures.errors and not self.shared.errors and not self.carried:
            field = self.figures if self.figures.choices else self.shared
            field.errors = ["Tick at least one: a referral carries nothing else"]
            return False
        return right


class BatchForm(Form):
    """That an officer has looked at a batch of mail."""

    digest = HiddenField()
    looked = BooleanField(
        "I have read the mail, and it may go out",
        validators=[DataRequired("Tick the box once you have read the mail")],
    )


class AnswerForm(Form):
    """A provider's answer to a referral."""

    number = HiddenField()
    kind = RadioField(
        "What is your answer?",
        choices=listed(
            [
                ("new", "We will run new training for this"),
                ("have", "We have training for this already"),
                ("cannot", "We cannot help with this"),
            ]
        ),
        validators=[DataRequired("Choose one of the three answers")],
    )
    starts_on = day_box("First day of the new training, if known")
    offer = SelectField("The training you have", choices=[], validators=[Optional()])
    reason = SelectField(
        "Why you cannot help",
        choices=listed([("", "Choose a reason"), *((r.code, r.provider_words) for r in WHY_NOT)]),
        validators=[Optional()],
    )
    reach = StringField("Whom the Chamber can ask", filters=[one_line], validators=[AtMost(320)])
    words = words_box("What else the Chamber should know (optional)")

    def __init__(self, offers: list[Offer], **values: Any) -> None:
        super().__init__(**values)
        self.offer.choices = listed(
            [("", "Choose one of your offers"), *((str(o.id), o.title) for o in offers)]
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Each answer with what belongs to it; what belongs to another is left aside."""
        if not super().validate(extra_validators):
            return False
        if self.kind.data == "have" and not self.offer.data:
            self.offer.errors = ["Choose the training you have"]
        if self.kind.data == "cannot" and not self.reason.data:
            self.reason.errors = ["Choose why you cannot help"]
        if self.kind.data == "cannot" and self.reason.data == "other" and not self.words.data:
            self.words.errors = ["Say in a few words why you cannot help"]
        if self.kind.data in ("new", "have") and not self.reach.data:
            self.reach.errors = ["Give a name with a phone number or an e-mail address"]
        return not self.errors
