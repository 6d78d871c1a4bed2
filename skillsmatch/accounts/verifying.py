"""Whether the audit log is as it was written; its heads outside the database; dropping its oldest entries."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, select

from skillsmatch.accounts.audit import PURPOSE, START, digest_after, newest_anchor, seal_of
from skillsmatch.accounts.keys import key_for, key_name, keys_for
from skillsmatch.accounts.models import AuditAnchor, AuditEntry
from skillsmatch.clock import now
from skillsmatch.extensions import db

KEPT = timedelta(days=731)  # entries older than 24 months are dropped
NEVER = datetime(1, 1, 1)


@dataclass(frozen=True)
class Head:
    """The newest entry on one day, as written outside the database."""

    at: datetime
    entry: int
    digest: str
    key_name: str
    seal: str


@dataclass
class Findings:
    """What a look at the whole log found. `faults` is empty where every entry is as it was written."""

    entries: int = 0
    last: int = 0
    heads: int = 0
    faults: list[str] = field(default_factory=list)


def heads_file() -> Path:
    """Where the heads are, beside and not in the database."""
    return Path(current_app.config["DATA_DIR"]) / "audit-heads"


def write_head() -> bool:
    """Adds the newest entry's number and digest to the heads, once for each new entry; False where nothing is new.

    Entries cut off the log's end leave no gap in it; they are found by this file alone.
    """
    newest = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).first()
    if newest is None or any(
        head.entry == newest.id and head.digest == newest.digest for head in read_heads()
    ):
        return False
    key, at = key_for(PURPOSE), now()
    line = {
        "at": at.isoformat(),
        "entry": newest.id,
        "digest": newest.digest,
        "key": key_name(key),
        "seal": seal_of(newest.id, newest.digest, at, key),
    }
    with heads_file().open("a", encoding="ascii") as out:
        out.write(json.dumps(line) + "\n")
    return True


def read_heads() -> list[Head]:
    """The heads written so far. A line that cannot be read stands as a head that fits nothing."""
    try:
        lines = heads_file().read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return [_head_of(line) for line in lines if line.strip()]


def _head_of(line: str) -> Head:
    try:
        said = json.loads(line)
        at, entry = datetime.fromisoformat(said["at"]), int(said["entry"])
        return Head(at, entry, *(str(said[name]) for name in ("digest", "key", "seal")))
    except (ValueError, KeyError, TypeError):
        return Head(NEVER, 0, "", "", "")


def look_through() -> Findings:
    """Reads the whole log and says what was changed, dropped, added or put elsewhere behind its back."""
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000))
    anchors = db.session.scalars(select(AuditAnchor).order_by(AuditAnchor.through)).all()
    keys = {key_name(key): key for key in keys_for(PURPOSE)}
    return check(entries, anchors, read_heads(), keys)


def check(
    entries: Iterable[AuditEntry], anchors: Iterable[AuditAnchor], heads: list[Head], keys: dict[str, bytes]
) -> Findings:
    """The same for entries in order of their numbers; `keys` by name, as the entries name them."""
    found = Findings(heads=len(heads))
    expected, before = 1, START
    for anchor in anchors:
        if not _sealed(anchor.through, anchor.digest, anchor.at, anchor.seal, keys.get(anchor.key_name)):
            found.faults.append(f"the note that entries up to {anchor.through} were dropped is not ours")
        expected, before = anchor.through + 1, anchor.digest
    trusted = {head.entry: head for head in heads}
    dropped = expected - 1
    for entry in entries:
        found.entries += 1
        found.faults += _faults_of(entry, expected, before, keys)
        head = trusted.pop(entry.id, None)
        if head is not None and head.digest != entry.digest:
            found.faults.append(f"entry {entry.id} is not the one that the file of heads names")
        expected, before, found.last = entry.id + 1, entry.digest, entry.id
    for head in heads:
        if not _sealed(head.entry, head.digest, head.at, head.seal, keys.get(head.key_name)):
            found.faults.append(f"a line of the file of heads (entry {head.entry}) is not ours")
        elif head.entry in trusted and head.entry > dropped:
            day = head.at.replace(tzinfo=UTC).date()
            found.faults.append(
                f"entry {head.entry} was there on {day} and is gone; the log ends at {found.last}"
            )
    return found


def _faults_of(entry: AuditEntry, expected: int, before: str, keys: dict[str, bytes]) -> list[str]:
    if entry.id != expected:
        return [f"entry {entry.id} follows where entry {expected} should stand"]
    key = keys.get(entry.key_name)
    if key is None:
        return [
            f"entry {entry.id} was made with a key that is not set here (SKILLSMATCH_SECRET_KEY_FALLBACKS)"
        ]
    if not _same(digest_after(before, entry, key), entry.digest):
        return [f"entry {entry.id} is not as it was written"]
    return []


def _sealed(through: int, digest: str, at: datetime, seal: str, key: bytes | None) -> bool:
    return key is not None and _same(seal_of(through, digest, at, key), seal)


def _same(ours: str, found: str) -> bool:
    """As bytes: whoever tampers writes what they like, and a text that is not ASCII cannot be compared."""
    return hmac.compare_digest(ours.encode(), found.encode("utf-8", "replace"))


def drop_old() -> int:
    """Drops entries older than 24 months, in the caller's transaction; returns how many.

    An anchor keeps the last dropped entry's digest, sealed with our key, so that what follows is still proved.
    """
    before = now() - KEPT
    last = db.session.scalars(
        select(AuditEntry).where(AuditEntry.at < before).order_by(AuditEntry.id.desc()).limit(1)
    ).first()
    standing = newest_anchor()
    if last is None or (standing and last.id <= standing.through):
        return 0
    key, at = key_for(PURPOSE), now()
    db.session.add(
        AuditAnchor(
            through=last.id,
            digest=last.digest,
            at=at,
            key_name=key_name(key),
            seal=seal_of(last.id, last.digest, at, key),
        )
    )
    db.session.flush()
    return db.session.execute(delete(AuditEntry).where(AuditEntry.id <= last.id)).rowcount  # type: ignore[attr-defined]
