"""The public pack: R1 to R12 from releases inside the dates, public facts of offers, and what officers marked public.

Nothing here is counted. Whoever changes this file: a number of employers may only come from a published `Table`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from skillsmatch.area.areas import Area, Priority
from skillsmatch.area.kinds import LEVELS, load_kinds
from skillsmatch.area.national import load_soc
from skillsmatch.area.priorities import priorities_between
from skillsmatch.area.themes import Theme, load_themes
from skillsmatch.cases.actions import all_actions
from skillsmatch.cases.board import released_for
from skillsmatch.cases.measures import Followed, all_measures, value_words
from skillsmatch.cases.on_offer import OnOffer, for_priority, on_offer, soonest
from skillsmatch.cases.pack.plan_sheets import inside, r5_actions, r6_quotes
from skillsmatch.cases.pack.sheets import Bars, Pack, Sheet, Value
from skillsmatch.clock import today
from skillsmatch.demand import gaps
from skillsmatch.demand.published import Edition, Table, read_table, read_tables
from skillsmatch.demand.ranges import NOBODY, Range

NO_RELEASE = "No published release lies within these dates, so no number of employers is shown."
NOT_PUBLISHED = "This is not published, because single employers could be known by it. Officers have it."
RANGES = "A hidden number counts as 0 up to one less than the threshold, so sums are ranges."


def public_pack(area: Area, first: date, last: date) -> Pack:
    """The public pack of these days. It reads releases, offers and the plan; no need, no signal and no employer."""
    found, offers = inside(first, last), on_offer()
    priorities, measures = priorities_between(area, first, last), all_measures(area)
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
        r6_quotes((), public=True),
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


def _none(found: Sequence[Edition] | Edition | None) -> tuple[str, ...]:
    return () if found else (NO_RELEASE,)


def _range(number: Range) -> tuple[int, int, str]:
    return number.low, number.high, number.words


def _codes(theme: Theme) -> tuple[str, str]:
    soc = load_soc()
    return "; ".join(theme.soc), "; ".join(soc[code] for code in theme.soc if code in soc)


def r1_needs(area: Area, found: Sequence[Edition], priorities: Sequence[Priority]) -> Sheet:
    """R1: every theme in every release, with the occupations that the fixed map gives it."""
    rows: list[tuple[Value, ...]] = []
    known = load_themes().themes
    for edition in found:
        table = read_table(area, edition.period, "theme")
        people = read_table(area, edition.period, "people") if edition.kind == "year" else None
        for cell in table.cells:
            theme = known.get(cell.first)
            rows.append(
                (
                    *(edition.period, cell.first, cell.first_name, *(_codes(theme) if theme else ("", ""))),
                    *(cell.shown, cell.words, people.of(cell.first).words if people else ""),
                    "; ".join(p.code for p in priorities if theme and p.names(theme)),
                )
            )
    latest = [row for row in rows if row[0] == (found[0].period if found else "") and row[5] is not None]
    top = sorted(latest, key=lambda row: (-_shown(row[5]), str(row[2])))[:15]
    return Sheet(
        code="R1",
        name="Needs",
        title="Skills that employers ask for, with occupations",
        words=(
            *_none(found),
            "Occupations are those of the theme in a fixed list, the same for every release. They are not counted.",
            "Sectors stand in “Sectors”. When an employer needs the skill is not published.",
        ),
        header=(
            *(
                "Release",
                "Theme code",
                "Need",
                "SOC 2020",
                "SOC 2020 titles",
                "Employers",
                "In words",
                "People wanted",
            ),
            "LSIP priorities",
        ),
        rows=tuple(sorted(rows, key=lambda r: (_place(found, r[0]), -_shown(r[5]), str(r[2])))),
        chart=Bars(
            "Employers by skill theme" + (f", {found[0].words}" if found else ""),
            "employers",
            tuple((str(row[2]), _shown(row[5])) for row in top),
        ),
    )


def _shown(number: Value) -> float:
    """For the order: a hidden number comes after every one that is shown."""
    return float(number) if isinstance(number, int | float) else -1.0


def _place(found: Sequence[Edition], period: Value) -> int:
    return next(place for place, edition in enumerate(found) if edition.period == period)


def r1_sectors(area: Area, year: Edition | None) -> Sheet:
    """R1: themes by SIC 2007 section; the numbers that are shown, of the release of a year."""
    table = read_table(area, year.period, "theme-by-sector") if year else None
    return Sheet(
        code="R1",
        name="Sectors",
        title="Skills that employers ask for, by sector (SIC 2007)",
        words=(
            *(() if table else ("Sectors are released for years only, and none lies within these dates.",)),
            "A pair that does not stand here has fewer employers than are shown, or none.",
        ),
        header=("Release", "Theme code", "Need", "SIC 2007 section", "Section title", "Employers"),
        rows=tuple(
            (table.edition.period, c.first, c.first_name, c.second, c.second_name, c.shown)
            for c in table.shown
        )
        if table
        else (),
        in_document=False,
    )


def r2_engagement(tables: Sequence[Table]) -> Sheet:
    """R2: employers by size, sector and district, as released."""
    wanted = {"size": "Size", "sector": "Sector (SIC 2007)", "district": "District", "employers": "Counted"}
    rows = [
        (table.edition.period, wanted[table.name], cell.first_name, cell.shown, cell.words)
        for table in tables
        if table.name in wanted
        for cell in table.cells
    ]
    return Sheet(
        code="R2",
        name="Engagement",
        title="Who took part",
        words=(
            *(() if rows else (NO_RELEASE,)),
            "Each number is changed a little on its own, so shares are not worked out. Membership and channel are not "
            "published.",
        ),
        header=("Release", "By", "Category", "Employers", "In words"),
        rows=tuple(rows),
        most=60,
    )


def r3_gaps(
    area: Area, edition: Edition | None, offers: Sequence[OnOffer], priorities: Sequence[Priority]
) -> Sheet:
    """R3: released demand against what stands today, theme by theme, the largest gap first."""
    by_theme: dict[str, list[OnOffer]] = defaultdict(list)
    for offer in offers:
        by_theme[offer.taught.theme].append(offer)
    kinds = {kind.value: words.name for kind, words in load_kinds().items()}
    rows: list[tuple[Value, ...]] = []
    if edition:
        asked = gaps.asked_by_theme(read_table(area, edition.period, "theme"))
        unmet = (
            gaps.unmet_by_theme(read_table(area, edition.period, "outcome-by-theme"))
            if edition.kind == "year"
            else {}
        )
        taught = [o.taught for o in offers]
        for gap in gaps.gaps_of(load_themes(), asked, unmet, taught, None, priorities):
            there = by_theme.get(gap.theme, [])
            levels = sorted({o.level for o in there if o.level is not None})
            rows.append(
                (
                    *(edition.period, gap.theme, gap.name, *_range(gap.asked), gap.unmet, len(there)),
                    *(soonest(there), "; ".join(LEVELS[level].split(" (")[0] for level in levels)),
                    "; ".join(sorted({kinds.get(o.kind, o.kind) for o in there})),
                    "; ".join(
                        sorted(
                            {area.district_name(o.taught.district) or "Online or not known" for o in there}
                        )
                    ),
                    *(gap.words, "; ".join(gap.priorities)),
                )
            )
    return Sheet(
        code="R3",
        name="Gaps",
        title="Demand against provision",
        words=(
            *_none(edition),
            "Offers are those that stand on the day the pack is made. How far off employers are is not published; "
            "the districts of the offers stand here instead.",
            "The gap is employers for each offer; all of them where there is no offer.",
        ),
        header=(
            *(
                "Release",
                "Theme code",
                "Need",
                "Employers from",
                "Employers to",
                "In words",
                "Nothing fitted",
            ),
            *("Offers", "Soonest start", "Levels on offer", "Kinds on offer", "Districts of offers", "Gap"),
            "LSIP priorities",
        ),
        rows=tuple(rows),
    )


def r4_unmet(area: Area, found: Sequence[Edition]) -> Sheet:
    """R4: in the place of the register, employers whom nothing fitted, by theme, and the reasons, as released."""
    rows: list[tuple[Value, ...]] = []
    for edition in found:
        if edition.kind == "year":
            table = read_table(area, edition.period, "outcome-by-theme")
            unmet = [c for c in table.cells if c.first == "unmet"]
            unmet.sort(key=lambda c: (-(c.shown if c.shown is not None else -1), c.second_name))
            rows += [(edition.period, "Nothing fitted", c.second_name, c.shown, c.words) for c in unmet]
        for name, title in (
            ("outcome", "What became of the need"),
            ("reason", "What was wrong with the offers"),
        ):
            table = read_table(area, edition.period, name)
            rows += [(edition.period, title, c.first_name, c.shown, c.words) for c in table.cells]
    return Sheet(
        code="R4",
        name="Unmet needs",
        title="Unmet needs",
        words=(
            *_none(found),
            "The register itself, with its cases, is for officers. Employers whom nothing fitted are released by theme "
            "for years.",
        ),
        header=("Release", "Table", "Category", "Employers", "In words"),
        rows=tuple(rows),
        chart=Bars(
            "Employers whom nothing fitted, by skill theme" + (f", {found[0].words}" if found else ""),
            "employers",
            tuple((str(r[2]), _shown(r[3])) for r in rows if r[1] == "Nothing fitted" and r[3] is not None)[:15],
        ),
    )


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
        words=_none(found),
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
        words=(*_none(found), "Searches, replies and starts are not published."),
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
        low, high, words = _range(number) if number else ("", "", "")
        rows.append((ukprn, some[0].taught.provider, len(some), len(themes), low, high, words))
    return Sheet(
        code="R9",
        name="Providers",
        title="Providers: what they teach, and who asks for it",
        words=(
            *_none(edition),
            f"Employers are the sum over the provider’s themes in the whole area. {RANGES} {gaps.TWICE}",
            "Each provider has an evidence pack of its own, with the demand where it teaches.",
        ),
        header=("UKPRN", "Provider", "Offers", "Themes taught", "Employers from", "Employers to", "In words"),
        rows=tuple(sorted(rows, key=lambda r: (-_shown(r[2]), str(r[0])))),
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
            *_none(edition),
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
