"""The tables of a release: which there are, by what they count, and every cell that each of them has.

The list is the whole of it. No table is made on demand, none has more than two dimensions, and every cell is
there in every release, so that a cell which is missing can say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import LEVELS, load_kinds
from skillsmatch.area.reasons import REASONS
from skillsmatch.area.themes import load_themes

NOT_SAID = ""  # the category of signals that say nothing here
OUTSIDE = "outside"  # every district that is not the area's
SIZES = {"0-9": "Up to 9 people", "10-49": "10 to 49", "50-249": "50 to 249", "250+": "250 or more"}
OUTCOMES = {"unmet": "Nothing fitted", "open": "Offers shown, no answer yet", "met": "Something fitted"}
# What stands in a signal, and under which of the three it counts.
OUTCOME_OF = {
    "nothing-fitted": "unmet",
    "none-fits": "unmet",
    "offers-shown": "open",
    "fits": "met",
    "started": "met",
}


@dataclass(frozen=True, slots=True)
class Spec:
    """One table of the lattice: employers counted by one dimension, or by two."""

    name: str
    title: str
    dimensions: tuple[str, ...]
    quarterly: bool  # made for quarters too; the others only for years, when there is enough to count
    counts: str = "employers"  # or "people", in bands


ONE_WAY = tuple(
    Spec(name, title, (name,), True)
    for name, title in (
        ("theme", "Employers by skill theme"),
        ("theme-group", "Employers by theme group"),
        ("district", "Employers by district"),
        ("sector", "Employers by sector"),
        ("level", "Employers by level asked for"),
        ("size", "Employers by size"),
        ("kind", "Employers by kind of training wanted"),
        ("outcome", "Employers by what became of the need"),
        ("reason", "Employers by what was wrong with the offers"),
    )
)
TWO_WAY = tuple(
    Spec(f"{first}-by-{second}", title, (first, second), False)
    for first, second, title in (
        ("theme", "district", "Employers by skill theme and district"),
        ("theme", "sector", "Employers by skill theme and sector"),
        ("sector", "district", "Employers by sector and district"),
        ("level", "theme-group", "Employers by level and theme group"),
        ("outcome", "theme", "Employers by what became of the need and theme"),
        ("kind", "theme-group", "Employers by kind of training and theme group"),
    )
)
PEOPLE = Spec("people", "People wanted, by skill theme", ("theme",), False, "people")
# How many employers a release rests on, and how many were left out. The only table with no dimension.
EMPLOYERS = Spec("employers", "Employers in this release", ("counting",), True)
COUNTING = {"counted": "Counted", "not-counted": "Not counted: no confirmed e-mail, or set aside"}

# The desk's figures, for quarters only: employers by offer and by provider, and by how far they went. They stand in
# the release beside its tables and are no table of it: only the provider itself is given its own. A cell that is not
# stored is one that is hidden, so a missing one says nothing.
OF_OFFERS, OF_PROVIDERS = "offer", "provider"

SPECS: Mapping[str, Spec] = {spec.name: spec for spec in (EMPLOYERS, *ONE_WAY, *TWO_WAY, PEOPLE)}


def specs_for(kind: str) -> tuple[Spec, ...]:
    """The tables of a "quarter" or of a "year"."""
    return tuple(spec for spec in SPECS.values() if spec.quarterly or kind == "year")


def categories(area: Area) -> dict[str, dict[str, str]]:
    """The categories of every dimension: code to name, in the order of its file."""
    themes = load_themes()
    said = "Not said"
    return {
        "theme": {t.code: t.name for t in themes.themes.values()} | {NOT_SAID: "Not clear"},
        "theme-group": {g.code: g.name for g in themes.groups.values()} | {NOT_SAID: "Not clear"},
        "district": {d.code: d.name for d in area.districts.values()}
        | {OUTSIDE: "Outside the area", NOT_SAID: said},
        "sector": {s.letter: s.name for s in area.sectors} | {NOT_SAID: said},
        "level": {str(level): words for level, words in LEVELS.items()} | {NOT_SAID: said},
        "size": SIZES | {NOT_SAID: said},
        "kind": {kind.value: words.name for kind, words in load_kinds().items()} | {NOT_SAID: said},
        "outcome": dict(OUTCOMES),
        "reason": {r.code: r.name for r in REASONS},
        "counting": dict(COUNTING),
    }


def theme_groups() -> dict[str, str]:
    """The theme group of every theme."""
    return {theme.code: theme.group for theme in load_themes().themes.values()}


def cells_of(spec: Spec, known: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Every cell of a table, as the codes of its one or two categories; the second is empty where there is one."""
    first = known[spec.dimensions[0]]
    for code in first:
        if len(spec.dimensions) == 1:
            yield code, ""
        else:
            yield from ((code, other) for other in known[spec.dimensions[1]])
