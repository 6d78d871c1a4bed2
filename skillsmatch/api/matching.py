"""Matching for other sites: words in, offers out, facet by facet. Nothing is stored and nothing is logged."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response, current_app, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from skillsmatch.addresses import whole_address
from skillsmatch.api.blueprint import api, area
from skillsmatch.area.kinds import Kind
from skillsmatch.area.reasons import REASON_BY_CODE
from skillsmatch.clock import today
from skillsmatch.extensions import csrf
from skillsmatch.matching import UNMET_BELOW, why_this_order
from skillsmatch.needs.asked import Asked, asked_from
from skillsmatch.needs.cards import card, evidence_data, placed
from skillsmatch.needs.forms import NeedForm
from skillsmatch.needs.keeping import place_name
from skillsmatch.needs.search import SHOWN, Found, FoundFacet, Hit, find_matches
from skillsmatch.safety import RETRY_AFTER, problem
from skillsmatch.throttle import seconds_to_wait

MOST_BYTES = 65_536  # of a body; 4,000 characters of a text are read
FEW = 5  # offers for each facet, unless asked otherwise
TEXTS = (
    *("text", "postcode", "council", "who_for", "people", "wanted_when", "size_band", "sector"),
    *("max_km", "level", "budget"),
)
LISTS = ("modes", "attendance", "ages")
OWN = ("kind", "limit")  # what the form on the page does not have
FIELDS = (*TEXTS, *LISTS, "strict", *OWN)
SURROGATE = re.compile("[\ud800-\udfff]")


class WrongBody(Exception):
    """What is wrong in a body, field by field."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field}: {message}" for field, message in errors))
        self.errors = errors


@api.post("/match")
@csrf.exempt  # no cookie is read and nothing is stored, so there is nothing to forge
def match() -> Response:
    """The offers that fit what is asked, as the results page would show them."""
    wait = seconds_to_wait("match", current_app.config["MATCH_LIMITS"])
    if wait:
        answer = problem(
            429, "Too many requests", f"Too many requests from your network. Try again in {wait} seconds."
        )
        answer.headers["Retry-After"] = str(wait)
        return answer
    try:
        said = _body()
    except ValueError as error:
        return problem(400, "The body cannot be read", str(error))
    try:
        answers, kind, limit = _read(said)
    except WrongBody as wrong:
        errors = [{"field": field, "message": message} for field, message in wrong.errors]
        return problem(422, "A field cannot be taken", str(wrong), errors=errors)
    found = _find(answers, kind)
    if not found.version:
        answer = problem(503, "No catalogue yet", "There is no training to search yet.")
        answer.headers["Retry-After"] = RETRY_AFTER
        return answer
    data = {"understood": _understood(found.asked), "facets": [_facet(f, found, limit) for f in found.facets]}
    answer = Response(json.dumps(data, ensure_ascii=False), mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _body() -> dict[str, Any]:
    """The body's object. Refused (ValueError) in words that repeat nothing of it."""
    request.max_content_length = MOST_BYTES
    if request.mimetype != "application/json":
        raise ValueError("Send JSON, with the header Content-Type: application/json.")
    try:
        found = json.loads(request.get_data(cache=False).decode("utf-8"), parse_constant=_no_constant)
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise ValueError("The body is not JSON in UTF-8.") from None
    if not isinstance(found, dict):
        raise ValueError('The body is not an object, such as {"text": "forklift licence"}.')
    return found


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _read(said: Mapping[str, Any]) -> tuple[dict[str, Any], str, int]:
    """The answers as the need form gives them, the kind asked for, and how many offers. Raises WrongBody."""
    unknown = [SURROGATE.sub("?", name)[:40] for name in said if name not in FIELDS]
    errors = [(name, f"is not a field; use {', '.join(FIELDS)}") for name in unknown]
    given: MultiDict[str, str] = MultiDict()
    for name in FIELDS:
        try:
            for text in _texts(name, said.get(name)):
                given.add(name, text)
        except ValueError as error:
            errors.append((name, str(error)))
    form = NeedForm(formdata=given, meta={"csrf": False})
    if not form.validate():
        errors += [
            (name, m) for name, messages in form.errors.items() for m in messages if _not_said(name, errors)
        ]
    kind, limit = given.get("kind", ""), given.get("limit", str(FEW))
    if kind and kind not in set(Kind):
        errors.append(("kind", f"is not on the list; use one of {', '.join(Kind)}"))
    if not re.fullmatch("[0-9]{1,2}", limit) or not 1 <= int(limit) <= SHOWN:
        errors.append(("limit", f"is not a whole number from 1 to {SHOWN}"))
    if errors:
        raise WrongBody(errors)
    return form.data, kind, int(limit)


def _not_said(name: str | None, errors: list[tuple[str, str]]) -> bool:
    return name not in {field for field, _ in errors}


def _texts(name: str, value: Any) -> list[str]:
    """A value of JSON as the texts that a form would send. Refused (ValueError): a value of another sort."""
    if value is None:
        return []
    if name == "strict":
        if not isinstance(value, bool):
            raise ValueError("is neither true nor false")
        return ["y"] if value else []
    if name in LISTS:
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in values):
            raise ValueError("is not a list of texts")
    elif isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is neither text nor a number")
    else:
        whole = isinstance(value, float) and value.is_integer()
        values = [str(int(value) if whole else value)]
    if any(SURROGATE.search(one) for one in values):
        raise ValueError("holds half a character (a lone surrogate)")
    return values


