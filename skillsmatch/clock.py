"""The service's one clock: a test can set it, so that no answer depends on the day a test runs."""

from __future__ import annotations

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
