"""Mails about leads. Each is posted in the transaction of what it tells; a mail put off is posted by `flask work`."""

from __future__ import annotations

from typing import Any

from flask import current_app, has_request_context, render_template, url_for

from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.needs.contact import manage_secret
from skillsmatch.needs.models import Need


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


def tell_employer(need: Need, occasion: str, subject: str, template: str, **words: Any) -> bool:
    """Posts a mail with the need's private link to its verified address; False where it has had its mails for today."""
    body = render_template(
        f"leads/{template}",
        need=need,
        manage_url=address("needs.manage", secret=manage_secret(need)),
        **words,
    )
    try:
        post(f"lead-{need.reference}-{occasion}", need.email, subject, body)
    except TooManyMessages:
        return False
    return True
