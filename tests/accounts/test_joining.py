"""Links by mail: an invitation becomes an account, a forgotten password a new one; each link works once."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from skillsmatch.accounts import changing
from skillsmatch.accounts.inviting import invite
from skillsmatch.accounts.models import Account, AccountLink, AuditEntry, Invitation, SignIn
from skillsmatch.accounts.organisations import organisation_for
from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.mail.outbox import post
from tests.accounts.conftest import Clock
from tests.accounts.signing import PASSWORD, account, enter, make_account

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NEW = "umbrella quartz over eleven hills"
Find = Callable[..., str]


def invited(
    app: Flask, address: str = "new@forge.example", *roles: Role, inviter: int = 0, **how: object
) -> None:
    given = roles or (Role.PROVIDER,)
    with app.test_request_context():  # as an administrator's press is: the link takes the address asked for
        by = account(inviter) if inviter else None
        keep(
            lambda: invite(address, given, organisation_for(given, "Forge Training", 10001234), by=by, **how)
        )  # type: ignore[arg-type]
        db.session.remove()


def test_an_invitation_becomes_an_account_that_is_signed_in(
    app: Flask, client: FlaskClient, link_to: Find
) -> None:
    inviter = make_account(app, Role.ADMIN, organisation="Operator", name="Olu Officer")
    invited(app, "New@Forge.example", name="Nia Newman", inviter=inviter)
    link = link_to("new@forge.example", "invitations")
    shown = client.get(link).get_data(as_text=True)
    assert "Forge Training" in shown
    assert "by Olu Officer" in shown
    assert 'value="Nia Newman"' in shown

    answer = client.post(link, data={"name": "Nia Newman", "new_password": NEW})

    assert (answer.status_code, answer.location) == (303, "/account/second-step")
    page = client.get("/account").get_data(as_text=True)
    assert "Nia Newman" in page
    assert "No offers are loaded under UKPRN 10001234 yet" in page
    with app.app_context():
        made = db.session.scalars(select(Account).where(Account.id != inviter)).one()
        assert (made.email, made.roles, made.owner) == ("new@forge.example", ["provider"], True)


def test_opening_the_link_changes_nothing_and_using_it_uses_it_up(
    app: Flask, client: FlaskClient, link_to: Find
) -> None:
    invited(app)
    link = link_to("new@forge.example", "invitations")
    for _ in range(5):  # mail scanners open links
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200

    assert client.post(link, data={"name": "Nia", "new_password": NEW}).status_code == 303

    for again in (
        client.get(link),
        app.test_client().post(link, data={"name": "Eve", "new_password": NEW}),
    ):
        assert again.status_code == 404
        assert "This link no longer works" in again.get_data(as_text=True)
        assert "invite you again" in again.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(select(func.count(Account.id))) == 1


@only_sqlite
def test_an_invitation_runs_out_after_seven_days(
    app: Flask, client: FlaskClient, link_to: Find, clock: Clock
) -> None:
    invited(app)
    link = link_to("new@forge.example", "invitations")

    clock.on(days=7, seconds=-1)
    assert client.get(link).status_code == 200
    clock.on(seconds=1)
    assert client.get(link).status_code == 404
    assert client.post(link, data={"name": "Nia", "new_password": NEW}).status_code == 404


@only_sqlite
def test_a_second_invitation_takes_the_place_of_the_first(
    app: Flask, client: FlaskClient, link_to: Find
) -> None:
    invited(app)
    first = link_to("new@forge.example", "invitations")
    invited(app)

    assert client.get(first).status_code == 404
    assert client.get(link_to("new@forge.example", "invitations")).status_code == 200


@only_sqlite
@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("", NEW, "Enter a name"),
        ("Nia", "", "Choose a password"),
        ("Nia", "short words", "15 characters or more"),
        ("Nia", "Forge Training 2026", "harder to guess"),
        ("Nia", "new@forge.example", "harder to guess"),
        ("N" * 121, NEW, "120 characters or fewer"),
        ("Nia", "x" * 300, "256 characters or fewer"),
    ],
)
def test_what_is_wrong_is_told_and_the_name_is_kept(
    app: Flask, client: FlaskClient, link_to: Find, name: str, password: str, said: str
) -> None:
    invited(app)
    link = link_to("new@forge.example", "invitations")

    answer = client.post(link, data={"name": name, "new_password": password})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert f'value="{name}"' in page
    assert not password or password not in page.replace("new@forge.example</strong>", "")
    assert client.get(link).status_code == 200


@only_sqlite
@pytest.mark.parametrize("secret", ["", "x", "../x", "a" * 5000, "%00", "\u2028", "' OR 1=1 --"])
def test_a_made_up_link_is_nothing(client: FlaskClient, secret: str) -> None:
    for kind in ("invitations", "new-password", "new-email"):
        assert client.get(f"/{kind}/{secret}").status_code in (404, 308)
        assert client.post(f"/{kind}/{secret}", data={"new_password": NEW}).status_code == 404


@only_sqlite
def test_only_digests_of_links_are_kept(app: Flask, link_to: Find) -> None:
    invited(app)
    secret = link_to("new@forge.example", "invitations").rsplit("/", 1)[-1]

    assert len(secret) >= 22  # 128 bits or more
    with app.app_context():
        kept = [vars(row) for row in db.session.scalars(select(Invitation))]
        noted = [vars(row) for row in db.session.scalars(select(AuditEntry))]
        assert secret not in str(kept)
        assert secret not in str(noted)


# --- a forgotten password --------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_by_a_link(app: Flask, client: FlaskClient, link_to: Find) -> None:
    number = make_account(app, Role.PROVIDER, email="pat@forge.example")
    elsewhere = app.test_client()
    enter(elsewhere, app, number)
    assert client.post("/sign-in/forgotten", data={"email": "PAT@forge.example"}).status_code == 200
    link = link_to("pat@forge.example", "new-password")
    assert client.get(link).status_code == 200

    answer = client.post(link, data={"new_password": NEW})

    assert answer.location == "/sign-in?password=changed"
    assert "Your password is changed" in client.get(answer.location).get_data(as_text=True)
    assert elsewhere.get("/account").status_code == 303
    assert client.get(link).status_code == 404
    sign_in = {"email": "pat@forge.example", "password": PASSWORD}
    assert client.post("/sign-in", data=sign_in).status_code == 422
    assert client.post("/sign-in", data=sign_in | {"password": NEW}).status_code == 303
    with app.app_context():
        told = db.session.scalars(select(MailMessage.subject).order_by(MailMessage.id)).all()
        assert told == ["Choose a new password", "Your skillsmatch account was changed"]


@only_sqlite
def test_the_answer_does_not_tell_whether_there_is_an_account(app: Flask, client: FlaskClient) -> None:
    make_account(app, Role.PROVIDER, email="pat@forge.example")

    pages = [
        client.post("/sign-in/forgotten", data={"email": f"{who}@forge.example"}).get_data(as_text=True)
        for who in ("pat", "nobody")
    ]

    assert pages[0].replace("pat@", "nobody@") == pages[1]
    with app.app_context():
        assert db.session.scalar(select(func.count(MailMessage.id))) == 1


@only_sqlite
def test_a_reset_link_works_half_an_hour_and_the_newest_only(
    app: Flask, client: FlaskClient, link_to: Find, clock: Clock
) -> None:
    make_account(app, Role.PROVIDER, email="pat@forge.example")
    client.post("/sign-in/forgotten", data={"email": "pat@forge.example"})
    first = link_to("pat@forge.example", "new-password")
    client.post("/sign-in/forgotten", data={"email": "pat@forge.example"})
    second = link_to("pat@forge.example", "new-password")

    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    clock.on(minutes=30)
    assert client.post(second, data={"new_password": NEW}).status_code == 404


@only_sqlite
def test_a_reset_does_not_get_round_the_second_step(
    app: Flask, client: FlaskClient, link_to: Find, clock: Clock
) -> None:
    make_account(app, Role.CHAMBER, email="olu@chamber.example", organisation="Chamber")
    client.post("/sign-in/forgotten", data={"email": "olu@chamber.example"})
    client.post(link_to("olu@chamber.example", "new-password"), data={"new_password": NEW})

    answer = client.post("/sign-in", data={"email": "olu@chamber.example", "password": NEW})

    assert answer.location == "/sign-in/code"


@only_sqlite
def test_asking_again_and_again_is_stopped(app: Flask, client: FlaskClient) -> None:
    make_account(app, Role.PROVIDER, email="pat@forge.example")
    answers = [client.post("/sign-in/forgotten", data={"email": "pat@forge.example"}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_a_flood_of_other_mail_keeps_neither_the_link_nor_the_warning_back(
    app: Flask, client: FlaskClient, link_to: Find
) -> None:
    make_account(app, Role.PROVIDER, email="pat@forge.example")
    with app.app_context():
        keep(
            lambda: [
                post(f"enquiry-to-{n}", "pat@forge.example", "About", "Words", most=40) for n in range(40)
            ]
        )

    client.post("/sign-in/forgotten", data={"email": "pat@forge.example"})
    client.post(link_to("pat@forge.example", "new-password"), data={"new_password": NEW})

    with app.app_context():
        asked = select(MailMessage.subject).where(MailMessage.subject != "About").order_by(MailMessage.id)
        told = db.session.scalars(asked).all()
        assert told == ["Choose a new password", "Your skillsmatch account was changed"]


@only_sqlite
def test_a_disabled_account_gets_no_link(app: Flask, client: FlaskClient, clock: Clock) -> None:
    number = make_account(app, Role.PROVIDER, email="pat@forge.example")
    with app.app_context():
        keep(lambda: setattr(account(number), "disabled_at", clock.time))

    client.post("/sign-in/forgotten", data={"email": "pat@forge.example"})

    with app.app_context():
        assert db.session.scalar(select(func.count(AccountLink.id))) == 0


# --- one's own account -----------------------------------------------------------------------------


def test_changing_the_password_ends_every_other_sign_in(app: Flask, client: FlaskClient) -> None:
    number = make_account(app, Role.PROVIDER, email="pat@forge.example")
    other = app.test_client()
    enter(client, app, number)
    enter(other, app, number)
    with client.session_transaction() as session:
        before = session["_user_id"]

    sent = {"password": PASSWORD, "new_password": NEW}
    assert client.post("/account/password", data=sent).location == "/account#password-changed"

    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    with client.session_transaction() as session:
        assert session["_user_id"] != before


@only_sqlite
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"password": "wrong", "new_password": NEW}, "That is not your password"),
        ({"password": PASSWORD, "new_password": "short"}, "15 characters or more"),
        ({"password": PASSWORD, "new_password": "Pat Forge Pat Forge"}, "harder to guess"),
        ({"password": "", "new_password": ""}, "Enter the password that you use now"),
    ],
)
def test_a_password_is_changed_only_by_who_knows_it_and_to_a_good_one(
    app: Flask, client: FlaskClient, sent: dict[str, str], said: str
) -> None:
    enter(client, app, make_account(app, Role.PROVIDER, name="Pat Forge"))

    answer = client.post("/account/password", data=sent)

    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert NEW not in answer.get_data(as_text=True)


@only_sqlite
def test_an_open_screen_does_not_let_passwords_be_tried_out(app: Flask, client: FlaskClient) -> None:
    enter(client, app, make_account(app, Role.PROVIDER))
    sent = {"password": "wrong", "new_password": NEW}

    answers = [client.post("/account/password", data=sent).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]


def test_a_new_address_stands_once_its_link_was_used(app: Flask, client: FlaskClient, link_to: Find) -> None:
    number = make_account(app, Role.PROVIDER, email="pat@forge.example")
    enter(client, app, number)

    sent = {"email": "Patricia@Forge.example", "password": PASSWORD}
    assert "patricia@forge.example" in client.post("/account/email", data=sent).get_data(as_text=True)
    link = link_to("patricia@forge.example", "new-email")
    assert client.get(link).status_code == 200
    with app.app_context():
        assert account(number).email == "pat@forge.example"

    assert client.post(link).status_code == 303

    with app.app_context():
        assert account(number).email == "patricia@forge.example"
        told = db.session.scalars(select(MailMessage).order_by(MailMessage.id)).all()
        assert [mail.to_address for mail in told] == ["patricia@forge.example", *["pat@forge.example"] * 2]
        before = " ".join(told[1].body.split())
        assert "asked to change its e-mail address to patricia@forge.example" in before
        assert "/sign-in/forgotten" in before, "a new password ends the change"
        warned = " ".join(told[-1].body.split())
        assert "tell the administrator of the service at once" in warned
        assert "/sign-in/forgotten" not in warned, "no link goes to the old address any more"
    again = client.post(link)
    assert again.status_code == 404
    assert "sign in with your new address" in " ".join(again.get_data(as_text=True).split())


def asked_for_another_address(app: Flask, client: FlaskClient, link_to: Find, address: str) -> str:
    """The link by which the account of sam@forge.example, signed in, would get this address."""
    number = make_account(app, Role.PROVIDER, email="sam@forge.example")
    enter(client, app, number)
    client.post("/account/email", data={"email": address, "password": PASSWORD})
    return link_to(address, "new-email")


def test_a_new_password_ends_a_change_of_address_that_a_stranger_began(
    app: Flask, client: FlaskClient, link_to: Find
) -> None:
    strangers = asked_for_another_address(app, client, link_to, "stranger@elsewhere.example")
    client.post("/sign-in/forgotten", data={"email": "sam@forge.example"})
    client.post(link_to("sam@forge.example", "new-password"), data={"new_password": NEW})

    assert client.post(strangers).status_code == 404

    with app.app_context():
        assert db.session.scalars(select(Account.email)).all() == ["sam@forge.example"]


def test_a_new_address_ends_the_reset_links_that_went_to_the_old_one(
    app: Flask, client: FlaskClient, link_to: Find
) -> None:
    proof = asked_for_another_address(app, client, link_to, "sam@new.example")
    client.post("/sign-in/forgotten", data={"email": "sam@forge.example"})
    reset = link_to("sam@forge.example", "new-password")

    assert client.post(proof).status_code == 303

    assert client.post(reset, data={"new_password": NEW}).status_code == 404


@only_sqlite
def test_an_address_that_another_account_took_meanwhile_is_refused(
    app: Flask, client: FlaskClient, link_to: Find
) -> None:
    enter(client, app, make_account(app, Role.PROVIDER, email="pat@forge.example"))
    client.post("/account/email", data={"email": "free@forge.example", "password": PASSWORD})
    make_account(app, Role.PROVIDER, email="free@forge.example")

    answer = client.post(link_to("free@forge.example", "new-email"))

    assert answer.status_code == 404
    assert "Another account has this e-mail" in answer.get_data(as_text=True)
    taken = client.post("/account/email", data={"email": "free@forge.example", "password": PASSWORD})
    assert taken.status_code == 422


@only_sqlite
def test_i_see_where_i_am_signed_in_and_end_it(app: Flask, client: FlaskClient) -> None:
    number = make_account(app, Role.PROVIDER)
    others = [app.test_client() for _ in range(3)]
    for browser in (client, *others):
        enter(browser, app, number)
    page = client.get("/account").get_data(as_text=True)
    assert page.count("Firefox on Linux") >= 4
    assert page.count("(this browser)") == 1

    with app.app_context():
        second = db.session.scalars(select(SignIn.id).order_by(SignIn.id)).all()[1]
    assert client.post(f"/account/sign-ins/{second}/end").status_code == 303
    assert [browser.get("/account").status_code for browser in others] == [303, 200, 200]

    client.post("/account/sign-ins/end-others")
    assert [browser.get("/account").status_code for browser in others] == [303, 303, 303]
    assert client.get("/account").status_code == 200


@only_sqlite
def test_nobody_ends_somebody_elses_sign_in(app: Flask, client: FlaskClient) -> None:
    enter(client, app, make_account(app, Role.PROVIDER))
    other = app.test_client()
    enter(other, app, make_account(app, Role.PROVIDER))
    with app.app_context():
        theirs = db.session.scalars(select(SignIn.id).order_by(SignIn.id.desc())).first()

    assert client.post(f"/account/sign-ins/{theirs}/end").status_code == 404
    assert other.get("/account").status_code == 200


# --- setting up the second step --------------------------------------------------------------------


def key_on(page: str) -> str:
    return page.partition('class="key">')[2].partition("<")[0].replace(" ", "")


def test_the_second_step_is_set_up_with_picture_key_and_recovery_codes(
    app: Flask, client: FlaskClient, clock: Clock
) -> None:
    number = make_account(app, Role.PROVIDER, email="pat@forge.example")
    enter(client, app, number)
    page = client.get("/account/second-step").get_data(as_text=True)
    key = key_on(page)
    assert len(key) == 32
    assert key_on(client.get("/account/second-step").get_data(as_text=True)) == key
    picture = client.get("/account/second-step/picture.svg")
    assert picture.mimetype == "image/svg+xml"
    assert picture.get_data(as_text=True).count("<svg") + picture.get_data(as_text=True).count(":svg ") == 1

    wrong = client.post("/account/second-step", data={"code": "1", "password": PASSWORD})
    assert wrong.status_code == 422
    code = pyotp.TOTP(key).at(int(clock.time.replace(tzinfo=UTC).timestamp()))
    done = client.post("/account/second-step", data={"code": code, "password": PASSWORD})

    assert done.status_code == 200
    codes = [part.partition("<")[0] for part in done.get_data(as_text=True).split("<code>")[1:]]
    assert len(codes) == 10
    with app.app_context():
        assert account(number).has_second_step
        assert account(number).totp_used > 0  # the code that set it up is used up
    # and they are shown once: the page cannot be come back to, and sending it again is refused
    assert not any(code in client.get("/account").get_data(as_text=True) for code in codes)
    assert client.post("/account/second-step", data={"code": code, "password": PASSWORD}).status_code == 422


@only_sqlite
@pytest.mark.parametrize("role", [Role.PROVIDER, Role.CHAMBER])
def test_an_open_screen_alone_sets_up_no_second_step(
    app: Flask, client: FlaskClient, clock: Clock, role: Role
) -> None:
    number = make_account(app, role, second_step=False)
    enter(client, app, number)
    page = client.get("/account/second-step").get_data(as_text=True)
    code = pyotp.TOTP(key_on(page)).at(int(clock.time.replace(tzinfo=UTC).timestamp()))

    for given in ({}, {"password": "a guess at somebody's password"}):
        refused = client.post("/account/second-step", data={"code": code, **given})
        assert refused.status_code == 422
        assert 'id="password-error"' in refused.get_data(as_text=True)
    with app.app_context():
        assert not account(number).has_second_step


@only_sqlite
def test_new_recovery_codes_are_told_by_mail(app: Flask, client: FlaskClient) -> None:
    enter(client, app, make_account(app, Role.PROVIDER, second_step=True, email="pat@forge.example"))

    renewed = client.post("/account/recovery-codes", data={"password": PASSWORD})

    codes = re.findall("<code>([^<]+)", renewed.get_data(as_text=True))
    with app.app_context():
        mail = db.session.scalars(
            select(MailMessage).where(MailMessage.to_address == "pat@forge.example")
        ).one()
        assert "recovery codes" in mail.body
        assert len(codes) == 10 and not any(code in mail.body for code in codes)


@only_sqlite
def test_another_browser_is_offered_another_key(app: Flask, client: FlaskClient) -> None:
    number = make_account(app, Role.PROVIDER)
    keys = set()
    for _ in range(3):
        browser = app.test_client()
        enter(browser, app, number)
        keys.add(key_on(browser.get("/account/second-step").get_data(as_text=True)))

    assert len(keys) == 3


@only_sqlite
def test_a_second_step_is_replaced_or_renewed_only_with_the_password(
    app: Flask, client: FlaskClient, clock: Clock
) -> None:
    number = make_account(app, Role.PROVIDER, second_step=True)
    enter(client, app, number)
    key = key_on(client.get("/account/second-step").get_data(as_text=True))
    code = pyotp.TOTP(key).at(int(clock.time.replace(tzinfo=UTC).timestamp()))

    assert client.post("/account/second-step", data={"code": code}).status_code == 422
    assert client.post("/account/recovery-codes", data={"password": "wrong"}).status_code == 422
    assert client.post("/account/second-step/off", data={"password": "wrong"}).status_code == 422
    assert client.post("/account/second-step", data={"code": code, "password": PASSWORD}).status_code == 200
    renewed = client.post("/account/recovery-codes", data={"password": PASSWORD})
    assert renewed.get_data(as_text=True).count("<code>") == 10
    assert client.post("/account/second-step/off", data={"password": PASSWORD}).status_code == 303
    with app.app_context():
        assert not account(number).has_second_step
        assert account(number).recovery_digests == []


def test_two_main_contacts_who_leave_at_one_moment_do_not_both_leave(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    contacts = [make_account(app, Role.PROVIDER, organisation="Forge", owner=True) for _ in range(2)]
    both, others_of = threading.Barrier(2), changing.other_owners

    def once_both_are_here(one: Account) -> list[Account]:
        """Where the second has to wait for the first, they are never both here."""
        found = others_of(one)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=1)
        return found

    monkeypatch.setattr(changing, "other_owners", once_both_are_here)

    def leave(number: int) -> int:
        browser = app.test_client()
        enter(browser, app, number)
        return browser.post(f"/account/people/{number}/not-main-contact").status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, contacts)) == [303, 409]


@only_sqlite
def test_a_second_step_that_is_needed_cannot_be_turned_off(app: Flask, client: FlaskClient) -> None:
    number = make_account(app, Role.CHAMBER)
    enter(client, app, number)

    client.post("/account/second-step/off", data={"password": PASSWORD})

    with app.app_context():
        assert account(number).has_second_step
    assert "Turn it off" not in client.get("/account").get_data(as_text=True)
