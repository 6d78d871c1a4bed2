"""Employers' words that may be quoted: with consent, checked by an officer, and under a description that fits many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, delete, exists, select
from sqlalchemy.orm import contains_eager

from skillsmatch.area.areas import Area
from skillsmatch.area.businesses import SMALL
from skillsmatch.cases.gathering_models import Quote, QuoteConsent
from skillsmatch.cases.published_quotes import LEAST_FIT, PublishedQuote, businesses, counts_loaded
from skillsmatch.cases.quoting import lock_quoting
from skillsmatch.cases.redaction import redact
from skillsmatch.clock import day_of, now, today
from skillsmatch.demand.periods import quarter_of
from skillsmatch.extensions import db
from skillsmatch.needs.models import Need, is_here

LONGEST = 1_000  # characters of a quote
LEAST_WORDS = 3
CUT = "[…]"
CUTS = re.compile(r"\[\s*(?:…|\.\.\.)\s*\]")
SIZE_WORDS = {
    "0-9": "micro",
    "10-49": "small",
    "50-249": "medium-sized",
    "250+": "large",
    "sme": "small or medium-sized",
}
SECTOR_WORDS = {  # SIC 2007 sections, as one business of it
    "A": "farm or forestry business", "B": "quarrying business", "C": "manufacturer", "D": "energy supplier",
    "E": "water or waste business", "F": "construction firm", "G": "retail, wholesale or motor trade business",
    "H": "transport or storage firm", "I": "hotel or catering business", "J": "information or communications firm",
    "K": "finance or insurance firm", "L": "property firm", "M": "professional or technical firm",
    "N": "business support firm", "O": "public body", "P": "education provider", "Q": "health or care provider",
    "R": "arts, leisure or sport organisation", "S": "personal or membership service", "T": "household employer",
    "U": "international body",
}  # fmt: skip


class QuoteRefused(ValueError):
    """The words cannot be quoted so; the sentence says why."""


@dataclass(frozen=True)
class Description:
    """Who said it, as far as it is told: codes, empty where a thing is not told, and the words."""

    sector: str
    size: str
    district: str
    words: str


def describe(need: Need) -> Description:
    """The narrowest description of who asked that fits LEAST_FIT local businesses or more.

    Refused (QuoteRefused) where no counts are loaded, for a business outside the area, and where nothing fits.
    """
    area: Area = current_app.extensions["area"]
    if not counts_loaded():
        raise QuoteRefused(
            "Nobody can be quoted yet: the operator has not loaded how many businesses there are"
        )
    if need.outside_area or (need.district and need.district not in area.districts):
        raise QuoteRefused("The business is outside the area, so we cannot tell how many are like it")
    for sector, size, district in _steps(need.sic_section, need.size_band, need.district):
        if businesses(sector, size, district) >= LEAST_FIT:
            return Description(sector, size, district, words_for(sector, size, district, area))
    raise QuoteRefused(f"Fewer than {LEAST_FIT} businesses are counted in the whole area")


def _steps(sector: str, size: str, district: str) -> Iterator[tuple[str, str, str]]:
    """From all that is known to nothing: the place is widened first, then the size, and the sector goes last."""
    sizes = dict.fromkeys((size, "sme" if size in SMALL else "", ""))
    for what in dict.fromkeys((sector, "")):
        for big in sizes:
            for where in dict.fromkeys((district, "")):
                yield what, big, where


def words_for(sector: str, size: str, district: str, area: Area) -> str:
    """Such as "Small manufacturer, Hinckley and Bosworth"."""
    who = f"{SIZE_WORDS.get(size, '')} {SECTOR_WORDS.get(sector, 'business')}".strip()
    return f"{who[0].upper()}{who[1:]}, {area.district_name(district) if district else area.name}"


def proposed(need: Need) -> str:
    """The need's words with personal data cut out, for an officer to shorten further."""
    text = redact(need.text, need.business_name).text
    return CUTS.sub(CUT, re.sub(r"\[[a-zA-Z -]+ hidden\]", CUT, text))[:LONGEST]


def check_words(words: str, need: Need) -> str:
    """The words as they are kept: the employer's own, in their order, with […] wherever something is left out.

    Refused (QuoteRefused) where a word is not the employer's, where personal data stands in them, and where next to
    nothing is left.
    """
    tidy = " ".join(CUTS.sub(CUT, words).split())
    if len(tidy) > LONGEST:
        raise QuoteRefused(f"Use {LONGEST:,} characters or fewer. Nothing you typed is lost")
    strange = foreign_piece(tidy, need.text)
    if strange:
        raise QuoteRefused(
            f"“{strange[:60]}” is not what the employer wrote there. You can only leave out, with […]"
        )
    if len(CUTS.sub(" ", tidy).split()) < LEAST_WORDS:
        raise QuoteRefused(f"Leave at least {LEAST_WORDS} words of the employer’s")
    hidden = redact(tidy, need.business_name).hidden
    if hidden:
        raise QuoteRefused(
            f"Something here may tell who said it: {', '.join(sorted(hidden))}. Put […] in its place"
        )
    return tidy


def foreign_piece(words: str, said: str) -> str:
    """The first piece between cuts that does not stand in `said` as whole words, after the one before; else empty.

    Words at either end that are left out need their […], so that nobody reads half a sentence as a whole one.
    """
    original, at = " ".join(said.split()), 0
    pieces = CUTS.split(words)
    for number, raw in enumerate(pieces):
        piece = raw.strip()
        if not piece:
            continue
        before, after = (r"(?<!\w)" if piece[0].isalnum() else ""), (r"(?!\w)" if piece[-1].isalnum() else "")
        shape = before + re.escape(piece) + after
        found = re.compile(shape).search(original, at)
        starts_whole = number > 0 or (found is not None and not original[: found.start()].strip())
        ends_whole = number < len(pieces) - 1 or (
            found is not None and not original[found.end() :].strip(" .!?")
        )
        if found is None or not starts_whole or not ends_whole:
            return piece
        at = found.end()
    return ""


