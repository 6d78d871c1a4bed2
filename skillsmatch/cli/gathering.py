"""`flask cases`: what officers gather, for files too long for a page and for a look from the terminal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from skillsmatch.cli.saving import refuse_unsaved
from skillsmatch.database import NotSaved, keep

if TYPE_CHECKING:
    from skillsmatch.area.areas import Area
    from skillsmatch.cases.gathering_files import CheckedFile, FileKind
    from skillsmatch.cases.survey_saving import SeenRow

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
ERRORS = click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the file again with its errors named.",
)
CHECK = click.option("--check", is_flag=True, help="Only say what would happen; store nothing.")
SHOWN = 20  # errors named on the terminal


def _area() -> Area:
    area: Area = current_app.extensions["area"]
    return area


def _read(file: Path, kind: FileKind, errors: Path | None) -> CheckedFile:
    """The file, right in every row; or ends the command with every fault named."""
    from skillsmatch.cases.gathering_files import errors_csv, read_file

    checked = read_file(file.read_bytes(), kind, _area())
    if checked.right:
        return checked
    for fault in checked.faults[:SHOWN]:
        column = f", {fault.column}" if fault.column else ""
        value = f': "{fault.value}"' if fault.value else ""
        click.echo(f"{file.name}, row {fault.row}{column}{value}: {fault.message}", err=True)
    if len(checked.faults) > SHOWN:
        click.echo(f"and {len(checked.faults) - SHOWN:,} more errors", err=True)
    if errors is not None:
        errors.write_text(errors_csv(checked), encoding="utf-8", newline="")
    click.echo("Nothing was saved.", err=True)
    raise SystemExit(1)


@click.command("load-members", short_help="Load the Chamber's list of businesses, members and others.")
@FILE
@click.option("--whole", is_flag=True, help="It is the whole list of members: others are members no longer.")
@CHECK
@ERRORS
@with_appcontext
def load_members(file: Path, whole: bool, check: bool, errors: Path | None) -> None:
    """Load the Chamber's list of businesses (CSV): business, website, postcode, sector, size, member.

    Businesses that the file does not name stay as they are, and an empty cell changes nothing. With an error in any
    row nothing is saved. The second half of a postcode is not kept.
    """
    from skillsmatch.accounts.audit import note
    from skillsmatch.cases import kept_files, members

    checked, area = _read(file, members.MEMBERS, errors), _area()
    if check:
        counts = members.compare(checked.rows, area, 0).counts
        click.echo(f"Nothing is stored. {_said(counts)}")
        return

    def load() -> dict[str, int]:
        taken = kept_files.take(file.read_bytes(), file.name, "members", area, None)
        counts = members.save(taken, checked.rows, area, whole=whole)
        note("members saved", f"gathered file {taken.id}", new=counts["new"], changed=counts["changed"])
        return counts

    try:
        counts = keep(load)
    except (NotSaved, DBAPIError) as error:
        refuse_unsaved(error, "no business was saved")
    click.echo(_said(counts))


def _said(counts: dict[str, int]) -> str:
    said = f"New: {counts['new']:,}. Changed: {counts['changed']:,}. As it is: {counts['as it is']:,}."
    return said + (f" Members that it does not name: {counts['left']:,}." if counts["left"] else "")


@click.command("load-survey", short_help="Load a survey: one row an employer, its need in its own words.")
@FILE
@click.option("--name", required=True, help="Which survey it is, such as “Quarterly survey, autumn 2026”.")
@click.option(
    "--ended", required=True, type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]), help="The day it ended on."
)
@click.option(
    "--count", "confirmed", is_flag=True, help="Count its employers: somebody has checked that they are."
)
@CHECK
@ERRORS
@with_appcontext
def load_survey(
    file: Path, name: str, ended: datetime, confirmed: bool, check: bool, errors: Path | None
) -> None:
    """Load a survey (CSV): business, website, postcode, sector, size, people, when, need.

    Every row becomes a need, split, themed and matched; rows that are on record already, or were withdrawn before, are
    left out. They count where --count says so, but for those of colleges and training providers. The same file is
    not taken twice.
    """
    from skillsmatch.accounts.audit import note
    from skillsmatch.cases import kept_files, survey, survey_rows, survey_saving
    from skillsmatch.cases.gathering_models import GatheredFile
    from skillsmatch.extensions import db

    checked, area = _read(file, survey.SURVEY, errors), _area()
    try:
        if check:
            found = survey_rows.found_in(checked.rows, area)
            for row in survey_saving.look(checked.rows, found, area):
                click.echo(f"row {row.number}, {row.business}: {_as_seen(row)}")
            return
        number = keep(lambda: _take_survey(file, name, ended))
        survey_rows.match_rows(number, checked.rows, area, None)
    except survey_rows.NoIndex as missing:
        raise click.ClickException(str(missing)) from None
    except kept_files.SavedBefore as before:
        raise click.ClickException(str(before)) from None
    except (NotSaved, DBAPIError) as error:
        refuse_unsaved(error, "no need was saved")

    def begin() -> None:
        standing = db.session.get_one(GatheredFile, number, with_for_update=True)
        survey_saving.begin(standing, len(checked.rows), confirmed=confirmed)
        note("survey saved", f"gathered file {number}", rows=len(checked.rows), counted=confirmed)

    try:
        keep(begin)
        told = survey_saving.go_on(number, area, None)
    except (NotSaved, DBAPIError) as error:
        refuse_unsaved(error, "flask work goes on with what is left, where it was begun")
    withdrawn = f" Withdrawn before: {told.withdrawn:,}." if told.withdrawn else ""
    click.echo(f"{told.needs:,} needs. On record already: {told.before:,}.{withdrawn}")


def _take_survey(file: Path, name: str, ended: datetime) -> int:
    from skillsmatch.cases import kept_files

    return kept_files.take(file.read_bytes(), file.name, "survey", _area(), None, name[:120], ended.date()).id


def _as_seen(row: SeenRow) -> str:
    if row.before is not None:
        return "on record already"
    if row.withdrawn:
        return "withdrawn before"
    skills = (
        f"{facet.text} [{facet.theme or 'unclear'}; {'fits: ' + facet.best if facet.fits else 'nothing fits'}]"
        for facet in row.facets or ()
    )
    return "; ".join(skills) or "no skill was found"


@click.command(short_help="Say whose words stand for each text, or print one.")
@click.argument("code", required=False)
@click.option("--standard", is_flag=True, help="Print the words that come with the service.")
@with_appcontext
def words(code: str | None, standard: bool) -> None:
    """List the texts that the Chamber may write itself and whose words stand, or print the words of one."""
    from skillsmatch.texts.catalogue import TEXTS
    from skillsmatch.texts.reading import standing

    own = standing()
    if code is None:
        for text in TEXTS.values():
            click.echo(f"{text.code:<24} {'own' if text.code in own else 'standard':<9} {text.title}")
        return
    if code not in TEXTS:
        raise click.BadParameter(
            f"there is no text “{code}”; `flask cases words` lists them", param_hint="CODE"
        )
    told = TEXTS[code].standard if standard else own.get(code, TEXTS[code].standard)
    click.echo(f"Subject: {told.subject}\n\n{told.body}" if told.subject else told.body)
