"""The desk's figures: how many employers were shown an offer, opened it, chose it; each provider its own."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from needs.journey import plain, say
from sqlalchemy import Connection, select, text

from demand.signals import IN_Q1, ask, employer
from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.demand import lattice, published, releases
from skillsmatch.demand.counting import Counts, count
from skillsmatch.demand.disclosure import Counted, Rules
from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.demand.offer_figures import figures_of, quarters_of
from skillsmatch.demand.offers_seen import Seen
from skillsmatch.demand.periods import Period, read_period
from skillsmatch.demand.signals import make_countable
from skillsmatch.extensions import db
from skillsmatch.needs.models import NeedMatch
from skillsmatch.needs.outcomes import record_fits, record_opened
from skillsmatch.needs.seen import FIRST, offers_seen
from skillsmatch.offers.models import Offer
from tests.accounts.signing import sign_in

Q1, OURS, THEIRS = read_period("2026Q1", 4), 10000001, 10000002
only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
only_sqlite_app = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def telling(*rows: Seen) -> Any:
    """A source of these steps."""
    return lambda _connection, _period: iter(rows)


def counted(app: Flask, rows: Iterable[Seen], rules: Rules | None = None, period: Period = Q1) -> Counts:
    return count(period, app.extensions["area"], rules or Rules(), (), False, telling(*rows))


def seen(signal: DemandSignal, offer: int = 1, step: str = "shown", **more: Any) -> Seen:
    said: dict[str, Any] = {"ukprn": OURS, "place": 1, "moment": IN_Q1} | more
    return Seen(signal.id, offer, step=step, **said)


def asking(*numbers: int, **more: Any) -> list[DemandSignal]:
    """Signals of these employers, committed."""

    def work() -> list[DemandSignal]:
        keys: dict[int, EmployerKey] = {n: employer(n) for n in dict.fromkeys(numbers)}
        made = [ask(keys[n], **more) for n in numbers]
        db.session.flush()
        return made

    return keep(work)


def test_an_employer_counts_once_for_an_offer_however_often_it_was_shown(in_app: Flask) -> None:
    first, again, other = asking(1, 1, 2)

    counts = counted(in_app, [seen(first), seen(first), seen(again), seen(other), seen(other, step="opened")])

    keys = [n * 1009 % 4096 for n in (1, 2)]
    assert counts.offers == {
        ("1", "shown"): Counted(2, sum(keys) % 4096),
        ("1", "opened"): Counted(1, keys[1]),
    }
    assert counts.providers == {(str(OURS), step): cell for (_, step), cell in counts.offers.items()}


def test_who_does_not_count_counts_for_no_offer(in_app: Flask) -> None:
    (fine,) = asking(1)
    (suspect,) = asking(2, suspect=True)
    (unproved,) = asking(3, countable_at=None)
    (withdrawn,) = asking(4, withdrawn_at=IN_Q1)

    counts = counted(in_app, [seen(one) for one in (fine, suspect, unproved, withdrawn)])

    assert counts.offers[("1", "shown")].employers == 1


def test_a_step_counts_in_its_quarter_or_in_that_in_which_the_signal_came_to_count(in_app: Flask) -> None:
    early, late = Q1.start - timedelta(days=9), Q1.end + timedelta(days=9)
    (old,) = asking(1, countable_at=early)
    (now,) = asking(2)
    rows = [
        seen(old, 1, moment=early),  # the quarter before
        seen(old, 2, moment=IN_Q1),  # looked at later
        seen(now, 3, moment=early),  # shown before the e-mail was proved
        seen(now, 4, moment=late),  # not yet
        seen(now, 5, moment=Q1.end),
        seen(now, 6, moment=Q1.end - timedelta(microseconds=1)),
    ]

    assert set(counted(in_app, rows).offers) == {("2", "shown"), ("3", "shown"), ("6", "shown")}
    following = read_period("2026Q2", 4)
    assert set(counted(in_app, rows, period=following).offers) == {("4", "shown"), ("5", "shown")}


def test_of_one_provider_an_employer_counts_for_the_offers_it_went_farthest_with(in_app: Flask) -> None:
    (one,) = asking(1)
    rows = [seen(one, offer, place=offer) for offer in range(1, 7)]
    rows += [
        seen(one, 6, "opened", place=6),
        seen(one, 5, "opened", place=5),
        seen(one, 5, "chosen", place=5),
    ]
    rows += [seen(one, 90, ukprn=THEIRS, place=9)]

    counts = counted(in_app, rows)

    told = {(offer, step) for offer, step in counts.offers if offer != "90"}
    assert told == {
        ("5", "shown"),
        ("5", "opened"),
        ("5", "chosen"),
        ("6", "shown"),
        ("6", "opened"),
        ("1", "shown"),
    }
    assert ("90", "shown") in counts.offers, "another provider's are counted apart"
    assert counts.providers[(str(OURS), "chosen")].employers == 1


def test_a_year_has_no_figures_of_offers(in_app: Flask) -> None:
    (one,) = asking(1)
    year = read_period("2026", 4)

    counts = counted(in_app, [seen(one)], period=year)

    assert counts.offers == counts.providers == {}
    with pytest.raises(published.NoSuchTable):
        published.table_of(releases._row(year, Rules(), False, "draft"), in_app.extensions["area"], "offer")


# --- frozen, and read back ------------------------------------------------------------------------


@pytest.fixture
def figured(in_app: Flask) -> Iterator[Flask]:
    """A published quarter in which 60 employers were shown our offer 1, 24 opened it and 4 chose it."""
    signals = asking(*range(1, 61))
    rows = [seen(one) for one in signals]
    rows += [seen(one, step="opened") for one in signals[:24]]
    rows += [seen(one, step="chosen") for one in signals[:4]]
    rows += [seen(one, 2, ukprn=THEIRS, place=2) for one in signals[:30]]
    drawn = releases.draw_up(Q1, in_app.extensions["area"], seen=telling(*rows))
    keep(lambda: releases.publish(releases.store_draft(drawn)))
    keep(lambda: add_offers())
    yield in_app


def add_offers() -> None:
    from skillsmatch.offers.models import Provider

    for number, ukprn in enumerate((OURS, THEIRS), start=1):
        provider = Provider(ukprn=ukprn, name=f"College {number}")
        db.session.add(provider)
        db.session.add(
            Offer(
                id=number, provider=provider, source="desk", source_ref=str(number), kind="course",
                title=f"Welding {number}", confirmed_on=IN_Q1.date(), digest="x", created_at=IN_Q1, changed_at=IN_Q1,
            )
        )  # fmt: skip


def test_a_provider_is_given_its_own_numbers_rounded_and_the_small_ones_hidden(figured: Flask) -> None:
    edition = published.latest("quarter")
    assert edition is not None
    found = figures_of(OURS, edition)

    assert [row.title for row in found.rows] == ["Welding 1"]
    shown, opened, chosen = found.rows[0].steps.numbers
    assert shown in (55, 60, 65)
    assert opened in (20, 25, 30)
    assert chosen is None
    assert found.rows[0].steps.words[2] == "fewer than 10"
    assert found.together.numbers[0] == shown, "the same employers, the same noise"
    assert quarters_of(OURS, 1)[0][1] == found.rows[0].steps
    assert quarters_of(OURS, 2) == [], "another provider's offer"
    stored = db.session.execute(
        text("SELECT count(*) FROM release_cell WHERE table_name = 'offer' AND shown IS NULL")
    )
    assert stored.scalar() == 0, "a hidden cell is one that is not there, so a missing one says nothing"


@only_sqlite_app
def test_an_offer_never_shown_reads_as_one_shown_to_a_few(figured: Flask) -> None:
    def later() -> None:
        db.session.add(
            Offer(
                id=3, provider_id=1, source="desk", source_ref="3", kind="course", title="Never shown",
                confirmed_on=IN_Q1.date(), digest="x", created_at=IN_Q1, changed_at=IN_Q1,
            )
        )  # fmt: skip

    keep(later)
    edition = published.latest("quarter")
    assert edition is not None

    never = figures_of(OURS, edition).rows[-1]

    assert never.title == "Never shown"
    assert set(never.steps.words) == {"fewer than 10"}


@only_sqlite_app
def test_a_release_from_before_offers_were_counted_has_no_figures(in_app: Flask) -> None:
    asking(*range(1, 61))
    drawn = releases.draw_up(Q1, in_app.extensions["area"])

    def as_before() -> None:
        made = releases.store_draft(drawn)
        made.method = {name: value for name, value in made.method.items() if name != "most_offers"}
        releases.publish(made)

    keep(as_before)

    edition = published.latest("quarter")
    assert edition is not None
    assert edition.most_offers == 0
    assert quarters_of(OURS, 1) == []


# --- from an employer's own page ------------------------------------------------------------------


def test_a_stored_need_says_what_was_shown_opened_and_chosen(service: Flask) -> None:
    reference = say(service.test_client(), "someone who can weld", email="owner@firm.example")
    with service.app_context():
        matches = list(db.session.scalars(select(NeedMatch).order_by(NeedMatch.position)))
        far = [m for m in matches if m.position > FIRST]

        def prove() -> None:
            facet = matches[0].facet
            make_countable(facet.signal, facet.signal.employer_key)
            record_opened(matches[1])
            record_fits(matches[2])
            record_opened(far[0])

        keep(prove)
        period = read_period("2026Q3", 4)
        with db.engine.connect() as connection:
            rows = list(offers_seen(connection, period))
            assert list(offers_seen(connection, read_period("2026Q1", 4))) == []
        told = {(row.place, row.step) for row in rows}
        assert {(n, "shown") for n in range(1, FIRST + 1)} <= told
        assert told - {(n, "shown") for n in range(1, FIRST + 1)} == {
            (2, "opened"), (3, "chosen"), (far[0].position, "shown"), (far[0].position, "opened"),
        }  # fmt: skip
        counts = count(period, service.extensions["area"], Rules(), (), False, offers_seen)
        assert counts.offers[str(matches[2].offer_id), "chosen"].employers == 1
        assert {r.ukprn for r in rows} == {
            m.offer.provider.ukprn for m in matches if m.position in {r.place for r in rows}
        }
    assert reference


@only_sqlite_app
def test_a_list_of_before_is_dated_from_its_need(in_app: Flask) -> None:
    from flask_migrate import downgrade, upgrade

    downgrade(revision="0007")
    db.session.execute(text(BEFORE))
    db.session.commit()
    for statement in MATCHES:
        db.session.execute(text(statement))
    db.session.commit()
    db.session.remove()

    upgrade()

    found = dict(db.session.execute(text("SELECT search_round, shown_at FROM need_match")).tuples().all())
    assert found[1].startswith("2026-05-01")
    assert found[2].startswith("2026-09-01")


BEFORE = """INSERT INTO provider (id, ukprn, name, town, postcode, website, email, phone) VALUES
    (1, 10000001, 'College', '', '', '', '', '')"""
MATCHES = (
    """INSERT INTO employer_key (id, digest, record_key, basis, created_at) VALUES (1, 'd', 1, 'need', '2026-05-01')""",
    """INSERT INTO demand_signal (id, employer_key_id, theme, theme_confirmed, soc_guessed, soc_confirmed, sic_section,
         district, need_kind, who_for, size_band, made_on, channel, outcome, reasons, suspect)
       VALUES (1, 1, '', 0, '', '', '', '', '', '', '', '2026-05-01', 'web', 'offers-shown', '[]', 0)""",
    """INSERT INTO offer (id, provider_id, source, source_ref, demonstration, kind, title, who_for, what_learned,
         entry_requirements, assessment, awarding_body, route, mode, study_mode, attendance, start_dates,
         flexible_start,
         duration_unit, cost_description, national, regions, lars_ref, standard_ref, url, confirmed_on, confirmed_by,
         digest, created_at, changed_at)
       VALUES (1, 1, 'desk', '1', 0, 'course', 'Welding', '', '', '', '', '', '', '', '', '', '[]', 0, '', '', 0,
         '', '',
         '', '', '2026-05-01', '', 'x', '2026-05-01', '2026-05-01')""",
    """INSERT INTO need (id, reference, token_digest, payload_digest, created_at, changed_at, status, kept_until,
         channel,
         suspect, text, outcode, place, district, outside_area, who_for, wanted_when, size_band, sic_section, modes,
         attendance, strict, ages, from_words, hosts_t_level, hosts_teacher, ambassador, business_name, email,
         search_round, searched_at, matcher_version)
       VALUES (1, 'r', 't', 'p', '2026-05-01', '2026-05-01', 'open', '2027-05-01', 'web', 0, 'weld', '', '', '',
         0, '', '',
         '', '', '[]', '[]', 0, '[]', '[]', 0, 0, 0, '', '', 2, '2026-09-01', 'm')""",
    """INSERT INTO facet (id, need_id, position, text, kind_hint, theme, theme_confirmed, soc, soc_confirmed, choices,
         strength, outcome, reasons, employer_reasons, employer_words, signal_id)
       VALUES (1, 1, 1, 'weld', '', '', 0, '', 0, '{}', 0, 'offers-shown', '[]', '[]', '', 1)""",
    *(
        f"""INSERT INTO need_match (id, facet_id, offer_id, search_round, position, score, strength, evidence, shown,
             offer_digest, matcher_version) VALUES ({n}, 1, 1, {n}, 1, 0, 0, '{{}}', '{{}}', 'x', 'm')"""
        for n in (1, 2)
    ),
)


# --- at the desk ----------------------------------------------------------------------------------


def at_the_desk(app: Flask, ukprn: int = OURS) -> FlaskClient:
    client = app.test_client()
    sign_in(client, app, Role.PROVIDER, organisation=f"College {ukprn}", ukprn=ukprn)
    return client


@pytest.fixture
def desk_app(app: Flask) -> Iterator[Flask]:
    """The published quarter of `figured`, for tests that make requests."""
    with app.app_context():
        signals = asking(*range(1, 61))
        rows = [seen(one) for one in signals] + [seen(one, 2, ukprn=THEIRS, place=2) for one in signals[:30]]
        drawn = releases.draw_up(Q1, app.extensions["area"], seen=telling(*rows))
        keep(lambda: releases.publish(releases.store_draft(drawn)))
        keep(add_offers)
        db.session.remove()
    yield app


@only_sqlite_app
def test_the_desk_shows_its_own_figures_in_a_page_two_files_and_beside_the_offer(desk_app: Flask) -> None:
    client = at_the_desk(desk_app)

    page = plain(client.get("/provider/figures"))
    assert "Welding 1" in page
    assert "Welding 2" not in page
    assert "fewer than 10" in page
    assert "How often employers saw it" in plain(client.get("/provider/offers/1"))
    assert client.get("/provider/offers/2").status_code == 404
    rows = list(
        csv.reader(StringIO(client.get("/provider/figures.csv").get_data(as_text=True).lstrip("\ufeff")))
    )
    assert rows[0][:3] == ["release", "offer", "offer_name"]
    assert [row[2] for row in rows[1:3]] == ["All my offers together", "Welding 1"]
    assert {row[0] for row in rows[3:]} == {"method"}
    from openpyxl import load_workbook

    book = load_workbook(BytesIO(client.get("/provider/figures.xlsx").data))
    assert book.sheetnames == ["Offers", "Method"]
    assert book["Offers"].max_row == 3


@only_sqlite_app
def test_only_a_quarter_with_figures_can_be_asked_for_and_only_by_a_provider(desk_app: Flask) -> None:
    client = at_the_desk(desk_app)

    assert client.get("/provider/figures?release=2026Q1").status_code == 200
    for wrong in ("2026", "2026Q2", "live", "%"):
        assert client.get(f"/provider/figures?release={wrong}").status_code == 404, wrong
        assert client.get(f"/provider/figures.csv?release={wrong}").status_code == 404, wrong
    for wrong in ("ukprn=10000002", "offer=2", "release=2026Q1&release=2026Q2"):
        assert client.get(f"/provider/figures?{wrong}").status_code == 400, wrong
        assert client.get(f"/provider/figures.xlsx?{wrong}").status_code == 400, wrong
    college = desk_app.test_client()
    sign_in(college, desk_app, Role.COLLEGE, organisation="Readers")
    assert college.get("/provider/figures").status_code == 403


@only_sqlite_app
def test_before_the_first_release_the_desk_says_what_there_will_be(app: Flask) -> None:
    client = at_the_desk(app)

    assert "There is no published quarter with these figures yet" in plain(client.get("/provider/figures"))
    assert client.get("/provider/figures.csv").status_code == 404


@only_sqlite_app
def test_a_demonstration_has_figures_of_its_invented_employers(in_app: Flask) -> None:
    from skillsmatch.demand.synthetic_steps import steps_of

    asking(*range(1, 31), channel="demo", outcome="fits")
    period = Q1
    taught = {"CON-BRICK": [(n, OURS) for n in range(1, 20)]}

    def tell(connection: Connection) -> list[Seen]:
        return list(steps_of(connection, period, taught))

    with db.engine.connect() as connection:
        rows = tell(connection)
        assert rows == tell(connection)

    assert max(row.place for row in rows) == 10
    assert {row.step for row in rows} == {"shown", "opened", "chosen"}
    assert all(isinstance(row.moment, datetime) for row in rows)
    assert lattice.OF_OFFERS not in lattice.SPECS
