"""The ten thousand made-up files are asked for by name: `make corpus` or `pytest -m corpus`."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves them out of a run that did not ask for them."""
    if "corpus" in config.option.markexpr:
        return
    left_out = pytest.mark.skip(reason="ten thousand files take minutes: make corpus, or pytest -m corpus")
    for item in items:
        if item.get_closest_marker("corpus"):
            item.add_marker(left_out)
