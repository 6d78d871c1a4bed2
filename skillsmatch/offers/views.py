"""Pages of the catalogue: browse, one offer, one provider. They read and never write."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request, url_for
from sqlalchemy import func, select

from skillsmatch.accounts.access import PUBLIC, blueprint_open_to
from skillsmatch.accounts.desks import Arrival, tell_on_arrival
from skillsmatch.accounts.models import Organisation
from skillsmatch.addresses import whole_address
from skillsmatch.area.areas import Area
from skillsmatch.area.funding import CostEstimate, employer_cost
from skillsmatch.area.kinds import (
    Kind,
    attendance_words,
    length_words,
    level_words,
    mode_words,
    study_mode_words,
)
from skillsmatch.area.national import load_routes
from skillsmatch.clock import today
from skillsmatch.database import LARGEST_ID
from skillsmatch.extensions import db
from skillsmatch.offers import browsing
from skillsmatch.offers.browsing import Filters
from skillsmatch.offers.demonstration import shows_demonstration
from skillsmatch.offers.freshness import Freshness, freshness_of, mark_words, unconfirmed_words
from skillsmatch.offers.linked_data_out import linked_data
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.offers.records import NEAR_YOU, STANDARDS_SOURCE
from skillsmatch.offers.wording import place_words, start_words
from skillsmatch.words import count_words, listed_words

offers = blueprint_open_to(Blueprint("offers", __name__), PUBLIC)


def _held_for(organisation: Organisation) -> Arrival | None:
    """What the catalogue holds under an organisation's UKPRN: its people look after it, and nothing is copied."""
    if not organisation.ukprn:
        return None
    own = (
        select(func.count())
        .select_from(Offer)
        .join(Offer.provider)
        .where(Provider.ukprn == organisation.ukprn)
    )
    count = db.session.scalar(own.where(Offer.withdrawn_at.is_(None))) or 0
    number = f"UKPRN {organisation.ukprn}"
    if not count:
        return Arrival(f"No offers are loaded under {number} yet.")
    return Arrival(
        f"{count_words(count, 'offer')} loaded under {number} {'is' if count == 1 else 'are'} yours to look after. "
        "Nothing has to be copied.",
        url_for("desk.home"),
    )


tell_on_arrival(_held_for)

REFERENCE = re.compile(r"[A-Za-z0-9_-]{16,32}")  # the shape of a need's reference
MOST_IN_A_WORKBOOK = 2_000  # offers, some seconds' work; a server waits for no more than thirty
LABELS = {"kind": "Kind", "route": "Subject", "district": "Place", "provider": "Provider"}
SOURCES = {
    "ncs-live-courses": "the National Careers Service course list",
    "directory-courses": "the provider's own list of courses",
    "directory-non-lars": "the provider's own list of courses",
    "directory-apprenticeships": "the provider's own list of apprenticeships",
    "schema-org-courses": "the provider's own web pages",
    STANDARDS_SOURCE: "Skills England's list of standards",
    "desk": "the provider itself, on this site",
}


@offers.app_context_processor
def _every_page() -> dict[str, bool]:
    return {"demonstration": shows_demonstration()}


def area() -> Area:
    """The area this service serves."""
    found: Area = current_app.extensions["area"]
    return found


@offers.get("/offers")
def browse() -> str:
    """The catalogue, narrowed by links and lists alone."""
    filters = _filters_asked()
    try:
        browsing.check_filters(filters, area())
    except browsing.UnknownFilter:
        abort(404)
    day = today()
    listing = browsing.browse(filters, request.args.get("page", 1, type=int), area(), day)
    choices = browsing.choices(filters, area())
    return render_template(
        "offers/browse.html",
        listing=listing,
        page_size=browsing.PAGE_SIZE,
        cards=[short_card(offer, day) for offer in listing.offers],
        choices=choices,
        filters=filters,
        sheet=listing.total <= MOST_IN_A_WORKBOOK,
        chosen=_chosen(filters, choices),
    )


@offers.get(f"/offers/<int(max={LARGEST_ID}):offer_id>")
def offer(offer_id: int) -> str:
    """One offer. A withdrawn one still answers, and says so, because people keep and print its address."""
    found = browsing.find_offer(offer_id)
    if found is None:
        abort(404)
    day = today()
    return render_template(
        "offers/offer.html",
        offer=found,
        linked=linked_data(found, whole_address("offers.offer", offer_id=found.id)),
        kind=Kind(found.kind).words,
        facts=facts(found),
        start_words=start_words(found, day),
        cost=estimate(found, day),
        passed=found.date_has_passed(day),
        unconfirmed=unconfirmed_words(found.confirmed_on, day),
        hidden=freshness_of(found, day) == Freshness.HIDDEN,
        starts=found.starts_after(day),
        runs=[short_card(run, day) for run in browsing.other_runs(found)],
        source=SOURCES.get(found.source, found.source),
        near_you=found.provider.ukprn == NEAR_YOU,
        back_to=request.args.get("need", "") if REFERENCE.fullmatch(request.args.get("need", "")) else "",
    )


