"""What the speed is measured on: offers made from the package's own words, or read from a catalogue file."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skillsmatch.matching import Document, Query

SEED = 11
NEEDS = Path(__file__).with_name("bench_needs.txt")
DEMONSTRATION = Path(__file__).parents[1] / "area" / "leicestershire" / "demonstration.csv"
# Four of them make one of 234,256 names: a real catalogue's rare words grow with it, and so do ours.
SYLLABLES = "bra cor den fal gil har jes kel lom mar nev oth pel quin ros sto tam ul vey win yar zet".split()
ENDINGS = (
    "",
    " Level 1",
    " Level 2",
    " Level 3",
    " refresher",
    " for beginners",
    " (evenings)",
    " apprenticeship",
)


class NotEnough(ValueError):
    """The catalogue file holds fewer offers than were asked for."""


def own_offers(count: int, seed: int = SEED) -> Iterator[Document]:
    """Made-up offers, as many as asked for; the first of a larger run are those of a smaller one.

    Titles are themes and their other names; texts mix what the demonstration catalogue and the themes say.
    """
    from skillsmatch.area.themes import load_themes
    from skillsmatch.matching import Document

    chance = random.Random(seed)
    themes = list(load_themes().themes.values())
    shown = [offer for offer in _file_offers(DEMONSTRATION) if offer.text]
    said = sorted({s for offer in shown for s in re.split(r"(?<=[.!?])\s+", offer.text) if s})
    for number in range(count):
        theme, like = chance.choice(themes), chance.choice(shown)
        name = chance.choice((theme.name, *theme.other_names, like.title))
        coined = "".join(chance.choices(SYLLABLES, k=4))
        text = [*chance.sample(said, chance.randint(2, 7)), theme.about, *chance.sample(theme.other_names, 2)]
        chance.shuffle(text)
        yield Document(
            id=f"own-{number}",
            title=f"{name[:1].upper()}{name[1:]}{chance.choice(ENDINGS)}",
            text=" ".join([*text, f"Unit {coined}."]),
            kind=like.kind,
            level=chance.choice((None, 0, 1, 2, 3, 4, 5)),
            lat=52.64 + chance.uniform(-0.8, 0.8),
            lon=-1.13 + chance.uniform(-1.2, 1.2),
            mode=like.mode,
            attendance=like.attendance,
            starts=tuple(sorted(day + chance.randrange(300) for day in like.starts)),
            flexible_start=like.flexible_start,
            national=chance.random() < 0.05,
            price=chance.choice((None, 0.0, 95.0, 250.0, 600.0, 1500.0)),
            weeks=like.weeks,
            confirmed=like.confirmed,
        )


def file_offers(path: Path, count: int) -> Iterator[Document]:
    """The first offers of a live-courses file, read a row at a time. Raises NotEnough where it ends before."""
    found = 0
    for offer in islice(_file_offers(path), count):
        found += 1
        yield offer
    if found < count:
        raise NotEnough(f"{path.name} holds {found:,} offers that can be read; {count:,} were asked for")


def _file_offers(path: Path) -> Iterator[Document]:
    """The offers of a live-courses file as the service would index them; wrong rows are passed over."""
    from skillsmatch.matching import Document
    from skillsmatch.offers.course_kinds import in_weeks
    from skillsmatch.offers.live_courses import CourseRow, read_courses

    day = datetime.now(UTC).date()
    for row in read_courses(path, day):
        if isinstance(row, CourseRow):
            yield Document(
                id=row.ref,
                title=row.title,
                text=row.who_for,
                kind=row.kind,
                level=row.level,
                lat=row.lat,
                lon=row.lon,
                mode=row.mode,
                attendance=row.attendance,
                starts=tuple(date.fromisoformat(start).toordinal() for start in row.start_dates),
                flexible_start=row.flexible_start,
                national=row.national,
                price=None if row.cost is None else float(row.cost),
                weeks=in_weeks(row.duration_value, row.duration_unit),
                confirmed=day.toordinal(),
            )


def own_queries() -> list[str]:
    """Ninety needs as small firms put them, from one word to a hundred."""
    lines = NEEDS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def keep_offers(offers: Iterable[Document], path: Path) -> None:
    """Write the offers to a file, one to a line, so that every contender reads the same."""
    with path.open("w", encoding="utf-8") as file:
        for offer in offers:
            file.write(json.dumps(asdict(offer)) + "\n")


def kept_offers(path: Path, count: int) -> Iterator[Document]:
    """The first offers of such a file."""
    from skillsmatch.matching import Document

    with path.open(encoding="utf-8") as file:
        for line in islice(file, count):
            told = json.loads(line)
            yield Document(**{**told, "aliases": tuple(told["aliases"]), "starts": tuple(told["starts"])})


def whole_text(offer: Document) -> str:
    """The one text that the peers index: the title, other names and description."""
    return "\n".join((offer.title, *offer.aliases, offer.text))


ASKED = (
    "{name}",
    "{name} for {many}",
    "{many} who know {name}",
    "{name} and {other}",
    "someone for {name}, {when}",
    "{name} training near {town}, {many} people",
    "our {other} people need {name}",
    "a {name} course, {when}, for {many} of our staff",
)
WHEN = (
    "evenings",
    "before the summer",
    "as soon as there is a place",
    "in the new year",
    "at weekends",
    "on site",
)
TOWNS = (
    "Leicester",
    "Loughborough",
    "Hinckley",
    "Melton Mowbray",
    "Coalville",
    "Market Harborough",
    "Lutterworth",
)


def own_facets(count: int, seed: int = SEED) -> Iterator[tuple[str, Query]]:
    """Made-up past needs, as many as asked for, each with the limits that firms give; the same every time."""
    from skillsmatch.area.themes import load_themes
    from skillsmatch.matching import Query

    chance = random.Random(seed)
    themes = list(load_themes().themes.values())
    for number in range(count):
        theme = chance.choice(themes)
        name, other = chance.sample((theme.name, *theme.other_names), 2)
        text = chance.choice(ASKED).format(
            name=name,
            other=other,
            many=chance.randint(2, 40),
            when=chance.choice(WHEN),
            town=chance.choice(TOWNS),
        )
        yield (
            f"past-{number}",
            Query(
                text,
                lat=round(52.64 + chance.uniform(-0.3, 0.3), 2),
                lon=round(-1.13 + chance.uniform(-0.4, 0.4), 2),
                level=chance.choice((None, None, 2, 3)),
                modes=frozenset({"classroom"} if chance.random() < 0.1 else ()),
            ),
        )
