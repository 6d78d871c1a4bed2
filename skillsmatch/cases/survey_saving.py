"""A survey as an officer looks at it, row by row; then all of it is saved as it was seen, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from skillsmatch.area.areas import Area
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.firm_names import legal_name
from skillsmatch.cases.gathering import Heard, identity_in, is_providers, put_down
from skillsmatch.cases.gathering_models import GatheredFile, GatheredNeed, KnownBusiness, business_is_here
from skillsmatch.cases.survey import NotAsShown, answers_of
from skillsmatch.cases.survey_rows import Rows, forget_rows
from skillsmatch.clock import now
from skillsmatch.database import in_turn
from skillsmatch.demand.domains import is_academic, provider_domains
from skillsmatch.demand.employers import confirm_as_employers, employer_keys, provider_digests
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.needs.keeping import Cards, cards_of, keep_shown
from skillsmatch.needs.models import Need, is_here
from skillsmatch.needs.search import Found

LOCK = 7_265_004  # PostgreSQL's advisory lock: of two surveys with the same rows the later sees the earlier's
AT_ONCE = 500  # texts named in one statement


@dataclass(frozen=True)
class SeenFacet:
    """One skill that a row asks for, as it would be kept."""

    text: str
    theme: str  # its name; empty: unclear
    best: str  # the title of the offer put first; empty where there is none
    provider: str
    fits: bool


@dataclass(frozen=True)
class SeenRow:
    """One row as it would be saved."""

    number: int
    business: str
    words: str
    place: str
    facets: tuple[SeenFacet, ...] | None  # None: not matched yet
    known: KnownBusiness | None
    asked_before: bool
    providers: bool  # a college's or provider's own domain: it is not counted with the rest
    before: GatheredNeed | None  # the same business with the same words is on record already: it is left out


def look(rows: Rows, found: Mapping[int, Found], area: Area) -> list[SeenRow]:
    """These rows with what was found for them. Nothing is stored, and no key is made."""
    providers, before, listed = provider_domains(), said_before(rows), _listed()
    seen = []
    for number, got in rows:
        told = found.get(number)
        place = told.asked.place if told else None
        known = _known(got, place.outcode if place else "", listed)
        seen.append(
            SeenRow(
                number=number,
                business=got["business"],
                words=got["need"],
                place=(area.district_name(told.asked.district) if told else "") or (place.text if place else ""),
                facets=tuple(_facets(told)) if told else None,
                known=known,
                asked_before=known is not None and _has_asked(known.employer_key_id),
                providers=bool(got["website"]) and (got["website"] in providers or is_academic(got["website"])),
                before=before.get(number),
            )
        )
    return seen


def said_before(rows: Rows) -> dict[int, GatheredNeed]:
    """By row, the need on record that says the same in the same words for a business of the same name.

    Only needs that the Chamber gathered and that still stand: what an employer withdrew is not on record.
    """
    texts = sorted({got["need"] for _, got in rows})
    standing: dict[tuple[str, str], GatheredNeed] = {}
    for start in range(0, len(texts), AT_ONCE):
        some = select(GatheredNeed).join(GatheredNeed.need).options(contains_eager(GatheredNeed.need))
        some = some.where(Need.text.in_(texts[start : start + AT_ONCE]), Need.status == "open", is_here())
        for one in db.session.scalars(some.order_by(GatheredNeed.id.desc())):
            standing[legal_name(one.need.business_name), one.need.text] = one
    marks = {number: (legal_name(got["business"]), got["need"]) for number, got in rows}
    return {number: standing[mark] for number, mark in marks.items() if mark in standing}


def _has_asked(key: int) -> bool:
    asked = select(DemandSignal.id).where(DemandSignal.employer_key_id == key).limit(1)
    return db.session.scalar(asked) is not None


Listed = tuple[dict[str, KnownBusiness], dict[tuple[str, str], KnownBusiness]]


def _listed() -> Listed:
    """The Chamber's list, by domain and, of those without one, by name and place."""
    all_listed = db.session.scalars(select(KnownBusiness).where(business_is_here())).all()
    by_name = {(legal_name(one.name), one.outcode): one for one in all_listed if not one.domain}
    return {one.domain: one for one in all_listed if one.domain}, by_name


def _known(got: Mapping[str, str], outcode: str, listed: Listed) -> KnownBusiness | None:
    if got["website"]:
        return listed[0].get(got["website"])
    return listed[1].get((legal_name(got["business"]), outcode))


def _facets(found: Found) -> list[SeenFacet]:
    themes = load_themes().themes
    return [
        SeenFacet(
            text=facet.reading.text,
            theme=themes[facet.theme].name if facet.theme in themes else "",
            best=facet.hits[0].offer.title if facet.hits else "",
            provider=facet.hits[0].offer.provider.name if facet.hits else "",
            fits=facet.fits,
        )
        for facet in found.facets
    ]


@dataclass(frozen=True)
class Saved:
    """What saving a survey has done."""

    needs: int
    facets: int
    set_aside: int  # rows of colleges and providers, which are not counted with the rest
    before: int  # rows that were on record already


@dataclass(frozen=True)
class Prepared:
    """One row with all that can be worked out before the write begins, so that others wait little."""

    number: int
    got: Mapping[str, Any]
    answers: Mapping[str, Any]
    found: Found
    cards: Cards


def prepare(rows: Rows, found: Mapping[int, Found], area: Area) -> list[Prepared]:
    """The rows that are matched, ready to be saved as they were seen."""
    matched = [(number, got) for number, got in rows if number in found]
    return [
        Prepared(number, got, answers_of(got, area), found[number], cards_of(found[number], area))
        for number, got in matched
    ]


def save(file: GatheredFile, rows: Sequence[Prepared], *, confirmed: bool, by: int | None) -> Saved:
    """Every row is on record as a need with its channel, its row and what was found for it, but for those that are.

    With `confirmed` they count, but for those of a college's or provider's own domain, which an officer confirms
    one by one. Saved again, nothing more happens. Raises NotAsShown where the file no longer waits.
    """
    if file.state == "saved":
        return Saved(0, 0, 0, 0)
    if file.state != "read" or file.met_on is None:
        raise NotAsShown
    in_turn(LOCK)
    before = said_before([(row.number, row.got) for row in rows])
    fresh = [row for row in rows if row.number not in before]
    identities = {row.number: identity_in(row.found, row.answers) for row in fresh}
    keys = employer_keys(identities.values())
    digests = provider_digests() if confirmed else frozenset()
    heard, aside, shown = Heard("survey", file.met_on, file.occasion), 0, []
    counted = set()
    with db.session.no_autoflush:  # all rows go in together, in a few statements
        for row in fresh:
            key, token = keys[identities[row.number]], f"file {file.id} row {row.number}"
            need, of_need = put_down(row.found, row.cards, row.answers, heard, token, by, key)
            need.file_id, need.file_row = file.id, row.number
            shown += of_need
            if confirmed and is_providers(key, digests):
                aside += 1
            elif confirmed:
                counted.add(key)
                need.confirmed_at = now()
    keep_shown(shown)
    confirm_as_employers(sorted(counted, key=lambda key: key.id), digests)
    forget_rows(file.id)
    file.state, file.content, file.ended_at, file.counted = "saved", None, now(), confirmed
    return Saved(len(fresh), len(shown), aside, len(before))
