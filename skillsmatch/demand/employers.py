"""Who counts as one employer, without keeping who it is; and who counts at all."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from skillsmatch.clock import now
from skillsmatch.demand.disclosure import RECORD_KEYS
from skillsmatch.demand.domains import (
    FREE_MAIL,
    business_domain,
    is_academic,
    mailbox,
    provider_domains,
)
from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.extensions import db

AT_ONCE = 500  # keys named in one statement


class NotAnEmployer(LookupError):
    """There is no employer with this key; the words say so."""


def keyed_digest(purpose: str, value: str, secret_key: str = "") -> str:
    """A hash of `value` that nobody can make or check without this service's secret key, or the one given."""
    key = (secret_key or current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"{purpose}\n{value}".encode(), hashlib.sha256).hexdigest()


def employer_key(email: str, reference: str) -> EmployerKey:
    """The key of the employer with this e-mail address; made and added to the session where it is new.

    One business domain with all its subdomains is one employer, one free mailbox is one, and a need without
    e-mail stands alone. A college's or provider's domain is marked as such, and counts only once confirmed.
    """
    basis, value = _identity(email, reference)
    digest = keyed_digest("employer", f"{basis}:{value}")
    known = _of_digest(digest) or _known_before(digest, f"{basis}:{value}")
    return known or _add_key(digest, basis, value)


def employer_keys(asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], EmployerKey]:
    """The same for many pairs of e-mail address and reference at once, in a few statements for each AT_ONCE."""
    pairs = list(dict.fromkeys(asked))
    named = {pair: _identity(*pair) for pair in pairs}
    digests = {pair: keyed_digest("employer", ":".join(named[pair])) for pair in pairs}
    found: dict[str, EmployerKey] = {}
    for start in range(0, len(pairs), AT_ONCE):
        some = {digests[pair]: named[pair] for pair in pairs[start : start + AT_ONCE]}
        found |= _of_digests(some)
        lacking = some.keys() - found.keys()
        older = {digest: _known_before(digest, ":".join(some[digest])) for digest in sorted(lacking)}
        found |= {digest: key for digest, key in older.items() if key is not None}
        new = [digest for digest in sorted(lacking) if older[digest] is None]
        if new:
            _insert([_new(digest, *some[digest]) for digest in new])
            found |= _of_digests(new)
    return {pair: found[digests[pair]] for pair in pairs}


def _of_digests(digests: Iterable[str]) -> dict[str, EmployerKey]:
    wanted = select(EmployerKey).where(EmployerKey.digest.in_(list(digests)))
    return {key.digest: key for key in db.session.scalars(wanted)}


def _identity(email: str, reference: str) -> tuple[str, str]:
    """What makes the employer one: its domain, its free mailbox, or the need alone."""
    address = email.strip().lower()
    domain = address.rpartition("@")[2]
    if not address:
        return "need", reference
    if domain in FREE_MAIL:
        return "email", mailbox(address)
    return "domain", business_domain(domain)


def find_employer(words: str) -> EmployerKey | None:
    """The employer with this e-mail address or web domain, or None. Nothing of `words` is kept."""
    words = words.strip().lower().removeprefix("https://").removeprefix("http://").split("/")[0]
    if not words or ("@" not in words and words in FREE_MAIL):
        return None
    basis, value = _identity(words if "@" in words else f"anybody@{words.removeprefix('www.')}", "")
    keys = ("", *(current_app.config.get("SECRET_KEY_FALLBACKS") or []))
    digests = (keyed_digest("employer", f"{basis}:{value}", key) for key in keys)
    return next((known for digest in digests if (known := _of_digest(digest))), None)


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


def _new(digest: str, basis: str, value: str) -> dict[str, object]:
    return {
        "digest": digest,
        "record_key": secrets.randbelow(RECORD_KEYS),
        "basis": basis,
        "created_at": now(),
        "provider": basis == "domain" and is_academic(value),
    }


def _insert(rows: list[dict[str, object]]) -> None:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    db.session.execute(insert(EmployerKey).on_conflict_do_nothing(index_elements=["digest"]), rows)


def _add_key(digest: str, basis: str, value: str) -> EmployerKey:
    """Adds the key, unless a colleague of theirs has added it a moment ago: then theirs is the employer's."""
    _insert([_new(digest, basis, value)])
    key = _of_digest(digest)
    if key is None:
        raise RuntimeError("an employer key was neither added nor found")
    return key


def provider_digests(domains: Iterable[str] | None = None) -> frozenset[str]:
    """The digests that employers at these domains have; by default those of the providers with loaded offers."""
    known = provider_domains() if domains is None else domains
    return frozenset(keyed_digest("employer", f"domain:{business_domain(domain)}") for domain in known)


def confirm_as_employer(key_id: int, digests: frozenset[str] | None = None) -> EmployerKey:
    """An officer has seen that this organisation asks as an employer: all it has asked for counts from now on.

    What did not count before counts in the quarter of today, because earlier quarters may be published; what
    counted already keeps its quarter. Signals it withdrew stay withdrawn. Done again, it takes in what was asked
    since without a confirmed e-mail. `digests` are those of the providers, where many are confirmed at once.
    Refused (NotAnEmployer) where there is no such key.
    """
    key = db.session.get(EmployerKey, key_id)
    if key is None:
        raise NotAnEmployer(f"There is no employer with the key {key_id}")
    confirm_as_employers([key], digests)
    return key


def confirm_as_employers(keys: Iterable[EmployerKey], digests: frozenset[str] | None = None) -> None:
    """The same for many keys at once."""
    providers = provider_digests() if digests is None else digests
    all_keys = list(keys)
    for start in range(0, len(all_keys), AT_ONCE):
        some = {key.id: key for key in all_keys[start : start + AT_ONCE]}
        first = {number for number, key in some.items() if key.confirmed_at is None}
        aside = {number for number in first if some[number].provider or some[number].digest in providers}
        for signal in db.session.scalars(select(DemandSignal).where(DemandSignal.employer_key_id.in_(some))):
            number = signal.employer_key_id
            if signal.countable_at is None or number in aside or (number in first and signal.suspect):
                signal.countable_at = now()
        for key in some.values():
            key.confirmed_at = key.confirmed_at or now()
