"""gunicorn with nothing but the address of a database and a key: other programs rely on this much."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from skillsmatch import ROOT
from skillsmatch.extensions import db

START_WAIT = 60.0  # seconds


@contextmanager
def serving(app: Flask, *options: str) -> Iterator[str]:
    """The address at which gunicorn answers with this service's database and index."""
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": app.config["DATA_DIR"],
        "DATABASE_URL": url.replace("postgresql+psycopg://", "postgres://"),
        "SKILLSMATCH_SECRET_KEY": "a key for tests only " * 3,
        "SKILLSMATCH_DATA_DIR": app.config["DATA_DIR"],
    }
    command = [sys.executable, "-m", "gunicorn", *options, "-b", f"127.0.0.1:{port}", "wsgi:app"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/livez", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_WAIT
    while time.monotonic() < until:
        assert server.poll() is None, "gunicorn ended instead of serving"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            continue
    pytest.fail("gunicorn did not answer")


def ask(address: str, text: str) -> str:
    """Sends a need as a browser would, and returns the page of its results."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    form = browser.open(f"{address}/needs/new", timeout=30).read().decode()
    answers = {"text": text}
    for field in re.findall(r'<input[^>]*type="hidden"[^>]*>', form):
        name, value = (re.search(rf' {part}="([^"]*)"', field) for part in ("name", "value"))
        answers[name[1] if name else ""] = value[1] if value else ""
    data = urllib.parse.urlencode(answers).encode()
    with browser.open(f"{address}/needs/new", data, timeout=30) as page:
        assert re.search(r"/needs/[\w-]{20,}$", page.geturl())
        return str(page.read().decode())


@pytest.mark.parametrize(
    "options",
    [[], ["-w", "1"], ["-w", "2", "--preload"]],
    ids=["alone", "one worker", "preload"],
)
def test_gunicorn_answers_a_search_and_opens_no_socket_besides(service: Flask, options: list[str]) -> None:
    with serving(service, *options) as address:
        pages = [ask(address, "welding course for two people") for _ in range(4)]
        assert not list(
            Path(service.config["DATA_DIR"]).rglob("*.ctl")
        )  # its HOME: gunicorn's control socket

    for page in pages:
        assert "weld" in page.lower()
        assert re.search(r'href="/offers/\d+', page) or re.search(r"/matches/\d+/open", page), (
            "no offer was shown"
        )
