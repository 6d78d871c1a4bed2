"""Whole addresses, for what is read elsewhere than on our pages: mails, feeds, open data."""

from __future__ import annotations

from typing import Any

from flask import current_app, has_request_context, url_for


class NoAddress(LookupError):
    """The service does not know its own address, so that no link can be put into a mail."""


def whole_address(endpoint: str, **values: Any) -> str:
    """A page's address with its host: on BASE_URL where it is set, else as this request was made.

    Raises NoAddress where there is neither: a link that leads to nowhere is worse than a mail that waits.
    """
    base: str = current_app.config["BASE_URL"]
    if base:
        return base + current_app.url_map.bind("").build(endpoint, values)
    if has_request_context():
        return url_for(endpoint, **values, _external=True)
    raise NoAddress("SKILLSMATCH_BASE_URL is not set, so no link can be put into a mail")
