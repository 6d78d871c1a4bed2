"""Whole addresses for mails, with and without a request."""

from __future__ import annotations

from flask import current_app, has_request_context, request

HERE = "http://127.0.0.1:8000"  # what `make run` opens; a command knows no better without a setting


def absolute(endpoint: str, **values: str) -> str:
    """A page's whole address: on BASE_URL where it is set, else on the address of this request."""
    base = current_app.config["BASE_URL"] or (request.host_url if has_request_context() else HERE)
    return base.rstrip("/") + current_app.url_map.bind("any.invalid").build(endpoint, values)
