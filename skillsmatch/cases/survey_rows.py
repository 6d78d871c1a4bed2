"""The rows of a survey that waits, matched once and kept: what the officer looks at is what is saved."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import delete, func, select

from skillsmatch.area.areas import Area
from skillsmatch.area.places import Place
from skillsmatch.cases.gathering import found_for
from skillsmatch.cases.gathering_models import GatheredFile, SurveyRow
from skillsmatch.cases.survey import answers_of
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.matching import Evidence, FacetReading, Gap, Match
from skillsmatch.needs.asked import Asked
from skillsmatch.needs.cards import ALSO_SHOWN
from skillsmatch.needs.search import Found, FoundFacet, Hit, Read, offers_to_read
from skillsmatch.offers.models import Offer

KEPT = 5  # offers kept for a skill. The employer of a survey has no page on which to leaf through more
AT_ONCE = 10  # rows matched, then stored in one short write
PATIENCE = 12.0  # seconds of matching in one request: the web server ends one after 30, and a machine may be slow
SETS = frozenset({"modes", "attendance", "ages", "from_words"})  # of Asked; JSON has no sets

Rows = Sequence[tuple[int, Mapping[str, Any]]]  # a row's number in the file, and its cells


class NoIndex(Exception):
    """There is nothing to match with: no offers were loaded, or `flask work` has not run yet."""

    def __str__(self) -> str:
        return "There is no search index to match with yet. Load offers, or run flask work"


def match_rows(
    number: int, rows: Rows, area: Area, patience: float | None = PATIENCE, *, last_first: bool = False
) -> int:
    """Matches the rows of a waiting file that are not matched yet, for about `patience` seconds; None: all of them.

    Returns how many are left. It writes by itself, a few rows at a time. Refused (NoIndex) without a search index.
    """
    left = _not_matched(number, rows)
    if last_first:  # another process may be at the first ones
        left.reverse()
    until, read = time.monotonic() + (patience or 0.0), Read()
    while left and (patience is None or time.monotonic() < until):
        some, left = left[:AT_ONCE], left[AT_ONCE:]
        found = {row: found_for(answers_of(got, area), area, read) for row, got in some}
        if not all(one.version for one in found.values()):
            raise NoIndex
        keep(lambda f=found: _put(number, f))  # type: ignore[misc]
    return len(left)


def found_in(rows: Rows, area: Area) -> dict[int, Found]:
    """What is found for every row, kept nowhere. Refused (NoIndex) without a search index."""
    read = Read()
    found = {row: found_for(answers_of(got, area), area, read) for row, got in rows}
    if not all(one.version for one in found.values()):
        raise NoIndex
    return found


def _not_matched(number: int, rows: Rows) -> list[tuple[int, Mapping[str, Any]]]:
    done = set(db.session.scalars(select(SurveyRow.file_row).where(SurveyRow.file_id == number)))
    return [(row, got) for row, got in rows if row not in done]


def _put(number: int, found: Mapping[int, Found]) -> None:
    file = db.session.get_one(GatheredFile, number, with_for_update=True, populate_existing=True)
    if not file.is_waiting:  # saved or dropped meanwhile
        return
    there = select(SurveyRow.file_row).where(SurveyRow.file_id == number, SurveyRow.file_row.in_(list(found)))
    for row in sorted(found.keys() - set(db.session.scalars(there))):
        facets = found[row].facets
        db.session.add(
            SurveyRow(
                file_id=number,
                file_row=row,
                skills=len(facets),
                unmet=sum(not facet.fits for facet in facets),
                unclear=sum(not facet.theme for facet in facets),
                found=packed(found[row]),
            )
        )


def tally(number: int) -> dict[str, int]:
    """Of the rows matched so far: how many, their skills, those that nothing fits and those of no clear theme."""
    columns = (func.count(), *(func.coalesce(func.sum(one), 0) for one in
               (SurveyRow.skills, SurveyRow.unmet, SurveyRow.unclear)))  # fmt: skip
    told = db.session.execute(select(*columns).where(SurveyRow.file_id == number)).one()
    return dict(zip(("rows", "skills", "unmet", "unclear"), map(int, told), strict=True))


def seen_rows(number: int, rows: Iterable[int] | None = None) -> dict[int, Found]:
    """What was found for these rows of the file, or for all that are matched.

    Left out: those of which an offer is no longer there. They are to be matched again.
    """
    wanted = select(SurveyRow.file_row, SurveyRow.found).where(SurveyRow.file_id == number)
    if rows is not None:
        wanted = wanted.where(SurveyRow.file_row.in_(list(rows)))
    told = {row: json.loads(zlib.decompress(data)) for row, data in db.session.execute(wanted).tuples()}
    offers = offers_to_read({int(one) for found in told.values() for one in _offers_in(found)})
    unpacked = {row: _unpacked(found, offers) for row, found in told.items()}
    return {row: found for row, found in unpacked.items() if found is not None}


def unmet_rows(number: int) -> set[int]:
    """The rows of the file that ask for something that nothing fits."""
    wanted = select(SurveyRow.file_row).where(SurveyRow.file_id == number, SurveyRow.unmet > 0)
    return set(db.session.scalars(wanted))


def stale_rows(number: int) -> set[int]:
    """The rows that are matched with an offer that is no longer there."""
    every = set(db.session.scalars(select(SurveyRow.file_row).where(SurveyRow.file_id == number)))
    return every - seen_rows(number).keys()


def forget_rows(number: int, rows: Iterable[int] | None = None) -> None:
    """What was found for the file is gone, or for these rows of it."""
    gone = delete(SurveyRow).where(SurveyRow.file_id == number)
    db.session.execute(gone if rows is None else gone.where(SurveyRow.file_row.in_(list(rows))))


# --- a row's matches as bytes ------------------------------------------------------------------------


def packed(found: Found) -> bytes:
    """The whole of it but for the offers' own columns, and of each skill the first KEPT offers."""
    asked = {field.name: getattr(found.asked, field.name) for field in fields(Asked) if field.name != "facets"}
    for name in SETS:
        asked[name] = sorted(asked[name])
    asked["place"] = asdict(found.asked.place) if found.asked.place else None
    told = {"asked": asked, "version": found.version, "facets": [_plain(facet) for facet in found.facets]}
    return zlib.compress(json.dumps(told).encode())