@offers.get("/providers/<int(fixed_digits=8):ukprn>")
def provider(ukprn: int) -> str:
    """One provider: where it teaches, and what it has on offer, kind by kind."""
    found = browsing.find_provider(ukprn)
    if found is None:
        abort(404)
    day = today()
    by_kind = [
        (choice, [short_card(offer, day) for offer in some])
        for choice, some in browsing.offers_by_kind(found, area(), day)
    ]
    return render_template(
        "offers/provider.html",
        provider=found,
        near_you=ukprn == NEAR_YOU,
        venues=browsing.venues_of(found),
        by_kind=by_kind,
        total=sum(choice.count for choice, _ in by_kind),
    )


def _filters_asked() -> Filters:
    asked = request.args
    ukprn = asked.get("provider", "")
    if ukprn and not (ukprn.isascii() and ukprn.isdigit() and len(ukprn) == 8):
        abort(404)
    return Filters(
        kind=asked.get("kind", ""),
        route=asked.get("route", ""),
        district=asked.get("district", ""),
        provider=int(ukprn) if ukprn else None,
    )


def _chosen(filters: Filters, choices: dict[str, list[browsing.Choice]]) -> list[dict[str, str]]:
    """The filters that are on, each with its name and the address of the page without it."""
    names = {key: {c.value: c.name for c in found} for key, found in choices.items()}
    names["provider"] = {}
    if filters.provider is not None:
        known = browsing.find_provider(filters.provider)
        names["provider"][str(filters.provider)] = known.name if known else ""
    return [
        {
            "label": LABELS[key],
            "name": names[key].get(str(value), ""),
            "url": url_for("offers.browse", **filters.without(key).query()),
        }
        for key, value in filters.query().items()
    ]


def short_card(found: Offer, day: date) -> dict[str, Any]:
    """An offer in a list, for the card macro: what tells it from its neighbours, and no more."""
    return {
        "title": found.title,
        "url": url_for("offers.offer", offer_id=found.id),
        "kind_name": Kind(found.kind).words.name,
        "level_words": level_words(found.level, found.kind, found.title) if found.level is not None else "",
        "provider": found.provider.name,
        "provider_ukprn": found.provider.ukprn,
        "place_words": place_words(found),
        "start_words": start_words(found, day),
        "length_words": length_words(found.duration_value, found.duration_unit),
        "attendance_words": attendance_words(found.attendance),
        "cost_name": "Cost",
        "cost_words": estimate(found, day).words,
        "marks": marks(found, day),
        "demonstration": found.demonstration,
    }


def estimate(found: Offer, day: date) -> CostEstimate:
    """The cost for one person, for an employer of whom nothing is known."""
    return employer_cost(
        kind=found.kind,
        price=float(found.cost) if found.cost is not None else None,
        people=None,
        size_band=None,
        ages=frozenset(),
        who_for=None,
        on=found.next_start(day) or day,
        area=area(),
        level=found.level,
        max_funding=float(found.max_funding) if found.max_funding is not None else None,
    )


def marks(found: Offer, day: date) -> list[str]:
    """What a reader must know before anything else."""
    if found.withdrawn_at is not None:
        return ["Withdrawn"]
    return mark_words(found, day)


def facts(found: Offer) -> list[tuple[str, str]]:
    """What is known of the offer, name and words. What is not known is left out, save the level."""
    route = load_routes().get(found.route)
    regions = "Anywhere in England" if found.national else found.regions
    named = [
        ("Level", level_words(found.level, found.kind, found.title)),
        ("Length", length_words(found.duration_value, found.duration_unit)),
        ("How much of the week", study_mode_words(found.study_mode)),
        ("When", attendance_words(found.attendance)),
        ("How it is taught", mode_words(found.mode)),
        ("Delivered in", regions),
        ("Subject", route.name if route else ""),
        ("How people learn", found.how_taught),
        ("What you need to start", found.entry_requirements),
        ("What to bring", found.bring),
        ("How it is assessed", found.assessment),
        ("What it can lead to", found.where_next),
        ("Awarded by", found.awarding_body),
        ("Reference", listed_words(_references(found))),
    ]
    return [(name, words) for name, words in named if words]


def _references(found: Offer) -> list[str]:
    references = []
    if found.lars_ref:
        references.append(f"{'LARS code' if found.standard_ref else 'learning aim'} {found.lars_ref}")
    if found.standard_ref:
        references.append(f"apprenticeship standard {found.standard_ref}")
    return references
