"""Whom an employer may choose: providers with an account here, else those whose offers it was shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from skillsmatch.extensions import db
from skillsmatch.leads.places import Point, teaches_at, venues_at
from skillsmatch.leads.pooling import providers_with_accounts
from skillsmatch.leads.seeing import reach_km
from skillsmatch.leads.wording import NEAR_KM
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.words import km_words

SHOWN_FIRST = 12  # providers without accounts that are offered; the likeliest of those on the results page


@dataclass(frozen=True, slots=True)
class Choice:
    """A provider that may be chosen."""

    ukprn: int
    name: str
    km: float | None  # from the need's place

    @property
    def words(self) -> str:
        """Its name and how far it is."""
        return f"{self.name}, {km_words(self.km)} away" if self.km is not None else self.name


@dataclass(frozen=True, slots=True)
class Choices:
    """Whom the page offers: those whose training was shown, the others, and those who are near."""

    shown: tuple[Choice, ...]
    others: tuple[Choice, ...]
    near: tuple[Choice, ...]  # registered now, within the distance that "all nearby" means
    registered: bool  # False: none of them has an account yet


def choices_for(need: Need, chosen: Collection[int] = ()) -> Choices:
    """Whom this need's employer may choose from, the likeliest first, without those (UKPRNs) it has `chosen`."""
    seen = _shown_to(need)
    registered = providers_with_accounts()
    if not registered:
        left = [p for p in seen if p.ukprn not in chosen][:SHOWN_FIRST]
        return Choices(tuple(_choices(need, left, venues_at(left))), (), (), False)
    known = {provider.id for provider in registered}
    first = [provider for provider in seen if provider.id in known]
    rest = [provider for provider in registered if provider not in first]
    places = teaches_at(registered)
    shown = _choices(need, first, places)
    others = sorted(_choices(need, rest, places), key=lambda c: (c.km is None, c.km or 0.0, c.name))
    near = [c for c in (*shown, *others) if c.km is not None and c.km <= NEAR_KM]
    open_ones = [tuple(c for c in some if c.ukprn not in chosen) for some in (shown, others)]
    return Choices(open_ones[0], open_ones[1], tuple(near), True)


def _choices(need: Need, providers: Sequence[Provider], places: Mapping[int, list[Point]]) -> list[Choice]:
    return [Choice(p.ukprn, p.name, reach_km(need, places[p.id])) for p in providers]


def _shown_to(need: Need) -> list[Provider]:
    """The providers of the offers on the results page, in their order there."""
    asked = (
        select(Provider)
        .join(Offer, Offer.provider_id == Provider.id)
        .join(NeedMatch, NeedMatch.offer_id == Offer.id)
        .join(NeedMatch.facet)
        .where(
            Facet.need_id == need.id, Facet.removed_at.is_(None), NeedMatch.search_round == need.search_round
        )
        .order_by(NeedMatch.position, Facet.position)
    )
    return list(dict.fromkeys(db.session.scalars(asked)))


def names_of(ukprns: set[int]) -> dict[int, str]:
    """The names of these providers."""
    known = select(Provider.ukprn, Provider.name).where(Provider.ukprn.in_(ukprns))
    return dict(db.session.execute(known).tuples().all())
