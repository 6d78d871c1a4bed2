"""Two officers at one moment: each waits for the other in its work, unless one has to let the other go first."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest


def meet_in(patched: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Has both wait for each other before `module.name` is called; where the second cannot come, the first goes on."""
    both, real = threading.Barrier(2), getattr(module, name)

    def once_both_are_here(*given: Any, **more: Any) -> Any:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=1)
        return real(*given, **more)

    patched.setattr(module, name, once_both_are_here)


def both(first: Callable[[], int], second: Callable[[], int]) -> list[int]:
    """The two answers."""
    with ThreadPoolExecutor(2) as pool:
        return [answer.result() for answer in (pool.submit(first), pool.submit(second))]