def may_be_quoted() -> ColumnElement[bool]:
    """True of a need whose employer agrees to be quoted at this moment, and whose e-mail is confirmed."""
    return and_(
        exists().where(QuoteConsent.need_id == Need.id, QuoteConsent.withdrawn_at.is_(None)),
        Need.status == "open",
        Need.text != "",
        Need.email_verified_at.is_not(None),
        Need.suspect.is_(False),
        Need.kept_until >= today(),
        is_here(),
    )


def waiting() -> list[Need]:
    """Needs that may be quoted and of which nothing is approved, the oldest first."""
    approved = exists().where(Quote.need_id == Need.id, Quote.approved_at.is_not(None))
    return list(db.session.scalars(select(Need).where(may_be_quoted(), ~approved).order_by(Need.id)))


def quotable(number: int) -> Need | None:
    """The need with this number, if it may be quoted now."""
    wanted = select(Need).where(Need.id == number, may_be_quoted())
    return db.session.scalar(wanted.execution_options(populate_existing=True))


def standing_description(need: Need) -> str:
    """Under which words a quote of it stands or would stand. Refused as by `describe`."""
    quote = db.session.scalar(select(Quote).where(Quote.need_id == need.id, Quote.described != ""))
    if quote is None:
        return describe(need).words
    if counts_loaded() and businesses(quote.sector, quote.size, quote.district) < LEAST_FIT:
        raise QuoteRefused(
            f"It stands as “{quote.described}”, and fewer than {LEAST_FIT} businesses fit that now. "
            "Take it down, and make it anew"
        )
    return quote.described


def approve(number: int, words: str, by: int | None) -> Quote | None:
    """The officer has read the words and found nothing in them that tells who said it. They may be shown from now on.

    None where the need may not be quoted now. Approved again, the newer words take the place of the older. Its
    description is kept as it is now: it is never refined later, because two descriptions together tell more than
    either.
    """
    need = db.session.get(Need, number)
    if need is None:
        return None
    lock_quoting(need)
    need = quotable(number)  # asked once nobody else is at it
    if need is None:
        return None
    kept = check_words(words, need)
    quote = db.session.scalar(select(Quote).where(Quote.need_id == need.id)) or Quote(
        need_id=need.id, drafted_at=now()
    )
    if not quote.described:
        told = describe(need)
        quote.sector, quote.size, quote.district, quote.described = (
            told.sector,
            told.size,
            told.district,
            told.words,
        )
    quote.words, quote.approved_at, quote.account_id = kept, now(), by
    db.session.add(quote)
    db.session.flush()
    publish([quote])
    return quote


def publish_quotes() -> None:
    """The public's copies are the quotes that may be shown now, no more and no less; in the caller's transaction.

    Asked for before a public pack is made. A quote is held meanwhile, so that one taken back just now goes with it.
    """
    held = list(db.session.scalars(_approved().with_for_update(of=Quote)))
    shown = [quote for quote in held if not why_hidden(quote)]
    others = PublishedQuote.quote_id.not_in([quote.id for quote in shown])
    db.session.execute(delete(PublishedQuote).where(others))
    publish(shown)


def publish(quotes: Iterable[Quote]) -> None:
    """The public's copies of these quotes say what they say now."""
    area: Area = current_app.extensions["area"]
    for quote in quotes:
        said = day_of(quote.need.created_at)
        copy = PublishedQuote(
            quote_id=quote.id,
            words=quote.words,
            described=quote.described,
            sector=quote.sector,
            size=quote.size,
            district=quote.district,
            themes=sorted({facet.theme for facet in quote.need.live_facets if facet.theme}),
            year=quarter_of(said, area.year_start_month).year,
        )
        db.session.merge(copy)
    db.session.flush()


def take_down(quote: Quote) -> None:
    """The quote is gone; its need may be looked at again."""
    db.session.delete(quote)


def shown_quotes() -> list[Quote]:
    """The quotes that may be shown at this moment, the latest first; every condition is asked anew.

    That is: approved, its consent stands, its words are still the employer's, and LEAST_FIT businesses still fit.
    """
    loaded = counts_loaded()
    return [quote for quote in db.session.scalars(_approved()) if loaded and not why_hidden(quote)]


def hidden_quotes() -> list[tuple[Quote, str]]:
    """Approved quotes that may not be shown now although their consent stands, and why."""
    return [(quote, why) for quote in db.session.scalars(_approved()) if (why := why_hidden(quote))]


def _approved() -> Select[tuple[Quote]]:
    approved = select(Quote).join(Quote.need).options(contains_eager(Quote.need))
    approved = approved.where(Quote.approved_at.is_not(None), may_be_quoted())
    # What this session read before may have changed since.
    return approved.order_by(Quote.id.desc()).execution_options(populate_existing=True)


def why_hidden(quote: Quote) -> str:
    """Why an approved quote may not be shown, in words; empty where it may."""
    if not counts_loaded():
        return "How many businesses there are is not loaded"
    if foreign_piece(quote.words, quote.need.text):
        return "The employer has changed its words since"
    if businesses(quote.sector, quote.size, quote.district) < LEAST_FIT:
        return f"Fewer than {LEAST_FIT} businesses fit the description now"
    return ""
