"""Who may open which page: deny by default, and every route says whom it is for."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from skillsmatch.accounts.access import PUBLIC, audience_of, current_account, open_to, safe_next
from skillsmatch.accounts.audit import note
from skillsmatch.accounts.models import Account, AuditEntry, SignIn
from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.extensions import csrf, db
from tests.accounts.signing import enter, make_account, sign_in

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def desk(app: Flask) -> str:
    """A page for providers and the Chamber, one that takes a form, and one that names nobody."""
    app.add_url_rule("/desk", "desk", open_to(Role.PROVIDER, Role.CHAMBER)(lambda: "the desk"))
    sent = csrf.exempt(open_to(Role.PROVIDER)(lambda: "sent"))
    app.add_url_rule("/desk", "send", sent, methods=["POST"])
    app.add_url_rule("/forgotten-route", "forgotten_route", lambda: "open to nobody")
    return "/desk"


def test_every_route_names_its_audience(app: Flask) -> None:
    unnamed = [rule.rule for rule in app.url_map.iter_rules() if audience_of(app, rule.endpoint) is None]

    assert unnamed == []


def test_whole_blueprints_are_open_to_all_only_where_all_of_them_is_public(app: Flask) -> None:
    whole = {name for name, blueprint in app.blueprints.items() if getattr(blueprint, "audience", None) is PUBLIC}

    assert whole == {
        *("pages", "offers", "api", "developers", "educators", "ambassadors"),
        *("needs", "sharing", "helping", "quoting"),  # an employer's own need, by its page or its private link
    }


def test_a_role_opens_its_pages(app: Flask, client: FlaskClient, desk: str) -> None:
    sign_in(client, app, Role.PROVIDER, organisation="Forge Training", ukprn=10001234)

    answer = client.get(desk)

    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "the desk")


def test_one_of_several_roles_is_enough(app: Flask, client: FlaskClient, desk: str) -> None:
    sign_in(client, app, Role.COLLEGE, Role.PROVIDER)

    assert client.get(desk).status_code == 200


def test_signed_out_reading_leads_to_the_sign_in_page_and_back(client: FlaskClient, desk: str) -> None:
    answer = client.get(desk + "?page=2")

    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/desk?page%3D2"
    assert 'name="next" value="/desk?page=2"' in client.get(answer.location).get_data(as_text=True)


def test_what_is_sent_while_signed_out_is_told_to_be_lost(client: FlaskClient, desk: str) -> None:
    answer = client.post(desk, data={"title": "Welding"})

    assert answer.status_code == 401
    assert "not saved" in answer.get_data(as_text=True)
    assert "Sign in" in answer.get_data(as_text=True)


@only_sqlite
def test_what_was_typed_while_signed_out_can_be_copied_but_for_what_is_secret(
    app: Flask, client: FlaskClient, desk: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    form = client.get("/sign-in").get_data(as_text=True)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', form)[0]
    typed = {"title": "Welding", "postcode": "LE10 1AB", "code": "765432", "new_password": "violet anchors"}

    page = client.post(desk, data={**typed, "csrf_token": token}).get_data(as_text=True)

    assert [words in page for words in typed.values()] == [True, True, False, False]


def test_another_role_is_told_whom_the_page_is_for(app: Flask, client: FlaskClient, desk: str) -> None:
    sign_in(client, app, Role.COLLEGE, organisation="Soar College")

    answer = client.get(desk)

    assert answer.status_code == 403
    assert "Chamber officer or training provider" in answer.get_data(as_text=True)
    assert client.post(desk).status_code == 403


def test_a_route_that_names_nobody_is_open_to_nobody(app: Flask, client: FlaskClient, desk: str) -> None:
    assert client.get("/forgotten-route").status_code == 303

    for role in Role:
        sign_in(client, app, role)
        assert client.get("/forgotten-route").status_code == 403


def test_an_audience_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="PUBLIC"):
        open_to()
    assert open_to(PUBLIC)(lambda: "").audience is PUBLIC  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"ended_at": NOW}, "ended"),
        ({"last_seen_at": NOW - timedelta(minutes=30)}, "idle for half an hour"),
        ({"created_at": NOW - timedelta(hours=12)}, "twelve hours old"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_a_sign_in_that_is_over_opens_nothing(
    app: Flask, client: FlaskClient, desk: str, change: dict[str, object], what: str
) -> None:
    sign_in(client, app, Role.PROVIDER)
    assert client.get(desk).status_code == 200
    with app.app_context():
        keep(lambda: db.session.execute(update(SignIn).values(**change)))

    assert client.get(desk).status_code == 303, what


def test_a_disabled_account_is_signed_out_everywhere(app: Flask, client: FlaskClient, desk: str) -> None:
    sign_in(client, app, Role.PROVIDER)
    with app.app_context():
        keep(lambda: db.session.execute(update(Account).values(disabled_at=NOW)))

    assert client.get(desk).status_code == 303


def test_a_cookie_made_up_is_nobodys(app: Flask, client: FlaskClient, desk: str) -> None:
    make_account(app, Role.PROVIDER)
    for made_up in ("1", "", "x" * 500, "\ud800"):
        with client.session_transaction() as session:
            session["_user_id"] = made_up.encode("utf-8", "replace").decode()
        assert client.get(desk).status_code == 303


def test_reading_notes_the_use_of_the_sign_in_once_a_minute_and_nothing_else(
    app: Flask, client: FlaskClient, desk: str
) -> None:
    sign_in(client, app, Role.PROVIDER)

    def seen() -> list[object]:
        with app.app_context():
            return list(db.session.scalars(select(SignIn.last_seen_at)))

    for seconds, noted in ((59, 0), (60, 60), (100, 60), (120, 120)):
        app.config["CLOCK"] = lambda s=seconds: NOW + timedelta(seconds=s)
        assert client.get(desk).status_code == 200
        assert seen() == [NOW + timedelta(seconds=noted)]


def test_a_busy_database_does_not_keep_a_signed_in_reader_waiting(
    app: Flask, client: FlaskClient, desk: str
) -> None:
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        pytest.skip("only SQLite has one writer at a time")
    sign_in(client, app, Role.PROVIDER)
    app.config["CLOCK"] = lambda: NOW + timedelta(minutes=2)
    lock = Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///") + ".lock")
    import fcntl

    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert client.get(desk).status_code == 200
    with app.app_context():
        assert db.session.scalar(select(SignIn.last_seen_at)) == NOW


def test_a_signed_in_persons_page_is_not_kept_by_a_cache(app: Flask, client: FlaskClient) -> None:
    sign_in(client, app, Role.PROVIDER, name="Priya Nair")

    answer = client.get("/about")

    assert "Priya Nair" in answer.get_data(as_text=True)
    assert "Sign out" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_audit_log_names_who_was_signed_in(app: Flask, client: FlaskClient) -> None:
    number = sign_in(client, app, Role.PROVIDER, email="Pat@Forge.example")

    def act() -> str:
        keep(lambda: note("offer withdrawn", "offer 12", reason="a\nforged line\x00", count=3))
        account = current_account()
        return account.email if account else ""

    app.add_url_rule("/act", "act", csrf.exempt(open_to(Role.PROVIDER)(act)), methods=["POST"])
    assert client.post("/act").get_data(as_text=True) == "pat@forge.example"

    with app.app_context():
        entry = db.session.scalars(select(AuditEntry)).one()
        assert (entry.account_id, entry.who, entry.at) == (number, "pat@forge.example", NOW)
        assert (entry.action, entry.about) == ("offer withdrawn", "offer 12")
        assert entry.facts == '{"count": 3, "reason": "a forged line"}'


# --- where sign-in may lead ------------------------------------------------------------------------

OURS = ["/", "/offers?kind=esol", "/needs/new", "/account"]
HOSTILE = [
    "//evil.example", "///evil.example", "\\\\evil.example", "/\\evil.example", "/%09/evil.example", "/\t/evil.example",
    "https://evil.example", "https:evil.example", "http:/evil.example", "javascript:alert(1)", "data:text/html,x",
    "/offers\r\nSet-Cookie: a=b", "/offers\n", " /offers", "evil.example", "", "/nothing-here", "/%2F%2Fevil.example",
    "/offers/../..//evil.example", "?next=//evil.example", "/sign-out", "//", "/\x00", "/offers/%0d%0aX: y",
    "\u2028/offers",
]  # fmt: skip


@only_sqlite
@pytest.mark.parametrize("given", OURS)
def test_a_page_of_ours_may_follow_sign_in(app: Flask, given: str) -> None:
    with app.test_request_context("/"):
        assert safe_next(given) == given


@only_sqlite
def test_nothing_else_may_follow_sign_in(app: Flask) -> None:
    stems = ["evil.example", "/evil.example", "\\evil.example", "evil.example/offers", "@evil.example/"]
    before = ["//", "/\\", "\\/", "\\\\", "/%09/", "/%0a/", "/\t/", "https:", "https://", "hTTps:///", "http:\\\\",
              "\x00/",
              " //", "/ /", "//////", "/.//", "/..//", "javascript:", "data:", "/offers//..//", "\u2044\u2044", "／／",
              "/;@", "/?//", ":", "./", "../", "ftp://", "//user@", "/%5c", "/%2f", "/%2f%2f", "blob:",
              "\r\n/", "/\r\n"]  # fmt: skip
    payloads = [*HOSTILE, *(b + s + t for b in before for s in stems for t in ("", "/", "?a=b"))]

    assert len(payloads) >= 500
    with app.test_request_context("/"):
        for given in payloads:
            onward = safe_next(given)
            assert onward == "" or (onward.startswith("/") and onward[1:2] not in ("/", "\\")), given
            assert onward.partition("?")[0] in ("", "/", "/offers"), given


def test_sign_in_leads_only_to_ours(app: Flask, client: FlaskClient) -> None:
    enter(client, app, make_account(app, Role.PROVIDER))

    assert client.get("/sign-in?next=//evil.example").location == "/account"
    assert client.get("/sign-in?next=/offers").location == "/offers"
