"""Many clients send many forms over HTTP, some of them twice; what came back is kept, to be held against the tables.

Each form is opened by itself, with a cookie and a one-use token of its own. A form that is sent twice is sent with
the same cookie and token: half of the repeats at the same moment (a double click), half at any time (back, reload).
"""

from __future__ import annotations

import http.client
import os
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask

from tests.needs.journey import fields_of

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 8
WORKERS = 2  # of gunicorn
REPEATED = 5  # one post in this many is a repeat
TRIES = 20  # posts of one form while the answer is 503: a person presses again
TIMEOUT = 60.0  # seconds for one answer, on a busy machine
SKILLS = ("Forklift licence", "MIG welding and first aid", "English for packers; Sage accounts", "Excel")


@dataclass(frozen=True)
class Answer:
    """One answer of the service, as far as this needs it."""

    status: int
    location: str
    cookie: str
    body: str

    def get_data(self, as_text: bool = True) -> str:
        """The page, under the name that the reader of forms calls it by."""
        return self.body


@dataclass(frozen=True)
class Form:
    """One opened form, filled in."""

    number: int
    cookie: str
    body: str


@dataclass(frozen=True)
class Sent:
    """What one client saw of one post: the statuses until it was taken, the page it led to, the needs on that."""

    number: int
    statuses: tuple[int, ...]
    place: str = ""
    facets: int = 0
    fault: str = ""


@dataclass
class Tally:
    """What all clients saw. `places`: for each form, every page that its posts led to."""

    posts: int
    seconds: float
    statuses: Counter[int] = field(default_factory=Counter)
    places: dict[int, list[str]] = field(default_factory=dict)
    facets: dict[str, int] = field(default_factory=dict)  # for each page: the needs shown on it
    faults: list[str] = field(default_factory=list)

    def add(self, sent: Sent) -> None:
        """Counts one post in."""
        self.statuses.update(sent.statuses)
        if sent.fault:
            self.faults.append(sent.fault)
        if sent.place:
            self.places.setdefault(sent.number, []).append(sent.place)
            self.facets[sent.place] = sent.facets

    def __str__(self) -> str:
        answers = sum(map(len, self.places.values()))
        return (
            f"{self.posts} posts from {CLIENTS} clients in {self.seconds:.0f} s: {dict(self.statuses)}; "
            f"{len(self.places)} forms, {answers - len(self.places)} repeats absorbed, "
            f"{len(self.facets)} pages, {sum(self.facets.values())} needs on them"
        )


def ask(port: int, method: str, path: str, body: str = "", cookie: str = "") -> Answer:
    """One request on a connection of its own."""
    headers = {"Cookie": cookie} if cookie else {}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        set_cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        text = answer.read().decode()
        return Answer(answer.status, answer.getheader("Location") or "", set_cookie, text)
    finally:
        connection.close()


def words(number: int) -> str:
    """What form `number` asks for; its number stands in it, so that its page can be told from all others."""
    return f"{SKILLS[number % len(SKILLS)]}, for our crew no{number:05}"


def open_form(port: int, number: int) -> Form:
    """Opens a form and fills it in."""
    page = ask(port, "GET", "/needs/new")
    assert page.status == 200, page.status
    fields = fields_of(page) | {"text": words(number), "people": str(number % 9 + 1)}  # type: ignore[arg-type]
    return Form(number, page.cookie, urlencode(fields, doseq=True))


def in_order(forms: list[Form], posts: int, chooser: random.Random) -> list[Form]:
    """The forms and their repeats in the order they are sent: `posts` in all, each form at least once."""
    repeats = [chooser.choice(forms) for _ in range(posts - len(forms))]
    later, at_once = repeats[::2], Counter(form.number for form in repeats[1::2])
    order = forms + later
    chooser.shuffle(order)
    doubled: list[Form] = []
    for form in order:
        doubled += [form] * (1 + at_once.pop(form.number, 0))
    return doubled


def send(port: int, form: Form) -> Sent:
    """Sends a form until it is taken, and looks at the page it leads to."""
    statuses: list[int] = []
    answer = None
    while len(statuses) < TRIES and (answer is None or answer.status == 503):
        answer = ask(port, "POST", "/needs/new", form.body, form.cookie)
        statuses.append(answer.status)
    assert answer is not None
    if answer.status != 303:
        return Sent(form.number, tuple(statuses), fault=f"form {form.number}: {answer.status}")
    page = ask(port, "GET", answer.location, cookie=form.cookie)
    shows = page.status == 200 and f"no{form.number:05}" in page.body
    return Sent(
        form.number,
        tuple(statuses),
        place=answer.location,
        facets=page.body.count('<section class="facet"'),
        fault="" if shows else f"{answer.location} of form {form.number}: {page.status}",
    )


def run(port: int, posts: int, seed: int = 2) -> Tally:
    """Opens four fifths of `posts` forms and sends them, with the repeats, from all clients at once."""
    started = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        forms = list(clients.map(lambda n: open_form(port, n), range(posts - posts // REPEATED)))
        order = in_order(forms, posts, random.Random(seed))
        all_sent = list(clients.map(lambda form: send(port, form), order))
    tally = Tally(posts, time.monotonic() - started)
    for sent in all_sent:
        tally.add(sent)
    return tally


@contextmanager
def gunicorn(app: Flask) -> Iterator[int]:
    """The service on `app`'s database and data folder, as it is run in earnest; yields its port."""
    config = app.config
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("SKILLSMATCH_")
    } | {
        "DATABASE_URL": config["SQLALCHEMY_DATABASE_URI"],
        "SKILLSMATCH_SECRET_KEY": config["SECRET_KEY"],
        "SKILLSMATCH_DATA_DIR": config["DATA_DIR"],
    }
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        port, handle = listening.getsockname()[1], listening.fileno()
        command = [sys.executable, "-m", "gunicorn"]
        command += ["-w", str(WORKERS), "-b", f"fd://{handle}", "wsgi:app"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[handle])
    try:
        yield port
    finally:
        server.terminate()
        server.wait(30)
