"""What a file's rows become once they are checked: courses, venues, providers; or what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import blake2b

NEAR_YOU = 10_000_000  # stands for "providers near you" in place of a UKPRN; no provider has this one
STANDARDS_SOURCE = "skills-england"
LONGEST_REFERENCE = 120  # characters; offer.source_ref


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one cell, in words for the person who can put it right. The header is row 1."""

    row: int
    column: str
    message: str


@dataclass(slots=True, kw_only=True)  # not frozen: making a frozen one of 45 fields takes four times as long
class CourseRow:
    """One run of a course, checked. Dates are ISO text; empty text or None means "not given"."""

    row: int
    ref: str  # the offer's key in this source
    ukprn: int
    kind: str
    title: str
    reference: str = ""  # the provider's own
    demonstration: bool = False
    who_for: str = ""
    what_learned: str = ""
    how_taught: str = ""
    bring: str = ""
    where_next: str = ""
    entry_requirements: str = ""
    assessment: str = ""
    awarding_body: str = ""
    level: int | None = None
    route: str = ""
    mode: str = ""
    study_mode: str = ""
    attendance: str = ""
    start_dates: tuple[str, ...] = ()
    flexible_start: bool = False
    duration_value: Decimal | None = None
    duration_unit: str = ""
    cost: Decimal | None = None
    max_funding: Decimal | None = None
    cost_description: str = ""
    national: bool = False
    regions: str = ""
    lars_ref: str = ""
    standard_ref: str = ""
    url: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    source_updated: str = ""
    venue_id: int | None = None  # a venue that we hold already; the other venue fields then say nothing new
    venue_name: str = ""
    venue_address: str = ""
    venue_town: str = ""
    venue_county: str = ""
    venue_postcode: str = ""
    lat: float | None = None
    lon: float | None = None
    venue_email: str = ""
    venue_phone: str = ""
    venue_website: str = ""

    def has_passed(self, day: date) -> bool:
        """True where it has a start date, which is before `day`, and cannot be started at any time."""
        return bool(self.start_dates) and not self.flexible_start and self.start_dates[-1] < day.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueRow:
    """One place of a provider's, checked."""

    row: int
    ref: str  # the name in small letters: a provider has one venue of a name
    ukprn: int
    reference: str  # the provider's own, or empty
    name: str
    address: str
    town: str
    county: str
    postcode: str
    email: str
    phone: str
    website: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    """One provider of the national list, checked."""

    row: int
    ref: str
    ukprn: int
    name: str


Record = CourseRow | VenueRow | ProviderRow


def reference_of(*parts: str) -> str:
    """A key of these parts, such as `course/run`; a long one is cut and ends in a hash of the whole."""
    whole = "/".join(parts)
    if len(whole) <= LONGEST_REFERENCE:
        return whole
    return f"{whole[: LONGEST_REFERENCE - 33]}~{blake2b(whole.encode(), digest_size=16).hexdigest()}"
