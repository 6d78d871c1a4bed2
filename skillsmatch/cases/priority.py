"""How urgent a need group is: five parts in points, each with its reason. A stated rule, and not a judgement."""

from __future__ import annotations

from dataclasses import dataclass

from skillsmatch.words import count_words, listed_words

# Points, 100 in all. The Chamber's to change: nothing but the order of the register hangs on them.
EMPLOYERS = 40  # 2 for each employer whose e-mail is confirmed, 1 for any other
PEOPLE = 20  # 1 for every two people
GROWTH = 15  # 3 for each employer more than in the quarter before
PRIORITY = 15  # where the area's plan asks for it
NO_PROVISION = 10  # where nobody here teaches it at all
QUARTER = 91  # days


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score."""

    name: str
    points: int
    most: int
    because: str


@dataclass(frozen=True, slots=True)
class Score:
    """The parts and their sum, 0 to 100."""

    parts: tuple[Part, ...]

    @property
    def points(self) -> int:
        """The sum."""
        return sum(part.points for part in self.parts)


def points_of(
    *,
    confirmed: int,
    unconfirmed: int,
    people: int,
    now: int,
    before: int,
    priorities: list[str],
    offers: int | None,
    told_none: int,
    needs: int,
) -> tuple[int, int, int, int, int]:
    """The points of the five parts of `score`, of the same numbers and in the same order, without their reasons."""
    return (
        min(EMPLOYERS, 2 * confirmed + unconfirmed),
        min(PEOPLE, people // 2),
        max(0, min(GROWTH, 3 * (now - before))),
        PRIORITY if priorities else 0,
        NO_PROVISION if offers == 0 or 2 * told_none > needs > 0 else 0,
    )


def score(
    *,
    confirmed: int,
    unconfirmed: int,
    people: int,
    now: int,
    before: int,
    priorities: list[str],
    offers: int | None,
    told_none: int,
    needs: int,
) -> Score:
    """The score of a group.

    `now` and `before` are employers that asked in the last QUARTER days and in those before; `offers` the local
    offers of its theme (None: not known); `told_none` of `needs` were told that there is no training in the subject.
    """
    asking = count_words(confirmed + unconfirmed, "employer")
    if unconfirmed:
        asking += f", {unconfirmed:,} without a confirmed e-mail"
    points = points_of(
        confirmed=confirmed,
        unconfirmed=unconfirmed,
        people=people,
        now=now,
        before=before,
        priorities=priorities,
        offers=offers,
        told_none=told_none,
        needs=needs,
    )
    parts = (
        ("Employers", EMPLOYERS, asking),
        ("People", PEOPLE, f"{count_words(people, 'person', 'people')} wanted"),
        (
            "Growth",
            GROWTH,
            f"{count_words(now, 'employer')} in the last {QUARTER} days, {before:,} in the {QUARTER} before",
        ),
        (
            "Priority of the plan",
            PRIORITY,
            listed_words(priorities) if priorities else "No priority in force names its theme",
        ),
        ("No provision", NO_PROVISION, _provision(offers, told_none, needs)),
    )
    return Score(
        tuple(Part(name, own, most, why) for (name, most, why), own in zip(parts, points, strict=True))
    )


def _provision(offers: int | None, told_none: int, needs: int) -> str:
    """Why there are points for no provision, or none."""
    if offers == 0:
        return "No local offer has its theme"
    if 2 * told_none > needs > 0:
        return f"{told_none:,} of {needs:,} were told that there is no local training in this"
    if offers is None:
        return "Its theme is not clear, so local offers cannot be counted"
    return f"{count_words(offers, 'local offer')} of its theme"
