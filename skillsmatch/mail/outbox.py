"""Putting a message into the outbox, in the transaction of whatever it is about."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, or_, select

from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage

DAILY_LIMIT = 6  # messages to one address in 24 hours, so that the form cannot be used to pester a stranger
SENT_DAYS = 30  # days a sent message's address is kept, to answer "did you write to me?"


class TooManyMessages(Exception):
    """This address has had its messages for today."""


def posted(key: str) -> MailMessage | None:
    """The message with this key, until it is forgotten."""
    return db.session.scalar(select(MailMessage).where(MailMessage.key == key))


def post(
    key: str,
    to_address: str,
    subject: str,
    body: str,
    *,
    reply_to: str = "",
    most: int = DAILY_LIMIT,
    alone: str = "",
) -> MailMessage:
    """The message, waiting in the session; the same `key` again gives the first message and no second.

    Refused (TooManyMessages) when the address has had `most` messages in a day: of any sort, or with `alone` of
    those whose keys begin with it, so that whoever fills a mailbox with others does not keep these back.
    """
    standing = posted(key)
    if standing is not None:
        return standing
    address = to_address.strip()
    since = now() - timedelta(days=1)
    recent = db.session.scalar(
        select(func.count())
        .select_from(MailMessage)
        .where(func.lower(MailMessage.to_address) == address.lower(), MailMessage.created_at > since)
        .where(MailMessage.key.startswith(alone, autoescape=True))
    )
    if (recent or 0) >= most:
        raise TooManyMessages(address)
    message = MailMessage(
        key=key,
        to_address=address,
        reply_to=reply_to,
        subject=subject,
        body=body,
        created_at=now(),
        send_after=now(),
    )
    db.session.add(message)
    return message


def forget_sent() -> None:
    """Messages sent or given up long enough ago are gone."""
    before = now() - timedelta(days=SENT_DAYS)
    done = or_(MailMessage.sent_at < before, MailMessage.given_up_at < before)
    keep(lambda: db.session.execute(delete(MailMessage).where(done)))