def _find(answers: dict[str, Any], kind: str) -> Found:
    asked = asked_from(answers, area())
    if kind:
        asked = replace(asked, facets=tuple(replace(facet, kind_hint=kind) for facet in asked.facets))
    found = find_matches(asked, today())
    if not kind:
        return found
    facets = (replace(f, hits=tuple(hit for hit in f.hits if hit.offer.kind == kind)) for f in found.facets)
    return replace(found, facets=tuple(facets))


def _understood(asked: Asked) -> dict[str, Any]:
    """What was read out of the words and the answers."""
    place = asked.place
    return {
        "place": place_name(place.outcode, place.text) if place else "",
        "council": area().district_name(asked.district) if asked.district else "",
        "who_for": asked.who_for,
        "people": asked.people,
        "wanted_when": asked.wanted_when,
        "max_km": asked.max_km,
        "modes": sorted(asked.modes),
        "attendance": sorted(asked.attendance),
        "level": asked.level,
        "budget": asked.budget,
        "from_words": sorted(asked.from_words),
    }


def _facet(facet: FoundFacet, found: Found, limit: int) -> dict[str, Any]:
    cards = [(hit, card(hit, facet, found.asked, area(), today())) for hit in facet.hits]
    orders = why_this_order(
        [placed(shown["title"], evidence_data(hit.match.evidence)) for hit, shown in cards]
    )
    return {
        "text": facet.reading.text,
        "people": facet.reading.people,
        "level": facet.reading.level,
        "fits": facet.fits,
        "missing": [] if facet.fits else [REASON_BY_CODE[code].service_words for code in facet.reasons],
        "offers": [_offer(hit, shown, order) for (hit, shown), order in zip(cards, orders, strict=True)][
            :limit
        ],
    }


AS_SHOWN = (
    *("title", "kind", "kind_name", "level_words", "place_words", "start_words", "length_words"),
    *(
        "attendance_words",
        "mode_words",
        "cost_words",
        "cost_rule",
        "cost_notes",
        "how_to",
        "also",
        "demonstration",
    ),
)


def _offer(hit: Hit, shown: dict[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    """One offer with its reasons, in the words of its card."""
    offer, match_ = hit.offer, hit.match
    upcoming = offer.next_start(today())
    distance = match_.evidence.distance_km
    return {
        "id": offer.id,
        "url": whole_address("offers.offer", offer_id=offer.id),
        "provider": {"ukprn": shown["provider_ukprn"], "name": shown["provider"]},
        **{name: shown[name] for name in AS_SHOWN},
        "level": offer.level,
        "next_start": upcoming.isoformat() if upcoming else None,
        "distance_km": None if distance is None else round(distance, 1),
        "strength": round(match_.strength, 2),
        "fits": match_.strength >= UNMET_BELOW,
        "why": list(match_.evidence.matched),
        "check": [gap.words for gap in match_.evidence.gaps],
        "order": list(order),
    }


@api.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Response:
    """A body that is too large, in words."""
    return problem(413, "The body is too large", f"A body has at most {MOST_BYTES:,} bytes.")
