"""The words that stand now: the Chamber's own where it wrote some, else ours. Read anew for each mail and page."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask, current_app, has_request_context, request
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from skillsmatch.extensions import db
from skillsmatch.texts.catalogue import TEXTS, OwnedText, Words
from skillsmatch.texts.markup import as_html, as_inline
from skillsmatch.texts.models import OwnedWords
from skillsmatch.texts.placeholders import fill, fill_line

log = logging.getLogger(__name__)
READ = "skillsmatch.owned_words"  # where a request keeps what it has read for its page
LONGEST_SUBJECT = 200  # characters; mail_message.subject


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready for the outbox."""

    subject: str
    body: str


def letter(code: str, **values: object) -> Letter:
    """The mail with this code, its placeholders filled in; for the transaction that posts it.

    `area` and `chamber` are filled in by themselves. Refused (KeyError) for a code there is not.
    """
    text = TEXTS[code]
    with db.session.no_autoflush:  # what waits in the session is saved when its own room says so
        words = standing([code]).get(code, text.standard)
    return filled(text, words, {**everywhere(), **values})


def filled(text: OwnedText, words: Words, values: dict[str, object]) -> Letter:
    """These words as this mail."""
    return Letter(fill_line(words.subject, values)[:LONGEST_SUBJECT], fill(words.body, values, text.needed))


def everywhere() -> dict[str, object]:
    """What any text may say."""
    area = current_app.extensions["area"]
    return {"area": area.name, "chamber": area.chamber}


def shortened(text: str, most: int) -> str:
    """The first `most` characters or fewer, to the end of a word, with dots where something was left out."""
    return text if len(text) <= most else text[: most - 3].rsplit(None, 1)[0] + "..."


def standing(codes: Iterable[str] | None = None) -> dict[str, Words]:
    """The Chamber's own words of these texts, or of all, by code. What no longer fits its placeholders is left out."""
    newest = select(func.max(OwnedWords.id)).group_by(OwnedWords.code)
    wanted = select(OwnedWords).where(OwnedWords.id.in_(newest), OwnedWords.standard.is_(False))
    if codes is not None:
        wanted = wanted.where(OwnedWords.code.in_(list(codes)))
    found = {row.code: Words(row.subject, row.body) for row in db.session.scalars(wanted)}
    return {code: words for code, words in found.items() if code in TEXTS and not TEXTS[code].faults(words)}


def add_texts(app: Flask) -> None:
    """Gives the templates `page_words(code, ...)`, as blocks, and `help_words(code, ...)`, as one hint."""
    app.add_template_global(page_words)
    app.add_template_global(help_words)


def page_words(code: str, **values: object) -> Markup:
    """A page's text as HTML."""
    return as_html(_plain(code, values))


def help_words(code: str, **values: object) -> Markup:
    """A hint as HTML; without <p> where it is one paragraph."""
    return as_inline(_plain(code, values))


def _plain(code: str, values: dict[str, object]) -> str:
    text: OwnedText = TEXTS[code]
    return fill(_of_the_page().get(code, text.standard).body, {**everywhere(), **values}, text.needed)


def _of_the_page() -> dict[str, Words]:
    """All of them, read once for a page. Where the database does not answer, ours stand: a form must still come."""
    kept = request.environ if has_request_context() else {}
    if READ not in kept:
        try:
            kept[READ] = standing()
        except SQLAlchemyError:
            db.session.rollback()
            log.warning("the Chamber's own words could not be read; the standard ones are shown")
            kept[READ] = {}
    return kept[READ]
