"""An officer opens a case, plans, decides, hands over and closes it; its history stands; nobody else gets in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from skillsmatch.accounts.access import audience_of
from skillsmatch.accounts.models import Account, AuditEntry
from skillsmatch.accounts.roles import Role
from skillsmatch.cases.case_facets import facets_of
from skillsmatch.cases.case_models import Case, CaseEvent, CaseNote
from skillsmatch.cases.models import NeedGroup
from skillsmatch.cases.regrouping import merge
from skillsmatch.clock import now, today
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.mail.outbox import DAILY_LIMIT, post
from skillsmatch.needs.contact import withdraw
from skillsmatch.needs.models import Need
from tests.accounts.signing import make_account, sign_in
from tests.cases.at_work import FALCONRY, as_officer, case_about, filed, group_of, the_case
from tests.needs.journey import fields_of, plain, say

KNOWN = {"form": "csv"}  # of what a route takes only some values
only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def service(app: Flask) -> Flask:
    """No catalogue is needed here: what nobody has searched for is an unmet need as well."""
    return app


@pytest.fixture
def visitor(client: FlaskClient) -> FlaskClient:
    """An employer's browser."""
    return client


def events(app: Flask, case: int) -> list[CaseEvent]:
    with app.app_context():
        asked = select(CaseEvent).where(CaseEvent.case_id == case).order_by(CaseEvent.id)
        return list(db.session.scalars(asked))


def actions(app: Flask) -> list[str]:
    with app.app_context():
        asked = select(AuditEntry.action).where(AuditEntry.action.startswith("case"))
        return list(db.session.scalars(asked.order_by(AuditEntry.id)))


def test_a_case_goes_from_opening_to_closing_and_its_history_says_how(
    service: Flask, visitor: FlaskClient
) -> None:
    group = group_of(service, say(visitor, FALCONRY))
    browser, _ = as_officer(service)
    other = make_account(service, Role.ADMIN, organisation="Operator", name="Ada Admin")

    opening = browser.get(f"/cases/open?group={group}")
    sent = fields_of(opening) | {"lead": "Leicester College", "words": "Heard it at a breakfast too"}
    answer = browser.post("/cases/open", data=sent | {"due_on": "31/03/2027"})
    assert answer.status_code == 303, plain(answer)
    page = answer.location
    assert browser.post(f"{page}/decide", data={"to": "closed"}).status_code == 409
    assert browser.post(f"{page}/decide", data={"to": "agreed"}).status_code == 303
    assert browser.post(f"{page}/hand-over", data={"owner": other}).status_code == 303
    assert browser.post(f"{page}/note", data={"note": "Spoke to both"}).status_code == 303
    plan = {"lead": "Both colleges", "due_on": "", "rag": "green"}
    assert browser.post(f"{page}/plan", data=plan).status_code == 303
    assert (
        browser.post(f"{page}/decide", data={"to": "closed", "move_words": "Told by phone"}).status_code
        == 303
    )

    words = plain(browser.get(page))
    for told in (
        "Case 1: closed, with the decision “New provision agreed”",
        "Olu Officer opened the case. Heard it at a breakfast too",
        "moved it from “Under review” to “New provision agreed”",
        "handed it over to Ada Admin",
        "wrote a note. Spoke to both",
        "set the lead organisation to Both colleges; it was Leicester College",
        "took the due date away, which was Wednesday 31 March 2027",
        "set how it stands to Green: on track; it was Amber: at risk",
        "moved it from “New provision agreed” to “Closed”. Told by phone",
    ):
        assert told in words, told
    assert actions(service) == [
        *("case opened", "case moved", "case handed over", "case noted", "case planned", "case moved")
    ]
    with service.app_context():
        case = the_case(1)
        assert (case.state, case.decision, case.owner_id) == ("closed", "agreed", other)
        assert case.opened_at == case.decided_at == case.closed_at == now()


