"""R4 and R7 of the internal pack: the register of unmet needs, and how the numbers are made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import current_app
from sqlalchemy import case as case_when
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from skillsmatch.accounts.models import Account
from skillsmatch.area.areas import Area
from skillsmatch.area.reasons import REASONS
from skillsmatch.cases.asked import DEDUPE, WHAT_COUNTS, Asked, Filters, by, sum_of
from skillsmatch.cases.case_models import Case, case_is_here
from skillsmatch.cases.case_moves import NO_ACTION_WHY, State
from skillsmatch.cases.fit_models import FitBatch, FitMail, NewFit, ToldOffer
from skillsmatch.cases.models import GroupedFacet, NeedGroup
from skillsmatch.cases.pack.needs import theme_name
from skillsmatch.cases.pack.sheets import Sheet, Value
from skillsmatch.cases.referral_models import Referral, ReferralAnswer
from skillsmatch.clock import day_of
from skillsmatch.demand.disclosure import rules_of
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.models import Offer
from skillsmatch.words import count_words

NO_CASE = "no case yet"
MOST_COURSES = 3  # offers named in one cell


def r4_register(rows: Sequence[Asked], filters: Filters, area: Area) -> Sheet:
    """R4: each group of unmet needs with what was decided, and each case that was dealt with in these dates; then unmet
    needs in no group yet, by theme."""
    unmet = {r.signal: r for r in rows if r.outcome == "unmet"}
    groups, facets = _groups(filters, unmet)
    cases, told, owners = _cases(), said_of_mails(), _owners()
    courses = _courses(facets, cases)
    active = [number for (about, number), case in cases.items() if about == "group" and _dealt_with(case, filters)]
    by_need = by(list(unmet.values()), lambda r: str(r.need))
    found: list[tuple[Value, ...]] = []

    def line(number: str, name: str, theme: str, some: Sequence[Asked], case: Case | None, new: Iterable[str]) -> None:
        found.append(_line(_About(number, name, theme, case, new), some, told, owners, filters, area))

    wanted = list(dict.fromkeys((*groups, *active)))
    named = {row.id: row for row in db.session.scalars(select(NeedGroup).where(NeedGroup.id.in_(wanted)))}
    for number in wanted:
        group = named[number]
        case = cases.get(("group", number))
        line(f"group {number}", group.name, group.theme, groups.get(number, ()), case, courses.get(number, ()))
    for (about, number), case in cases.items():
        some = by_need.get(str(number), []) if about == "need" else []
        if some or (about == "need" and _dealt_with(case, filters)):
            line(f"case {case.id}", "One need", some[0].theme if some else "", some, case, courses.get(-case.id, ()))
    grouped = {r.signal for some in groups.values() for r in some}
    for theme, some in by([r for r in unmet.values() if r.signal not in grouped], lambda r: r.theme).items():
        line("", f"{theme_name(theme)}: in no group yet", theme, some, None, ())
    found.sort(key=lambda row: (not row[0], row[14] == NO_CASE, -_number(row[4]), str(row[1]), str(row[0])))
    return Sheet(
        code="R4",
        name="Register",
        title="Register of unmet needs",
        words=(
            "Needs asked for in these dates for which nothing fits still, or whose employer said that none fits; and "
            "cases that were opened, decided or closed in these dates, though nothing of them may be unmet now. Cases "
            "as they stand on the day the pack is made.",
            "Reasons are the service’s and the employers’ own, with the number of skills. Employers and people wanted "
            "are those of unmet needs: the most that each employer asked for, summed; one that did not say counts as "
            "one.",
            "A group’s name may be an employer’s words with personal data hidden. It is for officers only.",
        ),
        header=(
            *("Number", "Need", "Theme", "Reasons (skills)", "Employers", "People wanted", "Districts (skills)"),
            *("First seen", "Last seen", "Reviewer", "Decision", "Lead organisation", "Due", "RAG"),
            *("Where it stands", "Closed on", "Outcome", "Courses that fit since", "Filter"),
        ),
        rows=tuple(found),
        in_table=(
            *("Need", "Reasons (skills)", "Employers", "People wanted", "Districts (skills)", "Decision"),
            *("Lead organisation", "Due", "RAG", "Outcome"),
        ),
    )


def _dealt_with(case: Case, filters: Filters) -> bool:
    """Whether the case was opened, decided or closed within the dates."""
    first, after = filters.moments
    return any(at is not None and first <= at < after for at in (case.opened_at, case.decided_at, case.closed_at))


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _groups(filters: Filters, unmet: dict[int, Asked]) -> tuple[dict[int, list[Asked]], dict[int, list[int]]]:
    """The unmet rows of each group, and its facets' numbers; only groups with such rows."""
    wanted = select(GroupedFacet.group_id, Facet.id, Facet.signal_id).join(
        Facet, Facet.id == GroupedFacet.facet_id
    )
    wanted = wanted.join(DemandSignal, DemandSignal.id == Facet.signal_id)
    wanted = wanted.where(DemandSignal.made_on >= filters.first, DemandSignal.made_on <= filters.last)
    groups: dict[int, list[Asked]] = defaultdict(list)
    facets: dict[int, list[int]] = defaultdict(list)
    for group, facet, signal in db.session.execute(wanted.order_by(GroupedFacet.group_id, Facet.id)):
        if signal in unmet:
            groups[group].append(unmet[signal])
            facets[group].append(facet)
    return dict(groups), dict(facets)


