"""Signing in and out: the right words in, everything else out, and no second use of anything."""

from __future__ import annotations

import logging
from datetime import UTC

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from skillsmatch.accounts import passwords, signing_in
from skillsmatch.accounts.keys import unseal
from skillsmatch.accounts.models import Account, AuditEntry, SignIn
from skillsmatch.accounts.roles import Role
from skillsmatch.accounts.second_step import new_recovery_codes
from skillsmatch.accounts.throttle import network
from skillsmatch.database import keep
from skillsmatch.extensions import db
from tests.accounts.conftest import Clock
from tests.accounts.signing import PASSWORD, account, enter, live_sign_in, make_account

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EMAIL = "pat@forge.example"


@pytest.fixture
def pat(app: Flask) -> int:
    """A provider's account without a second step."""
    return make_account(app, Role.PROVIDER, email=EMAIL, name="Pat Forge")


@pytest.fixture
def officer(app: Flask) -> int:
    """A Chamber officer's account, with a second step."""
    return make_account(app, Role.CHAMBER, email="olu@chamber.example", organisation="Chamber")


def code_of(app: Flask, number: int, clock: Clock) -> str:
    with app.app_context():
        secret = unseal(account(number).totp_sealed)
    assert secret
    return pyotp.TOTP(secret).at(int(clock.time.replace(tzinfo=UTC).timestamp()))


def actions(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def first_step(client: FlaskClient, email: str = EMAIL, password: str = PASSWORD, **more: str) -> object:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def test_the_right_password_signs_in_and_is_noted(app: Flask, client: FlaskClient, pat: int) -> None:
    answer = client.post("/sign-in", data={"email": " PAT@Forge.example ", "password": PASSWORD})

    assert (answer.status_code, answer.location) == (303, "/provider")
    page = client.get("/account").get_data(as_text=True)
    assert "Pat Forge" in page
    with app.app_context():
        row = db.session.scalars(select(SignIn)).one()
        assert row.account_id == pat
        entry = db.session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.who, entry.account_id) == ("signed in", EMAIL, pat)


def test_a_person_goes_on_to_the_page_they_wanted(client: FlaskClient, pat: int) -> None:
    answer = client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": "/offers?kind=esol"})
    assert answer.location == "/offers?kind=esol"

    client.post("/sign-out")
    hostile = client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": "//evil.example"})
    assert hostile.location == "/provider"


@only_sqlite
@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "wrong words altogether"),
        ("nobody@forge.example", PASSWORD),
        ("no address", "x"),
        (EMAIL, " "),
    ],
)
def test_what_is_wrong_is_told_alike_and_the_email_is_kept(
    app: Flask, client: FlaskClient, pat: int, email: str, password: str
) -> None:
    answer = client.post("/sign-in", data={"email": email, "password": password})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "The e-mail or the password is not right" in page
    assert f'value="{email}"' in page
    assert password.strip() == "" or f'value="{password}"' not in page
    assert client.get("/account").status_code == 303
    assert actions(app) == ["sign-in refused"]


@only_sqlite
def test_an_empty_form_says_what_to_fill_in(client: FlaskClient) -> None:
    page = client.post("/sign-in", data={}).get_data(as_text=True)

    assert "Enter your e-mail address" in page
    assert "Enter your password" in page


@only_sqlite
def test_a_disabled_account_is_told_nothing_more(app: Flask, client: FlaskClient, pat: int) -> None:
    with app.app_context():
        keep(lambda: db.session.execute(update(Account).values(disabled_at=app.config["CLOCK"]())))

    answer = client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})

    assert "The e-mail or the password is not right" in answer.get_data(as_text=True)


@only_sqlite
def test_a_demonstrations_account_signs_in_only_in_a_demonstration(app: Flask, client: FlaskClient) -> None:
    make_account(app, Role.CHAMBER, email="show@demonstration.example", demonstration=True, second_step=False)

    def tried() -> int:
        return client.post(
            "/sign-in", data={"email": "show@demonstration.example", "password": PASSWORD}
        ).status_code

    assert tried() == 422
    app.config["DEMO"] = True
    assert tried() == 303
    assert "demonstration account" in client.get("/account").get_data(
        as_text=True
    )  # and no second step is asked

    app.config["DEMO"] = False  # the service becomes a real one while the browser is signed in
    assert client.get("/account").status_code == 303


def test_signing_in_gives_a_new_cookie_and_keeps_nothing_of_the_old(
    app: Flask, client: FlaskClient, pat: int
) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        session["_user_id"] = "known to somebody else"
        session["csrf_token"] = "known too"
    first_step(client)

    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["_user_id"] != "known to somebody else"
        assert session.get("csrf_token") != "known too"
        first = session["_user_id"]
    first_step(client)
    with client.session_transaction() as session:
        assert session["_user_id"] != first


