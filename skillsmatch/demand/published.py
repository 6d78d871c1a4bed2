"""The one road out: published tables as plain data that cannot be changed, read from releases and nothing else.

Pages, charts, files, the API and mails are given these. They hold no id and no row of the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from flask import current_app, has_request_context, request
from sqlalchemy import ColumnElement, Select, select

from skillsmatch.area.areas import Area
from skillsmatch.demand import lattice
from skillsmatch.demand.disclosure import BANDS, Rules
from skillsmatch.demand.models import Release, ReleaseCell
from skillsmatch.demand.periods import read_period
from skillsmatch.extensions import db

Made = TypeVar("Made")
MOST_REMEMBERED = 200  # tables; about 12 MB, the tables of a dozen years' releases
DO_NOT_ADD_UP = (
    "Each number is changed a little on its own, so that no employer can be worked out: tables do not add up."
)


class NoSuchTable(LookupError):
    """There is no such published table; the words say what there is."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One number that is shown, or is hidden as too small."""

    first: str  # code of the first category
    first_name: str
    second: str  # empty in a table of one dimension
    second_name: str
    shown: int | None  # employers, a multiple of the base; the lower end of a band in the table of people
    words: str  # "25", "fewer than 10", "50 to 99 people"


@dataclass(frozen=True, slots=True)
class Edition:
    """A release as its readers know it."""

    period: str  # "2026Q4" or "2026"
    kind: str  # "quarter" or "year"
    words: str  # "January to March 2027"
    first_day: date
    last_day: date
    published_at: datetime | None
    rests_on: str  # "About 120 employers counted; about 30 more asked and were not counted."
    notes: tuple[str, ...]  # the method in a sentence or two, and what protects less than it should
    demonstration: bool
    threshold: int  # employers; a smaller number is hidden
    base: int  # employers; every number shown is a multiple of it
    state: str = "published"
    notice: str = ""  # why it was withdrawn, or why there is none
    most_offers: int = 0  # of one provider that one employer counts for; 0 where offers were not counted


@dataclass(frozen=True, slots=True)
class Table:
    """One table of one release, every cell of it, in the order of the categories."""

    edition: Edition
    name: str
    title: str
    dimensions: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What stands under the table."""
        return self.edition.notes

    @property
    def shown(self) -> tuple[Cell, ...]:
        """The cells with a number, the largest first. Equals stand in the order of their names, so that the order
        tells no more than the numbers do."""
        seen = [cell for cell in self.cells if cell.shown is not None]
        return tuple(sorted(seen, key=lambda c: (-(c.shown or 0), c.first_name, c.second_name)))

    @property
    def hidden(self) -> int:
        """How many cells are too small to show, or empty."""
        return sum(cell.shown is None for cell in self.cells)

    def of(self, first: str, second: str = "") -> Cell:
        """The cell of these codes. Refused (NoSuchTable) where the table has none."""
        for cell in self.cells:
            if (cell.first, cell.second) == (first, second):
                return cell
        raise NoSuchTable(f"{self.title} has no cell {first} {second}".strip())

    def where(self, first: str = "", second: str = "") -> tuple[Cell, ...]:
        """The cells of one category: a single choice in each dimension and never several added up."""
        return tuple(
            c for c in self.cells if (not first or c.first == first) and (not second or c.second == second)
        )


def editions() -> tuple[Edition, ...]:
    """Every release that was published, the latest first; a withdrawn one with its notice and without its tables,
    and a quarter that had too few employers with that."""
    rows = db.session.scalars(
        select(Release)
        .where(Release.state != "draft", _of_this_service())
        .order_by(Release.last_day.desc(), Release.period)
    )
    return tuple(_remembered_edition(row) for row in rows)


def _of_this_service() -> ColumnElement[bool]:
    """Invented employers and real ones are never read side by side: a demonstration shows its own releases and no
    other, and a service in use shows none of a demonstration's, though they stand in the same tables."""
    return Release.demonstration.is_(bool(current_app.config["DEMO"]))


def _remembered_edition(release: Release) -> Edition:
    """What is said of it is read once, as its tables are; its state is part of the key, for that may change."""
    key = (release.id, release.made_at, release.published_at, release.withdrawn_at, release.state)
    return _once(key, lambda: _edition(release))


def latest(kind: str) -> Edition | None:
    """The latest published release of this kind, "quarter" or "year"."""
    row = db.session.scalar(
        select(Release)
        .where(Release.state == "published", Release.kind == kind, _of_this_service())
        .order_by(Release.last_day.desc())
        .limit(1)
    )
    return _edition(row) if row else None


def read_table(area: Area, period: str, name: str) -> Table:
    """One table of a published release. Refused (NoSuchTable): a period without one, a draft, a withdrawn one, a
    table that is not in the lattice or not made for such a period. Nothing is ever counted to answer."""
    release = _published(period)
    return _remembered(release, area, name)


def read_tables(area: Area, period: str) -> tuple[Table, ...]:
    """All tables of a published release, in the order of the lattice. Refused as in `read_table`."""
    release = _published(period)
    return tuple(_remembered(release, area, spec.name) for spec in lattice.specs_for(release.kind))


def read_steps(period: str, name: str) -> Mapping[str, Mapping[str, int]]:
    """Of a quarter's release the desk's figures by offer or by provider (`lattice.OF_OFFERS`, `OF_PROVIDERS`): for
    each code the steps with a number; all else is hidden. Refused (NoSuchTable) as in `read_table`.

    Only `offer_figures` calls it, which gives each provider its own.
    """
    release = _published(period)
    key = (release.id, release.made_at, release.published_at, name)
    return _once(key, lambda: steps_of(release, name))


