"""How often one address may do a thing. No address is kept: only a digest of its network, which changes every day."""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import time
from ipaddress import ip_address, ip_network

from flask import current_app, request
from limits import parse_many
from limits.errors import StorageError

from skillsmatch.clock import today
from skillsmatch.extensions import limiter

log = logging.getLogger(__name__)

NETWORK = {4: 24, 6: 56}  # bits of an address that count: about one firm's or one household's


def network() -> str:
    """The network the request came from: /24 of IPv4, /56 of IPv6. It is counted under a digest and never kept."""
    try:
        address = ip_address((request.remote_addr or "").partition("%")[0])
        # Where one socket serves both kinds, IPv4 comes as ::ffff:203.0.113.7, and all of it has one first part.
        address = getattr(address, "ipv4_mapped", None) or address
        return str(ip_network(f"{address}/{NETWORK[address.version]}", strict=False))
    except ValueError:
        return "unknown"


def network_key() -> str:
    """The digest of the asking network, made with today's key; the same for every address of that network."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, f"network\n{today()}\n{network()}".encode(), hashlib.sha256).hexdigest()[:32]


def seconds_to_wait(what: str, limits: str) -> int:
    """0 where this network may do `what` once more, which is then counted; else how long until it may.

    `limits` as Flask-Limiter writes them: "30/minute;600/hour".
    """
    if not limiter.enabled:
        return 0
    key = network_key()
    try:
        for item in parse_many(limits):
            if not limiter.limiter.hit(item, what, key):
                until = limiter.limiter.get_window_stats(item, what, key).reset_time
                return max(1, math.ceil(until - time.time()))
    except StorageError as error:  # a counter that is away must not shut everybody out
        log.warning("requests are not counted: %s", type(error).__name__)
    return 0
