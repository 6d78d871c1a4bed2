"""The Chamber's side of the demonstration: its year with the invented needs, done by its own account through the same
functions as an officer's pages. In a demonstration only; what its accounts did is read nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import exists, select

from skillsmatch.accounts.models import Account, Organisation
from skillsmatch.accounts.roles import Role
from skillsmatch.area.areas import Area
from skillsmatch.area.businesses import MADE_UP, BusinessRow, store_businesses
from skillsmatch.area.models import BusinessCount
from skillsmatch.cases import members
from skillsmatch.cases.case_facets import facets_of
from skillsmatch.cases.case_keeping import add_note, decide, open_case
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.case_moves import AGREED, CLOSED, NATIONAL, NO_ACTION
from skillsmatch.cases.gathering_models import KnownBusiness, Quote
from skillsmatch.cases.grouping import group_new
from skillsmatch.cases.kept_files import checked_again, take
from skillsmatch.cases.models import GroupedFacet, NeedGroup
from skillsmatch.cases.plan_demonstration import show_plan
from skillsmatch.cases.quotes import approve, proposed
from skillsmatch.cases.quoting import agree_to_quote
from skillsmatch.cases.referral_answers import Draft, send_answer
from skillsmatch.cases.referral_models import Referral
from skillsmatch.cases.referrals import Carried, ConsentedWords, figures_for, leads_about, send_referral
from skillsmatch.cases.rematching import rematch
from skillsmatch.clock import standing_at, today
from skillsmatch.database import keep
from skillsmatch.demand.demonstration import check_demonstration
from skillsmatch.demand.synthetic import shares_of
from skillsmatch.extensions import db
from skillsmatch.leads.chamber import agree_to_chamber
from skillsmatch.leads.consent import give
from skillsmatch.needs.demonstration import invented_needs, need_of, store_demonstration_needs
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.desk.editing import Origin, save_offer
from skillsmatch.offers.desk.form_format import DESK_SOURCE
from skillsmatch.offers.indexing import refresh_index
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.offers.records import CourseRow, reference_of

T = TypeVar("T")
MEMBERS = "demonstration-members.csv"
BUSINESSES = 38_000  # in the whole area, roughly
SIZES = {"0-9": 0.9, "10-49": 0.08, "50-249": 0.015, "250+": 0.005}  # shares of businesses, roughly
ROUNDED = 5  # to the nearest; official counts are rounded so, too
QUOTED = 2  # of those who agree; the others wait for an officer
OPENED = 150  # days ago, when the first case was opened
STARTS = 75  # days on; the first day of the training that a provider says it will run


class NotAFullDemonstration(LookupError):
    """Something that the demonstration's cases are made of is missing; the words say what."""


@dataclass(frozen=True)
class People:
    """Who acts: the Chamber's officer, and the provider with its own account."""

    officer: Account
    provider: Provider
    reader: Account


def show_demonstration(area: Area) -> int:
    """Adds what is missing of the invented needs and of the Chamber's work with them; returns how many needs it added.

    Done again it adds nothing. Refused (NotADemonstration) outside a demonstration. Expects the demonstration's
    accounts, catalogue with its index, and releases; raises NotAFullDemonstration where there is no account.
    """
    check_demonstration()
    if not invented_needs(area):
        return 0
    _account(Role.CHAMBER)
    added = store_demonstration_needs(area)
    if added:
        _at(OPENED, group_new)  # no case is older than the group that it is about
    keep(lambda: _businesses(area))
    if not _any(KnownBusiness):
        keep(lambda: _members(area))
    if not _any(Quote):
        keep(lambda: _quotes(area))
    if not _any(Case):
        keep(lambda: _cases(area))
    if _new_offers():
        refresh_index()
        rematch()
    keep(lambda: show_plan(area))  # last: its report counts the cases
    return added


def _at(days_ago: int, work: Callable[[], T]) -> T:
    with standing_at(datetime.combine(today() - timedelta(days_ago), time(10, 20))):
        return work()


def _any(table: type[KnownBusiness | Quote | Case]) -> bool:
    return bool(db.session.scalar(select(exists(select(table)))))


def _account(role: Role) -> Account:
    shown = db.session.scalars(select(Account).where(Account.demonstration).order_by(Account.id))
    account = next((one for one in shown if one.has(role)), None)
    if account is None:
        raise NotAFullDemonstration(f"There is no demonstration account for: {role.words}")
    return account


