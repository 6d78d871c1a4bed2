"""A survey: one row an employer, with its need in its own words. Looked at first; then all is saved or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from skillsmatch.area.areas import Area
from skillsmatch.area.themes import load_themes
from skillsmatch.cases import gathering_files as cells
from skillsmatch.cases.firm_names import legal_name
from skillsmatch.cases.gathering import Heard, found_for, is_providers, themes_for, write_down
from skillsmatch.cases.gathering_files import CheckedFile, Column, FileKind, neither
from skillsmatch.cases.gathering_models import GatheredFile, KnownBusiness
from skillsmatch.clock import now
from skillsmatch.demand.domains import is_academic, provider_domains
from skillsmatch.demand.employers import confirm_as_employer, provider_digests
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.matching import UNMET_BELOW
from skillsmatch.needs.search import Found

COLUMNS = (
    Column("business", "Name of the business.", cells.words, needed=True, longest=200),
    Column("website", "Its web address or domain, such as acme.co.uk. This or a postcode.", cells.domain),
    Column(
        "postcode", "Its postcode, the first half of it, or a town. The second half is not kept.", cells.place
    ),
    Column("sector", "What it does: a sector’s name, or its SIC letter. May be empty.", cells.sector),
    Column(
        "size", "How many people work there: 0-9, 10-49, 50-249, 250+, or a number. May be empty.", cells.size
    ),
    Column("people", "How many people are to be trained. May be empty.", cells.people),
    Column("when", "When: Now, Within 6 months, Within a year, In 1 to 3 years. May be empty.", cells.when),
    Column("need", "What skills it needs, in its own words.", cells.long_words, needed=True, longest=4_000),
)
MOST_ROWS = 200  # saved in one go, in about 2 s of work; for longer no other need should wait


def _once(got: Mapping[str, Any]) -> object:
    return legal_name(got["business"]), got["need"].casefold()


SURVEY = FileKind(COLUMNS, MOST_ROWS, neither, _once)


class NotAsShown(Exception):
    """The file was saved, dropped or found faulty meanwhile; nothing was done."""


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
    facets: tuple[SeenFacet, ...]
    known: KnownBusiness | None
    asked_before: bool
    providers: bool  # a college's or provider's own domain: it is not counted with the rest


def answers_of(got: Mapping[str, Any], area: Area) -> dict[str, Any]:
    """A row's answers, as the need form gives them."""
    return {
        "text": got["need"],
        "postcode": got["postcode"],
        "people": got["people"],
        "wanted_when": got["when"],
        "size_band": got["size"],
        "sector": area.sector_name(got["sector"]) if got["sector"] else "",
        "business_name": got["business"],
        "domain": got["website"],
    }


def look(rows: Sequence[tuple[int, Mapping[str, Any]]], area: Area) -> list[SeenRow]:
    """These rows as they would be split, themed and matched now. Nothing is stored, and no key is made."""
    providers = provider_domains()
    return [_seen(number, got, area, providers) for number, got in rows]


def _seen(number: int, got: Mapping[str, Any], area: Area, providers: frozenset[str]) -> SeenRow:
    found = found_for(answers_of(got, area), area)
    place = found.asked.place
    known = _known(got, place.outcode if place else "")
    signals = select(DemandSignal.id).where(
        DemandSignal.employer_key_id == (known.employer_key_id if known else 0)
    )
    return SeenRow(
        number=number,
        business=got["business"],
        words=got["need"],
        place=area.district_name(found.asked.district) or (place.text if place else ""),
        facets=tuple(_facets(found)),
        known=known,
        asked_before=db.session.scalar(signals.limit(1)) is not None,
        providers=bool(got["website"]) and (got["website"] in providers or is_academic(got["website"])),
    )


def _known(got: Mapping[str, Any], outcode: str) -> KnownBusiness | None:
    """The business on the Chamber's list that this row is of, by domain or by name and place."""
    listed = select(KnownBusiness)
    if got["website"]:
        return db.session.scalars(listed.where(KnownBusiness.domain == got["website"]).limit(1)).first()
    near = listed.where(KnownBusiness.outcode == outcode, KnownBusiness.domain == "")
    name = legal_name(got["business"])
    return next((one for one in db.session.scalars(near) if legal_name(one.name) == name), None)


def _facets(found: Found) -> list[SeenFacet]:
    themes = load_themes().themes
    return [
        SeenFacet(
            text=facet.reading.text,
            theme=themes[facet.theme].name if facet.theme in themes else "",
            best=facet.hits[0].offer.title if facet.hits else "",
            provider=facet.hits[0].offer.provider.name if facet.hits else "",
            fits=facet.strength >= UNMET_BELOW,
        )
        for facet in found.facets
    ]


@dataclass(frozen=True)
class Saved:
    """What saving a survey has done."""

    needs: int
    facets: int
    set_aside: int  # rows of colleges and providers, which are not counted with the rest


def prepare(checked: CheckedFile, area: Area) -> list[tuple[int, Mapping[str, Any], Found]]:
    """Every row split and themed, worked out before the write begins, so that others wait little.

    Matching two hundred of them takes longer than a page may: `flask work` does it one by one within a minute.
    """
    return [(number, got, themes_for(answers_of(got, area), area)) for number, got in checked.rows]


def save(
    file: GatheredFile,
    prepared: Sequence[tuple[int, Mapping[str, Any], Found]],
    area: Area,
    *,
    confirmed: bool,
    by: int | None,
) -> Saved:
    """Every row is on record as a need with its channel and its row. Saved again, nothing more happens.

    With `confirmed` they count, but for those of a college's or provider's own domain, which an officer confirms
    one by one. Raises NotAsShown where the file no longer waits.
    """
    if file.state == "saved":
        return Saved(0, 0, 0)
    if file.state != "read" or file.met_on is None:
        raise NotAsShown
    set_aside = facets = 0
    heard = Heard("survey", file.met_on, file.occasion)
    keys: set[int] = set()
    digests = provider_digests() if confirmed else frozenset()
    for number, got, found in prepared:
        row = write_down(found, answers_of(got, area), heard, f"file {file.id} row {number}", area, by)
        row.file_id, row.file_row = file.id, number
        key = row.need.facets[0].signal.employer_key if row.need.facets else None
        facets += len(row.need.facets)
        if confirmed and key is not None and is_providers(key, digests):
            set_aside += 1
        elif confirmed and key is not None:
            keys.add(key.id)
            row.confirmed_at = now()
    db.session.flush()
    for number in sorted(keys):
        confirm_as_employer(number, digests)
    file.state, file.content, file.ended_at, file.counted = "saved", None, now(), confirmed
    return Saved(len(prepared), facets, set_aside)
