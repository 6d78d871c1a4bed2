"""Skill themes: the fixed list that every need is coded to, and what the labeller reads of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from skillsmatch.area.tables import AreaError, Row, once, read_toml

if TYPE_CHECKING:
    from skillsmatch.matching import Document, Labeller

OTHER_NAMES = (10, 25)  # fewest and most for a theme: too few and slang is missed, too many and themes blur
ROOT = 4  # letters
POSSESSIVE = re.compile(r"(?:['’]s|s['’])\s+")
Ranked = list[tuple[str, float]]  # codes and confidences, best first
CLEAR = 0.5  # confidence from which a skill of any job decides a facet's theme, whoever is to learn it
# Words of many SOC titles, which tell no occupation from another.
COMMON = (
    "and assistants associate elementary managers occupations officers operatives other professionals related"
)
COMMON_ROOTS = {word[:ROOT] for word in f"{COMMON} skilled staff technicians trades workers".split()}


class ThemeError(AreaError):
    """The themes file cannot be used. Its words name the row and the field."""


@dataclass(frozen=True, slots=True)
class ThemeGroup:
    """Themes shown together. `route` is the slug of a technical route, or None where it cuts across."""

    code: str
    name: str
    route: str | None


@dataclass(frozen=True, slots=True)
class Theme:
    """One area of skill, as an employer would name it."""

    code: str
    name: str
    group: str  # a ThemeGroup's code
    other_names: tuple[str, ...]
    soc: tuple[str, ...]  # SOC 2020 unit groups whose people need it, the principal one first
    about: str
    any_job: bool = False  # a skill of every occupation, such as first aid: its words point to no SOC group


def _roots(words: str) -> set[str]:
    """The beginnings of the words that tell occupations apart: "cook" and "cookery" begin alike."""
    return {word[:ROOT] for word in re.findall(r"[a-z]{3,}", words.casefold())} - COMMON_ROOTS


def _parts(text: str) -> list[str]:
    """What stands before "for" in a text, and what somebody has in it: what is to be learnt, more likely than who."""
    skill, _, people = text.partition(" for ")
    owned = POSSESSIVE.split(text, 1)[1:]
    return ([skill] if people.strip() else []) + [part for part in owned if part.strip()]


def _most_alike(name: str, codes: Iterable[str], soc: Mapping[str, str]) -> str:
    """The code whose title shares most words with `name`; the earliest of equals."""
    return max(codes, key=lambda code: len(_roots(name) & _roots(soc[code])))


@dataclass(frozen=True)
class Themes:
    """All themes and their groups, by code, in the order of the file."""

    themes: Mapping[str, Theme]
    groups: Mapping[str, ThemeGroup]

    def in_group(self, code: str) -> list[Theme]:
        """The themes of one group."""
        return [theme for theme in self.themes.values() if theme.group == code]

    def documents(self) -> list[Document]:
        """One document for each theme, for the labeller to code a facet by."""
        from skillsmatch.matching import Document

        return [
            Document(id=theme.code, title=theme.name, aliases=theme.other_names, text=theme.about)
            for theme in self.themes.values()
        ]

    def soc_documents(self, soc: Mapping[str, str]) -> list[Document]:
        """One document for each SOC 2020 unit group of `soc` (code to title), for the labeller.

        A group borrows the name of each theme that touches it. Each other name goes to the group that its
        theme lists first, and to the one whose title is most like it. A theme of every occupation lends
        nothing. Refused when a theme lists a code that `soc` does not have.
        """
        from skillsmatch.matching import Document

        borrowed: dict[str, list[str]] = {code: [] for code in soc}
        for theme in self.themes.values():
            unknown = [code for code in theme.soc if code not in soc]
            if unknown:
                raise ThemeError(f"theme {theme.code}, soc: {unknown[0]} is not a SOC 2020 unit group")
            if theme.any_job:
                continue
            for code in theme.soc:
                borrowed[code].append(theme.name)
            for name in theme.other_names:
                for code in dict.fromkeys((theme.soc[0], _most_alike(name, theme.soc, soc))):
                    borrowed[code].append(name)
        return [Document(id=code, title=title, aliases=tuple(borrowed[code])) for code, title in soc.items()]

    def label(self, labeller: Labeller, text: str, limit: int = 3) -> Ranked:
        """The themes of a facet with their confidences (0 to 1), best first, by a labeller of `documents()`.

        "First aid for forklift drivers" is about first aid, and "the packers' English" about English: what is to
        be learnt decides where it is a skill of any job, or at least as clear as the whole.
        """
        return self._decided(text, lambda part: labeller.label(part, limit))

    def label_all(self, labeller: Labeller, texts: Sequence[str], limit: int = 3) -> list[Ranked]:
        """What `label` tells of each of the texts, in less time for each where they are many."""
        parts = list(dict.fromkeys(part for text in texts for part in (text, *_parts(text))))
        told = dict(zip(parts, labeller.label_all(parts, limit), strict=True))
        return [self._decided(text, told.__getitem__) for text in texts]

    def _decided(self, text: str, tell: Callable[[str], Ranked]) -> Ranked:
        whole = tell(text)
        skill = text.partition(" for ")[0]
        for part in _parts(text):
            told = tell(part)
            if told and self.themes[told[0][0]].any_job and told[0][1] >= CLEAR:
                return told
            if told and part == skill and (not whole or told[0][1] >= whole[0][1]):
                return told
        return whole

    def occupations(self, theme: str, ranked: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
        """The guesses at an occupation (SOC code, confidence) that the theme does not rule out.

        A theme of every occupation keeps only its own groups, so that "fire marshal" is never coded as a
        firefighter, nor English lessons as a teacher of English. Any other theme keeps them all.
        """
        known = self.themes.get(theme)
        if known is None or not known.any_job:
            return list(ranked)
        return [(code, confidence) for code, confidence in ranked if code in known.soc]


THEMES_FILE = Path(__file__).with_name("themes.toml")


@cache
def load_themes(path: Path = THEMES_FILE) -> Themes:
    """The themes and their groups. Refused, with row and field, when a code or another name stands twice,
    a group is not known or a field is missing."""
    try:
        file = read_toml(path)
        groups = {row.text("code"): _read_group(row) for row in once(file.rows("group"), "code")}
        themes: dict[str, Theme] = {}
        taken: dict[str, str] = {}
        for row in once(file.rows("theme"), "code"):
            theme = _read_theme(row, groups)
            for name in theme.other_names:
                if name.casefold() in taken:
                    raise row.wrong("other_names", f"{name!r} already stands in {taken[name.casefold()]}")
                taken[name.casefold()] = theme.code
            themes[theme.code] = theme
    except AreaError as error:
        raise ThemeError(str(error)) from error
    return Themes(themes, groups)


def _read_group(row: Row) -> ThemeGroup:
    return ThemeGroup(row.text("code"), row.text("name"), row.text("route", "") or None)


def _read_theme(row: Row, groups: Mapping[str, ThemeGroup]) -> Theme:
    theme = Theme(
        code=row.text("code"),
        name=row.text("name"),
        group=row.text("group"),
        other_names=row.many("other_names"),
        soc=row.many("soc"),
        about=row.text("about"),
        any_job=row.values.get("any_job") is not None and row.yes("any_job"),
    )
    if theme.group not in groups:
        raise row.wrong("group", f"{theme.group!r} is not the code of a [[group]]")
    fewest, most = OTHER_NAMES
    if not fewest <= len(theme.other_names) <= most:
        raise row.wrong("other_names", f"{len(theme.other_names)} names; {fewest} to {most} are needed")
    for code in theme.soc:
        if len(code) != 4 or not code.isdigit():
            raise row.wrong("soc", f"{code!r} is not a SOC 2020 unit group such as 5213")
    if not theme.soc:
        raise row.wrong("soc", "is missing; at least one unit group is needed")
    return theme
