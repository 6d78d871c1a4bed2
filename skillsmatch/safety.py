"""What every answer carries and every request must meet: headers, host names, cookies, error pages."""

from __future__ import annotations

import json
import logging
from typing import Any

import click
from flask import (
    Flask,
    Response,
    abort,
    current_app,
    has_request_context,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse

from skillsmatch.database import LARGEST_ID, NotSaved
from skillsmatch.extensions import db

log = logging.getLogger(__name__)

LOOPBACK = ["127.0.0.1", "localhost"]  # on any port; Werkzeug cannot compare a bracketed IPv6 name
SHORT_KEY = 32  # characters; 128 random bits as hex, the least that is not worth guessing
BROWSER_ONLY = (
    "private, no-cache"  # kept for the Back button by the one browser that asked, and by nobody else
)
RETRY_AFTER = "5"  # seconds
MOST_DRAINED = (
    60_000_000  # bytes of a file too large that are read and dropped, so that the browser sees our answer
)
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class SettingsError(Exception):
    """A setting is missing or unusable; the words say which and what would be right."""


class RowInteger(IntegerConverter):
    """`<int:…>` in an address: a number that some row could have. A larger one makes a database stumble."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(map, *args, **{"max": LARGEST_ID, **kwargs})


def _refuse_nul() -> None:
    """No page of ours has a NUL in its address, and PostgreSQL does not take one for a text to look for."""
    if "\0" in request.path:
        abort(404)


class SessionCookie(SecureCookieSessionInterface):
    """`__Host-session` over https. On plain http, as on this machine's own address, `session` without Secure."""

    def get_cookie_name(self, app: Flask) -> str:
        """The cookie's name for this request."""
        return "__Host-session" if has_request_context() and request.is_secure else "session"

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the browser may send the cookie over https only."""
        return has_request_context() and request.is_secure

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Saves it. A page for one browser only need not vary by its cookie, or Back would fetch it anew."""
        super().save_session(app, session, response)
        if response.headers.get("Cache-Control") == BROWSER_ONLY:
            response.vary.discard("Cookie")


def make_safe(app: Flask) -> None:
    """Binds all of this to `app`. Refuses (SettingsError) to serve without a secret key."""
    _check_key(app)
    app.session_interface = SessionCookie()
    app.url_map.converters["int"] = RowInteger
    app.before_request(_refuse_nul)
    app.config["TRUSTED_HOSTS"] = [*LOOPBACK, *app.config["HOSTS"]]
    app.config["WTF_CSRF_SSL_STRICT"] = False  # need pages send no Referer; the token itself is checked
    if app.config["PROXIES"]:
        hops = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.after_request(_add_headers)
    app.register_error_handler(HTTPException, _show_error)
    app.register_error_handler(NotSaved, _show_unavailable)
    app.register_error_handler(OperationalError, _show_unavailable)
    app.register_error_handler(InterfaceError, _show_unavailable)
    app.register_error_handler(500, _show_fault)


def _check_key(app: Flask) -> None:
    key = app.config.get("SECRET_KEY") or ""
    if not key and click.get_current_context(silent=True) is None:
        raise SettingsError("SKILLSMATCH_SECRET_KEY is not set. Give it a long random value, and keep it.")
    if key and len(key) < SHORT_KEY and not app.testing and not app.config["DEMO"]:
        log.warning(
            "SKILLSMATCH_SECRET_KEY has %d characters; use %d random ones or more.", len(key), SHORT_KEY
        )


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-cache" if response.status_code == 200 else "no-store")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """An error as a program reads it (RFC 9457), in the words that a person would get."""
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    answer = Response(json.dumps(told, ensure_ascii=False), status, mimetype="application/problem+json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _for_a_program() -> bool:
    return request.path.startswith("/api/")


PROBLEMS = {  # what a program is told, where nothing says more
    404: "There is nothing at this address. /api/v1/openapi.json lists every address.",
    405: "This address does not take that method. /api/v1/openapi.json says which it takes.",
    413: "The body is too large.",
    500: "Something went wrong on our side. It has been noted.",
    503: "The service cannot answer just now. Try again in a few seconds.",
}


def _show_error(error: HTTPException) -> tuple[str, int] | HTTPException | BaseResponse:
    if error.code is None or error.code < 400:
        return error
    if error.code == 404 and (address := _without_slash()):
        return redirect(address, 308)
    if _for_a_program():
        return problem(error.code, error.name, PROBLEMS.get(error.code) or error.description or error.name)
    again = _page_above() if isinstance(error, CSRFError) else ""
    return render_template("pages/error.html", code=error.code, again=again), error.code


def _page_above() -> str:
    """The nearest address, this one or one above it, at which there is a page: where the form or button stood."""
    path, addresses = request.path, current_app.create_url_adapter(request)
    while path and addresses is not None:
        try:
            endpoint, values = addresses.match(path, "GET")
            return url_for(endpoint, **values)
        except HTTPException:
            path = path.rpartition("/")[0]
    return url_for("pages.home")


def _without_slash() -> str | None:
    """The page meant by an address that no page has for the slash at its end. Only for a look, never for a post."""
    if request.routing_exception is None or request.method not in ("GET", "HEAD"):
        return None
    try:
        endpoint, values = current_app.create_url_adapter(request).match(request.path.rstrip("/"))  # type: ignore[union-attr]
    except HTTPException:
        return None
    # Built from the page found and not from what was typed: "//elsewhere.example/" must not lead elsewhere.
    asked = request.query_string.decode("utf-8", "replace")
    return url_for(endpoint, **values) + (f"?{asked}" if asked else "")


def _show_unavailable(_error: Exception) -> tuple[str, int, dict[str, str]] | Response:
    db.session.rollback()
    log.exception("the database did not answer")
    if _for_a_program():
        answer = problem(503, "Service Unavailable", PROBLEMS[503])
        answer.headers["Retry-After"] = RETRY_AFTER
        return answer
    return render_template("pages/error.html", code=503, again=""), 503, {"Retry-After": RETRY_AFTER}


def _show_fault(_error: Exception) -> tuple[str, int] | Response:
    if _for_a_program():
        return problem(500, "Internal Server Error", PROBLEMS[500])
    return render_template("pages/error.html", code=500, again=""), 500


def drain() -> None:
    """Reads on a while: a browser whose file nobody reads shows that the connection broke, and not our words."""
    left, stream = MOST_DRAINED, request.environ["wsgi.input"]
    whole = request.content_length or 0
    while left > 0 and whole > 0:
        part = stream.read(min(1 << 16, whole))
        if not part:
            return
        left, whole = left - len(part), whole - len(part)
