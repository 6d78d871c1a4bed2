"""The service's one clock: a test can set it, so that no answer depends on the day a test runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app

LOCAL = ZoneInfo("Europe/London")  # a start date is a day in England


def now() -> datetime:
    """The time in UTC, without a zone, as it is stored."""
    fixed = current_app.config.get("CLOCK")
    return fixed() if fixed else datetime.now(UTC).replace(tzinfo=None)


def today() -> date:
    """The day in England."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The day in England at a stored time."""
    return moment.replace(tzinfo=UTC).astimezone(LOCAL).date()


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Within it the time is `moment`, in UTC: for the history that a demonstration is given before it opens.

    The whole process has that time, so it is never for a service that answers requests.
    """
    before = current_app.config.get("CLOCK")
    current_app.config["CLOCK"] = lambda: moment
    try:
        yield
    finally:
        current_app.config["CLOCK"] = before
