"""The demand pages: a release at a glance, one table of it, and all that it says of one theme, district or sector."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, render_template
from werkzeug.wrappers import Response

from skillsmatch.accounts.access import open_to
from skillsmatch.accounts.roles import Role
from skillsmatch.area.rankings import rankings_of
from skillsmatch.clock import today
from skillsmatch.demand import charts, lattice
from skillsmatch.demand.blueprint import demand
from skillsmatch.demand.leading import besides_of, in_order
from skillsmatch.demand.published import Cell, Edition, NoSuchTable, Table, read_table
from skillsmatch.demand.releases import next_release
from skillsmatch.demand.showing import (
    NOISE_WORDS,
    BadChoice,
    NotShown,
    area,
    asked,
    changes,
    edition_of,
    every_edition,
    newest,
    table_before,
)
from skillsmatch.demand.tile_map import tile_map

READERS = (Role.COLLEGE, Role.CHAMBER, Role.ADMIN)
TOP = 10  # themes
CHARTED = ("outcome", "reason", "level")  # on the overview with their charts
LISTED = ("size", "kind", "sector", "theme-group")  # there with their largest numbers, and a way to the rest
GRID_ROWS = 10  # of the overview's table of two things
Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Shown:
    """One table as a page shows it."""

    table: Table
    before: Edition | None  # what its changes are since
    changes: dict[tuple[str, str], str]

    @property
    def bars(self) -> tuple[Cell, ...]:
        """Cells with a number, in the order of the chart."""
        return charts.bars_of(self.table)

    @property
    def hidden_names(self) -> list[str]:
        """The categories that are too small to show, in the order of their list."""
        return [c.first_name for c in self.table.cells if c.shown is None]

    @property
    def words(self) -> str:
        """The chart in words."""
        return charts.chart_words(self.table)


@dataclass(frozen=True)
class Grid:
    """A table of two things: rows and columns with a number in them."""

    columns: list[tuple[str, str]]  # code and name
    rows: list[tuple[str, str, list[Cell]]]  # code, name, and a cell for each column
    row_choice: str  # "first" or "second": which of the table's two things the rows are
    column_choice: str
    left_out: int  # rows with numbers that are not here


def grid_of(table: Table, most: int = 10_000) -> Grid:
    """The rows and columns of the table that have a number; at most so many rows, those with the largest."""
    layout = charts.layout_of(table)
    lines = [(code, name, [layout.cells[code, c] for c, _ in layout.columns]) for code, name in layout.rows]
    largest = {code: max(cell.shown or 0 for cell in cells) for code, _, cells in lines}
    kept = set(sorted(largest, key=lambda code: (-largest[code], code))[:most])
    rows = [line for line in lines if line[0] in kept]
    choices = ("second", "first") if layout.turned else ("first", "second")
    return Grid(layout.columns, rows, *choices, left_out=len(lines) - len(rows))


@demand.errorhandler(NoSuchTable)
def _none_such(error: NoSuchTable) -> Answer:
    return render_template("demand/none.html", title="There is no such table", words=str(error)), 404


@demand.errorhandler(BadChoice)
def _bad_choice(error: BadChoice) -> Answer:
    return render_template("demand/none.html", title="This cannot be chosen", words=str(error)), 400


@demand.errorhandler(NotShown)
def _not_shown(error: NotShown) -> Answer:
    return render_template("demand/withdrawn.html", edition=error.edition), 410


@demand.get("/demand")
@open_to(*READERS)
def overview() -> Answer:
    """The latest published release, or the one chosen, in one screen; before the first, how far off it is."""
    chosen = asked("release", "table")
    edition = edition_of(chosen["release"]) if chosen["release"] else newest()
    if edition is None:
        return _waiting()
    two_way = _two_way_asked(edition, chosen["table"])
    themes = shown("theme", edition)
    besides = besides_of(area(), edition, every_edition())
    clear = in_order((c for c in themes.table.cells if c.first != lattice.NOT_SAID), besides)
    return render_template(
        "demand/overview.html",
        edition=edition,
        editions=every_edition(),
        themes=themes,
        people=_people(edition),
        top=clear[:TOP],
        as_many=sum(c.shown == clear[TOP - 1].shown for c in clear[TOP:]) if len(clear) > TOP else 0,
        unclear=next((c.words for c in themes.table.cells if c.first == lattice.NOT_SAID), ""),
        tiles=tile_map(read_table(area(), edition.period, "district"), area()),
        charted=[shown(name, edition) for name in CHARTED],
        listed=[shown(name, edition) for name in LISTED],
        two_way=two_way,
        grid=grid_of(two_way, GRID_ROWS) if two_way else None,
        two_way_tables=lattice.TWO_WAY if edition.kind == "year" else (),
        latest_year=next((e for e in every_edition() if e.kind == "year" and e.state == "published"), None),
        noise=NOISE_WORDS,
    )


def _two_way_asked(edition: Edition, name: str) -> Table | None:
    names = [spec.name for spec in lattice.TWO_WAY]
    if name and name not in names:
        raise NoSuchTable(f"“{name[:40]}” is not a table of two things: there are {', '.join(names)}")
    if edition.kind != "year":
        if name:
            raise NoSuchTable(
                "Tables of two things are made for years only: in a quarter too few employers ask"
            )
        return None
    return read_table(area(), edition.period, name or names[0])


def _people(edition: Edition) -> dict[str, str]:
    """People wanted by theme, in bands; only years have them."""
    if edition.kind != "year":
        return {}
    return {cell.first: cell.words for cell in read_table(area(), edition.period, "people").cells}


def shown(name: str, edition: Edition) -> Shown:
    """A table of this release, with its changes since the release of the same kind before."""
    table = read_table(area(), edition.period, name)
    before = table_before(table)
    return Shown(table, before.edition if before else None, dict(changes(table, before)))


def _waiting() -> Answer:
    """Before the first release. What is said changes with the calendar and with releases, never with a need."""
    period = next_release(area())
    return render_template(
        "demand/waiting.html",
        period=period,
        is_over=period.is_over(today()),
        least=current_app.config["DEMAND_LEAST_EMPLOYERS"],
        editions=every_edition(),
        rankings=rankings_of(area().slug),
    )


@demand.get("/demand/<period>/<name>")
@open_to(*READERS)
def table(period: str, name: str) -> Answer:
    """One table of a release with its chart, every cell, and its files."""
    edition = edition_of(period)
    found = shown(name, edition)
    two = len(found.table.dimensions) == 2
    chosen = asked("first", "second") if two else asked()
    if any(chosen.values()):
        return _one_line(found.table, chosen)
    return render_template(
        "demand/table.html",
        edition=edition,
        found=found,
        same=[e for e in every_edition() if e.state == "published" and (e.kind == edition.kind or not two)],
        grid=grid_of(found.table) if two else None,
        chosen=chosen,
        noise=NOISE_WORDS,
    )


def _one_line(found: Table, chosen: dict[str, str]) -> Answer:
    """A table of two things, of which one is chosen."""
    if all(chosen.values()):
        raise BadChoice("Choose one of the two, and the other is listed.")
    cells = found.where(first=chosen["first"], second=chosen["second"])
    if not cells:
        raise NoSuchTable(f"{found.title} has no “{(chosen['first'] or chosen['second'])[:40]}”")
    return render_template(
        "demand/line.html", edition=found.edition, table=found, **_line(found, cells, chosen["first"])
    )


def _line(found: Table, cells: tuple[Cell, ...], by_first: str) -> dict[str, object]:
    """The cells of one row or column: the other thing's name, the number in words; the largest first."""
    seen = sorted(
        (c for c in cells if c.shown is not None),
        key=lambda c: (-(c.shown or 0), c.second_name if by_first else c.first_name),
    )
    other = [
        (c.second if by_first else c.first, c.second_name if by_first else c.first_name, c.words)
        for c in seen
    ]
    name = cells[0].first_name if by_first else cells[0].second_name
    return {
        "name": name,
        "rows": other,
        "hidden": len(cells) - len(seen),
        "dimension": found.dimensions[1 if by_first else 0],
    }


