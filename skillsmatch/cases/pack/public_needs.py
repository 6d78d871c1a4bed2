"""R1 to R4 of the public pack: who asks for what, who took part, the gaps and what nothing fitted, as released.

Nothing here is counted. Whoever changes this file: a number of employers may only come from a published `Table`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from skillsmatch.area.areas import Area, Priority
from skillsmatch.area.kinds import LEVELS, load_kinds
from skillsmatch.area.national import load_soc
from skillsmatch.area.themes import Theme, load_themes
from skillsmatch.cases.on_offer import OnOffer, soonest
from skillsmatch.cases.pack.sheets import Bars, Sheet, Value
from skillsmatch.demand import gaps
from skillsmatch.demand.published import Edition, Table, read_table
from skillsmatch.demand.ranges import Range

IN_WORDS = "Employers, in words"
NO_RELEASE = "No published release lies within these dates, so no number of employers is shown."


def where_none(found: Sequence[Edition] | Edition | None) -> tuple[str, ...]:
    """What a sheet says where no release lies within the dates."""
    return () if found else (NO_RELEASE,)


def range_cells(number: Range) -> tuple[int, int, str]:
    """A range as three cells: from, to, and in words."""
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
    latest = [row for row in rows if row[0] == (found[0].period if found else "") and row[1] and row[5] is not None]
    top = sorted(latest, key=lambda row: (-shown_first(row[5]), str(row[2])))[:15]
    return Sheet(
        code="R1",
        name="Needs",
        title="Skills that employers ask for, with occupations",
        words=(
            *where_none(found),
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
                IN_WORDS,
                "People wanted",
            ),
            "LSIP priorities",
        ),
        rows=tuple(sorted(rows, key=lambda r: (_place(found, r[0]), not r[1], -shown_first(r[5]), str(r[2])))),
        in_table=("Release", "Need", "SOC 2020", "SOC 2020 titles", IN_WORDS, "People wanted", "LSIP priorities"),
        chart=Bars(
            "Employers by skill theme" + (f", {found[0].words}" if found else ""),
            "employers",
            tuple((str(row[2]), shown_first(row[5])) for row in top),
        ),
    )


def shown_first(number: Value) -> float:
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
        header=("Release", "By", "Category", "Employers", IN_WORDS),
        rows=tuple(rows),
        most=60,
        in_table=("Release", "By", "Category", IN_WORDS),
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
                    *(edition.period, gap.theme, gap.name, *range_cells(gap.asked), gap.unmet, len(there)),
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
            *where_none(edition),
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
                IN_WORDS,
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
            *where_none(found),
            "The register itself, with its cases, is for officers. Employers whom nothing fitted are released by theme "
            "for years.",
        ),
        header=("Release", "Table", "Category", "Employers", IN_WORDS),
        rows=tuple(rows),
        in_table=("Release", "Table", "Category", IN_WORDS),
        chart=Bars(
            "Employers whom nothing fitted, by skill theme" + (f", {found[0].words}" if found else ""),
            "employers",
            tuple((str(r[2]), shown_first(r[3])) for r in rows if r[1] == "Nothing fitted" and r[3] is not None)[:15],
        ),
    )
