"""A survey as an officer looks at it, row by row; then all of it is saved as it was seen."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from skillsmatch.area.areas import Area
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.firm_names import legal_name
from skillsmatch.cases.gathering import Heard, found_for, identity_in, is_providers, put_down
from skillsmatch.cases.gathering_models import (
    GatheredFile,
    GatheredNeed,
    KnownBusiness,
    SurveyRow,
    business_is_here,
)
from skillsmatch.cases.kept_files import WORKERS_PATIENCE, checked_again
from skillsmatch.cases.said import said_before
from skillsmatch.cases.survey import NotAsShown, answers_of
from skillsmatch.cases.survey_rows import PATIENCE, Rows, forget_rows, seen_rows, tally
from skillsmatch.clock import now
from skillsmatch.database import in_turn, keep
from skillsmatch.demand.domains import is_academic, provider_domains
from skillsmatch.demand.employers import confirm_as_employers, employer_keys, provider_digests
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.needs.keeping import Cards, cards_of, keep_shown
from skillsmatch.needs.search import Found

LOCK = 7_265_004  # PostgreSQL's advisory lock: of two surveys with the same rows the later sees the earlier's
PORTION = 100  # rows saved in one write, well under a second of it: an employer's own need waits no longer


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
    withdrawn: bool  # the same business withdrew the same words: it is left out


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
                before=before.standing.get(number),
                withdrawn=number in before.withdrawn,
            )
        )
    return seen


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
    """What saving a survey has done so far."""

    needs: int
    before: int  # rows that were on record already, and are left out
    withdrawn: int  # rows that their employers had withdrawn, and are left out
    left: int  # rows that are still to be saved


@dataclass(frozen=True)
class Prepared:
    """One row with all that can be worked out before the write begins, so that others wait little."""

    number: int
    got: Mapping[str, Any]
    answers: Mapping[str, Any]
    found: Found
    cards: Cards


def begin(file: GatheredFile, rows: int, *, confirmed: bool) -> None:
    """From now on every row of the file is to be saved as it was seen, by `go_on`, whatever happens in between.

    With `confirmed` they count, but for those of a college's or provider's own domain, which an officer confirms
    one by one. Raises NotAsShown where the file no longer waits, where it was not said
    which survey it is, and where not all of its `rows` are matched.
    """
    if file.state != "read" or not file.is_waiting or file.met_on is None or tally(file.id)["rows"] != rows:
        raise NotAsShown
    file.begun_at, file.counted = now(), confirmed


def go_on(number: int, area: Area, patience: float | None = PATIENCE) -> Saved:
    """Saves rows of a survey that was begun, some at a time, for about `patience` seconds; None: all of them.

    No other write waits for more than one portion. Raises NotSaved where one could not be stored: what is left stays
    to be saved, by the next call or by `flask work`.
    """
    file = db.session.get_one(GatheredFile, number)
    rows = dict(checked_again(file, area).rows) if file.is_being_saved else {}
    left = sorted(rows.keys() & _left(number)) if rows else []
    until = time.monotonic() + (patience or 0.0)
    while left and (patience is None or time.monotonic() < until):
        some, left = left[:PORTION], left[PORTION:]
        portion = prepare([(row, rows[row]) for row in some], seen_rows(number, some), area)
        keep(lambda p=portion: _save(number, p))  # type: ignore[misc]
    return so_far(number)


def save_waiting(area: Area) -> int:
    """Goes on with a survey that was begun; returns how many rows are left. For the worker."""
    begun = select(GatheredFile.id).where(GatheredFile.state == "read", GatheredFile.begun_at.is_not(None))
    number = db.session.scalar(begun.order_by(GatheredFile.id).limit(1))
    return go_on(number, area, WORKERS_PATIENCE).left if number is not None else 0


def so_far(number: int) -> Saved:
    """How far a survey is saved."""
    file = db.session.get_one(GatheredFile, number, populate_existing=True)
    mine = select(func.count(GatheredNeed.id)).where(GatheredNeed.file_id == number)
    needs = db.session.scalar(mine) or 0
    left = len(_left(number)) if file.is_being_saved else 0
    return Saved(needs, file.rows - needs - left - file.withdrawn, file.withdrawn, left)


def _left(number: int) -> set[int]:
    return set(db.session.scalars(select(SurveyRow.file_row).where(SurveyRow.file_id == number)))


def prepare(rows: Rows, found: Mapping[int, Found], area: Area) -> list[Prepared]:
    """These rows, ready to be saved as they were seen. One whose offers have gone since is matched anew."""
    ready = []
    for number, got in rows:
        answers = answers_of(got, area)
        told = found.get(number) or found_for(answers, area)
        ready.append(Prepared(number, got, answers, told, cards_of(told, area)))
    return ready


def _save(number: int, portion: Sequence[Prepared]) -> None:
    """Rows that are on record afterwards as needs with channel and row, but for those that were said before."""
    file = db.session.get_one(GatheredFile, number, with_for_update=True, populate_existing=True)
    if not file.is_being_saved or file.met_on is None:
        return
    in_turn(LOCK)
    left = _left(number)
    rows = [row for row in portion if row.number in left]
    before = said_before([(row.number, row.got) for row in rows])
    fresh = [row for row in rows if row.number not in before.rows]
    file.withdrawn += len(before.withdrawn)
    identities = {row.number: identity_in(row.found, row.answers) for row in fresh}
    keys = employer_keys(identities.values())
    digests = provider_digests() if file.counted else frozenset()
    heard, shown = Heard("survey", file.met_on, file.occasion), []
    counted = set()
    with db.session.no_autoflush:  # they go in together, in a few statements
        for row in fresh:
            key, token = keys[identities[row.number]], f"file {number} row {row.number}"
            need, of_need = put_down(row.found, row.cards, row.answers, heard, token, file.account_id, key)
            need.file_id, need.file_row = number, row.number
            shown += of_need
            if file.counted and not is_providers(key, digests):
                counted.add(key)
                need.confirmed_at = now()
    keep_shown(shown)
    confirm_as_employers(sorted(counted, key=lambda key: key.id), digests)
    forget_rows(number, [row.number for row in rows])
    if not _left(number):
        file.state, file.content, file.ended_at = "saved", None, now()
