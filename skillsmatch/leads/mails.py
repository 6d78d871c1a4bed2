"""Mails about leads. Each is posted in the transaction of what it tells; a mail put off is posted by `flask work`."""

from __future__ import annotations

from typing import Any

from flask import current_app, has_request_context, url_for

from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.needs.contact import QUOTED, manage_secret
from skillsmatch.needs.models import Need
from skillsmatch.texts.reading import letter, shortened


class NoAddress(LookupError):
    """The worker does not know the service's own address, so that no link can be put into a mail."""


def address(endpoint: str, **values: Any) -> str:
    """A whole address for a mail. Raises NoAddress where the worker has none (SKILLSMATCH_BASE_URL)."""
    base = current_app.config["BASE_URL"]
    if base:
        return base + current_app.url_map.bind("").build(endpoint, values)
    if has_request_context():
        return url_for(endpoint, **values, _external=True)
    raise NoAddress("SKILLSMATCH_BASE_URL is not set, so no link can be put into a mail")


def tell_employer(need: Need, occasion: str, code: str, quoted: str = "", **words: object) -> bool:
    """Posts the mail `code` with the need's private link to its verified address; False where it has had its mails
    for today. It repeats `quoted`, or else the need's own words."""
    mail = letter(
        code,
        need=shortened(quoted or need.text, QUOTED),
        manage_link=address("needs.manage", secret=manage_secret(need)),
        **words,
    )
    try:
        post(f"lead-{need.reference}-{occasion}", need.email, mail.subject, mail.body)
    except TooManyMessages:
        return False
    return True
