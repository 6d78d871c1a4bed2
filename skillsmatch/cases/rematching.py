"""Matching past needs again, when offers come or change. For the worker; it tells nobody by itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import Select, delete, insert, select

from skillsmatch.cases.case_facets import facets_of, standing_facets
from skillsmatch.cases.case_models import Case, case_is_here
from skillsmatch.cases.fit_models import LookedAtOffer, NewFit, Rematched
from skillsmatch.clock import now, today
from skillsmatch.database import keep
from skillsmatch.demand.models import UNMET
from skillsmatch.extensions import db
from skillsmatch.matching import UNMET_BELOW, FacetReading, PastNeeds
from skillsmatch.needs.asked import asked_again
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.needs.past import unmet_again
from skillsmatch.needs.search import find_matches
from skillsmatch.offers.documents import documents, offered
from skillsmatch.offers.indexing import open_index
from skillsmatch.offers.models import Offer, Venue

AT_ONCE = 1_000  # offers matched and stored in one turn: a worker that is stopped goes on after the last turn
ROWS = 500  # named in one statement; SQLite takes 32,766 and older ones 999

Fits = Mapping[int, Mapping[int, float]]  # strength by facet, by offer


def rematch() -> tuple[int, int]:
    """Holds past unmet needs against the offers that were added or changed since the last time.

    Afterwards every pair that fits, and that its employer has not seen already, is a NewFit; those of an offer
    that changed are found anew. So are those of a need whose employer has said since that nothing fits, and had
    searched before the offer came. The history of each open case says what was found for it. Returns the numbers of
    offers looked at and of pairs found. While the catalogue's number is that of the last time, only such needs are.
    """
    index = open_index()
    if index is None:
        return 0, 0
    mark = db.session.get(Rematched, 1)
    same = mark is not None and mark.number == index.number
    began, late = now(), _late_fits(mark.began or mark.at) if mark is not None else None
    if same and late is None:
        return 0, 0
    changed, found = {} if same else changed_offers(), 0
    if late:
        found += keep(lambda: _store_late(late))
    if changed:
        jobs = os.cpu_count() or 1
        past = unmet_again(jobs)
        for start in range(0, len(changed), AT_ONCE):
            some = dict(list(changed.items())[start : start + AT_ONCE])
            fits = fits_with(past, some, jobs) if len(past) else {}
            found += keep(lambda f=fits, s=some: _store(f, s))  # type: ignore[misc]
    keep(lambda: _end(index.number, began))
    return len(changed), found


def changed_offers() -> dict[int, str]:
    """What each offer that stands looks like, of those that looked otherwise or were not there at the last time.

    That somebody confirmed an offer is no change; that its venue was found on the map is one.
    """
    known = dict(db.session.execute(select(LookedAtOffer.offer_id, LookedAtOffer.looks)).tuples().all())
    seen = select(Offer.id, Offer.digest, Venue.lat, Venue.lon, Venue.postcode)
    rows = db.session.execute(
        seen.outerjoin(Venue, Offer.venue_id == Venue.id).where(offered()).order_by(Offer.id)
    )
    looks = {
        number: blake2b(f"{digest} {lat} {lon} {postcode}".encode(), digest_size=8).hexdigest()
        for number, digest, lat, lon, postcode in rows
    }
    return {number: one for number, one in looks.items() if known.get(number) != one}


def fits_with(past: PastNeeds, offers: Iterable[int], jobs: int) -> Fits:
    """Which past facets these offers would meet, by the numbers of offer and facet."""
    standing = list(documents(offers))
    db.session.rollback()  # as in `unmet_again`: no transaction is open while the sums are done
    told = past.fits(standing, jobs=jobs)
    return {
        int(offer): dict(zip(map(int, fits.ids), fits.strengths, strict=True)) for offer, fits in told.items()
    }


def _store(fits: Fits, looks: Mapping[int, str]) -> int:
    numbers = list(looks)
    for start in range(0, len(numbers), ROWS):
        some = numbers[start : start + ROWS]
        db.session.execute(delete(NewFit).where(NewFit.offer_id.in_(some)))
        db.session.execute(delete(LookedAtOffer).where(LookedAtOffer.offer_id.in_(some)))
    unmet, moment, stored = _still_unmet() if fits else set(), now(), 0
    rows = [{"offer_id": number, "looks": look, "at": moment} for number, look in looks.items()]
    db.session.execute(insert(LookedAtOffer), rows)
    seen = _seen(fits)
    for offer, facets in fits.items():
        news = sorted((facets.keys() & unmet) - seen.get(offer, set()))
        rows = [{"facet_id": f, "offer_id": offer, "strength": facets[f], "found_at": moment} for f in news]
        if rows:
            db.session.execute(insert(NewFit), rows)
        stored += len(rows)
    return stored


Late = Mapping[tuple[int, int], float]  # strength by facet and offer


def _late_fits(since: datetime) -> Late | None:
    """What fits the needs that became unmet since, by their employers' word, and came after they had searched.

    When it came, such a need was not among the unmet, so it was not held against it. None where there is no such need.
    """
    said = standing_facets().where(Facet.outcome == "none-fits", Facet.answered_at >= since)
    said = said.where(Need.searched_at < since)
    facets = db.session.scalars(said).all()
    if not facets:
        return None
    fits: dict[tuple[int, int], float] = {}
    for facet in facets:
        came = select(LookedAtOffer.offer_id).where(LookedAtOffer.at > facet.need.searched_at)
        reading = FacetReading(facet.text, facet.people, facet.level, facet.kind_hint or None)
        hits = find_matches(asked_again(facet.need, (reading,)), today()).facets[0].hits
        best = {hit.offer.id: hit.match.strength for hit in hits if hit.match.strength >= UNMET_BELOW}
        for offer in db.session.scalars(came.where(LookedAtOffer.offer_id.in_(best))):
            fits[facet.id, offer] = best[offer]
    return fits


def _store_late(fits: Late) -> int:
    facets, seen, moment = {facet for facet, _ in fits}, _seen({offer for _, offer in fits}), now()
    unmet = set(db.session.scalars(_unmet().where(Facet.id.in_(facets))))
    of_these = select(NewFit.facet_id, NewFit.offer_id).where(NewFit.facet_id.in_(facets))
    known = set(db.session.execute(of_these).tuples())
    rows = [
        {"facet_id": facet, "offer_id": offer, "strength": strength, "found_at": moment}
        for (facet, offer), strength in sorted(fits.items())
        if facet in unmet and facet not in seen.get(offer, set()) and (facet, offer) not in known
    ]
    if rows:
        db.session.execute(insert(NewFit), rows)
    return len(rows)


def _seen(offers: Iterable[int]) -> dict[int, set[int]]:
    """For each offer the facets whose employers were shown it as it is now: they know it, and it did not serve."""
    shown = select(NeedMatch.offer_id, NeedMatch.facet_id).join(NeedMatch.offer)
    shown = shown.where(NeedMatch.offer_digest == Offer.digest)
    listed, found = list(offers), dict[int, set[int]]()
    for start in range(0, len(listed), ROWS):
        some = shown.where(NeedMatch.offer_id.in_(listed[start : start + ROWS])).distinct()
        for offer, facet in db.session.execute(some):
            found.setdefault(offer, set()).add(facet)
    return found


def _still_unmet() -> set[int]:
    """The facets that nothing has met while the sums were done."""
    return set(db.session.scalars(_unmet()))


def _unmet() -> Select[tuple[int]]:
    return select(Facet.id).where(Facet.outcome.in_(UNMET), Facet.removed_at.is_(None))


def _end(number: int, began: datetime) -> None:
    """The history of each open case says what was found for it since the last time that this was done to the end."""
    mark = db.session.get(Rematched, 1)
    new = select(NewFit.facet_id, NewFit.offer_id)
    offers: dict[int, set[int]] = {}
    for facet, offer in db.session.execute(new.where(NewFit.found_at >= mark.at) if mark else new):
        offers.setdefault(facet, set()).add(offer)
    open_ones = select(Case).where(Case.closed_at.is_(None), case_is_here()).order_by(Case.id)
    for case in db.session.scalars(open_ones).all() if offers else ():
        _tell_case(case, offers)
    mark = mark or Rematched(id=1)
    mark.number, mark.at, mark.began = number, now(), began
    db.session.add(mark)


def _tell_case(case: Case, offers: Mapping[int, set[int]]) -> None:
    """A line in the history of a case for which something new was found; `offers` by facet."""
    mine = [(facet.need_id, offers[facet.id]) for facet in facets_of(case) if facet.id in offers]
    if mine:
        found = set().union(*(some for _, some in mine))
        counts = {"needs": len({need for need, _ in mine}), "offers": len(found)}
        case.tell("fits-found", None, facts=counts)
