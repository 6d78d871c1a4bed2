"""A college sees the leads that are its own, replies, and the employer is told; another college finds nothing there."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.accounts.models import AuditEntry
from skillsmatch.accounts.roles import Role
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.leads import replies as sending
from skillsmatch.leads.models import Lead, LeadReply
from skillsmatch.leads.replies import MOST
from skillsmatch.leads.telling import SOON, tell
from skillsmatch.mail.outbox import DAILY_LIMIT, post
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.models import Offer, Provider
from tests.accounts.signing import sign_in
from tests.leads.conftest import LEICESTER, LOUGHBOROUGH, Employer, as_college
from tests.needs.journey import fields_of, plain

New = Callable[..., Employer]
only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
REACH = "Jo Adams, 0116 000 0000"


@pytest.fixture
def shared(college: FlaskClient, employer: New) -> Employer:
    """A need of two things that Leicester College may see."""
    one = employer("forklift x3 in Hinckley, and Sage payroll", business_name="Longline Ltd", level="2")
    one.share(LEICESTER)
    return one


def reply(client: FlaskClient, number: int, **answers: str) -> int:
    """Opens the form, fills it in and sends it; returns the answer's status."""
    form = fields_of(client.get(f"/leads/{number}/reply"))
    return client.post(f"/leads/{number}/reply", data=form | answers).status_code


def an_offer(app: Flask, ukprn: int) -> str:
    with app.app_context():
        own = (
            select(Offer.id).join(Offer.provider).where(Provider.ukprn == ukprn, Offer.withdrawn_at.is_(None))
        )
        return str(db.session.scalar(own.order_by(Offer.id).limit(1)))


def replies(app: Flask) -> list[LeadReply]:
    with app.app_context():
        return list(db.session.scalars(select(LeadReply).order_by(LeadReply.id)))


@only_sqlite
def test_the_lead_shows_the_words_people_place_kind_and_level_and_no_contact(
    college: FlaskClient, shared: Employer
) -> None:
    page = plain(college.get(f"/leads/{shared.lead()}"))

    for words in ("forklift x3 in Hinckley", "Sage payroll", "Place", "Level", "Asked today; no reply yet"):
        assert words in page
    assert "Longline" not in page and "firm0.example" not in page


def test_reading_the_contact_details_is_noted_and_a_look_at_the_lead_is_not(
    service: Flask, college: FlaskClient, shared: Employer
) -> None:
    number = shared.lead()
    college.get(f"/leads/{number}")

    page = plain(college.post(f"/leads/{number}/contact"))

    assert "Longline Ltd" in page and "owner@firm0.example" in page
    with service.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("contact"))).one()
        assert entry.about == f"lead {number}" and json.loads(entry.facts) == {"ukprn": LEICESTER}
        assert "firm0" not in entry.facts + entry.about


ROUTES = [
    ("GET", "/leads/{}"),
    ("POST", "/leads/{}/contact"),
    ("GET", "/leads/{}/reply"),
    ("POST", "/leads/{}/reply"),
]


@only_sqlite
@pytest.mark.parametrize(("method", "where"), ROUTES)
def test_another_colleges_lead_is_not_there(
    service: Flask, other_college: FlaskClient, shared: Employer, method: str, where: str
) -> None:
    data = {"kind": "contact", "reach": REACH, "number": "1"}

    answer = other_college.open(where.format(shared.lead()), method=method, data=data)

    assert answer.status_code == 404
    assert replies(service) == [] and "forklift" not in plain(other_college.get("/leads"))
    with service.app_context():
        assert not db.session.scalars(select(AuditEntry).where(AuditEntry.about.startswith("lead"))).all()


@only_sqlite
def test_each_role_reaches_its_own_pages_and_no_others(
    service: Flask, shared: Employer, college: FlaskClient
) -> None:
    number = shared.lead()
    pages = {
        "/leads": {Role.COLLEGE, Role.PROVIDER},
        "/leads/cohorts": {Role.COLLEGE, Role.PROVIDER},
        f"/leads/{number}": {Role.COLLEGE, Role.PROVIDER},
        f"/leads/{number}/reply": {Role.COLLEGE, Role.PROVIDER},
        "/alerts": {Role.COLLEGE, Role.PROVIDER},
        "/leads/counts": {Role.CHAMBER},
    }
    for role in Role:
        client = service.test_client()
        sign_in(
            client,
            service,
            role,
            organisation=f"the {role}",
            ukprn=LEICESTER if role in ("college", "provider") else None,
        )
        for page, roles in pages.items():
            assert client.get(page).status_code == (200 if role in roles else 403), (role, page)
        for page in (
            f"/leads/{number}/contact",
            f"/leads/{number}/reply",
            "/leads/cohorts",
            "/alerts",
            "/alerts/1/stop",
        ):
            if role not in (Role.COLLEGE, Role.PROVIDER):
                assert client.post(page).status_code == 403, (role, page)
    for page in pages:
        answer = service.test_client().get(page)
        assert answer.status_code == 303 and "/sign-in" in answer.location, page


