"""The kinds of training and the words for them: kind, level, mode, attendance and length."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path

from skillsmatch.area.tables import AreaError, once, read_toml


class Kind(StrEnum):
    """What sort of training an offer is. The values are those in offers, needs and files."""

    COURSE = "course"
    SHORT_COURSE = "short-course"
    SKILLS_BOOTCAMP = "skills-bootcamp"
    ESOL = "esol"
    FUNCTIONAL_SKILLS = "functional-skills"
    APPRENTICESHIP = "apprenticeship"
    FOUNDATION_APPRENTICESHIP = "foundation-apprenticeship"
    APPRENTICESHIP_UNIT = "apprenticeship-unit"
    T_LEVEL_PLACEMENT = "t-level-placement"
    HTQ = "htq"
    FREE_COURSE_FOR_JOBS = "free-course-for-jobs"
    EDUCATOR_CPD = "educator-cpd"
    LEADERSHIP_PROGRAMME = "leadership-programme"

    @property
    def words(self) -> KindWords:
        """The words an employer sees for this kind."""
        return KINDS[self]


@dataclass(frozen=True, slots=True)
class KindWords:
    """A kind of training in plain words. All are sentences, save the two names."""

    code: str
    name: str  # "Skills Bootcamp"
    plural: str
    about: str  # what it is
    suits: str  # whom it suits, and whom not
    who_pays: str  # in general; the estimate on each card is particular
    route_in: str  # how an employer takes it up
    length: str


KINDS_FILE = Path(__file__).with_name("kinds.toml")


@cache
def load_kinds(path: Path = KINDS_FILE) -> dict[Kind, KindWords]:
    """The words of all kinds, in the order of `Kind`. Refused when a kind or one of its words is missing."""
    found: dict[str, KindWords] = {}
    for row in once(read_toml(path).rows("kind"), "code"):
        words = KindWords(**{field.name: row.text(field.name) for field in fields(KindWords)})
        if words.code not in set(Kind):
            raise row.wrong("code", f"{words.code!r} is not a kind of training")
        found[words.code] = words
    missing = [kind for kind in Kind if kind not in found]
    if missing:
        raise AreaError(f"{path.parent.name}/{path.name}: no [[kind]] has the code {missing[0].value!r}")
    return {kind: found[kind] for kind in Kind}


KINDS = load_kinds()

# Levels of the Regulated Qualifications Framework (Ofqual), and what they are like.
LEVELS = {
    0: "Entry level (before GCSE)",
    1: "Level 1 (like GCSEs at grades 3 to 1)",
    2: "Level 2 (like GCSEs at grades 9 to 4)",
    3: "Level 3 (like A levels)",
    4: "Level 4 (like the first year of a degree)",
    5: "Level 5 (like a foundation degree or HND)",
    6: "Level 6 (like a bachelor's degree)",
    7: "Level 7 (like a master's degree)",
    8: "Level 8 (like a doctorate)",
}
APPRENTICE_LEVELS = {
    2: "Level 2 (intermediate apprenticeship)",
    3: "Level 3 (advanced apprenticeship)",
    4: "Level 4 (higher apprenticeship)",
    5: "Level 5 (higher apprenticeship)",
    6: "Level 6 (degree apprenticeship or similar)",
    7: "Level 7 (degree apprenticeship or similar)",
}
LEVEL_NOT_GIVEN = "Level not given"


@dataclass(frozen=True, slots=True)
class EsolStep:
    """One step of ESOL, with its place in the European framework of language levels (CEFR)."""

    name: str
    level: int  # RQF: pre-entry and the three Entry steps are all 0
    cefr: str  # empty where the framework has no such step
    at_work: str  # what a person at this step can do; a rough guide for a manager, not a test


ESOL_STEPS = (
    EsolStep("Pre-entry", 0, "", "Knows a few words and may not read the Roman alphabet."),
    EsolStep("Entry 1", 0, "A1", "Gives their name and understands short, slow instructions."),
    EsolStep("Entry 2", 0, "A2", "Handles simple daily talk and reads a short safety notice."),
    EsolStep("Entry 3", 0, "B1", "Follows a briefing and writes a short message or job note."),
    EsolStep("Level 1", 1, "B2", "Talks easily with customers and writes a clear report."),
    EsolStep("Level 2", 2, "C1", "Works in English at almost any task, in speech and in writing."),
)
_ENTRY_STEP = re.compile(r"\bentry\s*(?:level)?\s*([123](?:\s*(?:/|,|&|-|to|and)\s*[123])*)", re.IGNORECASE)


def level_words(level: int | None, kind: str = "", title: str = "") -> str:
    """A level with what it is like: "Level 2 (like GCSEs at grades 9 to 4)"; "Level not given" for None.

    For ESOL the European level stands in brackets; an Entry step that `title` names is said exactly.
    Refused outside 0 (Entry) to 8.
    """
    if level is None:
        return LEVEL_NOT_GIVEN
    if level not in LEVELS:
        raise ValueError(f"{level} is not a level (0 is Entry, then 1 to 8)")
    if kind == Kind.ESOL and level <= 2:
        return _esol_words(level, title)
    if kind in (Kind.APPRENTICESHIP, Kind.FOUNDATION_APPRENTICESHIP):
        foundation = kind == Kind.FOUNDATION_APPRENTICESHIP
        return LEVELS[level] if foundation else APPRENTICE_LEVELS.get(level, LEVELS[level])
    return LEVELS[level]


def _esol_words(level: int, title: str) -> str:
    steps = [step for step in ESOL_STEPS if step.level == level and step.cefr]
    if level > 0:
        return f"{steps[0].name} (CEFR {steps[0].cefr})"
    named = _ENTRY_STEP.search(title)
    if named is None:
        return f"Entry level (CEFR {steps[0].cefr} to {steps[-1].cefr})"
    numbers = sorted(int(digit) for digit in re.findall("[123]", named.group(1)))
    first, last = steps[numbers[0] - 1], steps[numbers[-1] - 1]
    if first == last:
        return f"{first.name} (CEFR {first.cefr})"
    return f"{first.name} to {last.name.removeprefix('Entry ')} (CEFR {first.cefr} to {last.cefr})"


MODES = {
    "classroom": "In a classroom or workshop",
    "online": "Online",
    "workplace": "At your workplace",
    "blended": "Part online, part in person",
}
ATTENDANCE = {
    "daytime": "Daytime",
    "evening": "Evenings",
    "weekend": "Weekends",
    "block": "Day or block release",
}
STUDY_MODES = {"full-time": "Full time", "part-time": "Part time", "flexible": "Flexible hours"}
LENGTH_UNITS = ("minutes", "hours", "days", "weeks", "months", "years")


def _known(words: dict[str, str], value: str, what: str) -> str:
    if not value:
        return ""
    if value not in words:
        raise ValueError(f"{value!r} is not {what} (use {', '.join(words)})")
    return words[value]


def mode_words(mode: str) -> str:
    """Where the training happens, such as "At your workplace". Empty stays empty; unknown is refused."""
    return _known(MODES, mode, "a mode")


def attendance_words(attendance: str, study_mode: str = "") -> str:
    """When the training happens, such as "Evenings" or "Evenings, part time". Empty stays empty."""
    when, how_much = _known(ATTENDANCE, attendance, "an attendance pattern"), study_mode_words(study_mode)
    return f"{when}, {how_much.lower()}" if when and how_much else when or how_much


def study_mode_words(study_mode: str) -> str:
    """How much of the week it takes, such as "Part time". Empty stays empty; unknown is refused."""
    return _known(STUDY_MODES, study_mode, "a study mode")


def length_words(value: Decimal | float | None, unit: str) -> str:
    """A length such as "12 weeks" or "1 day". Empty where either part is not given; refused below 0."""
    if value is None or not unit:
        return ""
    if unit not in LENGTH_UNITS:
        raise ValueError(f"{unit!r} is not a unit of length (use {', '.join(LENGTH_UNITS)})")
    if value < 0:
        raise ValueError(f"{value} {unit} is not a length")
    number = f"{Decimal(str(value)).quantize(Decimal('0.01')):f}".rstrip("0").rstrip(".")
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"
