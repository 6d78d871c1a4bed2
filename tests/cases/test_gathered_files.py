"""A survey and a list of businesses: every row is checked and shown first; then all of it is saved, or nothing."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from skillsmatch.cases import kept_files
from skillsmatch.cases.gathering_files import errors_csv, read_file
from skillsmatch.cases.gathering_models import GatheredFile, GatheredNeed, KnownBusiness
from skillsmatch.cases.members import MEMBERS
from skillsmatch.cases.survey import SURVEY
from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.extensions import db
from skillsmatch.needs.changing import search_waiting
from skillsmatch.needs.models import Facet, Need
from tests.accounts.signing import PASSWORD  # noqa: F401
from tests.cases.gathered import HEADER, noted, officer_of, send_file
from tests.conftest import NOW
from tests.needs.journey import plain

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
sqlite_app = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
RIGHT = HEADER + (
    'Acme Ltd,acme.example,LE10 1AA,Manufacturing,23,2,Now,"TIG welding, and forklift licences for three"\n'
    "Forge,,LE1,F,10-49,,,Bricklayers\n"
    "Soar College,soar.ac.uk,,,,,,Excel for the office\n"
)
LIST = "business,website,postcode,sector,size,member\nAcme Ltd,acme.example,LE10 1AA,C,23,yes\nForge,,LE1 1AA,,,\n"


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_survey_is_shown_matched_themed_and_split_and_nothing_is_saved_before_the_press(
    service: Flask,
) -> None:
    officer = officer_of(service)
    send_file(officer, "members", LIST)
    officer.post("/cases/gathering/files/1/save")

    page = plain(send_file(officer, "survey", RIGHT))

    assert "Nothing of it is saved yet" in page and "3 rows, as they would be kept" in page
    assert "On your list, a member" in page and "A college or provider: not counted" in page
    assert page.count("Theme:") == 4  # the first row asks for two things
    assert count(service, Need) == count(service, DemandSignal) == 0
    with service.app_context():
        keys = db.session.scalar(select(func.count(EmployerKey.id)))
        assert keys == 2  # those of the list alone: looking makes no key


def test_saving_takes_every_row_once_and_counts_only_what_the_officer_ticked(service: Flask) -> None:
    officer = officer_of(service)
    send_file(officer, "survey", RIGHT)

    answer = officer.post("/cases/gathering/files/1/save", data={"confirmed": "y"}, follow_redirects=True)
    assert "3 needs with 4 skills are on record. 1 of colleges or providers do not count yet." in plain(
        answer
    )
    assert "saved already" in plain(officer.post("/cases/gathering/files/1/save", follow_redirects=True))

    with service.app_context():
        rows = db.session.scalars(select(GatheredNeed).order_by(GatheredNeed.file_row)).all()
        assert [(r.channel, r.occasion, r.file_row, bool(r.confirmed_at)) for r in rows] == [
            ("survey", "Autumn survey", 2, True), ("survey", "Autumn survey", 3, True),
            ("survey", "Autumn survey", 4, False),
        ]  # fmt: skip
        assert [r.need.size_band for r in rows] == ["10-49", "10-49", ""]
        counted = [s.countable_at is not None for s in db.session.scalars(select(DemandSignal))]
        assert sorted(counted) == [False, True, True, True]
        assert db.session.get_one(GatheredFile, 1).content is None
        reference = rows[0].need.reference
        assert search_waiting(service.extensions["area"]) == 3  # as `flask work` does
        assert db.session.scalar(select(func.count(DemandSignal.id))) == 4
        facet = db.session.scalars(select(Facet).where(Facet.need_id == rows[1].need_id)).one()
        assert (facet.theme, facet.need.matcher_version != "") == ("CON-BRICK", True)
        db.session.remove()
    assert service.test_client().get(f"/needs/{reference}").status_code == 200
    assert noted(service) == ["survey file taken", "survey saved"]
    again = send_file(officer, "survey", RIGHT)
    assert again.status_code == 409 and "This file was saved before" in plain(again)


def test_where_one_row_cannot_be_saved_none_is(service: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from skillsmatch.cases import survey
    from skillsmatch.database import NotSaved

    officer, real, calls = officer_of(service), survey.write_down, []

    def fail_at_the_third(*given: object) -> object:
        calls.append(1)
        if len(calls) == 3:
            raise NotSaved
        return real(*given)  # type: ignore[arg-type]

    send_file(officer, "survey", RIGHT)
    monkeypatch.setattr(survey, "write_down", fail_at_the_third)
    answer = officer.post("/cases/gathering/files/1/save")

    assert answer.status_code == 503 and "Nothing you typed is lost" in plain(answer)
    assert count(service, Need) == count(service, DemandSignal) == count(service, GatheredNeed) == 0
    monkeypatch.undo()
    assert officer.post("/cases/gathering/files/1/save").status_code == 303 and count(service, Need) == 3


@sqlite_app
def test_every_fault_is_told_by_row_column_and_value_and_comes_back_as_a_file(app: Flask) -> None:
    officer = officer_of(app)
    wrong = HEADER + (
        ",acme.example,,,,,,Welding\n"
        "Forge,gmail.com,XX,Witchcraft,many,0,Someday,\n"
        "Nobody,,,,,,,Sage\n"
        "Forge,,LE1,,,,,Sage\n"
        "FORGE Ltd,,LE2,,,,,sage\n"
        '"=cmd|x",,LE1,,,,,Sage\n'
        "Long,,LE1,,,,,Sage,and,more\n"
    )

    page = plain(send_file(officer, "survey", wrong))

    assert "Nothing was saved" in page
    for said in (
        "2 business nothing This cell is empty and must not be",
        "3 website gmail.com This is not the web domain of one business",
        "3 postcode XX This is neither a postcode",
        "3 sector Witchcraft We do not know this sector",
        "3 size many Write 0-9",
        "3 people 0 Write a whole number of people between 1 and 10,000",
        "3 when Someday Write one of: Now",
        "3 need nothing This cell is empty",
        "4 postcode nothing Give a website or a postcode",
        "6 the whole row nothing This row says the same as row 5",
        "8 the whole row nothing The row has more cells than the header has columns",
    ):
        assert said in page, said
    answer = officer.get("/cases/gathering/files/1/errors.csv")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[0][-1] == "ERRORS" and len(rows) == 8 and rows[6][0] == "'=cmd|x"
    assert "gmail.com" in rows[2][1] and "website: This is not" in rows[2][-1]
    assert officer.post("/cases/gathering/files/1/save").status_code == 409
    assert count(app, Need) == 0


@sqlite_app
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"business,need\nAcme,Welding\n", "Give a website or a postcode"),
        (b"business,need,need\nA,b,c\n", "stands there twice"),
        (b"business,phone\nAcme,1\n", "There is no such column"),
        (b"business,website\nAcme,acme.com\n", "This column is missing"),
        (b"business,website,postcode,need\n", "There is no row below the header"),
        (b'business,need\n"Acme,Welding\n', "Is a quotation mark never closed"),
        (b"PK\x03\x04rubbish", "This is not a CSV file"),
        (b"\xff\xfeb\x00u\x00", "This is not a CSV file"),
        (b"business,website,need\n" + b"A%d,,x\n" * 201, "A file may have 200"),
    ],
)
def test_a_file_that_will_not_do_is_told_why(in_app: Flask, content: bytes, said: str) -> None:
    checked = read_file(content, SURVEY, in_app.extensions["area"])

    assert any(said in fault.message for fault in checked.faults), checked.faults
    assert not checked.right and errors_csv(checked)


@sqlite_app
def test_semicolons_windows_letters_and_a_corrected_errors_file_are_read(in_app: Flask) -> None:
    content = "business;postcode;need;ERRORS\nCafé;LE1;Welding;was wrong\n".encode("cp1252")
    (_, row), *rest = read_file(content, SURVEY, in_app.extensions["area"]).rows

    assert rest == [] and row["business"] == "Café" and row["postcode"] == "LE1"


def test_a_list_of_businesses_shows_what_it_changes_and_an_empty_cell_changes_nothing(app: Flask) -> None:
    officer = officer_of(app)
    page = plain(send_file(officer, "members", LIST))
    assert "New 2" in page and "Nothing of it is saved yet" in page and count(app, KnownBusiness) == 0
    officer.post("/cases/gathering/files/1/save")

    later = "business,website,postcode,member\nAcme Limited,acme.example,LE10,no\n"
    later += "Forge Ltd,,LE1,yes\nNew,new.example,,\n"
    page = plain(send_file(officer, "members", later))
    assert "New 1 Changed 2 As they are 0" in page and "member now: yes then: no" in page
    answer = officer.post("/cases/gathering/files/2/save", follow_redirects=True)
    assert "The list is saved: 1 new, 2 changed." in plain(answer)

    with app.app_context():
        rows = db.session.scalars(select(KnownBusiness).order_by(KnownBusiness.id)).all()
        assert [(r.name, r.domain, r.outcode, r.sic_section, r.size_band, r.member) for r in rows] == [
            ("Acme Limited", "acme.example", "LE10", "C", "10-49", False),
            ("Forge Ltd", "", "LE1", "", "", True),
            ("New", "new.example", "", "", "", False),
        ]
    assert noted(app)[-1] == "members saved"


@sqlite_app
def test_a_dropped_file_and_one_left_for_a_fortnight_are_forgotten(app: Flask) -> None:
    officer = officer_of(app)
    send_file(officer, "members", LIST)
    send_file(officer, "survey", HEADER + "Acme,,LE1,,,,,Welding\n")

    assert officer.post("/cases/gathering/files/1/drop").status_code == 303
    assert "no longer kept" in plain(officer.get("/cases/gathering/files/1"))
    assert officer.post("/cases/gathering/files/1/save").status_code == 409
    app.config["CLOCK"] = lambda: NOW + timedelta(days=15)
    with app.app_context():
        assert kept_files.drop_left_waiting() == 1
        assert [f.content for f in db.session.scalars(select(GatheredFile))] == [None, None]
    assert MEMBERS.most_rows == 10_000
