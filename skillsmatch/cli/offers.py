"""The commands about the catalogue: check a file, load it, rebuild the search index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import with_appcontext

from skillsmatch.cli.saving import refuse_unsaved

if TYPE_CHECKING:
    from skillsmatch.offers.checking import Progress
    from skillsmatch.offers.comparing import LoadReport
    from skillsmatch.offers.previewing import Preview

NAMED = 20  # offers left out that are named
SHOWN = 60  # characters of a value in a list of differences
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group("offers")
def offers() -> None:
    """Load and look after the catalogue."""


def _wishes(command: Callable[..., None]) -> Callable[..., None]:
    """The options that `load` and `check` share, so that a check says what the load will do."""
    for option in (
        click.option(
            "--ukprn",
            type=click.IntRange(10_000_000, 19_999_999),
            help="Whose FILE it is, for the formats that do not say.",
        ),
        click.option(
            "--area-only",
            is_flag=True,
            help="Leave out courses outside the area, save online and national ones.",
        ),
        click.option(
            "--complete",
            is_flag=True,
            help="FILE is everything: withdraw the offers that it does not name. With --ukprn, that provider's.",
        ),
        click.option(
            "--all",
            "everyone",
            is_flag=True,
            help="With --complete: withdraw other providers' offers too, though FILE holds one provider's.",
        ),
    ):
        command = option(command)
    return command


@offers.command("load", short_help="Load courses from a file of any known format.")
@click.argument("file", type=_FILE, required=False)
@click.option(
    "--from-skills-england",
    "from_england",
    is_flag=True,
    help="In place of FILE: fetch the national list of apprenticeship standards, and load it.",
)
@click.option(
    "--by", default="", metavar="NAME", help="Who answers for FILE: shown as who confirmed its offers."
)
@click.option("--afresh", is_flag=True, help="Check rows again that were taken before as they stand.")
@click.option("--yes", is_flag=True, help="Withdraw without asking first.")
@_wishes
@with_appcontext
def load(file: Path | None, from_england: bool, yes: bool, **wishes: Any) -> None:
    """Load courses from FILE, whose format is told from its content (docs/formats.md lists them).

    All or nothing: where a row is wrong, each fault is listed, the exit code is 1 and the catalogue is as it
    was. The same file again changes nothing, save that it confirms the offers it names: as of today where it is
    its provider's own (--ukprn) or says no date, else as of the date it says.
    """
    if (file is None) != from_england:
        raise click.UsageError("Give FILE, or --from-skills-england, and not both.")
    if file is not None:
        _load(file, yes=yes, **wishes)
        return
    with TemporaryDirectory() as folder:
        fetched = Path(folder) / "skills-england.json"
        _fetch(current_app.config["STANDARDS_URL"], fetched)
        _load(fetched, yes=yes, **wishes)


@offers.command("check", short_help="Say what a file would change, and what is wrong with it.")
@click.argument("file", type=_FILE)
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="OUT.csv",
    help="Where FILE has faults, write it here again with a column that names them.",
)
@_wishes
@with_appcontext
def check(file: Path, errors: Path | None, **wishes: Any) -> None:
    """Check FILE and show what a load would change: new, changed field by field, to be withdrawn.

    Nothing is applied. The exit code is 1 where FILE would be refused.
    """
    from skillsmatch.offers.errors_file import ErrorsFile
    from skillsmatch.offers.previewing import preview_load

    if errors is not None and errors.resolve() == file.resolve():
        raise click.UsageError("--errors would write over FILE; name another file.")
    with ExitStack() as stack:
        try:
            out = stack.enter_context(ErrorsFile(errors)) if errors is not None else None
        except OSError as error:
            raise click.UsageError(f"{errors} cannot be written ({error.strerror}).") from None
        with _refusals(), _progress() as progress:
            preview = preview_load(
                file,
                **wishes,
                progress=progress,
                on_row=out.add if out is not None else None,
            )
    _show(preview)


@offers.command("export", short_help="Write offers, venues or providers as a file of a known format.")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option(
    "--format",
    "source",
    required=True,
    metavar="FORMAT",
    help="Such as ncs-live-courses; docs/formats.md names each.",
)
@click.option("--ukprn", type=click.IntRange(10_000_000, 19_999_999), help="That provider's only.")
@click.option("--every", is_flag=True, help="With ncs-live-courses: offers that came in otherwise, too.")
@with_appcontext
def export(file: Path, source: str, ukprn: int | None, every: bool) -> None:
    """Write what came in by FORMAT into FILE, in the same format: it can be loaded again and changes nothing.

    FILE ending .xlsx is a workbook, ending .gz is packed. What the format would refuse, such as a start date that
    has passed, is left out and named.
    """
    from skillsmatch.offers.exporting import FORMATS, export_offers

    if source not in FORMATS:
        raise click.UsageError(f'"{source}" is not a format. Use one of: {", ".join(FORMATS)}.')
    try:
        with _refusals():
            report = export_offers(
                source, file, ukprn=ukprn, every=every, address=current_app.config["BASE_URL"]
            )
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written ({error.strerror}).") from None
    counts = [f"{report.written} written"]
    counts += [f"{len(report.left_out)} left out"] if report.left_out else []
    counts += [f"{len(report.less)} that say less than we hold"] if report.less else []
    click.echo(", ".join(counts))
    for title, why in report.left_out[:NAMED]:
        click.echo(f"  left out: {_cut(title)}: {why}")
    for title in report.less[:NAMED]:
        click.echo(f"  says less: {_cut(title)}")


@offers.command("load-demonstration")
@with_appcontext
def load_demonstration() -> None:
    """Load the area's invented courses, dated from today."""
    area = current_app.extensions["area"]
    file = area.demonstration_catalogue
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
        built = build_index(whole=True)
    except DBAPIError as error:
        refuse_unsaved(error, "the index is as it was")
    click.echo(f"indexed the catalogue, number {built.number}, with matcher {built.version}")


