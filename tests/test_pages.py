"""The pages that need no form, the error pages, the health checks, and what every page and macro promises."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, abort, render_template, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DataList,
    Form,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
)

from skillsmatch import pages
from skillsmatch.accounts.access import PUBLIC, open_to
from skillsmatch.area.kinds import Kind
from skillsmatch.database import NotSaved
from skillsmatch.extensions import db
from skillsmatch.offers import indexing

PLAIN = ["/", "/about", "/privacy", "/accessibility", "/kinds", "/offers"]
LONGEST_SENTENCE = 25  # words; the house style
VOID = {
    "area",
    "base",
    "br",
    "col",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "wbr",
    "path",
    "rect",
    "option",
}
STYLES = Path(pages.__file__).parent / "static" / "skillsmatch.css"


class Page(HTMLParser):
    """A page taken apart: its elements with attributes, and the text of each paragraph-like element."""

    BLOCKS = ("p", "li", "h1", "h2", "h3", "h4", "dt", "dd", "title", "label", "legend")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: list[tuple[str, str]] = []
        self._open: list[tuple[str, list[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in self.BLOCKS:
            self._open.append((tag, []))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BLOCKS and self._open:
            name, parts = self._open.pop()
            assert name == tag, f"</{tag}> closes <{name}>"
            self.blocks.append((tag, " ".join("".join(parts).split())))

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1][1].append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]

    def texts(self, tag: str) -> list[str]:
        return [text for name, text in self.blocks if name == tag]

    def by_id(self, name: str) -> dict[str, str | None]:
        return next(attrs for _, attrs in self.elements if attrs.get("id") == name)


def check(html: str) -> Page:
    """The page, taken apart, once it has kept what every page promises."""
    page = Page(html)
    ids = Counter(a["id"] for _, a in page.elements if "id" in a)
    assert not [name for name, count in ids.items() if count > 1], "an id stands twice"
    assert page.all("html") == [{"lang": "en-GB"}]
    assert not page.all("script")
    assert not page.all("style")
    for _, attrs in page.elements:
        assert "style" not in attrs
        assert not [name for name in attrs if name.startswith("on")]
        for name in ("for", "aria-describedby", "aria-labelledby"):
            for wanted in (attrs.get(name) or "").split():
                assert wanted in ids, f"{name} names {wanted}, which is not on the page"
    for attrs in page.all("img"):
        assert "alt" in attrs
    for attrs in [*page.all("img"), *page.all("link"), *page.all("form")]:
        assert not re.match(
            r"(https?:)?//|data:", attrs.get("src") or attrs.get("href") or attrs.get("action") or ""
        )
    labelled = {attrs.get("for") for attrs in page.all("label")}
    for tag in ("input", "select", "textarea"):
        for attrs in page.all(tag):
            assert attrs.get("type") in ("hidden", "submit") or attrs.get("id") in labelled, (
                f"{attrs} has no label"
            )
    levels = [int(name[1]) for name, _ in page.elements if re.fullmatch(r"h[1-6]", name)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels
    return page


def get(client: FlaskClient, address: str, status: int = 200) -> Page:
    answer = client.get(address)
    assert answer.status_code == status
    return check(answer.get_data(as_text=True))


# Every page ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PLAIN)
def test_every_page_is_whole_and_says_where_it_is(client: FlaskClient, address: str) -> None:
    page = get(client, address)

    assert page.texts("title")[0].endswith(" – skillsmatch")
    assert {"class": "skip-link", "href": "#main"} in page.all("a")
    assert page.by_id("main")["tabindex"] == "-1"
    assert {"/privacy", "/accessibility", "/about", "/needs/new", "/offers", "/kinds"} <= {
        a.get("href") for a in page.all("a")
    }


@pytest.mark.parametrize("address", PLAIN)
def test_no_page_sets_a_cookie_or_runs_to_more_than_a_hundred_kilobytes(
    client: FlaskClient, address: str
) -> None:
    answer = client.get(address)

    assert "Set-Cookie" not in answer.headers
    assert len(answer.data) + STYLES.stat().st_size < 100_000


@pytest.mark.parametrize("address", [*PLAIN, "/no-such-page"])
def test_no_sentence_is_longer_than_people_read(client: FlaskClient, address: str) -> None:
    page = Page(client.get(address).get_data(as_text=True))

    sentences = [s for _, text in page.blocks for s in re.split(r"(?<=[.!?:])\s+", text)]

    assert len(sentences) > 10
    assert not [s for s in sentences if len(s.split()) > LONGEST_SENTENCE]


def test_the_menu_marks_the_page_one_is_on(client: FlaskClient) -> None:
    page = get(client, "/kinds")

    assert [a["href"] for a in page.all("a") if a.get("aria-current") == "page"] == ["/kinds"]


def test_home_leads_to_the_form_and_shows_how_people_ask(client: FlaskClient) -> None:
    page = get(client, "/")

    assert [a["href"] for a in page.all("a") if "start" in (a.get("class") or "")] == ["/needs/new"]
    assert len(page.all("q")) == 3


def test_the_kinds_page_explains_every_kind(client: FlaskClient) -> None:
    page = get(client, "/kinds")

    for kind in Kind:
        words = kind.words
        assert page.by_id(kind)["aria-labelledby"] == f"{kind}-name"
        assert {words.name} <= set(page.texts("h2"))
        for said in (words.about, words.suits, words.who_pays, words.route_in, words.length):
            assert " ".join(said.split()) in page.texts("p")


def test_privacy_tells_what_is_kept_for_how_long_and_how_to_complain(client: FlaskClient) -> None:
    words = client.get("/privacy").get_data(as_text=True)

    for said in (
        "12 months",
        "East Midlands Chamber",
        "ico.org.uk",
        "withdraw",
        "cookie",
        "full postcode",
        "35 days",
    ):
        assert said in words


# Errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 410, 413, 418, 422, 429, 500, 503])
def test_every_error_has_a_page_in_plain_words(app: Flask, client: FlaskClient, code: int) -> None:
    app.add_url_rule("/fails", view_func=open_to(PUBLIC)(lambda: abort(code)))

    page = get(client, "/fails", status=code)

    assert f"Error {code}" in page.texts("p")
    assert "What to do" in page.texts("h2")
    assert page.all("meta")[-1] == {"name": "robots", "content": "noindex"}
    assert not [
        s for _, t in page.blocks for s in re.split(r"(?<=[.!?:])\s+", t) if len(s.split()) > LONGEST_SENTENCE
    ]


def test_a_fault_of_ours_shows_no_trace_of_it(app: Flask, client: FlaskClient) -> None:
    def fault() -> str:
        raise ValueError("the inner workings")

    app.add_url_rule("/fails", view_func=open_to(PUBLIC)(fault))
    app.config["PROPAGATE_EXCEPTIONS"] = False

    answer = client.get("/fails")

    assert answer.status_code == 500
    assert "inner workings" not in check(answer.get_data(as_text=True)).texts("p")


@pytest.mark.parametrize(
    "error", [NotSaved(), OperationalError("SELECT 1", {}, Exception("database is locked"))]
)
def test_a_database_that_is_away_says_that_nothing_is_lost(
    app: Flask, client: FlaskClient, error: Exception
) -> None:
    def away() -> str:
        raise error

    app.add_url_rule("/fails", view_func=open_to(PUBLIC)(away))

    answer = client.get("/fails")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Nothing that was saved before is lost" in answer.get_data(as_text=True)


def test_an_error_page_is_drawn_without_its_database(app: Flask, client: FlaskClient) -> None:
    # given a database that refuses every question
    def refuse(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", refuse)

    # then a page that needs it says so, and one that does not is whole
    get(client, "/offers", status=503)
    get(client, "/about")
    get(client, "/no-such-page", status=404)


def test_a_form_without_its_protection_is_told_why(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context("/"):
        page = check(render_template("pages/error.html", code=400, again="/account"))

    assert "open for a long time" in " ".join(page.texts("p"))
    assert "CSRF" not in " ".join(page.texts("p"))


def test_a_strange_host_name_is_answered_in_words(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert "evil.example" not in answer.get_data(as_text=True)


# Health --------------------------------------------------------------------------------------------------------


def _refuse_all(app: Flask) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", refuse)


def test_alive_asks_no_database(app: Flask, client: FlaskClient) -> None:
    _refuse_all(app)

    assert client.get("/livez").status_code == 200


def test_ready_needs_the_database(app: Flask, client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 200

    _refuse_all(app)
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.get_json() == {"database": "not ready", "index": "not asked"}


def test_ready_says_whether_there_is_an_index(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given an empty catalogue, then one with an index
    assert client.get("/readyz").get_json() == {"database": "ok", "index": "no offers yet"}
    with monkeypatch.context() as found:
        found.setattr(indexing, "open_index", lambda: object())
        assert client.get("/readyz").get_json() == {"database": "ok", "index": "ok"}

    # when there are offers and no index
    monkeypatch.setattr(pages, "_has_offers", lambda: True)
    answer = client.get("/readyz")

    # then it is not ready, and says what to do
    assert answer.status_code == 503
    assert "flask offers index" in answer.get_json()["index"]


def test_ready_holds_no_lock_afterwards(app: Flask, client: FlaskClient) -> None:
    from skillsmatch.database import keep

    assert client.get("/readyz").status_code == 200

    with app.app_context():
        assert keep(lambda: "my turn") == "my turn"


# Form fields ---------------------------------------------------------------------------------------------------


class Fields(Form):
    """One field of each sort."""

    text = TextAreaField("What do you need?", [validators.DataRequired("Say what you need")])
    postcode = StringField("Postcode", [validators.Regexp("^LE", message="Start with LE")])
    who = RadioField(
        "Who for?",
        [validators.InputRequired("Say who")],
        choices=[SelectChoice("a", "Old"), SelectChoice("b", "New")],
    )
    days = SelectMultipleField(
        "Days", choices=[SelectChoice("mon", "Monday"), SelectChoice("tue", "Tuesday")]
    )
    level = SelectField("Level", choices=[SelectChoice("", "Not sure"), SelectChoice("2", "Level 2")])
    sector = StringField("Sector", datalist=DataList(choices=["Food", "Steel"]))
    host = BooleanField("We can host")


FORM = """
{% extends "base.html" %}
{% from "macros/forms.html" import error_summary, area_field, text_field, choice_field, ticks_field, tick_field,
   select_field, datalist_field, submit with context %}
{% block title %}A form{% endblock %}
{% block main %}
{{ error_summary(form) }}
<form method="post" novalidate>
{{ area_field(form.text, hint="In your words", large=True) }}
{{ text_field(form.postcode, hint="LE1", width=10, autocomplete="postal-code", inputmode="text") }}
{{ choice_field(form.who, hint="Choose one", inline=True) }}
{{ ticks_field(form.days, hint="Any of them") }}
{{ select_field(form.level) }}
{{ datalist_field(form.sector, hint="Start typing", autocomplete="off") }}
{{ tick_field(form.host, hint="For T Levels") }}
{{ submit("Send") }}{{ submit("Other", secondary=True, name="go", value="b") }}
</form>
{% endblock %}
"""


def draw(app: Flask, template: str, **values: Any) -> Page:
    with app.test_request_context("/"):
        return check(render_template_string(template, **values))


def filled(**values: Any) -> Fields:
    form = Fields(MultiDict(values))
    form.validate()
    return form


def test_an_empty_form_ties_each_hint_to_its_field(app: Flask) -> None:
    page = draw(app, FORM, form=Fields())

    assert page.by_id("text")["aria-describedby"] == "text-hint"
    assert page.by_id("who")["aria-describedby"] == "who-hint"
    assert page.by_id("days")["aria-describedby"] == "days-hint"
    assert page.by_id("host")["aria-describedby"] == "host-hint"
    assert "aria-describedby" not in page.by_id("level")
    assert page.by_id("sector")["list"] == page.all("datalist")[0]["id"]
    assert page.by_id("postcode")["autocomplete"] == "postal-code"
    assert "aria-invalid" not in {name for _, attrs in page.elements for name in attrs}
    assert "There is a problem" not in page.texts("h2")
    assert page.texts("title") == ["A form – skillsmatch"]


def test_each_error_is_in_the_summary_and_on_its_field(app: Flask) -> None:
    # given a form sent with a wrong postcode and little else
    page = draw(app, FORM, form=filled(postcode="zz", days="mon", level=""))

    # then the summary comes first, takes the focus and links to the first control of each wrong field
    summary = next(attrs for _, attrs in page.elements if attrs.get("class") == "error-summary")
    assert summary["role"] == "alert"
    assert summary["tabindex"] == "-1"
    assert "autofocus" in summary
    targets = [a["href"] for a in page.all("a") if (a.get("href") or "").startswith("#") and "class" not in a]
    assert targets == ["#text", "#postcode", "#who-0"]
    assert all(page.by_id(t.removeprefix("#")) for t in targets if t)
    # and the same words stand at the field, tied to it
    assert page.by_id("text")["aria-describedby"] == "text-hint text-error"
    assert page.by_id("postcode")["aria-invalid"] == "true"
    assert page.by_id("who")["aria-invalid"] == "true"
    assert "Error: Start with LE" in page.texts("p")
    assert page.texts("title") == ["Error: A form – skillsmatch"]
    # and what was typed is still there
    assert page.by_id("postcode")["value"] == "zz"
    assert "checked" in page.by_id("days-0")
    assert "checked" not in page.by_id("days-1")


def test_what_is_typed_cannot_become_markup(app: Flask) -> None:
    with app.test_request_context("/"):
        html = render_template_string(
            FORM, form=filled(text="</textarea><script>x</script>", postcode='"><script>')
        )

    assert "<script" not in html
    check(html)


# Cards ---------------------------------------------------------------------------------------------------------

CARD = """
{% extends "base.html" %}
{% from "macros/cards.html" import offer_card %}
{% block title %}Cards{% endblock %}
{% block main %}<h1>Cards</h1><h2>Found</h2>{{ offer_card(card, actions=actions) }}{% endblock %}
"""


def test_a_card_with_its_title_alone_is_whole(app: Flask) -> None:
    page = draw(app, CARD, card={"title": "MIG welding"}, actions=None)

    assert "MIG welding" in page.texts("h3")
    assert page.texts("dt") == []
    assert page.texts("h4") == []


def test_a_card_sets_what_fits_apart_from_what_to_check(app: Flask) -> None:
    # given a card with everything
    card = {
        "title": "MIG welding",
        "url": "/offers/1",
        "kind_name": "Short course",
        "level_words": "Level 2",
        "provider": "Leicester College",
        "provider_ukprn": 10003867,
        "place_words": "Hinckley, 6 km away",
        "start_words": "Monday 4 January 2027",
        "cost_words": "About £700 for 2 people",
        "cost_rule": "You pay the price.",
        "cost_source": "the provider",
        "cost_as_at": "2026-11-23",
        "cost_notes": ["VAT may be added."],
        "matched": ["welding", "MIG"],
        "gaps": ["6 km farther than you said", "does not mention TIG"],
        "how_to": "Book with the provider.",
        "marks": ["Changed since you searched"],
        "demonstration": True,
    }

    # when it is drawn
    page = draw(app, CARD, card=card, actions="<b>not markup</b>")

    # then each part has words of its own, so that colour is not needed
    assert page.texts("h4") == ["Why it fits", "What to check"]
    assert page.texts("dt") == ["Level", "Where", "Starts", "Cost to you"]
    cost = page.texts("dd")[-1]
    assert "About £700 for 2 people" in cost
    assert "rules as at Monday 23 November 2026" in cost
    assert "Ask the provider to confirm" in cost
    words = " ".join(text for _, text in page.blocks)
    for said in (
        "Why this much",
        "Book with the provider.",
        "6 km farther",
        "TIG",
        "VAT may be added",
        "Changed since you searched",
        "Demonstration data",
    ):
        assert said in words
    assert {"href": "/providers/10003867"} in page.all("a")
    assert not page.all("b")


def test_a_pager_keeps_the_filters(app: Flask) -> None:
    template = '{% from "macros/layout.html" import pager with context %}{{ pager("offers.browse", listing, filters) }}'
    listing = SimpleNamespace(page=2, pages=3)

    with app.test_request_context("/"):
        page = Page(render_template_string(template, listing=listing, filters={"kind": "esol"}))

    assert [a["href"] for a in page.all("a")] == ["/offers?page=1&kind=esol", "/offers?page=3&kind=esol"]


# Colours -------------------------------------------------------------------------------------------------------


def _palettes() -> dict[str, dict[str, str]]:
    css = STYLES.read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#\w{6});", b)) for b in re.findall(r":root \{(.*?)\}", css, re.S)[:2]
    )
    return {"light": light, "dark": {**light, **dark}}


def _brightness(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_brightness(one), _brightness(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(scheme: str) -> None:
    colours = _palettes()[scheme]
    grounds = {
        "ink": ("paper", "card", "good-ground", "warn-ground", "bad-ground"),
        "soft": ("paper", "card"),
        "link": ("paper", "card", "good-ground", "warn-ground"),
        "visited": ("paper", "card", "good-ground", "warn-ground"),
        "brand-ink": ("brand",),
        "band-ink": ("band",),
        "sun-ink": ("sun",),
        "good": ("good-ground", "card"),
        "warn": ("warn-ground",),
        "bad": ("paper", "card", "bad-ground"),
    }

    low = [(t, g) for t, some in grounds.items() for g in some if _contrast(colours[t], colours[g]) < 4.5]

    assert low == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_borders_of_fields_and_one_colour_of_the_focus_ring_stand_out(scheme: str) -> None:
    colours = _palettes()[scheme]

    for ground in ("paper", "card"):
        assert _contrast(colours["edge"], colours[ground]) >= 3
    for ground in ("paper", "card", "band", "brand", "bad-ground", "sun"):
        ring = max(_contrast(colours[c], colours[ground]) for c in ("focus", "sun"))
        assert ring >= 3


def test_the_stylesheet_fetches_nothing() -> None:
    css = STYLES.read_text(encoding="utf-8")

    assert "url(" not in css
    assert "@import" not in css
