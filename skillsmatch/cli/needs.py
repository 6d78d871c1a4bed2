"""`flask needs`: the employers' side in the terminal."""

from __future__ import annotations

import json
from typing import Any

import click
from flask.cli import with_appcontext

UNREADABLE = "We could not read this as English. Please try short phrases, such as “forklift licence”."


@click.group(short_help="Match needs in the terminal.")
def needs() -> None:
    """Match needs in the terminal."""


@needs.command("met-by", short_help="List the past needs that an offer would have met; for officers only.")
@click.argument("offer_id", type=click.IntRange(min=1))
@click.option("--unmet-only", is_flag=True, help="Only needs for which nothing fitted, or that say so.")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many needs."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def met_by(offer_id: int, unmet_only: bool, limit: int, as_json: bool) -> None:
    """List the past needs that an offer would have met, best first, were they asked again today.

    For officers and operators, never for colleges: it prints what employers wrote. Needs that were withdrawn or
    whose words are forgotten are not looked at. Nothing is written.
    """
    from skillsmatch.extensions import db
    from skillsmatch.needs.past import NoIndex, NoOffer
    from skillsmatch.needs.past import met_by as find_met
    from skillsmatch.offers.models import Offer

    try:
        told = find_met([offer_id], unmet_only=unmet_only, most=limit)[offer_id]
    except NoIndex:
        raise click.ClickException(
            "There is no search index yet. Load a catalogue: flask offers load FILE"
        ) from None
    except NoOffer:
        raise click.BadParameter(f"offer {offer_id} is not in the catalogue", param_hint="OFFER_ID") from None
    answer = {
        "offer": {"id": offer_id, "title": db.session.get_one(Offer, offer_id).title},
        "looked_at": told.looked_at,
        "met": told.count,
        "needs": [_met_data(facet, match) for facet, match in told.best],
    }
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else _met_words(answer))


def _met_data(facet: Any, match: Any) -> dict[str, Any]:
    return {
        "need": facet.need,
        "facet": facet.position,
        "asked_on": facet.asked_on.isoformat(),
        "outcome": facet.outcome,
        "theme": facet.theme or None,
        "text": facet.text,
        "score": round(match.score, 4),
        "strength": round(match.strength, 3),
        "matched": list(match.evidence.matched),
        "gaps": [gap.words for gap in match.evidence.gaps],
    }


def _met_words(answer: dict[str, Any]) -> str:
    from skillsmatch.words import count_words, day_words

    looked_at = count_words(answer["looked_at"], "past need")
    lines = [f"{answer['offer']['title']} would have met {answer['met']:,} of {looked_at}"]
    for place, one in enumerate(answer["needs"], start=1):
        lines += [
            "",
            f"{place:>2}. {one['text']}",
            f"    Need {one['need']}, part {one['facet']}, asked on {day_words(one['asked_on'])}, {one['outcome']}",
            f"    Strength {one['strength']:.2f}. Why it fits: {', '.join(one['matched']) or 'no word in common'}",
        ]
        if one["gaps"]:
            lines.append(f"    What to check: {'; '.join(one['gaps'])}")
    return "\n".join(lines)


@needs.command(short_help="Rank the training that fits TEXT; nothing is logged.")
@click.argument("text")
@click.option("--postcode", default="", help="The business postcode, half a postcode or a town.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100), help="How many offers.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def match(text: str, postcode: str, limit: int, as_json: bool) -> None:
    """Rank the training that fits TEXT, with reasons, as the web page does. Nothing is logged."""
    from flask import current_app

    from skillsmatch.clock import today
    from skillsmatch.needs.asked import Asked, place_of, read_asked
    from skillsmatch.needs.search import find_matches

    area = current_app.extensions["area"]
    place = place_of(postcode, area)
    if postcode and place is None:
        raise click.BadParameter(f"“{postcode}” is not a postcode or a town we know", param_hint="--postcode")
    if not text.strip():
        raise click.BadParameter("say what skills you need", param_hint="TEXT")
    found = find_matches(read_asked(Asked(text=text, place=place), area), today())
    if not found.version:
        raise click.ClickException("There is no search index yet. Load a catalogue: flask offers load FILE")
    answer = as_data(found, limit)
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else as_words(answer))


def as_data(found: Any, limit: int) -> dict[str, Any]:
    """The ranking as plain data: every facet, then the offers in the order that serves all facets."""
    from flask import current_app

    from skillsmatch.clock import today
    from skillsmatch.matching import interleave, is_readable, why_this_order
    from skillsmatch.needs.cards import card, evidence_data, placed

    area, asked, day = current_app.extensions["area"], found.asked, today()
    hits = {(n, h.match.id): h for n, f in enumerate(found.facets) for h in f.hits}
    order: dict[tuple[int, str], tuple[str, ...]] = {}
    for number, facet in enumerate(found.facets):
        told = why_this_order([placed(h.offer.title, evidence_data(h.match.evidence)) for h in facet.hits])
        order |= {(number, h.match.id): words for h, words in zip(facet.hits, told, strict=True)}
    offers = []
    for number, one in interleave([[h.match for h in f.hits] for f in found.facets], limit):
        hit, facet = hits[number, one.id], found.facets[number]
        offers.append(
            {
                "facet": number + 1,
                "id": hit.offer.id,
                "score": round(one.score, 4),
                "strength": round(one.strength, 3),
                **card(hit, facet, asked, area, day),
                "order": order[number, one.id],
            }
        )
    return {
        "text": asked.text,
        "understood": {
            "place": asked.place.text if asked.place else None,
            "people": asked.people,
            "level": asked.level,
            "modes": sorted(asked.modes),
            "attendance": sorted(asked.attendance),
            "when": asked.wanted_when or None,
            "who_for": asked.who_for or None,
            "readable": is_readable(asked.text),
        },
        "facets": [
            {
                "facet": n,
                "text": f.reading.text,
                "theme": f.theme or None,
                "soc": f.occupation or None,
                "fits": f.fits,
                "reasons": list(f.reasons),
            }
            for n, f in enumerate(found.facets, start=1)
        ],
        "offers": offers,
        "matcher": found.version,
    }


def as_words(answer: dict[str, Any]) -> str:
    """The same for a reader."""
    from skillsmatch.area.reasons import REASON_BY_CODE

    lines = [] if answer["understood"]["readable"] else [UNREADABLE]
    for facet in answer["facets"]:
        lines.append(f"Need {facet['facet']}: {facet['text']}")
        if not facet["fits"]:
            lines.append("  Nothing fits well yet.")
            lines += [f"  {REASON_BY_CODE[code].service_words}" for code in facet["reasons"]]
    for place, offer in enumerate(answer["offers"], start=1):
        lines += ["", f"{place:>2}. {offer['title']}"]
        where = ", ".join(w for w in (offer["provider"], offer["place_words"]) if w)
        lines.append(f"    {offer['kind_name']} · {offer['level_words']} · {where}")
        lines.append(f"    {offer['start_words']} · {offer['cost_words']}")
        why = ", ".join(offer["matched"]) or "no word in common"
        lines.append(f"    Need {offer['facet']}, strength {offer['strength']:.2f}. Why it fits: {why}")
        if offer["gaps"]:
            lines.append(f"    What to check: {'; '.join(offer['gaps'])}")
    return "\n".join(lines)
