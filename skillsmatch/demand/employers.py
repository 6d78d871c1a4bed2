"""Who counts as one employer, without keeping who it is."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from skillsmatch.clock import now
from skillsmatch.demand.models import EmployerKey
from skillsmatch.extensions import db

RECORD_KEYS = 4096  # the size of the cell-key table

# Addresses at these belong to persons, not to one business: each address is an employer of its own.
FREE_MAIL = frozenset(
    """aol.com btinternet.com btopenworld.com fastmail.com gmail.com gmx.co.uk gmx.com googlemail.com hotmail.co.uk
    hotmail.com icloud.com live.co.uk live.com mac.com mail.com me.com msn.com ntlworld.com o2.co.uk outlook.com
    plus.com plusnet.com proton.me protonmail.com sky.com talk21.com talktalk.net tiscali.co.uk virginmedia.com
    yahoo.co.uk yahoo.com ymail.com zoho.com""".split()
)


def keyed_digest(purpose: str, value: str, secret_key: str = "") -> str:
    """A hash of `value` that nobody can make or check without this service's secret key, or the one given."""
    key = (secret_key or current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"{purpose}\n{value}".encode(), hashlib.sha256).hexdigest()


def employer_key(email: str, reference: str) -> EmployerKey:
    """The key of the employer with this e-mail address; made and added to the session where it is new.

    One business domain is one employer, one free-mail address is one, and a need without e-mail stands alone.
    """
    address = email.strip().lower()
    domain = address.rpartition("@")[2]
    if not address:
        basis, value = "need", reference
    elif domain in FREE_MAIL:
        basis, value = "email", address
    else:
        basis, value = "domain", domain
    digest = keyed_digest("employer", f"{basis}:{value}")
    return _of_digest(digest) or _known_before(digest, f"{basis}:{value}") or _add_key(digest, basis)


def _known_before(digest: str, named: str) -> EmployerKey | None:
    """The employer's key under a secret key used before, moved to the present one: it stays one employer."""
    for older in current_app.config.get("SECRET_KEY_FALLBACKS") or []:
        known = _of_digest(keyed_digest("employer", named, older))
        if known is not None:
            known.digest = digest
            return known
    return None


def _of_digest(digest: str) -> EmployerKey | None:
    return db.session.scalar(select(EmployerKey).where(EmployerKey.digest == digest))


def _add_key(digest: str, basis: str) -> EmployerKey:
    """Adds the key, unless a colleague of theirs has added it a moment ago: then theirs is the employer's."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    values = {
        "digest": digest,
        "record_key": secrets.randbelow(RECORD_KEYS),
        "basis": basis,
        "created_at": now(),
    }
    db.session.execute(insert(EmployerKey).values(values).on_conflict_do_nothing(index_elements=["digest"]))
    key = _of_digest(digest)
    if key is None:
        raise RuntimeError("an employer key was neither added nor found")
    return key
