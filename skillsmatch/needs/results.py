"""What the results page shows: what was committed, marked where an offer has changed since."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from skillsmatch.area.kinds import KINDS, Kind
from skillsmatch.extensions import db
from skillsmatch.matching import UNMET_BELOW, why_this_order
from skillsmatch.needs.cards import placed
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.offers.freshness import unconfirmed_words
from skillsmatch.offers.wording import start_words

FIRST_FEW = 5  # cards shown before "more" where the need is one
FIRST_EACH = 3  # the same for each facet where there are several, and where nothing fits


@dataclass(frozen=True, slots=True)
class ShownFacet:
    """One facet on the page: the cards that come first, and those behind "more"."""

    facet: Facet
    first: list[dict[str, Any]]
    more: list[dict[str, Any]]
    fits: bool  # the system's view: at least one card is more likely useful than not

    @property
    def chosen(self) -> list[dict[str, Any]]:
        """The cards the employer said fit."""
        return [c for c in (*self.first, *self.more) if c["chosen"]]


def shown_facets(need: Need, kind: str, today: date) -> tuple[list[ShownFacet], list[tuple[str, str, int]]]:
    """The need's facets as committed, and the kinds among them as (kind, name, number of cards)."""
    matches = db.session.scalars(
        select(NeedMatch)
        .join(NeedMatch.facet)
        .where(Facet.need_id == need.id, NeedMatch.search_round == need.search_round)
        .options(joinedload(NeedMatch.offer))
        .order_by(NeedMatch.facet_id, NeedMatch.position)
    ).all()
    counts = Counter(m.shown["kind"] for m in matches)
    kinds = [(k.value, KINDS[k].name, counts[k.value]) for k in Kind if counts[k.value]]
    shown, few = [], FIRST_FEW if len(need.live_facets) == 1 else FIRST_EACH
    for facet in need.live_facets:
        mine = [m for m in matches if m.facet_id == facet.id]
        fits = any(m.strength >= UNMET_BELOW for m in mine)
        listed = [m for m in mine if kind in ("", m.shown["kind"])]
        order = why_this_order([placed(m.shown["title"], m.evidence) for m in listed])
        cards = [_card(m, today, fits) | {"order": words} for m, words in zip(listed, order, strict=True)]
        first = few if fits else FIRST_EACH
        shown.append(ShownFacet(facet, cards[:first], cards[first:], fits))
    return shown, kinds


def _card(match: NeedMatch, today: date, others_fit: bool) -> dict[str, Any]:
    offer, shown = match.offer, dict(match.shown)
    marks = ["Less likely to fit"] if others_fit and match.strength < UNMET_BELOW else []
    if offer.withdrawn_at is not None:
        marks.append("Withdrawn since you searched")
    elif offer.digest != match.offer_digest:
        marks.append("Changed since you searched")
    elif offer.date_has_passed(today) and shown["start_words"] != start_words(offer, today):
        marks.append("Its date has passed since you searched")
    if offer.withdrawn_at is None and (words := unconfirmed_words(offer.confirmed_on, today)):
        marks.append(words)
    return {
        **shown,
        "match_id": match.id,
        "marks": marks,
        "opened": match.opened_at is not None,
        "chosen": match.chosen_at is not None,
        "withdrawn": offer.withdrawn_at is not None,
    }
