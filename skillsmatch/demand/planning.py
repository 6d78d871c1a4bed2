"""A planned course held against released demand and against what is taught already.

Its themes come from its words alone, the demand from published cells, the offers from the search index. Nothing is
stored, and no need, signal or employer is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from skillsmatch.area.kinds import attendance_words, level_words, mode_words
from skillsmatch.area.places import Place, distance_km
from skillsmatch.area.priorities import priorities_on
from skillsmatch.area.themes import load_themes
from skillsmatch.clock import today
from skillsmatch.demand import gaps
from skillsmatch.demand.gaps import Gap
from skillsmatch.demand.published import Edition, Table, read_table
from skillsmatch.demand.showing import area, changes, newest, newest_year, table_before
from skillsmatch.extensions import db
from skillsmatch.matching import UNCLEAR_BELOW, UNMET_BELOW, Match, Query
from skillsmatch.offers.freshness import shown_on
from skillsmatch.offers.indexing import open_index
from skillsmatch.offers.models import Offer
from skillsmatch.offers.provision import all_taught
from skillsmatch.offers.wording import place_words, start_words
from skillsmatch.words import day_words, km_words, money_words

if TYPE_CHECKING:
    from skillsmatch.matching import Labeller, Matcher

MOST_THEMES = 3
MOST_FRAGMENTS = 20  # sentences or lines of what is learned that are held against the themes
CLEAR = 0.5  # confidence from which a sentence of what is learned adds a theme that the title does not name
READ_OF_LEARNED = 600  # characters that the ranking of offers reads; a longer text makes no order better
RANKED, LISTED = 60, 6  # offers looked at, and listed


@dataclass(frozen=True, slots=True)
class Draft:
    """A course that nobody runs yet, as a college types it. Only the title must be there."""

    title: str
    learned: str = ""
    level: int | None = None
    place: Place | None = None
    mode: str = ""
    attendance: str = ""
    start: date | None = None
    cost: Decimal | None = None  # pounds for one person

    @property
    def district(self) -> str:
        """The district of the area that it is planned for; "" where none is known."""
        code = self.place.district if self.place else None
        return code if code and area().covers(code) else ""


@dataclass(frozen=True, slots=True)
class Said:
    """One published number about the draft: what it counts, the number in words, and the table it stands in."""

    what: str
    words: str
    period: str
    table: str


@dataclass(frozen=True, slots=True)
class ThemeDemand:
    """One of the draft's themes: the published numbers that bear on it, and how much is taught."""

    gap: Gap
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """An offer that is there already."""

    offer_id: int
    title: str
    provider: str
    mine: bool
    facts: tuple[str, ...]  # level, where, when, cost, in words
    fits: bool  # an adviser would more likely than not call it useful to whoever wants the draft's words


@dataclass(frozen=True, slots=True)
class Planned:
    """What is known of a draft."""

    draft: Draft
    themes: tuple[ThemeDemand, ...]
    offers: tuple[Near, ...]
    like: int  # offers that fit the draft's words, of those looked at
    missing: tuple[str, ...]  # what of the draft none of these has
    searched: bool  # False where there is no search index: then neither themes nor offers are known


def plan(draft: Draft, ukprn: int | None) -> Planned:
    """The draft's themes with their published numbers, the best offers there are, and what they lack."""
    index = open_index()
    if index is None:
        return Planned(draft, (), (), 0, (), searched=False)
    ranked = _ranked(index.offers, draft)
    # What an offer is about decides whether it is like the draft; its level, place, time and price do not.
    about = _ranked(index.offers, Draft(draft.title, draft.learned))
    offers = _offers_of([*ranked, *about])
    near = [(m, offers[m.id]) for m in ranked if m.id in offers]
    like = [offers[m.id] for m in about if m.strength >= UNMET_BELOW and m.id in offers]
    alike = {offer.id for offer in like}
    listed = _distinct(near)[:LISTED]
    return Planned(
        draft=draft,
        themes=_demand_for(draft, themes_of_draft(index.themes, draft), ukprn),
        offers=tuple(_near(match, offer, ukprn, offer.id in alike) for match, offer in listed),
        like=len(like),
        missing=missing_of(draft, like),
        searched=True,
    )


