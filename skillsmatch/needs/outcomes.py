"""What became of a need: opened, fits, none fits, started. The one road by which other rooms report it too."""

from __future__ import annotations

from collections.abc import Iterable

from skillsmatch.clock import now
from skillsmatch.demand.models import OUTCOMES
from skillsmatch.demand.signals import change_signal
from skillsmatch.needs.keeping import coded
from skillsmatch.needs.models import Facet, NeedMatch

FROM_EMPLOYER = frozenset({"fits", "none-fits", "started"})


class OutcomeRefused(ValueError):
    """The outcome makes no sense for this facet; the words say why."""


def record_outcome(facet: Facet, outcome: str, reasons: Iterable[str] = (), words: str = "") -> None:
    """The facet and its signal carry `outcome` from now on, with the employer's reasons where nothing fits.

    Refused: an unknown outcome, a facet that was removed or whose need was withdrawn,
    and "started" before the employer said that something fits.
    """
    if outcome not in OUTCOMES:
        raise OutcomeRefused(f"“{outcome}” is not an outcome")
    if facet.removed_at is not None or not facet.need.is_open:
        raise OutcomeRefused("This need was withdrawn, so nothing more can be said about it")
    if outcome == "started" and facet.outcome not in ("fits", "started"):
        raise OutcomeRefused("Say first which training fits")
    said_anew = facet.answered_at is None or facet.outcome != outcome
    facet.outcome = outcome
    facet.employer_reasons = sorted(set(reasons)) if outcome == "none-fits" else []
    facet.employer_words = words if outcome == "none-fits" else ""
    if outcome in FROM_EMPLOYER and said_anew:  # pressing it twice must not move the day of a start
        facet.answered_at = now()
    if outcome == "none-fits":
        for match in facet.matches:
            match.chosen_at = None
    change_signal(facet.signal, coded(facet))


def record_opened(match: NeedMatch) -> None:
    """The employer looked at this offer. The first time is the one that is kept."""
    if match.opened_at is None:
        match.opened_at = now()


def record_fits(match: NeedMatch) -> None:
    """The employer says that this offer fits; a facet may have several."""
    record_outcome(match.facet, "fits" if match.facet.outcome != "started" else "started")
    if match.chosen_at is None:
        match.chosen_at = now()