@only_sqlite
def test_an_organisation_without_a_provider_here_sees_no_lead_and_is_told_why(
    service: Flask, shared: Employer
) -> None:
    client = service.test_client()
    sign_in(client, service, Role.COLLEGE, organisation="A college of no number")

    assert "has no UKPRN here" in plain(client.get("/leads"))
    assert client.get(f"/leads/{shared.lead()}").status_code == 404
    assert client.post("/leads/cohorts", data={"people": "4"}).status_code == 404


def test_the_filters_narrow_by_theme_kind_council_and_waiting(
    service: Flask, college: FlaskClient, employer: New
) -> None:
    employer("forklift licence", postcode="LE10").share(LEICESTER)
    employer("payroll on Sage", postcode="LE1").share(LEICESTER)
    with service.app_context():
        themes = dict(db.session.execute(select(Facet.text, Facet.theme)).tuples().all())
    forklift = themes["forklift licence"]

    def titles(query: str) -> tuple[bool, bool]:
        page = college.get(f"/leads{query}").get_data(as_text=True)
        return ">forklift licence</a>" in page, ">payroll on Sage</a>" in page

    assert titles("") == (True, True)
    assert titles(f"?theme={forklift}") == (True, False)
    assert titles("?district=E06000016") == (False, True)
    assert titles("?kind=apprenticeship") == (False, False)
    assert titles("?theme=nonsense&kind=x'--&district=%00") == (False, False)
    with service.app_context():
        number = (
            db.session.scalar(select(Lead.id).join(Lead.need).where(Need.text == "forklift licence")) or 0
        )
    assert reply(college, number, kind="contact", reach=REACH) == 303
    assert titles("?waiting=yes") == (False, True)


def test_a_reply_is_kept_mailed_in_the_same_breath_and_on_the_needs_page(
    service: Flask, college: FlaskClient, shared: Employer
) -> None:
    offer = an_offer(service, LEICESTER)

    assert (
        reply(college, shared.lead(), kind="offer", offer=offer, reach=REACH, words="From 11 January.") == 303
    )

    kept = replies(service)[0]
    assert (kept.kind, str(kept.offer_id), kept.words, kept.told_at is not None) == (
        "offer",
        offer,
        "From 11 January.",
        True,
    )
    assert shared.mails() == ["Leicester College has replied about your skills need"]
    for page in (f"/needs/{shared.reference}", shared.manage):
        words = plain(shared.client.get(page))
        assert (
            "Leicester College has training for you" in words
            and "From 11 January." in words
            and REACH in words
        )
    assert "you replied within a day" in plain(college.get("/leads"))


def test_a_reply_whose_commit_fails_leaves_neither_reply_nor_mail_and_what_was_typed(
    service: Flask, college: FlaskClient, shared: Employer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    number = shared.lead()
    form = fields_of(college.get(f"/leads/{number}/reply"))

    def full() -> None:
        raise OperationalError("COMMIT", None, OSError("disk full"))

    monkeypatch.setattr(db.session, "commit", full)
    answer = college.post(
        f"/leads/{number}/reply", data=form | {"kind": "contact", "reach": REACH, "words": "Kept?"}
    )
    monkeypatch.undo()

    assert answer.status_code == 503 and fields_of(answer)["words"] == "Kept?"
    assert replies(service) == [] and shared.mails() == []


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "Choose one of the three answers"),
        ({"kind": "contact"}, "Give a name with a phone number"),
        ({"kind": "offer", "reach": REACH}, "Choose the training you offer"),
        ({"kind": "cannot"}, "Choose why you cannot help"),
        ({"kind": "cannot", "reason": "other"}, "Say in a few words"),
        ({"kind": "cannot", "reason": "made-up"}, "Choose from the answers given"),
        ({"kind": "offer", "reach": REACH, "offer": "2147483647"}, "Choose from the answers given"),
    ],
)
@only_sqlite
def test_a_reply_that_lacks_something_is_refused_in_words_and_keeps_what_was_typed(
    service: Flask, college: FlaskClient, shared: Employer, answers: dict[str, str], said: str
) -> None:
    number = shared.lead()
    form = fields_of(college.get(f"/leads/{number}/reply"))

    answer = college.post(f"/leads/{number}/reply", data=form | {"reach": ""} | answers)

    assert answer.status_code == 422 and said in plain(answer)
    assert fields_of(answer)["reach"] == answers.get("reach", "")
    assert replies(service) == []


