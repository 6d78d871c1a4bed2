"""An offer as schema.org JSON-LD: a Course with its instances, and for an apprenticeship the programme it is.

Source of the terms: schema.org. What our own reader reads of a Course, it reads here as it stands in the catalogue.
"""

from __future__ import annotations

from decimal import Decimal
from html import escape, unescape
from typing import Any

from skillsmatch.area.kinds import Kind
from skillsmatch.area.national import load_routes
from skillsmatch.offers.linked_data import PERIOD_UNITS, SOURCE_REFERENCE
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.records import NEAR_YOU

Thing = dict[str, Any]
CONTEXT = "https://schema.org"
LETTERS = {unit: letter for letter, unit in PERIOD_UNITS.items()}
MODES = {"classroom": "Onsite", "online": "Online", "workplace": "Workplace", "blended": "Blended"}
STUDY_MODES = {"full-time": "Full-time", "part-time": "Part-time", "flexible": "Flexible"}
ATTENDANCE = {
    "daytime": "Daytime",
    "evening": "Evening",
    "weekend": "Weekend",
    "block": "Day/Block Release",
}
PROGRAMMES = frozenset({Kind.APPRENTICESHIP, Kind.FOUNDATION_APPRENTICESHIP, Kind.APPRENTICESHIP_UNIT})


def linked_data(offer: Offer, address: str) -> Thing:
    """The offer as one document. `address` is that of its page, which names it."""
    things = [course(offer, address)]
    if offer.kind in PROGRAMMES:
        things.append(_programme(offer, address))
    return {"@context": CONTEXT, "@graph": things}


def course(offer: Offer, address: str, reference: str = "") -> Thing:
    """The Course, with an instance for each start date. `reference`: its key in the source it came by."""
    route = load_routes().get(offer.route)
    return _without_gaps(
        {
            "@type": "Course",
            "@id": address,
            "name": offer.title,
            "description": offer.who_for,
            "teaches": [_plain(line) for line in offer.what_learned.split("\n") if line.strip()],
            "url": _web(offer.url),
            "mainEntityOfPage": address,
            "courseCode": offer.standard_ref or offer.lars_ref,
            "coursePrerequisites": offer.entry_requirements,
            "educationalLevel": _level(offer.level),
            "educationalCredentialAwarded": _credential(offer),
            "learningResourceType": _term(offer.kind, Kind(offer.kind).words.name),
            "about": _term(route.slug, route.name) if route else None,
            "inLanguage": "en-GB",
            "provider": _organisation(offer.provider),
            "hasCourseInstance": list(_instances(offer, address, reference)),
        }
    )


def _instances(offer: Offer, address: str, reference: str) -> list[Thing]:
    starts: list[str] = offer.start_dates or [""]
    return [
        _without_gaps(
            {
                "@type": "CourseInstance",
                "@id": f"{address}#{start or 'run'}",
                "identifier": _property(SOURCE_REFERENCE, reference) if reference else None,
                "startDate": start,
                "courseMode": _modes(offer),
                "courseWorkload": period(offer.duration_value, offer.duration_unit),
                "location": _place(offer.venue) if offer.venue else None,
                "offers": _price(offer),
            }
        )
        for start in starts
    ]


def _programme(offer: Offer, address: str) -> Thing:
    return _without_gaps(
        {
            "@type": "EducationalOccupationalProgram",
            "@id": f"{address}#programme",
            "name": offer.title,
            "description": offer.who_for,
            "url": _web(offer.url),
            "identifier": offer.standard_ref,
            "programType": Kind(offer.kind).words.name,
            "programPrerequisites": offer.entry_requirements,
            "educationalProgramMode": _modes(offer),
            "timeToComplete": period(offer.duration_value, offer.duration_unit),
            "startDate": next(iter(offer.start_dates), ""),
            "provider": _organisation(offer.provider),
            "hasCourse": {"@id": address},
        }
    )


def period(value: Decimal | None, unit: str) -> str:
    """A length of time of one unit, as ISO 8601 writes it; empty where it is not known."""
    if value is None or unit not in LETTERS:
        return ""
    letter = LETTERS[unit]
    number = f"{value.normalize():f}"
    return f"PT{number}{letter[1]}" if letter.startswith("T") else f"P{number}{letter}"


def _plain(line: str) -> str:
    """The line as it stands; one that would be taken for marked-up text is marked up."""
    return line if unescape(line) == line else escape(line, quote=False)


def _web(address: str) -> str:
    """An address of the web; anything else is left out, because programs follow it."""
    return address if address.startswith(("https://", "http://")) else ""


def _level(level: int | None) -> str:
    return "" if level is None else f"Level {level}" if level else "Entry Level"


def _modes(offer: Offer) -> list[str]:
    said = (MODES.get(offer.mode), STUDY_MODES.get(offer.study_mode), ATTENDANCE.get(offer.attendance))
    return [word for word in said if word]


def _credential(offer: Offer) -> Thing | None:
    if not offer.awarding_body:
        return None
    awarded_by = {"@type": "Organization", "name": offer.awarding_body}
    return {
        "@type": "EducationalOccupationalCredential",
        "name": offer.title,
        "recognizedBy": awarded_by,
    }


def _price(offer: Offer) -> Thing | None:
    """The provider's price and words, and where the training can be had."""
    price = {"price": f"{offer.cost:.2f}", "priceCurrency": "GBP"} if offer.cost is not None else {}
    served = "England" if offer.national else offer.regions
    found = _without_gaps({**price, "description": offer.cost_description, "areaServed": served})
    return {"@type": "Offer", **found} if found else None


def _place(venue: Venue) -> Thing:
    address = {
        "streetAddress": venue.address,
        "addressLocality": venue.town,
        "addressRegion": venue.county,
        "postalCode": venue.postcode,
    }
    geo = None
    if venue.lat is not None and venue.lon is not None:
        geo = {"@type": "GeoCoordinates", "latitude": venue.lat, "longitude": venue.lon}
    return _without_gaps(
        {
            "@type": "Place",
            "name": venue.name,
            "address": {"@type": "PostalAddress", **_without_gaps(address), "addressCountry": "GB"},
            "geo": geo,
            "telephone": venue.phone,
        }
    )


def _organisation(provider: Provider) -> Thing | None:
    """The provider; None for a national standard, which has none yet."""
    if provider.ukprn == NEAR_YOU:
        return None
    return _without_gaps(
        {
            "@type": "EducationalOrganization",
            "name": provider.name,
            "identifier": _property("UKPRN", str(provider.ukprn)),
            "url": _web(provider.website),
        }
    )


def _term(code: str, name: str) -> Thing:
    return {"@type": "DefinedTerm", "termCode": code, "name": name}


def _property(name: str, value: str) -> Thing:
    return {"@type": "PropertyValue", "propertyID": name, "value": value}


def _without_gaps(thing: Thing) -> Thing:
    """The thing without what is not known."""
    return {name: value for name, value in thing.items() if value not in (None, "", [], {})}