def _cases() -> dict[tuple[str, int], Case]:
    """The case of each group, or of the one that it was merged into, and of each need: an open one, else the latest."""
    found: dict[tuple[str, int], Case] = {}
    wanted = select(Case).where(case_is_here()).options(joinedload(Case.group))
    for case in sorted(db.session.scalars(wanted), key=lambda case: (case.is_open, case.id)):
        about = ("need", case.need_id or 0) if case.group is None else ("group", case.group.standing.id)
        found[about] = case
    return found


def said_of_mails() -> dict[int, Counter[str]]:
    """For each case, how many needs' employers said that training we wrote about helps, and how many that none does."""
    said = select(FitBatch.case_id, FitMail.need_id, func.max(case_when((ToldOffer.said == "helps", 1), else_=0)))
    said = said.join(FitMail, FitMail.batch_id == FitBatch.id).join(ToldOffer, ToldOffer.mail_id == FitMail.id)
    said = said.where(ToldOffer.said != "").group_by(FitBatch.case_id, FitMail.need_id)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for case, _need, helps in db.session.execute(said):
        found[case]["helps" if helps else "no"] += 1
    return found


def _owners() -> dict[int, str]:
    """The names of those who own cases."""
    owned = select(Account.id, Account.name).where(Account.id.in_(select(Case.owner_id)))
    return dict(db.session.execute(owned).tuples().all())


def _courses(
    facets: dict[int, list[int]], cases: Mapping[tuple[str, int], Case]
) -> dict[int, tuple[str, ...]]:
    """For each group, titles of offers that came later and fit one of its needs, and those that providers named when
    they answered its case. A case about one need is named by its number with a minus."""
    group_of = {facet: group for group, some in facets.items() for facet in some}
    titles: dict[int, Counter[str]] = defaultdict(Counter)
    fits = select(NewFit.facet_id, Offer.title).join(Offer, Offer.id == NewFit.offer_id)
    for facet, title in db.session.execute(fits.where(Offer.withdrawn_at.is_(None))):
        if facet in group_of:
            titles[group_of[facet]][title] += 1
    answered = select(Referral.case_id, Offer.title).join(ReferralAnswer, ReferralAnswer.referral_id == Referral.id)
    answered = answered.join(Offer, Offer.id == ReferralAnswer.offer_id).where(Offer.withdrawn_at.is_(None))
    place = {case.id: number if about == "group" else -case.id for (about, number), case in cases.items()}
    for case, title in db.session.execute(answered):
        if case in place:
            titles[place[case]][title] += 1
    return {
        group: tuple(sorted(counted, key=lambda t: (-counted[t], t))[:MOST_COURSES])
        for group, counted in titles.items()
    }


@dataclass(frozen=True, slots=True)
class _About:
    """What one row is about: a group, a case about one need, or a theme's needs in no group."""

    number: str
    name: str
    theme: str
    case: Case | None
    courses: Iterable[str]


