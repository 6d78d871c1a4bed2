"""Who may open which page. Every route names its audience; a route that names none is open to nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import validate_csrf
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse
from wtforms import ValidationError

from skillsmatch.accounts import sign_ins
from skillsmatch.accounts.desks import desks_of, room_of_page
from skillsmatch.accounts.models import Account, SignIn
from skillsmatch.accounts.roles import Role
from skillsmatch.clock import now
from skillsmatch.database import write
from skillsmatch.extensions import db, login

View = TypeVar("View", bound=Callable[..., Any])


class Public:
    """The audience of a page that anybody may open. There is one: PUBLIC."""

    def __repr__(self) -> str:
        return "PUBLIC"


PUBLIC: Final = Public()
Audience = Public | frozenset[Role]
SIGNED_IN = tuple(Role)  # whoever has an account
# What an account that must have a second step can open before it has one.
TO_SET_UP = ("accounts.second_step", "accounts.second_step_picture")
NOT_SHOWN = re.compile(r"password|^code$|token|^next$", re.IGNORECASE)  # of what was sent while signed out
TOUCH_EVERY = 60  # seconds; how often a sign-in's last use is written down


def open_to(*audience: Role | Public) -> Callable[[View], View]:
    """Names whom a view is for: `@open_to(Role.PROVIDER, Role.CHAMBER)`, `@open_to(*SIGNED_IN)`, `@open_to(PUBLIC)`.

    Anybody else is turned away before the view runs: signed out, to the sign-in page; with another role, with 403.
    """
    named = _audience(audience)

    def mark(view: View) -> View:
        view.audience = named  # type: ignore[attr-defined]
        return view

    return mark


def blueprint_open_to(blueprint: Blueprint, *audience: Role | Public) -> Blueprint:
    """Names whom every view of the blueprint is for, where the view itself names nobody."""
    blueprint.audience = _audience(audience)  # type: ignore[attr-defined]
    return blueprint


def _audience(given: tuple[Role | Public, ...]) -> Audience:
    if PUBLIC in given:
        return PUBLIC
    if not given:
        raise ValueError("a view is open to PUBLIC, or to one role or more")
    return frozenset(map(Role, given))  # type: ignore[arg-type]


def audience_of(app: Flask, endpoint: str) -> Audience | None:
    """Whom this endpoint is for; None where nobody was named, and so nobody is let in."""
    if endpoint == "static":
        return PUBLIC
    own = getattr(app.view_functions[endpoint], "audience", None)
    blueprint = app.blueprints.get(endpoint.rpartition(".")[0])
    return own if own is not None else getattr(blueprint, "audience", None)


def current_account() -> Account | None:
    """The account signed in here; None where nobody is, or where the sign-in or the account has ended."""
    return current_user._get_current_object() if current_user and current_user.is_authenticated else None


def protect(app: Flask) -> None:
    """Binds all of this to `app`. Called before the forms' own protection, so that a lapsed sign-in is told as such."""
    login.init_app(app)
    login.session_protection = (
        None  # the sign-in's own row decides; an address that changes on a train must not
    )
    login.user_loader(_account_of)
    app.before_request(_turn_away)
    app.after_request(_note_use)
    app.context_processor(lambda: {"signed_in": _for_the_page(), "desks_of": desks_of, "room_of_page": room_of_page})


def _account_of(secret: str) -> Account | None:
    row = sign_ins.of_secret(secret)
    return row.account if row else None


def _for_the_page() -> Account | None:
    """For the head of a page: an error page is drawn without its database, too."""
    try:
        return current_account()
    except SQLAlchemyError:
        db.session.rollback()
        return None


def _turn_away() -> Any:
    if request.endpoint is None:
        return None
    audience = audience_of(current_app, request.endpoint)
    if audience is PUBLIC:
        return None
    account = current_account()
    if account is None:
        return _to_sign_in()
    if not isinstance(audience, frozenset) or not account.has(*audience):
        return render_template("accounts/not_for_you.html", audience=audience, account=account), 403
    if account.needs_second_step and not account.has_second_step and request.endpoint not in TO_SET_UP:
        return redirect(url_for("accounts.second_step"), 303)
    return None


def _to_sign_in() -> BaseResponse | tuple[str, int]:
    """Reading leads to the sign-in page and back; what was sent is not kept, and the page says so."""
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)
    from skillsmatch.accounts.forms import SignInForm

    page = {"form": SignInForm(formdata=None), "lost": True, "sent": _what_was_sent(), "next": ""}
    return render_template("accounts/sign_in.html", **page), 401


def _what_was_sent() -> list[tuple[str, str]]:
    """What the person typed, to be copied; nothing secret. Nothing where it was not one of our forms that sent it."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return []
    return [
        (name.replace("_", " "), value)
        for name, value in request.form.items(multi=True)
        if value.strip() and not NOT_SHOWN.search(name)
    ]


def safe_next(given: str | None) -> str:
    """A path of ours to go on to, or "" for anything else: another site must not be reached through our sign-in.

    The path must be one that a page of ours answers, and is handed back as it was matched.
    """
    given = given or ""
    if not given.startswith("/") or given.startswith("//") or "\\" in given or not given.isprintable():
        return ""
    try:
        parts = urlsplit(given)
        if parts.scheme or parts.netloc:
            return ""
        adapter = current_app.create_url_adapter(request)
        adapter.match(parts.path, method="GET")  # type: ignore[union-attr]
    except (HTTPException, ValueError):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _note_use(response: Response) -> Response:
    """Notes once a minute that the sign-in is in use, and keeps a signed-in person's page out of shared caches.

    The one thing that a GET writes: the time in this browser's own sign-in row, and no other.
    """
    account = _for_the_page() if request.endpoint != "static" else None
    if account is None:
        return response
    response.headers.setdefault("Cache-Control", "no-store")
    try:
        row = sign_ins.current()
        if row and (now() - row.last_seen_at).total_seconds() >= TOUCH_EVERY:
            number = row.id
            write(wait=0)  # a load may hold the turn for long; the next page will note it
            db.session.execute(update(SignIn).where(SignIn.id == number).values(last_seen_at=now()))
            db.session.commit()
    except (SQLAlchemyError, RuntimeError):
        db.session.rollback()
    return response
