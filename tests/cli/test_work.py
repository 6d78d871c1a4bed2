"""`flask work`: mail leaves, the index follows the catalogue, and trouble is survived."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from skillsmatch import ROOT
from skillsmatch.cli.work import AFTER_TROUBLE, Job, work_until
from skillsmatch.clock import now
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.mail.outbox import post
from skillsmatch.offers.indexing import index_is_stale, open_index
from skillsmatch.offers.models import Catalogue, Offer

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def put_mail(app: Flask, *keys: str) -> None:
    with app.app_context():
        keep(lambda: [post(key, "owner@firm.example", f"About {key}", "Words.") for key in keys] and None)


def test_once_sends_what_waits_and_stops(app: Flask) -> None:
    put_mail(app, "first", "second")

    ran = app.test_cli_runner().invoke(args=["work", "--once"])

    assert ran.exit_code == 0, ran.output
    assert len(list(Path(app.config["MAIL_DIR"]).glob("*.eml"))) == 2
    assert app.test_cli_runner().invoke(args=["work", "--once"]).exit_code == 0
    assert len(list(Path(app.config["MAIL_DIR"]).glob("*.eml"))) == 2


def test_an_offer_that_was_changed_is_found_by_its_new_title(service: Flask) -> None:
    def rename() -> None:
        offer = db.session.scalars(select(Offer).where(Offer.withdrawn_at.is_(None))).first()
        assert offer is not None
        offer.title, offer.digest, offer.changed_at = "Xylophone restoration", "changed", now()
        db.session.get_one(Catalogue, 1).number += 1

    with service.app_context():
        keep(rename)
        assert index_is_stale()

    ran = service.test_cli_runner().invoke(args=["work", "--once"])

    assert ran.exit_code == 0, ran.output
    with service.app_context():
        assert not index_is_stale()
        index = open_index()
        assert index is not None
        assert index.number == db.session.get_one(Catalogue, 1).number


def test_the_signals_do_again_what_they_did_before(app: Flask) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    app.test_cli_runner().invoke(args=["work", "--once"])

    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


@only_sqlite
@pytest.mark.parametrize(
    "trouble",
    [
        NotSaved(),
        OperationalError("SELECT 1", None, OSError("away")),
        OSError("disk gone"),
        LookupError("a bug"),
    ],
    ids=lambda t: type(t).__name__,
)
def test_a_job_in_trouble_is_logged_and_rests_while_the_others_go_on(
    in_app: Flask, trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    stop, runs = threading.Event(), {"bad": 0, "good": 0}

    def bad(_stop: threading.Event) -> None:
        runs["bad"] += 1
        raise trouble

    def good(stop: threading.Event) -> None:
        runs["good"] += 1
        if runs["good"] == 3:
            stop.set()

    todo = [Job("bad", 0.0, bad), Job("good", 0.0, good)]

    assert work_until(stop, todo) is False
    assert runs == {"bad": 1, "good": 3}
    assert todo[0].due - todo[1].due > AFTER_TROUBLE - 5
    assert "bad: " in caplog.text


@only_sqlite
def test_a_database_without_tables_is_trouble_and_not_the_end(in_app: Flask, tmp_path: Path) -> None:
    environment = settings_for(f"sqlite:///{tmp_path}/nothing.sqlite", tmp_path)

    ran = subprocess.run(
        [sys.executable, "-m", "flask", "work", "--once"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 1
    assert "mail: put off" in ran.stderr
    assert "Traceback" not in ran.stderr


def settings_for(url: str, folder: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "SKILLSMATCH_SECRET_KEY": "a key for tests only " * 3,
        "SKILLSMATCH_DATA_DIR": str(folder),
        **more,
    }


def test_sigterm_ends_it_after_the_message_in_hand(app: Flask, database_url: str, tmp_path: Path) -> None:
    class Interrupting:
        """A mail server that has the worker told to stop while it is handing over its first message."""

        taken = 0
        interrupt: Callable[[], Any]

        async def handle_DATA(self, *_: object) -> str:
            self.taken += 1
            self.interrupt()
            return "250 taken"

    put_mail(app, "first", "second", "third")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = Interrupting()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    mail = {
        "SKILLSMATCH_SMTP_HOST": "127.0.0.1",
        "SKILLSMATCH_SMTP_PORT": str(port),
        "SKILLSMATCH_SMTP_TLS": "none",
    }
    environment = settings_for(database_url, tmp_path, **mail)
    with subprocess.Popen([sys.executable, "-m", "flask", "work"], cwd=ROOT, env=environment) as worker:
        server.interrupt = worker.terminate
        controller.start()
        assert worker.wait(60) == 0
    controller.stop()

    assert server.taken == 1
    with app.app_context():
        sent = [(m.key, m.sent_at is not None, m.attempts) for m in db.session.scalars(select(MailMessage))]
    assert sorted(sent) == [("first", True, 1), ("second", False, 0), ("third", False, 0)]
