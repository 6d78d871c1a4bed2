"""An offer as an employer reads it on a card: plain words, kept as they were shown."""

from __future__ import annotations

from datetime import date
from typing import Any

from skillsmatch.area.areas import Area
from skillsmatch.area.funding import employer_cost
from skillsmatch.area.kinds import KINDS, Kind, attendance_words, length_words, level_words, mode_words
from skillsmatch.matching import Evidence, Placed
from skillsmatch.needs.asked import Asked
from skillsmatch.needs.search import FoundFacet, Hit
from skillsmatch.offers.models import Offer
from skillsmatch.offers.wording import place_words, start_words
from skillsmatch.words import day_words, km_words

ALSO_SHOWN = 3  # other runs of the course named on the card


def card(hit: Hit, facet: FoundFacet, asked: Asked, area: Area, today: date) -> dict[str, Any]:
    """The card of one offer for this employer, as plain words that can be stored as JSON."""
    offer, evidence = hit.offer, hit.match.evidence
    kind = KINDS[Kind(offer.kind)]
    return {
        "offer_id": offer.id,
        "title": offer.title,
        "kind": offer.kind,
        "kind_name": kind.name,
        "level_words": level_words(offer.level, offer.kind, offer.title),
        "provider": offer.provider.name,
        "provider_ukprn": offer.provider.ukprn,
        "venue": offer.venue.name if offer.venue else "",
        "town": offer.venue.town if offer.venue else offer.provider.town,
        "place_words": place_words(offer, evidence.distance_km),
        "start_words": start_words(offer, today),
        "length_words": length_words(offer.duration_value, offer.duration_unit),
        "attendance_words": attendance_words(offer.attendance, offer.study_mode),
        "mode_words": mode_words(offer.mode),
        "matched": list(evidence.matched),
        "missing": list(evidence.missing),
        "gaps": [gap.words for gap in evidence.gaps],
        "how_to": kind.route_in,
        "also": [run_words(o, today) for o in hit.also[:ALSO_SHOWN]],
        "demonstration": offer.demonstration,
        **cost_words(offer, facet, asked, area, today),
    }


def evidence_data(evidence: Evidence) -> dict[str, Any]:
    """The evidence as JSON: what an officer, and later the matcher's training, can read back."""
    return {
        "matched": list(evidence.matched),
        "missing": list(evidence.missing),
        "gaps": [{"code": g.code, "words": g.words, "amount": g.amount} for g in evidence.gaps],
        "distance_km": evidence.distance_km,
        "signals": dict(evidence.signals),
    }


def placed(title: str, evidence: dict[str, Any]) -> Placed:
    """An offer's place in its list, from its evidence as stored: from these shares, and no others, it is explained."""
    gaps = [gap for gap in evidence["gaps"] if gap["code"] != "words"]
    misses = [gap["words"] for gap in gaps]
    if evidence["distance_km"] and not any(gap["code"] == "distance" for gap in gaps):
        # Within reach, what is farther away still counts a little less.
        misses.append(f"it is {km_words(evidence['distance_km'])} away")
    return Placed(title, evidence.get("signals") or {}, evidence["matched"], misses)


def run_words(offer: Offer, today: date) -> str:
    """Another run of the same course: where and when."""
    town = offer.venue.town if offer.venue and offer.venue.town else offer.provider.town
    return f"{town}: {start_words(offer, today)}" if town else start_words(offer, today)


def cost_words(offer: Offer, facet: FoundFacet, asked: Asked, area: Area, today: date) -> dict[str, Any]:
    """What it costs this employer, for this many people, by the funding rules on the day it would start."""
    people = facet.reading.people or asked.people
    estimate = employer_cost(
        kind=offer.kind,
        price=float(offer.cost) if offer.cost is not None else None,
        people=people,
        size_band=asked.size_band or None,
        ages=asked.ages,
        who_for=asked.who_for or None,
        on=offer.next_start(today) or today,
        area=area,
        level=offer.level,
    )
    return {
        "cost_words": estimate.words,
        "cost_rule": estimate.rule,
        "cost_source": estimate.source,
        "cost_url": estimate.url,
        "cost_as_at": day_words(estimate.as_at),
        "cost_notes": list(estimate.notes),
        "cost_low": estimate.low,
        "cost_high": estimate.high,
        "cost_description": offer.cost_description,
    }
