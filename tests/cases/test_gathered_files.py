"""A survey and a list of businesses: every row is checked and shown first; then all of it is saved, or nothing."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from skillsmatch.cases import kept_files, survey_rows, survey_saving
from skillsmatch.cases.gathering_files import errors_csv, read_file
from skillsmatch.cases.gathering_models import GatheredFile, GatheredNeed, KnownBusiness, SurveyRow
from skillsmatch.cases.members import MEMBERS
from skillsmatch.cases.said import forget_said, said_before, said_digest
from skillsmatch.cases.survey import SURVEY
from skillsmatch.database import NotSaved, keep
from skillsmatch.demand.employers import employer_key
from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.demand.periods import read_period
from skillsmatch.extensions import db
from skillsmatch.needs.changing import search_waiting
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.needs.seen import offers_seen
from skillsmatch.offers.models import Offer
from tests.accounts.signing import PASSWORD  # noqa: F401
from tests.cases.gathered import HEADER, noted, officer_of, send_file
from tests.conftest import NOW
from tests.needs.journey import fields_of, plain

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
sqlite_app = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
RIGHT = HEADER + (
    'Acme Ltd,acme.example,LE10 1AA,Manufacturing,23,2,Now,"TIG welding, and forklift licences for three"\n'
    "Forge,,LE1,F,10-49,,,Bricklayers\n"
    "Soar College,soar.ac.uk,,,,,,Excel for the office\n"
)
LIST = "business,website,postcode,sector,size,member\nAcme Ltd,acme.example,LE10 1AA,C,23,yes\nForge,,LE1 1AA,,,\n"


def count_rows(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return count_rows(table)


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


@sqlite_app
def test_without_a_search_index_the_page_says_so_and_what_to_ask_for(app: Flask) -> None:
    officer = officer_of(app)

    page = plain(send_file(officer, "survey", RIGHT))

    assert "There is no search index yet, so rows cannot be matched. 0 rows of 3 are matched so far." in page
    assert "flask work runs" in page and "It is being matched" not in page
    assert "You can save once every row is matched" in page
    again = officer.post("/cases/gathering/files/1/match", follow_redirects=True)
    assert "There is no search index yet" in plain(again)
    assert count(app, GatheredNeed) == count(app, SurveyRow) == 0


def test_saving_takes_every_row_once_and_counts_only_what_the_officer_ticked(service: Flask) -> None:
    officer = officer_of(service)
    send_file(officer, "survey", RIGHT)

    answer = officer.post("/cases/gathering/files/1/save", data={"confirmed": "y"}, follow_redirects=True)
    assert "3 needs are on record." in plain(answer) and "1 need of it does not count yet" in plain(answer)
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
        assert search_waiting(service.extensions["area"]) == 0  # every row was matched before it was saved
        assert db.session.scalar(select(func.count(DemandSignal.id))) == 4
        facet = db.session.scalars(select(Facet).where(Facet.need_id == rows[1].need_id)).one()
        assert (facet.theme, facet.need.matcher_version != "") == ("CON-BRICK", True)
        db.session.remove()
    assert service.test_client().get(f"/needs/{reference}").status_code == 200
    assert noted(service) == ["survey file taken", "survey saved"]
    again = send_file(officer, "survey", RIGHT)
    assert again.status_code == 409 and "This file was saved before" in plain(again)


def test_what_is_saved_is_what_was_seen_though_the_offers_have_changed_since(service: Flask) -> None:
    officer = officer_of(service)
    page = plain(send_file(officer, "survey", HEADER + "Forge,,LE1,F,10-49,,,Bricklayers\n"))
    assert "Rows matched 1 Skills they ask for 1" in page
    with service.app_context():
        kept = survey_rows.seen_rows(1)[2]
        best = kept.facets[0].hits[0]
        assert best.offer.title in page and kept.version
        db.session.remove()

    officer.post("/cases/gathering/files/1/save")

    with service.app_context():
        facet = db.session.scalars(select(Facet)).one()
        assert [(m.offer_id, m.strength, m.score) for m in facet.matches] == [
            (hit.offer.id, hit.match.strength, hit.match.score) for hit in kept.facets[0].hits
        ]
        assert (facet.theme, facet.strength, facet.need.matcher_version) == (
            kept.facets[0].theme, kept.facets[0].strength, kept.version,
        )  # fmt: skip
        assert facet.matches[0].shown["title"] == best.offer.title
        assert facet.matches[0].evidence["matched"] == list(best.match.evidence.matched)
        assert count_rows(SurveyRow) == 0  # the file's rows go with it


@only_sqlite
def test_what_a_survey_is_matched_with_was_shown_to_no_employer(service: Flask) -> None:
    """A provider's desk counts employers who saw its offers: these have seen nothing."""
    officer = officer_of(service)
    send_file(officer, "survey", RIGHT)
    officer.post("/cases/gathering/files/1/save", data={"confirmed": "y"})

    with service.app_context():
        assert count_rows(NeedMatch) > 3
        assert list(offers_seen(db.session.connection(), read_period("2026", 4))) == []
        db.session.remove()


