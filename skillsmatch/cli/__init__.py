"""The commands an operator types, one line each in `flask --help`."""

from __future__ import annotations

import click

from skillsmatch.cli.accounts import accounts
from skillsmatch.cli.area import area
from skillsmatch.cli.cases import cases
from skillsmatch.cli.demand import demand
from skillsmatch.cli.demo import demo
from skillsmatch.cli.matching import matching
from skillsmatch.cli.needs import needs
from skillsmatch.cli.offers import offers
from skillsmatch.cli.work import work

COMMANDS: list[click.Command] = [accounts, area, cases, demand, demo, matching, needs, offers, work]
