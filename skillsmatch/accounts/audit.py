"""The audit log: who did what, when, to what. It is added to and never changed, and a change behind our back shows."""

from __future__ import annotations

import hmac
import json
from datetime import datetime

from flask import has_request_context
from sqlalchemy import select

from skillsmatch.accounts.keys import key_for, key_name
from skillsmatch.accounts.models import Account, AuditAnchor, AuditEntry
from skillsmatch.clock import now
from skillsmatch.database import in_turn
from skillsmatch.extensions import db
from skillsmatch.forms import one_line

PURPOSE = "audit log"
START = "0" * 64  # stands for the digest before the first entry
LOCK = 7_265_001  # PostgreSQL's advisory lock: two entries never follow the same one
LONGEST_FACT = 200  # characters
COMMAND_LINE = "operator at the command line"
NOBODY = "somebody not signed in"

Fact = str | int | bool | None


def note(action: str, about: str = "", *, by: Account | None = None, **facts: Fact | list[str]) -> AuditEntry:
    """An entry in the caller's transaction, which `keep` or `write` has begun: both stand or fall together.

    `action` is a verb in the past with its object ("offer withdrawn"), `about` names the object ("offer 12").
    Facts are short: numbers, names of fields. No secrets, no words of a need: the log is kept for two years.
    """
    account = by or _acting()
    in_turn(LOCK)
    before = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).first()
    anchor = newest_anchor() if before is None else None
    entry = AuditEntry(
        id=before.id + 1 if before else anchor.through + 1 if anchor else 1,
        at=now(),
        account_id=account.id if account else None,
        who=_short(account.email if account else NOBODY if has_request_context() else COMMAND_LINE, 320),
        action=_short(action, 60),
        about=_short(about, LONGEST_FACT),
        facts=json.dumps({name: _plain(value) for name, value in facts.items()}, sort_keys=True),
        key_name=key_name(key_for(PURPOSE)),
    )
    entry.digest = digest_after(before.digest if before else anchor.digest if anchor else START, entry)
    db.session.add(entry)
    db.session.flush()  # the next entry of this transaction reads this one
    return entry


def _acting() -> Account | None:
    from skillsmatch.accounts.access import current_account

    return current_account() if has_request_context() else None


def _plain(value: Fact | list[str]) -> Fact | list[str]:
    if isinstance(value, list):
        return [_short(str(item)) for item in value[:50]]
    return _short(value) if isinstance(value, str) else value


def _short(words: str, longest: int = LONGEST_FACT) -> str:
    return one_line(words.encode("utf-8", "replace").decode())[:longest]


def newest_anchor() -> AuditAnchor | None:
    """Where the log begins, once its oldest entries were dropped."""
    return db.session.scalars(select(AuditAnchor).order_by(AuditAnchor.through.desc()).limit(1)).first()


def digest_after(before: str, entry: AuditEntry, key: bytes | None = None) -> str:
    """HMAC-SHA256 of the digest before and of everything in the entry."""
    row = [
        entry.id,
        _stamp(entry.at),
        entry.account_id,
        entry.who,
        entry.action,
        entry.about,
        entry.facts,
        entry.key_name,
    ]
    words = json.dumps([before, *row]).encode()
    return hmac.new(key or key_for(PURPOSE), words, "sha256").hexdigest()


def seal_of(through: int, digest: str, at: datetime, key: bytes | None = None) -> str:
    """What makes an anchor ours."""
    words = json.dumps(["anchor", through, digest, _stamp(at)]).encode()
    return hmac.new(key or key_for(PURPOSE), words, "sha256").hexdigest()


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