def test_a_row_that_is_not_matched_is_told_as_such_and_cannot_be_saved(
    service: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = officer_of(service)
    monkeypatch.setattr(survey_rows, "PATIENCE", 0.0)
    monkeypatch.setattr(survey_rows, "match_rows", lambda *_: 1)
    page = plain(send_file(officer, "survey", RIGHT))
    assert "0 rows of 3 are matched so far" in page and page.count("Not matched yet.") == 3
    assert "Nothing fits well" not in page and "You can save once every row is matched" in page
    refused = officer.post("/cases/gathering/files/1/save")
    assert refused.status_code == 409 and "Nothing was saved by this press" in plain(refused)
    assert count(service, Need) == 0
    monkeypatch.undo()

    with service.app_context():
        assert kept_files.match_waiting(service.extensions["area"]) == 0  # as `flask work` does
        db.session.remove()
    page = plain(officer.get("/cases/gathering/files/1"))
    assert "Rows matched 3" in page and "Not matched yet" not in page
    with service.app_context():
        offer = survey_rows.seen_rows(1)[2].facets[0].hits[0].offer.id
        keep(lambda: setattr(db.session.get_one(Offer, offer), "withdrawn_at", NOW))
        db.session.remove()
    gone = officer.post("/cases/gathering/files/1/save")  # it would save what is gone
    assert gone.status_code == 409 and "Match what is left" in plain(gone)
    officer.post("/cases/gathering/files/1/match")
    assert officer.post("/cases/gathering/files/1/save").status_code == 303 and count(service, Need) == 3


def test_the_same_answers_in_another_file_are_told_and_not_doubled(service: Flask) -> None:
    officer = officer_of(service)
    send_file(officer, "survey", RIGHT)
    officer.post("/cases/gathering/files/1/save", data={"confirmed": "y"})

    more = RIGHT.replace("Acme Ltd", "ACME Limited").replace("LE1,F", "LE1,Construction") + "New,,LE2,,,,,Sage\n"
    page = plain(send_file(officer, "survey", more))

    assert "A survey of this name was saved on" in page
    assert "3 rows say what is on record already" in page and page.count("It is left out.") == 3
    assert "Save 1 row" in page
    said = plain(officer.post("/cases/gathering/files/2/save", data={"confirmed": "y"}, follow_redirects=True))
    assert "1 need is on record. 3 rows were on record already, and not doubled." in said
    assert count(service, Need) == 4 and count(service, DemandSignal) == 5
    page = plain(send_file(officer, "survey", more + "\n"))
    assert "Every row is on record already. There is nothing to save." in page


def test_what_was_withdrawn_is_not_brought_back_by_another_file_with_the_same_words(service: Flask) -> None:
    officer = officer_of(service)
    send_file(officer, "survey", RIGHT)
    officer.post("/cases/gathering/files/1/save")
    for number in (1, 2):
        officer.post(f"/cases/gathering/needs/{number}/take-back")
    officer.post("/cases/gathering/needs/2/take-back")  # pressed twice
    with service.app_context():
        keep(lambda: setattr(db.session.get_one(Need, 3), "text", "Word for the office"))  # it changed its words
        digests = list(db.session.scalars(select(GatheredNeed.said_digest).order_by(GatheredNeed.id)))
        assert len({one for one in digests if one and len(one) == 64 and one.isalnum()}) == 3
        assert digests[1] == said_digest("FORGE Limited", "bricklayers")
        assert digests[1] != said_digest("Forge", "bricklayers and roofers")
        assert digests[1] != said_digest("Forge", "bricklayers", "another key")
        db.session.remove()

    more = RIGHT.replace("Acme Ltd", "ACME Limited") + "Forge,,LE1,F,,,,Bricklayers and roofers\n"
    page = plain(send_file(officer, "survey", more))

    assert "2 rows were withdrawn before" in page and page.count("Withdrawn before. It is left out.") == 2
    assert "1 row says what is on record already" in page and "Save 1 row" in page
    said = plain(officer.post("/cases/gathering/files/2/save", follow_redirects=True))
    assert "1 need is on record. 1 row was on record already, and not doubled. 2 rows were withdrawn" in said
    assert count(service, Need) == 4
    assert "2 rows were withdrawn before" in plain(officer.get("/cases/gathering/files/2"))

    with service.app_context():
        keep(lambda: db.session.execute(update(Need).where(Need.id == 2).values(kept_until=NOW.date())))
        assert forget_said() == 0
        service.config["CLOCK"] = lambda: NOW + timedelta(days=1)
        assert forget_said() == 1 and db.session.get_one(GatheredNeed, 2).said_digest is None
        row = (2, {"business": "Forge", "need": "Bricklayers"})
        assert said_before([row]).rows == set()  # it may be said anew
        service.config["SECRET_KEY_FALLBACKS"] = [service.config["SECRET_KEY"]]
        service.config["SECRET_KEY"] = "the next secret key, long enough"
        acme = (2, {"business": "Acme", "need": "tig welding, and forklift licences for three"})
        assert said_before([acme]).withdrawn == {2}
        db.session.remove()


@only_sqlite
def test_a_file_that_came_is_kept_though_it_was_not_said_which_survey_it_is(service: Flask) -> None:
    officer = officer_of(service)
    page = send_file(officer, "survey", RIGHT, occasion="", met_on="20/11/2030")
    assert page.status_code == 422
    assert "Your file survey.csv is kept, with 3 rows" in plain(page) and "Name the survey" in plain(page)
    waiting = plain(officer.get("/cases/gathering/files/1"))
    assert "Say first which survey it is" in waiting and count(service, SurveyRow) == 0

    sent = fields_of(page) | {"occasion": "Autumn", "met_on": "20/11/2026"}
    answer = officer.post("/cases/gathering/survey", data=sent)
    assert (answer.status_code, answer.location) == (303, "/cases/gathering/files/1")
    assert "Rows matched 3" in plain(officer.get(answer.location))
    assert officer.post("/cases/gathering/files/1/save").status_code == 303
    gone = officer.post("/cases/gathering/survey", data=sent)  # it waits no more
    assert gone.status_code == 422 and "Choose a file" in plain(gone)


@only_sqlite
def test_a_file_of_ten_megabytes_is_told_at_its_box(service: Flask) -> None:
    officer = officer_of(service)
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="large.csv"\r\n\r\n'
    for kind in ("survey", "members"):
        for size in (2_100_000, 10_000_000, 13_000_000):  # the client's own way leaves a temporary file open
            body, sort = head + b"x" * size + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"
            page = officer.post(f"/cases/gathering/{kind}", data=body, content_type=sort)
            assert page.status_code in (413, 422) and "The file is larger than 2 MB. Split it" in plain(page)
    assert count(service, GatheredFile) == 0


def test_a_survey_saved_without_the_tick_is_counted_later_at_once_or_one_by_one(service: Flask) -> None:
    officer = officer_of(service)
    send_file(officer, "survey", RIGHT)
    officer.post("/cases/gathering/files/1/save")
    assert "3 needs of it do not count yet" in plain(officer.get("/cases/gathering/files/1"))

    answer = officer.post("/cases/gathering/files/1/count", follow_redirects=True)

    assert "2 needs count from now on." in plain(answer) and "1 need of it does not count yet" in plain(answer)
    answer = officer.post("/cases/gathering/needs/3/count", follow_redirects=True)  # the college's
    assert "It counts from now on." in plain(answer) and "It counts: an officer said so" in plain(answer)
    with service.app_context():
        assert all(s.countable_at for s in db.session.scalars(select(DemandSignal)))
    assert noted(service)[-2:] == ["survey counted", "need counted"]
    assert "of it do not count yet" not in plain(officer.get("/cases/gathering/files/1"))


def test_a_survey_that_breaks_off_while_it_is_saved_is_saved_to_its_end_and_nothing_twice(
    service: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, real, calls = officer_of(service), survey_saving.put_down, []

    def fail_at_the_third(*given: object) -> object:
        calls.append(1)
        if len(calls) == 3:
            raise NotSaved
        return real(*given)  # type: ignore[arg-type]

    send_file(officer, "survey", RIGHT)
    monkeypatch.setattr(survey_saving, "PORTION", 2)
    monkeypatch.setattr(survey_saving, "put_down", fail_at_the_third)
    answer = officer.post("/cases/gathering/files/1/save", data={"confirmed": "y"})

    assert answer.status_code == 503
    assert "It is being saved: 2 needs are on record, 1 row is left" in plain(answer)
    assert officer.post("/cases/gathering/files/1/drop").status_code == 303 and count(service, Need) == 2
    again = send_file(officer, "survey", RIGHT)
    assert again.status_code == 409 and "This file was saved before" in plain(again)
    with service.app_context():
        assert survey_saving.save_waiting(service.extensions["area"]) == 0  # as `flask work` does
        file = db.session.get_one(GatheredFile, 1)
        assert (file.state, file.content, count_rows(SurveyRow)) == ("saved", None, 0)
        counted = sorted(bool(s.countable_at) for s in db.session.scalars(select(DemandSignal)))
        assert counted == [False, True, True, True]
    assert count(service, Need) == 3 and noted(service).count("survey saved") == 1
    assert "saved already" in plain(officer.post("/cases/gathering/files/1/save", follow_redirects=True))


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
        (b"\xff\xfeb\x00u\x00\x00", "This is not a CSV file"),
        (b"business,website,need\nA\x00,acme.com,b\n", "Some letters here cannot be read"),
        (b"business,website,need\nCaf\x81,acme.com,b\n", "Some letters here cannot be read"),
        (b"business,website,need\n" + b"A,,x\n" * 2001, "A file may have 2,000"),
    ],
)
def test_a_file_that_will_not_do_is_told_why(in_app: Flask, content: bytes, said: str) -> None:
    checked = read_file(content, SURVEY, in_app.extensions["area"])

    assert any(said in fault.message for fault in checked.faults), checked.faults
    assert not checked.right and errors_csv(checked)


