"""The people of an organisation, and the administrator's pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from skillsmatch.accounts.changing import disable
from skillsmatch.accounts.models import Account, AuditEntry, Invitation, Organisation
from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.extensions import db
from tests.accounts.signing import account, enter, make_account, sign_in
from tests.conftest import NOW

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Find = Callable[..., str]


@pytest.fixture
def colleague(app: Flask) -> int:
    """Somebody of Forge Training who is no main contact."""
    return make_account(
        app, Role.PROVIDER, organisation="Forge", email="col@forge.example", name="Col League", owner=False
    )


@pytest.fixture
def lead(app: Flask, client: FlaskClient, colleague: int) -> int:
    """Forge Training's main contact, signed in."""
    return sign_in(client, app, Role.PROVIDER, organisation="Forge", name="Lee Lead", owner=True)


def test_a_main_contact_invites_a_colleague_with_their_own_roles(
    app: Flask, client: FlaskClient, lead: int, link_to: Find
) -> None:
    answer = client.post("/account/people", data={"email": "New@forge.example", "name": "Nia"})

    assert answer.location == "/account/people#invited"
    assert "new@forge.example" in client.get("/account/people").get_data(as_text=True)
    assert link_to("new@forge.example", "invitations")
    with app.app_context():
        invitation = db.session.scalars(select(Invitation)).one()
        assert (invitation.roles, invitation.owner) == (["provider"], False)
        assert invitation.invited_by == "Lee Lead"


def test_an_address_with_an_account_is_not_invited_again(client: FlaskClient, lead: int) -> None:
    answer = client.post("/account/people", data={"email": "col@forge.example", "name": "Col"})

    assert answer.status_code == 422
    assert "col@forge.example already has an account" in answer.get_data(as_text=True)
    assert 'value="Col"' in answer.get_data(as_text=True)


