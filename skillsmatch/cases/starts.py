"""Training that started because of a need, as its employer said on the need's page. Exact: for officers only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from skillsmatch.area.areas import Area
from skillsmatch.cases.asked import STARTED, Asked, Filters, asked_rows
from skillsmatch.words import count_words

WHAT_STARTS = (
    "A start is a skill for which the employer said on its need’s page that the training has started. It counts on "
    "the day the employer said so. People are as many as the employer asked for. Providers’ own numbers of starts are "
    "in no file that is read here. The government’s apprenticeship starts are a measure that an officer enters."
)


@dataclass(frozen=True, slots=True)
class Starts:
    """What some starts come to, exactly."""

    skills: int
    employers: int
    people: int  # as the employers asked for them; nobody counts who came
    people_said: int  # skills that say how many people

    @property
    def people_words(self) -> str:
        """ "for 12 people"; "" where nobody said how many."""
        return f"for {count_words(self.people, 'person', 'people')}" if self.people_said else ""


def starts_between(filters: Filters, area: Area) -> list[Asked]:
    """The skills of the filter whose employer said within its dates that the training started, whenever it was asked
    for. `filters` may narrow them by anything else, and is given back by `started_in(filters)`."""
    return asked_rows(started_in(filters), area)


def started_in(filters: Filters) -> Filters:
    """The filter that names the starts of these dates on the page of figures."""
    return replace(filters, dates=STARTED)


def starts_of(rows: Iterable[Asked]) -> Starts:
    """The starts among these rows, added up; those that have not started are left out."""
    started = [row for row in rows if row.started]
    return Starts(
        skills=len(started),
        employers=len({row.employer for row in started}),
        people=sum(row.people or 0 for row in started),
        people_said=sum(row.people is not None for row in started),
    )
