"""The employer's e-mail: proving that it is theirs, and the private link that needs no account."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from skillsmatch.addresses import whole_address
from skillsmatch.clock import now, today
from skillsmatch.database import LARGEST_ID
from skillsmatch.demand.domains import FREE_MAIL
from skillsmatch.demand.employers import employer_key, keyed_digest
from skillsmatch.demand.models import EmployerKey
from skillsmatch.demand.signals import make_countable, withdraw_signal
from skillsmatch.extensions import db
from skillsmatch.mail.outbox import post
from skillsmatch.needs.forgetting import forget
from skillsmatch.needs.keeping import BY_ITSELF, KEPT_DAYS
from skillsmatch.needs.models import Need
from skillsmatch.needs.moments import let_take_part, when_verified
from skillsmatch.texts.reading import letter, shortened

MADE_AGAIN = re.compile(r"n([0-9]{1,12})-[0-9a-f]{40}")
QUOTED = 300  # characters of a need's words that a mail about it repeats
VERIFY_DAYS = 7  # days a verification link works; a firm's owner may read mail at the weekend


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def ask_to_verify(need: Need, code: str = "needs.verify", **words: object) -> None:
    """Posts a mail with two links: one proves the address, the other opens the need again at any time.

    `code` names another mail that says why we write, and `words` what it says besides.
    Only their digests are kept, so a reader of the database cannot use them.
    Raises TooManyMessages when this address has had its messages for the day.
    """
    verify, manage = new_secrets()
    mail = letter(
        code,
        need=shortened(need.text, QUOTED),
        verify_link=whole_address("needs.verify", secret=verify),
        manage_link=whole_address("needs.manage", secret=manage),
        days=VERIFY_DAYS,
        **words,
    )
    post(f"verify-{need.reference}-{_digest(verify)[:12]}", need.email, mail.subject, mail.body)
    set_secrets(need, verify, manage)


def new_secrets() -> tuple[str, str]:
    """The secret that proves an address, and that of the private link: neither can be guessed."""
    return secrets.token_urlsafe(24), secrets.token_urlsafe(24)


def set_secrets(need: Need, verify: str, manage: str) -> None:
    """These two links open the need from now on, the first for VERIFY_DAYS; earlier ones no longer do."""
    need.verify_digest, need.manage_digest = _digest(verify), _digest(manage)
    need.verify_until = now() + timedelta(days=VERIFY_DAYS)


def need_to_verify(secret: str) -> Need | None:
    """The need whose verification link this is; None once it was used or has run out."""
    need = db.session.scalar(select(Need).where(Need.verify_digest == _digest(secret)))
    return need if need and need.verify_until and need.verify_until > now() else None


def need_to_manage(secret: str) -> Need | None:
    """The need whose private link this is: the one in its first mail, or one made by `manage_secret`."""
    need = db.session.scalar(select(Need).where(Need.manage_digest == _digest(secret)))
    made = MADE_AGAIN.fullmatch(secret)
    if need is None and made and int(made[1]) <= LARGEST_ID:
        need = db.session.get(Need, int(made[1]))
        right = _manage_secrets(need) if need is not None and need.manage_digest else []
        return need if any(hmac.compare_digest(one.encode(), secret.encode()) for one in right) else None
    return need


def manage_secret(need: Need) -> str:
    """The private link's secret for a later mail: the first one is not kept, so this one is worked out again.

    It ends with the first one: when links are sent to another address, and when the need is forgotten.
    Only for a mail to the confirmed address, and for the browser that has just confirmed it.
    """
    if need.manage_digest is None:
        raise ValueError("this need has no private link")
    return _manage_secrets(need)[0]


def _manage_secrets(need: Need) -> list[str]:
    """The private link's secret as made with the present secret key, and with those used before."""
    keys = ["", *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]
    words = f"{need.reference} {need.manage_digest}"
    return [f"n{need.id}-{keyed_digest('private link', words, key)[:40]}" for key in keys]


def verify(need: Need) -> datetime:
    """The address is proved: the link is used up, and the need's signals count from now on."""
    need.verify_digest = need.verify_until = None
    need.email_verified_at = now()
    key = _employer_of(need)
    for facet in need.live_facets:
        if not need.suspect:
            make_countable(facet.signal, key)
    let_take_part(when_verified, need)
    return need.email_verified_at


def _employer_of(need: Need) -> EmployerKey:
    """Its employer, by the address that is proved.

    Where the Chamber wrote it down for a business with a web domain, and the owner reads mail at a free mailbox, it
    stays that business's: so what the business asks for by itself joins it.
    """
    given = need.live_facets[0].signal.employer_key if need.live_facets else None
    free = need.email.rpartition("@")[2].strip().lower() in FREE_MAIL
    if given is not None and given.basis == "domain" and free and need.channel not in BY_ITSELF:
        return given
    return employer_key(need.email, need.reference)


def extend(need: Need) -> None:
    """The need's words are kept for another year from today."""
    need.kept_until = today() + timedelta(KEPT_DAYS)


def withdraw(need: Need) -> None:
    """The need is closed and forgotten, and its signals count no more. Releases stay as they are."""
    for facet in need.live_facets:
        withdraw_signal(facet.signal)
    need.status = "withdrawn"
    forget(need)
