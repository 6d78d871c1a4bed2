"""The offers that came nearest to a group's needs, and why they fell short: from what was shown at the time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.words import count_words

AT_ONCE = 500  # facets asked for in one statement
FIRST = 3  # of what was shown for a facet
SHORT = {  # what the matcher holds against an offer, in an officer's words
    "distance": "too far",
    "level": "another level",
    "mode": "another way of learning",
    "attendance": "other days or hours",
    "start": "starts too late, or has no date",
    "budget": "over budget",
    "kind": "another kind of training",
    "dated": "dates passed or not confirmed lately",
    "words": "does not cover all of it",
}
WEAK = "hardly about the same subject"
WEAK_BELOW = 0.1  # strength; what is left of a score when neither words nor meaning agree


@dataclass
class Nearest:
    """One offer, over all the facets of a group for which it was among the first shown."""

    offer: int
    title: str
    provider: str
    needs: int = 0
    strength: float = 0.0  # the best, 0 to 1
    short: Counter[str] = field(default_factory=Counter)  # codes of SHORT, and "weak"

    @property
    def why(self) -> str:
        """Why it fell short, the commonest reason first."""
        said = [
            f"{SHORT.get(code, WEAK)} ({count_words(number, 'need')})"
            for code, number in sorted(self.short.items(), key=lambda c: (-c[1], c[0]))
        ]
        return ", ".join(said[:4])


def nearest_offers(facets: Sequence[int], most: int = 5, first: int = FIRST) -> list[Nearest]:
    """The strongest of the `first` offers shown for each of these facets, by what the last search of each kept."""
    return nearest_by_group({0: facets}, most, first).get(0, [])


def nearest_by_group(
    groups: dict[int, Sequence[int]], most: int = 1, first: int = 1
) -> dict[int, list[Nearest]]:
    """The same for several groups at once, each by its number."""
    owner = {facet: group for group, facets in groups.items() for facet in facets}
    found: dict[int, dict[int, Nearest]] = defaultdict(dict)
    for facet, offer, strength, evidence, shown in _kept(sorted(owner), first):
        offers = found[owner[facet]]
        near = offers.setdefault(offer, Nearest(offer, shown.get("title", ""), shown.get("provider", "")))
        near.needs += 1
        near.strength = max(near.strength, strength)
        weak = strength < WEAK_BELOW
        near.short.update({"weak"} if weak else {gap["code"] for gap in evidence.get("gaps", [])} or {"weak"})
    return {
        group: sorted(offers.values(), key=lambda n: (-round(n.strength, 2), -n.needs, n.offer))[:most]
        for group, offers in found.items()
    }


def _kept(facets: Sequence[int], first: int) -> Iterable[tuple[int, int, float, dict, dict]]:
    columns = (
        NeedMatch.facet_id,
        NeedMatch.offer_id,
        NeedMatch.strength,
        NeedMatch.evidence,
        NeedMatch.shown,
    )
    query = select(*columns).join(NeedMatch.facet).join(Facet.need)
    query = query.where(NeedMatch.search_round == Need.search_round, NeedMatch.position <= first)
    for start in range(0, len(facets), AT_ONCE):
        part = query.where(NeedMatch.facet_id.in_(facets[start : start + AT_ONCE]))
        yield from db.session.execute(part.order_by(NeedMatch.facet_id, NeedMatch.position)).tuples()
