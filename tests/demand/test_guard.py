"""What pages may read: releases only, unless they are an employer's own or are named as needing more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Blueprint, Flask
from needs.journey import say
from sqlalchemy import select, text

from demand.signals import ask, employer
from skillsmatch.accounts.access import PUBLIC, blueprint_open_to
from skillsmatch.database import Base, keep
from skillsmatch.demand import guard, published
from skillsmatch.demand.attacks.pages import addresses
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
only_sqlite_app = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("SELECT * FROM demand_signal", {"demand_signal"}),
        ('select count(*) from "employer_key" k', {"employer_key"}),
        ("SELECT 1 FROM offer JOIN need ON 1=1", {"need"}),
        ("SELECT 1 FROM main.need", {"need"}),
        ('SELECT 1 FROM "public"."facet"', {"facet"}),
        ("WITH x AS (SELECT * FROM/**/NEED_MATCH) SELECT * FROM x", {"need_match"}),
        ("SELECT s.need_kind FROM release_cell s", set()),
        ("SELECT 'need' FROM release_cell", set()),
        ("SELECT release.period FROM release", set()),
    ],
)
def test_a_statement_is_known_by_the_tables_it_names(statement: str, named: set[str]) -> None:
    assert guard.tables_named(statement) == named


def test_every_table_of_needs_and_signals_is_guarded() -> None:
    pointing = {"need_id", "facet_id", "employer_key_id", "signal_id"}
    tables = {table.name for table in Base.metadata.sorted_tables if pointing & set(table.columns.keys())}

    assert {"need", "demand_signal", "employer_key", "facet"} <= set(guard.OF_EMPLOYERS)
    new = tables - set(guard.OF_EMPLOYERS) - set(guard.BY_CONSENT)
    assert not new, f"guard these, or say that they are read by consent: {new}"


@only_sqlite
def test_every_route_reads_releases_only_unless_it_is_an_employers_own(service: Flask) -> None:
    client = service.test_client()
    reference = say(client, "someone who can weld", email="owner@firm.example")
    values = {"reference": reference, "offer_id": 1, "position": 1, "filename": "skillsmatch.css", "form": "csv"}
    kept = allowed = 0

    with guard.statements(service) as seen:
        for rule, where in addresses(service, values):
            answer = client.get(where, buffered=True)
            assert answer.status_code < 500, where
            kept += guard.is_kept_from_employers(service, rule.endpoint)
            allowed += not guard.is_kept_from_employers(service, rule.endpoint)

    read = {(endpoint, table) for endpoint, statement in seen for table in guard.tables_named(statement)}
    assert kept > 8
    assert allowed > 5
    assert ("needs.show", "need") in read
    own = ("needs.", "sharing.", "quoting.", "helping.")  # an employer's own need, by its page or its private link
    assert all(str(endpoint).startswith(own) for endpoint, _ in read), read


def rogue(app: Flask, **options: Any) -> Flask:
    """A page built later that goes round the road out: by the ORM, by hand-written SQL."""

    def by_orm() -> str:
        return str(db.session.scalars(select(DemandSignal)).all())

    def by_hand() -> str:
        return str(db.session.execute(text('SELECT count(*) FROM "demand_signal"')).scalar())

    colleges = blueprint_open_to(Blueprint("colleges", __name__, url_prefix="/colleges"), PUBLIC)
    colleges.get("/orm")(by_orm)
    colleges.get("/hand")(by_hand)
    colleges.get("/officers")(guard.reads_employers(lambda: by_orm()))
    app.register_blueprint(colleges)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    return app


@pytest.mark.parametrize("page", ["orm", "hand"])
def test_a_page_that_reads_signals_gets_an_error_and_shows_nothing(app: Flask, page: str) -> None:
    with app.app_context():
        keep(lambda: ask(employer(1)))

    answer = rogue(app).test_client().get(f"/colleges/{page}")

    assert answer.status_code == 500
    assert "demand_signal" not in answer.get_data(as_text=True)


@only_sqlite_app
def test_a_view_is_let_through_only_where_it_is_named(app: Flask) -> None:
    app = rogue(app)

    assert app.test_client().get("/colleges/officers").status_code == 200
    assert guard.is_kept_from_employers(app, "colleges.orm")
    assert guard.is_kept_from_employers(app, None)
    assert guard.is_kept_from_employers(app, "no.such.page")
    assert not guard.is_kept_from_employers(app, "needs.show")


@only_sqlite_app
def test_the_road_out_names_no_table_but_the_releases(in_app: Flask) -> None:
    from demand.test_releases import release

    keep(lambda: [ask(employer(n)) for n in range(1, 61)])
    release(in_app)
    area = in_app.extensions["area"]

    with guard.statements(in_app) as seen:
        published.editions()
        published.latest("quarter")
        published.read_tables(area, "2026Q1")

    tables = {name for _, statement in seen for name in re.findall(r"(?:FROM|JOIN) (\w+)", statement)}
    assert tables == {"release", "release_cell"}


@only_sqlite_app
def test_what_comes_out_cannot_be_changed(in_app: Flask) -> None:
    from demand.test_releases import release

    keep(lambda: [ask(employer(n)) for n in range(1, 61)])
    release(in_app)
    table = published.read_table(in_app.extensions["area"], "2026Q1", "theme")

    with pytest.raises(AttributeError):
        table.cells[0].shown = 1  # type: ignore[misc]
    assert isinstance(table.cells, tuple)
