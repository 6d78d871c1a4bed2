"""`flask demo`: the whole service on this machine, with the demonstration catalogue."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

ROOT = Path(__file__).resolve().parents[2]  # the checkout: wsgi.py and gunicorn.conf.py are found from here
HERE = "127.0.0.1"
START_WAIT = 60.0  # seconds the service may take to answer, on a slow machine with cold disks
STOP_WAIT = 25.0  # seconds it may take to stop; gunicorn lets requests in hand finish for 20
LOOK_EVERY = 0.2  # seconds between two looks at the running parts
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, a service manager, a closed terminal


class Stopped(BaseException):
    """Someone asked the demonstration to stop. Passes every `except Exception` on its way out."""


@click.command("demo")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to answer on."
)
@with_appcontext
def demo(port: int) -> None:
    """Open a demonstration on this machine.

    Brings the database up to date, loads the demonstration catalogue, publishes what invented employers asked for
    in two years, has the Chamber work on some of their needs, and runs the web
    service with its mail worker until Ctrl-C or SIGTERM. Prints an account for each
    role, to sign in with; they work in a demonstration only. What was entered before is kept.
    """
    os.umask(0o077)  # what employers write is for nobody else on this machine
    before = {number: signal.signal(number, _ask_to_stop) for number in STOPPING}
    try:
        _check_port(port)
        environment = _environment(port)
        _prepare()
        people = _people()
        _demand()
        _needs()
        _run(port, environment, people)
    except Stopped:
        click.echo("Stopped. What was entered is kept for the next time.")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ask_to_stop(_number: int, _frame: FrameType | None) -> NoReturn:
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
    raise Stopped


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HERE, port))
        except PermissionError:
            raise click.ClickException(
                f"Port {port} is reserved for the system. Choose one from 1024 on: make run PORT=8000"
            ) from None
        except OSError:
            raise click.ClickException(
                f"Port {port} is in use: perhaps the demonstration is already running, at http://{HERE}:{port}/\n"
                f"To open another, choose another port: make run PORT={port + 1 if port < 65535 else 8000}"
            ) from None


def secret_key(folder: Path) -> str:
    """The key kept in `folder`/secret-key, made at random the first time; nobody else on the machine can read it."""
    file = folder / "secret-key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = file.read_text(encoding="ascii").strip()
        if kept:
            return kept
        handle = os.open(file, os.O_WRONLY | os.O_TRUNC)
    key = secrets.token_hex(32)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(key + "\n")
    return key


def _environment(port: int) -> dict[str, str]:
    """The settings of the running parts; this process takes the same ones."""
    folder = Path(current_app.config["DATA_DIR"])
    key = current_app.config["SECRET_KEY"] or secret_key(folder)
    current_app.config.update(SECRET_KEY=key, DEMO=True)
    return {
        **os.environ,
        "SKILLSMATCH_DEMO": "1",
        "SKILLSMATCH_SECRET_KEY": key,
        # The worker answers no request, so it has to be told the address for the links in its mails.
        "SKILLSMATCH_BASE_URL": os.environ.get("SKILLSMATCH_BASE_URL") or f"http://{HERE}:{port}",
        "FLASK_APP": "wsgi.py",
        "PYTHONUNBUFFERED": "1",
    }


def _prepare() -> None:
    """Afterwards the tables are there, and the demonstration catalogue starts from today."""
    from flask_migrate import upgrade

    from skillsmatch.extensions import db

    try:
        upgrade()
    except SQLAlchemyError as error:
        raise click.ClickException(f"The database could not be opened: {error}") from error
    area = current_app.extensions["area"]
    if area.demonstration_catalogue.exists():
        _load(area.demonstration_catalogue)
    else:
        click.echo(f"{area.name} has no demonstration catalogue. Load a file: flask offers load FILE")
    db.session.remove()
    db.engine.dispose()


def _people() -> list[str]:
    """One account for each role, as it is told: the provider and the college have offers in the catalogue."""
    from sqlalchemy import func, select

    from skillsmatch.accounts.demonstration import make_demonstration_accounts
    from skillsmatch.database import NotSaved, keep
    from skillsmatch.extensions import db
    from skillsmatch.leads.places import confirm_demonstration
    from skillsmatch.offers.models import Offer, Provider

    offering = (
        select(Provider.ukprn, Provider.name)
        .join(Provider.offers)
        .where(Offer.demonstration, Offer.withdrawn_at.is_(None))
        .group_by(Provider.ukprn, Provider.name)
        .order_by(func.count().desc(), Provider.ukprn)
    )
    try:
        found = [(row.ukprn, row.name) for row in db.session.execute(offering)]
        provider = found[0] if found else None
        college = next((one for one in found[1:] if "College" in one[1]), None)
        shown = keep(lambda: make_demonstration_accounts(provider, college))
        keep(confirm_demonstration)
    except NotSaved:
        raise click.ClickException("The database was busy or full. Try again.") from None
    finally:
        db.session.remove()
        db.engine.dispose()
    return [f"{one.role.words:<18} {one.email:<32} {one.password}" for one in shown]


def _demand() -> None:
    """Two years of invented demand with its releases, where they are missing. The rest opens without them, too."""
    from skillsmatch.database import NotSaved
    from skillsmatch.demand.demonstration import publish_demonstration
    from skillsmatch.demand.releases import ReleaseRefused
    from skillsmatch.extensions import db

    try:
        made = publish_demonstration(current_app.extensions["area"])
    except ReleaseRefused as refused:
        click.echo(f"No invented demand was added: {refused}", err=True)
    except (NotSaved, SQLAlchemyError):
        raise click.ClickException("The database was busy or full. Try again.") from None
    else:
        if made:
            click.echo(f"{made} releases of what invented employers ask for.")
    finally:
        db.session.remove()
        db.engine.dispose()


def _needs() -> None:
    """What invented employers wrote in the last year, and what the Chamber has done about it, where it is missing."""
    from skillsmatch.cases.demonstration import NotAFullDemonstration, show_demonstration
    from skillsmatch.database import NotSaved
    from skillsmatch.demand.releases import ReleaseRefused
    from skillsmatch.extensions import db

    try:
        made = show_demonstration(current_app.extensions["area"])
    except (ReleaseRefused, NotAFullDemonstration) as refused:
        click.echo(f"No invented needs were added: {refused}", err=True)
    except (NotSaved, SQLAlchemyError):
        raise click.ClickException("The database was busy or full. Try again.") from None
    else:
        if made:
            click.echo(f"{made} needs of invented employers, and the Chamber's cases about some of them.")
    finally:
        db.session.remove()
        db.engine.dispose()


def _load(catalogue: Path) -> None:
    from skillsmatch.database import NotSaved
    from skillsmatch.offers.loading import Refused, load_offers

    click.echo("Loading the demonstration catalogue ...")
    try:
        report = load_offers(catalogue)
    except Refused as refused:
        raise click.ClickException("\n".join(refused.lines)) from refused
    except NotSaved:
        raise click.ClickException("The database was busy or full. Try again.") from None
    click.echo(f"{report.in_file} demonstration offers, dated from today.")
    if report.index_problem:
        click.echo(f"The search index was not built: {report.index_problem}", err=True)


def _run(port: int, environment: dict[str, str], people: list[str]) -> None:
    """Runs both parts until one ends or a stop is asked for; afterwards neither runs."""
    web = ["gunicorn", "-b", f"{HERE}:{port}", "wsgi:app"]
    parts: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, module in (("web service", web), ("mail worker", ["flask", "work"])):
            command = [sys.executable, "-m", *module]
            # A group of its own, so that Ctrl-C reaches this process only, and both parts are stopped in order.
            parts[name] = subprocess.Popen(command, cwd=ROOT, env=environment, process_group=0)  # noqa: S603
        _wait_until_answering(port, parts)
        _tell(port, people)
        while True:
            _check_running(parts)
            time.sleep(LOOK_EVERY)
    finally:
        _stop(parts)


def _wait_until_answering(port: int, parts: dict[str, subprocess.Popen[bytes]]) -> None:
    until = time.monotonic() + START_WAIT
    while time.monotonic() < until:
        _check_running(parts)
        try:
            with urllib.request.urlopen(f"http://{HERE}:{port}/livez", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(LOOK_EVERY)
    raise click.ClickException(f"The service did not answer within {START_WAIT:.0f} seconds.")


def _check_running(parts: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, part in parts.items():
        code = part.poll()
        if code is not None:
            raise click.ClickException(
                f"The {name} ended by itself (exit code {code}), so the rest was stopped."
            )


def _tell(port: int, people: list[str]) -> None:
    config = current_app.config
    mail = f"by {config['SMTP_HOST']}" if config["SMTP_HOST"] else f"written to {config['MAIL_DIR']}"
    click.echo(f"\n  skillsmatch is open:  http://{HERE}:{port}/")
    click.echo(f"  Its mail is:          {mail}")
    click.echo(f"  To sign in:           http://{HERE}:{port}/sign-in, as one of")
    for line in people:
        click.echo(f"                        {line}")
    click.echo("  To stop it:           press Ctrl-C\n")
    sys.stdout.flush()


def _stop(parts: dict[str, subprocess.Popen[bytes]]) -> None:
    for part in parts.values():
        if part.poll() is None:
            part.terminate()
        else:
            _kill_group(part)  # what a part that died has left behind would hold the port
    until = time.monotonic() + STOP_WAIT
    for part in parts.values():
        try:
            part.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            _kill_group(part)
            part.wait()


def _kill_group(part: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(part.pid, signal.SIGKILL)
