"""Who said what, as a digest that nobody can read: what an employer withdrew is known again, and not brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Select, select, update
from sqlalchemy.orm import contains_eager

from skillsmatch.cases.firm_names import legal_name
from skillsmatch.cases.gathering_models import GatheredNeed
from skillsmatch.clock import today
from skillsmatch.database import keep
from skillsmatch.demand.employers import keyed_digest
from skillsmatch.extensions import db
from skillsmatch.needs.models import Need, is_here

AT_ONCE = 500  # texts or digests named in one statement

Rows = Sequence[tuple[int, Mapping[str, Any]]]  # a row's number in the file, and its cells


def said_digest(business: str, words: str, secret_key: str = "") -> str:
    """A keyed hash of the business's legal name and its words, in small letters: the same for the same words alone."""
    said = f"{legal_name(business)}\n{' '.join(words.casefold().split())}"
    return keyed_digest("said", said, secret_key)


@dataclass(frozen=True)
class Before:
    """The rows of a survey that were said before, word for word, by a business of the same name. They are left out."""

    standing: dict[int, GatheredNeed]  # by row, the need on record
    withdrawn: frozenset[int]  # rows that were withdrawn, and that nothing on record says

    @property
    def rows(self) -> set[int]:
        """All of them."""
        return self.standing.keys() | self.withdrawn


def said_before(rows: Rows) -> Before:
    """Which rows are on record, and which were withdrawn; only by needs that the Chamber gathered.

    A need whose employer has changed its words since is known by what it said first. Needs gathered before digests
    were kept are known by their words, while they stand.
    """
    standing, withdrawn = _by_words(rows), set[int]()
    for number, known in _by_digest(rows).items():
        if known.need.is_open:
            standing.setdefault(number, known)
        else:
            withdrawn.add(number)
    return Before(standing, frozenset(withdrawn - standing.keys()))


def _by_words(rows: Rows) -> dict[int, GatheredNeed]:
    texts = sorted({got["need"] for _, got in rows})
    known: dict[tuple[str, str], GatheredNeed] = {}
    for start in range(0, len(texts), AT_ONCE):
        some = _gathered().where(Need.text.in_(texts[start : start + AT_ONCE]), Need.status == "open")
        for one in db.session.scalars(some):
            known[legal_name(one.need.business_name), one.need.text] = one
    marks = {number: (legal_name(got["business"]), got["need"]) for number, got in rows}
    return {number: known[mark] for number, mark in marks.items() if mark in known}


def _by_digest(rows: Rows) -> dict[int, GatheredNeed]:
    """By row, the need whose digest it has under the present secret key or one used before; one that stands first."""
    secrets = ("", *(current_app.config.get("SECRET_KEY_FALLBACKS") or []))
    marks = {n: [said_digest(got["business"], got["need"], key) for key in secrets] for n, got in rows}
    digests, known = sorted({one for some in marks.values() for one in some}), dict[str, GatheredNeed]()
    for start in range(0, len(digests), AT_ONCE):
        some = _gathered().where(GatheredNeed.said_digest.in_(digests[start : start + AT_ONCE]))
        for one in db.session.scalars(some):
            other = known.get(one.said_digest or "")
            if other is None or not other.need.is_open or one.need.is_open:
                known[one.said_digest or ""] = one
    found = {n: [known[one] for one in some if one in known] for n, some in marks.items()}
    return {n: min(some, key=lambda one: not one.need.is_open) for n, some in found.items() if some}


def _gathered() -> Select[tuple[GatheredNeed]]:
    """The needs that the Chamber gathered, the newest first, so that of several the oldest is told."""
    some = select(GatheredNeed).join(GatheredNeed.need).options(contains_eager(GatheredNeed.need))
    return some.where(is_here()).order_by(GatheredNeed.id.desc())


def forget_said() -> int:
    """The digests of needs whose time is over are gone; returns how many. For the worker."""
    over = select(Need.id).where(Need.kept_until < today())
    gone = update(GatheredNeed).where(GatheredNeed.said_digest.is_not(None), GatheredNeed.need_id.in_(over))
    return keep(lambda: int(db.session.execute(gone.values(said_digest=None)).rowcount))  # type: ignore[attr-defined]
