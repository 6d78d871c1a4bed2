"""A release: drawn up, looked at, published, withdrawn; and never changed, by us or by anybody with the database."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from demand.signals import IN_Q1, ask, employer, employers_ask
from skillsmatch.database import keep
from skillsmatch.demand import published, releases
from skillsmatch.demand.disclosure import Rules
from skillsmatch.demand.models import DemandSignal, Release
from skillsmatch.demand.periods import read_period
from skillsmatch.demand.releases import ReleaseRefused, TooFewEmployers
from skillsmatch.demand.signals import withdraw_signal
from skillsmatch.extensions import db

Q1 = read_period("2026Q1", 4)


def release(app: Flask, state: str = "published", period: str = "2026Q1") -> int:
    """A release of 60 employers in this state, committed; its number."""
    area = app.extensions["area"]
    drawn = releases.draw_up(read_period(period, area.year_start_month), area)

    def work() -> int:
        made = releases.store_draft(drawn)
        if state != "draft":
            releases.publish(made)
        if state == "withdrawn":
            releases.withdraw(made, "A mistake in the themes")
        db.session.flush()
        return made.id

    return keep(work)


@pytest.fixture
def sixty(in_app: Flask) -> Flask:
    """Sixty employers who ask for bricklaying in 2026Q1."""
    keep(lambda: [ask(employer(n), people=2) for n in range(1, 61)])
    return in_app


def test_a_quarter_that_is_not_over_is_refused_and_the_latest_one_is_named(in_app: Flask) -> None:
    with pytest.raises(
        ReleaseRefused, match=r"2026Q3 \(October to December 2026\) is not over.*2026Q2 \(July to"
    ):
        releases.draw_up(read_period("2026Q3", 4), in_app.extensions["area"])


def test_a_period_with_too_few_employers_is_refused_with_the_reason(in_app: Flask) -> None:
    keep(lambda: [ask(employer(n)) for n in range(1, 50)])
    area = in_app.extensions["area"]

    with pytest.raises(TooFewEmployers, match="fewer than 50 employers count"):
        releases.draw_up(Q1, area)
    keep(lambda: ask(employer(50)))

    assert releases.draw_up(Q1, area).tables["employers"]["counted", ""] in (45, 50, 55)


def test_a_draft_is_replaced_and_nobody_but_officers_can_read_it(sixty: Flask) -> None:
    area = sixty.extensions["area"]
    first = release(sixty, "draft")
    keep(lambda: [ask(employer(n)) for n in range(61, 121)])
    second = release(sixty, "draft")

    assert db.session.scalars(select(Release.id)).all() == [second]
    assert published.editions() == ()
    with pytest.raises(published.NoSuchTable, match="no published release"):
        published.read_table(area, "2026Q1", "theme")
    table = published.table_of(db.session.get_one(Release, second), area, "theme")
    assert (table.of("CON-BRICK").shown or 0) >= 115
    assert first is not None


def test_a_published_release_stays_as_it_is_whatever_comes_late_or_is_taken_back(sixty: Flask) -> None:
    area = sixty.extensions["area"]
    release(sixty)
    before = published.read_tables(area, "2026Q1")

    def work() -> None:
        for number in range(61, 200):
            ask(employer(number), countable_at=IN_Q1)
        for signal in db.session.scalars(select(DemandSignal).limit(30)):
            withdraw_signal(signal)

    keep(work)

    assert published.read_tables(area, "2026Q1") == before


@pytest.mark.parametrize("state", ["published", "withdrawn"])
def test_a_release_is_never_made_a_second_time(sixty: Flask, state: str) -> None:
    number = release(sixty, state)

    with pytest.raises(ReleaseRefused, match="never made again"):
        releases.draw_up(Q1, sixty.extensions["area"])
    with pytest.raises(ReleaseRefused):
        keep(lambda: releases.publish(db.session.get_one(Release, number)))


def test_a_draft_drawn_up_before_another_was_published_is_refused(sixty: Flask) -> None:
    drawn = releases.draw_up(Q1, sixty.extensions["area"])
    release(sixty)

    with pytest.raises(ReleaseRefused, match="is published already"):
        keep(lambda: releases.store_draft(drawn))


def test_a_withdrawn_release_leaves_its_notice_and_no_table(sixty: Flask) -> None:
    area = sixty.extensions["area"]
    number = release(sixty)
    with pytest.raises(ReleaseRefused, match="Say why"):
        keep(lambda: releases.withdraw(db.session.get_one(Release, number), "  "))

    keep(lambda: releases.withdraw(db.session.get_one(Release, number), "Wrong themes"))

    (edition,) = published.editions()
    assert (edition.state, edition.notice, edition.rests_on) == ("withdrawn", "Wrong themes", "")
    assert published.latest("quarter") is None
    with pytest.raises(published.NoSuchTable):
        published.read_table(area, "2026Q1", "theme")
    with pytest.raises(ReleaseRefused, match="nothing to withdraw"):
        keep(lambda: releases.withdraw(db.session.get_one(Release, number), "again"))


def test_the_year_starts_in_one_month_for_ever_once_there_is_a_release(sixty: Flask) -> None:
    release(sixty)

    with pytest.raises(ReleaseRefused, match="starts in month 4: 2026Q1 is out"):
        releases.draw_up(read_period("2025Q1", 8), sixty.extensions["area"])


CHANGES = (
    "UPDATE release_cell SET shown = 15",
    "UPDATE release_cell SET shown = shown",
    "UPDATE release_cell SET second = 'x' WHERE first = 'CON-BRICK'",
    "DELETE FROM release_cell",
    "INSERT INTO release_cell (release_id, table_name, first, second, shown) VALUES ({id}, 'exact', 'x', '', 1)",
    "DELETE FROM release",
    "UPDATE release SET period = '2026Q2'",
    "UPDATE release SET state = 'draft'",
    "UPDATE release SET made_at = '2020-01-01 00:00:00'",
    "UPDATE release SET method = '{{}}'",
    "UPDATE release SET published_at = NULL",
)


def everything() -> list[list[tuple[object, ...]]]:
    return [
        [tuple(row) for row in db.session.execute(text(f"SELECT * FROM {t}"))]
        for t in ("release", "release_cell")
    ]


@pytest.mark.parametrize("state", ["published", "withdrawn"])
def test_the_database_itself_refuses_to_change_a_release_that_was_published(sixty: Flask, state: str) -> None:
    number = release(sixty, state)
    before = everything()

    for change in CHANGES:
        with pytest.raises(IntegrityError, match=r"never (changed|removed)"):
            keep(lambda change=change: db.session.execute(text(change.format(id=number))))  # type: ignore[misc]

    assert everything() == before


def test_a_withdrawn_release_cannot_be_published_again(sixty: Flask) -> None:
    release(sixty, "withdrawn")

    with pytest.raises(IntegrityError):
        keep(lambda: db.session.execute(text("UPDATE release SET state = 'published'")))


def test_a_release_cannot_be_emptied_at_a_stroke(sixty: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE; its DELETE is refused above")
    release(sixty)

    with pytest.raises(DBAPIError, match="never changed"):
        keep(lambda: db.session.execute(text("TRUNCATE release_cell")))


def test_a_weaker_setting_is_said_on_every_table_of_the_release(sixty: Flask) -> None:
    area = sixty.extensions["area"]
    drawn = releases.draw_up(Q1, area, Rules(threshold=3, base=1))
    keep(lambda: releases.publish(releases.store_draft(drawn)))

    for table in published.read_tables(area, "2026Q1"):
        notes = " ".join(table.notes)
        assert "shown from 3 employers, and not from 10" in notes
        assert "rounded to 1, and not to 5" in notes
        assert "do not add up" in notes
    assert published.read_table(area, "2026Q1", "theme").of("CON-ROOF").words == "fewer than 3"


def test_a_release_says_about_how_many_employers_it_rests_on_and_how_many_it_leaves_out(sixty: Flask) -> None:
    keep(lambda: [ask(employer(n), countable_at=None) for n in range(100, 130)])
    release(sixty)

    (edition,) = published.editions()

    assert edition.rests_on.startswith(("About 55 ", "About 60 ", "About 65 "))
    assert edition.rests_on.endswith("more asked and are not counted.")
    assert "30" in edition.rests_on or "25" in edition.rests_on or "35" in edition.rests_on


def test_a_quarter_without_a_release_is_closed_with_its_reason(in_app: Flask) -> None:
    area = in_app.extensions["area"]
    with pytest.raises(TooFewEmployers) as few:
        releases.draw_up(Q1, area)

    keep(lambda: releases.close_without(Q1, few.value))

    (edition,) = published.editions()
    assert (edition.state, edition.notice) == ("too-few", str(few.value))
    with pytest.raises(ReleaseRefused, match="closed without a release"):
        releases.draw_up(Q1, area)


def test_a_year_has_tables_that_a_quarter_has_not(app: Flask) -> None:
    employers_ask(
        app, 80, countable_at=datetime(2025, 6, 1), made_on=datetime(2025, 6, 1).date(), district="E06000016"
    )
    with app.app_context():
        area = app.extensions["area"]
        release(app, period="2025Q1")
        release(app, period="2025")
        with pytest.raises(published.NoSuchTable, match="not a table of a quarter"):
            published.read_table(area, "2025Q1", "theme-by-district")
        table = published.read_table(area, "2025", "theme-by-district")

        assert 70 <= (table.of("CON-BRICK", "E06000016").shown or 0) <= 90
        assert [cell.first for cell in table.shown] == ["CON-BRICK"]
        assert {cell.words for cell in table.where(first="CON-ROOF")} == {"fewer than 10"}


def test_equals_stand_in_the_order_of_their_names(app: Flask) -> None:
    for number, theme in enumerate(("CON-ROOF", "CON-BRICK", "CON-CARP")):
        employers_ask(app, 40, theme, first=1 + 100 * number)
    with app.app_context():
        release(app)
        shown = published.read_table(app.extensions["area"], "2026Q1", "theme").shown

        assert [(-(c.shown or 0), c.first_name) for c in shown] == sorted(
            (-(c.shown or 0), c.first_name) for c in shown
        )
        assert len(shown) == 3
