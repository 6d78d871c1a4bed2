"""The officers' pages: a draft is looked at first; what is published stays; what is withdrawn is gone; who counts."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.accounts.models import AuditEntry
from skillsmatch.clock import today
from skillsmatch.database import keep
from skillsmatch.demand import files
from skillsmatch.demand.employers import employer_key
from skillsmatch.demand.models import DemandSignal, EmployerKey, Release
from skillsmatch.demand.releases import release_of
from skillsmatch.demand.signals import Coded, add_signal, make_countable
from skillsmatch.extensions import db
from tests.demand.releasing import DRAFT, NOTICE, WITHDRAWN, ask, text_of

CODED = Coded(
    theme="CON-BRICK", theme_confirmed=True, soc_guessed="", soc_confirmed="", sic_section="F", district="E06000016",
    level=2, need_kind="", who_for="", size_band="", people=None, outcome="offers-shown", reasons=[],
)  # fmt: skip


def number_of(app: Flask, period: str) -> int:
    with app.app_context():
        release = release_of(period)
        assert release is not None
        return release.id


def audit(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(e.action, e.about) for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_a_draft_is_looked_at_and_published_by_an_officer(
    released: Flask, officer: FlaskClient, college: FlaskClient
) -> None:
    number = number_of(released, DRAFT)
    page = text_of(officer, f"/demand/releases/{number}")
    assert "Only officers see it" in page
    assert "Employers by skill theme:" in page
    assert college.get(f"/demand?release={DRAFT}").status_code == 404

    unticked = officer.post(f"/demand/releases/{number}/publish")
    assert unticked.status_code == 422
    assert "Tick the box once you have looked" in unticked.get_data(as_text=True)

    assert officer.post(f"/demand/releases/{number}/publish", data={"looked": "y"}).status_code == 303
    assert college.get(f"/demand?release={DRAFT}").status_code == 200
    assert ("release published", f"release {number}") in audit(released)
    twice = officer.post(f"/demand/releases/{number}/publish", data={"looked": "y"})
    assert twice.status_code == 409
    assert "is published already" in twice.get_data(as_text=True)


def test_a_release_is_withdrawn_with_a_reason_and_its_files_go(
    released: Flask, officer: FlaskClient, college: FlaskClient
) -> None:
    number = number_of(released, "2026Q1")
    assert college.get("/demand/2026Q1/size.csv").status_code == 200

    refused = officer.post(f"/demand/releases/{number}/withdraw", data={"reason": "", "sure": "y"})
    assert refused.status_code == 422
    unsure = officer.post(f"/demand/releases/{number}/withdraw", data={"reason": "A file came in twice"})
    assert unsure.status_code == 422
    assert "A file came in twice</textarea>" in unsure.get_data(as_text=True)

    done = officer.post(
        f"/demand/releases/{number}/withdraw", data={"reason": "A file came in twice", "sure": "y"}
    )
    assert done.status_code == 303
    assert "A file came in twice" in text_of(college, "/demand?release=2026Q1", 410)
    assert college.get("/demand/2026Q1/size.csv").status_code == 410
    assert ("release withdrawn", f"release {number}") in audit(released)
    with released.app_context():
        assert not files.folder_of("2026Q1").exists()


def test_what_was_withdrawn_keeps_its_notice_for_officers(released: Flask, officer: FlaskClient) -> None:
    page = text_of(officer, f"/demand/releases/{number_of(released, WITHDRAWN)}")

    assert NOTICE in page
    assert "<table" not in page
    assert officer.get("/demand/releases/999").status_code == 404


def test_an_officer_makes_a_draft_of_a_period_that_is_over(released: Flask, officer: FlaskClient) -> None:
    page = text_of(officer, "/demand/releases")
    offered = re.findall(r'<option value="(\w+)"', page)
    assert "2025Q3" in offered  # over, and without a release
    assert not {"2025", "2026Q1", WITHDRAWN, "2026Q3", "2026"} & set(offered)

    made = officer.post("/demand/releases", data={"period": "2025Q3"})

    assert made.status_code == 303
    with released.app_context():
        release = release_of("2025Q3")
        assert release is not None
        assert release.state == "draft"
    assert officer.post("/demand/releases", data={"period": "2026Q3"}).status_code == 422


def test_a_period_with_too_few_is_refused_and_can_be_closed(
    app: Flask, client: FlaskClient, database_url: str
) -> None:
    from skillsmatch.accounts.roles import Role
    from tests.accounts.signing import sign_in

    sign_in(client, app, Role.CHAMBER)
    refused = client.post("/demand/releases", data={"period": "2026Q2"})
    assert refused.status_code == 409
    assert "fewer than 50 employers" in refused.get_data(as_text=True)
    assert client.post("/demand/releases/close", data={"closing": "2026Q2"}).status_code == 422
    assert client.post("/demand/releases/close", data={"closing": "nonsense", "sure": "y"}).status_code == 422

    assert client.post("/demand/releases/close", data={"closing": "2026Q2", "sure": "y"}).status_code == 303

    with app.app_context():
        closed = db.session.scalars(select(Release)).one()
        assert (closed.period, closed.state) == ("2026Q2", "too-few")
    assert "fewer than 50 employers count in it" in text_of(client, "/demand")
    assert ("period closed without a release", "release 1") in audit(app)


# --- employers that do not count ------------------------------------------------------------------


@pytest.fixture
def not_counted(released: Flask) -> dict[str, int]:
    """A university that asked as an employer, a firm without a confirmed e-mail, and a form filled by a machine."""

    def work() -> dict[str, int]:
        college, firm, machine = (
            employer_key(a, "r")
            for a in ("estates@soar.ac.uk", "owner@unsure-firm.example", "bot@machine.example")
        )
        make_countable(add_signal(college, CODED, today(), "web", suspect=False), college)
        add_signal(firm, CODED, today(), "web", suspect=False)
        make_countable(add_signal(machine, CODED, today(), "web", suspect=True), machine)
        return {"college": college.id, "firm": firm.id, "machine": machine.id}

    with released.app_context():
        found = keep(work)
        db.session.remove()
    return found


def test_officers_see_numbers_and_no_words_of_those_who_do_not_count(
    officer: FlaskClient, not_counted: dict[str, int]
) -> None:
    page = text_of(officer, "/demand/employers")

    rows = re.findall(r"Employer (\d+)</a></th><td>([^<]+)</td>", page)
    assert rows == [
        (str(not_counted["college"]), "A college&#39;s or training provider&#39;s domain"),
        (str(not_counted["machine"]), "Looks automatic"),
        (str(not_counted["firm"]), "No confirmed e-mail"),
    ]
    assert page.count("<dd>1 employer</dd>") == 3
    assert not re.search("soar|unsure-firm|machine\\.example|Brick", page)


def test_an_officer_finds_an_employer_it_knows_and_confirms_it(
    released: Flask, officer: FlaskClient, not_counted: dict[str, int]
) -> None:
    number = not_counted["college"]
    for known in ("www.soar.ac.uk", "https://soar.ac.uk/estates", "Estates@Soar.ac.uk"):
        found = officer.post("/demand/employers", data={"address": known})
        assert found.location == f"/demand/employers/{number}", known

    assert officer.post(f"/demand/employers/{number}").status_code == 422
    assert officer.post(f"/demand/employers/{number}", data={"sure": "y"}).status_code == 303

    with released.app_context():
        key = db.session.get_one(EmployerKey, number)
        assert key.confirmed_at is not None
        signal = db.session.scalars(select(DemandSignal).where(DemandSignal.employer_key_id == number)).one()
        assert signal.countable_at is not None
    assert ("employer confirmed", f"employer {number}") in audit(released)
    assert officer.get(f"/demand/employers/{number}").status_code == 404
    assert "counts already" in officer.post("/demand/employers", data={"address": "soar.ac.uk"}).get_data(
        as_text=True
    )


@pytest.mark.parametrize("address", ["nobody.example", "gmail.com", "///", "@", "a@b@c"])
def test_an_employer_that_never_asked_is_not_found(officer: FlaskClient, address: str) -> None:
    answer = officer.post("/demand/employers", data={"address": address})

    assert answer.status_code == 200
    assert "No employer with this address" in answer.get_data(as_text=True)


def test_an_employer_that_counts_is_not_in_the_list(released: Flask, officer: FlaskClient) -> None:
    with released.app_context():
        ask("owner@counts.example")

    assert "There is none: every employer that asked counts" in text_of(officer, "/demand/employers")


def test_no_form_of_an_officer_is_taken_without_its_token(released: Flask, officer: FlaskClient) -> None:
    released.config["WTF_CSRF_ENABLED"] = True
    number = number_of(released, DRAFT)

    for where in (
        "/demand/releases",
        "/demand/releases/close",
        f"/demand/releases/{number}/publish",
        f"/demand/releases/{number}/withdraw",
        "/demand/employers",
        "/demand/employers/1",
    ):
        assert officer.post(where, data={"looked": "y", "sure": "y"}).status_code == 400, where
