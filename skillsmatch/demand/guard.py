"""What a page may read. Every route is kept from employers' rows unless it is named here as one that needs them.

A page for colleges that asks for a need, a signal or an employer gets an error instead of an answer, whoever
wrote it and however: the statement is stopped on its way to the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import Blueprint, Flask, current_app, has_request_context, request
from sqlalchemy import event

from skillsmatch.extensions import db

View = TypeVar("View", bound=Callable[..., Any])

# Tables with a row for an employer, for what it asked, for what it was shown, for what it agreed to share,
# or for where the Chamber put it.
OF_EMPLOYERS = (
    "demand_signal",
    "employer_key",
    "need",
    "facet",
    "need_match",
    "correction",
    "consent",
    "chamber_consent",
    "lead",
    "lead_reply",
    "cohort_notice",
    "alert_hit",
    "need_group",
    "grouped_facet",
    "filed_need",
    "employer_pair",
    "merged_employer",
    "gathered_file",
    "survey_row",
    "gathered_need",
    "known_business",
    "quote_consent",
    "quote",
    "unmet_case",
    "case_note",
    "case_event",
    "case_referral_lead",
    "new_fit",
    "fit_batch",
    "fit_mail",
    "told_offer",
    "ambassador_answer",
)
# Tables that point to a need and may be read all the same: because its employer agreed, checked as they are read.
BY_CONSENT: tuple[str, ...] = ("published_quote",)
NAMES_ONE = re.compile(
    rf"""(?<![\w.])["`\[]?(?:\w+["`\]]?\.["`\[]?)?({"|".join(OF_EMPLOYERS)})["`\]]?(?!\w)""", re.I
)
STRINGS = re.compile(r"'(?:[^']|'')*'")

_blueprints: dict[str, str] = {}  # name, and why it may


class ReadsEmployers(RuntimeError):
    """A page that may read releases only asked for an employer's rows. A fault of ours: nothing is shown."""


def may_read_employers(blueprint: Blueprint, because: str) -> Blueprint:
    """Every view of the blueprint may read employers' rows. Only for employers' own pages and for officers'."""
    _blueprints[blueprint.name] = because
    return blueprint


def reads_employers(view: View) -> View:
    """Marks one view as allowed to; the innermost decorator. The rest of its blueprint stays kept from them."""
    view.reads_employers = True  # type: ignore[attr-defined]
    return view


def is_kept_from_employers(app: Flask, endpoint: str | None) -> bool:
    """True for every endpoint that was not allowed, an unknown one included."""
    if endpoint is None:
        return True
    parts = endpoint.split(".")[:-1]
    if any(part in _blueprints for part in parts):
        return False
    return not getattr(app.view_functions.get(endpoint), "reads_employers", False)


def tables_named(statement: str) -> set[str]:
    """The employers' tables that a statement names, in whatever quotes; not those within its strings."""
    return {found.lower() for found in NAMES_ONE.findall(STRINGS.sub("''", statement))}


def keep_from_employers(app: Flask) -> None:
    """Stops, on the app's database, every statement of a kept page that names an employers' table.

    The engine keeps no app: where many are made in one process, each would stay for ever.
    """

    def look(_c: Any, _cursor: Any, statement: str, _p: Any, _ctx: Any, _many: bool) -> None:
        if has_request_context() and is_kept_from_employers(current_app, request.endpoint):
            named = tables_named(statement)
            if named:
                raise ReadsEmployers(f"{request.endpoint} asked for {', '.join(sorted(named))}")

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", look)


@contextmanager
def statements(app: Flask) -> Iterator[list[tuple[str | None, str]]]:
    """Notes every statement with the endpoint that sent it, for tests and the attack suite."""
    seen: list[tuple[str | None, str]] = []

    def note(_c: Any, _cursor: Any, statement: str, _p: Any, _ctx: Any, _many: bool) -> None:
        seen.append((request.endpoint if has_request_context() else None, statement))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
