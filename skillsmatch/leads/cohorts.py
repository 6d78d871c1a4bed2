"""Grouping like needs into cohorts: plain arithmetic, with no chance in it and no table behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skillsmatch.area.places import distance_km
from skillsmatch.leads.wording import NEAR_KM

NEAR = 0.42  # cosine of two needs' meanings, inside one theme; see docs/leads.md for what it parts and what it joins
SMALLEST = 2  # distinct employers; one firm alone is a lead and no cohort
TELL_EMPLOYERS = (
    5  # distinct employers from which the members are told; below, a known few could be told apart
)
TELL_STEP = 5  # employers; members are told "at least 5", "at least 10", never the exact number
CLASS_PEOPLE = 10  # people who make a class, where the provider has not said otherwise


@dataclass(frozen=True, eq=False)
class Pooled:
    """One facet of a consenting employer, as the grouping sees it."""

    facet: int  # its number; a smaller one was asked earlier
    employer: int  # the employer key's number: equal numbers are one employer
    theme: str
    lat: float
    lon: float
    people: int  # 1 where the employer did not say
    vector: NDArray[np.float32]  # of unit length


@dataclass(frozen=True, eq=False)
class Cohort:
    """Like needs near each other. The first member is the oldest, and names the cohort."""

    members: tuple[Pooled, ...]

    @property
    def seed(self) -> int:
        """The oldest member's facet."""
        return self.members[0].facet

    @property
    def theme(self) -> str:
        """The one theme of all members."""
        return self.members[0].theme

    @property
    def employers(self) -> int:
        """Distinct employers."""
        return len({m.employer for m in self.members})

    @property
    def people(self) -> int:
        """People in all. An employer that asks twice counts with its larger number, not with both."""
        most: dict[int, int] = {}
        for m in self.members:
            most[m.employer] = max(m.people, most.get(m.employer, 0))
        return sum(most.values())

    @property
    def about(self) -> int:
        """How many employers the members may be told of: rounded down to fives; 0 while that is too few."""
        return self.employers // TELL_STEP * TELL_STEP if self.employers >= TELL_EMPLOYERS else 0


def group(pooled: Iterable[Pooled]) -> list[Cohort]:
    """The cohorts among `pooled`, the oldest first; each of SMALLEST employers or more.

    In the order asked, each facet joins the cohort of its theme whose oldest member is nearest in meaning, at NEAR
    or more, if it lies within NEAR_KM of every member; otherwise it begins one. So nobody who asks later moves
    those who asked before, and the order in which the database gives the rows does not matter.
    """
    open_groups: list[list[Pooled]] = []
    for one in sorted(pooled, key=lambda p: p.facet):
        best, nearness = None, NEAR
        for members in open_groups:
            first = members[0]
            if first.theme != one.theme:
                continue
            alike = round(float(first.vector @ one.vector), 5)
            nearer = alike > nearness or (best is None and alike == nearness)
            if nearer and all(_near(one, m) for m in members):
                best, nearness = members, alike
        if best is None:
            open_groups.append([one])
        else:
            best.append(one)
    cohorts = [Cohort(tuple(members)) for members in open_groups]
    return [cohort for cohort in cohorts if cohort.employers >= SMALLEST]


def _near(one: Pooled, other: Pooled) -> bool:
    return distance_km(one.lat, one.lon, other.lat, other.lon) <= NEAR_KM
