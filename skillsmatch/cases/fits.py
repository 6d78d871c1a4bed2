"""What came later and fits a case's needs: for officers, by offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import joinedload

from skillsmatch.cases.case_facets import facets_of, standing_facets
from skillsmatch.cases.case_models import Case, case_is_here
from skillsmatch.cases.fit_models import NewFit, ToldOffer
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
    over: int  # of those, how many ask for nothing unmet any more
    offers: tuple[OfferFits, ...]

    @property
    def fitted(self) -> int:
        """How many needs have an offer now."""
        return len({facet.need_id for one in self.offers for facet in one.facets})

    @property
    def words(self) -> str:
        """Such as "2 offers now fit 14 of 20 needs"."""
        if not self.needs:
            return "No need stands"
        fit = "fits" if len(self.offers) == 1 else "fit"
        needs = count_words(self.needs, "need")
        over = f"; {self.over} {'is' if self.over == 1 else 'are'} no longer unmet" if self.over else ""
        if not self.offers:
            which = f"any of the {needs}" if self.needs > 1 else "the need"
            return f"No offer that came or changed since fits {which}{over}"
        return f"{count_words(len(self.offers), 'offer')} now {fit} {self.fitted} of {needs}{over}"


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
    needs = {facet.need_id for facet in facets.values()}
    unmet = {facet.need_id for facet in facets.values() if facet.is_unmet}
    return CaseFits(len(needs), len(needs - unmet), tuple(offers))


def _is_news() -> tuple[ColumnElement[bool], ...]:
    """True of a fit whose employer has not searched since it was found, nor been shown the offer as it is now, nor
    said in answer to our mail that it does not help."""
    shown = exists().where(
        NeedMatch.facet_id == NewFit.facet_id,
        NeedMatch.offer_id == NewFit.offer_id,
        NeedMatch.offer_digest == Offer.digest,
    )
    declined = exists().where(
        ToldOffer.facet_id == NewFit.facet_id, ToldOffer.offer_id == NewFit.offer_id, ToldOffer.said == "no"
    )
    return or_(Need.searched_at.is_(None), Need.searched_at <= NewFit.found_at), ~shown, ~declined


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


def fits_without_case(most: int) -> list[tuple[NeedGroup, int]]:
    """The groups that no open case is about and that an offer fits now, with how many needs; the most first."""
    cased = select(Case.group_id).where(Case.closed_at.is_(None), Case.group_id.is_not(None), case_is_here())
    groups = db.session.scalars(select(NeedGroup).where(NeedGroup.id.in_(cased)))
    standing = {group.standing.id for group in groups}
    unmet = standing_facets().where(Facet.outcome.in_(UNMET)).with_only_columns(Facet.id).order_by(None)
    needs = func.count(Facet.need_id.distinct())
    counted = (
        select(GroupedFacet.group_id, needs)
        .join(Facet, Facet.id == GroupedFacet.facet_id)
        .join(Need, Need.id == Facet.need_id)
        .join(NewFit, NewFit.facet_id == Facet.id)
        .join(Offer, Offer.id == NewFit.offer_id)
        .where(Facet.id.in_(unmet), offered(), *_is_news(), GroupedFacet.group_id.not_in(standing))
        .group_by(GroupedFacet.group_id)
        .order_by(needs.desc(), GroupedFacet.group_id)
        .limit(most)
    )
    return [
        (db.session.get_one(NeedGroup, number), count)
        for number, count in db.session.execute(counted).tuples()
    ]
