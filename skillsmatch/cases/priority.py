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
    all_ = confirmed + unconfirmed
    asking = count_words(all_, "employer")
    if unconfirmed:
        asking += f", {unconfirmed:,} without a confirmed e-mail"
    missing, why = _provision(offers, told_none, needs)
    return Score(
        (
            Part("Employers", min(EMPLOYERS, 2 * confirmed + unconfirmed), EMPLOYERS, asking),
            Part(
                "People",
                min(PEOPLE, people // 2),
                PEOPLE,
                f"{count_words(people, 'person', 'people')} wanted",
            ),
            Part(
                "Growth",
                max(0, min(GROWTH, 3 * (now - before))),
                GROWTH,
                f"{count_words(now, 'employer')} in the last {QUARTER} days, {before:,} in the {QUARTER} before",
            ),
            Part(
                "Priority of the plan",
                PRIORITY if priorities else 0,
                PRIORITY,
                listed_words(priorities) if priorities else "No priority in force names its theme",
            ),
            Part("No provision", NO_PROVISION if missing else 0, NO_PROVISION, why),
        )
    )


def _provision(offers: int | None, told_none: int, needs: int) -> tuple[bool, str]:
    if offers == 0:
        return True, "No local offer has its theme"
    if needs and 2 * told_none > needs:
        return True, f"{told_none:,} of {needs:,} were told that there is no local training in this"
    if offers is None:
        return False, "Its theme is not clear, so local offers cannot be counted"
    return False, f"{count_words(offers, 'local offer')} of its theme"
