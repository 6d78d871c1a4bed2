"""The desk's figures of one provider: how many employers were shown each of its offers, opened it and chose it.

Read from published quarters and nothing else. A provider is given its own: they are its business and no other's,
and whoever put several providers' cells together would hear of the same employer several times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from skillsmatch.demand import lattice
from skillsmatch.demand.models import Release
from skillsmatch.demand.offers_seen import STEPS
from skillsmatch.demand.published import Cell, Edition, editions, read_steps, steps_of
from skillsmatch.demand.ranges import change_words, range_of
from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer, Provider

MOST_QUARTERS = 8  # on an offer's page


@dataclass(frozen=True, slots=True)
class Steps:
    """Employers who were shown something, opened it and chose it; None where fewer than the threshold, or none."""

    numbers: tuple[int | None, ...]  # in the order of STEPS
    threshold: int

    @property
    def words(self) -> tuple[str, ...]:
        """The numbers as they are read: "25", "fewer than 10"."""
        few = f"fewer than {self.threshold}"
        return tuple(few if number is None else f"{number:,}" for number in self.numbers)

    @property
    def told(self) -> bool:
        """True where one of them is a number."""
        return any(number is not None for number in self.numbers)


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One offer with its figures."""

    offer_id: int
    title: str
    withdrawn: bool
    steps: Steps
    change: str  # of the employers who were shown it, since the quarter before; "" where it was not counted


@dataclass(frozen=True, slots=True)
class Figures:
    """A quarter's figures of one provider."""

    edition: Edition
    together: Steps  # employers who were shown any of its offers: counted on their own and no sum
    change: str
    rows: tuple[OfferRow, ...]  # every offer; those with the largest numbers first, then by title
    before: Edition | None  # the quarter that the changes are since

    @property
    def told(self) -> tuple[OfferRow, ...]:
        """The offers with a number."""
        return tuple(row for row in self.rows if row.steps.told)

    @property
    def method(self) -> tuple[str, ...]:
        """What has to go with the numbers, wherever they go."""
        return (self.edition.rests_on, *how(self.edition), *self.edition.notes)


def how(edition: Edition) -> tuple[str, ...]:
    """What the figures mean, in sentences."""
    return (
        "Shown: employers in whose results the offer was among the first ten for what they asked. Opened: they went to "
        "its page from there. Chosen: they said that it fits.",
        "An employer counts once in a number, however often it asked or looked. It counts in the quarter in which it "
        "took that step with a confirmed e-mail. Searches of others, and visits from elsewhere, are not counted.",
        f"Of your offers an employer counts for {edition.most_offers} at most in a quarter: those it went farthest "
        "with, then those that stood highest. For all of them together it counts whichever it was.",
    )


def counted_quarters() -> list[Edition]:
    """The published quarters in which offers were counted, the latest first."""
    return [e for e in editions() if e.state == "published" and e.most_offers]


def figures_of(ukprn: int, edition: Edition) -> Figures:
    """The provider's figures by this release of a quarter; of its own offers and no other."""
    earlier = (e for e in counted_quarters() if e.last_day < edition.first_day)
    before = next(earlier, None)
    now, then = _told(edition), _told(before) if before else {}
    own = (
        select(Offer.id, Offer.title, Offer.withdrawn_at).join(Offer.provider).where(Provider.ukprn == ukprn)
    )
    rows = [
        OfferRow(
            offer_id=row.id,
            title=row.title,
            withdrawn=row.withdrawn_at is not None,
            steps=_steps(now, str(row.id), edition),
            change=_change(now, then, str(row.id), edition, before),
        )
        for row in db.session.execute(own)
    ]
    rows.sort(key=lambda row: (*(-(n or 0) for n in row.steps.numbers), row.title.casefold(), row.offer_id))
    all_now = read_steps(edition.period, lattice.OF_PROVIDERS)
    all_then = read_steps(before.period, lattice.OF_PROVIDERS) if before else {}
    return Figures(
        edition=edition,
        together=_steps(all_now, str(ukprn), edition),
        change=_change(all_now, all_then, str(ukprn), edition, before),
        rows=tuple(rows),
        before=before,
    )


def quarters_of(ukprn: int, offer_id: int) -> list[tuple[Edition, Steps]]:
    """The figures of one of the provider's offers by quarters, the latest first; empty where it is another's."""
    own = select(Offer.id).join(Offer.provider).where(Provider.ukprn == ukprn, Offer.id == offer_id)
    if db.session.scalar(own) is None:
        return []
    return [(e, _steps(_told(e), str(offer_id), e)) for e in counted_quarters()[:MOST_QUARTERS]]


def figures_to_look_at(release: Release) -> list[tuple[str, Steps]]:
    """Every number that a release in hand has of providers and their offers, for the officer who looks at it: the
    providers first, then the offers; the largest numbers first."""
    found: list[tuple[str, Steps]] = []
    for table, names in (
        (lattice.OF_PROVIDERS, select(Provider.ukprn, Provider.name)),
        (lattice.OF_OFFERS, select(Offer.id, Offer.title + ", " + Provider.name).join(Offer.provider)),
    ):
        told = steps_of(release, table)
        named = {str(code): name for code, name in db.session.execute(names)} if told else {}
        rows = [
            (named.get(code, code), Steps(tuple(own.get(s) for s in STEPS), release.method["threshold"]))
            for code, own in told.items()
        ]
        found += sorted(rows, key=lambda row: (*(-(n or 0) for n in row[1].numbers), row[0]))
    return found


def _told(edition: Edition) -> Mapping[str, Mapping[str, int]]:
    return read_steps(edition.period, lattice.OF_OFFERS)


def _steps(told: Mapping[str, Mapping[str, int]], code: str, edition: Edition) -> Steps:
    own = told.get(code, {})
    return Steps(tuple(own.get(step) for step in STEPS), edition.threshold)


def _change(
    now: Mapping[str, Mapping[str, int]],
    then: Mapping[str, Mapping[str, int]],
    code: str,
    edition: Edition,
    before: Edition | None,
) -> str:
    if before is None:
        return ""
    cells = [Cell(code, "", "", "", told.get(code, {}).get(STEPS[0]), "") for told in (now, then)]
    return change_words(range_of(cells[0], edition.threshold), range_of(cells[1], before.threshold))
