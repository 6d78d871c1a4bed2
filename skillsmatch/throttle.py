"""How often one address may do a thing. No address is kept: only a digest of its network, which changes every day."""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from ipaddress import ip_address, ip_network

from flask import current_app, request
from limits import parse_many

from skillsmatch.clock import today
from skillsmatch.extensions import limiter

NETWORK = {4: 24, 6: 56}  # bits of an address that count: about one firm's or one household's


def network_key() -> str:
    """The digest of the asking network, made with today's key; the same for every address of that network."""
    try:
        address = ip_address((request.remote_addr or "").partition("%")[0])
        network = str(ip_network(f"{address}/{NETWORK[address.version]}", strict=False))
    except ValueError:
        network = "unknown"
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, f"network\n{today()}\n{network}".encode(), hashlib.sha256).hexdigest()[:32]


def seconds_to_wait(what: str, limits: str) -> int:
    """0 where this network may do `what` once more, which is then counted; else how long until it may.

    `limits` as Flask-Limiter writes them: "30/minute;600/hour".
    """
    if not limiter.enabled:
        return 0
    key = network_key()
    for item in parse_many(limits):
        if not limiter.limiter.hit(item, what, key):
            until = limiter.limiter.get_window_stats(item, what, key).reset_time
            return max(1, math.ceil(until - time.time()))
    return 0
