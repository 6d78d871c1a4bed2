"""R1, R3 and R10 of the internal pack: what is needed, what is on offer for it, each priority by kind of training."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import median

from skillsmatch.area.areas import Area, Priority
from skillsmatch.area.kinds import LEVELS, load_kinds
from skillsmatch.area.national import load_divisions, load_soc
from skillsmatch.area.reasons import REASONS
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.asked import Asked, Filters, asks_for, by, sum_of
from skillsmatch.cases.days import span_words
from skillsmatch.cases.on_offer import OnOffer, for_priority, soonest
from skillsmatch.cases.pack.sheets import Bars, Sheet, Value

CURRENT_FROM = 10  # employers in the period; from here on a need is called current
EMERGING_FROM = 3  # employers; fewer that are more than before are too few to be called emerging
FAR_KM = 25.0  # kilometres as the crow flies; half of those who ask have no offer nearer: too far
MOSTLY_UNMET = 0.5  # share of a need's facets for which nothing fitted
LISTED = 5  # codes in one cell
DRAWN = 15  # bars of a chart
UNCLEAR = "Not clear"  # the theme of words that were not; it stands last
SECTIONS = 3  # sectors in one cell; “SOC and SIC” has all
SOON = frozenset({"now", "6-months"})
STATUS_WORDS = (
    f"Status: current from {CURRENT_FROM} employers on; emerging where fewer, at least {EMERGING_FROM}, ask and more "
    "than in the period before; monitoring otherwise."
)


def theme_name(code: str) -> str:
    """A theme in words."""
    known = load_themes().themes.get(code)
    return known.name if known else UNCLEAR


def _most(values: Sequence[str], names: Mapping[str, str], coded: bool = True, most: int = LISTED) -> str:
    """The commonest codes with their names and numbers, in a cell; without `coded` the names alone."""
    counted = Counter(v for v in values if v)
    first = sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:most]
    return "; ".join(
        f"{code if coded else ''} {names.get(code, '')} ({count})".replace("  ", " ").strip()
        for code, count in first
    )


def _sections(values: Sequence[str], area: Area) -> str:
    """The commonest SIC 2007 sections, each with its title, the divisions within it and its number, in a cell."""
    names = {s.letter: f"{s.name}, {divisions_of(s.letter).split(' ', 1)[1]}" for s in area.sectors}
    return _most(values, names, most=SECTIONS)


def divisions_of(section: str) -> str:
    """The SIC 2007 divisions of a section in words: "divisions 10 to 33", "division 68"; "" for no section."""
    codes = sorted(division.code for division in load_divisions().values() if division.section == section)
    if not codes:
        return ""
    return f"division {codes[0]}" if len(codes) == 1 else f"divisions {codes[0]} to {codes[-1]}"


def levels_words(values: Sequence[int | None]) -> str:
    """The levels that were said with their numbers, the lowest first, in a cell."""
    counted = Counter(v for v in values if v is not None)
    return "; ".join(f"{LEVELS[level].split(' (')[0]} ({count})" for level, count in sorted(counted.items()))


def status_of(now: int, before: int) -> str:
    """Current, emerging or monitoring; STATUS_WORDS says by which rule."""
    if now >= CURRENT_FROM:
        return "current"
    return "emerging" if now >= EMERGING_FROM and now > before else "monitoring"


def trend_of(now: int, before: int) -> str:
    """The change since the period before, in words."""
    change = now - before
    return "no change" if not change else f"{'up' if change > 0 else 'down'} {abs(change):,}"


def r1_needs(
    rows: Sequence[Asked],
    before: Sequence[Asked],
    priorities: Sequence[Priority],
    filters: Filters,
    area: Area,
) -> Sheet:
    """R1: one row a theme, those of the most employers first."""
    soc, before_it = load_soc(), filters.so_far.before
    was, found = by(before, lambda r: r.theme), []
    themes = load_themes().themes
    for theme, some in by(rows, lambda r: r.theme).items():
        known, total = themes.get(theme), sum_of(some)
        then = len({r.employer for r in was.get(theme, ())})
        occupations = Counter(r.soc for r in some if r.soc)
        first = (
            min(occupations, key=lambda c: (-occupations[c], c))
            if occupations
            else known.soc[0]
            if known
            else ""
        )
        found.append(
            (
                *(theme_name(theme), first, soc.get(first, "")),
                _most([r.soc for r in some if r.soc != first], soc),
                _sections([r.sector for r in some], area),
                levels_words([r.level for r in some]),
                *(
                    sum(r.horizon in SOON for r in some),
                    sum(bool(r.horizon) and r.horizon not in SOON for r in some),
                ),
                *(total.people, total.employers, total.confirmed, total.needs),
                "; ".join(p.code for p in priorities if 2 * sum(map(asks_for(p), some)) >= len(some)),
                *(status_of(total.employers, then), then, trend_of(total.employers, then)),
                replace(filters, theme=theme or "none").words,
            )
        )
    found.sort(key=lambda row: (row[0] == UNCLEAR, -row[9], row[0]))
    return Sheet(
        code="R1",
        name="Needs",
        title="Skills needed, with occupations and sectors",
        words=(
            STATUS_WORDS,
            f"The period before is {span_words(before_it.first, before_it.last)}.",
            "A priority stands where at least half of these needs are about it.",
            "The occupation is the one most of these needs are coded to; where none is, the theme’s own.",
            "Employers say their sector, which is a SIC 2007 section. Its divisions stand beside it; which of them an "
            "employer belongs to is not asked.",
            "Numbers in brackets, and those of when it is needed, are of skills asked for.",
        ),
        header=(
            *(
                "Need",
                "SOC 2020",
                "SOC 2020 title",
                "Other SOC 2020 (skills)",
                "SIC 2007 sections, their divisions (skills)",
                "Levels",
            ),
            *("Now or within 6 months", "Later, within 3 years", "People wanted", "Employers", "Of these confirmed"),
            *("Searches", "LSIP priorities", "Status", "Employers before", "Trend", "Filter"),
        ),
        rows=tuple(found),
        in_table=(
            *("Need", "SOC 2020", "SOC 2020 title", "SIC 2007 sections, their divisions (skills)", "Levels"),
            *("People wanted", "Employers", "LSIP priorities", "Status", "Trend"),
        ),
        chart=Bars(
            "Employers by skill theme",
            "employers",
            tuple((str(r[0]), float(r[9])) for r in found if r[0] != UNCLEAR)[:DRAWN],
        ),
    )


def r1_codes(rows: Sequence[Asked], filters: Filters, area: Area) -> Sheet:
    """R1: each theme by occupation and sector, for the plan's annex."""
    soc, found = load_soc(), []
    for key, some in by(rows, lambda r: f"{r.theme}|{r.soc}|{r.sector}").items():
        theme, occupation, sector = key.split("|")
        total = sum_of(some)
        part = replace(filters, theme=theme or "none", sector=sector or "none", soc=occupation or "none")
        found.append(
            (
                *(theme_name(theme), occupation, soc.get(occupation, "not clear"), sector),
                area.sector_name(sector) or "not said",
                divisions_of(sector),
                *(total.employers, total.needs, total.people, part.words),
            )
        )
    found.sort(key=lambda row: (-row[6], row[0], row[1], row[3]))
    return Sheet(
        code="R1",
        name="SOC and SIC",
        title="Needs by occupation (SOC 2020) and sector (SIC 2007)",
        words=(
            "An employer that asks for several occupations stands in several rows.",
            "The divisions are all those of the section; which of them an employer belongs to is not asked.",
        ),
        header=(
            *(
                "Need",
                "SOC 2020",
                "SOC 2020 title",
                "SIC 2007 section",
                "Section title",
                "SIC 2007 divisions of the section",
            ),
            *("Employers", "Searches", "People wanted", "Filter"),
        ),
        rows=tuple(found),
        in_document=False,
    )


