"""`flask demand`: releases of what employers ask for, and the proof that they give nobody away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError, IntegrityError

from skillsmatch.cli.demand_attack import attack
from skillsmatch.cli.demand_bench import bench
from skillsmatch.cli.saving import refuse_unsaved
from skillsmatch.database import NotSaved

LEFT_AS_IT_WAS = "nothing was released or changed"


@click.group(short_help="Release what employers ask for, safely.")
def demand() -> None:
    """Release what employers ask for, safely: made once, looked at, published, and never computed again."""


demand.add_command(attack)
demand.add_command(bench)


@demand.command(short_help="Make the release of PERIOD: a draft, unless it is to be published.")
@click.argument("period")
@click.option("--year", "whole_year", is_flag=True, help="The whole year that PERIOD lies in.")
@click.option("--publish", is_flag=True, help="Publish it at once; without it, it is a draft for officers.")
@click.option("--preview", is_flag=True, help="Print what would be shown; keep nothing.")
@with_appcontext
def release(period: str, whole_year: bool, publish: bool, preview: bool) -> None:
    """Make the release of PERIOD, such as 2026Q4, or 2026 for a year.

    Quarters are counted from the month in which the area's year starts: with April, 2026Q4 is January to March
    2027. A draft is replaced by the next; with --publish it is out, and can only be withdrawn.
    """
    from flask import current_app

    from skillsmatch.database import keep
    from skillsmatch.demand import releases
    from skillsmatch.demand.periods import PeriodError, read_period

    if publish and preview:
        raise click.UsageError("Choose one of --publish and --preview")
    area = current_app.extensions["area"]
    try:
        asked = read_period(period, area.year_start_month)
    except PeriodError as error:
        raise click.BadParameter(str(error), param_hint="PERIOD") from None
    asked = asked.whole_year if whole_year else asked
    with _refusals():
        try:
            drawn = releases.draw_up(asked, area)
        except releases.TooFewEmployers as error:
            few = error
            if publish:
                keep(lambda: releases.close_without(asked, few))
            raise
        if preview:
            click.echo(_drawn_words(drawn, area))
            return

        def work() -> int:
            made = releases.store_draft(drawn)
            if publish:
                releases.publish(made)
            return made.id

        number = keep(work)
    done = "Published" if publish else "Draft"
    click.echo(f"{done}: release {number}, {asked.name} ({asked.words})")
    click.echo(_told(number, area))


@demand.command(name="publish", short_help="Publish the draft with this number.")
@click.argument("number", type=click.IntRange(min=1), metavar="ID")
@with_appcontext
def publish_draft(number: int) -> None:
    """Publish the draft with this number, as it is. Nothing is counted again."""
    from skillsmatch.database import keep
    from skillsmatch.demand import releases

    with _refusals():
        words = keep(lambda: _with(number, lambda release: releases.publish(release)))
    click.echo(f"Published: release {number}, {words}")


@demand.command(name="releases", short_help="List the releases and what became of them.")
@with_appcontext
def list_releases() -> None:
    """List the releases, drafts too, with what became of them."""
    from skillsmatch.demand import releases

    with _refusals():
        found = releases.all_releases()
    if not found:
        click.echo("No release yet. Make the first: flask demand release 2026Q4 --preview")
    for one in found:
        when = one.withdrawn_at or one.published_at or one.made_at
        notice = f"  {one.notice}" if one.notice else ""
        weak = "  (weaker than the method)" if one.loosened else ""
        click.echo(f"{one.id:>4}  {one.period:<7} {one.state:<10} {when:%d %B %Y}{weak}{notice}")


@demand.command(short_help="Withdraw the published release with this number.")
@click.argument("number", type=click.IntRange(min=1), metavar="ID")
@click.option("--because", required=True, help="The reason, as its readers will see it.")
@with_appcontext
def withdraw(number: int, because: str) -> None:
    """Withdraw the published release with this number. Its notice stands in its place, and it is never made again."""
    from skillsmatch.database import keep
    from skillsmatch.demand import releases

    with _refusals():
        words = keep(lambda: _with(number, lambda release: releases.withdraw(release, because)))
    click.echo(f"Withdrawn: release {number}, {words}. Its readers see: {because.strip()}")


def _with(number: int, act: Any) -> str:
    from skillsmatch.demand.models import Release
    from skillsmatch.demand.releases import ReleaseRefused
    from skillsmatch.extensions import db

    release = db.session.get(Release, number)
    if release is None:
        raise ReleaseRefused(
            f"There is no release with the number {number}. List them: flask demand releases"
        )
    act(release)
    return release.period


@demand.command(short_help="Write a provider's evidence pack as Word and Excel.")
@click.option("--ukprn", required=True, type=click.IntRange(10_000_000, 19_999_999), help="Whose pack it is.")
@click.option(
    "--release", "period", default="", help="The year, such as 2025; without it, the latest published."
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the two files; it is made where there is none.",
)
@with_appcontext
def evidence(ukprn: int, period: str, out: Path) -> None:
    """Write a provider's evidence pack: released demand where it teaches, the trend, and what it did about it."""
    from flask import current_app
    from sqlalchemy import select

    from skillsmatch.demand.evidence_files import MAKERS
    from skillsmatch.demand.published import NoSuchTable
    from skillsmatch.extensions import db
    from skillsmatch.leads.evidence import whole_pack
    from skillsmatch.offers.models import Provider

    with _refusals():
        provider = db.session.scalar(select(Provider).where(Provider.ukprn == ukprn))
        if provider is None:
            raise click.BadParameter(f"we hold no provider {ukprn}", param_hint="--ukprn")
        try:
            pack = whole_pack(provider, period)
        except NoSuchTable as error:
            raise click.ClickException(str(error)) from None
        for form, make in MAKERS.items():
            file = out / f"skillsmatch-{pack.edition.period}-evidence-{ukprn}.{form}"
            try:
                out.mkdir(parents=True, exist_ok=True)
                file.write_bytes(make(pack, current_app.extensions["area"]))
            except OSError as error:
                raise click.ClickException(f"{file} could not be written: {error.strerror}") from None
            click.echo(f"Written: {file}")