@only_sqlite
def test_of_thousands_of_offers_the_form_lists_few_and_looks_for_the_others(
    service: Flask, college: FlaskClient, shared: Employer
) -> None:
    with service.app_context():
        one = db.session.get_one(Offer, int(an_offer(service, LEICESTER)))
        like = {column.name: getattr(one, column.name) for column in Offer.__table__.columns}
        for n in range(1_000):
            more = {"id": None, "source_ref": f"many-{n}", "title": f"Zymurgy, part {n:04}"}
            db.session.add(Offer(**(like | more)))
        db.session.commit()
        db.session.remove()
    where = f"/leads/{shared.lead()}/reply"
    first = college.get(where)
    page = first.get_data(as_text=True)
    assert page.count("<option") < 70 and "part 0777" not in page

    typed = {
        "kind": "offer",
        "reach": REACH,
        "words": "From January.",
        "look_for": "zymurgy 0777",
        "look": "yes",
    }
    found = college.post(where, data=fields_of(first) | typed)

    assert found.status_code == 200 and "Zymurgy, part 0777" in plain(found)
    assert (fields_of(found)["reach"], fields_of(found)["words"]) == (REACH, "From January.")
    assert replies(service) == []
    number = re.search(r'value="(\d+)">Zymurgy, part 0777', found.get_data(as_text=True))
    assert number is not None
    chosen = fields_of(found) | {"kind": "offer", "offer": number[1], "look_for": "something else"}
    chosen.pop("look", None)
    assert college.post(where, data=chosen).status_code == 303
    assert str(replies(service)[0].offer_id) == number[1]
    none = college.post(where, data=fields_of(college.get(where)) | {"look_for": "100%", "look": "yes"})
    assert "No other offer of yours" in plain(none)


@only_sqlite
def test_an_offer_of_another_provider_cannot_be_put_forward(
    service: Flask, college: FlaskClient, shared: Employer
) -> None:
    offer = an_offer(service, LOUGHBOROUGH)

    assert reply(college, shared.lead(), kind="offer", offer=offer, reach=REACH) == 422
    assert replies(service) == []


def test_a_second_reply_is_kept_beside_the_first_and_one_form_sends_one(
    service: Flask, college: FlaskClient, shared: Employer
) -> None:
    number = shared.lead()
    form = fields_of(college.get(f"/leads/{number}/reply")) | {"kind": "contact", "reach": REACH}
    assert college.post(f"/leads/{number}/reply", data=form).status_code == 303

    twice = college.post(f"/leads/{number}/reply", data=form | {"words": "Sent by a colleague"})

    assert twice.status_code == 409 and "What your organisation has sent already" in plain(twice)
    assert fields_of(twice)["words"] == "Sent by a colleague"
    assert [r.number for r in replies(service)] == [1]
    assert (
        college.post(f"/leads/{number}/reply", data=fields_of(twice) | {"kind": "contact"}).status_code == 303
    )
    assert [(r.number, r.words) for r in replies(service)] == [(1, ""), (2, "Sent by a colleague")]
    assert len(shared.mails()) == 2


def test_one_form_sent_twice_at_one_moment_sends_one_reply(
    service: Flask, college: FlaskClient, shared: Employer, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = shared.lead()
    form = fields_of(college.get(f"/leads/{number}/reply")) | {"kind": "contact", "reach": REACH}
    cookie, both = college.get_cookie("session"), threading.Barrier(2)
    facet_of = sending._facet_id

    def once_both_are_here(*of: object) -> int | None:
        """Where the second has to wait for the first, they are never both here."""
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=1)
        return facet_of(*of)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "_facet_id", once_both_are_here)

    def send(_: int) -> int:
        browser = service.test_client()
        browser.set_cookie("session", cookie.value if cookie else "")
        return browser.post(f"/leads/{number}/reply", data=form).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, range(2))) == [303, 409]
    assert [one.number for one in replies(service)] == [1]