def r3_gaps(rows: Sequence[Asked], offers: Sequence[OnOffer], filters: Filters) -> Sheet:
    """R3: each theme that is asked for against what stands today."""
    on_offer: dict[str, list[OnOffer]] = defaultdict(list)
    for offer in offers:
        on_offer[offer.taught.theme].append(offer)
    kinds = {kind.value: words.name for kind, words in load_kinds().items()}
    found: list[tuple[Value, ...]] = []
    for theme, some in by(rows, lambda r: r.theme).items():
        there, total = on_offer.get(theme, []) if theme else [], sum_of(some)
        near = nearest_km(some, there)
        found.append(
            (
                *(theme_name(theme), total.employers, total.facets, total.unmet, len(there)),
                *(near, soonest(there)),
                levels_words([r.level for r in some]),
                levels_words([o.level for o in there]),
                _most([o.kind for o in there], kinds, coded=False),
                gap_of(theme, some, there, near),
                replace(filters, theme=theme or "none").words,
            )
        )
    found.sort(key=lambda row: (row[0] == UNCLEAR, -_first(row[3]), -_first(row[1]), str(row[0])))
    return Sheet(
        code="R3",
        name="Gaps",
        title="Demand against provision",
        words=(
            "Offers are those that stand on the day the pack is made; the figures page counts them by the same "
            "filter. The nearest is the median, over these needs, of the distance to the nearest venue, in kilometres "
            "as the crow flies.",
            f"Gap: no provision; too far (over {FAR_KM:g} km and nothing online); not at the level asked for; no start "
            f"known; the employers’ commonest reason, where nothing fitted for {MOSTLY_UNMET:.0%} or more; or "
            "provision exists.",
        ),
        header=(
            *(
                "Need",
                "Employers",
                "Skills asked for",
                "Nothing fitted",
                "Offers",
                "Nearest km",
                "Soonest start",
            ),
            *("Levels asked for", "Levels on offer", "Kinds on offer", "Gap", "Filter"),
        ),
        rows=tuple(found),
        chart=Bars(
            "Skills for which nothing fitted",
            "skills",
            tuple((str(r[0]), _first(r[3])) for r in found if r[0] != UNCLEAR)[:DRAWN],
        ),
    )


