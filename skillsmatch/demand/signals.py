"""Keeping demand signals: one for each facet, changed in place when the employer corrects us."""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from skillsmatch.clock import now
from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.extensions import db


class Coded(TypedDict):
    """What a signal says of one facet: codes, a number of people and dates. No words of the employer's."""

    theme: str
    theme_confirmed: bool
    soc_guessed: str
    soc_confirmed: str
    sic_section: str
    district: str
    level: int | None
    need_kind: str
    who_for: str
    size_band: str
    people: int | None
    outcome: str
    reasons: list[str]


def add_signal(key: EmployerKey, coded: Coded, made_on: date, channel: str, suspect: bool) -> DemandSignal:
    """A new signal, added to the session. It is countable once its employer's e-mail is verified."""
    signal = DemandSignal(employer_key=key, made_on=made_on, channel=channel, suspect=suspect, **coded)
    db.session.add(signal)
    return signal


def change_signal(signal: DemandSignal, coded: Coded) -> None:
    """The same signal with other codes: a correction is not a second need."""
    for name, value in coded.items():
        setattr(signal, name, value)


def withdraw_signal(signal: DemandSignal) -> None:
    """The signal no longer counts; releases already published stay as they are."""
    if signal.withdrawn_at is None:
        signal.withdrawn_at = now()


def make_countable(signal: DemandSignal, key: EmployerKey) -> None:
    """The signal counts from now on, for the employer whose e-mail has been verified."""
    signal.employer_key = key
    if signal.countable_at is None:
        signal.countable_at = now()