@sqlite_app
def test_a_quotation_mark_that_is_never_closed_is_told_by_the_row_in_which_it_opens(in_app: Flask) -> None:
    content = HEADER + 'Acme,acme.com,,,,,,"Two\nlines"\nForge,,LE1,,,,,"Welding\nSoar,,LE2,,,,,Sage\n'

    (fault,) = read_file(content.encode(), SURVEY, in_app.extensions["area"]).faults

    assert fault.row == 3 and "quotation mark" in fault.message


@sqlite_app
def test_what_excel_calls_unicode_text_is_read(in_app: Flask) -> None:
    content = "business\twebsite\tneed\r\nCafé Łódź\tacme.com\tWelding\r\n".encode("utf-16")
    (_, row), *rest = read_file(content, SURVEY, in_app.extensions["area"]).rows

    assert rest == [] and row["business"] == "Café Łódź"


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


def test_a_list_loaded_again_changes_nothing_and_a_whole_one_ends_the_membership_of_others(app: Flask) -> None:
    officer = officer_of(app)
    rows = "business,website,postcode,member\nAcme,acme.example,LE10,yes\nForge,,LE1,yes\nOther,other.example,,no\n"
    for number in (1, 2):
        page = plain(send_file(officer, "members", rows))
        assert ("New 3" if number == 1 else "New 0 Changed 0 As they are 3") in page
        officer.post(f"/cases/gathering/files/{number}/save")
    later = "business,website\nAcme Ltd,acme.example\n"
    page = plain(send_file(officer, "members", later))
    assert "member now" not in page  # a column that is not there says nothing
    assert "Members that the file does not name Forge" in page and "Other" not in page

    said = officer.post("/cases/gathering/files/3/save", data={"whole": "y"}, follow_redirects=True)

    assert "The list is saved: 0 new, 1 changed. Members no longer: 1." in plain(said)
    with app.app_context():
        listed = db.session.scalars(select(KnownBusiness).order_by(KnownBusiness.id))
        assert [(one.name, one.member) for one in listed] == [("Acme Ltd", True), ("Forge", False), ("Other", False)]


