"""One Chromium and one running service for all of these tests; every context is new and is watched."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config import Config
from skillsmatch import create_app
from skillsmatch.accounts.access import PUBLIC, open_to
from skillsmatch.extensions import db
from skillsmatch.offers.indexing import index_folder
from tests.conftest import NOW, missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.site import Site

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
PATIENCE = 20_000  # milliseconds for one step on a busy machine; no step is waited for by the clock


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


# Not for the whole session: while Playwright runs, no other test of this process could use asyncio.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium with an empty profile."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("The Python package playwright", "Install it: pip install -e '.[dev]'")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        missing("Chromium", "Install it: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def site(loaded_sqlite: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service with the demonstration catalogue behind a real address, set up as in real use."""
    from tests.browser.site import served

    source, index = loaded_sqlite
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(source, folder / "site.sqlite")
    key = "a key for the browser tests only " * 2
    config = Config({"DATABASE_URL": f"sqlite:///{folder}/site.sqlite", "SKILLSMATCH_SECRET_KEY": key})
    config.CLOCK = lambda: NOW  # type: ignore[attr-defined]
    app = create_app(config)
    app.add_url_rule("/broken", "broken", open_to(PUBLIC)(_broken))
    with app.app_context():
        shutil.copytree(index, index_folder())
        db.engine.dispose()
    with served(app) as running:
        yield running
    with app.app_context():
        db.engine.dispose()


def _broken() -> str:
    raise LookupError("a fault of ours, made for the tests")


Opener = Callable[..., "BrowserContext"]


@pytest.fixture
def new_context(browser: Browser, site: Site) -> Iterator[Opener]:
    """Opens a new, watched context; afterwards none of them may have done what no page may do."""
    yield from _contexts(browser, site)


@pytest.fixture(scope="module")
def new_lasting_context(browser: Browser, site: Site) -> Iterator[Opener]:
    """The same, for all tests of a module."""
    yield from _contexts(browser, site)


def _contexts(browser: Browser, site: Site) -> Iterator[Opener]:
    from tests.browser.watching import Watch

    opened = []

    def open_one(**how: Any) -> BrowserContext:
        context = browser.new_context(**{"viewport": WIDE, "base_url": site.origin, **how})
        context.set_default_timeout(PATIENCE)
        context.watch = Watch(site.origin, scripted=how.get("java_script_enabled", True))  # type: ignore[attr-defined]
        context.watch.over(context)  # type: ignore[attr-defined]
        opened.append(context)
        return context

    yield open_one
    faults = [fault for context in opened for fault in context.watch.faults]
    for context in opened:
        context.close()
    assert faults == []


@pytest.fixture
def page(new_context: Opener) -> Page:
    """An employer's browser, as it comes."""
    return new_context().new_page()
