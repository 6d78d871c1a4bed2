"""Which offers employers were shown, opened and chose, as codes for the desk's figures. No word of a need is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, or_, select

from skillsmatch.demand.models import DemandSignal
from skillsmatch.demand.offers_seen import STEPS, Seen
from skillsmatch.demand.periods import Period
from skillsmatch.needs.keeping import BY_ITSELF
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.offers.models import Offer, Provider

FIRST = 10  # cards of a list; what stands farther down is behind "more" and counts only once it is opened or chosen
READ = 5_000  # rows read at once


def offers_seen(connection: Connection, period: Period) -> Iterator[Seen]:
    """Each offer that was among the first ten of a stored need's results, was opened there, or was said to fit.

    Signals that count, and steps, from before the period's end; of those older than it, only signals that became
    countable in it. Which of them count, and when, is decided where demand is counted.
    """
    moments = (NeedMatch.shown_at, NeedMatch.opened_at, NeedMatch.chosen_at)
    wanted = (
        select(Facet.signal_id, NeedMatch.offer_id, Provider.ukprn, NeedMatch.position, *moments)
        .join(Facet, NeedMatch.facet_id == Facet.id)
        .join(Need, Need.id == Facet.need_id)
        .join(DemandSignal, Facet.signal_id == DemandSignal.id)
        .join(Offer, NeedMatch.offer_id == Offer.id)
        .join(Provider, Offer.provider_id == Provider.id)
        # What the Chamber wrote down, or read in a survey, its employer has seen once it came by its own link.
        .where(or_(Need.channel.in_(BY_ITSELF), Need.email_verified_at.is_not(None)))
        .where(DemandSignal.countable_at < period.end)
        .where(or_(DemandSignal.countable_at >= period.start, *(when >= period.start for when in moments)))
    )
    rows = connection.execute(wanted.execution_options(yield_per=READ))
    for signal, offer, ukprn, place, *times in rows:
        for step, moment in zip(STEPS, _steps(place, *times), strict=True):
            if moment is not None and moment < period.end:
                yield Seen(signal, offer, ukprn, step, place, moment)


def _steps(
    place: int, shown: datetime, opened: datetime | None, chosen: datetime | None
) -> tuple[datetime | None, datetime | None, datetime | None]:
    """When each step was first taken. Whoever chose an offer has seen it, and what it was opened from was shown."""
    if opened is None and chosen is None and place > FIRST:
        return None, None, None
    return shown, opened, chosen
