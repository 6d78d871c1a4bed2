"""Mails about leads. Each is posted in the transaction of what it tells; a mail put off is posted by `flask work`."""

from __future__ import annotations

from typing import Any

from flask import render_template

from skillsmatch.addresses import whole_address
from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.needs.contact import manage_secret
from skillsmatch.needs.models import Need


def tell_employer(need: Need, occasion: str, subject: str, template: str, **words: Any) -> bool:
    """Posts a mail with the need's private link to its verified address; False where it has had its mails for today."""
    body = render_template(
        f"leads/{template}",
        need=need,
        manage_url=whole_address("needs.manage", secret=manage_secret(need)),
        **words,
    )
    try:
        post(f"lead-{need.reference}-{occasion}", need.email, subject, body)
    except TooManyMessages:
        return False
    return True
