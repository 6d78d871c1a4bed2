"""Cohorts as one provider may see them now, and telling of them. Made anew each time from consents that stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import contains_eager

from skillsmatch.accounts.models import Account, Organisation
from skillsmatch.accounts.roles import Role
from skillsmatch.accounts.sign_ins import is_at_home
from skillsmatch.addresses import whole_address
from skillsmatch.area.themes import load_themes
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.demand.merging import roots_of
from skillsmatch.extensions import db
from skillsmatch.leads.cohorts import CLASS_PEOPLE, Cohort, Pooled, group
from skillsmatch.leads.mails import tell_employer
from skillsmatch.leads.models import ClassSize, CohortNotice
from skillsmatch.leads.opening import lead_of
from skillsmatch.leads.seeing import Shown, Sight, pooled_for, read, sights_for
from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.models import Provider
from skillsmatch.texts.reading import letter


@dataclass(frozen=True, slots=True)
class SeenCohort:
    """A cohort with the leads it is made of, all of which this provider may see."""

    cohort: Cohort
    leads: tuple[tuple[Shown, Facet], ...]  # each lead with the facet by which it belongs

    @property
    def theme_name(self) -> str:
        """The theme in words."""
        theme = load_themes().themes.get(self.cohort.theme)
        return theme.name if theme else self.cohort.theme

    @property
    def places(self) -> list[str]:
        """The members' places, each once."""
        return sorted({shown.need.place for shown, _ in self.leads if shown.need.place})


def cohorts_for(provider: Provider) -> list[SeenCohort]:
    """The cohorts of leads whose employers let this provider see them and agreed to be pooled; largest first.

    Only such leads go in, so no cohort holds, counts or hints at an employer that did not agree to this provider.
    """
    found = _facets(read([sight for sight in sights_for(provider) if sight.pooled]))
    cohorts = group(_pooled(found))
    cohorts.sort(key=lambda c: (-c.employers, -c.people, c.seed))
    return [SeenCohort(c, tuple(found[m.facet] for m in c.members)) for c in cohorts]


def _facets(leads: Iterable[Shown], themes: Collection[str] = ()) -> dict[int, tuple[Shown, Facet]]:
    """The facets of these leads that can be grouped, by number; of `themes`, or of any where none is named."""
    return {
        facet.id: (shown, facet)
        for shown in leads
        if shown.need.lat is not None
        for facet in shown.facets
        if facet.theme and (not themes or facet.theme in themes)
    }


def _pooled(found: dict[int, tuple[Shown, Facet]]) -> list[Pooled]:
    if len(found) < 2:
        return []
    from skillsmatch.matching.meaning import meaning_alone

    roots = roots_of({facet.signal.employer_key_id for _, facet in found.values()})
    vectors = [meaning_alone(facet.text) for _, facet in found.values()]
    return [
        Pooled(
            facet=facet.id,
            employer=roots[facet.signal.employer_key_id],
            theme=facet.theme,
            lat=shown.need.lat or 0.0,
            lon=shown.need.lon or 0.0,
            people=_people(shown.need, facet),
            vector=vector,
        )
        for (shown, facet), vector in zip(found.values(), vectors, strict=True)
    ]


def _people(need: Need, facet: Facet) -> int:
    """The people for this facet; those of the whole need where it asks for one thing only."""
    return facet.people or (need.people if len(need.live_facets) == 1 else None) or 1


def class_size(provider: Provider) -> int:
    """How many people make a class for this provider."""
    own = db.session.scalar(select(ClassSize.people).where(ClassSize.provider_id == provider.id))
    return own or CLASS_PEOPLE


def set_class_size(provider: Provider, people: int) -> None:
    """From now on this provider is told of cohorts of so many people."""
    own = db.session.scalar(select(ClassSize).where(ClassSize.provider_id == provider.id))
    if own is None:
        db.session.add(ClassSize(provider_id=provider.id, people=people))
    else:
        own.people = people


def about_employers(need: Need) -> int:
    """Of how many employers, rounded down to fives, this need's employer may be told now; 0 for none.

    The largest of the cohorts that any provider it chose can see it in. For the need's private page. Leads are read
    and compared once for all providers, and grouped once for those that may see the same ones.
    """
    themes = {f.theme for f in need.live_facets if f.theme}
    lead = lead_of(need)
    if lead is None or not themes or need.lat is None:
        return 0
    like = exists().where(Facet.need_id == Need.id, Facet.removed_at.is_(None), Facet.theme.in_(themes))
    seen = set(pooled_for(providers_with_accounts(), need, like))
    union = sorted(frozenset[int]().union(*seen))
    found = _facets(read([Sight(number, now(), None, True) for number in union]), themes)
    pooled, own = _pooled(found), {f.id for f in need.live_facets}
    most = 0
    for numbers in seen:
        cohorts = group(one for one in pooled if found[one.facet][0].lead.id in numbers)
        most = max([most, *(c.about for c in cohorts if any(m.facet in own for m in c.members))])
    return most


