"""Public rankings of the area: an order without numbers, with where it is from and when it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from skillsmatch.area.tables import read_toml


@dataclass(frozen=True)
class Ranking:
    """Names in their published order, the first the largest."""

    title: str
    names: tuple[str, ...]
    source: str
    url: str
    checked_on: date


@cache
def rankings_of(slug: str, folder: Path | None = None) -> tuple[Ranking, ...]:
    """The rankings in the area's rankings.toml, if it has one. Refused (AreaError): a missing field."""
    path = (folder or Path(__file__).parent / slug) / "rankings.toml"
    if not path.is_file():
        return ()
    return tuple(
        Ranking(
            title=row.text("title"),
            names=row.many("names"),
            source=row.text("source"),
            url=row.text("url"),
            checked_on=row.day("checked_on"),
        )
        for row in read_toml(path).rows("ranking")
    )
