"""`flask cases pack`: the LSIP pack into a folder."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from skillsmatch.cli.saving import refuse_unsaved
from skillsmatch.database import NotSaved

DAY = click.DateTime(["%Y-%m-%d"])
LEFT_AS_IT_WAS = "no pack was written"


@click.command(short_help="Write the LSIP pack: exact for officers, released for everybody.")
@click.option("--from", "first", required=True, type=DAY, help="The first day, such as 2026-04-01.")
@click.option("--to", "last", required=True, type=DAY, help="The last day, such as 2027-03-31.")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder; internal/ and public/ are made in it.",
)
@click.option(
    "--only",
    type=click.Choice(["internal", "public"]),
    help="One of the two packs; without it, both.",
)
@with_appcontext
def pack(first: datetime, last: datetime, out: Path, only: str | None) -> None:
    """Write the LSIP pack of these days: workbook, Word document and CSV, outputs R1 to R12.

    DIR/internal has exact numbers and is for officers only. DIR/public is made of published releases whose days lie
    within the dates, and has JSON besides. Works with no data, with no release, and with days to come.
    """
    from flask import current_app

    from skillsmatch.cases.days import EARLIEST, LATEST
    from skillsmatch.cases.pack.plan_sheets import inside
    from skillsmatch.cases.pack.writing import WHICH, begin, write_folder
    from skillsmatch.database import keep

    start, end = first.date(), last.date()
    if end < start:
        raise click.BadParameter("the last day is before the first", param_hint="--to")
    if start < EARLIEST or end > LATEST:
        raise click.BadParameter(f"choose days from {EARLIEST.year} to {LATEST.year}", param_hint="--from, --to")
    which = (only,) if only else WHICH
    try:
        keep(lambda: begin(start, end, which))
        written = write_folder(current_app.extensions["area"], start, end, out, which)
        releases = ", ".join(e.period for e in inside(start, end)) or "none"
    except (NotSaved, DBAPIError) as error:
        refuse_unsaved(error, LEFT_AS_IT_WAS)
    except OSError as error:
        raise click.ClickException(
            f"{error.filename or out} could not be written: {error.strerror}"
        ) from None
    for part in which:
        some = [file for file in written if part in file.relative_to(out).parts[:1]]
        click.echo(f"{part.capitalize()}: {len(some)} files in {out / part}")
    click.echo(f"Releases within these dates: {releases}")


@click.command("bench-pack", short_help="Time the LSIP pack of a year of invented needs.")
@click.option("--needs", default=20_000, show_default=True, type=click.IntRange(100), help="Needs in the year.")
@with_appcontext
def bench_pack(needs: int) -> None:
    """Time the LSIP pack of a year of invented needs, with as many in the year before, offers, groups and releases.

    All in a scratch database; nothing that was entered is read or changed.
    """
    import time

    from flask import current_app

    from skillsmatch.cases.pack.invented import invent_year
    from skillsmatch.cases.pack.writing import write_folder
    from skillsmatch.cli.scratch import scratch_folder, scratch_service
    from skillsmatch.clock import today
    from skillsmatch.demand.attacks.suite import year_of_attack

    area = current_app.extensions["area"]
    year = year_of_attack(today(), area.year_start_month)
    with scratch_folder() as folder, scratch_service(folder, "pack"):
        click.echo(invent_year(area, year, needs), err=True)
        for which in ("internal", "public"):
            began, busy = time.perf_counter(), time.process_time()
            written = write_folder(area, year.first_day, year.last_day, folder / "out", (which,))
            took, worked = time.perf_counter() - began, time.process_time() - busy
            size = sum(file.stat().st_size for file in written) / 1e6
            click.echo(
                f"{which}: {len(written)} files, {size:.1f} MB in {took:.1f} s ({worked:.1f} s of processor time)"
            )
