"""What invented employers were shown, opened and chose, always alike: for the demonstration and the attack suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from sqlalchemy import Connection, select

from skillsmatch.demand.models import DEMONSTRATION, DemandSignal
from skillsmatch.demand.offers_seen import STEPS, Seen
from skillsmatch.demand.periods import Period
from skillsmatch.offers.provision import all_taught

LISTED = 10  # offers of one list
LEFT_OUT = 0.15  # chance that an offer of the theme is not in a list: other words, another place
OPENED = 0.35  # share of the offers shown that are looked at
CHOSEN = 0.5  # the same of those opened, where something fitted
FITS = frozenset({"fits", "started"})
Taught = Mapping[str, Sequence[tuple[int, int]]]  # by theme: each offer's number and its provider's UKPRN
READ = 5_000  # signals read at once


def invented_steps(connection: Connection, period: Period) -> Iterator[Seen]:
    """What the demonstration's employers did with the offers of this catalogue whose theme is known."""
    by_theme: dict[str, list[tuple[int, int]]] = {}
    for one in all_taught():
        by_theme.setdefault(one.theme, []).append((one.offer_id, one.ukprn))
    yield from steps_of(connection, period, by_theme)


def steps_of(connection: Connection, period: Period, taught: Taught) -> Iterator[Seen]:
    """The steps of every invented signal of the period with the offers of its theme."""
    columns = (DemandSignal.id, DemandSignal.theme, DemandSignal.outcome, DemandSignal.countable_at)
    asked = select(*columns).where(
        DemandSignal.channel == DEMONSTRATION,
        DemandSignal.countable_at >= period.start,
        DemandSignal.countable_at < period.end,
    )
    for number, theme, outcome, moment in connection.execute(asked.execution_options(yield_per=READ)):
        offers = taught.get(theme, ()) if theme else ()
        chance = Random(f"steps {number} {theme}")
        listed = [offer for offer in offers if chance.random() >= LEFT_OUT][:LISTED]
        for place, (offer, ukprn) in enumerate(listed, start=1):
            for step in _steps(chance, outcome in FITS):
                yield Seen(number, offer, ukprn, step, place, moment)


def _steps(chance: Random, fits: bool) -> tuple[str, ...]:
    if chance.random() >= OPENED:
        return STEPS[:1]
    return STEPS if fits and chance.random() < CHOSEN else STEPS[:2]
