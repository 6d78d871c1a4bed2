"""The long runs are asked for by name: `make load`, `pytest -m load` or SKILLSMATCH_LOAD=1."""

from __future__ import annotations

import os

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skips what is marked `load`, unless it was asked for."""
    if os.environ.get("SKILLSMATCH_LOAD") == "1" or "load" in config.option.markexpr:
        return
    for item in items:
        if item.get_closest_marker("load"):
            item.add_marker(pytest.mark.skip(reason="a long run: make load"))