def test_signing_out_ends_the_sign_in_wherever_its_cookie_is(
    app: Flask, client: FlaskClient, pat: int
) -> None:
    first_step(client)
    stolen = client.get_cookie("session")
    assert stolen is not None
    thief = app.test_client()
    thief.set_cookie("session", stolen.value)
    assert thief.get("/account").status_code == 200

    assert client.post("/sign-out").location == "/signed-out"

    assert client.get("/account").status_code == 303
    assert thief.get("/account").status_code == 303
    assert actions(app) == ["signed in", "signed out"]


@only_sqlite
def test_an_older_hash_is_renewed_at_sign_in(app: Flask, client: FlaskClient, pat: int) -> None:
    from argon2 import PasswordHasher

    older = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    with app.app_context():
        keep(lambda: db.session.execute(update(Account).values(password_hash=older)))

    first_step(client)

    with app.app_context():
        assert account(pat).password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@only_sqlite
def test_a_cookie_signed_with_an_older_key_still_reads(app: Flask, client: FlaskClient, pat: int) -> None:
    first_step(client)
    app.config["SECRET_KEY_FALLBACKS"] = [app.config["SECRET_KEY"]]
    app.config["SECRET_KEY"] = "a newer key for the tests only, long enough"

    assert client.get("/account").status_code == 200
    app.config["SECRET_KEY_FALLBACKS"] = []
    assert app.test_client().get("/account").status_code == 303


# --- too many tries --------------------------------------------------------------------------------


@only_sqlite
def test_after_ten_wrong_passwords_the_account_has_to_wait(
    app: Flask, client: FlaskClient, pat: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(10):
        assert client.post("/sign-in", data={"email": EMAIL, "password": "wrong words"}).status_code == 422
    hashed = []
    monkeypatch.setattr(passwords.HASHER.__class__, "verify", lambda *_: hashed.append(1))

    answer = client.post("/sign-in", data={"email": EMAIL.upper(), "password": PASSWORD})

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Please wait" in answer.get_data(as_text=True)
    assert f'value="{EMAIL.upper()}"' in answer.get_data(as_text=True)
    assert hashed == []


@only_sqlite
def test_a_network_has_to_wait_whoever_it_says_it_is(app: Flask, client: FlaskClient, pat: int) -> None:
    make_account(app, Role.PROVIDER, email="other@forge.example")
    for tried in range(50):
        there = {"REMOTE_ADDR": f"203.0.113.{tried}", "HTTP_X_FORWARDED_FOR": f"198.51.{tried}.7"}
        client.post(
            "/sign-in", data={"email": f"n{tried}@x.example", "password": "wrong"}, environ_overrides=there
        )

    def tried_from(address: str) -> int:
        sent = {"email": "other@forge.example", "password": PASSWORD}
        return client.post("/sign-in", data=sent, environ_overrides={"REMOTE_ADDR": address}).status_code

    assert tried_from("203.0.113.200") == 429
    assert tried_from("203.0.114.1") == 303


@only_sqlite
def test_right_passwords_are_not_counted(client: FlaskClient, pat: int) -> None:
    for _ in range(30):
        assert first_step(client).status_code == 303  # type: ignore[attr-defined]


@only_sqlite
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2ff::9", "2001:db8:1:200::/56"),
        ("", "unknown"),
    ],
)
def test_a_network_is_the_first_part_of_an_address(app: Flask, address: str, expected: str) -> None:
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
        assert network() == expected


@only_sqlite
def test_no_address_is_kept_with_the_counts(app: Flask, client: FlaskClient, pat: int) -> None:
    from skillsmatch.extensions import limiter

    there = {"REMOTE_ADDR": "203.0.113.77"}
    client.post("/sign-in", data={"email": EMAIL, "password": "wrong"}, environ_overrides=there)

    kept = str(vars(limiter.limiter.storage))
    assert "password" in kept
    assert "203.0" not in kept
    assert EMAIL not in kept