@only_sqlite
def test_a_refused_move_changes_nothing_and_shows_the_reason_with_what_was_typed(
    service: Flask, visitor: FlaskClient
) -> None:
    browser, me = as_officer(service)
    case = case_about(service, group_of(service, say(visitor, FALCONRY)), me)

    sent = {"to": "agreed", "move_words": "They said yes"}
    answer = browser.post(f"/cases/case/{case}/decide", data=sent)

    assert answer.status_code == 409
    assert "Name the lead organisation first" in plain(answer) and "They said yes" in plain(answer)
    with service.app_context():
        assert [event.kind for event in the_case(case).events] == ["opened"]
        assert the_case(case).state == "review"


CHANGES = (
    "UPDATE case_event SET kind = 'noted'",
    "UPDATE case_event SET account_id = NULL",
    "DELETE FROM case_event",
    "UPDATE case_note SET words = 'something else'",
    "UPDATE case_note SET words = '', made_at = '2020-01-01'",
    "DELETE FROM case_note",
)
REPLACED = (  # takes the row away without a word to what watches over deletes
    "REPLACE INTO case_event (id, case_id, at, kind, before, after, facts) "
    "SELECT id, case_id, at, 'noted', '', '', facts FROM case_event",
    "INSERT OR REPLACE INTO case_note SELECT id, case_id, 'something else', made_at FROM case_note",
)
OVERWRITTEN = (
    "INSERT INTO case_note SELECT * FROM case_note ON CONFLICT (id) DO UPDATE SET words = 'something else'",
)


def test_the_database_refuses_to_change_the_history(service: Flask, visitor: FlaskClient) -> None:
    _, me = as_officer(service)
    case_about(service, group_of(service, say(visitor, FALCONRY)), me, words="A first note")

    with service.app_context():
        instead = REPLACED if db.engine.dialect.name == "sqlite" else OVERWRITTEN
        for statement in (*CHANGES, *instead):
            with pytest.raises(DBAPIError, match="only added to"):
                keep(lambda statement=statement: db.session.execute(text(statement)))
        assert db.session.scalars(select(CaseNote.words)).all() == ["A first note"]
        assert db.session.scalars(select(CaseEvent.kind)).all() == ["opened"]


def test_notes_about_one_need_go_with_it_and_the_history_stays(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, FALCONRY)
    name = filed(service, reference)
    browser, _ = as_officer(service)
    sent = fields_of(browser.get(f"/cases/open?need={name}")) | {"words": "About Jo's birds"}
    page = browser.post("/cases/open", data=sent).location

    with service.app_context():
        keep(lambda: withdraw(db.session.scalars(select(Need).where(Need.reference == reference)).one()))

    words = plain(browser.get(page))
    assert "Jo's birds" not in words
    assert "What was written here went with the need" in words and "opened the case" in words
    assert "The employer has withdrawn this need" in words
    assert reference not in browser.get(page).get_data(as_text=True)


@only_sqlite
def test_one_thing_has_one_open_case(service: Flask, visitor: FlaskClient) -> None:
    group = group_of(service, say(visitor, FALCONRY))
    browser, me = as_officer(service)
    case = case_about(service, group, me)

    assert browser.get(f"/cases/open?group={group}").location == f"/cases/case/{case}"
    assert browser.post("/cases/open", data={"group": group}).location == f"/cases/case/{case}"
    with service.app_context():
        assert len(db.session.scalars(select(Case)).all()) == 1


@only_sqlite
def test_a_case_follows_its_group_into_the_one_it_was_merged_into(
    service: Flask, visitor: FlaskClient
) -> None:
    one, two = (group_of(service, say(visitor, f"{FALCONRY} {n}"), name=n) for n in ("one", "two"))
    browser, me = as_officer(service)
    case = case_about(service, one, me)

    def merge() -> None:
        group = db.session.get_one(NeedGroup, one)
        group.merged_into_id, group.merged_at = two, now()
        for member in list(group.members):
            member.group_id = two

    with service.app_context():
        keep(merge)
        assert len({facet.need_id for facet in facets_of(the_case(case))}) == 2
    assert "merged into another" in plain(browser.get(f"/cases/case/{case}"))


