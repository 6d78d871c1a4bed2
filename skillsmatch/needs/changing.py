"""Changing a need that is on record: corrections, other words, another search. The need is never logged twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from skillsmatch.area.areas import Area
from skillsmatch.clock import today
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.matching import FacetReading
from skillsmatch.needs.asked import Asked, asked_again, asked_from, place_of
from skillsmatch.needs.keeping import (
    note_correction,
    place_name,
    readings_of,
    set_answers,
    set_asked,
    set_facets,
)
from skillsmatch.needs.models import Facet, Need
from skillsmatch.needs.moments import let_take_part, when_reworded
from skillsmatch.needs.search import Found, find_matches

COMPARED = (
    "people",
    "who_for",
    "wanted_when",
    "level",
    "max_km",
    "budget",
)  # answers a correction may change
LISTED = ("modes", "attendance")


def search_again(need: Need, area: Area) -> None:
    """The same request against today's catalogue; no facet and no signal is added."""
    set_facets(need, find_matches(asked_again(need, readings_of(need)), today()), area)


def search_waiting(area: Area) -> int:
    """Searches for the needs that were kept while there was no index; returns how many."""
    waiting = db.session.scalars(
        select(Need.id).where(Need.matcher_version == "", Need.status == "open", Need.text != "")
    ).all()

    def search(number: int) -> bool:
        need = db.session.get_one(Need, number)
        found = find_matches(asked_again(need, readings_of(need)), today())
        if found.version:
            set_facets(need, found, area)
        return bool(found.version)

    return sum(keep(lambda n=number: search(n)) for number in waiting)  # type: ignore[misc]


def change_need(need: Need, found: Found, answers: Mapping[str, Any], payload: str, area: Area) -> None:
    """Other answers on the same need: facets that are still asked for keep their signals, the rest come and go."""
    note_correction(need, "text", need.text, found.asked.text)
    if need.text != found.asked.text:
        let_take_part(when_reworded, need)
    need.payload_digest = payload
    set_answers(need, found.asked, answers)
    set_facets(need, found, area)


def corrected(need: Need, answers: Mapping[str, Any], facets: tuple[FacetReading, ...], area: Area) -> Asked:
    """The stored request with the employer's corrections on it; what they touched no longer counts as read."""
    asked = asked_again(need, facets)
    changes: dict[str, Any] = {
        "people": answers["people"],
        "who_for": answers["who_for"] or "",
        "wanted_when": answers["wanted_when"] or "",
        "level": int(answers["level"]) if answers["level"] else None,
        "max_km": float(answers["max_km"]) if answers["max_km"] else None,
        "budget": float(answers["budget"]) if answers["budget"] is not None else None,
        "modes": frozenset(answers["modes"] or ()),
        "attendance": frozenset(answers["attendance"] or ()),
    }
    touched = {name for name, value in changes.items() if value != getattr(asked, name)}
    typed, council = answers["postcode"] or "", answers["council"] or ""
    if typed != need.place:
        changes["place"] = place_of(typed, area)
        council = council if council != need.district else ""  # left as it was: it belongs to the old place
        touched.add("place")
    changes["council"] = council
    return replace(asked, from_words=asked.from_words - touched, **changes)


def keep_correction(need: Need, found: Found, area: Area) -> None:
    """Puts the corrected request and its new ranking on the need, and keeps what was corrected."""
    asked = found.asked
    for name in COMPARED:
        note_correction(need, name, getattr(need, name), getattr(asked, name))
    for name in LISTED:
        note_correction(need, name, getattr(need, name), sorted(getattr(asked, name)))
    place = asked.place
    note_correction(need, "place", need.place, place_name(place.outcode, place.text) if place else "")
    note_correction(need, "district", need.district, asked.district)
    set_asked(need, asked)
    set_facets(need, found, area)


def rename_facet(facet: Facet, text: str) -> None:
    """The facet in the employer's corrected words; it stays the same facet with the same signal."""
    note_correction(facet.need, "facet", facet.text, text, facet)
    facet.text = text


def set_theme(facet: Facet, theme: str) -> None:
    """The theme as the employer gives it; empty means that none of ours is right."""
    if theme != facet.theme or not facet.theme_confirmed:
        note_correction(facet.need, "theme", facet.theme, theme, facet)
        facet.theme, facet.theme_confirmed = theme, True


def set_occupation(facet: Facet, soc: str) -> None:
    """The occupation as the employer gives it, by its SOC 2020 unit group."""
    if soc != facet.soc or not facet.soc_confirmed:
        note_correction(facet.need, "soc", facet.soc, soc, facet)
        facet.soc, facet.soc_confirmed = soc, True


def changed(need: Need, answers: Mapping[str, Any], area: Area) -> Asked:
    """The request that other answers make of a need. Where its words stay, so do its facets, as corrected."""
    asked = asked_from(answers, area)
    if asked.text == need.text:
        asked = replace(asked, facets=readings_of(need))
    if answers["postcode"] and answers["postcode"] == need.place:
        asked = replace(asked, place=asked_again(need, ()).place)
    return asked
