"""Keys for one purpose each, derived from the secret key; and digests of secrets that only their owner holds."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from flask import current_app

from skillsmatch.safety import SettingsError

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


def key_for(purpose: str) -> bytes:
    """32 bytes for this purpose alone: whoever learns one learns nothing of another, or of the secret key."""
    return _derived(_secret_key(), purpose)


def keys_for(purpose: str) -> list[bytes]:
    """The present key, then those of SECRET_KEY_FALLBACKS: what was made before the secret key changed still reads."""
    fallbacks = current_app.config.get("SECRET_KEY_FALLBACKS") or []
    return [_derived(secret, purpose) for secret in (_secret_key(), *fallbacks)]


def _secret_key() -> str:
    """The present key. A command may start without one; it must not seal anything with nothing (SettingsError)."""
    given = current_app.config["SECRET_KEY"]
    if not given:
        raise SettingsError(
            "SKILLSMATCH_SECRET_KEY is not set. Give it the value that the service runs with; "
            f"a demonstration keeps its own in {current_app.config['DATA_DIR']}/secret-key."
        )
    return str(given)


def _derived(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"skillsmatch accounts: {purpose}".encode(), "sha256")


def key_name(key: bytes) -> str:
    """Eight characters by which a key is known again, and from which it cannot be worked out."""
    return hashlib.sha256(b"name of " + key).hexdigest()[:8]


def new_secret() -> str:
    """192 random bits for a link or a sign-in, as letters, digits, - and _."""
    return secrets.token_urlsafe(24)


def digest_of(secret: str) -> str:
    """What is kept of such a secret. It needs no slow hashing: nobody guesses 192 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def seal(words: str) -> str:
    """`words` encrypted, so that a copy of the database alone does not give them away."""
    return _box().encrypt(words.encode()).decode()


def unseal(sealed: str) -> str | None:
    """The words again; None where no present key fits."""
    from cryptography.fernet import InvalidToken

    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box() -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys_for("second step")])