def _plain(facet: FoundFacet) -> dict[str, Any]:
    return {
        "reading": asdict(facet.reading),
        "reasons": facet.reasons,
        "themes": facet.themes,
        "occupations": facet.occupations,
        "hits": [
            {"match": asdict(hit.match), "also": [offer.id for offer in hit.also[:ALSO_SHOWN]]}
            for hit in facet.hits[:KEPT]
        ],
    }


def _offers_in(told: Mapping[str, Any]) -> Iterable[str]:
    """Those put first. Other runs of the same course are named where they are still there."""
    for facet in told["facets"]:
        for hit in facet["hits"]:
            yield hit["match"]["id"]
            yield from hit["also"]


def _unpacked(told: Mapping[str, Any], offers: Mapping[str, Offer]) -> Found | None:
    asked = dict(told["asked"])
    asked |= {name: frozenset(asked[name]) for name in SETS}
    place = asked["place"]
    asked["place"] = Place(**{**place, "straddles": tuple(place["straddles"])}) if place else None
    facets = []
    for one in told["facets"]:
        if any(hit["match"]["id"] not in offers for hit in one["hits"]):
            return None
        hits = tuple(_hit(hit, offers) for hit in one["hits"])
        reading = FacetReading(**one["reading"])
        facets.append(
            FoundFacet(reading, hits, tuple(one["reasons"]), _labels(one["themes"]), _labels(one["occupations"]))
        )
    whole = replace(Asked(**asked), facets=tuple(facet.reading for facet in facets))
    return Found(whole, tuple(facets), told["version"])


def _hit(told: Mapping[str, Any], offers: Mapping[str, Offer]) -> Hit:
    match, evidence = told["match"], told["match"]["evidence"]
    reasons = Evidence(
        matched=tuple(evidence["matched"]),
        missing=tuple(evidence["missing"]),
        gaps=tuple(Gap(**gap) for gap in evidence["gaps"]),
        distance_km=evidence["distance_km"],
        signals=tuple((name, share) for name, share in evidence["signals"]),
    )
    also = tuple(offers[str(number)] for number in told["also"] if str(number) in offers)
    return Hit(Match(match["id"], match["score"], match["strength"], reasons), offers[match["id"]], also)


def _labels(told: Sequence[Sequence[Any]]) -> tuple[tuple[str, float], ...]:
    return tuple((code, chance) for code, chance in told)