def _people() -> People:
    reader = _account(Role.PROVIDER)
    found = select(Provider).join(Organisation, Organisation.ukprn == Provider.ukprn)
    provider = db.session.scalar(found.where(Organisation.id == reader.organisation_id))
    if provider is None:
        raise NotAFullDemonstration("The demonstration's provider has no offers")
    return People(_account(Role.CHAMBER), provider, reader)


def _businesses(area: Area) -> None:
    """How many businesses there are, made up from rough shares, where no counts are loaded."""
    shares = shares_of(area.slug)
    if db.session.scalar(select(exists(select(BusinessCount)))) or not shares["district"]:
        return
    rows = [
        BusinessRow(sector, size, district, ROUNDED * round(BUSINESSES * a * b * c / ROUNDED))
        for sector, a in shares["sector"].items()
        for size, b in SIZES.items()
        for district, c in shares["district"].items()
    ]
    store_businesses([row for row in rows if row.businesses], MADE_UP)


def _members(area: Area) -> None:
    """A list of local businesses, read and saved as an officer's file is."""
    path = area.folder / MEMBERS
    if path.is_file():
        file = take(path.read_bytes(), MEMBERS, "members", area, _account(Role.CHAMBER).id)
        members.save(file, checked_again(file, area).rows, area)


def _quotes(area: Area) -> None:
    """Some employers agree to be quoted; an officer has looked at the latest, who let the Chamber write to them too."""
    willing = [one for one in reversed(invented_needs(area)) if one.quote and one.confirmed]
    for number, one in enumerate(willing):
        need = need_of(one)
        if need is None or not need.is_open or not need.text:
            continue
        with standing_at(one.moment):
            agree_to_quote(need)
            if number < QUOTED:
                agree_to_chamber(need, area.chamber)
        db.session.flush()
        if number < QUOTED:
            _at(20, lambda n=need: approve(n.id, proposed(n), _account(Role.CHAMBER).id))  # type: ignore[misc]


def _cases(area: Area) -> None:
    """Five cases: one closed, one overdue with the provider's answer, one that waits for it, one for ministers, and
    one under review for which training has come since."""
    people = _people()
    about = {label: _group_of(area, label) for label in ("quarry", "lifting", "hosiery", "gas", "drones")}
    if any(group is None for group in about.values()):
        return  # their words are forgotten: a demonstration that has stood for a year
    _closed(about["quarry"], people)
    _overdue(about["lifting"], people)
    _for_ministers(about["gas"], people)
    _under_review(about["drones"], people)
    _waiting(about["hosiery"], people)


def _group_of(area: Area, label: str) -> NeedGroup | None:
    """The group that holds most of the needs with this label; of equals the first."""
    wanted = [one.digest for one in invented_needs(area) if one.label == label]
    found = select(GroupedFacet.group_id).join(GroupedFacet.facet).join(Facet.need)
    groups = list(db.session.scalars(found.where(Need.token_digest.in_(wanted))))
    if not groups:
        return None
    return db.session.get_one(
        NeedGroup, min(groups, key=lambda group: (-groups.count(group), group))
    ).standing


def _open(group: NeedGroup | None, people: People, days_ago: int, due_in: int, rag: str, words: str) -> Case:
    """A case that was opened then, to be dealt with within so many days of that."""
    return _at(
        days_ago,
        lambda: open_case(
            people.officer, group=group, due_on=today() + timedelta(due_in), rag=rag, words=words
        ),
    )


def _closed(group: NeedGroup | None, people: People) -> None:
    case = _open(group, people, OPENED, 40, "green", "Two quarries ask. The trade body runs this nationally.")
    why = "It is run twice a year in Derbyshire, and both quarries were told by phone."
    _at(121, lambda: decide(case, NO_ACTION, people.officer, why, "elsewhere"))
    _at(118, lambda: decide(case, CLOSED, people.officer))


