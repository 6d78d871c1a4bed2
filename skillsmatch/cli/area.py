"""The commands about the area: where its postcodes lie, and how many businesses there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from skillsmatch.cli.saving import refuse_unsaved

if TYPE_CHECKING:
    from skillsmatch.area.loading import PostcodeRow
    from skillsmatch.area.points import Loaded

_FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("area")
def area() -> None:
    """Load and look at the facts of the area."""


@area.command("load-postcodes", short_help="Load where postcodes lie, for exact distances.")
@click.argument("files", type=_FILES, nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--area-only/--all", default=True, help="Keep the area's own postcodes (the default), or all of them."
)
@with_appcontext
def load_postcodes(files: tuple[Path, ...], area_only: bool) -> None:
    """Load where postcodes lie, from Code-Point Open or ONS files, plain or gzip.

    All or nothing: a file that is wrong leaves the table as it was. The same file again changes nothing.
    """
    from skillsmatch.area.loading import PostcodeFileError, in_area
    from skillsmatch.area.points import store
    from skillsmatch.database import NotSaved, keep
    from skillsmatch.offers.indexing import open_index
    from skillsmatch.offers.writing import place_exactly

    def store_and_place() -> tuple[Loaded, bool]:
        return store(rows, left_out), place_exactly()

    wanted = in_area(current_app.extensions["area"]) if area_only else None
    try:
        rows, left_out = _read(files, wanted)
    except PostcodeFileError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from error
    try:
        loaded, moved = keep(store_and_place)
    except NotSaved as error:
        refuse_unsaved(error, "nothing was stored")
    click.echo(f"{loaded.taken:,} taken, {loaded.changed:,} changed, {loaded.unchanged:,} unchanged")
    if loaded.left_out:
        click.echo(f"{loaded.left_out:,} outside the area left out; --all keeps them")
    if moved and open_index() is not None:
        _build_index()


@area.command("load-businesses", short_help="Load how many businesses there are, by sector, size and district.")
@click.argument("file", type=_FILES, metavar="FILE.csv")
@click.option("--source", default="", help="Who counted them and when; shown beside the numbers.")
@with_appcontext
def load_businesses(file: Path, source: str) -> None:
    """Load how many businesses there are, for the Chamber's page of who has not been heard from.

    FILE.csv has the columns sector (SIC 2007 letter or name), size (0-9, 10-49, 50-249 or 250+ employees), district
    (name or ONS code) and businesses. All or nothing: it takes the place of what was loaded before.
    """
    from skillsmatch.area.businesses import BusinessFileError, read_businesses, store_businesses
    from skillsmatch.database import NotSaved, keep

    try:
        rows = read_businesses(file, current_app.extensions["area"])
    except BusinessFileError as error:
        click.echo(str(error), err=True)
        click.echo("Nothing was stored.", err=True)
        raise SystemExit(1) from error
    try:
        keep(lambda: store_businesses(rows, source.strip() or file.name))
    except NotSaved as error:
        refuse_unsaved(error, "nothing was stored")
    click.echo(f"{sum(row.businesses for row in rows):,} businesses in {len(rows):,} rows")


def _build_index() -> None:
    """Brings the search index up to the postcodes, because it holds where each offer is taught."""
    from skillsmatch.offers.indexing import build_index

    try:
        build_index()
    except OSError as error:
        click.echo(f"The search index was not built ({error}).", err=True)
        click.echo("The postcodes are loaded; `flask offers index` rebuilds the index.", err=True)


def _read(
    files: Sequence[Path], wanted: Callable[[PostcodeRow], bool] | None
) -> tuple[dict[str, PostcodeRow], int]:
    """Every wanted postcode of the files, by postcode, the last word winning; and how many were left out.

    Read in full before the first write, so that a slow disk or a wrong row never holds the write lock.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from skillsmatch.area.loading import read_postcodes

    rows: dict[str, PostcodeRow] = {}
    left_out = 0
    look = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*look, console=Console(stderr=True), transient=True) as progress:
        for file in files:
            task = progress.add_task(f"Reading {file.name}", total=None)
            for number, row in enumerate(read_postcodes(file), start=1):
                if wanted is None or wanted(row):
                    rows[row.postcode] = row
                else:
                    left_out += 1
                if number % 1_000 == 0:
                    progress.update(task, completed=number)
    return rows, left_out
