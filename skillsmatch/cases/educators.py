"""What teachers and trainers want to learn: kept once for each form, and emptied when its time is over."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import func, select

from skillsmatch.cases.plan import EducatorAnswer, educator_is_here
from skillsmatch.clock import now, today
from skillsmatch.database import keep
from skillsmatch.extensions import db

KEPT_DAYS = 365  # words and address are then emptied; the subject and the date stay
TOKEN_SECONDS = 28 * 86_400
PAGE_SIZE = 50  # answers on an officer's page


@dataclass(frozen=True, slots=True)
class Wish:
    """What an educator says."""

    words: str
    group: str
    ways: tuple[str, ...]
    organisation: str
    email: str


def new_token() -> str:
    """A signed, one-use token for one form."""
    return _signer().dumps(secrets.token_urlsafe(16))


def receipt_of(token: str) -> str | None:
    """The name of what this form sends; None where the form is not ours, or weeks old."""
    try:
        secret = _signer().loads(token, max_age=TOKEN_SECONDS)
    except BadData:
        return None
    return hashlib.sha256(f"educator {secret}".encode()).hexdigest()[:32]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="educators' form")


def is_kept(receipt: str) -> bool:
    """Whether this form was sent before."""
    return db.session.scalar(select(EducatorAnswer.id).where(EducatorAnswer.receipt == receipt)) is not None


def keep_wish(wish: Wish, receipt: str) -> None:
    """The wish, in the caller's transaction. The same form again changes nothing: the first words stand."""
    if is_kept(receipt):
        return
    row = EducatorAnswer(
        receipt=receipt,
        made_at=now(),
        words=wish.words,
        group=wish.group,
        ways=list(wish.ways),
        organisation=wish.organisation,
        email=wish.email,
        kept_until=today() + timedelta(KEPT_DAYS),
    )
    db.session.add(row)
    db.session.flush()


def wishes(page: int) -> list[EducatorAnswer]:
    """One page of what educators said, from 1, the latest first; those whose words are emptied too."""
    said = select(EducatorAnswer).where(educator_is_here()).order_by(EducatorAnswer.id.desc())
    return list(db.session.scalars(said.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)))


def by_group() -> list[tuple[str, int]]:
    """How many teach what, of all who answered, the most first."""
    counted = select(EducatorAnswer.group, func.count()).where(educator_is_here())
    found = db.session.execute(counted.group_by(EducatorAnswer.group)).tuples().all()
    return sorted(found, key=lambda one: (-one[1], one[0]))


def forget_old() -> int:
    """Empties the words, organisation and address of those whose time is over; returns how many."""

    def work() -> int:
        old = select(EducatorAnswer).where(EducatorAnswer.kept_until < today(), EducatorAnswer.words != "")
        rows = db.session.scalars(old).all()
        for row in rows:
            row.words = row.organisation = row.email = ""
        return len(rows)

    return keep(work)
