"""A service with releases of invented employers, for the tests of everything that reads them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from conftest import settings
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from skillsmatch import create_app
from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.demand import releases, synthetic
from skillsmatch.demand.models import DemandSignal
from skillsmatch.demand.periods import read_period
from skillsmatch.extensions import db
from tests.accounts.signing import sign_in

# The tests' today is in November 2026. 2025 is April 2025 to March 2026; 2026Q2 is July to September 2026.
PUBLISHED = ("2024", "2025Q4", "2025", "2026Q1")
WITHDRAWN, DRAFT = "2025Q2", "2026Q2"
NOTICE = "Two files were counted twice."
READERS = (Role.COLLEGE, Role.CHAMBER, Role.ADMIN)


def publish_all(app: Flask, employers: int = 500) -> None:
    """Two and a half years of invented employers, counted as real ones: published, withdrawn and draft releases."""
    with app.app_context():
        area = app.extensions["area"]
        for seed, (first, last) in enumerate(
            (
                (date(2024, 4, 1), date(2025, 3, 31)),
                (date(2025, 4, 1), date(2026, 3, 31)),
                (date(2026, 4, 1), date(2026, 9, 30)),
            )
        ):
            people = synthetic.population(area, employers, seed, first, last)
            keep(lambda people=people, seed=seed: synthetic.store(people, f"tests {seed}"))
        keep(lambda: db.session.execute(update(DemandSignal).values(channel="web")))
        for name in (*PUBLISHED, WITHDRAWN, DRAFT):
            drawn = releases.draw_up(read_period(name, area.year_start_month), area)
            keep(lambda drawn=drawn: _store(drawn))
        db.session.remove()


def _store(drawn: releases.Drawn) -> None:
    made = releases.store_draft(drawn)
    if drawn.period.name != DRAFT:
        releases.publish(made)
    if drawn.period.name == WITHDRAWN:
        releases.withdraw(made, NOTICE)


@pytest.fixture(scope="session")
def released_file(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with releases, copied for each test."""
    folder = tmp_path_factory.mktemp("released")
    shutil.copy(migrated_sqlite, folder / "released.sqlite")
    app = create_app(settings(f"sqlite:///{folder}/released.sqlite", folder))
    publish_all(app)
    with app.app_context():
        db.engine.dispose()
    return folder / "released.sqlite"


@pytest.fixture
def released(released_file: Path, tmp_path: Path) -> Iterator[Flask]:
    """A service with the releases above."""
    shutil.copy(released_file, tmp_path / "test.sqlite")
    app = create_app(settings(f"sqlite:///{tmp_path}/test.sqlite", tmp_path / "data"))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def college(released: Flask) -> FlaskClient:
    """A curriculum lead's browser."""
    client = released.test_client()
    sign_in(client, released, Role.COLLEGE, organisation="Soar College")
    return client


@pytest.fixture
def officer(released: Flask) -> FlaskClient:
    """A Chamber officer's browser."""
    client = released.test_client()
    sign_in(client, released, Role.CHAMBER, organisation="The Chamber")
    return client
