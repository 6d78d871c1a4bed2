"""Which facets the Chamber's pages are about: unmet ones that stand, of employers that are asking as employers."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, has_request_context, request
from sqlalchemy import ColumnElement, Select, and_, or_

from skillsmatch.demand.employers import provider_digests
from skillsmatch.demand.models import DEMONSTRATION, UNMET, DemandSignal, EmployerKey
from skillsmatch.needs.models import Facet, Need


def is_unmet() -> ColumnElement[bool]:
    """True of a facet, joined to its need and signal, for which nothing fits and whose employer still asks for it."""
    return and_(
        Facet.outcome.in_(UNMET),
        Facet.removed_at.is_(None),
        Need.status == "open",
        DemandSignal.withdrawn_at.is_(None),
    )


def is_asking() -> ColumnElement[bool]:
    """True of a signal, joined to its employer's key, that is neither a robot's nor a college's own.

    An officer may have confirmed either as asking as an employer. Invented employers are there in a demonstration
    only. Whether an e-mail was confirmed is not asked here: the register shows that as a share.
    """
    as_employer: ColumnElement[bool] = and_(DemandSignal.suspect.is_(False), EmployerKey.provider.is_(False))
    digests = _providers()
    if digests:
        as_employer = and_(as_employer, EmployerKey.digest.not_in(digests))
    asking = or_(EmployerKey.confirmed_at.is_not(None), as_employer)
    if current_app.config["DEMO"]:
        return asking
    return and_(asking, DemandSignal.channel != DEMONSTRATION)


def _providers() -> frozenset[str]:
    """The providers' digests, read once for a page that reads only: every provider, venue and offer is looked at."""
    if not (has_request_context() and request.method == "GET"):
        return provider_digests()
    if "provider_digests" not in g:
        g.provider_digests = provider_digests()
    found: frozenset[str] = g.provider_digests
    return found


def of_unmet(query: Select[Any]) -> Select[Any]:
    """The query of facets, joined to need, signal and employer's key, for the unmet facets that count here."""
    joined = query.join(Facet.need).join(Facet.signal).join(DemandSignal.employer_key)
    return joined.where(is_unmet(), is_asking())
