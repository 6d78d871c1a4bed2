"""What every answer carries and every request must meet; each test walks every route, so a new one is covered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import settings
from flask import Flask, url_for
from flask.testing import FlaskClient
from needs.journey import say
from sqlalchemy import select
from werkzeug.routing import AnyConverter, Rule
from werkzeug.test import TestResponse

from config import Config
from skillsmatch import create_app
from skillsmatch.accounts.access import PUBLIC, open_to
from skillsmatch.accounts.roles import Role
from skillsmatch.database import Base, NotSaved
from skillsmatch.demand.attacks.pages import of_its_shape
from skillsmatch.extensions import csrf, db
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.offers.models import Offer
from skillsmatch.safety import SettingsError, make_safe
from tests.accounts.signing import sign_in

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@pytest.fixture
def values(service: Flask, visitor: FlaskClient) -> dict[str, Any]:
    """What the routes' parameters may be: one real need with an e-mail, one real offer."""
    reference = say(visitor, "someone who can weld and fix the fork lift", email="owner@firm.example")
    with service.app_context():
        need = db.session.scalars(select(Need).where(Need.reference == reference)).one()
        facet = db.session.scalars(select(Facet).where(Facet.need_id == need.id)).first()
        assert facet is not None
        match = db.session.scalars(select(NeedMatch).where(NeedMatch.facet_id == facet.id)).first()
        offer = db.session.scalars(select(Offer)).first()
        assert match is not None
        assert offer is not None
        mails = " ".join(db.session.scalars(select(MailMessage.body)))
        secret = re.search(r"/needs/verify/([\w.-]+)", mails)
        private = re.search(r"/needs/manage/([\w.-]+)", mails)
        assert secret is not None, mails
        assert private is not None, mails
        return {
            "reference": reference,
            "position": facet.position,
            "number": match.id,
            "offer_id": offer.id,
            "ukprn": offer.provider.ukprn,
            "secret": secret[1],
            "private": private[1],
            "filename": "skillsmatch.css",
            "form": "csv",
        }


def address(app: Flask, rule: Rule, values: dict[str, Any]) -> str:
    """The route's address; a parameter that `values` does not know gets something of its shape."""
    known = {name: values.get(name, of_its_shape(rule, name)) for name in rule.arguments}
    for name, converter in rule._converters.items():
        if isinstance(converter, AnyConverter) and known[name] not in converter.items:
            known[name] = of_its_shape(rule, name)
    if "secret" in known and "/manage/" in rule.rule:
        known["secret"] = values["private"]
    with app.test_request_context():
        return url_for(rule.endpoint, **known)


def routes(app: Flask, method: str) -> Iterator[Rule]:
    yield from (rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()))


def pages(
    app: Flask, client: FlaskClient, values: dict[str, Any], **how: Any
) -> Iterator[tuple[str, TestResponse]]:
    """Every page there is, and one there is not."""
    for rule in routes(app, "GET"):
        where = address(app, rule, values)
        yield where, client.get(where, buffered=True, **how)
    yield "/no-such-page", client.get("/no-such-page", buffered=True, **how)


def everything(app: Flask) -> dict[str, list[str]]:
    """Every row of every table."""
    with app.app_context():
        return {
            table.name: sorted(repr(tuple(row)) for row in db.session.execute(table.select()))
            for table in Base.metadata.sorted_tables
        }


@only_sqlite
def test_every_answer_carries_the_headers(
    service: Flask, visitor: FlaskClient, values: dict[str, Any]
) -> None:
    for where, answer in pages(service, visitor, values):
        assert answer.status_code in (200, 302, 303, 404), where
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, where
        assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer"), where
        assert answer.headers["Cache-Control"], where


@only_sqlite
def test_no_page_lets_a_script_an_inline_style_or_another_site_in(
    service: Flask, visitor: FlaskClient, values: dict[str, Any]
) -> None:
    for where, answer in pages(service, visitor, values):
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'", where
        assert {"frame-ancestors", "base-uri", "form-action"} <= policy.keys(), where
        allowed = set(" ".join(policy.values()).split())
        assert allowed <= {"'none'", "'self'"}, where
        if answer.mimetype == "text/html":
            page = answer.get_data(as_text=True)
            page = re.sub(r'<script type="application/ld\+json">[^<]*</script>', "", page)  # data, which nothing runs
            assert not re.search(r"<script|<style|\sstyle=|\son\w+=|<iframe|javascript:", page), where
            assert not re.search(r"""(src|href|action)=["']//""", page), where