def test_one_address_cannot_be_pestered(client: FlaskClient, lead: int) -> None:
    answers = [client.post("/account/people", data={"email": "new@forge.example"}) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [303] * 6 + [429]


def test_an_invitation_withdrawn_works_no_more(
    app: Flask, client: FlaskClient, lead: int, link_to: Find
) -> None:
    client.post("/account/people", data={"email": "new@forge.example"})
    with app.app_context():
        number = db.session.scalars(select(Invitation.id)).one()

    assert client.post(f"/account/invitations/{number}/withdraw").status_code == 303

    assert client.get(link_to("new@forge.example", "invitations")).status_code == 404


def test_the_invitations_of_somebody_who_is_disabled_end(
    app: Flask, client: FlaskClient, lead: int, colleague: int, link_to: Find
) -> None:
    client.post(f"/account/people/{colleague}/main-contact")
    leaving = app.test_client()
    enter(leaving, app, colleague)
    leaving.post("/account/people", data={"email": "friend@forge.example"})
    client.post("/account/people", data={"email": "staying@forge.example"})

    client.post(f"/account/people/{colleague}/disable")

    assert client.get(link_to("friend@forge.example", "invitations")).status_code == 404
    assert client.get(link_to("staying@forge.example", "invitations")).status_code == 200
    assert "friend@forge.example" not in client.get("/account/people").get_data(as_text=True)
    client.post(f"/account/people/{colleague}/enable")
    assert client.get(link_to("friend@forge.example", "invitations")).status_code == 404
    with app.app_context():
        said = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert said.count("invitation withdrawn") == 1


def test_who_is_no_main_contact_changes_nobody(
    app: Flask, client: FlaskClient, lead: int, colleague: int
) -> None:
    browser = app.test_client()
    enter(browser, app, colleague)

    assert "Disable" not in browser.get("/account/people").get_data(as_text=True)
    for act in ("disable", "enable", "main-contact", "not-main-contact"):
        assert browser.post(f"/account/people/{lead}/{act}").status_code == 403
    assert browser.post("/account/people", data={"email": "x@y.example"}).status_code == 403
    with app.app_context():
        assert db.session.scalar(select(func.count(AuditEntry.id))) == 0


def test_a_colleague_who_left_is_disabled_and_signed_out(
    app: Flask, client: FlaskClient, lead: int, colleague: int
) -> None:
    browser = app.test_client()
    enter(browser, app, colleague)

    assert client.post(f"/account/people/{colleague}/disable").status_code == 303

    assert browser.get("/account").status_code == 303
    assert "Disabled by a main contact" in client.get("/account/people").get_data(as_text=True)
    client.post(f"/account/people/{colleague}/enable")
    with app.app_context():
        assert account(colleague).is_active
        said = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert said == ["account disabled", "account enabled"]


def test_the_last_main_contact_hands_over_before_leaving(
    app: Flask, client: FlaskClient, lead: int, colleague: int
) -> None:
    for act in ("disable", "not-main-contact"):
        refused = client.post(f"/account/people/{lead}/{act}")
        assert refused.status_code == 409
        assert "last main contact" in refused.get_data(as_text=True)

    assert client.post(f"/account/people/{colleague}/main-contact").status_code == 303
    assert client.post(f"/account/people/{lead}/not-main-contact").status_code == 303

    with app.app_context():
        assert [account(n).owner for n in (lead, colleague)] == [False, True]
    assert client.post(f"/account/people/{colleague}/disable").status_code == 403


def test_a_disabled_colleague_cannot_be_handed_over_to(
    client: FlaskClient, lead: int, colleague: int
) -> None:
    client.post(f"/account/people/{colleague}/disable")

    assert client.post(f"/account/people/{colleague}/main-contact").status_code == 409


def test_people_of_another_organisation_are_not_there(app: Flask, client: FlaskClient, lead: int) -> None:
    stranger = make_account(app, Role.PROVIDER, organisation="Anvil", email="eve@anvil.example")
    anvil = app.test_client()
    enter(anvil, app, stranger)
    anvil.post("/account/people", data={"email": "new@anvil.example"})
    with app.app_context():
        theirs = db.session.scalars(select(Invitation.id)).one()

    for act in ("disable", "enable", "main-contact", "not-main-contact"):
        assert client.post(f"/account/people/{stranger}/{act}").status_code == 404
    assert client.post(f"/account/invitations/{theirs}/withdraw").status_code == 404
    assert "anvil" not in client.get("/account/people").get_data(as_text=True).lower()
    with app.app_context():
        assert account(stranger).is_active
        assert db.session.get_one(Invitation, theirs).withdrawn_at is None


# --- the administrator -----------------------------------------------------------------------------


@pytest.fixture
def admin(app: Flask, client: FlaskClient) -> int:
    """An administrator, signed in."""
    return sign_in(client, app, Role.ADMIN, organisation="Operator", email="ada@operator.example", name="Ada")


def test_an_administrator_sees_every_organisation_with_its_people(
    app: Flask, client: FlaskClient, admin: int, colleague: int
) -> None:
    page = client.get("/accounts").get_data(as_text=True)

    assert "Forge" in page
    assert "col@forge.example" in page


def test_the_organisations_are_paged_found_and_asked_for_once(
    app: Flask, client: FlaskClient, admin: int, colleague: int
) -> None:
    def add(number: int) -> None:
        home = Organisation(kind="provider", name=f"Anvil {number:02}", created_at=NOW)
        about = {"name": f"Person {number:02}", "roles": [Role.PROVIDER], "created_at": NOW}
        db.session.add(Account(organisation=home, email=f"p{number:02}@anvil.example", **about))

    def statements(query: str = "") -> tuple[int, str]:
        with app.app_context():
            engine = db.engine
        seen: list[str] = []
        event.listen(engine, "before_cursor_execute", note := lambda *call: seen.append(call[2]))
        page = client.get(f"/accounts{query}").get_data(as_text=True)
        event.remove(engine, "before_cursor_execute", note)
        return len(seen), page

    few, _ = statements()
    with app.app_context():
        keep(lambda: [add(number) for number in range(45)])
        db.session.remove()

    many, first = statements()

    assert many == few
    assert "Anvil 00" in first and "Anvil 20" not in first and "Page 1 of 3" in first
    last = statements("?page=3")[1]
    assert "Forge" in last and "Operator" in last and "Anvil 44" in last
    for words in ("Anvil 33", "p33@anvil", "person 33"):
        found = statements(f"?q={words}")[1]
        assert "p33@anvil.example" in found and "p32@anvil.example" not in found
    assert "Nothing fits “%”" in statements("?q=%25")[1]
    acted = client.post(f"/accounts/{colleague}/disable")
    assert acted.location.startswith("/accounts?page=3#organisation-")


def test_an_administrator_invites_anybody(app: Flask, client: FlaskClient, admin: int, link_to: Find) -> None:
    sent = {
        "email": "fe@soar.example",
        "roles": ["provider", "college"],
        "ukprn": "10001234",
        "organisation": "Soar College",
    }
    assert client.post("/accounts", data=sent).status_code == 303

    other = app.test_client()
    chosen = {"name": "Fen", "new_password": "umbrella quartz on hills"}
    other.post(link_to("fe@soar.example", "invitations"), data=chosen)
    with app.app_context():
        made = db.session.scalars(select(Account).where(Account.email == "fe@soar.example")).one()
        assert made.all_roles == {Role.PROVIDER, Role.COLLEGE}
        assert (made.organisation.name, made.organisation.ukprn) == ("Soar College", 10001234)
        assert made.owner
    # and one more of the same organisation, by its UKPRN alone
    more = {"email": "two@soar.example", "roles": ["provider"], "ukprn": "10001234"}
    assert client.post("/accounts", data=more).status_code == 303
    with app.app_context():
        homes = select(func.count(Organisation.id)).where(Organisation.kind == "provider")
        assert db.session.scalar(homes) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": "nobody"}, "Enter an e-mail address"),
        ({"roles": []}, "Choose what they will do here"),
        ({"roles": ["provider", "chamber"]}, "must not be one of those who offer training"),
        ({"roles": ["king"]}, "Choose from the answers given"),
        ({"ukprn": "1234"}, "Enter the UKPRN as 8 digits"),
        ({"ukprn": "１０００１２３４"}, "Enter the UKPRN as 8 digits"),
        ({"organisation": "", "ukprn": ""}, "Enter the organisation"),
        ({"organisation": "", "ukprn": "19999999"}, "it is not known here yet"),
        ({"email": "ada@operator.example"}, "already has an account"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_invitation_is_told_and_kept(
    client: FlaskClient, admin: int, change: dict[str, object], said: str
) -> None:
    sent = {"email": "new@x.example", "roles": ["provider"], "organisation": "Kept Name Ltd", **change}

    answer = client.post("/accounts", data=sent)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    for box in ("email", "organisation"):
        assert f'value="{sent[box]}"' in page


def test_a_provider_cannot_be_given_the_chambers_role(app: Flask, client: FlaskClient, admin: int) -> None:
    make_account(app, Role.PROVIDER, organisation="Forge", ukprn=10001234)

    answer = client.post(
        "/accounts", data={"email": "n@x.example", "roles": ["chamber"], "ukprn": "10001234"}
    )

    assert answer.status_code == 422
    assert "cannot have that role" in answer.get_data(as_text=True)


def test_an_administrator_disables_enables_and_signs_out(
    app: Flask, client: FlaskClient, admin: int, lead: int, colleague: int
) -> None:
    enter(client, app, admin)
    browser = app.test_client()
    enter(browser, app, colleague)

    client.post(f"/accounts/{colleague}/sign-out")
    assert browser.get("/account").status_code == 303
    client.post(f"/accounts/{colleague}/disable")
    with app.app_context():
        assert not account(colleague).is_active
    client.post(f"/accounts/{colleague}/enable")
    client.post(f"/accounts/{colleague}/main-contact")
    with app.app_context():
        assert account(colleague).is_active
        assert account(colleague).owner


def test_whom_an_administrator_disabled_no_main_contact_lets_in_again(
    app: Flask, client: FlaskClient, admin: int, lead: int, colleague: int
) -> None:
    enter(client, app, admin)
    client.post(f"/accounts/{colleague}/disable")
    enter(client, app, lead)

    refused = client.post(f"/account/people/{colleague}/enable")

    assert refused.status_code == 409
    assert "Only an administrator can enable it" in refused.get_data(as_text=True)
    with app.app_context():
        assert not account(colleague).is_active


def test_a_main_contact_who_is_no_administrator_shuts_no_administrator_out(
    app: Flask, client: FlaskClient
) -> None:
    sign_in(client, app, Role.CHAMBER, organisation="Chamber", name="Olu Officer", owner=True)
    admin = make_account(app, Role.CHAMBER, Role.ADMIN, organisation="Chamber", name="Ada Admin")
    page = client.get("/account/people").get_data(as_text=True)
    assert f"/account/people/{admin}/" not in page

    for act in ("disable", "not-main-contact"):
        refused = client.post(f"/account/people/{admin}/{act}")
        assert refused.status_code == 409
        assert "Only an administrator can change" in refused.get_data(as_text=True)

    with app.app_context():
        assert account(admin).is_active and account(admin).owner
        keep(lambda: disable(account(admin), "by the operator"))
    assert client.post(f"/account/people/{admin}/enable").status_code == 409
    with app.app_context():
        assert not account(admin).is_active


def test_an_administrator_who_is_a_main_contact_looks_after_the_others(
    app: Flask, client: FlaskClient
) -> None:
    sign_in(client, app, Role.CHAMBER, Role.ADMIN, organisation="Chamber", name="Ada Admin", owner=True)
    other = make_account(app, Role.CHAMBER, Role.ADMIN, organisation="Chamber", name="Amy Admin")

    for act, is_active in (("disable", False), ("enable", True)):
        assert client.post(f"/account/people/{other}/{act}").status_code == 303
        with app.app_context():
            assert account(other).is_active is is_active


def test_whom_the_operator_disabled_no_main_contact_lets_in_again(
    app: Flask, client: FlaskClient, lead: int, colleague: int
) -> None:
    with app.app_context():
        keep(lambda: disable(account(colleague), "by the operator"))

    refused = client.post(f"/account/people/{colleague}/enable")

    assert refused.status_code == 409
    with app.app_context():
        assert not account(colleague).is_active


def test_an_administrator_cannot_lock_themselves_out(app: Flask, client: FlaskClient, admin: int) -> None:
    assert client.post(f"/accounts/{admin}/disable").status_code == 409
    assert client.get("/accounts").status_code == 200


def test_a_lost_phone_is_helped_by_an_administrator(app: Flask, client: FlaskClient, admin: int) -> None:
    officer = make_account(app, Role.CHAMBER, organisation="Chamber")
    browser = app.test_client()
    enter(browser, app, officer)

    client.post(f"/accounts/{officer}/second-step-off")

    assert browser.get("/account").status_code == 303
    enter(browser, app, officer)
    assert browser.get("/account").location == "/account/second-step"


def test_the_log_is_searched_by_person_action_and_day(
    app: Flask, client: FlaskClient, admin: int, lead: int, colleague: int
) -> None:
    client.post(f"/account/people/{colleague}/disable")
    client.post(f"/account/people/{colleague}/enable")
    enter(client, app, admin)
    for number in range(60):
        client.post(f"/accounts/{colleague}/{'enable' if number % 2 else 'disable'}")

    def shown(query: str) -> str:
        answer = client.get(f"/accounts/audit{query}")
        assert answer.status_code == 200, query
        return answer.get_data(as_text=True)

    assert "62 entries" in shown("")
    assert shown("").count("<small") == 0
    assert shown("").count('class="small">Entry') == 50
    assert shown("?page=2").count('class="small">Entry') == 12
    assert "2 entries" in shown("?who=PROVIDER-")
    assert "31 entries" in shown("?action=account+disabled")
    assert "62 entries" in shown("?since=2026-11-23&until=2026-11-23")
    assert "0 entries" in shown("?until=2026-11-22")
    assert "0 entries" in shown("?since=2026-11-24")
    assert "0 entries" in shown("?who=%25")  # a sign that stands for anything in SQL stands for itself
    assert "62 entries" in shown("?since=0001-01-01&until=9999-12-31&page=99999999999")
    wrong = client.get("/accounts/audit?since=yesterday")
    assert wrong.status_code == 422
    assert 'value="yesterday"' in wrong.get_data(as_text=True)
    assert "as a day, such as 23/11/2026" in wrong.get_data(as_text=True)
    assert "62 entries" in shown("?since=23/11/2026")