@only_sqlite
def test_a_counter_that_is_away_locks_nobody_out(
    client: FlaskClient, pat: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from limits.errors import StorageError

    from skillsmatch.extensions import limiter

    def away(*_: object) -> bool:
        raise StorageError(OSError("refused"))

    monkeypatch.setattr(limiter.limiter, "test", away)
    monkeypatch.setattr(limiter.limiter, "hit", away)

    assert client.post("/sign-in", data={"email": EMAIL, "password": "wrong"}).status_code == 422
    assert first_step(client).status_code == 303  # type: ignore[attr-defined]
    assert "not counted" in caplog.text


def changed_after_the_look(monkeypatch: pytest.MonkeyPatch, number: int, **values: object) -> None:
    """The account is changed between the look at the password and the sign-in, as while another holds the turn."""

    def fits_then_changed(standing: Account | None, password: str) -> bool:
        fits = passwords.password_fits(standing, password)
        with db.engine.begin() as another:
            another.execute(update(Account).where(Account.id == number).values(**values))
        return fits

    monkeypatch.setattr(signing_in, "password_fits", fits_then_changed)


@pytest.mark.parametrize("changed", ["password_hash", "totp_sealed"])
def test_a_password_or_second_step_changed_at_this_moment_is_not_passed_by(
    app: Flask, client: FlaskClient, pat: int, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    changed_after_the_look(monkeypatch, pat, **{changed: "another"})

    answer = first_step(client, next="/offers")

    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/offers")  # type: ignore[attr-defined]
    assert client.get("/account").status_code == 303
    with app.app_context():
        assert db.session.scalars(select(SignIn)).all() == []


def test_signing_in_anew_ends_the_sign_in_that_this_browser_had(
    app: Flask, client: FlaskClient, pat: int, officer: int
) -> None:
    enter(client, app, officer)
    first = client.get_cookie("session")
    assert first is not None

    first_step(client)

    other = app.test_client()
    other.set_cookie("session", first.value)
    assert other.get("/account").status_code == 303
    assert client.get("/account").status_code == 200


# --- the second step -------------------------------------------------------------------------------


def test_a_password_alone_opens_nothing_where_there_is_a_second_step(
    app: Flask, client: FlaskClient, officer: int, clock: Clock
) -> None:
    answer = first_step(client, "olu@chamber.example", next="/offers")
    assert answer.location == "/sign-in/code?next=/offers"  # type: ignore[attr-defined]
    assert client.get("/account").status_code == 303
    assert client.get("/sign-in/code").status_code == 200

    done = client.post("/sign-in/code", data={"code": code_of(app, officer, clock), "next": "/offers"})

    assert (done.status_code, done.location) == (303, "/offers")
    assert client.get("/account").status_code == 200


def test_a_code_works_once(app: Flask, client: FlaskClient, officer: int, clock: Clock) -> None:
    code = code_of(app, officer, clock)
    first_step(client, "olu@chamber.example")
    assert client.post("/sign-in/code", data={"code": code}).status_code == 303

    other = app.test_client()
    first_step(other, "olu@chamber.example")
    replayed = other.post("/sign-in/code", data={"code": code})

    assert replayed.status_code == 422
    assert other.get("/account").status_code == 303
    clock.on(seconds=30)
    fresh = code_of(app, officer, clock)
    assert other.post("/sign-in/code", data={"code": f" {fresh[:3]} {fresh[3:]} "}).status_code == 303


@only_sqlite
@pytest.mark.parametrize("seconds", [-30, 30, 60])
def test_only_the_code_of_this_half_minute_is_taken(
    app: Flask, client: FlaskClient, officer: int, clock: Clock, seconds: int
) -> None:
    first_step(client, "olu@chamber.example")
    clock.on(seconds=seconds)
    other = code_of(app, officer, clock)
    clock.on(seconds=-seconds)

    assert client.post("/sign-in/code", data={"code": other}).status_code == 422


@only_sqlite
@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "١٢٣٤٥٦", "9" * 41, "\x00"])
def test_no_other_code_is_taken(
    app: Flask, client: FlaskClient, officer: int, clock: Clock, code: str
) -> None:
    first_step(client, "olu@chamber.example")

    if code != code_of(app, officer, clock):
        assert client.post("/sign-in/code", data={"code": code}).status_code == 422
    assert client.get("/account").status_code == 303


@only_sqlite
def test_after_five_wrong_codes_the_right_one_has_to_wait(
    app: Flask, client: FlaskClient, officer: int, clock: Clock
) -> None:
    first_step(client, "olu@chamber.example")
    for _ in range(5):
        assert client.post("/sign-in/code", data={"code": "1"}).status_code == 422

    answer = client.post("/sign-in/code", data={"code": code_of(app, officer, clock)})

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert actions(app) == ["code refused"] * 5


@only_sqlite
def test_the_code_is_asked_for_ten_minutes_at_most(
    app: Flask, client: FlaskClient, officer: int, clock: Clock
) -> None:
    first_step(client, "olu@chamber.example")
    clock.on(minutes=10)

    assert client.post("/sign-in/code", data={"code": code_of(app, officer, clock)}).location == "/sign-in"


@only_sqlite
def test_a_password_changed_meanwhile_begins_anew(
    app: Flask, client: FlaskClient, officer: int, clock: Clock
) -> None:
    first_step(client, "olu@chamber.example")
    with app.app_context():
        keep(
            lambda: db.session.execute(
                update(Account).values(password_hash=passwords.hash_password("another"))
            )
        )

    assert client.post("/sign-in/code", data={"code": code_of(app, officer, clock)}).location == "/sign-in"