def themes_of_draft(labeller: Labeller, draft: Draft) -> tuple[str, ...]:
    """At most three themes, from the words alone: what the title is clearly about, then what is learned, the clearest
    first. None where no words are clear enough."""
    themes, found = load_themes(), dict[str, float]()
    parts = [
        p for line in draft.learned.splitlines() for p in line.replace(";", ".").split(". ") if p.strip()
    ]
    for words, least in [(draft.title, UNCLEAR_BELOW), *((p[:300], CLEAR) for p in parts[:MOST_FRAGMENTS])]:
        for code, confidence in themes.label(labeller, words, 1):
            if confidence >= least:
                first = 1.0 if words is draft.title else 0.0  # the title comes before all
                found[code] = max(found.get(code, 0.0), confidence + first)
    if not found and draft.learned:
        whole = themes.label(labeller, f"{draft.title}. {draft.learned[:READ_OF_LEARNED]}", 1)
        found = {code: confidence for code, confidence in whole if confidence >= UNCLEAR_BELOW}
    return tuple(sorted(found, key=lambda code: (-found[code], code))[:MOST_THEMES])


def _ranked(offers: Matcher, draft: Draft) -> list[Match]:
    """The offers for whoever wants the title, and for whoever wants all that is learned; each at its better place.

    A course of several topics is more than any one offer has, and yet an offer of its title is like it.
    """
    best: dict[str, Match] = {}
    for words in dict.fromkeys(
        (draft.title, f"{draft.title}. {draft.learned[:READ_OF_LEARNED]}".strip(". "))
    ):
        for match in offers.rank(_query(draft, words), RANKED):
            if match.id not in best or match.strength > best[match.id].strength:
                best[match.id] = match
    # Ties break on the id, so that sending the draft again shows the same order.
    return sorted(best.values(), key=lambda m: (-m.strength, -m.score, int(m.id)))


def _query(draft: Draft, words: str) -> Query:
    """As an employer would ask who wants exactly this."""
    return Query(
        text=words,
        lat=draft.place.lat if draft.place else None,
        lon=draft.place.lon if draft.place else None,
        level=draft.level,
        modes=frozenset({draft.mode} if draft.mode else ()),
        attendance=frozenset({draft.attendance} if draft.attendance else ()),
        start_by=draft.start.toordinal() if draft.start else None,
        budget=float(draft.cost) if draft.cost is not None else None,
        today=today().toordinal(),
    )


def _offers_of(ranked: Sequence[Match]) -> dict[str, Offer]:
    wanted = select(Offer).where(Offer.id.in_([int(m.id) for m in ranked]), Offer.withdrawn_at.is_(None))
    wanted = wanted.where(shown_on(today())).options(joinedload(Offer.provider), joinedload(Offer.venue))
    return {str(offer.id): offer for offer in db.session.scalars(wanted)}


def _distinct(near: Sequence[tuple[Match, Offer]]) -> list[tuple[Match, Offer]]:
    """The best of each course of each provider: it may run at many times and places."""
    seen: dict[tuple[str, int], tuple[Match, Offer]] = {}
    for match, offer in near:
        seen.setdefault((offer.title.casefold(), offer.provider_id), (match, offer))
    return list(seen.values())


def _near(match: Match, offer: Offer, ukprn: int | None, fits: bool) -> Near:
    facts = (
        level_words(offer.level, offer.kind, offer.title) if offer.level is not None else "",
        place_words(offer, match.evidence.distance_km),
        start_words(offer, today()),
        money_words(offer.cost) or "no price given",
    )
    return Near(
        offer_id=offer.id,
        title=offer.title,
        provider=offer.provider.name,
        mine=ukprn is not None and offer.provider.ukprn == ukprn,
        facts=tuple(f for f in facts if f),
        fits=fits,
    )


