"""A row that an earlier load took as it stands is not checked again; any other is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.offers import indexing, known_rows
from skillsmatch.offers.checking import Refused
from skillsmatch.offers.comparing import LoadReport
from skillsmatch.offers.live_courses import LIVE_COURSES
from skillsmatch.offers.loading import load_offers
from skillsmatch.offers.models import Offer
from skillsmatch.offers.tables import TableFormat
from tests.offers.course_files import course, courses, everything, write_file

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remembers the rows of small files too, and builds no index."""
    monkeypatch.setattr(known_rows, "FEWEST", 1)
    monkeypatch.setattr(indexing, "build_index", lambda: None)
    monkeypatch.setattr(indexing, "index_is_stale", lambda: False)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """The rows that were checked since it was last asked."""
    numbers: list[int] = []
    check = TableFormat.check

    def noted(self: TableFormat, number: int, row: object, context: object) -> object:
        numbers.append(number)
        return check(self, number, row, context)  # type: ignore[arg-type]

    monkeypatch.setattr(TableFormat, "check", noted)

    def since() -> list[int]:
        found = numbers.copy()
        numbers.clear()
        return found

    return since


def test_only_new_and_changed_rows_are_checked_again(
    in_app: Flask, tmp_path: Path, checked: Callable[[], list[int]]
) -> None:
    load_offers(write_file(tmp_path, *courses(4)))
    assert checked() == [2, 3, 4, 5]
    rows = courses(5)
    rows[2]["COST"] = "9"

    report = load_offers(write_file(tmp_path, *rows))

    assert report == LoadReport(taken=1, changed=1, unchanged=3)
    assert checked() == [4, 6]


def test_afresh_checks_every_row_and_says_the_same(
    in_app: Flask, tmp_path: Path, checked: Callable[[], list[int]]
) -> None:
    path = write_file(tmp_path, *courses(2), course(COURSE_ID="P", STARTDATE="2026-01-05"))
    load_offers(path)
    checked()

    known = load_offers(path)
    assert (known, checked()) == (LoadReport(unchanged=3, passed=1), [])
    assert (load_offers(path, afresh=True), checked()) == (known, [2, 3, 4])


def test_an_offer_that_others_changed_has_its_row_read_whole(in_app: Flask, tmp_path: Path) -> None:
    path = write_file(tmp_path, *courses(2))
    load_offers(path)
    right = everything()["offer"]
    these = update(Offer).where(Offer.source_ref == "C2/R2")
    keep(lambda: db.session.execute(these.values(title="Edited", digest="0" * 32)))

    assert load_offers(path) == LoadReport(changed=1, unchanged=1)
    assert everything()["offer"] == right


def test_another_release_checks_every_row(
    in_app: Flask, tmp_path: Path, checked: Callable[[], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_file(tmp_path, *courses(2))
    load_offers(path)
    checked()
    monkeypatch.setattr(known_rows, "rules", lambda: b"another release's")

    assert load_offers(path) == LoadReport(unchanged=2)
    assert checked() == [2, 3]


def test_a_relative_date_is_read_on_every_day(in_app: Flask, tmp_path: Path) -> None:
    path = write_file(tmp_path, course(STARTDATE="+10", COURSE_ID="DEMO-1"))
    load_offers(path)
    in_app.config["CLOCK"] = lambda: datetime(2026, 11, 24, 9, 0)

    assert load_offers(path) == LoadReport(changed=1)
    assert db.session.scalars(select(Offer)).one().start_dates == ["2026-12-04"]


def test_a_known_row_that_stands_twice_is_refused(in_app: Flask, tmp_path: Path) -> None:
    load_offers(write_file(tmp_path, *courses(2)))

    with pytest.raises(Refused, match="row 2 has the same COURSE_ID"):
        load_offers(write_file(tmp_path, *courses(2), courses(1)[0]))


def test_a_known_row_in_another_encoding_is_refused(in_app: Flask, tmp_path: Path) -> None:
    rows = [course(COURSE_NAME="Café")]
    load_offers(write_file(tmp_path, *rows))
    path = write_file(tmp_path, course(COURSE_ID="new", COURSE_NAME="Caf@"), *rows)
    path.write_bytes(path.read_bytes().replace(b"@", b"\xe9"))

    with pytest.raises(Refused, match="UTF-8 text in a file that began as Windows-1252"):
        load_offers(path)


@pytest.mark.parametrize("damage", [b"", b"x" * 30, None])
def test_what_was_remembered_may_be_lost(in_app: Flask, tmp_path: Path, damage: bytes | None) -> None:
    path = write_file(tmp_path, *courses(3))
    load_offers(path)
    folder = Path(in_app.config["DATA_DIR"]) / "known-rows"
    file = folder / f"{LIVE_COURSES.source}-all"
    file.write_bytes(file.read_bytes()[:-7] if damage is None else damage)

    assert load_offers(path) == LoadReport(unchanged=3)