def _overdue(group: NeedGroup | None, people: People) -> None:
    opening = "Builders and plant firms send people to Derby for crane and slinging tickets."
    case = _open(group, people, 95, 80, "amber", opening)
    referral = _at(
        88, lambda: _refer(case, people, "run-new", figures_for(case)[:3] or _shared(case, people))
    )
    if referral is not None:
        draft = Draft(
            "new",
            1,
            starts_on=today() + timedelta(STARTS),
            words="We can run it once eight have signed up. A yard lends us its crane.",
            reach=people.reader.email,
        )
        _at(70, lambda: send_answer(people.provider, people.reader, referral.id, draft))
    case.lead = people.provider.name
    _at(62, lambda: decide(case, AGREED, people.officer, "Agreed by phone. They start with two evenings."))
    note = "The yard has sold its crane. They give us a new date next week."
    _at(18, lambda: add_note(case, people.officer, note))


def _for_ministers(group: NeedGroup | None, people: People) -> None:
    case = _open(group, people, 52, 120, "red", "")
    why = "Gas assessments are no funded qualification, so no college can draw funding for them."
    _at(33, lambda: decide(case, NATIONAL, people.officer, why))


def _under_review(group: NeedGroup | None, people: People) -> None:
    _open(group, people, 24, 60, "green", "Roofers and surveyors ask for the same licence in other words.")


def _waiting(group: NeedGroup | None, people: People) -> None:
    case = _open(
        group, people, 16, 45, "amber", "Five knitwear firms. Ask whether a short course could be built."
    )
    shared = _at(10, lambda: _shared(case, people))
    _at(6, lambda: _refer(case, people, "together", [*figures_for(case)[:4], *shared]))


def _shared(case: Case, people: People) -> list[ConsentedWords]:
    """The first employer of the case with a confirmed e-mail lets the provider see its need."""
    for facet in facets_of(case):
        if facet.need.email_verified_at is not None:
            give(facet.need, named=[people.provider.ukprn])
            db.session.flush()
            return leads_about(case, people.provider)
    return []


def _refer(case: Case, people: People, question: str, carried: Sequence[Carried]) -> Referral | None:
    """The referral; none where nothing is published of its theme and nobody shares a need."""
    if not carried:
        return None
    return send_referral(case, people.provider, question, carried, people.officer)


def _new_offers() -> bool:
    """The provider adds two offers at its desk that fit a case; True where they were not there."""
    people = _people()
    tokens = [f"demonstration-offer-{number}" for number in range(1, len(NEW_OFFERS) + 1)]
    references = [reference_of(str(people.provider.ukprn), token) for token in tokens]
    standing = select(Offer.id).where(Offer.source == DESK_SOURCE, Offer.source_ref.in_(references))
    if db.session.scalars(standing).first() is not None:
        return False
    where = select(Offer.venue_id).where(Offer.provider_id == people.provider.id, Offer.venue_id.is_not(None))
    venue = db.session.scalar(where.order_by(Offer.id).limit(1))
    for token, told in zip(tokens, NEW_OFFERS, strict=True):
        title, what, days, cost = told
        save_offer(_course(people.provider, venue, title, what, days, cost), people.provider, Origin(token=token))
    return True


NEW_OFFERS: tuple[tuple[str, str, int, int], ...] = (
    (
        "Drone pilot: GVC certificate for roof and building surveys",
        "Fly a drone safely over roofs, chimneys and solar panels. The General VLOS Certificate (GVC) that the Civil "
        "Aviation Authority asks for, flight planning, and taking pictures for a roof survey.",
        5,
        895,
    ),
    (
        "Flying drones for roof inspections: one-day starter",
        "A first day for roofers, surveyors and letting agents: drone flying, the rules, and roof and gutter "
        "inspections with a drone camera. You leave with the flyer and operator IDs.",
        1,
        180,
    ),
)


def _course(provider: Provider, venue: int | None, title: str, what: str, days: int, cost: int) -> CourseRow:
    """A short course as the desk's form gives it. It can be started at any time, so that its date never goes by."""
    return CourseRow(
        row=1,
        ref="",
        ukprn=provider.ukprn,
        kind="short-course",
        title=title,
        demonstration=True,
        who_for="Roofers, surveyors and property managers who look at roofs for their work.",
        duration_value=Decimal(days),
        duration_unit="days",
        what_learned=what,
        mode="classroom" if venue is not None else "workplace",
        study_mode="part-time" if venue is not None else "",
        attendance="daytime" if venue is not None else "",
        flexible_start=True,
        cost=Decimal(cost),
        venue_id=venue,
    )
