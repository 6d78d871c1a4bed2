"""Where an employer is: a postcode, the first half of one, or a town's name, as typed."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from skillsmatch.area.areas import Area, PostcodeDistrict, Town
from skillsmatch.area.national import load_postcode_districts

EARTH_RADIUS = 6371.0088  # km; mean radius (IUGG)
ALIKE = 0.84  # difflib ratio; from here up a misspelt town is taken for a known one
SHORTEST_GUESS = 5  # letters; shorter names are too easily taken for one another

Point = tuple[float, float, str | None]  # latitude, longitude, ONS district code where known
Exact = Callable[[str], Point | None]  # takes a postcode in capitals without its space, such as LE101AA

SPACED = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)\s+([0-9])([A-Z]{0,2})")
IN_TEXT = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?)(?:\s*([0-9][ABD-HJLN-UW-Z]{2}))?\b", re.IGNORECASE)
# Only here may the first half end in a letter (EC1A, W1T, SW1A); elsewhere an O there is a nought.
LETTER_ENDS = frozenset({"E", "EC", "N", "NW", "SE", "SW", "W", "WC"})


@dataclass(frozen=True)
class Place:
    """Where an employer is, as well as it is known."""

    outcode: str  # the first half of the postcode; that of the town where a town was typed
    lat: float | None  # None: a postcode district that nobody knows
    lon: float | None
    district: str | None  # ONS code; None where it is not known
    straddles: tuple[str, ...]  # the districts it may be in, likeliest first, where one cannot be inferred
    inside: bool  # in this area
    exact: bool  # found as a full postcode, not as a centroid
    text: str  # what was typed, put in its usual form


def parse_postcode(text: str) -> tuple[str, str | None] | None:
    """The two halves of a typed postcode, ("LE10", "1AA"); ("LE10", None) where the second half is missing.

    Case, spaces, full stops and hyphens do not matter; a letter O typed for a nought is read as one.
    None where the text has not the shape of a UK postcode.
    """
    typed = re.sub(r"[.\-_,]", " ", text.upper()).strip()
    if not typed or len(typed) > 12:
        return None
    spaced = SPACED.fullmatch(_noughts(typed))
    if spaced:
        outward, digit, letters = spaced.groups()
        return outward, digit + letters if len(letters) == 2 else None
    packed = _noughts(re.sub(r"\s+", "", typed))
    full = re.fullmatch(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][ABD-HJLN-UW-Z]{2})", packed)
    if full:
        return full.group(1), full.group(2)
    part = re.fullmatch(r"([A-Z]{1,2}[0-9][A-Z0-9]?)(?:[0-9][A-Z]?)?", packed)
    return (part.group(1), None) if part else None


def _noughts(typed: str) -> str:
    """`typed` with a letter O read as a nought where only a digit can stand."""
    second = re.sub(r"(?<=[A-Z0-9\s])O(?=[A-Z]{2}$)", "0", typed) if len(typed) > 4 else typed
    first = re.match(r"([A-Z]{1,2})([0-9O][0-9O]?)(?=\s|$|[0-9][A-Z]{2}$)", second)
    if first and first.group(1) not in LETTER_ENDS:
        return first.group(1) + first.group(2).replace("O", "0") + second[first.end() :]
    return second


def find_place(text: str, area: Area, exact: Exact | None = None) -> Place | None:
    """Where `text` says the employer is; None where it names no postcode and no known town.

    A full postcode is looked up by `exact`; failing that its postcode district's centroid stands for it.
    """
    halves = parse_postcode(text)
    if halves:
        return _from_postcode(*halves, area, exact)
    town = _find_town(text, area)
    if town:
        return _from_town(town, area)
    for match in IN_TEXT.finditer(text[:200]):
        outward, inward = match.group(1).upper(), match.group(2)
        if inward or outward in area.postcode_districts:
            return _from_postcode(outward, inward.upper() if inward else None, area, exact)
    for part in re.split(r"[,;/\n]|\b(?:near|in|at|by)\b", text[:200]):
        town = _find_town(part, area)
        if town:
            return _from_town(town, area)
    return None


def _from_postcode(outward: str, inward: str | None, area: Area, exact: Exact | None) -> Place:
    text = f"{outward} {inward}" if inward else outward
    known = area.postcode_districts.get(outward)
    point = exact(outward + inward) if exact and inward else None
    if point is None:
        return _from_centroid(text, outward, known, area)
    lat, lon, district = point
    if district is None and known:
        district = known.mainly
    straddles = _straddles(known) if district is None else ()
    inside = area.covers(district) if district else _mostly_inside(known, area)
    return Place(outward, lat, lon, district, straddles, inside, True, text)


def _from_centroid(text: str, outward: str, known: PostcodeDistrict | None, area: Area) -> Place:
    if known is None:
        lat, lon = load_postcode_districts().get(outward, (None, None))
        return Place(outward, lat, lon, None, (), False, False, text)
    return Place(
        outcode=outward,
        lat=known.lat,
        lon=known.lon,
        district=known.mainly if area.covers(known.mainly) else None,
        straddles=_straddles(known),
        inside=_mostly_inside(known, area),
        exact=False,
        text=text,
    )


def _from_town(town: Town, area: Area) -> Place:
    return Place(town.postcode_district, town.lat, town.lon, town.district, (), True, False, town.name)


def _straddles(known: PostcodeDistrict | None) -> tuple[str, ...]:
    return tuple(code for code, _ in known.shares) if known and known.straddles else ()


def _mostly_inside(known: PostcodeDistrict | None, area: Area) -> bool:
    return known is not None and sum(share for code, share in known.shares if area.covers(code)) >= 0.5


def _find_town(text: str, area: Area) -> Town | None:
    """The town that `text` names, its spelling forgiven where only one town is near it."""
    wanted = _plain(text)
    if not wanted:
        return None
    names = _town_names(area)
    if wanted in names:
        return names[wanted]
    if len(wanted) < SHORTEST_GUESS or len(wanted) > 40:
        return None
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=ALIKE)
    return names[near[0]] if near else None


def _town_names(area: Area) -> Mapping[str, Town]:
    return {_plain(name): town for town in area.towns for name in (*town.other_names, town.name)}


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z]+", " ", text.casefold()).split())


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Kilometres between two points along the earth's surface, as the crow flies."""
    a, b = math.radians(lat1), math.radians(lat2)
    across = math.sin((b - a) / 2) ** 2
    along = math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(across + along)))