@only_sqlite
def test_a_group_is_led_to_the_case_of_the_one_that_was_merged_into_it(
    service: Flask, visitor: FlaskClient
) -> None:
    one, two = (group_of(service, say(visitor, f"{FALCONRY} {n}"), name=n) for n in ("one", "two"))
    browser, me = as_officer(service)
    case = case_about(service, one, me)
    with service.app_context():
        keep(lambda: merge(db.session.get_one(NeedGroup, one), db.session.get_one(NeedGroup, two)))
        db.session.remove()

    assert f"Case {case}" in plain(browser.get(f"/cases/groups/{two}"))
    with service.app_context():
        keep(lambda: db.session.add(Case(group_id=two, owner_id=me, opened_at=now())))
        db.session.remove()
    words = plain(browser.get(f"/cases/case/{case}"))
    assert "Another open case is about the same group: case 2" in words
    assert browser.get(f"/cases/open?group={two}").location == f"/cases/case/{case}"


@only_sqlite
def test_nothing_is_opened_about_needs_that_are_gone_or_invented(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, FALCONRY)
    group = group_of(service, reference)
    browser, _ = as_officer(service)
    form = fields_of(browser.get(f"/cases/open?group={group}"))
    make_account(service, Role.CHAMBER, organisation="Shown around", name="Demo Officer", demonstration=True)
    assert "Demo Officer" not in plain(browser.get(f"/cases/open?group={group}")), "it cannot sign in here"

    with service.app_context():
        keep(lambda: withdraw(db.session.scalars(select(Need).where(Need.reference == reference)).one()))
    gone = browser.post("/cases/open", data=form | {"words": "My words"})
    assert gone.status_code == 409 and "so nothing can be done about it" in plain(gone)
    assert "My words" in plain(gone)
    with service.app_context():
        keep(lambda: setattr(db.session.scalars(select(Need)).one(), "channel", "demo"))
    assert browser.get(f"/cases/open?group={group}").status_code == 404


@only_sqlite
def test_a_demonstrations_case_stands_in_nobodys_way(service: Flask, visitor: FlaskClient) -> None:
    group = group_of(service, say(visitor, FALCONRY))
    shown = make_account(service, Role.CHAMBER, organisation="Shown around", demonstration=True)
    service.config["DEMO"] = True
    case_about(service, group, shown)
    service.config["DEMO"] = False
    browser, _ = as_officer(service)

    page = browser.get(f"/cases/open?group={group}")
    opened = browser.post("/cases/open", data=fields_of(page))

    assert opened.status_code == 303 and opened.location == "/cases/case/2"
    assert browser.get(opened.location).status_code == 200
    assert browser.get("/cases/case/1").status_code == 404


@only_sqlite
def test_a_list_is_looked_through_for_any_words(service: Flask, visitor: FlaskClient) -> None:
    browser, me = as_officer(service)
    case_about(service, group_of(service, say(visitor, FALCONRY)), me, lead="École 100%_Training")

    for words in ("École", "100%25_", "training"):
        assert "Falconry" in plain(browser.get(f"/cases/list?lead={words}")), words
    for query in ("lead=a%00b", "theme=%00", "owner=%00", "owner=99999999999999999999", "due=x", "page=-9"):
        assert browser.get(f"/cases/list?{query}").status_code == 200, query
    assert browser.get("/cases/open?need=a%00b").status_code == 404


