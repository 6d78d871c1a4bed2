"""What no demand can tell of the plan, as data: courses developed, learners who finished, money spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from skillsmatch.area.tables import once, read_toml


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is counted elsewhere and reported here."""

    code: str
    title: str
    unit: str  # "courses", "learners", "% of £1.5 million"
    about: str
    priority: str  # code of the priority it belongs to; empty: to the plan as a whole


@dataclass(frozen=True, slots=True)
class Measured:
    """The value of a measure on one day, and where it is from."""

    measure: str
    day: date
    value: Decimal
    note: str
    source: str
    url: str


@cache
def load_measures(slug: str, folder: Path | None = None) -> tuple[tuple[Measure, ...], tuple[Measured, ...]]:
    """The measures of the area's measures.toml, and their first values; none where it has no such file.

    Refused (AreaError): a field missing, a code that stands twice, a value of no measure.
    """
    path = (folder or Path(__file__).parent / slug) / "measures.toml"
    if not path.is_file():
        return (), ()
    file = read_toml(path)
    measures = tuple(
        Measure(
            code=row.text("code"),
            title=row.text("title"),
            unit=row.text("unit"),
            about=row.text("about", ""),
            priority=row.text("priority", ""),
        )
        for row in once(file.rows("measure"), "code")
    )
    values = []
    for row in file.rows("value"):
        if row.text("measure") not in {m.code for m in measures}:
            raise row.wrong("measure", f"{row.text('measure')!r} is not the code of a [[measure]]")
        values.append(
            Measured(
                measure=row.text("measure"),
                day=row.day("day"),
                value=Decimal(str(row.decimal("value"))),
                note=row.text("note", ""),
                source=row.text("source"),
                url=row.text("url", ""),
            )
        )
    return measures, tuple(values)
