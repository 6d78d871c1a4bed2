"""The public pack: R1 to R12 from releases inside the dates, public facts of offers, and what officers marked public.

Nothing here is counted. Whoever changes this file: a number of employers may only come from a published `Table`, and
words of an employer only from `published_quotes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from skillsmatch.area.areas import Area, Priority
from skillsmatch.area.kinds import load_kinds
from skillsmatch.area.priorities import priorities_between
from skillsmatch.cases.actions import all_actions
from skillsmatch.cases.board import released_for
from skillsmatch.cases.measures import Followed, all_measures, value_words
from skillsmatch.cases.on_offer import OnOffer, for_priority, on_offer
from skillsmatch.cases.pack.plan_sheets import inside, r5_actions, r6_quotes
from skillsmatch.cases.pack.public_needs import (
    IN_WORDS,
    NO_RELEASE,
    r1_needs,
    r1_sectors,
    r2_engagement,
    r3_gaps,
    r4_unmet,
    range_cells,
    shown_first,
    where_none,
)
from skillsmatch.cases.pack.sheets import Pack, Sheet, Value
from skillsmatch.cases.published_quotes import published_quotes
from skillsmatch.clock import today
from skillsmatch.demand import gaps
from skillsmatch.demand.published import Edition, Table, read_table, read_tables
from skillsmatch.demand.ranges import NOBODY

NOT_PUBLISHED = "This is not published, because single employers could be known by it. Officers have it."
WHEN_SAID = "They were said in the years that these dates lie in. The day is not published."
RANGES = "A hidden number counts as 0 up to one less than the threshold, so sums are ranges."


def public_pack(area: Area, first: date, last: date) -> Pack:
    """The public pack of these days. It reads releases, offers, the plan and published quotes; no need, no signal and
    no employer."""
    found, offers = inside(first, last), on_offer()
    priorities, measures = priorities_between(area, first, last), all_measures(area)
    quotes = published_quotes(first, last, area)
    tables = [table for edition in found for table in read_tables(area, edition.period)]
    year = next((e for e in found if e.kind == "year"), None)
    newest = year or (found[-1] if found else None)
    sheets = (
        r1_needs(area, found, priorities),
        r1_sectors(area, year),
        r2_engagement(tables),
        r3_gaps(area, newest, offers, priorities),
        r4_unmet(area, found),
        r5_actions(all_actions(), today(), public=True),
        r6_quotes(quotes, priorities, (WHEN_SAID,) if quotes else ()),
        r7_method(area, found, first, last),
        r8_progress(area, found, measures, first, last),
        r9_providers(area, newest, offers),
        r10_matrix(area, newest, offers, priorities),
        r11_changed(),
        r12_tables(tables),
    )
    return Pack(
        area=area.name,
        chamber=area.chamber,
        first=first,
        last=last,
        made_on=today(),
        mark="",
        opening=tuple(opening(found, first, last)),
        sheets=sheets,
        quotes=tuple((quote.words, quote.described) for quote in quotes),
    )


def opening(found: Sequence[Edition], first: date, last: date) -> list[str]:
    """What stands first: which releases the numbers are from, or that there is none."""
    said = []
    if found:
        named = "; ".join(f"{e.period} ({e.words})" for e in found)
        said.append(f"Every number of employers is from these published releases: {named}.")
        said += [f"{e.period}: {e.rests_on}" for e in found]
    else:
        said.append(NO_RELEASE)
    if first > today():
        said.append("These dates lie in the future.")
    elif last > today():
        said.append("These dates are not over.")
    if any(e.demonstration for e in found):
        said.append("Demonstration: these employers are invented. Do not use this.")
    return said


def r7_method(area: Area, found: Sequence[Edition], first: date, last: date) -> Sheet:
    """R7: how released numbers are made, and which releases these are."""
    rows: list[tuple[Value, ...]] = [
        ("Dates", f"{first.isoformat()} to {last.isoformat()}: releases whose days all lie within them"),
        (
            "Source",
            f"Needs that employers said to skillsmatch in {area.name}, as released; offers that providers published",
        ),
        (
            "What is counted",
            "Distinct employers with a confirmed e-mail, once each, when a quarter or a year is over. At most five "
            "themes of an employer count in a quarter",
        ),
        ("Sums", f"{RANGES} {gaps.TWICE}"),
        ("Occupations", "A fixed list gives each theme its SOC 2020 unit groups"),
        (
            "Known bias",
            "Who asks is not a sample: firms that know the service and need training now are over-represented",
        ),
    ]
    for edition in found:
        published = edition.published_at.date().isoformat() if edition.published_at else ""
        rows.append(
            (f"Release {edition.period}", f"{edition.words}, published on {published}. {edition.rests_on}")
        )
        rows += [(f"Release {edition.period}", words) for words in edition.notes]
    return Sheet(
        code="R7",
        name="Method",
        title="How these numbers are made",
        words=where_none(found),
        header=("What", "How"),
        rows=tuple(rows),
    )


def r8_progress(
    area: Area, found: Sequence[Edition], measures: Sequence[Followed], first: date, last: date
) -> Sheet:
    """R8: what each release says in all, and the plan's own measures with their days and sources."""
    rows: list[tuple[Value, ...]] = []
    for edition in found:
        for name, title in (("employers", "Employers"), ("outcome", "What became of the need")):
            table = read_table(area, edition.period, name)
            rows += [
                (f"{title}: {c.first_name}", edition.period, c.shown, c.words, f"release {edition.period}")
                for c in table.cells
            ]
    for one in measures:
        for value in one.values:
            if value.day <= last:
                title = f"{one.measure.title} ({one.measure.unit})"
                rows.append(
                    (title, value.day.isoformat(), float(value.value), value_words(value.value), value.source)
                )
    return Sheet(
        code="R8",
        name="Progress",
        title="Measures over time",
        words=(*where_none(found), "Searches, replies and starts are not published."),
        header=("Measure", "Release or day", "Value", "In words", "Source"),
        rows=tuple(rows),
    )


