"""A service with releases, and browsers of those who read them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from skillsmatch import create_app
from skillsmatch.accounts.roles import Role
from skillsmatch.extensions import db
from skillsmatch.offers.indexing import index_folder
from tests.accounts.signing import sign_in
from tests.conftest import settings
from tests.demand.releasing import publish_all


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


@pytest.fixture(scope="session")
def provided_file(loaded_sqlite: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with releases and the demonstration catalogue, copied for each test."""
    folder = tmp_path_factory.mktemp("provided")
    shutil.copy(loaded_sqlite[0], folder / "provided.sqlite")
    app = create_app(settings(f"sqlite:///{folder}/provided.sqlite", folder))
    publish_all(app)
    with app.app_context():
        db.engine.dispose()
    return folder / "provided.sqlite"


@pytest.fixture
def provided(provided_file: Path, loaded_sqlite: tuple[Path, Path], tmp_path: Path) -> Iterator[Flask]:
    """A service with releases, offers and their index."""
    shutil.copy(provided_file, tmp_path / "test.sqlite")
    app = create_app(settings(f"sqlite:///{tmp_path}/test.sqlite", tmp_path / "data"))
    with app.app_context():
        shutil.copytree(loaded_sqlite[1], index_folder())
    yield app
    with app.app_context():
        db.engine.dispose()
