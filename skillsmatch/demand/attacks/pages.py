"""Attacks through the service's own pages, files and API: whatever routes there are, for whoever may read them
(D4, D9 and D10). A route that is built later is attacked from the day it is in the URL map."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import Context
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.routing import AnyConverter, Rule
from werkzeug.test import TestResponse

from skillsmatch.accounts.access import PUBLIC, audience_of
from skillsmatch.accounts.roles import Role
from skillsmatch.area.areas import Area
from skillsmatch.clock import now, standing_at, today
from skillsmatch.database import keep
from skillsmatch.demand import guard, lattice, published
from skillsmatch.demand.attacks.suite import Findings
from skillsmatch.demand.attacks.world import Score
from skillsmatch.demand.employers import employer_key
from skillsmatch.demand.signals import Coded, add_signal, make_countable

Readers = Mapping[str, FlaskClient]  # a signed-in browser for each role, and one for nobody

OFFICERS = frozenset({Role.CHAMBER, Role.ADMIN})
CANARY = "zebrafinchery"  # a word that no page has by itself
ONE_USE = re.compile(r'(name="(?:csrf_token|token)"[^>]*value=")[^"]*"')
TURNED_AWAY = (303, 403)
SOME = 8  # of the questions each eighth
HEADERS = ("ETag", "Last-Modified", "Content-Length", "Location", "Link")
ASKED_FOR = (
    *(f"{name}={value}" for name in ("by", "group_by", "dimensions", "table") for value in (
        "employer", "employer_key_id", "theme,sector,district", "theme-by-sector-by-district", "demand_signal",
        "record_key",
    )),
    *(f"{name}={value}" for name in ("sort", "order", "order_by") for value in ("count", "record_key", "-employers")),
    *(f"period={value}" for value in (
        "live", "today", "2026-11-01..2026-11-02", "last-30-days", "2020Q1", "9999Q4",
    )),
    "theme=CON-BRICK&theme=CON-ROOF", "district=E06000016&district=E07000129", "theme=*", "district=%25",
    "from=2026-01-01&to=2026-01-02", "radius=1&lat=52.6&lon=-1.1", "exact=1", "raw=1", "threshold=1", "base=1",
    "noise=0", "min=1", "debug=1", "draft=1", "state=draft", "release=1", "release_id=1", "preview=1",
    "format=json", "format=csv", "q=%27%20OR%201%3D1--",
    "theme=%27%20UNION%20SELECT%20record_key%20FROM%20employer_key--",
    "page=-1", "page=999999999999999999999", "limit=0", "limit=1", "fields=employer_key.digest",
)  # fmt: skip


class Ask(NamedTuple):
    """One request of a reader: an address, and what is sent to it as a form where it answers to one."""

    where: str
    form: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """As the report lists it."""
        return f"POST {self.where}" if self.form else self.where

    def send(self, client: FlaskClient, question: str = "") -> TestResponse:
        """The answer to it, with a question more in its address, or in its form where it has one."""
        if not self.form:
            more = f"{'&' if '?' in self.where else '?'}{question}" if question else ""
            return _apart(client.get, f"{self.where}{more}")
        page = _apart(client.get, self.where).get_data(as_text=True)
        tokens = re.findall(r'name="(csrf_token|token)"[^>]*value="([^"]*)"', page)
        data = MultiDict([*tokens, *self.form, *parse_qsl(question)])
        return _apart(
            client.post, self.where, data=data, headers={"Referer": f"http://localhost{self.where}"}
        )


def attack_pages(
    findings: Findings,
    app: Flask,
    area: Area,
    readers: Readers,
    values: Mapping[str, Any],
    more: Sequence[Ask] = (),
) -> None:
    """Every GET route for every reader, and the forms that are answered without being stored: before and after a known
    search, with addresses tampered with, and with a canary in a need's words. `values` are what the routes' parameters
    may be; `more` are forms, and addresses of the same routes with other parameters. Refused: nothing."""
    routes = [(rule, Ask(where)) for rule, where in addresses(app, values)]
    by_address = {rule.rule: rule for rule, _ in routes}
    forms = [(by_address[ask.where], ask) for ask in more if ask.form]
    everything = [ask for _, ask in routes] + list(more)
    findings.routes = [ask.words for _, ask in (*routes, *forms)]
    theirs = for_officers(app, routes)
    findings.add("ours", "D4", before_and_after(app, area, readers, everything, theirs))
    routes += forms
    findings.add("ours", "D9", tampering(app, area, readers, routes, findings, theirs))
    findings.add("ours", "D10", side_channels(app, readers, everything, theirs))


def for_officers(app: Flask, routes: Sequence[tuple[Rule, Ask]]) -> frozenset[str]:
    """Addresses of the officers' exact pages, which may change with every search: open to officers and
    administrators alone, and named as reading employers' rows. Everybody else is turned away there, and is tried."""
    return frozenset(
        ask.where
        for rule, ask in routes
        if isinstance(audience := audience_of(app, rule.endpoint), frozenset)
        and audience <= OFFICERS
        and not guard.is_kept_from_employers(app, rule.endpoint)
    )