def test_a_business_whose_web_domain_comes_later_is_known_by_it_from_then_on(app: Flask) -> None:
    officer = officer_of(app)
    lists = "business,postcode,member\nAcme Ltd,LE10,yes\n", "business,website,postcode\nAcme,acme.example,LE10\n"
    for rows in lists:
        number = re.search(r"files/(\d+)/save", send_file(officer, "members", rows).get_data(as_text=True))
        officer.post(f"/cases/gathering/files/{number[1] if number else 0}/save")

    with app.app_context():
        one = db.session.scalars(select(KnownBusiness)).one()
        assert one.member and one.employer_key == employer_key("owner@acme.example", "")


def test_a_business_is_looked_up_on_the_list_and_taken_off_it(app: Flask) -> None:
    officer = officer_of(app)
    send_file(officer, "members", LIST)
    officer.post("/cases/gathering/files/1/save")
    page = plain(officer.get("/cases/gathering/businesses"))
    assert all(said in page for said in ("2 businesses", "acme.example", "Manufacturing", "10 to 49"))
    page = plain(officer.get("/cases/gathering/businesses?business=ACM"))
    assert "1 business" in page and "Forge" not in page

    answer = officer.post("/cases/gathering/businesses/1/remove", follow_redirects=True)

    assert "It is off the list" in plain(answer) and "acme.example" not in plain(answer)
    assert noted(app)[-1] == "business taken off the list"
    again = officer.post("/cases/gathering/businesses/1/remove", follow_redirects=True)
    assert "It was not on the list any more" in plain(again)


def test_two_rows_of_one_new_business_in_a_list_are_one(app: Flask) -> None:
    officer = officer_of(app)
    rows = "business,website,postcode,size\nAcme Ltd,acme.example,LE10,\nAcme,,LE10,23\n"
    assert "New 1 Changed 1" in plain(send_file(officer, "members", rows))

    officer.post("/cases/gathering/files/1/save")

    with app.app_context():
        one = db.session.scalars(select(KnownBusiness)).one()
        assert (one.name, one.domain, one.size_band) == ("Acme", "acme.example", "10-49")


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
