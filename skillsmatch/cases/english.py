"""English asked for against what is on offer, and against the places that officers know of, by level and district."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from skillsmatch.area.areas import Area, Priority
from skillsmatch.area.kinds import LEVELS
from skillsmatch.area.measures import Measured
from skillsmatch.cases.asked import Asked, asks_for, by
from skillsmatch.cases.measures import entered
from skillsmatch.cases.on_offer import OnOffer, for_priority
from skillsmatch.cases.plan import MeasureEntry
from skillsmatch.extensions import db

PLACES = "english-places"  # the measure's code begins so; level and district follow
ONLINE = "online"  # stands for a district
LEVELS_ASKED = (*map(str, LEVELS), "")  # as keys have them; the last is "not said"
LEVELS_OF_ENGLISH = (0, 1, 2)  # ESOL and functional English end at level 2
NO_PLACES = (
    "Offers are counted, not places: no file that providers give us says how many places an offer has. Places are "
    "what officers entered, the latest number of each level and council area."
)


@dataclass(frozen=True, slots=True)
class Row:
    """English of one level, in one district or in all."""

    level: str  # in words
    district: str  # its name; "" for all
    asked: int  # skills
    employers: int
    offers: int
    places: int | None  # None where nobody entered a number
    places_on: date | None  # the day of the number; of several the earliest

    @property
    def has_any(self) -> bool:
        """True where anything was asked for, is on offer, or is known of places."""
        return bool(self.asked or self.offers) or self.places is not None


@dataclass(frozen=True, slots=True)
class English:
    """What the scorecard tells of English."""

    by_level: tuple[Row, ...]
    by_district: tuple[Row, ...]  # rows with nothing at all are left out


def english(
    area: Area, priority: Priority, rows: Sequence[Asked], offers: Sequence[OnOffer], day: date
) -> English:
    """English by level, and by level and district; places as they were entered for `day` or before it."""
    asked = by(list(filter(asks_for(priority), rows)), lambda r: _key(r.level, r.district))
    there = Counter(
        _key(o.level, ONLINE if o.taught.anywhere else o.taught.district)
        for o in for_priority(priority, offers)
    )
    counted = Counted(asked, there, places_on(area, day))
    by_level = [counted.row(level, "", counted.keys_of(level)) for level in LEVELS_ASKED]
    known = {**district_names(area), **area.neighbours}
    others = sorted({key.split(":")[1] for key in counted.keys} - {*known, ""})
    names = {**known, **{code: area.district_name(code) for code in others}, "": "Place not said"}
    by_district = [
        counted.row(level, name, [f"{level}:{code}"]) for level in LEVELS_ASKED for code, name in names.items()
    ]
    return English(*(tuple(row for row in rows if row.has_any) for rows in (by_level, by_district)))


def _key(level: int | None, district: str) -> str:
    return f"{'' if level is None else level}:{district}"


@dataclass(frozen=True, slots=True)
class Counted:
    """What there is of each level and district, by keys such as "1:E06000016"."""

    asked: Mapping[str, list[Asked]]
    offers: Counter[str]
    places: Mapping[str, Measured]

    @property
    def keys(self) -> set[str]:
        """Every level and district of which there is anything."""
        return {*self.asked, *self.offers, *self.places}

    def keys_of(self, level: str) -> list[str]:
        """Those of one level."""
        return [key for key in self.keys if key.split(":")[0] == level]

    def row(self, level: str, district: str, keys: Sequence[str]) -> Row:
        """What these keys come to."""
        asked = [one for key in keys for one in self.asked.get(key, ())]
        places = [self.places[key] for key in keys if key in self.places]
        return Row(
            level=level_words(level),
            district=district,
            asked=len(asked),
            employers=len({one.employer for one in asked}),
            offers=sum(self.offers[key] for key in keys),
            places=sum(int(p.value) for p in places) if places else None,
            places_on=min((p.day for p in places), default=None),
        )


def level_words(level: str) -> str:
    """A level without its comparison: "Entry level", "Level 2", "Level not said"."""
    return LEVELS[int(level)].split(" (")[0] if level else "Level not said"


def district_names(area: Area) -> dict[str, str]:
    """Where English may be taught: the districts by their codes, and online."""
    return {**{d.code: d.name for d in area.districts.values()}, ONLINE: "Online"}


# --- places, which no demand and no offer can tell --------------------------------------------------


def code_of(level: str, district: str) -> str:
    """The code under which the places of a level in a district are kept among the values of measures."""
    return f"{PLACES}:{level}:{district}"


def said_of(code: str, area: Area) -> str:
    """The level and the district of such a code, in words."""
    level, district = code.removeprefix(f"{PLACES}:").split(":")
    return f"{level_words(level)}, {district_names(area).get(district, district)}"


def entries(area: Area) -> list[MeasureEntry]:
    """Every number of places that was entered, the latest first, replaced ones and those taken back too."""
    known = [code_of(str(level), d) for level in LEVELS_OF_ENGLISH for d in district_names(area)]
    kept = entered().where(MeasureEntry.measure.in_(known))
    return list(db.session.scalars(kept.order_by(MeasureEntry.id.desc())))


def places_on(area: Area, day: date) -> dict[str, Measured]:
    """By level and district, such as "1:E06000016", the latest number of a day up to `day`; one taken back is none."""
    found: dict[str, Measured] = {}
    for code, on, value in _standing(area):
        if on <= day:
            found[code.removeprefix(f"{PLACES}:")] = value
    return found


def stands(area: Area, code: str, day: date) -> bool:
    """Whether there is a number for this day."""
    return any((code, day) == (known, on) for known, on, _value in _standing(area))


def _standing(area: Area) -> list[tuple[str, date, Measured]]:
    """The numbers that stand, by level and district, the earliest day first."""
    latest = {(entry.measure, entry.day): entry for entry in reversed(entries(area))}
    return [
        (code, on, Measured(code, on, entry.value, entry.note, entry.source, entry.url))
        for (code, on), entry in sorted(latest.items(), key=lambda one: one[0])
        if entry.value is not None
    ]
