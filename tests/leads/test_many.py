"""With many leads and many providers a page still reads only what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from skillsmatch.accounts.roles import Role
from skillsmatch.area.kinds import Kind
from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.extensions import db
from skillsmatch.leads.alerts import View
from skillsmatch.leads.models import Consent, Lead
from skillsmatch.leads.seeing import leads_for, sights_for
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.models import Provider
from tests.accounts.signing import make_account
from tests.conftest import NOW
from tests.leads.conftest import LEICESTER, LOUGHBOROUGH, Employer
from tests.needs.journey import plain

pytestmark = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
THEMES, KINDS = ("WELDING", "DRIVING"), (Kind.SHORT_COURSE.value, Kind.APPRENTICESHIP.value)
DISTRICTS = ("E06000016", "E07000132", "E07000134")


@pytest.fixture
def many(service: Flask, college: FlaskClient) -> None:
    """Forty needs that Leicester College may see, pooled, each of another employer."""
    with service.app_context():
        for n in range(40):
            key = EmployerKey(digest=f"{n}", record_key=1, basis="need", created_at=NOW)
            signal = DemandSignal(
                employer_key=key, theme=THEMES[n % 2], made_on=NOW.date(), outcome="offers-shown"
            )
            need = Need(
                reference=f"many{n}",
                token_digest=f"many{n}",
                payload_digest="",
                created_at=NOW,
                changed_at=NOW,
                kept_until=NOW.date(),
                status="open",
                text=f"need number {n:02}",
                email=f"owner@many{n}.example",
                email_verified_at=NOW,
                lat=52.63,
                lon=-1.13,
                district=DISTRICTS[n % 3],
            )
            facet = Facet(
                need=need,
                position=1,
                text="welding",
                theme=THEMES[n % 2],
                kind_hint=KINDS[n // 2 % 2],
                outcome="offers-shown",
                signal=signal,
                removed_at=NOW if n == 39 else None,
            )
            db.session.add_all([key, signal, need, facet])
            db.session.flush()
            began = NOW - timedelta(minutes=n)
            db.session.add(Lead(need_id=need.id, opened_at=began, expires_at=NOW + timedelta(weeks=12)))
            for purpose, recipients, ukprn in (("share", "named", LEICESTER), ("pool", "chosen", 0)):
                db.session.add(
                    Consent(
                        need_id=need.id,
                        purpose=purpose,
                        recipients=recipients,
                        ukprn=ukprn,
                        wording="x",
                        given_at=began,
                    )
                )
        db.session.commit()
        db.session.remove()


@contextmanager
def counted(target: Any, name: str) -> Iterator[list[int]]:
    """How often something happens meanwhile."""
    seen = [0]

    def note(*_: Any) -> None:
        seen[0] += 1

    event.listen(target, name, note)
    try:
        yield seen
    finally:
        event.remove(target, name, note)


def test_a_page_of_leads_reads_the_words_of_its_own_leads_only(college: FlaskClient, many: None) -> None:
    with counted(Need, "load") as needs:
        first = plain(college.get("/leads"))

    assert "39 leads" in first and "need number 00" in first and "need number 30" not in first
    assert needs[0] == 30
    second = plain(college.get("/leads?page=2"))
    assert "need number 30" in second and "need number 38" in second and "need number 29" not in second


def test_the_tables_narrow_a_list_as_an_alert_does(service: Flask, many: None) -> None:
    with service.app_context():
        college = db.session.query(Provider).filter_by(ukprn=LEICESTER).one()
        shown = leads_for(college)
        views = [View(t, d, k) for t in ("", *THEMES) for d in ("", *DISTRICTS) for k in ("", *KINDS)]
        for view in views:
            asked = [sight.lead_id for sight in sights_for(college, view.where())]
            assert asked == [one.lead.id for one in shown if view.touches(one)]
            assert asked, view


def test_the_sharing_page_asks_no_more_where_more_providers_are_registered(
    service: Flask, college: FlaskClient, employer: Any
) -> None:
    members: list[Employer] = [employer() for _ in range(5)]
    for one in members:
        assert one.share(LEICESTER, nearby=True, pool=True).status_code == 303

    def statements() -> int:
        with counted(Engine, "before_cursor_execute") as asked:
            page = plain(members[0].client.get(f"{members[0].manage}/sharing"))
        assert "At least 5 employers near you want the same" in page
        return asked[0]

    few = statements()
    with service.app_context():
        ukprns = [p.ukprn for p in db.session.query(Provider).order_by(Provider.id) if p.ukprn != LEICESTER][
            :6
        ]
        db.session.remove()
    for ukprn in {*ukprns, LOUGHBOROUGH}:
        make_account(service, Role.COLLEGE, organisation=str(ukprn), ukprn=ukprn)

    assert statements() == few
