"""The forms of the accounts' pages. A password is never shown again; everything else that was typed is."""

from __future__ import annotations

import re
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import TextInput

from skillsmatch.accounts.organisations import NotPossible, kind_for
from skillsmatch.accounts.passwords import LONGEST
from skillsmatch.accounts.roles import Role
from skillsmatch.forms import AtMost, Form, clean, listed, one_line

DAY_FORMATS = ["%d/%m/%Y", "%Y-%m-%d"]
UKPRN = re.compile(r"1\d{7}", re.ASCII)


class EMail:
    """An e-mail address that could be written to, in small letters."""

    def __call__(self, _form: Any, field: Any) -> None:
        """Checks it, or says what one looks like."""
        try:
            field.data = validate_email(field.data or "", check_deliverability=False).normalized.lower()
        except EmailNotValidError:
            raise ValidationError("Enter an e-mail address, such as name@firm.co.uk") from None


def email_field(label: str = "E-mail", missing: str = "Enter your e-mail address") -> EmailField:
    """A box for one e-mail address."""
    return EmailField(label, filters=[one_line], validators=[InputRequired(missing), AtMost(254), EMail()])


def name_field(label: str = "Your name") -> StringField:
    """A box for a person's name."""
    return StringField(label, filters=[one_line], validators=[InputRequired("Enter a name"), AtMost(120)])


def password_field(label: str, missing: str) -> PasswordField:
    """A box for a password: what is pasted is taken as it is."""
    return PasswordField(label, validators=[InputRequired(missing), AtMost(LONGEST)])


class SignInForm(Form):
    """E-mail and password."""

    email = EmailField(
        "E-mail", filters=[one_line], validators=[InputRequired("Enter your e-mail address"), AtMost(254)]
    )
    password = password_field("Password", "Enter your password")


class CodeForm(Form):
    """The second step."""

    code = StringField("Code", filters=[clean], validators=[InputRequired("Enter the code"), AtMost(40)])


class PasswordForm(Form):
    """One's own password, before something that could lock one out."""

    password = password_field("Your password", "Enter your password")


class SetUpForm(Form):
    """The first code of an app, and the password: a second step that is not one's own locks one out."""

    code = StringField(
        "Code from the app", filters=[clean], validators=[InputRequired("Enter the code"), AtMost(40)]
    )
    password = password_field("Your password", "Enter your password")


class ChangePasswordForm(Form):
    """The old password and a new one."""

    password = password_field("Your password now", "Enter the password that you use now")
    new_password = password_field("New password", "Enter a new password")


class NewPasswordForm(Form):
    """A new password, by a link."""

    new_password = password_field("New password", "Enter a new password")


class NameForm(Form):
    """One's own name."""

    name = name_field()


class ChangeEmailForm(Form):
    """A new address, and the password."""

    email = email_field("New e-mail", "Enter the new e-mail address")
    password = password_field("Your password", "Enter your password")


class ForgottenForm(Form):
    """Where to send a link."""

    email = email_field()


class JoinForm(Form):
    """What an invitation asks for."""

    name = name_field()
    new_password = password_field("Choose a password", "Choose a password")


ROLE_CHOICES = [
    (Role.PROVIDER.value, "Training provider: keeps its offers right"),
    (Role.COLLEGE.value, "College: reads what is asked for, in safe totals"),
    (Role.CHAMBER.value, "Chamber officer: reviews unmet needs"),
    (Role.ADMIN.value, "Administrator: looks after accounts"),
]


class ColleagueForm(Form):
    """Somebody of one's own organisation to invite."""

    email = email_field("Their e-mail", "Enter their e-mail address")
    name = StringField("Their name, if you like", filters=[one_line], validators=[AtMost(120)])
    owner = BooleanField("Make them a main contact: they can invite and disable colleagues too")


class InviteForm(ColleagueForm):
    """Anybody to invite, by an administrator."""

    roles = SelectMultipleField("What will they do here?", choices=listed(ROLE_CHOICES))
    organisation = StringField(
        "Organisation",
        filters=[one_line],
        validators=[AtMost(255)],
    )
    ukprn = StringField("UKPRN", filters=[one_line], validators=[AtMost(20)])

    def validate_roles(self, field: Any) -> None:
        """One role or more, that go together."""
        if not field.data:
            raise ValidationError("Choose what they will do here")
        if not set(field.data) <= set(Role):
            return  # the field itself says so
        try:
            kind_for(map(Role, field.data))
        except NotPossible as error:
            raise ValidationError(str(error)) from None

    def validate_ukprn(self, field: Any) -> None:
        """Eight digits from 10000000, or nothing."""
        if field.data and not UKPRN.fullmatch(field.data):
            raise ValidationError("Enter the UKPRN as 8 digits, such as 10001234, or leave it empty")

    def validate_organisation(self, field: Any) -> None:
        """A name, unless the UKPRN says which."""
        if not field.data and not self.ukprn.data:
            raise ValidationError("Enter the organisation's name, or its UKPRN where it is known here")


class LogForm(Form):
    """What to look for in the audit log."""

    class Meta(Form.Meta):
        """A look changes nothing, so it needs no protection, and its address can be kept."""

        csrf = False

    who = StringField("Who", filters=[one_line], validators=[AtMost(320)])
    action = SelectField("What was done", choices=[], validate_choice=False)
    since = DateField("From", format=DAY_FORMATS, widget=TextInput(), validators=[Optional()])
    until = DateField("To", format=DAY_FORMATS, widget=TextInput(), validators=[Optional()])
