"""The need behind a number: words with personal data hidden; the original and the contact only by a noted post."""

from __future__ import annotations

from flask import abort, current_app, render_template
from sqlalchemy import select

from skillsmatch.cases.behind import (
    NoContact,
    contacts_of,
    facet_words,
    filed,
    hidden_words,
    note_contact,
    note_original,
)
from skillsmatch.cases.blueprint import cases
from skillsmatch.cases.models import FiledNeed, GroupedFacet, NeedGroup
from skillsmatch.cases.nearest import nearest_offers
from skillsmatch.cases.redaction import redact
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet

Answer = str | tuple[str, int]


def the_need(name: str) -> FiledNeed:
    """The need that officers know by this name, or 404."""
    return filed(name) or abort(404)


@cases.get("/needs/<name>")
def need(name: str) -> str:
    """One need as an officer reads it."""
    return _page(the_need(name))


@cases.post("/needs/<name>/original")
def original(name: str) -> str:
    """The same with the words as they were written. Who asked for them is noted first."""
    the_need(name)
    keep(lambda: note_original(the_need(name)))
    return _page(the_need(name), original=True)


@cases.post("/needs/<name>/contact")
def contact(name: str) -> Answer:
    """The same with the contact details, where its employer agreed to share them. Who asked is noted first."""
    the_need(name)
    try:
        keep(lambda: note_contact(the_need(name)))
    except NoContact as refused:
        return _page(the_need(name), refused=str(refused)), 409
    return _page(the_need(name), contact=True)


def _page(found: FiledNeed, original: bool = False, contact: bool = False, refused: str = "") -> str:
    need = found.need
    facets = need.live_facets
    agreed = contacts_of([need.id]).get(need.id, "")
    return render_template(
        "cases/need.html",
        name=found.name,
        need=need,
        text=need.text if original else hidden_words(need, need.text),
        hidden=redact(need.text, need.business_name).hidden,
        facets=[
            (facet, facet.text if original else facet_words(facet), _said(facet, original))
            for facet in facets
        ],
        groups=_groups([facet.id for facet in facets]),
        nearest=nearest_offers([facet.id for facet in facets if facet.is_unmet]),
        original=original,
        contact=contact and bool(agreed),
        agreed=agreed,
        refused=refused,
        sector=current_app.extensions["area"].sector_name(need.sic_section),
    )


def _said(facet: Facet, original: bool) -> str:
    return facet.employer_words if original else hidden_words(facet.need, facet.employer_words)


def _groups(facets: list[int]) -> dict[int, NeedGroup]:
    query = (
        select(GroupedFacet.facet_id, NeedGroup)
        .join(GroupedFacet.group)
        .where(GroupedFacet.facet_id.in_(facets))
    )
    return dict(db.session.execute(query).tuples().all())
