"""The service as it stands behind a real address: protection against forged forms on, faults shown as pages."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import TestResponse

from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.models import Need
from tests.needs.journey import fields_of, say


class _Quiet(WSGIRequestHandler):
    """Answers without a line for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Says nothing."""


@dataclass
class Site:
    """A running service, and a second way in by which a test brings about the state it wants to look at."""

    app: Flask
    server: BaseWSGIServer
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    @property
    def origin(self) -> str:
        """The scheme, host and port that every request has to go to."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def endpoint(self, url: str) -> str:
        """The endpoint that a GET of this address reaches; empty where there is none."""
        try:
            path = url.removeprefix(self.origin).partition("?")[0].partition("#")[0]
            return self.app.url_map.bind("127.0.0.1").match(path, method="GET")[0]
        except HTTPException:
            return ""

    def say(self, text: str, **answers: Any) -> str:
        """Says a need; returns the path of its page."""
        return f"/needs/{say(self.client, text, **answers)}"

    def send(self, path: str, form_at: str = "", **answers: Any) -> TestResponse:
        """Sends the form that stands at `form_at` (else at `path`) to `path`, as it is but for `answers`."""
        fields = fields_of(self.client.get(form_at or path))
        return self.client.post(path, data=fields | answers)

    def link(self, path: str, kind: str) -> str:
        """The path of the newest private link, "verify" or "manage", in the mail about the need at `path`."""
        with self.app.app_context():
            need = db.session.scalars(select(Need).where(Need.reference == path.rsplit("/", 1)[-1])).one()
            mails = select(MailMessage.body).where(MailMessage.to_address == need.email)
            bodies = db.session.scalars(mails.order_by(MailMessage.id)).all()
            return re.findall(rf"/needs/{kind}/[\w-]+", bodies[-1])[0]

    def change(self, work: Callable[[], None]) -> None:
        """Does `work` on the tables, as another program would."""
        with self.app.app_context():
            work()
            db.session.commit()
            db.session.remove()

    @contextmanager
    def without_an_index(self) -> Iterator[None]:
        """As it is before the first load: a need is kept and nothing is searched."""
        with patch("skillsmatch.needs.search.open_index", return_value=None):
            yield

    @contextmanager
    def with_a_full_disk(self) -> Iterator[None]:
        """As it is while nothing can be saved."""
        full = OperationalError("COMMIT", None, Exception("disk full"))
        with patch.object(db.session, "commit", side_effect=full):
            yield


@contextmanager
def served(app: Flask) -> Iterator[Site]:
    """The application on a free port of this machine, until the end of the block."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(app, server)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
