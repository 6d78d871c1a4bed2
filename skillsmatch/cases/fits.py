"""What came later and fits a case's needs: for officers, by offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import joinedload

from skillsmatch.cases.case_facets import facets_of, standing_facets
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.fit_models import NewFit
from skillsmatch.cases.models import GroupedFacet, NeedGroup
from skillsmatch.demand.models import UNMET
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.offers.documents import offered
from skillsmatch.offers.models import Offer
from skillsmatch.words import count_words

ROWS = 500  # facets named in one statement


@dataclass(frozen=True, slots=True)
class OfferFits:
    """One offer, and the facets that it fits."""

    offer: Offer
    facets: tuple[Facet, ...]
    best: float  # strength, 0 to 1

    @property
    def needs(self) -> int:
        """How many needs those facets are of."""
        return len({facet.need_id for facet in self.facets})


@dataclass(frozen=True, slots=True)
class CaseFits:
    """What fits a case now that did not when its employers asked; the offer that fits most needs first."""

    needs: int  # of the case, that stand
    offers: tuple[OfferFits, ...]

    @property
    def fitted(self) -> int:
        """How many needs have an offer now."""
        return len({facet.need_id for one in self.offers for facet in one.facets})

    @property
    def words(self) -> str:
        """Such as "2 offers now fit 14 of 20 needs"."""
        fit = "fits" if len(self.offers) == 1 else "fit"
        needs = count_words(self.needs, "need")
        if not self.offers:
            return (
                f"No offer that came or changed since fits any of the {needs}"
                if self.needs
                else "No need stands"
            )
        return f"{count_words(len(self.offers), 'offer')} now {fit} {self.fitted} of {needs}"


def fits_of(case: Case) -> CaseFits:
    """What fits this case now. An employer who has searched since has seen it; a facet that was met needs no more."""
    facets = {facet.id: facet for facet in facets_of(case)}
    by_offer: dict[int, list[NewFit]] = {}
    for fit in _live_fits(facets):
        by_offer.setdefault(fit.offer_id, []).append(fit)
    offers = [
        OfferFits(fits[0].offer, tuple(facets[f.facet_id] for f in fits), max(f.strength for f in fits))
        for fits in by_offer.values()
    ]
    offers.sort(key=lambda one: (-one.needs, -one.best, one.offer.id))
    return CaseFits(len({facet.need_id for facet in facets.values()}), tuple(offers))


def _is_news() -> tuple[ColumnElement[bool], ...]:
    """True of a fit whose employer has not searched since it was found, nor been shown the offer as it is now."""
    shown = exists().where(
        NeedMatch.facet_id == NewFit.facet_id,
        NeedMatch.offer_id == NewFit.offer_id,
        NeedMatch.offer_digest == Offer.digest,
    )
    return or_(Need.searched_at.is_(None), Need.searched_at <= NewFit.found_at), ~shown


def _live_fits(facets: Iterable[int]) -> Iterator[NewFit]:
    listed, stands = sorted(facets), offered()
    for start in range(0, len(listed), ROWS):
        yield from db.session.scalars(
            select(NewFit)
            .join(NewFit.facet)
            .join(Facet.need)
            .join(NewFit.offer)
            .where(NewFit.facet_id.in_(listed[start : start + ROWS]), Facet.outcome.in_(UNMET), stands)
            .where(*_is_news())
            .options(joinedload(NewFit.offer).joinedload(Offer.provider))
            .order_by(NewFit.offer_id, NewFit.facet_id)
        )


def fits_without_case() -> list[tuple[NeedGroup, int]]:
    """The groups that no open case is about and that an offer fits now, with how many needs; the most first."""
    unmet = standing_facets().where(Facet.outcome.in_(UNMET)).with_only_columns(Facet.id).order_by(None)
    pairs = db.session.execute(
        select(GroupedFacet.group_id, Facet.need_id)
        .join(Facet, Facet.id == GroupedFacet.facet_id)
        .join(Need, Need.id == Facet.need_id)
        .join(NewFit, NewFit.facet_id == Facet.id)
        .join(Offer, Offer.id == NewFit.offer_id)
        .where(Facet.id.in_(unmet), offered())
        .where(*_is_news())
        .distinct()
    ).all()
    counts: dict[int, int] = {}
    for group_id, _need in pairs:
        counts[group_id] = counts.get(group_id, 0) + 1
    cased = {
        case.group.standing.id
        for case in db.session.scalars(
            select(Case).where(Case.closed_at.is_(None), Case.group_id.is_not(None))
        )
        if case.group is not None
    }
    groups = {g.id: g for g in db.session.scalars(select(NeedGroup).where(NeedGroup.id.in_(counts)))}
    found = [(groups[number], count) for number, count in counts.items() if number not in cased]
    return sorted(found, key=lambda pair: (-pair[1], pair[0].id))
