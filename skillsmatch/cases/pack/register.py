"""R4 and R7 of the internal pack: the register of unmet needs, and how the numbers are made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from flask import current_app
from sqlalchemy import func, select

from skillsmatch.accounts.models import Account
from skillsmatch.area.areas import Area
from skillsmatch.area.reasons import REASONS
from skillsmatch.cases.asked import DEDUPE, WHAT_COUNTS, Asked, Filters, by, sum_of
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.case_moves import State
from skillsmatch.cases.fit_models import NewFit
from skillsmatch.cases.models import GroupedFacet, NeedGroup
from skillsmatch.cases.pack.needs import theme_name
from skillsmatch.cases.pack.plan_sheets import iso
from skillsmatch.cases.pack.sheets import Sheet, Value
from skillsmatch.demand.disclosure import rules_of
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.models import Offer

MOST_COURSES = 3  # offers named in one cell


def r4_register(rows: Sequence[Asked], filters: Filters, area: Area) -> Sheet:
    """R4: each group of unmet needs with what was decided; then unmet needs in no group yet, by theme."""
    unmet = {r.signal: r for r in rows if r.outcome == "unmet"}
    groups, facets = _groups(filters, unmet)
    cases, courses, owners = _cases(), _courses(facets), _owners()
    named = {row.id: row for row in db.session.scalars(select(NeedGroup).where(NeedGroup.id.in_(groups)))}
    found: list[tuple[Value, ...]] = []
    for number, some in groups.items():
        group = named[number]
        case = cases.get(("group", number))
        new = courses.get(number, ())
        found.append(
            _line(f"group {number}", group.name, group.theme, some, case, new, owners, filters, area)
        )
    for (about, number), case in cases.items():
        if about == "need" and (some := [r for r in unmet.values() if r.need == number]):
            name = "One need"
            found.append(_line(f"case {case.id}", name, some[0].theme, some, case, (), owners, filters, area))
    grouped = {r.signal for some in groups.values() for r in some}
    for theme, some in by([r for r in unmet.values() if r.signal not in grouped], lambda r: r.theme).items():
        name = f"{theme_name(theme)}: in no group yet"
        found.append(_line("", name, theme, some, None, (), owners, filters, area))
    found.sort(key=lambda row: (-_number(row[4]), str(row[1]), str(row[0])))
    return Sheet(
        code="R4",
        name="Register",
        title="Register of unmet needs",
        words=(
            "Needs for which nothing fitted, or whose employer said that none fits. Reasons are the service’s and the "
            "employers’ own, with the number of needs.",
            "A group’s name may be an employer’s words with personal data hidden. It is for officers only.",
        ),
        header=(
            *(
                "Number",
                "Need",
                "Theme",
                "Reasons (needs)",
                "Employers",
                "People wanted",
                "Districts",
                "First seen",
            ),
            *("Last seen", "Reviewer", "Decision", "Lead organisation", "Due", "RAG", "Where it stands"),
            *("Courses that fit since", "Filter"),
        ),
        rows=tuple(found),
    )


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
    """The latest case of each group and of each need."""
    found: dict[tuple[str, int], Case] = {}
    for case in db.session.scalars(select(Case).order_by(Case.id)):
        about = ("group", case.group_id) if case.group_id is not None else ("need", case.need_id or 0)
        found[about] = case
    return found


def _owners() -> dict[int, str]:
    """The names of those who own cases."""
    owned = select(Account.id, Account.name).where(Account.id.in_(select(Case.owner_id)))
    return dict(db.session.execute(owned).tuples().all())


def _courses(facets: dict[int, list[int]]) -> dict[int, tuple[str, ...]]:
    """For each group, titles of offers that came later and fit one of its needs."""
    group_of = {facet: group for group, some in facets.items() for facet in some}
    titles: dict[int, Counter[str]] = defaultdict(Counter)
    fits = select(NewFit.facet_id, Offer.title).join(Offer, Offer.id == NewFit.offer_id)
    for facet, title in db.session.execute(fits.where(Offer.withdrawn_at.is_(None))):
        if facet in group_of:
            titles[group_of[facet]][title] += 1
    return {
        group: tuple(sorted(counted, key=lambda t: (-counted[t], t))[:MOST_COURSES])
        for group, counted in titles.items()
    }


def _line(
    number: str,
    name: str,
    theme: str,
    some: Sequence[Asked],
    case: Case | None,
    courses: Iterable[str],
    owners: dict[int, str],
    filters: Filters,
    area: Area,
) -> tuple[Value, ...]:
    total = sum_of(some)
    reasons = Counter(reason for r in some for reason in r.reasons)
    names = {reason.code: reason.name for reason in REASONS}
    districts = Counter(area.district_name(r.district) or "not said" for r in some)
    decided = State(case.decision).words if case and case.decision else ""
    return (
        *(number, name, theme_name(theme)),
        "; ".join(
            f"{names.get(c, c)} ({n})" for c, n in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
        ),
        *(total.employers, total.people),
        "; ".join(f"{d} ({n})" for d, n in sorted(districts.items(), key=lambda one: (-one[1], one[0]))),
        *(min(r.made_on for r in some).isoformat(), max(r.made_on for r in some).isoformat()),
        owners.get(case.owner_id or 0, "") if case else "",
        *(decided, case.lead if case else "", iso(case.due_on) if case else "", case.rag if case else ""),
        State(case.state).words if case else "no case yet",
        "; ".join(courses),
        _again(number, theme, filters),
    )


def _again(number: str, theme: str, filters: Filters) -> str:
    """How the row is asked for again: a group by its own page, and the rest by the filter of its theme."""
    kind, _, own = number.partition(" ")
    if kind == "group":
        return f"/cases/groups/{own}?since={filters.first}&until={filters.last}"
    words = replace(filters, outcome="unmet", theme=theme or "none").words
    return f"{words}: {number}" if number else f"{words}: less those in groups"


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
