"""The forms of the accounts' pages. A password is never shown again; everything else that was typed is."""

from __future__ import annotations

from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import InputRequired, ValidationError

from skillsmatch.accounts.passwords import LONGEST
from skillsmatch.forms import AtMost, Form, clean, one_line


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