def _line(
    about: _About,
    some: Sequence[Asked],
    told: Mapping[int, Counter[str]],
    owners: Mapping[int, str],
    filters: Filters,
    area: Area,
) -> tuple[Value, ...]:
    total, case = sum_of(some), about.case
    reasons = Counter(reason for r in some for reason in r.reasons)
    names = {reason.code: reason.name for reason in REASONS}
    districts = Counter(area.district_name(r.district) or "not said" for r in some)
    decided = State(case.decision).words if case and case.decision else "not decided yet" if case else NO_CASE
    return (
        *(about.number, about.name, theme_name(about.theme) if about.theme or some else ""),
        _counted({names.get(code, code): number for code, number in reasons.items()}),
        *(total.employers, people_wanted(some), _counted(districts)),
        *(min((r.made_on for r in some), default=None), max((r.made_on for r in some), default=None)),
        owners.get(case.owner_id or 0, "") if case else "",
        *(decided, case.lead if case else "", case.due_on if case else None, case.rag if case else ""),
        State(case.state).words if case else NO_CASE,
        day_of(case.closed_at) if case and case.closed_at else None,
        outcome_words(case, told) if case else "",
        "; ".join(about.courses),
        _again(about.number, about.theme, filters),
    )


def people_wanted(rows: Iterable[Asked]) -> int:
    """As the register has it: the most that each employer asked for, summed; one that did not say counts as one."""
    most: dict[int, int] = {}
    for row in rows:
        most[row.employer] = max(most.get(row.employer, 0), row.people or 0)
    return sum(people or 1 for people in most.values())


def _counted(numbers: Mapping[str, int]) -> str:
    return "; ".join(f"{name} ({n})" for name, n in sorted(numbers.items(), key=lambda one: (-one[1], one[0])))


def outcome_words(case: Case, told: Mapping[int, Counter[str]]) -> str:
    """What came of the case, in words: why nothing is done, what employers said of the training they were told of."""
    said = told.get(case.id, Counter())
    words = [NO_ACTION_WHY[case.no_action_why].words] if case.no_action_why else []
    words += [f"it helps {count_words(said['helps'], 'employer')}"] if said["helps"] else []
    words += [f"it does not help {count_words(said['no'], 'employer')}"] if said["no"] else []
    return "; ".join(words)


def _again(number: str, theme: str, filters: Filters) -> str:
    """How the row is asked for again: a group by its own page, and the rest by the filter of its theme."""
    kind, _, own = number.partition(" ")
    if kind == "group":
        return f"/cases/groups/{own}?since={filters.first}&until={filters.last}"
    if kind == "case":
        return f"/cases/case/{own}"
    words = replace(filters, outcome="unmet", theme=theme or "none").words
    return f"{words}: less those in groups"


def r7_method(rows: Sequence[Asked], filters: Filters, area: Area) -> Sheet:
    """R7: how the internal numbers are made."""
    rules, total = rules_of(current_app.config), sum_of(rows)
    versions = select(Need.matcher_version, func.count()).join(Facet, Facet.need_id == Need.id)
    versions = versions.join(DemandSignal, DemandSignal.id == Facet.signal_id)
    versions = versions.where(DemandSignal.made_on >= filters.first, DemandSignal.made_on <= filters.last)
    used = sorted(
        v or "none: not searched yet" for v, _ in db.session.execute(versions.group_by(Need.matcher_version))
    )
    unsaid = sum(not r.theme for r in rows)
    return Sheet(
        code="R7",
        name="Method",
        title="How these numbers are made",
        words=(),
        header=("What", "How"),
        rows=(
            (
                "Dates",
                f"{filters.first.isoformat()} to {filters.last.isoformat()}, both included, by the day a need was made",
            ),
            (
                "Source",
                f"Needs that employers said to skillsmatch in {area.name}; offers that providers published",
            ),
            ("What counts", WHAT_COUNTS),
            ("Employers counted once", DEDUPE),
            ("Counted", f"{total.employers} employers, {total.needs} searches, {total.facets} skills"),
            (
                "Not clear",
                f"{unsaid} of {total.facets} skills have no theme, because their words were not clear",
            ),
            (
                "Occupation",
                "As the employer confirmed it, else as the service understood it, else the theme’s own",
            ),
            ("Matcher", "; ".join(used) or "no need was searched in these dates"),
            (
                "Disclosure control",
                f"None here: numbers are exact, for officers. Releases hide fewer than {rules.threshold} employers and "
                f"round to {rules.base}",
            ),
            (
                "Known bias",
                "Who asks is not a sample: firms that know the service, that can write down what they need, and that "
                "need training now are over-represented. Large firms ask more often than their number says",
            ),
            ("Made again", "The page “Figures” gives each number by the filter that stands beside it"),
        ),
        most=30,
    )
