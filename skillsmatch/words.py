"""How dates, money, distance and counts read on a page; filters of the same names for the templates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from flask import Flask, current_app, url_for

from skillsmatch.area import kinds
from skillsmatch.clock import LOCAL, day_of

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NEAR_KM = 10.0  # kilometres; beyond it a distance is given to the whole kilometre


def day_words(day: date | str | None) -> str:
    """A day as "Monday 4 January 2027", in English on every machine. ISO text is read, other text stays.

    A stored time, which is in UTC, is the day that it is in England: half past midnight in July is no longer yesterday.
    """
    if day is None or day == "":
        return ""
    if isinstance(day, datetime):
        day = day_of(day)
    if isinstance(day, str):
        try:
            day = date.fromisoformat(day[:10])
        except ValueError:
            return str(day)
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def time_words(moment: datetime | None) -> str:
    """A stored time, which is in UTC, as "23 November 2026 at 10:30" by the clock in England. Empty for None."""
    if moment is None:
        return ""
    here = moment.replace(tzinfo=UTC).astimezone(LOCAL)
    return f"{here.day} {MONTHS[here.month - 1]} {here.year} at {here:%H:%M}"


def money_words(pounds: float | Decimal | int | None) -> str:
    """Pounds as "£1,250", or "£12.50" where there are pence. Empty for None: a caller says what it means."""
    if pounds is None:
        return ""
    pence = Decimal(str(pounds)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"£{pence:,.0f}" if pence == pence.to_integral_value() else f"£{pence:,.2f}"


def km_words(km: float | None) -> str:
    """A distance: "less than 1 km", "6.5 km", to the whole kilometre from ten on. Empty where not known."""
    if km is None:
        return ""
    if km < 1:
        return "less than 1 km"
    if km < NEAR_KM:
        return f"{km:.1f}".removesuffix(".0") + " km"
    return f"{km:.0f} km"


def count_words(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 offer", "1,013 offers"; `many` where the plural is not `one` + s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed_words(words: list[str] | tuple[str, ...], last: str = "and") -> str:
    """A list as said aloud: "a", "a and b", "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + f" {last} {words[-1]}"


def kind_name(kind: str) -> str:
    """A kind as shown: "Skills Bootcamp" for "skills-bootcamp". An unknown kind stays as it is."""
    try:
        return kinds.Kind(kind).words.name
    except ValueError:
        return kind


def static_file(name: str) -> str:
    """The address of a static file, with its time of change: a browser never keeps an old stylesheet."""
    file = Path(str(current_app.static_folder)) / name
    return url_for("static", filename=name, v=f"{int(file.stat().st_mtime):x}")


def add_words(app: Flask) -> None:
    """Gives the templates these words: filters for values, and `area` on every page."""
    for filter_ in (
        day_words,
        time_words,
        money_words,
        km_words,
        count_words,
        listed_words,
        kind_name,
        kinds.level_words,
        kinds.mode_words,
        kinds.attendance_words,
        kinds.study_mode_words,
        kinds.length_words,
    ):
        app.add_template_filter(filter_)
    app.add_template_global(static_file)

    @app.context_processor
    def _every_page() -> dict[str, Any]:
        return {"area": app.extensions["area"]}
