"""The API described for programs: an OpenAPI 3.1 document, made of the same lists that the code goes by."""

from __future__ import annotations

from typing import Any

from skillsmatch.api.catalogue import MOST, PAGE
from skillsmatch.api.matching import FEW, MOST_BYTES
from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import Kind
from skillsmatch.area.national import load_routes
from skillsmatch.needs import forms
from skillsmatch.needs.search import SHOWN
from skillsmatch.offers.browsing import ANYWHERE, ELSEWHERE
from skillsmatch.offers.models import ATTENDANCE, DURATION_UNITS, MODES, STUDY_MODES
from skillsmatch.offers.open_data import TEXTS

VERSION = "1.0.0"  # the first number is that in the addresses
Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
DAY: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
LEVEL: Schema = {"type": "integer", "minimum": 0, "maximum": 8, "description": "RQF level; 0 is Entry"}
UKPRN: Schema = {"type": "integer", "minimum": 10_000_000, "maximum": 19_999_999}


def openapi(area: Area, server: str) -> dict[str, Any]:
    """The document. `server` is the address that every path is below."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"skillsmatch: training in {area.name}",
            "version": VERSION,
            "summary": "Open data about local training, and matching of needs in plain words.",
            "description": (
                "GET answers are open data: no key, any site. POST /match stores and logs nothing. "
                "`source` says where an offer came from; the sources and their licences are in the project's NOTICE."
            ),
        },
        "servers": [{"url": server}],
        "paths": {
            "/offers": {"get": _list_offers(area)},
            "/offers/{id}": {"get": _one_offer()},
            "/providers": {"get": _list_providers()},
            "/match": {"post": _match(area)},
            "/openapi.json": {"get": _document()},
        },
        "components": {"schemas": schemas()},
    }


def _list_offers(area: Area) -> dict[str, Any]:
    places = [*area.districts, ANYWHERE, ELSEWHERE]
    return {
        "operationId": "listOffers",
        "summary": "Standing offers, in the order of their ids",
        "parameters": [
            _query("kind", one_of(tuple(Kind)), "Kind of training"),
            _query("route", one_of(tuple(load_routes())), "Subject: one of the 15 technical routes"),
            _query(
                "district",
                one_of(tuple(places)),
                "Council by its ONS code, or online or anywhere, or elsewhere",
            ),
            _query("provider", UKPRN, "Provider by its UKPRN"),
            _query("level", LEVEL, "RQF level"),
            _query("mode", one_of(MODES), "How it is taught"),
            _query("starts_from", DAY, "Starts on or after this day; what can start at any time comes too"),
            _query("starts_to", DAY, "Starts on or before this day; what can start at any time comes too"),
            _query("updated_since", MOMENT, "Changed since then, in UTC; what was withdrawn since comes too"),
            *_paging("id"),
        ],
        "responses": _responses("OfferPage", 304, 400),
    }


def _one_offer() -> dict[str, Any]:
    number = {"type": "integer", "minimum": 1}
    return {
        "operationId": "getOffer",
        "summary": "One offer; a withdrawn one says so",
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": number}],
        "responses": _responses("Offer", 304, 404),
    }


def _list_providers() -> dict[str, Any]:
    return {
        "operationId": "listProviders",
        "summary": "Providers with something on offer, in the order of their UKPRNs",
        "parameters": _paging("ukprn"),
        "responses": _responses("ProviderPage", 304, 400),
    }


def _match(area: Area) -> dict[str, Any]:
    return {
        "operationId": "match",
        "summary": "The offers that fit a need in plain words",
        "description": "Nothing is stored and nothing is logged. 429 says in Retry-After when to ask again.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": match_request(area)}},
        },
        "responses": _responses("MatchAnswer", 400, 413, 422, 429, 503),
    }


def _document() -> dict[str, Any]:
    answer = {"description": "This document", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"operationId": "getOpenApi", "summary": "This document", "responses": {"200": answer}}


def _query(name: str, schema: Schema, words: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": words}


def _paging(key: str) -> list[dict[str, Any]]:
    limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE}
    after = {"type": "integer", "minimum": 0}
    return [
        _query("limit", limit, "How many on a page"),
        _query("after", after, f"Begin after this {key}; the next page's address has it filled in"),
    ]


def _responses(schema: str, *others: int) -> dict[str, Any]:
    good = {"description": "Found", "content": {"application/json": {"schema": _ref(schema)}}}
    wrong = {"application/problem+json": {"schema": _ref("Problem")}}
    said = {
        304: {"description": "Not changed since the ETag that was sent"},
        400: {"description": "A parameter or the body cannot be taken", "content": wrong},
        404: {"description": "There is no such thing", "content": wrong},
        413: {"description": f"The body has more than {MOST_BYTES:,} bytes", "content": wrong},
        422: {"description": "A field cannot be taken", "content": wrong},
        429: {"description": "Too many requests; see Retry-After", "content": wrong},
        503: {"description": "No answer just now; see Retry-After", "content": wrong},
    }
    return {"200": good, **{str(status): said[status] for status in others}}


def schemas() -> dict[str, Schema]:
    """The things that answers are made of."""
    return {
        "Provider": _object(**PROVIDER),
        "ProviderPage": _object(providers=_list(_object(**PROVIDER, offers=WHOLE)), next=_or_null(TEXT)),
        "Venue": _object(
            **dict.fromkeys(("name", "address", "town", "county", "postcode", "district"), TEXT),
            **dict.fromkeys(("district_name", "email", "phone", "website"), TEXT),
            lat=_or_null(NUMBER),
            lon=_or_null(NUMBER),
        ),
        "Offer": _object(**_offer()),
        "OfferPage": _object(offers=_list(_ref("Offer")), total=WHOLE, next=_or_null(TEXT)),
        "Match": _object(**_match_of_an_offer()),
        "MatchAnswer": _object(understood=_object(**_understood()), facets=_list(_object(**_facet()))),
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                **dict.fromkeys(("type", "title", "detail", "parameter"), TEXT),
                "status": WHOLE,
                "errors": _list(_object(field=TEXT, message=TEXT)),
            },
        },
    }


PROVIDER = {"ukprn": UKPRN, **dict.fromkeys(("name", "town", "postcode", "website", "url"), TEXT)}


def _offer() -> dict[str, Schema]:
    texts = ("url", "kind_name", "title", "route", "route_name", "cost_description", "regions", *TEXTS)
    references = ("lars_ref", "standard_ref", "course_url", "contact_email", "contact_phone", "source")
    return {
        "id": WHOLE,
        "kind": one_of(tuple(Kind)),
        "provider": {
            "oneOf": [_ref("Provider"), {"type": "null"}],
            "description": "Null: a national standard that any provider may offer",
        },
        "venue": {"oneOf": [_ref("Venue"), {"type": "null"}]},
        "level": _or_null(LEVEL),
        "mode": one_of(("", *MODES)),
        "study_mode": one_of(("", *STUDY_MODES)),
        "attendance": one_of(("", *ATTENDANCE)),
        "start_dates": _list(DAY),
        "flexible_start": FLAG,
        "duration_value": _or_null(NUMBER),
        "duration_unit": one_of(("", *DURATION_UNITS)),
        "cost": {**_or_null(NUMBER), "description": "Pounds for one person, before any funding"},
        "max_funding": {**_or_null(NUMBER), "description": "Pounds; the most the government funds"},
        "national": FLAG,
        "demonstration": {**FLAG, "description": "True: made up, to show how the service works"},
        "source_updated": _or_null(DAY),
        "confirmed_on": DAY,
        "created_at": MOMENT,
        "changed_at": MOMENT,
        "withdrawn_at": _or_null(MOMENT),
        **dict.fromkeys((*texts, *references), TEXT),
    }


LIMIT = f"How many offers for each skill; {FEW} unless said, {SHOWN} at most"


def match_request(area: Area) -> Schema:
    """The body of POST /match: the answers of the need form."""
    properties = {
        "text": {**TEXT, "description": "The need, in the employer's own words", "minLength": 1},
        "postcode": {**TEXT, "description": "A postcode, its first half, or a town"},
        "council": one_of(tuple(area.districts)),
        "who_for": one_of(_values(forms.WHO_FOR)),
        "people": {**WHOLE, "minimum": 1, "maximum": forms.PEOPLE_LIMIT, "description": "How many people"},
        "wanted_when": one_of(_values(forms.WHEN)),
        "size_band": one_of(_values(forms.SIZES)),
        "sector": {**TEXT, "description": "What the business does, such as Construction"},
        "max_km": {**NUMBER, "minimum": 0, "description": "How far people can travel, in kilometres"},
        "modes": _list(one_of(_values(forms.MODES))),
        "attendance": _list(one_of(_values(forms.ATTENDANCE))),
        "level": LEVEL,
        "budget": {"type": "number", "minimum": 0, "description": "Pounds in all"},
        "strict": {**FLAG, "description": "Leave out what misses a limit, in place of ranking it lower"},
        "ages": _list(one_of(_values(forms.AGES))),
        "kind": one_of(tuple(Kind)),
        "limit": {**WHOLE, "minimum": 1, "maximum": SHOWN, "default": FEW, "description": LIMIT},
    }
    return {"type": "object", "required": ["text"], "properties": properties, "additionalProperties": False}


def _values(choices: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(value for value, _ in choices)


def _understood() -> dict[str, Schema]:
    return {
        **dict.fromkeys(("place", "council", "who_for", "wanted_when"), TEXT),
        "people": _or_null(WHOLE),
        "max_km": _or_null(NUMBER),
        "level": _or_null(LEVEL),
        "budget": _or_null(NUMBER),
        "modes": _list(TEXT),
        "attendance": _list(TEXT),
        "from_words": _list(TEXT),
    }


def _facet() -> dict[str, Schema]:
    return {
        "text": TEXT,
        "people": _or_null(WHOLE),
        "level": _or_null(LEVEL),
        "fits": FLAG,
        "missing": {**_list(TEXT), "description": "Where nothing fits: why"},
        "offers": _list(_ref("Match")),
    }


def _match_of_an_offer() -> dict[str, Schema]:
    texts = ("url", "title", "kind_name", "level_words", "place_words", "start_words", "length_words")
    more = ("attendance_words", "mode_words", "cost_words", "cost_rule", "how_to")
    return {
        "id": WHOLE,
        "provider": _object(ukprn=UKPRN, name=TEXT),
        "kind": one_of(tuple(Kind)),
        "level": _or_null(LEVEL),
        "next_start": _or_null(DAY),
        "distance_km": _or_null(NUMBER),
        "strength": {"type": "number", "minimum": 0, "maximum": 1},
        "fits": FLAG,
        "why": {**_list(TEXT), "description": "The words of the need that it meets"},
        "check": {**_list(TEXT), "description": "What to check before taking it up"},
        "order": {**_list(TEXT), "description": "Why it stands in this place"},
        "also": {**_list(TEXT), "description": "Other dates and places of the same course"},
        "cost_notes": _list(TEXT),
        "demonstration": FLAG,
        **dict.fromkeys((*texts, *more), TEXT),
    }


def one_of(values: tuple[str, ...]) -> Schema:
    """A text from a list."""
    return {"type": "string", "enum": [str(value) for value in values]}


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _object(**properties: Schema) -> Schema:
    """An object that has all of these, and nothing else."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
