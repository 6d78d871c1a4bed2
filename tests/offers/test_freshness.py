"""An offer that nobody confirms is marked at six months and hidden at twelve, to the day, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import select, update

from skillsmatch.area.areas import Area
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.matching.months import months_before
from skillsmatch.offers import indexing
from skillsmatch.offers.browsing import Filters, browse, marked
from skillsmatch.offers.documents import documents, fingerprints
from skillsmatch.offers.freshness import (
    Freshness,
    freshness,
    freshness_of,
    mark_words,
    note_hidden,
    unconfirmed_words,
)
from skillsmatch.offers.freshness_table import freshness_table
from skillsmatch.offers.loading import load_offers
from skillsmatch.offers.models import Catalogue, Offer
from skillsmatch.offers.records import STANDARDS_SOURCE
from skillsmatch.offers.standing import offered
from tests.offers.course_files import course, courses, write_file

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "build_index", lambda: None)
    monkeypatch.setattr(indexing, "index_is_stale", lambda: False)


@pytest.fixture
def confirm(app: Flask) -> Callable[..., None]:
    """Says when the offer with a key was confirmed, and whatever else."""

    def set_on(ref: str, day: date, **values: object) -> None:
        if has_app_context():
            db.session.rollback()  # a read that began before would go on seeing what was
        with app.app_context():
            these = update(Offer).where(Offer.source_ref == ref).values(confirmed_on=day, **values)
            keep(lambda: db.session.execute(these))

    return set_on


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 23), 6, date(2026, 5, 23)),
        (date(2026, 11, 23), 12, date(2025, 11, 23)),
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2027, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_months_are_counted_by_the_calendar(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


@pytest.mark.parametrize(
    ("confirmed", "state"),
    [
        (date(2026, 11, 23), Freshness.FRESH),
        (date(2026, 5, 24), Freshness.FRESH),
        (date(2026, 5, 23), Freshness.MARKED),
        (date(2025, 11, 24), Freshness.MARKED),
        (date(2025, 11, 23), Freshness.HIDDEN),
    ],
)
def test_it_is_marked_at_six_months_and_hidden_at_twelve(confirmed: date, state: Freshness) -> None:
    assert freshness(confirmed, False, TODAY) == state
    assert freshness(confirmed, True, TODAY) == max(state, Freshness.MARKED, key=list(Freshness).index)


def test_a_national_standard_is_marked_and_never_hidden() -> None:
    assert freshness(date(2020, 1, 1), False, TODAY, national=True) == Freshness.MARKED


def test_the_words_name_the_month() -> None:
    assert unconfirmed_words(date(2026, 5, 23), TODAY) == "Not confirmed since May 2026"
    assert unconfirmed_words(date(2026, 5, 24), TODAY) == ""


@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_the_tables_tell_the_same_as_the_arithmetic(
    in_app: Flask, tmp_path: Path, confirm: Callable[..., None], beyond: int
) -> None:
    load_offers(write_file(tmp_path, *courses(2), course(COURSE_ID="P", STARTDATE="2026-01-05")))
    half, year = date(2026, 5, 23) - timedelta(beyond), date(2025, 11, 23) - timedelta(beyond)
    confirm("C1/R1", half)
    confirm("C2/R2", year)

    shown = set(db.session.scalars(select(Offer.source_ref).where(offered())))
    last = set(db.session.scalars(select(Offer.source_ref).where(marked(TODAY))))

    found = list(db.session.scalars(select(Offer)))
    assert shown == {o.source_ref for o in found if freshness_of(o, TODAY) != Freshness.HIDDEN}
    assert last == {o.source_ref for o in found if freshness_of(o, TODAY) != Freshness.FRESH}
    assert ("C2/R2" in shown) == (beyond < 0)
    assert ("C1/R1" in last) == (beyond >= 0)
    assert "P/R1" in last


def test_a_hidden_local_offer_gives_way_to_the_national_standard(
    in_app: Flask, tmp_path: Path, confirm: Callable[..., None]
) -> None:
    load_offers(write_file(tmp_path, *courses(2, LEARN_AIM_REF="ST0349")))
    confirm("C2/R2", date(2020, 1, 1), source=STANDARDS_SOURCE)
    assert list(db.session.scalars(select(Offer.source_ref).where(offered()))) == ["C1/R1"]

    confirm("C1/R1", date(2025, 11, 23))

    assert list(db.session.scalars(select(Offer.source_ref).where(offered()))) == ["C2/R2"]


def test_marked_offers_stand_last_in_a_list(
    in_app: Flask, tmp_path: Path, confirm: Callable[..., None]
) -> None:
    load_offers(write_file(tmp_path, *courses(3)))
    confirm("C1/R1", date(2026, 5, 23))
    confirm("C3/R3", date(2025, 11, 23))
    area: Area = in_app.extensions["area"]

    listed = browse(Filters(), 1, area, TODAY).offers

    assert [offer.source_ref for offer in listed] == ["C2/R2", "C1/R1"]
    assert mark_words(listed[1], TODAY) == ["Not confirmed since May 2026"]


def test_the_pages_say_since_when(
    app: Flask, client: FlaskClient, tmp_path: Path, confirm: Callable[..., None]
) -> None:
    with app.app_context():
        load_offers(write_file(tmp_path, *courses(2)))
        numbers = {o.source_ref: o.id for o in db.session.scalars(select(Offer))}
    confirm("C1/R1", date(2026, 3, 2))
    confirm("C2/R2", date(2025, 11, 23))

    assert "Not confirmed since March 2026" in client.get("/offers").text
    assert "Welding, part 2" not in client.get("/offers").text
    assert "Welding, part 2" not in client.get("/providers/10003867").text
    marked_page = client.get(f"/offers/{numbers['C1/R1']}").text
    assert "Not confirmed since March 2026" in marked_page
    assert "Ask the provider whether it still runs" in marked_page
    hidden_page = client.get(f"/offers/{numbers['C2/R2']}").text
    assert "so we no longer list it" in hidden_page
    assert "noindex" in hidden_page


def test_a_day_that_hides_an_offer_is_noticed_once(
    in_app: Flask, tmp_path: Path, confirm: Callable[..., None]
) -> None:
    load_offers(write_file(tmp_path, *courses(2)))
    confirm("C1/R1", date(2025, 11, 24))
    assert (note_hidden(), len(list(documents()))) == (0, 2)

    in_app.config["CLOCK"] = lambda: datetime(2026, 11, 24, 0, 5)

    assert (note_hidden(), note_hidden()) == (1, 0)
    assert db.session.scalar(select(Catalogue.number)) == 2
    assert len(list(documents())) == 1


def test_a_confirmation_is_a_change_to_whoever_ranks(
    in_app: Flask, tmp_path: Path, confirm: Callable[..., None]
) -> None:
    load_offers(write_file(tmp_path, *courses(2)))
    before = fingerprints()

    confirm("C2/R2", TODAY)

    after = fingerprints()
    assert [after[id] == before[id] for id in sorted(before)] == [True, False]


def test_the_table_counts_each_providers_offers(
    in_app: Flask, tmp_path: Path, confirm: Callable[..., None]
) -> None:
    load_offers(write_file(tmp_path, *courses(4), course(COURSE_ID="O", PROVIDER_UKPRN="10003866")))
    confirm("C1/R1", date(2026, 5, 23))
    confirm("C2/R2", date(2025, 11, 23))

    rows = freshness_table(TODAY)

    told = [(r.ukprn, r.offers, r.confirmed, r.marked, r.hidden, r.oldest) for r in rows]
    assert told == [
        (10003867, 4, 2, 2, 1, date(2025, 11, 23)),
        (10003866, 1, 1, 0, 0, date(2026, 11, 1)),
    ]
