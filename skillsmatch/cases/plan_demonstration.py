"""The plan's part of the demonstration: who owns what, ambassadors, what educators ask for, places to learn English,
and the report before this one. In a demonstration only; what its account saved is read nowhere else (see plan.py)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import exists, select

from skillsmatch.accounts.demonstration import NAMES
from skillsmatch.accounts.roles import Role
from skillsmatch.area.areas import Area
from skillsmatch.area.measures import Measured
from skillsmatch.area.priorities import all_priorities
from skillsmatch.cases import english
from skillsmatch.cases.actions import FIELDS, Said, save_action
from skillsmatch.cases.ambassadors import Listed, save_ambassador
from skillsmatch.cases.asked import this_year
from skillsmatch.cases.educators import Wish, keep_wish
from skillsmatch.cases.measures import enter
from skillsmatch.cases.plan import INVENTED, Ambassador, EducatorAnswer, KeptReport, PlanAction
from skillsmatch.cases.reports import keep_report
from skillsmatch.cases.scorecard import scorecard
from skillsmatch.clock import standing_at, today
from skillsmatch.extensions import db

OFFICER = NAMES[Role.CHAMBER][0]  # as the pages write who saved something; rows are known by it
CHAMBER, PROVIDER, COLLEGE = "The Chamber", "The demonstration provider", "The demonstration college"
BEGUN = 170  # days ago, when the plan's first actions were written down
REPORTED = 60  # days ago, when the last report was kept
SHORTEST = 30  # days of a year that are worth a report


def show_plan(area: Area) -> None:
    """Adds what is missing of it, in the caller's transaction; done again it adds nothing.

    Expects a demonstration (demonstration.show_demonstration has looked). Actions are left out whose priority the
    area's plan does not have.
    """
    if not _any(Ambassador):
        _ambassadors(area)
    if not _any(EducatorAnswer):
        _educators()
    if not english.entries(area):
        _english(area)
    told = [] if _any(PlanAction) else _told(area)
    begun = [(one, _save(one)) for one in told if one.saved >= REPORTED]
    if not _any(KeptReport):
        _report(area)
    for one, row in begun:
        _change(one, row)
    for one in told:
        if one.saved < REPORTED:
            _save(one)


def _any(table: type[PlanAction | KeptReport | Ambassador | EducatorAnswer]) -> bool:
    return bool(db.session.scalar(select(exists(select(table)))))


def _on(days_ago: int) -> datetime:
    return datetime.combine(_day(-days_ago), time(11, 5))


def _day(days: int) -> date:
    return today() + timedelta(days)


# --- actions, and the report between their first and their second versions --------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """An action as it was first saved. Days are counted from today: ago for what was, on for what is due."""

    said: Said
    saved: int  # days ago
    begins: int | None  # days ago
    due: int  # days on
    changed: int | None = None  # days ago, to the following
    progress: str = ""
    rag: str = ""
    done: bool = False  # on the day of that change


def _save(one: Told) -> PlanAction:
    starts_on = _day(-one.begins) if one.begins is not None else None
    said = replace(one.said, starts_on=starts_on, due_on=_day(one.due))
    with standing_at(_on(one.saved)):
        return save_action(None, said, 0, OFFICER)


def _change(one: Told, row: PlanAction) -> None:
    if one.changed is None:
        return
    before = {name: getattr(row, name) for name in FIELDS}
    done_on = _day(-one.changed) if one.done else None
    then = replace(Said(**before), progress=one.progress, rag=one.rag or row.rag, done_on=done_on)
    with standing_at(_on(one.changed)):
        save_action(row.action, then, row.number, OFFICER)


def _told(area: Area) -> list[Told]:
    known = {priority.code for priority in all_priorities(area)}
    return [one for one in TOLD if one.said.priority in known]


TOLD = (
    Told(
        Said(
            "LSIP25-1",
            "Ask teachers what they want to learn, and say what was heard",
            owner=CHAMBER,
            partners=f"{COLLEGE}, {PROVIDER}",
            success="Fifty answers, and a list that every college has seen.",
            rag="green",
            public=True,
        ),
        saved=BEGUN,
        begins=BEGUN,
        due=-30,
        changed=38,
        progress="Sixty-one answers. The list went to every college.",
        done=True,
    ),
    Told(
        Said(
            "LSIP25-1",
            "Ten days in local workshops for teachers of engineering",
            owner=PROVIDER,
            partners=CHAMBER,
            success="Ten teachers have spent a day each at a firm, and say what they changed.",
            rag="green",
            public=True,
        ),
        saved=BEGUN,
        begins=120,
        due=75,
        changed=33,
        progress="Six days agreed. Two firms have withdrawn.",
        rag="amber",
    ),
    Told(
        Said(
            "LSIP25-2",
            "An evening class in leading a small firm",
            owner=COLLEGE,
            success="Two groups of twelve owners, with an energy plan each.",
            rag="green",
            public=True,
        ),
        saved=95,
        begins=90,
        due=120,
    ),
    Told(
        Said(
            "LSIP25-2",
            "Energy visits that end with a plan for training",
            owner="The demonstration growth hub",
            partners=CHAMBER,
            success="Forty firms visited.",
            progress="Nine visits so far. The adviser has left.",
            rag="red",
        ),
        saved=80,
        begins=None,
        due=40,
    ),
    Told(
        Said(
            "LSIP25-3",
            "Evening English at entry level in two more districts",
            owner=PROVIDER,
            partners="Invented Knitwear Ltd, as host",
            success="Two classes of fourteen, near where people work.",
            rag="amber",
            public=True,
        ),
        saved=BEGUN,
        begins=150,
        due=-25,
        changed=21,
        progress="One class runs since last month. The second has no room yet.",
    ),
    Told(
        Said(
            "LSIP25-5",
            "Twelve ambassadors in six sectors",
            owner=CHAMBER,
            success="Twelve listed, and each has spoken once.",
            rag="amber",
            public=True,
        ),
        saved=135,
        begins=130,
        due=150,
        changed=12,
        progress="Four are listed, in three sectors.",
    ),
    # Since the last report:
    Told(
        Said(
            "LSIP25-4",
            "A breakfast about T Levels in every district",
            owner=CHAMBER,
            partners=f"{COLLEGE}, {PROVIDER}",
            success="A hundred employers came, and twenty offer a placement.",
            rag="green",
            public=True,
        ),
        saved=22,
        begins=20,
        due=100,
    ),
    Told(
        Said(
            "LSIP25-6",
            "Rules for the board, and a chair from industry",
            owner="The board’s chair (invented)",
            partners=CHAMBER,
            success="Rules agreed and published.",
            rag="green",
        ),
        saved=15,
        begins=None,
        due=60,
    ),
)


def _report(area: Area) -> None:
    """The scorecard of this year as it stood a while ago; early in a year, that of the whole year before."""
    first, _ = this_year(area)
    last = _day(-REPORTED)
    if (last - first).days < SHORTEST:
        with standing_at(datetime.combine(first - timedelta(1), time(11, 5))):
            first, last = this_year(area)
    with standing_at(datetime.combine(last, time(11, 5))):
        keep_report(scorecard(area, first, last), "Progress report before this one (invented)", OFFICER)


# --- people and places ------------------------------------------------------------------------------


def _ambassadors(area: Area) -> None:
    districts = list(area.districts)
    for number, (name, role, business, sector, words) in enumerate(AMBASSADORS):
        reach = f"{name.split()[0].lower()}@invented.example"
        place = districts[number % len(districts)] if districts else ""
        agreed = 150 - 25 * number  # all of them before the last report
        with standing_at(_on(agreed)):
            listed = Listed(name, role, business, sector, place, words, reach, today())
            save_ambassador(listed, demonstration=True)


AMBASSADORS = (
    (
        "Amara Demonstration",
        "Works manager",
        "Invented Castings Ltd",
        "C",
        "We took our first apprentice because nobody answered our advertisement. Three years on she sets the machines. "
        "Ask me what the first six months are like.",
    ),
    (
        "Bill Demonstration",
        "Owner",
        "Invented Joinery",
        "F",
        "There are four of us. I can tell you what an apprentice costs a firm of our size, and what comes back.",
    ),
    (
        "Chandni Demonstration",
        "Head of people",
        "Invented Hosiery Group",
        "C",
        "We train from sewing to maintenance. I come to your place for an hour, and bring an apprentice along.",
    ),
    (
        "Dewi Demonstration",
        "Home manager",
        "Invented Meadow Care",
        "Q",
        "All our team leaders began as apprentices. I will show you how we plan the days off for college.",
    ),
)


def _educators() -> None:
    for number, (days_ago, words, group, ways, organisation) in enumerate(EDUCATORS, start=1):
        with standing_at(_on(days_ago)):
            email = f"teacher-{number}@demonstration.example"
            keep_wish(Wish(words, group, ways, organisation, email), f"{INVENTED}{number}")


EDUCATORS = (
    (
        88,
        "I teach welding. I have not stood in a workshop for eight years, and robots have come since. Two days with a "
        "firm that has one would help.",
        "ENG",
        ("visit", "speaker"),
        "Demonstration College",
    ),
    (
        47,
        "Heat pumps: my students ask, and I only know gas. A short course with a certificate, please.",
        "CON",
        ("course", "qualification"),
        "Demonstration Training",
    ),
    (
        9,
        "How care homes keep their records now that they are on tablets. An hour online in the evening is enough.",
        "CAR",
        ("online",),
        "",
    ),
)


def _english(area: Area) -> None:
    """Places at three levels, each in another district."""
    for number, (level, places) in enumerate(((0, 56), (1, 32), (2, 14))):
        district = list(area.districts)[number : number + 1]
        if not district:
            return
        code = english.code_of(str(level), district[0])
        note = "Invented, for the demonstration."
        with standing_at(_on(50)):
            enter(Measured(code, today(), Decimal(places), note, "The demonstration provider’s timetable", ""), OFFICER)
