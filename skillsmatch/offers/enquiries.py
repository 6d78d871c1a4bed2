"""An enquiry: an employer's message to the provider of an offer, with consent, and a copy to the employer.

No table of ours holds it. It stands in the outbox until it is sent, and then its text is gone; for some weeks the
outbox still says to which addresses something went and when, under which wording of the consent.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select

from skillsmatch.addresses import whole_address
from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.mail.outbox import SENT_DAYS, TooManyMessages, post, posted
from skillsmatch.offers.models import Offer
from skillsmatch.offers.records import NEAR_YOU
from skillsmatch.texts.reading import Letter, letter
from skillsmatch.words import time_words

CONSENT = "1"  # the wording of consent_words; another wording gets another number
TOKEN_SECONDS = (
    SENT_DAYS - 1
) * 86_400  # an older form could not be told from one that was sent and forgotten
A_DAY = 40  # enquiries to one provider's address in 24 hours; more are not from people


@dataclass(frozen=True)
class Enquiry:
    """What an employer wants to ask a provider, checked."""

    name: str
    business: str
    email: str
    phone: str
    message: str


class TooManyEnquiries(Exception):
    """The address has had its messages for the day; `whose` is "provider" or "employer"."""

    def __init__(self, whose: str) -> None:
        super().__init__(whose)
        self.whose = whose


class OtherWords(Exception):
    """This form has been sent already, with other words."""


def enquiry_address(offer: Offer) -> str:
    """Whom an enquiry goes to: what the provider says at its desk, else the offer's
    own contact, its venue's or its provider's; empty: nobody."""
    if offer.provider.ukprn == NEAR_YOU:
        return ""
    of_venue = offer.venue.email if offer.venue else ""
    return offer.provider.enquiry_email or offer.contact_email or of_venue or offer.provider.email


def consent_words(provider: str) -> str:
    """What an employer agrees to."""
    return f"Send my name, business, e-mail and message to {provider}, and my phone number if I gave one"


def new_form_token(offer: Offer) -> str:
    """A signed, one-use token for one form about this offer."""
    return _signer().dumps([offer.id, secrets.token_urlsafe(16)])


def receipt_of(token: str, offer: Offer) -> str | None:
    """The name of what this form sends; None where the form is not ours, of another offer, or weeks old."""
    try:
        number, secret = _signer().loads(token, max_age=TOKEN_SECONDS)
    except (BadData, ValueError, TypeError):
        return None
    return hashlib.sha256(f"enquiry {secret}".encode()).hexdigest()[:32] if number == offer.id else None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="enquiry form")


def send_enquiry(offer: Offer, enquiry: Enquiry, receipt: str) -> None:
    """Posts the message to the provider and its copy to the employer, in the caller's transaction.

    The same receipt with the same words again posts nothing. Refused: OtherWords, where it went with other words;
    TooManyEnquiries, where an address has had enough for the day. A demonstration offer posts the copy alone.
    """
    copy = _copy_key(offer, receipt) + _digest(enquiry)
    sent = _copy(offer, receipt)
    if sent is not None:
        if sent.key != copy:
            raise OtherWords
        return
    # Both are written before either is posted: a page's words are looked up in the database, which saves what waits.
    texts = _texts(offer, enquiry)
    if not offer.demonstration:
        key, mail = _provider_key(offer, receipt), texts[0]
        try:
            message = post(
                key, enquiry_address(offer), mail.subject, mail.body, reply_to=enquiry.email, most=A_DAY
            )
        except TooManyMessages:
            raise TooManyEnquiries("provider") from None
        if message not in db.session.new:  # another window has sent it since the copy was looked for above
            first = _copy(offer, receipt)
            if first is None or first.key != copy:
                raise OtherWords
            return
        db.session.flush()  # of two windows at one moment the second is refused here, before its copy is posted
    try:
        post(copy, enquiry.email, texts[1].subject, texts[1].body)
    except TooManyMessages:
        raise TooManyEnquiries("employer") from None


def _texts(offer: Offer, enquiry: Enquiry) -> tuple[Letter, Letter]:
    """What the provider reads, and what the employer does."""
    words = {
        "provider": offer.provider.name,
        "offer": offer.title,
        "offer_link": whole_address("offers.offer", offer_id=offer.id),
        "sender": enquiry.name,
        "business": enquiry.business,
        "email": enquiry.email,
        "phone": enquiry.phone,
        "message": enquiry.message,
        "consent": f"“{consent_words(offer.provider.name)}” (wording {CONSENT})",
        "agreed": time_words(now()),
    }
    copy = "offers.enquiry-demo" if offer.demonstration else "offers.enquiry-copy"
    return letter("offers.enquiry", **words), letter(copy, **words)


@dataclass(frozen=True)
class Receipt:
    """What became of an enquiry."""

    sent_at: datetime | None  # when the provider's mail server, or for a demonstration nobody's, took it
    given_up: bool
    demonstration: bool


def find_receipt(offer: Offer, receipt: str) -> Receipt | None:
    """What became of the enquiry; None where there was none, or its trace has been forgotten."""
    message = _copy(offer, receipt) if offer.demonstration else posted(_provider_key(offer, receipt))
    if message is None:
        return None
    return Receipt(message.sent_at, message.given_up_at is not None, offer.demonstration)


def _copy(offer: Offer, receipt: str) -> MailMessage | None:
    key = _copy_key(offer, receipt)
    wanted = select(MailMessage).where(MailMessage.key.startswith(key, autoescape=True))
    return db.session.scalars(wanted.limit(1)).first()


def _copy_key(offer: Offer, receipt: str) -> str:
    """It names the wording that was agreed to; what follows it is a digest of the words."""
    return f"enquiry-{CONSENT}-{offer.id}-{receipt}-"


def _provider_key(offer: Offer, receipt: str) -> str:
    return f"enquiry-to-{offer.id}-{receipt}"


def _digest(enquiry: Enquiry) -> str:
    """Of the words, keyed: without the key, a guess at them could be tried out."""
    key = current_app.config["SECRET_KEY"].encode()
    words = json.dumps(asdict(enquiry), sort_keys=True).encode()
    return hashlib.blake2b(words, key=key[:64], digest_size=8).hexdigest()