def r9_providers(area: Area, edition: Edition | None, offers: Sequence[OnOffer]) -> Sheet:
    """R9: what each provider teaches, and the released demand for it in the whole area."""
    asked = gaps.asked_by_theme(read_table(area, edition.period, "theme")) if edition else {}
    own: dict[int, list[OnOffer]] = defaultdict(list)
    for offer in offers:
        own[offer.taught.ukprn].append(offer)
    rows: list[tuple[Value, ...]] = []
    for ukprn, some in own.items():
        themes = {o.taught.theme for o in some if o.taught.theme}
        number = sum((asked.get(theme, NOBODY) for theme in sorted(themes)), NOBODY) if edition else None
        low, high, words = range_cells(number) if number else ("", "", "")
        rows.append((ukprn, some[0].taught.provider, len(some), len(themes), low, high, words))
    return Sheet(
        code="R9",
        name="Providers",
        title="Providers: what they teach, and who asks for it",
        words=(
            *where_none(edition),
            f"Employers are the sum over the provider’s themes in the whole area. {RANGES} {gaps.TWICE}",
            "Each provider has an evidence pack of its own, with the demand where it teaches.",
        ),
        header=("UKPRN", "Provider", "Offers", "Themes taught", "Employers from", "Employers to", IN_WORDS),
        rows=tuple(sorted(rows, key=lambda r: (-shown_first(r[2]), str(r[0])))),
        in_table=("UKPRN", "Provider", "Offers", "Themes taught", IN_WORDS),
    )


def r10_matrix(
    area: Area, edition: Edition | None, offers: Sequence[OnOffer], priorities: Sequence[Priority]
) -> Sheet:
    """R10: each priority's released demand, and offers by kind; employers by kind stand in the last row."""
    kinds = load_kinds()
    rows: list[tuple[Value, ...]] = []
    for priority in priorities:
        there = for_priority(priority, offers)
        number = released_for(area, priority, edition) if edition else None
        counts = [sum(o.kind == kind.value for o in there) for kind in kinds]
        rows.append((priority.code, priority.title, number.words if number else "", *counts))
    if edition:
        table = read_table(area, edition.period, "kind")
        rows.append(
            ("", "Employers who want the kind, in all", "", *(table.of(kind.value).words for kind in kinds))
        )
    return Sheet(
        code="R10",
        name="Priority by kind",
        title="Priorities by kind of training",
        words=(
            *where_none(edition),
            "The columns of kinds have offers that stand today. Who wants a kind is released for all needs together, "
            f"and stands in the last row. {gaps.TWICE}",
        ),
        header=("Priority", "Title", "Employers", *(words.name for words in kinds.values())),
        rows=tuple(rows),
        in_document=False,
    )


def r11_changed() -> Sheet:
    """R11: what changed for single employers is not published."""
    return Sheet(
        code="R11",
        name="What changed",
        title="What changed: from a need to training",
        words=(
            NOT_PUBLISHED,
            "How many employers say that something fitted stands in “Unmet needs”, as released.",
        ),
        header=("Need", "What the provider did", "Start", "Learners", "What employers say"),
        rows=(),
        in_document=False,
    )


def r12_tables(tables: Sequence[Table]) -> Sheet:
    """R12: every released table, with the file it stands in."""
    return Sheet(
        code="R12",
        name="Open data",
        title="Every released table",
        words=() if tables else (NO_RELEASE,),
        header=("Release", "Table", "Title", "Numbers shown", "Numbers in all", "File"),
        rows=tuple(
            (
                *(t.edition.period, t.name, t.title, len(t.shown), len(t.cells)),
                f"releases/{t.edition.period}-{t.name}.csv",
            )
            for t in tables
        ),
        in_document=False,
    )


def released_tables(area: Area, first: date, last: date) -> list[Table]:
    """Every table of every release within the dates."""
    return [t for edition in inside(first, last) for t in read_tables(area, edition.period)]