def steps_of(release: Release, name: str) -> Mapping[str, Mapping[str, int]]:
    """The same of a release in hand, so that an officer can look at a draft."""
    found: dict[str, dict[str, int]] = {}
    for row in db.session.execute(_cells_of(release, name)):
        found.setdefault(row.first, {})[row.second] = row.shown
    return found


def _cells_of(release: Release, name: str) -> Select[tuple[str, str, int | None]]:
    return select(ReleaseCell.first, ReleaseCell.second, ReleaseCell.shown).where(
        ReleaseCell.release_id == release.id, ReleaseCell.table_name == name
    )


def _published(period: str) -> Release:
    """The published release of this period; looked up once for each answer."""
    seen: dict[str, Release] = (
        request.environ.setdefault("skillsmatch.releases", {}) if has_request_context() else {}
    )
    if period not in seen:
        found = db.session.scalar(
            select(Release).where(Release.period == period, Release.state == "published", _of_this_service())
        )
        if found is None:
            raise NoSuchTable(f"There is no published release of “{period[:20]}”")
        seen[period] = found
    return seen[period]


def _remembered(release: Release, area: Area, name: str) -> Table:
    """A published table never changes, so each process reads it once. Its release was looked up just now."""
    return _once(
        (release.id, release.made_at, release.published_at, area.slug, name),
        lambda: table_of(release, area, name),
    )


def _once(key: tuple[object, ...], make: Callable[[], Made]) -> Made:
    known: dict[tuple[object, ...], Any] = current_app.extensions.setdefault("published tables", {})
    if key not in known:
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        known[key] = make()
    found: Made = known[key]
    return found


def table_of(release: Release, area: Area, name: str) -> Table:
    """The same of a release in hand, so that an officer can look at a draft. Its caller has checked who reads."""
    specs = {spec.name: spec for spec in lattice.specs_for(release.kind)}
    if name not in specs:
        raise NoSuchTable(f"“{name}” is not a table of a {release.kind}: there are {', '.join(specs)}")
    spec, known = specs[name], lattice.categories(area)
    shown = {(row.first, row.second): row.shown for row in db.session.execute(_cells_of(release, name))}
    places = [_places(known, dimension) for dimension in spec.dimensions]
    order = sorted(
        shown, key=lambda cell: tuple(p.get(c, (9999, c)) for p, c in zip(places, cell, strict=False))
    )
    names = [known[dimension] for dimension in spec.dimensions]
    cells = tuple(
        Cell(
            first=first,
            first_name=names[0].get(first, first),
            second=second,
            second_name=names[1].get(second, second) if len(names) == 2 else "",
            shown=shown[first, second],
            words=words_of(shown[first, second], spec, release.method),
        )
        for first, second in order
    )
    return Table(_edition(release), spec.name, spec.title, spec.dimensions, cells)


def _places(known: Mapping[str, Mapping[str, str]], dimension: str) -> dict[str, tuple[int, str]]:
    return {code: (place, code) for place, code in enumerate(known[dimension])}


def words_of(shown: int | None, spec: lattice.Spec, method: Mapping[str, int]) -> str:
    """A cell in words. None at all and a few read alike, because the difference would tell."""
    if spec.counts == "people":
        return "not shown" if shown is None else band_words(shown)
    return f"fewer than {method['threshold']}" if shown is None else f"{shown:,}"


def band_words(lower: int) -> str:
    """A band of people by its lower end: "50 to 99 people", "1,000 people or more"."""
    if lower == BANDS[0]:
        return f"up to {BANDS[1] - 1:,} people"
    higher = next((band for band in BANDS if band > lower), None)
    return f"{lower:,} to {higher - 1:,} people" if higher else f"{lower:,} people or more"


def _edition(release: Release) -> Edition:
    period = read_period(release.period, release.year_start_month)
    stands = release.state in ("published", "draft")
    return Edition(
        period=release.period,
        kind=release.kind,
        words=period.words,
        first_day=release.first_day,
        last_day=release.last_day,
        published_at=release.published_at,
        rests_on=_rests_on(release) if stands else "",
        notes=notes_of(release),
        demonstration=release.demonstration,
        threshold=release.method["threshold"],
        base=release.method["base"],
        state=release.state,
        notice=release.notice,
        most_offers=release.method.get("most_offers", 0) if release.kind == "quarter" else 0,
    )


def _rests_on(release: Release) -> str:
    found = {row.first: row.shown for row in db.session.execute(_cells_of(release, lattice.EMPLOYERS.name))}
    few = f"fewer than {release.method['threshold']}"
    counted, left_out = (
        f"about {shown:,}" if (shown := found.get(code)) is not None else few for code in lattice.COUNTING
    )
    sentence = f"{counted} employers are counted; {left_out} more asked and are not counted."
    return sentence[0].upper() + sentence[1:]


def notes_of(release: Release) -> tuple[str, ...]:
    """The sentences under every table of this release."""
    rules = Rules(**release.method)
    method = (
        f"Distinct employers, with noise, rounded to {rules.base}; fewer than {rules.threshold}, or none, is not "
        "shown as a number."
    )
    demonstration = ("Demonstration: these employers are invented.",) if release.demonstration else ()
    return (*demonstration, method, DO_NOT_ADD_UP, *release.loosened)