def missing_of(draft: Draft, like: Sequence[Offer]) -> tuple[str, ...]:
    """What the draft has and none of the offers like it, in sentences; empty where they have all of it between them."""
    if not like:
        return ("No offer on our list fits these words. Yours would be the first.",)
    offers, day, said = like, today(), []
    if draft.level is not None and all(o.level != draft.level for o in offers):
        said.append(f"None is known to be at {level_words(draft.level)}.")
    if draft.district and not any(_reaches(o, draft.district) for o in offers):
        far = min((km for o in offers if (km := _km(o, draft.place)) is not None), default=None)
        near = f" The nearest is {km_words(far)} away." if far is not None else ""
        said.append(f"None is taught in {area().district_name(draft.district)}, nor online.{near}")
    if draft.mode and all(o.mode != draft.mode for o in offers):
        said.append(f"None is taught this way: {mode_words(draft.mode).lower()}.")
    if draft.attendance and all(o.attendance != draft.attendance for o in offers):
        said.append(f"None is known to run at this time: {attendance_words(draft.attendance).lower()}.")
    if draft.start and not any(_starts_by(o, draft.start, day) for o in offers):
        said.append(f"None is known to start by {day_words(draft.start)}.")
    priced = [o.cost for o in offers if o.cost is not None]
    if draft.cost is not None and priced and min(priced) > draft.cost:
        said.append(f"None costs so little: the cheapest with a price is {money_words(min(priced))}.")
    return tuple(said)


def _km(offer: Offer, place: Place | None) -> float | None:
    """How far the offer's venue is from there; None where either is not known."""
    venue = offer.venue
    if place is None or place.lat is None or place.lon is None or venue is None:
        return None
    return (
        None
        if venue.lat is None or venue.lon is None
        else distance_km(place.lat, place.lon, venue.lat, venue.lon)
    )


def _reaches(offer: Offer, district: str) -> bool:
    at = offer.venue.district if offer.venue else ""
    return at == district or offer.mode == "online" or (offer.national and offer.mode == "workplace")


def _starts_by(offer: Offer, start: date, day: date) -> bool:
    upcoming = offer.next_start(day)
    return offer.flexible_start or (upcoming is not None and upcoming <= start)


def _demand_for(draft: Draft, codes: Sequence[str], ukprn: int | None) -> tuple[ThemeDemand, ...]:
    """Each theme with its published numbers, from the latest year and the latest quarter, whichever there are."""
    year, latest = newest_year(), newest()
    if latest is None:
        return tuple(ThemeDemand(gap, ()) for gap in _gaps(codes, None, ukprn))
    editions = [e for e in dict.fromkeys((year, latest)) if e is not None]
    return tuple(
        ThemeDemand(gap, tuple(said for edition in editions for said in _said_of(draft, gap.theme, edition)))
        for gap in _gaps(codes, year or latest, ukprn)
    )


def _gaps(codes: Sequence[str], edition: Edition | None, ukprn: int | None) -> list[Gap]:
    asked = gaps.asked_by_theme(read_table(area(), edition.period, "theme")) if edition else {}
    priorities = priorities_on(area(), today())
    found = {g.theme: g for g in gaps.gaps_of(load_themes(), asked, {}, all_taught(), ukprn, priorities)}
    return [found[code] for code in codes]


def _said_of(draft: Draft, theme: str, edition: Edition) -> list[Said]:
    """The published cells of one release that bear on the draft, each by itself."""
    themes = load_themes()
    group = themes.themes[theme].group
    by_theme = _table(edition, "theme")
    change = changes(by_theme, table_before(by_theme)).get((theme, ""))
    words = by_theme.of(theme).words + (f", {change} since the release before" if change else "")
    said = [Said(f"Employers who ask, {edition.words}", words, edition.period, "theme")]
    if edition.kind != "year":
        return said
    cells = [("People wanted", "people", theme, ""), ("Nothing fitted", "outcome-by-theme", "unmet", theme)]
    if draft.district:
        cells.append(
            (f"In {area().district_name(draft.district)}", "theme-by-district", theme, draft.district)
        )
    if draft.level is not None:
        level = f"At this level, in all of {themes.groups[group].name}"
        cells.append((level, "level-by-theme-group", str(draft.level), group))
    for what, name, first, second in cells:
        said.append(Said(what, _table(edition, name).of(first, second).words, edition.period, name))
    return said


def _table(edition: Edition, name: str) -> Table:
    return read_table(area(), edition.period, name)