def test_lists_and_board_are_narrowed_and_say_whose_and_how_late(
    service: Flask, visitor: FlaskClient
) -> None:
    browser, me = as_officer(service)
    _, other = as_officer(service, "Ivy Other")
    for place, (owner, lead, days) in enumerate([(me, "Leicester College", 1), (other, "", 5), (me, "", 90)]):
        group = group_of(service, say(visitor, f"{FALCONRY} {place}"), name=f"Group {place}")
        due = None
        with service.app_context():
            due = today() + timedelta(days=days)
        case_about(service, group, owner, lead=lead, due_on=due)
    with service.app_context():
        late = the_case(2)
        keep(lambda: setattr(db.session.get_one(Case, late.id), "due_on", today() - timedelta(days=1)))

    def shown(query: str) -> list[str]:
        words = plain(browser.get(f"/cases/list?{query}"))
        return [name for name in ("Group 0", "Group 1", "Group 2") if name in words]

    assert shown("") == ["Group 0", "Group 1", "Group 2"]
    assert shown("owner=me") == ["Group 0", "Group 2"]
    assert shown(f"owner={other}") == shown("due=overdue") == ["Group 1"]
    assert shown("lead=leicester") == ["Group 0"]
    assert (
        shown("state=closed") == shown("owner=nobody") == shown("state=nonsense") == shown("rag=blue") == []
    )
    words = plain(browser.get("/cases/list"))
    assert "My cases (2)" in words and "Overdue (1)" in words
    assert words.index("Group 1") < words.index("Group 0") < words.index("Group 2")
    board = plain(browser.get("/cases/board?owner=me"))
    assert "Under review (2)" in board and "Group 1" not in board
    for path, words in (("list", "Open cases (3)"), ("list?owner=me", "My cases (2)"), ("board", "Board")):
        links = browser.get(f"/cases/{path}").get_data(as_text=True).partition('class="desk-links"')[2]
        marked = re.findall(r'aria-current="page">([^<]*)', links.partition("</ul>")[0])
        assert marked == [words]


@only_sqlite
def test_a_case_whose_owner_has_left_can_be_found_and_no_decision_taken_before_it_is_handed_over(
    service: Flask, visitor: FlaskClient
) -> None:
    browser, _ = as_officer(service)
    gone = make_account(service, Role.CHAMBER, organisation="The Chamber", name="Gone Officer")
    case = case_about(service, group_of(service, say(visitor, FALCONRY)), gone)
    with service.app_context():
        keep(lambda: setattr(db.session.get_one(Account, gone), "disabled_at", now()))

    assert "Falconry" in plain(browser.get("/cases/list?owner=nobody"))
    answer = browser.post(f"/cases/case/{case}/decide", data={"to": "national", "move_words": "A rule"})
    assert answer.status_code == 409 and "Nobody owns this case" in plain(answer)
    assert browser.post(f"/cases/case/{case}/hand-over", data={"owner": gone}).status_code == 422


def address_of(app: Flask, account: int) -> str:
    with app.app_context():
        return db.session.get_one(Account, account).email


def mails_to(app: Flask, address: str) -> list[MailMessage]:
    with app.app_context():
        return list(db.session.scalars(select(MailMessage).where(MailMessage.to_address == address)))


def test_the_new_owner_is_told_by_mail_of_the_number_and_nothing_of_the_need(
    service: Flask, visitor: FlaskClient
) -> None:
    browser, me = as_officer(service)
    ada = make_account(service, Role.CHAMBER, organisation="The Chamber", name="Ada Ask", email="ada@example.org")
    case = case_about(service, group_of(service, say(visitor, FALCONRY)), me)
    page = f"/cases/case/{case}"

    sent = {"owner": ada, "hand_words": "Ask the falcons first"}
    answer = browser.post(f"{page}/hand-over", data=sent, follow_redirects=True)

    words = plain(answer)
    assert "The case is handed over. Ada Ask is told by mail." in words
    assert "handed it over to Ada Ask, who was told by mail. Ask the falcons first" in words
    (mail,) = mails_to(service, "ada@example.org")
    assert f"Case {case} is yours now" in mail.subject
    assert "Hello Ada Ask" in mail.body and "Olu Officer has handed" in mail.body and page in mail.body
    assert "falcon" not in f"{mail.subject}{mail.body}".lower()
    # taken back by oneself: nobody needs a mail about that
    answer = browser.post(f"{page}/hand-over", data={"owner": me}, follow_redirects=True)
    assert "The case is yours now." in plain(answer)
    assert [event.facts.get("told") for event in events(service, case) if event.kind == "handed-over"] == [True, None]
    assert mails_to(service, "ada@example.org")[1:] == mails_to(service, address_of(service, me)) == []