@only_sqlite
def test_a_recovery_code_is_not_used_up_where_the_sign_in_is_not_saved(
    app: Flask, client: FlaskClient, officer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        codes = keep(lambda: new_recovery_codes(account(officer)))
    first_step(client, "olu@chamber.example")

    def full(*_: object) -> None:
        raise OperationalError("INSERT", None, Exception("database or disk is full"))

    with monkeypatch.context() as while_full:
        while_full.setattr(signing_in.sign_ins, "begin", full)
        assert client.post("/sign-in/code", data={"code": codes[0]}).status_code == 503

    assert client.post("/sign-in/code", data={"code": codes[0]}).status_code == 303


def test_a_recovery_code_works_once_however_it_is_typed(
    app: Flask, client: FlaskClient, officer: int, clock: Clock
) -> None:
    with app.app_context():
        codes = keep(lambda: new_recovery_codes(account(officer)))
    assert len(set(codes)) == 10

    for typed, works in ((codes[0].lower().replace("-", " "), 303), (codes[0], 422), (codes[9], 303)):
        browser = app.test_client()
        first_step(browser, "olu@chamber.example")
        assert browser.post("/sign-in/code", data={"code": typed}).status_code == works, typed
    with app.app_context():
        assert len(account(officer).recovery_digests) == 8
        assert not set(codes) & set(account(officer).recovery_digests)


@only_sqlite
def test_the_second_steps_secret_is_not_readable_in_the_database(
    app: Flask, officer: int, clock: Clock, client: FlaskClient
) -> None:
    with app.app_context():
        sealed = account(officer).totp_sealed
        secret = unseal(sealed)
        assert secret and secret not in sealed
    # given another secret key, with the old one among those used before
    app.config["SECRET_KEY_FALLBACKS"] = [app.config["SECRET_KEY"]]
    app.config["SECRET_KEY"] = "a newer key for the tests only, long enough"
    # then the code still works, and the secret is sealed anew with the newer key
    first_step(client, "olu@chamber.example")
    assert client.post("/sign-in/code", data={"code": code_of(app, officer, clock)}).status_code == 303
    app.config["SECRET_KEY_FALLBACKS"] = []
    with app.app_context():
        assert unseal(account(officer).totp_sealed) == secret


@only_sqlite
def test_an_account_that_needs_a_second_step_opens_nothing_before_it_has_one(
    app: Flask, client: FlaskClient
) -> None:
    for role in (Role.CHAMBER, Role.ADMIN):
        enter(client, app, make_account(app, role, organisation=role, second_step=False))
        for page in ("/account", "/account/people", "/account/password"):
            assert client.get(page).location == "/account/second-step"
        assert client.get("/account/second-step").status_code == 200
        assert client.get("/offers").status_code == 200


# --- nothing secret in the logs --------------------------------------------------------------------


@only_sqlite
def test_no_secret_reaches_a_log(
    app: Flask, client: FlaskClient, officer: int, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canary = "canary words sing in the mine\r\nINFO forged line"
    client.post("/sign-in", data={"email": f"olu@chamber.example\r\nforged {canary}", "password": canary})
    first_step(client, "olu@chamber.example")
    code = code_of(app, officer, clock)
    client.post("/sign-in/code", data={"code": code})
    with client.session_transaction() as session:
        secret = session["_user_id"]

    with app.app_context():
        noted = [f"{e.who} {e.action} {e.about} {e.facts}" for e in db.session.scalars(select(AuditEntry))]
    assert len(noted) == 2
    for words in (caplog.text, *noted):
        for hidden in ("canary", PASSWORD, secret, code):
            assert hidden not in words
    assert not any("\n" in words or "\r" in words for words in noted)


@only_sqlite
def test_only_digests_of_sign_ins_are_kept(app: Flask, pat: int) -> None:
    secret = live_sign_in(app, pat)

    with app.app_context():
        assert secret not in str([vars(row) for row in db.session.scalars(select(SignIn))])


@only_sqlite
def test_a_cookie_over_https_is_bound_to_the_host(client: FlaskClient, pat: int) -> None:
    answer = client.post(
        "/sign-in", data={"email": EMAIL, "password": PASSWORD}, base_url="https://localhost"
    )

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    for rule in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert rule in cookie
    assert "Domain" not in cookie
    assert "Expires" not in cookie  # it goes when the browser closes


@only_sqlite
def test_a_sign_in_is_over_after_the_clock_jumped_ahead(
    app: Flask, client: FlaskClient, pat: int, clock: Clock
) -> None:
    first_step(client)
    clock.on(days=400)

    assert client.get("/account").status_code == 303
