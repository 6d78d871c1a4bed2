"""The commands about the catalogue: load a course file, rebuild the search index."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from skillsmatch.cli.saving import refuse_unsaved

if TYPE_CHECKING:
    from skillsmatch.offers.checking import Progress
    from skillsmatch.offers.loading import LoadReport

_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group("offers")
def offers() -> None:
    """Load and look after the catalogue."""


@offers.command("load", short_help="Load courses from a live-courses CSV file.")
@click.argument("file", type=_FILE)
@click.option(
    "--complete", is_flag=True, help="FILE is everything: withdraw the offers that it does not name."
)
@click.option(
    "--area-only", is_flag=True, help="Leave out courses outside the area, save online and national ones."
)
@with_appcontext
def load(file: Path, complete: bool, area_only: bool) -> None:
    """Load courses from FILE, in the National Careers Service live-courses format.

    FILE is CSV, plain or gzip. All or nothing: where a row is wrong, each fault is listed, the exit code is 1
    and the catalogue is as it was. The same file again changes nothing.
    """
    _load(file, complete=complete, area_only=area_only)


@offers.command("load-demonstration")
@with_appcontext
def load_demonstration() -> None:
    """Load the area's invented courses, dated from today."""
    import skillsmatch.area

    area = current_app.extensions["area"]
    file = Path(skillsmatch.area.__file__).parent / area.slug / "demonstration.csv"
    if not file.exists():
        raise click.ClickException(
            f"{area.name} has no demonstration catalogue. Load a file: flask offers load FILE"
        )
    _load(file)


@offers.command("index")
@with_appcontext
def index() -> None:
    """Rebuild the search index from the catalogue."""
    from sqlalchemy.exc import DBAPIError

    from skillsmatch.offers.indexing import build_index

    try:
        built = build_index()
    except DBAPIError as error:
        refuse_unsaved(error, "the index is as it was")
    click.echo(f"indexed the catalogue, number {built.number}, with matcher {built.version}")


def _load(file: Path, *, complete: bool = False, area_only: bool = False) -> None:
    from skillsmatch.database import NotSaved
    from skillsmatch.offers.loading import Refused, load_offers

    try:
        with _progress() as progress:
            report = load_offers(file, complete=complete, area_only=area_only, progress=progress)
    except Refused as refused:
        for line in refused.lines:
            click.echo(line, err=True)
        raise SystemExit(1) from None
    except NotSaved as error:
        refuse_unsaved(error, "the catalogue is as it was")
    _tell(report)


def _tell(report: LoadReport) -> None:
    counts = [f"{report.taken} taken", f"{report.changed} changed", f"{report.unchanged} unchanged"]
    if report.withdrawn:
        counts.append(f"{report.withdrawn} withdrawn")
    if report.outside:
        counts.append(f"{report.outside} outside the area")
    if report.passed:
        counts.append(f"{report.passed} with a date that has passed")
    click.echo(", ".join(counts))
    if report.index_problem:
        click.echo(f"The search index was not built ({report.index_problem}).", err=True)
        click.echo("The offers are loaded; `flask offers index` rebuilds the index.", err=True)


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on standard error while someone is watching; None where nobody is."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    from rich import progress as bars

    look = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*look, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(stage: str, done: int, whole: int) -> None:
            bar.update(task, description=stage, completed=done, total=whole or None)

        yield show