def _first(number: Value) -> float:
    return float(number) if isinstance(number, int | float) else 0.0


def nearest_km(rows: Sequence[Asked], offers: Sequence[OnOffer]) -> float | None:
    """The median distance from these needs to the nearest of the offers, in km; None where either has no place."""
    import numpy as np

    asked = np.radians([(r.lat, r.lon) for r in rows if r.lat is not None and r.lon is not None])
    venues = sorted({(o.lat, o.lon) for o in offers if o.lat is not None and o.lon is not None})
    if not len(asked) or not venues:
        return None
    there = np.radians(venues)
    lat, lon = asked[:, :1] - there[:, 0], asked[:, 1:] - there[:, 1]
    across = np.sin(lat / 2) ** 2 + np.cos(asked[:, :1]) * np.cos(there[:, 0]) * np.sin(lon / 2) ** 2
    nearest = 2 * 6371.0 * np.arcsin(np.sqrt(across.min(axis=1)))
    return round(float(median(nearest.tolist())), 1)


def gap_of(theme: str, rows: Sequence[Asked], offers: Sequence[OnOffer], near: float | None) -> str:
    """What kind of gap there is, in words."""
    if not theme:
        return "not clear"
    if not offers:
        return "no provision"
    if near is not None and near > FAR_KM and not any(o.taught.anywhere for o in offers):
        return "too far"
    asked = Counter(r.level for r in rows if r.level is not None)
    if asked and asked.most_common(1)[0][0] not in {o.level for o in offers}:
        return "not at the level asked for"
    if not any(o.taught.any_time or o.taught.start for o in offers):
        return "no start known"
    total = sum_of(rows)
    if total.unmet_share is not None and total.unmet_share >= MOSTLY_UNMET:
        reasons = Counter(reason for r in rows if r.outcome == "unmet" for reason in r.reasons)
        names = {reason.code: reason.name.lower() for reason in REASONS}
        first = min(reasons, key=lambda c: (-reasons[c], c)) if reasons else ""
        return names.get(first, "nothing fitted, no reason given")
    return "provision exists"


def r10_matrix(
    rows: Sequence[Asked], offers: Sequence[OnOffer], priorities: Sequence[Priority], filters: Filters
) -> Sheet:
    """R10: each priority by kind of training, employers who want the kind and offers of it."""
    kinds = load_kinds()
    found: list[tuple[Value, ...]] = []
    every: list[tuple[str, str, Callable[[Asked], bool], Sequence[OnOffer], str]] = [
        (p.code, p.title, asks_for(p), for_priority(p, offers), replace(filters, priority=p.code).words)
        for p in priorities
    ]
    every.append(("", "All needs", lambda _row: True, offers, filters.words))
    for code, title, wanted, there, words in every:
        own = [r for r in rows if wanted(r)]
        numbers: list[Value] = []
        for kind in kinds:
            numbers.append(len({r.employer for r in own if r.kind == kind.value}))
            numbers.append(sum(o.kind == kind.value for o in there))
        employers = len({r.employer for r in own})
        found.append((code, title, employers, *numbers, words))
    return Sheet(
        code="R10",
        name="Priority by kind",
        title="Priorities by kind of training",
        words=(
            "For each kind: employers who asked for that kind, and offers of it that stand today. Few employers name "
            "a kind, so the first column has all who ask.",
            "The filter gives the first number and the offers in all; with the kind chosen besides, the figures page "
            "gives those of the kind.",
        ),
        header=(
            *("Priority", "Title", "Employers in all"),
            *(name for words in kinds.values() for name in (f"{words.name}: asked", f"{words.name}: offers")),
            "Filter",
        ),
        rows=tuple(found),
        in_document=False,
    )
