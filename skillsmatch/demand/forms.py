"""The forms of the officers' demand pages."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired

from skillsmatch.forms import AtMost, Form, clean, one_line


class DraftForm(Form):
    """Which period to make a draft of."""

    period = SelectField("Period", choices=[], validators=[DataRequired("Choose a period")])


class PublishForm(Form):
    """That somebody has looked."""

    looked = BooleanField(
        "I have looked at every table",
        validators=[DataRequired("Tick the box once you have looked at every table")],
    )


class WithdrawForm(Form):
    """Why a release is taken back."""

    reason = TextAreaField(
        "Why is it withdrawn?",
        filters=[clean],
        validators=[DataRequired("Say why: those who used it will read the reason"), AtMost(1_000)],
    )
    sure = BooleanField(
        "I know that it cannot be put back",
        validators=[DataRequired("Tick the box: a withdrawn release cannot be put back")],
    )


class CloseForm(Form):
    """That a period has no release, for good."""

    closing = HiddenField()
    sure = BooleanField(
        "I know that this period will never have a release",
        validators=[DataRequired("Tick the box: the period will never have a release")],
    )


class FindForm(Form):
    """An employer that the officer knows."""

    address = StringField(
        "Its e-mail address or web domain",
        filters=[one_line],
        validators=[DataRequired("Enter an e-mail address or a web domain"), AtMost(254)],
    )


class ConfirmForm(Form):
    """That an organisation asks as an employer."""

    sure = BooleanField(
        "I know that it asks as an employer",
        validators=[DataRequired("Tick the box once you know that it asks as an employer")],
    )
