"""The second step of signing in: a code from an app that is good once, or a recovery code from paper."""

from __future__ import annotations

import base64
import hmac
import io
import re
import secrets
from datetime import UTC

import pyotp

from skillsmatch.accounts.keys import digest_of, key_for, seal, unseal
from skillsmatch.accounts.models import Account, SignIn
from skillsmatch.clock import now

STEP = 30  # seconds a code is good for; only the present one is taken
RECOVERY_CODES = 10
ISSUER = "skillsmatch"


def secret_to_set_up(account: Account, row: SignIn) -> str:
    """The secret offered to this browser for this account, the same until it is taken; nothing is stored for it."""
    about = f"{account.id} {account.totp_sealed} {account.totp_used} {row.secret_digest}"
    made = hmac.digest(key_for("second step being set up"), about.encode(), "sha256")
    return base64.b32encode(made[:20]).decode()


def set_up(account: Account, secret: str, code: str) -> list[str]:
    """Turns the second step on where the code shows that the app has the secret; returns the recovery codes.

    Returns [] and changes nothing where the code is wrong.
    """
    step = _step_of(secret, code)
    if step is None:
        return []
    account.totp_sealed, account.totp_used = seal(secret), max(step, account.totp_used)
    return new_recovery_codes(account)


def turn_off(account: Account) -> None:
    """Signing in takes the password alone, until the second step is set up again."""
    account.totp_sealed, account.recovery_digests = "", []


def code_fits(account: Account, code: str) -> bool:
    """Whether this is the app's code of this half minute, for the first time. It is used up by asking."""
    secret = unseal(account.totp_sealed)
    step = _step_of(secret, code) if secret else None
    if secret is None or step is None or step <= account.totp_used:
        return False
    account.totp_used, account.totp_sealed = step, seal(secret)  # sealed again with the newest key
    return True


def _step_of(secret: str, code: str) -> int | None:
    """The present step where `code` is its code."""
    digits = re.sub(r"\D", "", code) if code.isascii() else ""
    seconds = int(now().replace(tzinfo=UTC).timestamp())
    right = pyotp.TOTP(secret, interval=STEP).at(seconds)
    return seconds // STEP if hmac.compare_digest(right.encode(), digits.encode()) else None


def new_recovery_codes(account: Account) -> list[str]:
    """Ten codes of 80 random bits; the old ones are worth nothing any more. Only their digests are kept."""
    codes = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(RECOVERY_CODES)]
    account.recovery_digests = [digest_of(code) for code in codes]
    return ["-".join(re.findall("....", code)) for code in codes]


def recovery_code_fits(account: Account, code: str) -> bool:
    """Whether this is one of the account's recovery codes. It is used up by asking."""
    digest = digest_of(re.sub(r"[^A-Z0-9]", "", code.upper()).translate(str.maketrans("018", "OIB")))
    if digest not in account.recovery_digests:
        return False
    account.recovery_digests = [kept for kept in account.recovery_digests if kept != digest]
    return True


def address_of(account: Account, secret: str) -> str:
    """What the picture holds: the address that an authenticator app reads."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=account.email, issuer_name=ISSUER)


def picture_of(address: str) -> bytes:
    """The address as a QR code in SVG, black on white in every colour scheme."""
    import qrcode
    from qrcode.image.svg import SvgPathFillImage

    out = io.BytesIO()
    qrcode.make(address, image_factory=SvgPathFillImage, border=4).save(out)
    return out.getvalue()


def grouped(secret: str) -> str:
    """The secret in groups of four, to be typed by hand."""
    return " ".join(re.findall("....", secret))