@only_sqlite
def test_a_needs_own_pages_are_private(service: Flask, visitor: FlaskClient, values: dict[str, Any]) -> None:
    for rule in routes(service, "GET"):
        if {"reference", "secret"} & rule.arguments:
            answer = visitor.get(address(service, rule, values))
            assert answer.headers["Referrer-Policy"] == "no-referrer", rule
            assert answer.headers["Cache-Control"] == "no-store", rule
            assert "noindex" in answer.headers["X-Robots-Tag"], rule


def test_reading_every_page_leaves_the_database_as_it_was(
    service: Flask, visitor: FlaskClient, values: dict[str, Any]
) -> None:
    before = everything(service)

    seen = [where for where, _ in pages(service, visitor, values)]
    for where in seen:
        visitor.head(where, buffered=True)

    assert len(seen) > 15
    assert everything(service) == before


@only_sqlite
def test_nothing_is_changed_by_a_post_without_a_token(
    service: Flask, visitor: FlaskClient, values: dict[str, Any]
) -> None:
    service.config["WTF_CSRF_ENABLED"] = True
    before = everything(service)
    asked = list(routes(service, "POST"))
    for rule in asked:
        answer = visitor.post(
            address(service, rule, values), data={"text": "a forged need", "email": "a@b.example"}
        )
        if rule.endpoint == "needs.start":  # other sites send people here: it fills in a form, and changes nothing
            assert answer.status_code == 200
            continue
        over = (404,) if "<secret>" in rule.rule else ()  # a link that is none: there is nothing to change
        assert answer.status_code in (400, 401, 422, *over), f"{rule} took a post without a token"

    assert len(asked) > 8
    assert everything(service) == before


@only_sqlite
def test_over_plain_http_the_cookie_is_plain_and_nothing_demands_https(
    service: Flask, values: dict[str, Any]
) -> None:
    service.config["WTF_CSRF_ENABLED"] = True
    cookies = cookies_of(service, values, "http://127.0.0.1:9999")

    assert cookies
    for cookie in cookies:
        assert cookie.startswith("session=")
        assert "Secure" not in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    assert (
        service.test_client().get("/", base_url="http://127.0.0.1").headers.get("Strict-Transport-Security")
        is None
    )


@only_sqlite
def test_over_https_the_cookie_is_bound_to_this_host_and_https_is_demanded(
    service: Flask, values: dict[str, Any]
) -> None:
    service.config["WTF_CSRF_ENABLED"] = True
    cookies = cookies_of(service, values, "https://localhost")

    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-session=")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert "HttpOnly" in cookie
    secure = service.test_client().get("/", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def cookies_of(app: Flask, values: dict[str, Any], base_url: str) -> list[str]:
    found = []
    for rule in routes(app, "GET"):
        answer = app.test_client().get(address(app, rule, values), base_url=base_url, buffered=True)
        found += answer.headers.getlist("Set-Cookie")
    return found


@only_sqlite
def test_whoever_only_reads_gets_no_cookie(service: Flask, values: dict[str, Any]) -> None:
    service.config["WTF_CSRF_ENABLED"] = True
    without_a_form = 0
    for rule in routes(service, "GET"):
        answer = service.test_client().get(address(service, rule, values), buffered=True)
        if b"csrf_token" not in answer.get_data():
            without_a_form += 1
            assert not answer.headers.getlist("Set-Cookie"), rule

    assert without_a_form > 8


@only_sqlite
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9999", "localhost:8000"])
def test_this_machines_own_names_are_answered_on_any_port(
    service: Flask, visitor: FlaskClient, host: str
) -> None:
    assert visitor.get("/", headers={"Host": host}).status_code == 200


@only_sqlite
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000"])
def test_a_strange_host_name_is_refused(service: Flask, visitor: FlaskClient, host: str) -> None:
    for where in ("/", "/needs/new", "/offers"):
        answer = visitor.get(where, headers={"Host": host})
        assert answer.status_code == 400
        assert "evil" not in answer.get_data(as_text=True)


@only_sqlite
def test_a_host_name_from_the_settings_is_answered(service: Flask) -> None:
    config = settings(service.config["SQLALCHEMY_DATABASE_URI"], Path(service.config["DATA_DIR"]))
    config.HOSTS = ["skills.example.org"]
    client = create_app(config).test_client()

    assert client.get("/", base_url="https://skills.example.org").status_code == 200
    assert client.get("/", base_url="https://other.example.org").status_code == 400


@only_sqlite
def test_a_proxy_is_believed_only_as_far_as_the_settings_say(service: Flask) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "skills.example.org"}
    config = settings(service.config["SQLALCHEMY_DATABASE_URI"], Path(service.config["DATA_DIR"]))
    config.HOSTS = ["skills.example.org"]
    direct = create_app(config).test_client().get("/", headers=forwarded)
    config.PROXIES = 1
    behind = create_app(config).test_client().get("/", headers={**forwarded, "Host": "10.0.0.1"})

    assert "Strict-Transport-Security" not in direct.headers
    assert behind.status_code == 200
    assert "Strict-Transport-Security" in behind.headers