@only_sqlite
def test_so_many_replies_and_no_more(service: Flask, college: FlaskClient, shared: Employer) -> None:
    with service.app_context():
        for n in range(MOST):
            values = {
                "kind": "contact",
                "reason": "",
                "words": "",
                "reach": REACH,
                "sent_at": now(),
                "told_at": now(),
            }
            db.session.add(LeadReply(lead_id=shared.lead(), ukprn=LEICESTER, number=n + 1, **values))
        db.session.commit()

    assert reply(college, shared.lead(), kind="contact", reach=REACH) == 409
    assert len(replies(service)) == MOST


@only_sqlite
def test_a_reply_sent_after_consent_was_withdrawn_is_not_kept_and_its_words_are_given_back(
    service: Flask, college: FlaskClient, shared: Employer
) -> None:
    number = shared.lead()
    form = fields_of(college.get(f"/leads/{number}/reply"))
    shared.stop()
    typed = {"kind": "contact", "reach": REACH, "words": "We begin in January"}

    answer = college.post(f"/leads/{number}/reply", data=form | typed)

    assert answer.status_code == 404 and replies(service) == [] and shared.mails() == []
    assert "We begin in January" in plain(answer) and REACH in plain(answer)


def test_consent_withdrawn_while_the_reply_is_being_kept_stops_it(
    service: Flask, college: FlaskClient, shared: Employer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skillsmatch.leads import views

    number = shared.lead()
    form = fields_of(college.get(f"/leads/{number}/reply"))
    really = views.keep

    def after_the_employer(work: Callable[[], object]) -> object:
        monkeypatch.setattr(views, "keep", really)
        shared.stop()
        return really(work)

    monkeypatch.setattr(views, "keep", after_the_employer)
    answer = college.post(
        f"/leads/{number}/reply", data=form | {"kind": "contact", "reach": REACH, "words": "We could"}
    )

    assert answer.status_code == 404 and "We could" in plain(answer)
    assert replies(service) == []


def test_an_employer_with_many_mails_today_is_told_by_the_worker_and_sees_the_reply_at_once(
    service: Flask, college: FlaskClient, shared: Employer, later: Callable[..., None]
) -> None:
    with service.app_context():
        keep(
            lambda: (
                [post(f"other-{n}", "owner@firm0.example", "x", "y") for n in range(DAILY_LIMIT - 1)] and None
            )
        )

    assert reply(college, shared.lead(), kind="cannot", reason="too-few") == 303

    assert shared.mails() == [] and replies(service)[0].told_at is None
    assert "there are too few people for a class" in plain(shared.client.get(shared.manage))
    later(days=1, seconds=1)
    with service.app_context():
        assert tell(SOON) == "1 replies" and tell(SOON) == ""
    assert len(shared.mails()) == 1


def test_the_employer_says_that_an_offered_training_fits(
    service: Flask, college: FlaskClient, shared: Employer, employer: New
) -> None:
    reply(college, shared.lead(), kind="offer", offer=an_offer(service, LEICESTER), reach=REACH, position="2")
    number = replies(service)[0].id
    stranger = employer("payroll on Sage")
    stranger.client.post(f"{stranger.manage}/replies/{number}/fits")
    with service.app_context():
        assert not db.session.scalars(select(Facet).where(Facet.outcome == "fits")).all()

    answer = shared.client.post(f"{shared.manage}/replies/{number}/fits")

    assert answer.location.endswith("#replies")
    with service.app_context():
        facet = db.session.scalars(select(Facet).where(Facet.outcome == "fits")).one()
        signal = db.session.get_one(DemandSignal, facet.signal_id)
        assert facet.position == 2 and signal.outcome == "fits"
    assert "The employer said this fits" in plain(college.get(f"/leads/{shared.lead()}"))


@only_sqlite
def test_a_colleges_reply_alone_changes_no_outcome(
    service: Flask, college: FlaskClient, shared: Employer
) -> None:
    """Else a college could turn unmet demand into met demand by offering anything at all."""
    with service.app_context():
        before = list(db.session.scalars(select(DemandSignal.outcome).order_by(DemandSignal.id)))

    reply(college, shared.lead(), kind="offer", offer=an_offer(service, LEICESTER), reach=REACH)

    with service.app_context():
        assert list(db.session.scalars(select(DemandSignal.outcome).order_by(DemandSignal.id))) == before


def test_withdrawing_the_need_empties_what_the_college_wrote(
    service: Flask, college: FlaskClient, shared: Employer
) -> None:
    reply(college, shared.lead(), kind="contact", reach=REACH, words="Dear Longline")

    shared.client.post(f"{shared.manage}/withdraw")

    kept = replies(service)[0]
    assert (kept.kind, kept.words, kept.reach) == ("contact", "", "") and shared.mails() == []


def test_it_expires_by_the_clock_and_can_be_shared_for_longer(
    service: Flask, shared: Employer, later: Callable[..., None]
) -> None:
    number = shared.lead()
    later(weeks=12, seconds=-1)
    assert as_college(service).get(f"/leads/{number}").status_code == 200
    later(weeks=12)
    assert as_college(service).get(f"/leads/{number}").status_code == 404
    assert "Its 12 weeks are over" in plain(shared.client.get(shared.manage))

    assert shared.client.post(f"{shared.manage}/sharing/extend").status_code == 303

    assert as_college(service).get(f"/leads/{number}").status_code == 200
    later(weeks=24)
    assert as_college(service).get(f"/leads/{number}").status_code == 404


@only_sqlite
def test_the_response_clock_runs(service: Flask, shared: Employer, later: Callable[..., None]) -> None:
    later(days=3, hours=2)

    assert "Asked 3 days ago; no reply yet" in plain(as_college(service).get("/leads"))


def test_the_chamber_sees_numbers_and_no_lead(service: Flask, college: FlaskClient, shared: Employer) -> None:
    officer = service.test_client()
    sign_in(officer, service, Role.CHAMBER, organisation="Chamber")
    reply(college, shared.lead(), kind="cannot", reason="too-few")

    page = plain(officer.get("/leads/counts"))

    assert "Open 1" in page and "With a reply 1" in page and "Because: Too few people for a class 1" in page
    assert "forklift" not in page and "Hinckley" not in page
    assert officer.get(f"/leads/{shared.lead()}").status_code == 403


@only_sqlite
def test_what_the_employer_changes_is_what_the_college_sees(
    service: Flask, college: FlaskClient, shared: Employer
) -> None:
    form = fields_of(shared.client.get(f"{shared.manage}/change"))
    shared.client.post(f"{shared.manage}/change", data=form | {"text": "telehandler ticket", "people": "7"})

    page = plain(college.get(f"/leads/{shared.lead()}"))

    assert "telehandler ticket" in page and "Sage" not in page


@only_sqlite
def test_a_look_writes_nothing(service: Flask, college: FlaskClient, shared: Employer) -> None:
    from tests.test_safety import everything

    college.get("/leads")
    before = everything(service)

    for page in (
        "/leads",
        f"/leads/{shared.lead()}",
        f"/leads/{shared.lead()}/reply",
        "/leads/cohorts",
        "/alerts",
    ):
        assert college.get(page).status_code == 200
    for page in (shared.manage, f"{shared.manage}/sharing", f"/needs/{shared.reference}"):
        assert shared.client.get(page).status_code == 200

    assert everything(service) == before


@only_sqlite
def test_nothing_is_changed_by_a_signed_in_post_without_a_token(
    service: Flask, college: FlaskClient, shared: Employer
) -> None:
    from tests.test_safety import everything

    number = shared.lead()
    service.config["WTF_CSRF_ENABLED"] = True
    before = everything(service)
    data = {"kind": "contact", "reach": REACH, "number": "1", "people": "4"}

    for page in (
        f"/leads/{number}/contact",
        f"/leads/{number}/reply",
        "/leads/cohorts",
        "/alerts",
        "/alerts/1/stop",
    ):
        assert college.post(page, data=data).status_code in (400, 422), page
    for page in ("sharing", "sharing/1/withdraw", "sharing/stop", "sharing/extend", "replies/1/fits"):
        assert shared.client.post(f"{shared.manage}/{page}", data={"pool": "y"}).status_code in (400, 422), (
            page
        )

    assert everything(service) == before