@offers.command("freshness")
@with_appcontext
def freshness() -> None:
    """Show how lately each provider's offers were confirmed."""
    from skillsmatch import clock
    from skillsmatch.offers.freshness_table import freshness_table

    rows = freshness_table(clock.today())
    if not rows:
        click.echo("There is nothing on offer yet.")
        return
    click.echo(
        f"{'UKPRN':>8} {'offers':>7} {'fresh':>6} {'marked':>7} {'hidden':>7}  {'oldest':<10}  provider"
    )
    for row in rows:
        click.echo(
            f"{row.ukprn:>8} {row.offers:>7,} {row.share:>5}% {row.marked:>7,} {row.hidden:>7,}"
            f"  {row.oldest:%Y-%m-%d}  {row.name}"
        )
    click.echo(
        "Fresh: confirmed in the last 6 months. Marked: not so, or the dates have passed. Hidden: 12 months."
    )


@offers.command("bench")
@click.argument("file", type=click.Path(exists=True, readable=True, path_type=Path))
@click.option(
    "--step",
    type=click.Choice(["load", "afresh", "index"]),
    hidden=True,
    help="One step, in the database of the surroundings; the command asks itself for each.",
)
@click.option(
    "--index", is_flag=True, help="Build the search index too, which takes minutes for a large FILE."
)
@with_appcontext
def bench(file: Path, index: bool, step: str | None) -> None:
    """Measure loading FILE into a database of its own, beside a plain insert.

    The catalogue is left alone. FILE is one that says whose its courses are. Where it is a folder, each file in it
    is checked, and the slowest are listed with their memory; the command ends with 1 where one is out of bounds.
    """
    import json

    from skillsmatch.cli import bench_files, bench_loading

    if file.is_dir():
        try:
            for line in bench_files.measure(file):
                click.echo(line)
        except bench_files.OutOfBounds as error:
            raise click.ClickException(str(error)) from None
        return
    with _refusals():
        if step is not None:
            click.echo(json.dumps(bench_loading.step(step, file)))
            return
        for line in bench_loading.measure(file, index=index):
            click.echo(line)


def _fetch(address: str, path: Path) -> None:
    from skillsmatch.offers.fetching import NotFetched, fetch

    try:
        with _progress() as progress:
            fetch(address, path, progress)
    except NotFetched as error:
        click.echo(f"{error}; the catalogue is as it was.", err=True)
        raise SystemExit(1) from None


def _load(file: Path, *, yes: bool = False, **wishes: Any) -> None:
    from skillsmatch.offers.loading import load_offers

    # A question and a bar would write over each other.
    asks = wishes.get("complete") and not yes
    with _refusals(), nullcontext() if asks else _progress() as progress:
        report = load_offers(file, **wishes, agree=_agree if asks else None, progress=progress)
    _tell(report)


def _agree(count: int, providers: int) -> bool:
    whose = "1 provider" if providers == 1 else f"{providers:,} providers"
    offers = "1 offer" if count == 1 else f"{count:,} offers"
    return click.confirm(f"This withdraws {offers} of {whose} that the file does not name. Go on?")


@contextmanager
def _refusals() -> Iterator[None]:
    """Says in words why a file was not taken, and ends the command: 1 where it was refused, 2 for wrong use."""
    from skillsmatch.database import NotSaved
    from skillsmatch.offers.loading import NotAgreed, Refused, WrongUse

    try:
        yield
    except Refused as refused:
        for line in refused.lines:
            click.echo(line, err=True)
        raise SystemExit(1) from None
    except NotAgreed:
        click.echo("Nothing was loaded; the catalogue is as it was.", err=True)
        raise SystemExit(1) from None
    except WrongUse as wrong:
        raise click.UsageError(str(wrong)) from None
    except NotSaved as error:
        refuse_unsaved(error, "the catalogue is as it was")


def _show(preview: Preview) -> None:
    report = preview.report
    _tell(report, taken="new", withdrawn="to be withdrawn")
    sorts = (
        ("New", preview.new, report.taken),
        ("Changed", preview.changed, report.changed),
        ("To be withdrawn", preview.gone, report.withdrawn),
    )
    for name, listed, count in sorts:
        if listed:
            click.echo(f"{name}:")
        for one in listed:
            click.echo(f"  row {one.row}: {one.title}" if one.row else f"  {one.title}")
            for change in one.changes:
                click.echo(f"    {change.name}: {_cut(change.before)} -> {_cut(change.after)}")
        if count > len(listed):
            click.echo(f"  and {count - len(listed):,} more")


def _cut(words: str) -> str:
    return words if len(words) <= SHOWN else words[: SHOWN - 3] + "..."


def _tell(report: LoadReport, taken: str = "taken", withdrawn: str = "withdrawn") -> None:
    counts = [f"{report.taken} {taken}", f"{report.changed} changed", f"{report.unchanged} unchanged"]
    if report.withdrawn:
        counts.append(f"{report.withdrawn} {withdrawn}")
    if report.outside:
        counts.append(f"{report.outside} outside the area")
    if report.confirmed:
        counts.append(f"{report.confirmed} confirmed again")
    if report.passed:
        counts.append(f"{report.passed} with a date that has passed")
    if theirs := report.kept + report.spared:
        counts.append(f"{theirs} left as their provider has changed them")
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