@demand.command(short_help="Publish two years of invented demand, in a demonstration only.")
@with_appcontext
def load_demonstration() -> None:
    """Publish what invented employers asked for in two years and in the quarters since, with its releases.

    Works while SKILLSMATCH_DEMO=1 is set, and is refused on a database that has been in real use. What is there
    already stays; with a new quarter, that quarter is added.
    """
    from flask import current_app

    from skillsmatch.demand.demonstration import publish_demonstration

    with _refusals():
        made = publish_demonstration(current_app.extensions["area"])
    click.echo(f"{made} releases published." if made else "All its releases are published already.")


class _refusals:
    """Ends the command in words where a release is refused or the database took nothing."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from skillsmatch.demand.disclosure import RulesError
        from skillsmatch.demand.releases import ReleaseRefused

        if isinstance(error, ReleaseRefused | RulesError):
            raise click.ClickException(str(error)) from None
        if isinstance(error, IntegrityError):
            raise click.ClickException(
                f"Somebody else made or published this release just now; {LEFT_AS_IT_WAS}. Look: flask demand releases"
            ) from None
        if isinstance(error, NotSaved | DBAPIError):
            refuse_unsaved(error, LEFT_AS_IT_WAS)


def _told(number: int, area: Any) -> str:
    """What a release of the database says, in a few lines."""
    from skillsmatch.demand import published
    from skillsmatch.demand.models import Release
    from skillsmatch.extensions import db

    release = db.session.get_one(Release, number)
    tables = [
        published.table_of(release, area, spec.name) for spec in published.lattice.specs_for(release.kind)
    ]
    return "\n".join(
        _lines(tables[0].edition.rests_on, [(t.title, t.shown, t.hidden) for t in tables], tables[0].notes)
    )


def _drawn_words(drawn: Any, area: Any) -> str:
    """The same of a release that was only drawn up, with every number that it would show."""
    from skillsmatch.demand import lattice
    from skillsmatch.demand.published import words_of

    known, lines = (
        lattice.categories(area),
        [f"{drawn.period.name} ({drawn.period.words}): a preview, nothing is kept"],
    )
    for spec in lattice.specs_for(drawn.period.kind):
        cells = drawn.tables[spec.name]
        seen = sorted(
            (
                -shown,
                " × ".join(known[d][code] for d, code in zip(spec.dimensions, cell, strict=False)),
                shown,
            )
            for cell, shown in cells.items()
            if shown is not None
        )
        lines += ["", f"{spec.title}: {len(seen)} of {len(cells)} cells shown"]
        method = {"threshold": drawn.rules.threshold}
        lines += [f"  {words_of(shown, spec, method):>10}  {name}" for _, name, shown in seen]
    if drawn.period.quarter:
        offers = {first for first, _ in drawn.tables[lattice.OF_OFFERS]}
        providers = {first for first, _ in drawn.tables[lattice.OF_PROVIDERS]}
        lines += ["", f"For their own providers: {len(offers)} offers of {len(providers)} providers with a number"]
    return "\n".join([*lines, *drawn.rules.loosened()])


def _lines(rests_on: str, tables: list[tuple[str, Any, int]], notes: tuple[str, ...]) -> list[str]:
    lines = [rests_on]
    lines += [
        f"  {title}: {len(shown)} of {len(shown) + hidden} cells shown" for title, shown, hidden in tables
    ]
    return [*lines, *notes]
