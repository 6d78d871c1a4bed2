"""Saving words, and going back to earlier ones. Every version stays; going back adds one more."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from skillsmatch.clock import now
from skillsmatch.database import in_turn
from skillsmatch.extensions import db
from skillsmatch.forms import clean, one_line
from skillsmatch.texts.catalogue import LONGEST, MAIL, OwnedText, Words
from skillsmatch.texts.models import OwnedWords
from skillsmatch.texts.reading import LONGEST_SUBJECT

LOCK = 7_265_003  # PostgreSQL's advisory lock: of two who save a text at one moment the later is told of the other


class WordsRefused(ValueError):
    """These words cannot stand; `subject` and `body` say why, each as a list of sentences."""

    def __init__(self, subject: list[str], body: list[str]) -> None:
        super().__init__("; ".join([*subject, *body]))
        self.subject, self.body = subject, body


class SavedMeanwhile(Exception):
    """Somebody else has saved this text since it was opened; nothing was saved."""


def newest(code: str) -> OwnedWords | None:
    """The version saved last; None where nobody has saved one."""
    wanted = select(OwnedWords).where(OwnedWords.code == code).order_by(OwnedWords.id.desc()).limit(1)
    return db.session.scalar(wanted)


def all_newest() -> dict[str, OwnedWords]:
    """The same of every text that somebody has saved, by code."""
    last = select(func.max(OwnedWords.id)).group_by(OwnedWords.code)
    return {row.code: row for row in db.session.scalars(select(OwnedWords).where(OwnedWords.id.in_(last)))}


def versions(code: str) -> Sequence[OwnedWords]:
    """Every version, the newest first."""
    wanted = select(OwnedWords).where(OwnedWords.code == code)
    return db.session.scalars(wanted.order_by(OwnedWords.id.desc())).all()


def version(code: str, number: int) -> OwnedWords | None:
    """One version of this text; None for another's."""
    return db.session.scalar(select(OwnedWords).where(OwnedWords.code == code, OwnedWords.id == number))


def words_of(row: OwnedWords | None, text: OwnedText) -> Words:
    """The words of a version; ours where it says so, or where there is none."""
    return text.standard if row is None or row.standard else Words(row.subject, row.body)


def cleaned(subject: str, body: str) -> Words:
    """What was typed, without control characters, and each line without the space at its end."""
    lines = (line.rstrip() for line in clean(body).split("\n"))
    return Words(one_line(subject), "\n".join(lines))


def check(text: OwnedText, words: Words) -> None:
    """Raises WordsRefused with all that is wrong with these words for this text."""
    subject, body = text.subject_faults(words.subject), text.body_faults(words.body)
    if text.sort == MAIL and not words.subject:
        subject.append("Write a subject: a mail without one looks like junk")
    if len(words.subject) > LONGEST_SUBJECT:
        subject.append(f"Use {LONGEST_SUBJECT} characters or fewer for the subject")
    if not words.body:
        body.insert(0, "Write the text, or go back to the standard words")
    if len(words.body) > LONGEST:
        body.append(f"Use {LONGEST:,} characters or fewer. Nothing you typed is lost")
    if subject or body:
        raise WordsRefused(subject, body)


def save(text: OwnedText, words: Words, based_on: int, by: int | None) -> OwnedWords | None:
    """These words stand from now on; None where they stood already. `based_on` is the version that was opened, 0
    for none. Raises WordsRefused, and SavedMeanwhile where that is no longer the newest."""
    check(text, words)
    in_turn(LOCK)
    last = _as_opened(text, based_on)
    return None if words == words_of(last, text) else _add(text, words, words == text.standard, by)


def go_back(text: OwnedText, number: int, based_on: int, by: int | None) -> OwnedWords | None:
    """The words of version `number` stand again, or ours for 0; None where they stand already.

    Refused (WordsRefused) where their placeholders are no longer those of the text. Raises SavedMeanwhile, too.
    """
    row = version(text.code, number) if number else None
    words = words_of(row, text)
    return save(text, words, based_on, by)


def _as_opened(text: OwnedText, based_on: int) -> OwnedWords | None:
    last = newest(text.code)
    if (last.id if last else 0) != based_on:
        raise SavedMeanwhile
    return last


def _add(text: OwnedText, words: Words, standard: bool, by: int | None) -> OwnedWords:
    row = OwnedWords(
        code=text.code,
        subject="" if standard else words.subject,
        body="" if standard else words.body,
        standard=standard,
        saved_at=now(),
        account_id=by,
    )
    db.session.add(row)
    db.session.flush()
    return row