def test_a_service_without_a_secret_key_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SKILLSMATCH_SECRET_KEY"):
        create_app(Config({"DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite"}))


def test_a_short_secret_key_is_warned_about(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = Flask("short")
    app.config.from_object(
        Config({"DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite", "SKILLSMATCH_SECRET_KEY": "abc"})
    )
    make_safe(app)

    assert "3 characters" in caplog.text
    assert "abc" not in caplog.text


@only_sqlite
def test_a_database_that_cannot_save_is_answered_503_and_says_when_to_try_again(
    service: Flask, visitor: FlaskClient
) -> None:
    def full() -> str:
        raise NotSaved

    service.add_url_rule("/full", view_func=csrf.exempt(open_to(PUBLIC)(full)), methods=["POST"])

    answer = visitor.post("/full")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Traceback" not in answer.get_data(as_text=True)


@only_sqlite
def test_a_fault_of_ours_is_told_without_its_workings(service: Flask, visitor: FlaskClient) -> None:
    def broken() -> str:
        raise LookupError("SELECT secret FROM vault")

    service.add_url_rule("/broken", view_func=open_to(PUBLIC)(broken))
    service.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)

    answer = visitor.get("/broken")

    assert answer.status_code == 500
    assert answer.headers["Content-Security-Policy"]
    assert not re.search("SELECT|LookupError|Traceback|\\.py", answer.get_data(as_text=True))


@only_sqlite
def test_a_body_over_the_limit_is_refused_in_words(service: Flask, visitor: FlaskClient) -> None:
    answer = visitor.post("/needs/new", data={"text": "x" * (service.config["MAX_CONTENT_LENGTH"] + 1)})

    assert answer.status_code == 413
    assert answer.mimetype == "text/html"
    assert "Back button" in answer.get_data(as_text=True)


@only_sqlite
def test_a_method_no_route_knows_is_refused(service: Flask, visitor: FlaskClient) -> None:
    for method in ("TRACE", "DELETE", "PUT", "PATCH"):
        assert visitor.open("/", method=method).status_code == 405


@only_sqlite
def test_a_slash_too_many_leads_to_the_page_for_every_page(service: Flask, visitor: FlaskClient) -> None:
    pages = [r.rule for r in service.url_map.iter_rules() if "GET" in (r.methods or ()) and not r.arguments]
    assert len(pages) > 5
    for page in pages:
        if page == "/":
            continue
        for method in ("GET", "HEAD"):
            answer = visitor.open(f"{page}/?kind=course&kind=%C3%A9", method=method)
            assert (answer.status_code, answer.location) == (308, f"{page}?kind=course&kind=%C3%A9")


@only_sqlite
def test_a_slash_after_an_offer_leads_to_the_offer(visitor: FlaskClient) -> None:
    assert visitor.get("/offers/1/").location == "/offers/1"
    assert visitor.get("/offers/1/", follow_redirects=True).status_code == 200


@only_sqlite
def test_a_slash_too_many_leads_nowhere_else_and_posts_nothing(visitor: FlaskClient) -> None:
    for address in (
        "/nothing-here/",
        "/offers/none/",
        "/%2F%2Felsewhere.example/",
        "/%5C%5Celsewhere.example/",
    ):
        assert visitor.get(address).status_code == 404, address
    sent = visitor.get("/offers/1/?_external=1&_scheme=javascript&_anchor=x")
    assert sent.location == "/offers/1?_external=1&_scheme=javascript&_anchor=x"
    assert visitor.post("/needs/new/", data={"text": "welding"}).status_code == 404


@pytest.mark.parametrize("path", ["/alerts/stop/%00", "/needs/%00", "/invitations/%00"])
def test_a_nul_in_an_address_is_no_page(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404


@only_sqlite
def test_a_number_that_no_row_can_have_is_not_found(service: Flask) -> None:
    client, large = service.test_client(), "9" * 30
    sign_in(client, service, Role.PROVIDER, Role.COLLEGE, ukprn=10001234)

    assert client.post(f"/account/sign-ins/{large}/end").status_code == 404
    assert client.post(f"/needs/x/matches/{large}/open").status_code == 404
    for copied in (large, f"-{large}"):
        assert client.get(f"/provider/offers/new?copy={copied}").status_code == 404
