"""A service of its own in a temporary folder, for commands that must not touch what employers entered."""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from flask import Flask, current_app


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder with an empty, migrated database to copy; gone afterwards."""
    from flask_migrate import upgrade

    from skillsmatch.extensions import db

    with tempfile.TemporaryDirectory(prefix="skillsmatch-") as name:
        folder = Path(name)
        app = scratch_app(folder / "empty")
        level = logging.getLogger("alembic").level
        logging.getLogger("alembic").setLevel(logging.WARNING)
        try:
            with app.app_context():
                upgrade()
                db.engine.dispose()
        finally:
            logging.getLogger("alembic").setLevel(level)
        yield folder


def scratch_app(folder: Path, database: str = "") -> Flask:
    """The whole service on a SQLite file in `folder`, with the settings of this one, in demonstration mode."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {name: value for name, value in current_app.config.items() if name.isupper()}
    settings |= {
        "SQLALCHEMY_DATABASE_URI": database or f"sqlite:///{folder / 'scratch.sqlite'}",
        "DATA_DIR": str(folder),
        "MAIL_DIR": str(folder / "mail"),
        "SMTP_HOST": "",
        "DEMO": True,
        "HOSTS": [],
        "SECRET_KEY": settings["SECRET_KEY"] or secrets.token_hex(32),
    }
    settings.pop("SERVER_NAME", None)
    return cast("Flask", current_app.extensions["create_app"](SimpleNamespace(**settings)))


@contextmanager
def scratch_service(folder: Path, name: str) -> Iterator[Flask]:
    """The service inside its context, on a fresh copy of the empty database of `scratch_folder`."""
    from skillsmatch.extensions import db

    place = folder / name
    place.mkdir()
    shutil.copy(folder / "empty" / "scratch.sqlite", place / "scratch.sqlite")
    app = scratch_app(place)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
            shutil.rmtree(place, ignore_errors=True)
