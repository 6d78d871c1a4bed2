"""The commands about the area: where its postcodes lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from skillsmatch.area.loading import PostcodeRow

BATCH = 500  # postcodes looked up at once; SQLite's oldest limit on values in one statement is 999

_FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    taken: int  # postcodes new to the table
    changed: int
    unchanged: int
    left_out: int  # outside the area


@click.group("area")
def area() -> None:
    """Load and look at the facts of the area."""


@area.command("load-postcodes")
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
    from skillsmatch.database import NotSaved, keep

    wanted = in_area(current_app.extensions["area"]) if area_only else None
    try:
        rows, left_out = _read(files, wanted)
    except PostcodeFileError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from error
    try:
        loaded = keep(lambda: store(rows, left_out))
    except NotSaved as error:
        click.echo("The database was busy or full; nothing was stored. Try again.", err=True)
        raise SystemExit(1) from error
    click.echo(f"{loaded.taken:,} taken, {loaded.changed:,} changed, {loaded.unchanged:,} unchanged")
    if loaded.left_out:
        click.echo(f"{loaded.left_out:,} outside the area left out; --all keeps them")


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


def store(rows: dict[str, PostcodeRow], left_out: int = 0) -> Loaded:
    """Puts the postcodes into the table, inside the caller's transaction; says what that changed."""
    from sqlalchemy import insert, select, update

    from skillsmatch.area.models import PostcodePoint
    from skillsmatch.extensions import db

    taken = changed = 0
    for batch in _batches(sorted(rows)):
        held = {
            point.postcode: (point.lat, point.lon, point.district)
            for point in db.session.execute(
                select(
                    PostcodePoint.postcode, PostcodePoint.lat, PostcodePoint.lon, PostcodePoint.district
                ).where(PostcodePoint.postcode.in_(batch))
            )
        }
        new, other = [], []
        for row in (rows[postcode] for postcode in batch):
            values = {"postcode": row.postcode, "lat": row.lat, "lon": row.lon, "district": row.district}
            if row.postcode not in held:
                new.append(values)
            elif held[row.postcode] != (row.lat, row.lon, row.district):
                other.append(values)
        if new:
            db.session.execute(insert(PostcodePoint), new)
        if other:
            db.session.execute(update(PostcodePoint), other)
        taken, changed = taken + len(new), changed + len(other)
    return Loaded(taken, changed, len(rows) - taken - changed, left_out)


def _batches(postcodes: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(postcodes), BATCH):
        yield postcodes[start : start + BATCH]