def readers() -> list[Account]:
    """The accounts of providers and colleges with a UKPRN that can sign in here: those who may see leads."""
    active = (
        select(Account)
        .join(Account.organisation)
        .options(contains_eager(Account.organisation))
        .where(Account.disabled_at.is_(None), Organisation.ukprn.is_not(None))
        .order_by(Account.id)
    )
    return [a for a in db.session.scalars(active) if a.has(Role.COLLEGE, Role.PROVIDER) and is_at_home(a)]


def providers_with_accounts() -> list[Provider]:
    """The providers some account can see leads for, by name."""
    ukprns = {account.organisation.ukprn for account in readers()}
    return list(
        db.session.scalars(select(Provider).where(Provider.ukprn.in_(ukprns)).order_by(Provider.name))
    )


def tell_of_cohorts() -> int:
    """Posts what is due about cohorts, each once; returns how many mails. For the worker.

    A provider hears when a cohort reaches its own class size; nobody else does by that. The members hear at
    TELL_EMPLOYERS employers, whatever the class size, and are told a number rounded down. What is due is looked
    for first, and a write transaction is begun for a provider only where something is: reading takes a while.
    """
    numbers = [provider.id for provider in providers_with_accounts()]
    due = [n for n in numbers if any(_due(db.session.get_one(Provider, n)))]
    return sum(keep(lambda n=n: _tell(n)) for n in due)  # type: ignore[misc]


Member = tuple[Need, Facet, SeenCohort]


def _due(provider: Provider) -> tuple[list[SeenCohort], list[Member]]:
    """The cohorts this provider has to be told of, and the members that have to be."""
    size, seen = class_size(provider), cohorts_for(provider)
    classes = [one for one in seen if one.cohort.people >= size and not _was_told(provider, one)]
    members: dict[int, Member] = {}
    for one in seen:
        for shown, facet in one.leads if one.cohort.about else ():
            if not db.session.scalar(select(exists().where(CohortNotice.need_id == shown.need.id))):
                members.setdefault(shown.need.id, (shown.need, facet, one))
    return classes, list(members.values())


def _was_told(provider: Provider, seen: SeenCohort) -> bool:
    told = exists().where(
        CohortNotice.ukprn == provider.ukprn,
        CohortNotice.seed_facet_id == seen.cohort.seed,
        CohortNotice.need_id.is_(None),
    )
    return bool(db.session.scalar(select(told)))


def _tell(number: int) -> int:
    provider = db.session.get_one(Provider, number)
    classes, members = _due(provider)
    size = class_size(provider)
    accounts = [a for a in readers() if a.organisation.ukprn == provider.ukprn]
    told = sum(_tell_provider(provider, accounts, seen, size) for seen in classes)
    return told + sum(_tell_member(provider, *member) for member in members)


def _tell_provider(provider: Provider, accounts: list[Account], seen: SeenCohort, size: int) -> int:
    """The mail names the theme and the provider's own number, and nothing of any employer."""
    sent = 0
    for account in accounts:
        words = {"name": account.name, "people": size, "theme": seen.theme_name}
        mail = letter("leads.cohort", **words, link=whole_address("leads.cohorts"))
        key = f"cohort-{provider.ukprn}-{seen.cohort.seed}-{account.id}"
        try:
            post(key, account.email, mail.subject, mail.body)
        except TooManyMessages:
            continue
        sent += 1
    if sent:
        _note(provider, seen, None)
    return sent


def _tell_member(provider: Provider, need: Need, facet: Facet, seen: SeenCohort) -> int:
    """Each need is told once, by whichever provider's cohort reaches the number first."""
    if not tell_employer(
        need, "cohort", "leads.cohort-member", quoted=facet.text, employers=seen.cohort.about
    ):
        return 0
    _note(provider, seen, need.id)
    return 1


def _note(provider: Provider, seen: SeenCohort, need_id: int | None) -> None:
    seed = seen.cohort.seed
    db.session.add(CohortNotice(ukprn=provider.ukprn, seed_facet_id=seed, need_id=need_id, told_at=now()))
    db.session.flush()
