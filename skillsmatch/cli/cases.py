"""`flask cases`: the Chamber's side at the command line."""

from __future__ import annotations

import click

from skillsmatch.cli.cases_pack import bench_pack, pack


@click.group(short_help="The Chamber's side: the LSIP pack.")
def cases() -> None:
    """The Chamber's side of the service."""


cases.add_command(pack)
cases.add_command(bench_pack)