@only_sqlite
def test_a_new_owner_whose_address_has_had_its_mails_gets_the_case_and_the_page_says_so(
    service: Flask, visitor: FlaskClient
) -> None:
    browser, me = as_officer(service)
    ada = make_account(service, Role.CHAMBER, organisation="The Chamber", name="Ada Ask", email="ada@example.org")
    case = case_about(service, group_of(service, say(visitor, FALCONRY)), me)
    with service.app_context():
        for number in range(DAILY_LIMIT):
            keep(lambda n=number: post(f"other-{n}", "ada@example.org", "Other", "Other"))  # type: ignore[misc]

    answer = browser.post(f"/cases/case/{case}/hand-over", data={"owner": ada}, follow_redirects=True)

    assert "No mail could be sent to Ada Ask: please tell them yourself." in plain(answer)
    assert "handed it over to Ada Ask, who could not be told by mail." in plain(answer)
    assert len(mails_to(service, "ada@example.org")) == DAILY_LIMIT
    with service.app_context():
        assert the_case(case).owner_id == ada


@only_sqlite
def test_the_head_marks_the_desk_in_whose_room_a_page_is(service: Flask, visitor: FlaskClient) -> None:
    browser, me = as_officer(service)
    case = case_about(service, group_of(service, say(visitor, FALCONRY)), me)

    def marked(where: str) -> list[tuple[str, str]]:
        head = browser.get(where).get_data(as_text=True).partition('aria-label="Your account"')[2]
        return re.findall(r'aria-current="(\w+)">([^<]+)<', head.partition("</nav>")[0])

    assert marked("/cases/list?owner=me") == [("page", "Cases")]
    for where, desk in (
        *((f"/cases/case/{case}{below}", "Cases") for below in ("", "/refer", "/mail", "/nothing-here")),
        *(("/cases/board", "Cases"), ("/cases/unheard", "Unmet needs"), ("/cases/groups/1", "Unmet needs")),
        *(("/cases/gathering/survey", "Gathering"), ("/cases/quotes", "Gathering"), ("/cases/employers", "Gathering")),
        *(("/cases/words/cases.handed-over", "Words"), ("/priorities/actions/new", "Priorities")),
        *(("/demand/employers", "What employers ask for"),),
    ):
        assert marked(where) == [("true", desk)], where
    assert marked("/kinds") == [] and marked("/account") == [("page", "Olu Officer")]


@only_sqlite
@pytest.mark.parametrize("role", [Role.PROVIDER, Role.COLLEGE])
def test_a_provider_or_college_gets_403_on_every_page_of_the_chambers(service: Flask, role: Role) -> None:
    browser = service.test_client()
    sign_in(browser, service, role, organisation="Some college", ukprn=10009991)
    tried = 0
    for rule in service.url_map.iter_rules():
        if not rule.endpoint.startswith("cases."):
            continue
        assert audience_of(service, rule.endpoint) == {Role.CHAMBER, Role.ADMIN}
        with service.test_request_context():
            known = {name: KNOWN.get(name, 1) for name in rule.arguments}
            where = service.url_map.bind("").build(rule.endpoint, known, method=min(rule.methods or ()))
        for method in {"GET", "POST"} & set(rule.methods or ()):
            tried += 1
            assert browser.open(where, method=method).status_code == 403, rule
    assert tried >= 12


@only_sqlite
def test_what_is_not_there_is_404_and_bad_answers_are_told_in_words(
    service: Flask, visitor: FlaskClient
) -> None:
    browser, me = as_officer(service)
    for where in ("/cases/case/77", "/cases/open?group=77", "/cases/open?need=nobody", "/cases/case/77/mail"):
        assert browser.get(where).status_code == 404, where
    group = group_of(service, say(visitor, FALCONRY))
    sent = fields_of(browser.get(f"/cases/open?group={group}"))
    assert "“Due date” as a day" in plain(browser.post("/cases/open", data=sent | {"due_on": "soon"}))
    past = browser.post("/cases/open", data=sent | {"due_on": "01/01/2020"})
    assert past.status_code == 409 and "has gone by" in plain(past)
    far = browser.post("/cases/open", data=sent | {"due_on": "31/03/2207"})
    assert far.status_code == 409 and "look at its year" in plain(far)
    case = case_about(service, group, me)
    assert browser.post(f"/cases/case/{case}/note", data={"note": " "}).status_code == 422
    assert browser.post(f"/cases/case/{case}/decide", data={"to": "nonsense"}).status_code == 422
