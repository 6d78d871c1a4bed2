"""Charts of published tables, as SVG for pages and PNG for documents. Only a published table can be drawn.

Every chart brings its own light ground and dark words, so that it reads the same on a light page, a dark one and
paper. Each bar and square has its number written on it: no colour is needed to read one. The colours are steps of
one hue, from light to dark, which every kind of colour vision tells apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

from skillsmatch.demand.published import Cell, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, GROUND, BAR = "#2a211d", "#5b4c45", "#ffffff", "#6d1a45"
STEPS = ("#f6e6ee", "#e3b4cb", "#c67aa0", "#9c3f70", "#6d1a45")  # lightness falls evenly: 92 to 27 of 100
WIDTH = 4.6  # inches; words stand above their bars, so that it also reads on a phone
BAR_HEIGHT = 0.46  # inches for a bar and the words above it
MOST_BARS, MOST_ROWS = 20, 25
ORDERED = frozenset({"level", "size", "outcome"})  # dimensions with an order of their own
FACE = "sans-serif"
VERSION = "2"  # of these drawings; another one lets charts that were kept be drawn again


def bars_of(table: Table) -> tuple[Cell, ...]:
    """The cells that a chart has bars for, in their order; the largest MOST_BARS of a long table."""
    if table.dimensions[0] in ORDERED and len(table.dimensions) == 1:
        return tuple(c for c in table.cells if c.shown is not None)
    return table.shown[:MOST_BARS]


@dataclass(frozen=True)
class Layout:
    """How a table of two things is laid out: those with a number in them, the longer list as rows."""

    rows: list[tuple[str, str]]  # code and name, in the order of their category
    columns: list[tuple[str, str]]
    turned: bool  # whether the rows are the table's second thing
    cells: dict[tuple[str, str], Cell]  # by the code of row and column


def layout_of(table: Table) -> Layout:
    """The rows and columns of the table that have a number."""
    shown = [cell for cell in table.cells if cell.shown is not None]
    order = {code: place for place, code in enumerate(dict.fromkeys(c.second for c in table.cells))}
    first = list({c.first: c.first_name for c in shown}.items())
    second = sorted({c.second: c.second_name for c in shown}.items(), key=lambda one: order[one[0]])
    if len(second) > len(first):
        return Layout(second, first, True, {(c.second, c.first): c for c in table.cells})
    return Layout(first, second, False, {(c.first, c.second): c for c in table.cells})


def chart_words(table: Table) -> str:
    """What the chart shows, for those who do not see it."""
    period = table.edition.words
    if not table.shown:
        return f"{table.title}, {period}: no number is large enough to be shown."
    largest = table.shown[0]
    name = " and ".join(filter(None, (largest.first_name, largest.second_name)))
    form = "Bar chart" if len(table.dimensions) == 1 else "Grid"
    return f"{form}. {table.title}, {period}. The largest is {name}: {largest.words}. The table has every number."


def draw_svg(table: Table) -> bytes:
    """The chart as SVG with its words as text. The same table gives the same bytes."""
    import matplotlib

    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "skillsmatch", "font.family": FACE}):
        file = BytesIO()
        _figure(table).savefig(file, format="svg", metadata={"Date": None, "Creator": None}, facecolor=GROUND)
    return without_styles(file.getvalue().decode(), chart_words(table)).encode()


def draw_png(table: Table) -> bytes:
    """The chart as PNG at 200 dots an inch, for documents."""
    import matplotlib

    with matplotlib.rc_context({"font.family": FACE}):
        file = BytesIO()
        metadata = {"Software": None, "Title": table.title, "Description": chart_words(table)}
        _figure(table).savefig(file, format="png", dpi=200, metadata=metadata, facecolor=GROUND)
    return file.getvalue()


def _figure(table: Table) -> Figure:
    from matplotlib.figure import Figure

    if not table.shown:
        figure = Figure(figsize=(WIDTH, 1.2), layout=None)
        figure.text(0.03, 0.6, table.title, color=INK, fontsize=11, weight="bold")
        figure.text(0.03, 0.3, "No number is large enough to be shown.", color=SOFT, fontsize=10)
        return figure
    return _bars(table) if len(table.dimensions) == 1 else _grid(table)


def _bars(table: Table) -> Figure:
    from matplotlib.figure import Figure

    cells = bars_of(table)
    head, foot = 0.62, 0.34
    height = head + foot + BAR_HEIGHT * len(cells)
    figure = Figure(figsize=(WIDTH, height), layout=None)
    _heading(figure, table, height)
    axes = figure.add_axes((0.03, foot / height, 0.94, BAR_HEIGHT * len(cells) / height))
    widths = [cell.shown or 0 for cell in cells]
    places = [place + 0.68 for place in range(len(cells))]
    axes.barh(places, widths, height=0.36, color=BAR)
    room = max(widths) * (1.5 if table.name == "people" else 1.14)
    for place, cell in zip(places, cells, strict=True):
        axes.text(0, place - 0.27, _cut(cell.first_name, 52), color=INK, fontsize=9.5, va="bottom")
        end = (cell.shown or 0) + room * 0.012
        axes.text(end, place, cell.words, color=INK, fontsize=9.5, va="center", weight="bold")
    axes.set_xlim(0, room)
    axes.set_ylim(len(cells), 0)
    axes.set_axis_off()
    left = len(table.cells) - len(cells)
    if left:
        figure.text(0.03, 0.1 / height, _left_words(table, left), color=SOFT, fontsize=8.5)
    return figure


def _left_words(table: Table, left: int) -> str:
    if table.hidden == left:
        what = "not shown" if table.name == "people" else f"fewer than {table.edition.threshold}, or none"
        return f"{left} more: {what}"
    return f"{left} more are in the table"


def _heading(figure: Figure, table: Table, height: float) -> None:
    figure.text(0.03, 1 - 0.24 / height, _cut(table.title, 56), color=INK, fontsize=11, weight="bold")
    made_up = ". Demonstration: invented" if table.edition.demonstration else ""
    figure.text(0.03, 1 - 0.46 / height, table.edition.words + made_up, color=SOFT, fontsize=9)


def _grid(table: Table) -> Figure:
    from matplotlib.figure import Figure

    layout = layout_of(table)
    rows = _largest_rows(layout)
    left, head, top, foot, cell_height, cell_width = 2.5, 0.62, 1.35, 0.34, 0.3, 0.62
    width = left + cell_width * len(layout.columns) + 0.95
    height = head + top + foot + cell_height * len(rows)
    figure = Figure(figsize=(max(width, WIDTH), height), layout=None)
    width = max(width, WIDTH)
    _heading(figure, table, height)
    box = (
        left / width,
        foot / height,
        cell_width * len(layout.columns) / width,
        cell_height * len(rows) / height,
    )
    _squares(figure.add_axes(box), layout, rows)
    more = len({c.second if layout.turned else c.first for c in table.cells}) - len(rows)
    words = f"Empty squares: fewer than {table.edition.threshold}, or none."
    if more:
        words += f" {more} rows are left out; the table has them."
    figure.text(0.12 / width, 0.1 / height, words, color=SOFT, fontsize=8.5)
    return figure


def _largest_rows(layout: Layout) -> list[tuple[str, str]]:
    best = {
        row: max(layout.cells[row[0], code].shown or 0 for code, _ in layout.columns) for row in layout.rows
    }
    kept = set(sorted(best, key=lambda row: (-best[row], row[1]))[:MOST_ROWS])
    return [row for row in layout.rows if row in kept]


def _squares(axes: Axes, layout: Layout, rows: Sequence[tuple[str, str]]) -> None:
    from matplotlib.patches import Rectangle

    largest = max(cell.shown or 0 for cell in layout.cells.values())
    for y, (row, _) in enumerate(rows):
        for x, (column, _) in enumerate(layout.columns):
            value = layout.cells[row, column].shown
            step = 0 if value is None else min(4, 5 * value // (largest + 1))
            colour = GROUND if value is None else STEPS[step]
            axes.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, edgecolor="#b9aaa0", linewidth=0.6))
            if value is not None:
                ink = INK if step < 3 else GROUND
                axes.text(x + 0.5, y + 0.5, f"{value:,}", color=ink, fontsize=9, ha="center", va="center")
    axes.set_xlim(0, len(layout.columns))
    axes.set_ylim(len(rows), 0)
    names = [_cut(name, 26) for _, name in layout.columns]
    axes.set_xticks([x + 0.4 for x in range(len(names))], names, rotation=38, ha="left")
    axes.set_yticks([y + 0.5 for y in range(len(rows))], [_cut(name, 38) for _, name in rows])
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelsize=8.5, labelcolor=INK)
    for side in axes.spines.values():
        side.set_visible(False)


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip(" ,(") + "…"


# --- an SVG that our content policy lets through --------------------------------------------------

NOT_DRAWN = re.compile(
    r"<style[^>]*>.*?</style>|<metadata>.*?</metadata>|<\?xml[^>]*>|<!DOCTYPE[^>]*>|<!--.*?-->", re.S
)
STYLE = re.compile(r' style="([^"]*)"')
FONT = re.compile(r"(?:(bold|[1-9]00)\s+)?([\d.]+)px\s+(.+)")


def without_styles(svg: str, words: str) -> str:
    """The same picture with attributes in the place of styles, and named by `words`.

    A style would be dropped under our content policy once the picture is opened by itself, and all of it be black.
    """
    svg = NOT_DRAWN.sub("", svg)
    svg = STYLE.sub(lambda found: _attributes(found[1]), svg)
    named = f'<svg role="img" stroke-linejoin="round" stroke-linecap="butt" font-family="{FACE}" '
    svg = svg.strip().replace("<svg ", named, 1)
    return re.sub(r"(<svg [^>]*>)", lambda found: f"{found[1]}<title>{escape(words)}</title>", svg, count=1)


def _attributes(style: str) -> str:
    said: dict[str, Any] = {}
    for rule in filter(None, (part.strip() for part in style.split(";"))):
        name, _, value = rule.partition(":")
        value = value.strip()
        font = FONT.fullmatch(value) if name == "font" else None
        if font:
            said["font-size"] = font[2]
            if font[1]:
                said["font-weight"] = font[1]
        elif name != "font-family":
            said[name.strip()] = value
    return "".join(f' {name}="{escape(value)}"' for name, value in said.items())