@demand.get("/demand/<period>/by/<dimension>/<code>")
@open_to(*READERS)
def category(period: str, dimension: str, code: str) -> Answer:
    """All that a release says of one theme, district, sector or other category, and of the releases before."""
    edition = edition_of(period)
    asked()
    known = lattice.categories(area())
    if dimension not in {spec.name for spec in lattice.ONE_WAY} or code not in known[dimension]:
        raise NoSuchTable(f"There is no {dimension[:20]} “{code[:30]}” in the releases")
    group = lattice.theme_groups().get(code, "") if dimension == "theme" else ""
    return render_template(
        "demand/category.html",
        edition=edition,
        editions=[e for e in every_edition() if e.state == "published"],
        dimension=dimension,
        code=code,
        name=known[dimension][code],
        cell=read_table(area(), period, dimension).of(code),
        people=_people(edition).get(code, "") if dimension == "theme" else "",
        trend=_trend(dimension, code),
        lines=_lines(edition, dimension, code),
        group_name=known["theme-group"].get(group, ""),
        group=group,
        group_lines=_lines(edition, "theme-group", group) if group else [],
        noise=NOISE_WORDS,
    )


def _trend(dimension: str, code: str) -> list[tuple[Edition, str, str]]:
    """Each published release, the latest first, with the category's number and its change."""
    found = []
    for edition in every_edition():
        if edition.state == "published":
            one = shown(dimension, edition)
            cell = next((c for c in one.table.cells if c.first == code), None)
            if cell is not None:
                found.append((edition, cell.words, one.changes.get((code, ""), "")))
    return found


def _lines(edition: Edition, dimension: str, code: str) -> list[dict[str, object]]:
    """The category's row or column of every two-way table that has it."""
    found: list[dict[str, object]] = []
    for spec in lattice.TWO_WAY if edition.kind == "year" else ():
        if dimension in spec.dimensions:
            two_way = read_table(area(), edition.period, spec.name)
            first = dimension == spec.dimensions[0]
            cells = two_way.where(first=code) if first else two_way.where(second=code)
            found.append({"table": two_way, **_line(two_way, cells, code if first else "")})
    return found
