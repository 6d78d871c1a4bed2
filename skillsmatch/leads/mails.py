"""Mails about leads. Each is posted in the transaction of what it tells; a mail put off is posted by `flask work`."""

from __future__ import annotations

from skillsmatch.addresses import whole_address
from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.needs.contact import QUOTED, manage_secret
from skillsmatch.needs.models import Need
from skillsmatch.texts.reading import letter, shortened


def tell_employer(need: Need, occasion: str, code: str, quoted: str = "", **words: object) -> bool:
    """Posts the mail `code` with the need's private link to its verified address; False where it has had its mails
    for today. It repeats `quoted`, or else the need's own words."""
    mail = letter(
        code,
        need=shortened(quoted or need.text, QUOTED),
        manage_link=whole_address("needs.manage", secret=manage_secret(need)),
        **words,
    )
    try:
        post(f"lead-{need.reference}-{occasion}", need.email, mail.subject, mail.body)
    except TooManyMessages:
        return False
    return True
