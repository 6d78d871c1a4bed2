"""A service with a year of invented demand and its releases, and an officer's browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
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
from tests.conftest import settings


@pytest.fixture(scope="session")
def a_year_file(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with 220 employers of April 2025 to March 2026, counted as real ones, and two releases."""
    folder = tmp_path_factory.mktemp("year")
    shutil.copy(migrated_sqlite, folder / "year.sqlite")
    app = create_app(settings(f"sqlite:///{folder}/year.sqlite", folder))
    with app.app_context():
        area = app.extensions["area"]
        people = synthetic.population(area, 220, 7, date(2025, 4, 1), date(2026, 3, 31))
        keep(lambda: synthetic.store(people, "a year"))
        keep(lambda: db.session.execute(update(DemandSignal).values(channel="web")))
        for name in ("2025", "2025Q4"):
            drawn = releases.draw_up(read_period(name, area.year_start_month), area)
            keep(lambda drawn=drawn: releases.publish(releases.store_draft(drawn)))
        db.session.remove()
        db.engine.dispose()
    return folder / "year.sqlite"


@pytest.fixture
def year(a_year_file: Path, tmp_path: Path) -> Iterator[Flask]:
    """A service with that year."""
    shutil.copy(a_year_file, tmp_path / "test.sqlite")
    app = create_app(settings(f"sqlite:///{tmp_path}/test.sqlite", tmp_path / "data"))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def officer(app: Flask) -> FlaskClient:
    """A Chamber officer's browser."""
    client = app.test_client()
    sign_in(client, app, Role.CHAMBER, organisation="The Chamber", name="Ola Officer")
    return client


@pytest.fixture
def officer_of_year(year: Flask) -> FlaskClient:
    """The same for the service with the year."""
    client = year.test_client()
    sign_in(client, year, Role.CHAMBER, organisation="The Chamber", name="Ola Officer")
    return client
