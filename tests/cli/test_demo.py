"""`flask demo`: the whole service with one command, and nothing left running after it."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func
from sqlalchemy import select as select_rows

from skillsmatch import ROOT
from skillsmatch.cli.demo import secret_key
from skillsmatch.demand.models import ReleaseCell
from skillsmatch.offers.models import Offer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(port: int) -> list[str]:
    return [sys.executable, "-m", "flask", "demo", "--port", str(port)]


def environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def demonstration(folder: Path, first: bool = True) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A demonstration that has said its address; afterwards it is over, whatever the test did."""
    port = free_port()
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command(port), cwd=ROOT, env=environment(folder), **pipe) as running:  # type: ignore[call-overload]
        said = ""
        for line in running.stdout:
            said += line
            if "To stop it" in line:
                break
        try:
            assert f"http://127.0.0.1:{port}/" in said, said
            assert f"{folder}/mail" in said
            assert "provider@demonstration.example" in said
            assert ("releases of what invented employers ask for" in said) == first
            yield running, f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(60)


def read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        assert answer.status == 200
        return str(answer.read().decode())


def send_need(address: str) -> str:
    """Fills in the form as a person would; returns the address of the need's page."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    form = browser.open(f"{address}/needs/new", timeout=30).read().decode()
    hidden = {}
    for field in re.findall(r'<input[^>]*type="hidden"[^>]*>', form):
        name, value = (re.search(rf' {part}="([^"]*)"', field) for part in ("name", "value"))
        hidden[name[1] if name else ""] = value[1] if value else ""
    data = urllib.parse.urlencode({**hidden, "text": "someone to weld and drive a fork lift"}).encode()
    return str(browser.open(f"{address}/needs/new", data, timeout=30).geturl())


def children(process: int) -> dict[int, str]:
    """The running children of a process, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == process:
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except (OSError, ValueError):
            continue
    return found


@contextmanager
def watched(processes: Iterable[int]) -> Iterator[list[int]]:
    """A handle on each process; unlike its number, it is never given to another one."""
    handles = [os.pidfd_open(process) for process in processes]
    try:
        yield handles
    finally:
        for handle in handles:
            os.close(handle)


def all_end(handles: list[int]) -> bool:
    """Whether each of these processes ends, at once or within half a minute."""
    return all(select.select([handle], [], [], 30)[0] for handle in handles)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demonstration that was started once; a first start takes half a minute, later ones seconds."""
    folder = tmp_path_factory.mktemp("begun")
    with demonstration(folder) as (running, _):
        running.send_signal(signal.SIGTERM)
        running.wait(60)
    return folder


def test_it_opens_answers_stops_cleanly_and_keeps_what_was_entered(begun: Path) -> None:
    # given a service that was started for the first time on a machine where nothing is set
    key = (begun / "secret-key").read_text()
    assert stat.S_IMODE((begun / "secret-key").stat().st_mode) == 0o600
    with demonstration(begun, first=False) as (running, address):
        assert "Demonstration data" in read(f"{address}/")
        assert '"index":"ok"' in read(f"{address}/readyz").replace(" ", "")
        parts = children(running.pid)
        assert sorted("gunicorn" in line for line in parts.values()) == [False, True]
        page = send_need(address)
        assert "/needs/" in page

        # when it is told to stop
        with watched(parts) as handles:
            running.send_signal(signal.SIGTERM)

            # then it ends well, with both of its parts
            assert running.wait(60) == 0
            assert all_end(handles)
        with pytest.raises(urllib.error.URLError):
            read(f"{address}/livez")

    # and the next run has the same key, the same need and no second catalogue or second demand
    before = counts(begun)
    with demonstration(begun, first=False) as (running, address):
        assert (begun / "secret-key").read_text() == key
        assert "fork lift" in read(address + page[page.index("/needs/") :])
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0
    assert counts(begun) == before


def counts(folder: Path) -> tuple[int, int, int]:
    base = sqlite3.connect(folder / "demo.sqlite")
    try:
        (needs,) = base.execute("SELECT count(*) FROM need WHERE channel = 'web'").fetchone()
        (invented,) = base.execute("SELECT count(*) FROM need WHERE channel = 'demo'").fetchone()
        (offers,) = base.execute(str(select_rows(func.count()).select_from(Offer))).fetchone()
        (cells,) = base.execute(str(select_rows(func.count()).select_from(ReleaseCell))).fetchone()
    finally:
        base.close()
    assert needs == 1
    assert 60 <= invented <= 120
    assert cells
    return needs + invented, offers, cells


def test_when_one_part_dies_the_other_is_stopped_and_the_exit_code_says_so(begun: Path) -> None:
    with demonstration(begun, first=False) as (running, _):
        parts = children(running.pid)
        (web,) = [process for process, line in parts.items() if "gunicorn" in line]
        workers = children(web)
        assert workers

        with watched([*parts, *workers]) as handles:
            os.kill(web, signal.SIGKILL)

            assert running.wait(60) != 0
            assert "web service ended by itself" in running.stdout.read()  # type: ignore[union-attr]
            assert all_end(handles)


def test_a_port_in_use_is_said_in_words_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = subprocess.run(
            command(port), cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, timeout=60
        )

    assert ran.returncode == 1
    assert f"Port {port} is in use" in ran.stderr
    assert f"make run PORT={port + 1}" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "demo.sqlite").exists()


def test_a_key_is_made_once_and_an_empty_one_is_replaced(tmp_path: Path) -> None:
    first = secret_key(tmp_path)

    assert len(first) == 64
    assert secret_key(tmp_path) == first
    (tmp_path / "secret-key").write_text("")
    second = secret_key(tmp_path)
    assert len(second) == 64
    assert second != first


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_port_that_cannot_be_is_a_mistake_in_the_command(app: Flask) -> None:
    ran = app.test_cli_runner().invoke(args=["demo", "--port", "70000"])

    assert ran.exit_code == 2
    assert "65535" in ran.output
