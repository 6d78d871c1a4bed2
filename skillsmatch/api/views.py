"""The pages for developers and for other sites, and the API's description of itself."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from skillsmatch.accounts.access import PUBLIC, blueprint_open_to
from skillsmatch.addresses import whole_address
from skillsmatch.api import catalogue, matching  # noqa: F401  (they add to the API's blueprint)
from skillsmatch.api.blueprint import api, area, open_answer
from skillsmatch.api.examples import EXAMPLES
from skillsmatch.api.matching import MOST_BYTES
from skillsmatch.api.openapi import openapi
from skillsmatch.needs.forms import TEXT_LIMIT

__all__ = ["api", "developers"]

developers = blueprint_open_to(Blueprint("developers", __name__), PUBLIC)


@api.get("/openapi.json")
def document() -> Response:
    """The API described for programs."""
    server = whole_address("api.document").removesuffix("/openapi.json")
    return open_answer(openapi(area(), server))


@developers.get("/api")
def explain() -> str:
    """The API explained for people, with examples."""
    site = whole_address("developers.explain").removesuffix("/api")
    described = openapi(area(), f"{site}/api/v1")
    filters = described["paths"]["/offers"]["get"]["parameters"]
    fields = described["paths"]["/match"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return render_template(
        "api/explain.html",
        examples=[(one.words, one.command(site)) for one in EXAMPLES],
        filters=filters,
        fields=fields["properties"],
        most_bytes=MOST_BYTES,
    )


@developers.get("/embed")
def embed() -> str:
    """The search box that other sites can put on their pages: what to copy, and how it looks."""
    return render_template("api/embed.html", action=whole_address("needs.start"), longest=TEXT_LIMIT)
