"""R11 of the internal pack, from a need to training: what the provider did, when it starts, what the employer says.

With it what R8 says of starts and of closed cases, so that both sheets tell the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import load_kinds
from skillsmatch.cases.asked import Filters
from skillsmatch.cases.case_facets import facets_of
from skillsmatch.cases.case_models import Case, case_is_here
from skillsmatch.cases.counted import is_asking
from skillsmatch.cases.fit_models import ToldOffer
from skillsmatch.cases.models import GroupedFacet
from skillsmatch.cases.pack.needs import theme_name
from skillsmatch.cases.pack.sheets import Sheet, Value
from skillsmatch.clock import day_of
from skillsmatch.demand.lattice import SIZES
from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.extensions import db
from skillsmatch.leads.models import Lead, LeadReply
from skillsmatch.needs.models import Facet, NeedMatch
from skillsmatch.offers.models import Offer, Provider

# How an offer came to the employer, the strongest first: one line stands for each offer and skill.
REPLIED = "Replied to the employer with this offer"
CAME_LATER = "Added or changed it later; the Chamber told the employer"
HAD_IT = "Had it on offer"
AT_ONCE = 5_000  # numbers in one statement
STARTED, FITS = "started", "fits, not started yet"


@dataclass(frozen=True, slots=True)
class Changed:
    """One skill that training was found for, with one offer that its employer says fits; none where it named none."""

    signal: int  # the skill's number, as the figures page has it
    facet: int  # 0 where the need is not ours, as in a demonstration
    started: bool
    theme: str
    asked_on: date
    said_on: date | None
    district: str
    sector: str
    size: str
    people: int | None
    offer: int | None
    did: str
    title: str
    kind: str
    start: date | None
    provider: str


def changed_between(filters: Filters) -> list[Changed]:
    """The skills for which an employer said within the dates that an offer fits or that training has started.

    Where it is not known when that was said, the day counts on which the skill was asked for.
    """
    first, after = filters.moments
    told = and_(Facet.answered_at >= first, Facet.answered_at < after)
    untold = and_(Facet.answered_at.is_(None), DemandSignal.made_on.between(filters.first, filters.last))
    wanted = (
        select(Facet.id, Facet.need_id, Facet.answered_at, DemandSignal)
        .select_from(DemandSignal)
        .join(EmployerKey, EmployerKey.id == DemandSignal.employer_key_id)
        .outerjoin(Facet, Facet.signal_id == DemandSignal.id)
        .where(DemandSignal.outcome.in_(("fits", "started")), Facet.removed_at.is_(None), or_(told, untold))
        .where(DemandSignal.withdrawn_at.is_(None), is_asking())
        .order_by(DemandSignal.id)
    )
    skills = db.session.execute(wanted).all()
    if not skills:
        return []
    offers = _offers()
    found = []
    for facet, need, answered, signal in skills:
        named = offers.of(facet or 0, need or 0)
        if named or signal.outcome == "started":
            for offer, did in named.items() or ((None, ""),):
                found.append(_changed(facet or 0, answered, signal, offers.known.get(offer or 0), did))
    return found


@dataclass(frozen=True, slots=True)
class _Offers:
    """Which offers employers said fit, and by which road each came to them."""

    known: dict[int, Any]  # by number: id, title, kind, start_dates, provider
    chosen: dict[int, list[int]]  # by facet, of what the search showed
    told: dict[int, list[int]]  # by facet, of what the Chamber wrote about
    replied: dict[int, list[int]]  # by facet
    replied_all: dict[int, list[int]]  # by need: replies about all of it

    def of(self, facet: int, need: int) -> dict[int, str]:
        """The offers of one facet, each with what its provider did."""
        roads = (
            (HAD_IT, self.chosen.get(facet, ())),
            (CAME_LATER, self.told.get(facet, ())),
            (REPLIED, (*self.replied.get(facet, ()), *self.replied_all.get(need, ()))),
        )
        return {offer: did for did, offers in roads for offer in offers}


def _offers() -> _Offers:
    chosen = select(NeedMatch.facet_id, NeedMatch.offer_id).where(NeedMatch.chosen_at.is_not(None))
    told = select(ToldOffer.facet_id, ToldOffer.offer_id).where(ToldOffer.said == "helps")
    replies = select(LeadReply.offer_id).where(LeadReply.fits_at.is_not(None), LeadReply.offer_id.is_not(None))
    of_facet = replies.add_columns(LeadReply.facet_id).where(LeadReply.facet_id.is_not(None))
    of_need = replies.join(Lead, Lead.id == LeadReply.lead_id).add_columns(Lead.need_id)
    roads = (
        _listed(db.session.execute(chosen.order_by(NeedMatch.facet_id, NeedMatch.position)).tuples()),
        _listed(db.session.execute(told.order_by(ToldOffer.id)).tuples()),
        _listed((facet, offer) for offer, facet in db.session.execute(of_facet.order_by(LeadReply.id))),
        _listed(
            (need, offer)
            for offer, need in db.session.execute(
                of_need.where(LeadReply.facet_id.is_(None)).order_by(LeadReply.id)
            )
        ),
    )
    numbers = {offer for road in roads for offers in road.values() for offer in offers}
    columns = (Offer.id, Offer.title, Offer.kind, Offer.start_dates, Provider.name)
    known = select(*columns).outerjoin(Provider, Provider.id == Offer.provider_id)
    rows: dict[int, Any] = {}
    for some in batched(sorted(numbers), AT_ONCE):
        rows |= {row.id: row for row in db.session.execute(known.where(Offer.id.in_(some)))}
    return _Offers(rows, *roads)


def batched(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """The numbers in runs of `size` at most."""
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def _listed(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for key, offer in pairs:
        found[key].append(offer)
    return dict(found)


def _changed(
    facet: int, answered: datetime | None, signal: DemandSignal, offer: Any, did: str
) -> Changed:
    return Changed(
        signal=signal.id,
        facet=facet,
        started=signal.outcome == "started",
        theme=signal.theme,
        asked_on=signal.made_on,
        said_on=day_of(answered) if answered else None,
        district=signal.district,
        sector=signal.sic_section,
        size=signal.size_band,
        people=signal.people,
        offer=offer.id if offer else None,
        did=did if offer else "The employer named no offer",
        title=offer.title if offer else "",
        kind=offer.kind if offer else "",
        start=_start_after(offer.start_dates, signal.made_on) if offer else None,
        provider=(offer.name or "") if offer else "",
    )


def _start_after(starts: Sequence[str], day: date) -> date | None:
    """The first start from the day on which the skill was asked for; None where none is known."""
    return min((d for d in map(date.fromisoformat, starts) if d >= day), default=None)


def courses_of(changed: Iterable[Changed]) -> int:
    """The different offers of those starts; a start whose employer named none is not among them."""
    return len({one.offer for one in changed if one.started and one.offer is not None})


def closed_cases(filters: Filters) -> list[Case]:
    """The cases that were closed within the dates and are closed still."""
    first, after = filters.moments
    closed = select(Case).where(Case.closed_at >= first, Case.closed_at < after, case_is_here())
    return list(db.session.scalars(closed.order_by(Case.id)))


def needs_closed(filters: Filters) -> int:
    """The different needs in those cases, as far as they are still kept."""
    return len({facet.need_id for case in closed_cases(filters) for facet in facets_of(case)})


def _cases_of(facets: Sequence[int]) -> dict[int, Case]:
    """The latest case about each of these facets, by its group or its need."""
    groups: dict[int, list[Case]] = defaultdict(list)
    needs: dict[int, list[Case]] = defaultdict(list)
    for case in db.session.scalars(select(Case).where(case_is_here()).order_by(Case.id)):
        if case.group is not None:
            groups[case.group.standing.id].append(case)
        elif case.need_id is not None:
            needs[case.need_id].append(case)
    if not groups and not needs:
        return {}
    placed = select(Facet.id, Facet.need_id, GroupedFacet.group_id)
    placed = placed.outerjoin(GroupedFacet, GroupedFacet.facet_id == Facet.id)
    placed = placed.where(or_(Facet.need_id.in_(needs), GroupedFacet.group_id.in_(groups)))
    wanted, found = set(facets), {}
    for facet, need, group in db.session.execute(placed):
        about = [*needs.get(need, ()), *groups.get(group or 0, ())]
        if facet in wanted and about:
            found[facet] = about[-1]
    return found


def r11_changed(changed: Sequence[Changed], area: Area) -> Sheet:
    """R11: from a need to a provider's offer that its employer says fits, or has started."""
    kinds = {kind.value: words.name for kind, words in load_kinds().items()}
    cases = _cases_of([one.facet for one in changed])
    rows: list[tuple[Value, ...]] = []
    for one in changed:
        case = cases.get(one.facet)
        day = one.asked_on.isoformat()
        rows.append(
            (
                *(one.signal, theme_name(one.theme), one.asked_on, area.district_name(one.district) or "not said"),
                *(area.sector_name(one.sector) or "not said", SIZES.get(one.size, "not said")),
                *(case.id if case else None, one.did, one.provider, one.title, kinds.get(one.kind, one.kind)),
                *(one.start, one.people, STARTED if one.started else FITS, one.said_on),
                f"from={day} to={day} theme={one.theme or 'none'} outcome=met",
            )
        )
    return Sheet(
        code="R11",
        name="What changed",
        title="What changed: from a need to training",
        words=(
            "What employers said within these dates, whenever they asked. Their own answer decides: it is given on the "
            "page of their need, or with one click in a mail.",
            "No name and no words of an employer stand here. “Skill” is its number on the figures page; “Case” is at "
            "/cases/case/ with its number.",
        ),
        header=(
            *("Skill", "Need", "Asked on", "District", "Sector", "Size", "Case", "What the provider did"),
            *("Provider", "Offer", "Kind", "Start", "People", "What the employer says", "Said on", "Filter"),
        ),
        rows=tuple(rows),
        in_table=(
            *("Need", "District", "Sector", "Size", "What the provider did", "Provider", "Offer", "Start", "People"),
            "What the employer says",
        ),
    )
