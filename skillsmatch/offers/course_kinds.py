"""Which kind of training a course is, and its level, where its file does not say."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from skillsmatch.area.kinds import Kind

SHORT = 12.0  # weeks; a course of this length or less is a short course
WEEKS = {  # how many weeks one of each unit takes; a taught day has 7 hours and a week 5 days
    "minutes": 1 / 2100,
    "hours": 1 / 35,
    "days": 1 / 5,
    "weeks": 1.0,
    "months": 52 / 12,
    "years": 52.0,
}
ESSENTIAL_SKILLS = "essential-skills"  # the open data's one type for English, maths, digital and ESOL
TITLES = 65_536  # titles whose meaning is kept: a course stands in its file once for each of its runs
OPENING = 300  # characters of the description in which a course says whom it is for

ESOL = re.compile(
    r"\besol\b|\bielts\b|\bspeakers of other languages|\benglish as an? (?:second|additional|foreign) lang",
    re.I,
)
ESOL_FOR = re.compile(r"\b(?:for|help|helps|support) speakers of other languages", re.I)
TEACHING = re.compile(r"\btesol\b|\bpgce\b|\bteach|\b(?:certificate|diploma|award) in education\b", re.I)
FUNCTIONAL = re.compile(
    r"\bfunctional\b.*\b(?:skills?|maths|english|digital)|\bessential (?:digital )?skills\b", re.I
)
BASICS = re.compile(r"\b(?:english|maths|mathematics|numeracy|literacy)\b", re.I)
STEP = re.compile(
    r"\b(?:entry|level [12]|l[12]|e[123]|skills|adult|basics?|everyday)\b"
    r"|\b(?:move on|get on|get(?:ting)? started)\b",
    re.I,
)
ACADEMIC = re.compile(
    r"\bgcse|\bas?[ -]levels?\b|\bas maths|\ba2\b|\bcore maths|\bliterature|\bdegree|\b[bm]a\b", re.I
)
T_LEVEL = re.compile(r"\bt[ -]?levels?\b", re.I)
BEFORE_T_LEVEL = re.compile(r"\bfoundation\b|\btransition\b", re.I)
HTQ = re.compile(r"\bhtqs?\b|\bhigher technical qualification", re.I)
BOOTCAMP = re.compile(r"\bskills? boot ?camps?\b", re.I)
FREE = re.compile(r"\bfree courses? for jobs\b", re.I)
APPRENTICE = re.compile(r"\bapprenticeships?\b", re.I)
BEFORE_APPRENTICE = re.compile(
    r"\bpre-?apprentice|\b(?:for|to|into|towards?) (?:an? |your )?apprentice", re.I
)
FOUNDATION_APPRENTICE = re.compile(r"\bfoundation apprenticeship", re.I)
APPRENTICE_UNIT = re.compile(r"\bapprenticeship units?\b", re.I)
ENTRY = re.compile(r"\bentry[ -]level\b|\bentry [1-3]\b|\be[123]\b|\bpre[ -]?entry\b", re.I)
LEVEL = re.compile(r"(?<!entry )\blevel ([1-8])\b(?! ?(?:/|&|,|-|to|and|or) ?(?:level )?[1-8])", re.I)
ANY_LEVEL = re.compile(r"(?<!entry )\b(?:level ?|l)([1-8])\b", re.I)


def in_weeks(value: Decimal | float | None, unit: str) -> float | None:
    """The length in weeks; None where it is not known."""
    return None if value is None or unit not in WEEKS else float(value) * WEEKS[unit]


@lru_cache(maxsize=TITLES)
def level_in(title: str) -> int | None:
    """The level that a title names, 0 for Entry; None where it names none, or several."""
    named = set(ANY_LEVEL.findall(title))
    if ENTRY.search(title):
        return None if named else 0
    found = set(LEVEL.findall(title))
    return int(found.pop()) if len(found) == 1 and found == named else None


def kind_of(
    given: str,
    title: str,
    text: str,
    level: int | None,
    reference: str,
    weeks: float | None,
    price_words: str = "",
) -> str:
    """The kind of a course. `given` is the file's own word for it, which stands unless it is a wider one.

    Otherwise, in this order: an apprenticeship by its standard or title; a T Level, HTQ or Skills Bootcamp by
    its title; ESOL by its title or by whom it says it is for; functional skills by title; a free course for
    jobs by title or price; a short course by its length; else a course. Courses for teachers of ESOL or of
    maths are courses.
    """
    if given and given != ESSENTIAL_SKILLS:
        return given
    found = "" if given else _apprentice(title, reference) or _technical(title)
    if found:
        return found
    teaching, esol, free = _said_in(title)
    if not teaching and (level is None or level <= 3):
        if esol or ESOL_FOR.search(text[:OPENING]):
            return Kind.ESOL.value
        if given or _functional(title):
            return Kind.FUNCTIONAL_SKILLS.value
    if free or FREE.search(price_words):
        return Kind.FREE_COURSE_FOR_JOBS.value
    return Kind.SHORT_COURSE.value if weeks is not None and weeks <= SHORT else Kind.COURSE.value


@lru_cache(maxsize=TITLES)
def _said_in(title: str) -> tuple[bool, bool, bool]:
    """Whether it is for teachers, whether it is ESOL, and whether it is a free course for jobs."""
    return bool(TEACHING.search(title)), bool(ESOL.search(title)), bool(FREE.search(title))


@lru_cache(maxsize=TITLES)
def _apprentice(title: str, reference: str) -> str:
    if reference.startswith("AU") or APPRENTICE_UNIT.search(title):
        return Kind.APPRENTICESHIP_UNIT.value
    if reference.startswith("FA") or FOUNDATION_APPRENTICE.search(title):
        return Kind.FOUNDATION_APPRENTICESHIP.value
    named = APPRENTICE.search(title) and not BEFORE_APPRENTICE.search(title)
    return Kind.APPRENTICESHIP.value if reference or named else ""


@lru_cache(maxsize=TITLES)
def _technical(title: str) -> str:
    if T_LEVEL.search(title) and not BEFORE_T_LEVEL.search(title):
        return Kind.T_LEVEL_PLACEMENT.value
    if HTQ.search(title):
        return Kind.HTQ.value
    return Kind.SKILLS_BOOTCAMP.value if BOOTCAMP.search(title) else ""


@lru_cache(maxsize=TITLES)
def _functional(title: str) -> bool:
    if ACADEMIC.search(title):
        return False
    return bool(FUNCTIONAL.search(title) or (BASICS.search(title) and STEP.search(title)))