def addresses(app: Flask, values: Mapping[str, Any]) -> Iterator[tuple[Rule, str]]:
    """An address for each GET route; a parameter that `values` does not know gets something of its shape."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        known = {name: values.get(name, of_its_shape(rule, name)) for name in rule.arguments}
        for name, converter in rule._converters.items():
            if isinstance(converter, AnyConverter) and known[name] not in converter.items:
                known[name] = of_its_shape(rule, name)
        with app.test_request_context():
            yield rule, app.url_for(rule.endpoint, **known)


def of_its_shape(rule: Rule, name: str) -> int | str:
    """A value that the route takes for this parameter: the first of its list, 1 for a number, else a letter."""
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if "Int" in type(converter).__name__ else "x"


def before_and_after(
    app: Flask, area: Area, readers: Readers, routes: Sequence[Ask], theirs: frozenset[str] = frozenset()
) -> Score:
    """D4: every page is read, an employer is known to search, every page is read again.

    Certain: an answer or one of its headers changed, or a statement of a page kept from employers named them, so
    that its time could depend on them.
    """
    score = Score()
    # A page that shows the minute must not seem to tell of a search.
    with guard.statements(app) as seen, standing_at(now()):
        first = {key: traces(answer) for key, answer in _all(readers, routes, theirs)}
        again = {key: traces(answer) for key, answer in _all(readers, routes, theirs)}
        _known_search(area)
        _say(app, "bricklayer who can lay a straight wall")
        after = {key: traces(answer) for key, answer in _all(readers, routes, theirs)}
    for key in first:
        score.tried += 1
        # A page that changes by itself tells nothing by changing; what did not change must not change now.
        score.certain += first[key] == again[key] and after[key] != again[key]
    score.certain += sum(
        guard.is_kept_from_employers(app, endpoint) and bool(guard.tables_named(statement))
        for endpoint, statement in seen
        if endpoint is not None
    )
    return score


def _all(
    readers: Readers, routes: Sequence[Ask], theirs: frozenset[str]
) -> Iterator[tuple[tuple[str, Ask], TestResponse]]:
    for reader, client in readers.items():
        for ask in routes:
            if reader == Role.ADMIN.words and ask.where in theirs:
                continue
            yield (reader, ask), ask.send(client)


def _apart(ask: Callable[..., TestResponse], where: str, **how: Any) -> TestResponse:
    """One request in a context of its own, as from another machine: the caller's session and tokens are not its."""
    return Context().run(ask, where, buffered=True, **how)


def traces(answer: TestResponse) -> tuple[object, ...]:
    """All that a reader can keep of an answer, without the tokens that are new each time."""
    body = answer.get_data()
    text = ONE_USE.sub(r'\1"', body.decode("utf-8", "replace"))
    return answer.status_code, text, *(answer.headers.get(name) for name in HEADERS)


def _known_search(area: Area) -> None:
    """An employer asks for something rare, with a confirmed e-mail, as the attacker happens to know."""
    coded = Coded(
        theme=list(lattice.theme_groups())[-1],
        theme_confirmed=True,
        soc_guessed="",
        soc_confirmed="",
        sic_section="U",
        district=next(iter(area.districts)),
        level=8,
        need_kind="htq",
        who_for="",
        size_band="250+",
        people=17,
        outcome="none-fits",
        reasons=["bad-experience"],
    )

    def ask() -> None:
        key = employer_key("owner@known-to-the-attacker.example", "known")
        make_countable(add_signal(key, coded, today(), "web", suspect=False), key)

    keep(ask)


