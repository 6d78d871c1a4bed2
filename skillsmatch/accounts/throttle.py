"""How often somebody may try: counted by account and by network, and the network's address is not kept."""

from __future__ import annotations

import hmac
import logging
import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.errors import StorageError

from skillsmatch.accounts.keys import key_for
from skillsmatch.clock import today
from skillsmatch.extensions import limiter
from skillsmatch.throttle import network

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limit:
    """So many tries of one thing for one account, and for one network."""

    name: str
    by_account: RateLimitItem
    by_network: RateLimitItem


PASSWORDS = Limit("password", parse("10 per 15 minutes"), parse("50 per 15 minutes"))  # wrong ones only
CODES = Limit("code", parse("5 per 15 minutes"), parse("50 per 15 minutes"))  # wrong ones only
MAILS = Limit("mail", parse("3 per hour"), parse("20 per hour"))


def seconds_to_wait(limit: Limit, account: str) -> int:
    """0 where another try is open; else the seconds until one is."""
    try:
        return max(_wait(item, key) for item, key in _counted(limit, account))
    except StorageError as error:  # a counter that is away must not lock everybody out
        log.warning("tries are not counted: %s", type(error).__name__)
        return 0


def _wait(item: RateLimitItem, key: tuple[str, str]) -> int:
    if limiter.limiter.test(item, *key):
        return 0
    return max(1, math.ceil(limiter.limiter.get_window_stats(item, *key).reset_time - time.time()))


def count(limit: Limit, account: str) -> None:
    """Counts one try."""
    try:
        for item, key in _counted(limit, account):
            limiter.limiter.hit(item, *key)
    except StorageError as error:
        log.warning("tries are not counted: %s", type(error).__name__)


def _counted(limit: Limit, account: str) -> list[tuple[RateLimitItem, tuple[str, str]]]:
    return [
        (limit.by_account, (limit.name, _hidden(f"account {account.strip().lower()}"))),
        (limit.by_network, (limit.name, _hidden(f"network {network()}"))),
    ]


def _hidden(words: str) -> str:
    """A key that says nothing of whom it counts, and is another one tomorrow."""
    return hmac.new(key_for(f"limits of {today()}"), words.encode("utf-8", "replace"), "sha256").hexdigest()[
        :32
    ]


def wait_words(seconds: int) -> str:
    """The wait as a page says it."""
    minutes = math.ceil(seconds / 60)
    return (
        f"Too many tries. Please wait {'a minute' if minutes < 2 else f'{minutes} minutes'}, then try again"
    )
