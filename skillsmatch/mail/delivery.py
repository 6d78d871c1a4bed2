"""Taking messages out of the outbox: to an SMTP server, or, without one, into a folder as files."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select

from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage

log = logging.getLogger(__name__)

BATCH = 50  # messages taken in one turn
CLAIM_MINUTES = 10  # a message a worker has taken is left alone this long; then its worker is taken for dead
TIMEOUT = 20  # seconds a mail server may take to answer
TRIES = 8  # afterwards the message is given up and stays in the table with its error
FIRST_WAIT = timedelta(minutes=1)  # doubled after every failure

Send = Callable[[EmailMessage], None]


def deliver(stopping: Callable[[], bool] = lambda: False) -> tuple[int, int]:
    """Sends what waits and is due; afterwards each message is marked sent, or has a later time and its error.

    At least once: a message whose worker dies after sending and before noting it is sent again.
    Once `stopping()` is true no further message is begun, and the rest wait for the next worker.
    Returns how many were sent and how many failed.
    """
    sent = failed = 0
    send = _sender()
    claimed = keep(_claim)
    for place, number in enumerate(claimed):
        if stopping():
            keep(lambda rest=claimed[place:]: _give_back(rest))  # type: ignore[misc]
            break
        message = db.session.get(MailMessage, number)
        if message is None:  # dropped since, with the need it was about
            continue
        try:
            mail = _as_email(message)
            db.session.rollback()  # ends the read: a slow mail server must not keep a transaction open
            send(mail)
        except Exception as error:  # Python trips over some addresses in ways that it does not name
            words = f"{type(error).__name__}: {error}"[:300]
            log.warning("message %d was not sent: %s", number, type(error).__name__)
            keep(lambda n=number, w=words: _note_failure(n, w))  # type: ignore[misc]
            failed += 1
        else:
            keep(lambda n=number: _note_sent(n))  # type: ignore[misc]
            sent += 1
    return sent, failed


def _claim() -> list[int]:
    """The due messages' ids, put off a little so that a second worker does not take them too."""
    moment = now()
    due = db.session.scalars(
        select(MailMessage)
        .where(
            MailMessage.sent_at.is_(None), MailMessage.given_up_at.is_(None), MailMessage.send_after <= moment
        )
        .order_by(MailMessage.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for message in due:
        message.send_after = moment + timedelta(minutes=CLAIM_MINUTES)
        message.attempts += 1
    return [m.id for m in due]


def _give_back(numbers: list[int]) -> None:
    for message in db.session.scalars(select(MailMessage).where(MailMessage.id.in_(numbers))):
        message.send_after = now()
        message.attempts -= 1


def _note_sent(number: int) -> None:
    message = db.session.get(MailMessage, number)
    if message is not None:  # it may be dropped while it is on its way
        message.sent_at, message.body, message.last_error = now(), "", ""
        message.reply_to = ""


def _note_failure(number: int, words: str) -> None:
    message = db.session.get(MailMessage, number)
    if message is None:
        return
    message.last_error = words
    message.send_after = now() + FIRST_WAIT * 2 ** (message.attempts - 1)
    if message.attempts >= TRIES:
        message.given_up_at = now()


def _as_email(message: MailMessage) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = current_app.config["MAIL_FROM"]
    mail["To"] = message.to_address
    # What Python reads as no address would go to nobody, and count as sent.
    if [one.addr_spec for one in mail["To"].addresses] != [message.to_address]:
        raise ValueError("this is not one address")
    if message.reply_to:
        mail["Reply-To"] = message.reply_to
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = make_msgid(idstring=str(message.id), domain="skillsmatch.invalid")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    return mail


def _sender() -> Send:
    config = current_app.config
    if not config["SMTP_HOST"]:
        return lambda mail: _to_folder(Path(config["MAIL_DIR"]), mail)
    return lambda mail: _to_server(config, mail)


def _to_folder(folder: Path, mail: EmailMessage) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = mail["Message-ID"].strip("<>").partition("@")[0]
    part = folder / f".{name}.part"
    part.write_bytes(bytes(mail))
    part.replace(folder / f"{name}.eml")


def _to_server(config: dict[str, Any], mail: EmailMessage) -> None:
    where, proving = (config["SMTP_HOST"], config["SMTP_PORT"]), ssl.create_default_context()
    if config["SMTP_TLS"] == "tls":
        # Without a context it would take any certificate, and so anybody for the server.
        connection: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=TIMEOUT, context=proving)
    else:
        connection = smtplib.SMTP(*where, timeout=TIMEOUT)
    with connection as server:
        if config["SMTP_TLS"] == "starttls":
            server.starttls(context=proving)
        if config["SMTP_USER"]:
            server.login(config["SMTP_USER"], config["SMTP_PASSWORD"])
        server.send_message(mail)