def tampering(
    app: Flask,
    area: Area,
    readers: Readers,
    routes: Sequence[tuple[Rule, Ask]],
    findings: Findings,
    theirs: frozenset[str] = frozenset(),
) -> Score:
    """D9: combinations that are not in the lattice, ranges of dates, orders, drafts, names of columns.

    Certain: a table comes out that is not published, or a page reads employers' rows. A fault of the service
    gives nothing away, but it is said.
    """
    score = Score()
    with guard.statements(app) as seen:
        for number, (reader, client) in enumerate(readers.items()):
            for turn, (rule, ask) in enumerate(routes):
                if number and audience_of(app, rule.endpoint) is PUBLIC:
                    continue  # the first reader has tried it, and it is the same for everybody
                if reader == Role.ADMIN.words and ask.where in theirs:
                    continue  # it shows exact numbers anyway, and whatever is asked of it
                begun = len(seen)
                turned_away = ask.send(client).status_code in TURNED_AWAY
                reads_releases = any("release" in statement for _, statement in seen[begun:])
                # Every question where releases are read. Some of them, begun with another one at each address, where
                # a reader is turned away before anything is asked, and where no release is looked at.
                step = 1 if reads_releases and not turned_away and not ask.form else SOME
                for question in ASKED_FOR[turn % step :: step]:
                    answer = ask.send(client, question)
                    score.tried += 1
                    if answer.status_code == 500:
                        findings.said.append(
                            f"{reader} got an error of ours from {ask.words} with {question}"
                        )
    score.certain += sum(
        endpoint is not None
        and guard.is_kept_from_employers(app, endpoint)
        and bool(guard.tables_named(statement))
        for endpoint, statement in seen
    )
    for period, name in _unpublished():
        score.tried += 1
        try:
            published.read_table(area, period, name)
        except published.NoSuchTable:
            continue
        score.certain += 1
    return score


def _unpublished() -> Iterator[tuple[str, str]]:
    """Tables that nobody published, of periods that have a release and of others."""
    from skillsmatch.demand.releases import all_releases

    dimensions = [spec.dimensions[0] for spec in lattice.ONE_WAY]
    standing = all_releases()
    for release in standing:
        for size in (2, 3):
            for some in combinations(dimensions, size):
                if "-by-".join(some) not in lattice.SPECS:
                    yield release.period, "-by-".join(some)
        if release.kind == "quarter":
            yield from ((release.period, spec.name) for spec in (*lattice.TWO_WAY, lattice.PEOPLE))
        if release.state != "published":
            yield from ((release.period, name) for name in lattice.SPECS)
    for period in ("", "live", "2026", "2026Q5", "2025Q1'--", "%", "1", "2019-04-01..2019-04-02"):
        if period not in {release.period for release in standing}:
            yield from ((period, name) for name in lattice.SPECS)
    for name in (
        "employer_key",
        "demand_signal",
        "theme; DROP TABLE release",
        "",
        "%",
        "need",
        "offer",
        "provider",
    ):
        yield from ((release.period, name) for release in standing)


def side_channels(
    app: Flask, readers: Readers, routes: Sequence[Ask], theirs: frozenset[str] = frozenset()
) -> Score:
    """D10: an employer's words and name, said through the form, are looked for in everybody else's pages, in
    suggestions, in the log, in files beside the database. Certain: they are found."""
    score = Score()
    with _log() as lines:
        _say(app, f"{CANARY} keeper for {CANARY}s", CANARY)
        for _, answer in _all(readers, routes, theirs):
            score.tried += 1
            head = " ".join(f"{k}: {v}" for k, v in answer.headers.items())
            score.certain += CANARY.encode() in answer.data or CANARY in head
    score.tried += len(lines)
    score.certain += sum(CANARY in line for line in lines)
    for file in _files(app):
        score.tried += 1
        score.certain += CANARY.encode() in file.read_bytes()
    return score


def _say(app: Flask, words: str, name: str = "known-to-the-attacker") -> None:
    """Fills in the form for a need, where there is one, as an employer would, and looks at the first offer shown."""
    if not any(rule.rule == "/needs/new" for rule in app.url_map.iter_rules()):
        return
    employer = app.test_client()
    page = _apart(employer.get, "/needs/new").get_data(as_text=True)
    hidden = dict(re.findall(r'name="(csrf_token|token)"[^>]*value="([^"]*)"', page))
    said = {"text": words, "business_name": f"{name} Ltd", "email": f"owner@{name}.example"}
    referer = {"Referer": "http://localhost/needs/new"}
    answer = _apart(employer.post, "/needs/new", data=hidden | said, headers=referer)
    if answer.status_code != 303:
        raise RuntimeError(f"the form took no need: {answer.status_code}")
    results = _apart(employer.get, answer.location).get_data(as_text=True)
    opening = re.search(r'action="([^"]*/matches/\d+/open)"', results)
    if opening:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', results)
        data = {"csrf_token": token[1]} if token else {}
        opened = _apart(employer.post, opening[1], data=data, headers=referer)
        if opened.status_code != 303:
            raise RuntimeError(f"the first offer could not be opened: {opened.status_code}")


def _files(app: Flask) -> Iterator[Path]:
    """Files of the service apart from its database and its outgoing mail, which is addressed to the employer."""
    folder, mail = Path(app.config["DATA_DIR"]), Path(app.config["MAIL_DIR"])
    for file in sorted(folder.rglob("*")):
        if file.is_file() and mail not in file.parents and ".sqlite" not in file.name:
            yield file


@contextmanager
def _log() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
