"""The README's commands exist, and what it shows is what they print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\n(.*?)```", README, re.DOTALL)
COMMANDS = sorted(
    {
        re.sub(r"^.*?(?=flask )", "", line).split("#")[0].strip()
        for block in BLOCKS
        for line in block.splitlines()
        if re.match(r"(\$ |\S+=\S+ +|\.venv/bin/)*flask ", line)
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flask_command_it_names_exists_with_its_options(app: Flask, command: str) -> None:
    words = shlex.split(command)[1:]
    names = [w for w in words if re.fullmatch(r"[a-z-]+", w) and not w.startswith("-")][:2]
    options = [w for w in words if w.startswith("--")]

    told = app.test_cli_runner().invoke(args=[*names, "--help"])
    if told.exit_code:  # the second word was the command's own argument
        told = app.test_cli_runner().invoke(args=[names[0], "--help"])

    assert told.exit_code == 0, command
    assert all(option in told.output for option in options), command


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^make (\w+)", "\n".join(BLOCKS), re.MULTILINE))))
def test_every_make_target_it_names_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_answer_it_shows_is_the_answer_given(service: Flask) -> None:
    command = next(line for line in README.splitlines() if line.startswith("$ flask needs match"))
    shown = next(block for block in BLOCKS if block.startswith("Need 1"))

    given = service.test_cli_runner().invoke(args=shlex.split(command)[2:])

    def without_dates(text: str) -> list[str]:
        return [re.sub(r"\w+day \d+ \w+ \d{4}", "DAY", line).rstrip() for line in text.strip().splitlines()]

    assert without_dates(given.output) == without_dates(shown)


def test_every_file_it_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_setting_it_names_is_read() -> None:
    config = (ROOT / "config.py").read_text(encoding="utf-8")
    for name in set(re.findall(r"\b(SKILLSMATCH_\w+|DATABASE_URL)\b", README)):
        assert f'"{name}"' in config, name
