"""An employer for the tests: fills in the form as a browser would, hidden fields and all."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class _Fields(HTMLParser):
    """The values of a page's form fields, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes in one field."""
        a = dict(attrs)
        name = a.get("name") or ""
        if tag == "input" and a.get("type") in ("checkbox", "radio"):
            if "checked" in a:
                self.values.setdefault(name, []).append(a.get("value", "on"))
        elif tag == "input" and name:
            self.values[name] = a.get("value") or ""
        elif tag == "textarea":
            self._area = name
            self.values[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in a or self._select not in self.values):
            self.values[self._select] = a.get("value", "")

    def handle_data(self, data: str) -> None:
        """Takes in what stands in a text box."""
        if self._area:
            self.values[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        """Ends a text box or a list."""
        if tag == "textarea" and self._area:
            self.values[self._area] = self.values[self._area].lstrip("\r\n")
            self._area = None
        elif tag == "select":
            self._select = None


def fields_of(page: TestResponse) -> dict[str, Any]:
    """The page's form as it would be sent."""
    parser = _Fields()
    parser.feed(page.get_data(as_text=True))
    return parser.values


def send(client: FlaskClient, **answers: Any) -> TestResponse:
    """Opens the form, fills it in and sends it."""
    return client.post("/needs/new", data=fields_of(client.get("/needs/new")) | answers)


def say(client: FlaskClient, text: str, **answers: Any) -> str:
    """Says a need and returns its reference."""
    answer = send(client, text=text, **answers)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location.rsplit("/", 1)[-1]


def plain(page: TestResponse) -> str:
    """The words of a page, without its marks."""
    from html import unescape

    body = re.sub(r"(?s)<(style|script).*?</\1>", " ", page.get_data(as_text=True))
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
