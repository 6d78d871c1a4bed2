"""A national standard as the JSON it came in by."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from skillsmatch.area.kinds import Kind
from skillsmatch.area.national import load_routes
from skillsmatch.offers.models import Offer

JOBS = re.compile(r"(?:(?P<about>.*)\n)?Job titles: (?P<titles>[^\n]+)\.", re.S)


def standard(offer: Offer) -> dict[str, Any]:
    """The standard with the keys of Skills England's list. Texts are marked up there, so they are here."""
    found = JOBS.fullmatch(offer.who_for)
    about = (found["about"] or "") if found else offer.who_for
    route = load_routes().get(offer.route)
    length = "minimumHoursForCompliance" if offer.kind == Kind.APPRENTICESHIP_UNIT else "typicalDuration"
    return {
        "referenceNumber": offer.standard_ref,
        "title": escape(offer.title, quote=False),
        "status": "Approved for delivery",
        "level": offer.level,
        "route": route.name if route else "",
        "larsCode": offer.lars_ref,
        length: None if offer.duration_value is None else float(offer.duration_value),
        "maxFunding": None if offer.max_funding is None else float(offer.max_funding),
        "overviewOfRole": escape(about, quote=False),
        "typicalJobTitles": [escape(t, quote=False) for t in found["titles"].split(", ")] if found else [],
        "skills": [{"detail": escape(line, quote=False)} for line in offer.what_learned.split("\n") if line],
        "entryRequirements": escape(offer.entry_requirements, quote=False),
        "standardPageUrl": offer.url,
    }
