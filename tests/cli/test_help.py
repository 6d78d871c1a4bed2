"""What an operator sees first: every command says in one line what it does, and help comes at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from skillsmatch import ROOT
from skillsmatch.cli import COMMANDS

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LINE = 100  # characters; a longer help line is cut off in a terminal

# Prints the heavy modules that asking for help has brought in.
# Rich is not asked for: the flask command loads the commands of every installed package, and Flask-Limiter's need it.
ASK = """
import sys
from flask.cli import main
try:
    main()
finally:
    print(sorted({"sklearn", "scipy", "joblib", "openpyxl"} & set(sys.modules)), file=sys.stderr)
"""


def commands(given: list[click.Command], path: str = "flask") -> Iterator[tuple[str, click.Command]]:
    for command in given:
        name = f"{path} {command.name}"
        yield name, command
        if isinstance(command, click.Group):
            yield from commands(list(command.commands.values()), name)


@pytest.mark.parametrize(
    ("name", "command"), list(commands(COMMANDS)), ids=lambda v: v if isinstance(v, str) else ""
)
def test_every_command_says_in_one_line_what_it_does(name: str, command: click.Command) -> None:
    words = command.get_short_help_str(limit=LINE)

    assert words, f"{name} has no help"
    assert not words.endswith("..."), f"{name}: its first sentence is longer than a line"
    assert words[0].isupper()
    assert words.endswith(".")


@pytest.mark.parametrize(
    ("name", "command"), list(commands(COMMANDS)), ids=lambda v: v if isinstance(v, str) else ""
)
def test_every_option_says_what_it_does(name: str, command: click.Command) -> None:
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts[0]} has no help"


@only_sqlite
def test_flask_help_lists_every_command(app: Flask) -> None:
    shown = app.test_cli_runner().invoke(args=["--help"]).output

    for command in COMMANDS:
        line = next((x for x in shown.splitlines() if x.split()[:1] == [command.name]), "")
        assert command.get_short_help_str(LINE) in line, f"{command.name} is not listed with its line"


@pytest.mark.parametrize(
    "words", [["--help"], ["offers", "--help"], ["work", "--help"], ["needs", "match", "--help"]]
)
def test_help_does_not_wait_for_the_matcher(words: list[str], tmp_path: Path) -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite",
    }  # and no secret key

    ran = subprocess.run(
        [sys.executable, "-c", ASK, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ran.returncode == 0, ran.stderr
    assert "Usage:" in ran.stdout
    assert ran.stderr.strip().splitlines()[-1] == "[]"
