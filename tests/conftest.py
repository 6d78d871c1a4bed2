"""Real parts for the tests: SQLite, PostgreSQL and Chromium where they are found, and a clock that stands still.

SKILLSMATCH_REQUIRE=1 turns a missing part from a skip into a failure; .ci/run sets it.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import ClassVar, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as drawing
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from config import Config
from skillsmatch import create_app

NOW = datetime(2026, 11, 23, 10, 30)  # a Monday; every test's today unless it says otherwise
# Drawn examples are the same on every run, and a machine that is busy is no failure.
drawing.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
drawing.load_profile("same")
SHARED = Path(__file__).resolve().parents[2] / "shared"


def missing(what: str, how: str) -> NoReturn:
    """Skips, or fails where every part is required."""
    if os.environ.get("SKILLSMATCH_REQUIRE") == "1":
        pytest.fail(f"{what} is required here and was not found. {how}")
    pytest.skip(f"{what} not found. {how}")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; the project passes without it."""
    if not SHARED.is_dir():
        pytest.skip("the shared data folder does not lie beside this checkout")
    return SHARED


def _postgresql_programs() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = next((f for f in folders if (f / "initdb").exists()), None)
    which = shutil.which("initdb")
    return found or (Path(which).parent if which else None)


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of our own, on a socket in a temporary folder."""
    programs = _postgresql_programs()
    if programs is None:
        missing("PostgreSQL", "Install it: apt-get install postgresql")
    folder = Path("/tmp") / f"skillsmatch-pg-{uuid.uuid4().hex[:8]}"  # a socket's path has to be short
    folder.mkdir(mode=0o700)
    as_user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    initdb = [*as_user, str(programs / "initdb"), "-D", f"{folder}/data"]
    subprocess.run([*initdb, "-A", "trust", "-U", "tester", "-E", "UTF8", "-N"], check=True, capture_output=True)
    options = f"-k {folder} -c listen_addresses='' -c max_connections=60 -c fsync=off -c full_page_writes=off"
    control = [*as_user, str(programs / "pg_ctl"), "-D", f"{folder}/data", "-w"]
    subprocess.run([*control, "-o", options, "-l", f"{folder}/log", "start"], check=True, capture_output=True)
    try:
        yield f"postgresql://tester@/{{name}}?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _on_server(address: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(address.format(name="postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def pytest_collection_finish() -> None:
    """What stands before the first test stays until the end; to look through it again and again cost a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class CompiledOnce(BytecodeCache):
    """Compiled templates, for all apps of a process: each test has an app of its own, and the same templates."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


class WrittenOnce(Rule):
    """A route whose code for writing addresses is compiled once a process: it was nine tenths of making an app.

    That code holds nothing of its rule: werkzeug binds it to each. Should werkzeug name it otherwise one day, only
    the time is lost.
    """

    written: ClassVar[dict[tuple[object, ...], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        known = (repr(self._trace), repr(self.defaults), append_unknown)
        if self.defaults or known not in self.written:
            self.written[known] = super()._compile_builder(append_unknown)
        return self.written[known]


Flask.jinja_options = {"bytecode_cache": CompiledOnce()}
Flask.url_rule_class = WrittenOnce


def settings(url: str, folder: Path) -> Config:
    """The settings of a service under test."""
    key = "a key for tests only " * 3
    config = Config({"DATABASE_URL": url, "SKILLSMATCH_SECRET_KEY": key, "SKILLSMATCH_DATA_DIR": str(folder)})
    config.TESTING = True  # type: ignore[attr-defined]
    config.CLOCK = lambda: NOW  # type: ignore[attr-defined]
    config.WTF_CSRF_ENABLED = False  # type: ignore[attr-defined]  # test_safety turns it on
    return config


def migrate(app: Flask) -> None:
    """Brings the app's database to the newest revision and closes it, so that its file may be copied."""
    from flask_migrate import upgrade

    from skillsmatch.extensions import db

    with app.app_context():
        upgrade()
        db.engine.dispose()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, copied for each test."""
    folder = tmp_path_factory.mktemp("migrated")
    migrate(create_app(settings(f"sqlite:///{folder}/empty.sqlite", folder)))
    return folder / "empty.sqlite"


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated, empty PostgreSQL database, copied for each test."""
    _on_server(postgresql_server, "CREATE DATABASE migrated")
    address = postgresql_server.format(name="migrated")
    migrate(create_app(settings(address, tmp_path_factory.mktemp("migrated_pg"))))
    return "migrated"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database of this test's own, on each of the two kinds."""
    if request.param == "sqlite":
        file = tmp_path / "test.sqlite"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("migrated_postgresql")
    name = f"t{uuid.uuid4().hex[:12]}"
    _on_server(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.format(name=name)
    _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The whole service on a migrated, empty database. A test that reads tables opens `app.app_context()`."""
    from skillsmatch.extensions import db

    app = create_app(settings(database_url, tmp_path / "data"))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def in_app(app: Flask) -> Iterator[Flask]:
    """The same, inside its context, for tests that make no requests: a request would share its session."""
    with app.app_context():
        yield app


def load_demonstration(app: Flask) -> Path:
    """Loads the demonstration catalogue; returns the folder of the index it built."""
    from skillsmatch.extensions import db
    from skillsmatch.offers.indexing import index_folder
    from skillsmatch.offers.loading import load_offers

    with app.app_context():
        load_offers(Path(app.root_path) / "area" / "leicestershire" / "demonstration.csv")
        folder = index_folder()
        db.session.remove()
        db.engine.dispose()
    return folder


@pytest.fixture(scope="session")
def loaded_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A SQLite file with the demonstration catalogue, and its index."""
    folder = tmp_path_factory.mktemp("loaded")
    file = folder / "loaded.sqlite"
    shutil.copy(migrated_sqlite, file)
    return file, load_demonstration(create_app(settings(f"sqlite:///{file}", folder)))


@pytest.fixture(scope="session")
def loaded_postgresql(
    postgresql_server: str, migrated_postgresql: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """A PostgreSQL database with the demonstration catalogue, and its index."""
    _on_server(postgresql_server, f"CREATE DATABASE loaded TEMPLATE {migrated_postgresql}")
    app = create_app(settings(postgresql_server.format(name="loaded"), tmp_path_factory.mktemp("loaded_pg")))
    return "loaded", load_demonstration(app)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The whole service with the demonstration catalogue and its index, on each of the two kinds of database."""
    from skillsmatch.extensions import db
    from skillsmatch.offers.indexing import index_folder

    server, name = "", f"t{uuid.uuid4().hex[:12]}"
    if request.param == "sqlite":
        source, index = request.getfixturevalue("loaded_sqlite")
        shutil.copy(source, tmp_path / "test.sqlite")
        url = f"sqlite:///{tmp_path / 'test.sqlite'}"
    else:
        server = request.getfixturevalue("postgresql_server")
        template, index = request.getfixturevalue("loaded_postgresql")
        _on_server(server, f"CREATE DATABASE {name} TEMPLATE {template}")
        url = server.format(name=name)
    app = create_app(settings(url, tmp_path / "data"))
    with app.app_context():
        shutil.copytree(index, index_folder())
    yield app
    with app.app_context():
        db.engine.dispose()
    if server:
        _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def visitor(service: Flask) -> FlaskClient:
    """An employer's browser, without eyes."""
    return service.test_client()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without eyes."""
    return app.test_client()
