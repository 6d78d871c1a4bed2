"""What a command says when the database took nothing."""

from __future__ import annotations

import re
from typing import NoReturn

import click
from sqlalchemy.exc import DBAPIError

from skillsmatch.database import NotSaved

# SQLite's words, then PostgreSQL's, for tables that are not there or come from an older release.
OUT_OF_DATE = re.compile(r"no such (?:table|column)|(?:relation|column) \S+ does not exist")


def refuse_unsaved(error: NotSaved | DBAPIError, kept: str) -> NoReturn:
    """Ends the command with exit code 1 and the reason; `kept` says how things stand now."""
    why = str(getattr(error.__cause__ if isinstance(error, NotSaved) else error, "orig", ""))
    if OUT_OF_DATE.search(why):
        message = f"The database is not up to date; {kept}. Type this first: flask db upgrade"
    else:
        message = f"The database was busy or full; {kept}. Try again."
    click.echo(message, err=True)
    raise SystemExit(1) from error
