"""`flask cases`: unmet needs gathered into groups, how well that works, and the LSIP pack."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from skillsmatch.cli.cases_bench import bench
from skillsmatch.cli.cases_pack import bench_pack, pack
from skillsmatch.cli.gathering import load_members, load_survey, words
from skillsmatch.cli.saving import refuse_unsaved
from skillsmatch.database import NotSaved


@click.group(short_help="Gather unmet needs for the register; write the LSIP pack.")
def cases() -> None:
    """Gather unmet needs into groups by meaning, and write the plan's evidence."""


for _command in (bench, bench_pack, load_members, load_survey, pack, words):
    cases.add_command(_command)


@cases.command(short_help="Put unmet needs that are in no group yet into one.")
@with_appcontext
def group() -> None:
    """Put unmet needs that are in no group yet into one. `flask work` does so every 15 minutes.

    A need joins a standing group that means much the same; what fits none makes new groups. What an officer merged,
    split or renamed stays so.
    """
    from skillsmatch.cases.grouping import group_new

    try:
        done = group_new()
    except (NotSaved, DBAPIError) as error:
        refuse_unsaved(error, "nothing was put into a group")
    click.echo(
        f"{done.joined:,} joined a group, {done.gathered:,} were gathered into {done.groups:,} new ones"
    )
