"""Uploads: checked, shown, published all or not at all, and undone exactly."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from werkzeug.test import TestResponse

from skillsmatch.extensions import db
from skillsmatch.offers.desk import receiving
from skillsmatch.offers.desk.forgetting import forget_names
from skillsmatch.offers.desk.models import Upload
from skillsmatch.offers.directory_lists import VENUES
from skillsmatch.offers.live_courses import COLUMNS
from skillsmatch.offers.loading import LoadReport, load_offers
from tests.conftest import NOW
from tests.needs.journey import fields_of, plain
from tests.offers.course_files import VENUE, as_csv, course, courses, table, write_file
from tests.offers.desk.at_the_desk import (
    ANOTHER,
    add_offer,
    fill,
    held,
    noted,
    on_offer,
    press,
    publish,
    rows_of,
    send,
    send_rows,
    uploads,
    venues,
)

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """A load by the operator builds no index here; test_indexing makes real ones."""
    from skillsmatch.offers import indexing

    monkeypatch.setattr(indexing, "build_index", lambda: None)
    monkeypatch.setattr(indexing, "index_is_stale", lambda: False)


def test_a_file_is_shown_before_anything_happens_and_then_published(app: Flask, college: FlaskClient) -> None:
    address = send_rows(college, *courses(3))

    shown = plain(college.get(address))
    assert "New 3 Changed 0 As they are 0 To be withdrawn 0" in shown
    assert "Welding, part 2 row 3" in shown
    assert held(app) == {}

    answer = press(college, address, "publish")

    assert answer.status_code == 303
    assert on_offer(app) == {"Welding, part 1", "Welding, part 2", "Welding, part 3"}
    assert "Published by Ada Weld on Monday 23 November 2026: 3 new offers, 0 changed" in plain(
        college.get(address)
    )
    assert uploads(app) == [("applied", 3, 0, 0, 0)]
    assert noted(app) == [("upload taken", "upload 1"), ("upload published", "upload 1")]


def test_publishing_confirms_everything_in_the_file_as_of_today(app: Flask, college: FlaskClient) -> None:
    publish(college, course(UPDATED_DATE="2026-01-01"))

    offer = held(app)["MIG welding for beginners"]
    assert (offer["confirmed_on"], offer["confirmed_by"]) == (NOW.date(), "Leicester College")


def test_what_is_wrong_is_named_by_row_column_and_value(app: Flask, college: FlaskClient) -> None:
    rows = courses(4)
    rows[0]["EDUCATION_LEVEL"], rows[2]["STARTDATE"], rows[3]["COURSE_NAME"] = "9", "31/02/2027", ""

    address = send_rows(college, *rows)

    page = plain(college.get(address))
    assert "3 errors. Nothing was published" in page
    assert '2 EDUCATION_LEVEL 9 "9" is not a level (use 0 or Entry, or 1 to 8)' in page
    assert '4 STARTDATE 31/02/2027 "31/02/2027" is not a date' in page
    assert "5 COURSE_NAME nothing is empty" in page
    assert uploads(app) == [("faulty", 0, 0, 0, 0)]
    assert college.post(f"{address}/publish").status_code == 409
    assert held(app) == {}


def test_the_first_fifty_faults_are_shown_and_the_file_with_all_of_them_comes_back(
    app: Flask, college: FlaskClient
) -> None:
    address = send_rows(college, *courses(60, COST="dear"))

    page = plain(college.get(address))
    found = college.get(f"{address}/errors.csv")
    listed = list(csv.DictReader(io.StringIO(found.get_data(as_text=True).removeprefix("\ufeff"))))

    assert "The first 50 of 60 errors" in page
    assert found.headers["Content-Disposition"] == "attachment; filename=errors-upload-1.csv"
    assert list(listed[0]) == [*COLUMNS, "ERRORS"]
    assert len(listed) == 60
    assert all("COST" in row["ERRORS"] for row in listed)

    for row in listed:
        row["COST"] = "95"
    again = send_rows(college, *({name: row[name] for name in COLUMNS} for row in listed))
    assert press(college, again, "publish").status_code == 303
    assert [state for state, *_ in uploads(app)] == ["dropped", "applied"]
    assert len(on_offer(app)) == 60


def test_the_errors_file_put_right_can_be_sent_as_it_is(app: Flask, college: FlaskClient) -> None:
    address = send_rows(college, course(COST="dear"))
    text = college.get(f"{address}/errors.csv").get_data(as_text=True).replace("dear", "95", 1)

    again = send(college, text)

    assert press(college, str(again.location), "publish").status_code == 303


def test_the_difference_goes_field_by_field(app: Flask, college: FlaskClient) -> None:
    publish(college, *courses(3))

    address = send_rows(college, *courses(2, COST="95", ATTENDANCE_PATTERN="3"), whole="y")

    page = plain(college.get(address))
    assert "New 0 Changed 2 As they are 0 To be withdrawn 1" in page
    assert "When now: evening then: weekend" in page
    assert "Price in pounds now: 420.50 then: 95.00" in page
    assert "your file does not name them. Welding, part 3" in page


def test_without_the_tick_nothing_is_withdrawn(app: Flask, college: FlaskClient) -> None:
    publish(college, *courses(3))

    publish(college, *courses(1))

    assert len(on_offer(app)) == 3
    assert uploads(app)[1] == ("applied", 0, 0, 1, 0)


def test_a_whole_list_withdraws_what_is_missing_of_this_provider_and_format_only(
    app: Flask, college: FlaskClient, another: FlaskClient
) -> None:
    publish(college, *courses(3))
    publish(another, course(COURSE_ID="B1", COURSE_NAME="Bricklaying", PROVIDER_UKPRN=str(ANOTHER)))
    add_offer(college, title="Typed by hand")

    publish(college, *courses(1), whole="y")

    assert on_offer(app) == {"Welding, part 1", "Bricklaying", "Typed by hand"}


def test_rows_of_another_provider_are_refused_in_words(app: Flask, another: FlaskClient) -> None:
    page = plain(another.get(send_rows(another, course())))

    assert '2 PROVIDER_UKPRN 10003867 "10003867" is not 10001234, whose file this is' in page


def test_a_key_that_is_another_providers_cannot_be_taken_over(
    app: Flask, college: FlaskClient, another: FlaskClient
) -> None:
    publish(college, course())
    before = held(app)

    address = send_rows(another, course(PROVIDER_UKPRN=str(ANOTHER), COURSE_NAME="Mine now"))

    assert "another provider's course has the same COURSE_ID and COURSE_RUN_ID" in plain(another.get(address))
    assert another.post(f"{address}/publish").status_code == 409
    assert held(app) == before


def test_the_same_file_sent_twice_is_one_upload(app: Flask, college: FlaskClient) -> None:
    first, second = send_rows(college, *courses(2)), send_rows(college, *courses(2))

    assert first == second
    assert len(uploads(app)) == 1


def test_published_twice_is_published_once(app: Flask, college: FlaskClient) -> None:
    address = send_rows(college, *courses(2))
    pressed = college.get(address)
    for _ in range(2):
        assert college.post(f"{address}/publish", data=fields_of(pressed)).status_code == 303

    assert [action for action, _ in noted(app)].count("upload published") == 1


def test_a_newer_file_takes_the_place_of_one_that_waits(app: Flask, college: FlaskClient) -> None:
    first = send_rows(college, *courses(2))
    send_rows(college, *courses(3))

    answer = college.post(f"{first}/publish")

    assert answer.status_code == 409
    assert "This file no longer waits" in plain(answer)
    assert [state for state, *_ in uploads(app)] == ["dropped", "read"]
    assert held(app) == {}


def test_what_changed_since_it_was_shown_is_shown_anew_and_nothing_is_published(
    app: Flask, college: FlaskClient
) -> None:
    publish(college, *courses(2))
    address = send_rows(college, *courses(2, COST="95"))
    pressed = fields_of(college.get(address))
    number = next(row["id"] for row in held(app).values())
    college.post(f"/provider/offers/{number}/withdraw")
    before = held(app)

    answer = college.post(f"{address}/publish", data=pressed)

    assert answer.status_code == 409
    assert "Something has changed since you looked" in plain(answer)
    assert "On offer now: no then: yes" in plain(answer)
    assert held(app) == before
    assert college.post(f"{address}/publish", data=fields_of(answer)).status_code == 303
    assert len(on_offer(app)) == 2


def test_a_publish_that_fails_half_way_leaves_everything_as_it_was(
    app: Flask, college: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skillsmatch.offers.desk import uploads as road

    publish(college, *courses(2))
    address = send_rows(college, *courses(3, COST="95"))
    before = held(app), uploads(app), noted(app)
    monkeypatch.setattr(road, "note_change", lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        press(college, address, "publish")

    assert (held(app), uploads(app), noted(app)) == before


def test_a_dropped_file_is_forgotten(app: Flask, college: FlaskClient) -> None:
    address = send_rows(college, *courses(1))

    assert college.post(f"{address}/drop").status_code == 303

    assert "Dropped by Ada Weld" in plain(college.get(address))
    with app.app_context():
        assert db.session.get_one(Upload, 1).content is None


# --- formats and sizes ----------------------------------------------------------------------------------


def workbook(rows: list[dict[str, str]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(COLUMNS))
    for row in rows:
        sheet.append([row[name] for name in COLUMNS])
    book.save(out)
    return out.getvalue()


def linked_data() -> bytes:
    course = {
        "@type": "Course",
        "@id": "https://example.org/weld",
        "name": "Welding, part 1",
        "description": "Welds.",
    }
    return json.dumps({"@context": "https://schema.org", **course}).encode()


@only_sqlite
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("courses.csv", as_csv(*courses(1)).encode()),
        ("courses.csv.gz", gzip.compress(as_csv(*courses(1)).encode(), mtime=0)),
        ("courses.xlsx", workbook(courses(1))),
        ("page.jsonld", linked_data()),
        ("page.jsonld.gz", gzip.compress(linked_data(), mtime=0)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_format_is_taken_packed_or_not(
    app: Flask, college: FlaskClient, name: str, content: bytes
) -> None:
    address = str(send(college, content, name).location)

    assert press(college, address, "publish").status_code == 303
    assert on_offer(app) == {"Welding, part 1"}


@only_sqlite
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04 not a workbook", "zip archive"),
        (b"%PDF-1.7", "this is a PDF"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-9], "cut short or damaged"),
        (b"a,b\0c\n", "not plain text"),
        (b"name,price\nWelding,5\n", "is not a column of this format"),
        (b'{"hello": 1}', "neither Skills England standards nor schema.org courses"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_course_file_is_refused_in_words(
    app: Flask, college: FlaskClient, content: bytes, words: str
) -> None:
    answer = send(college, content, "what.csv")

    page = answer if answer.status_code == 422 else college.get(str(answer.location))
    assert words in plain(page)
    assert held(app) == {}


def test_no_file_is_told_at_the_box(college: FlaskClient) -> None:
    answer = college.post("/provider/uploads/new", data={})

    assert answer.status_code == 422
    assert "Choose a file first" in plain(answer)


@only_sqlite
def test_lists_that_are_not_a_providers_own_are_refused(app: Flask, college: FlaskClient) -> None:
    header = "Org UPIN,Org UKPRN,Org Legal Name,Org Trading Name,Org Status,Fund Name,Fund Start Date\r\n"

    page = plain(college.get(str(send(college, header + "1,10003867,Ours,Ours,Active,,\r\n").location)))

    assert "only whoever runs this service loads such a file" in page


@only_sqlite
def test_more_rows_than_a_page_checks_are_refused(
    app: Flask, college: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_ROWS", 3)

    page = plain(college.get(send_rows(college, *courses(4))))

    assert "more than 5,000 rows" in page  # the words are made with the real number


@only_sqlite
def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_read(
    app: Flask, college: FlaskClient
) -> None:
    bomb = gzip.compress(b"0" * (receiving.MOST_UNPACKED + 1), 9, mtime=0)
    many = gzip.compress(b"0" * 40_000_000, 9, mtime=0) * 2

    for content in (bomb, many):
        page = plain(college.get(str(send(college, content, "bomb.csv.gz").location)))
        assert "unpacks to more than 60 MB" in page


def send_large(client: FlaskClient, size: int) -> TestResponse:
    """Sends so many bytes as a file; the test client's own way leaves a temporary file open."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="large.csv"\r\n\r\n'
    body = head + b"x" * size + b"\r\n--b--\r\n"
    return client.post("/provider/uploads/new", data=body, content_type="multipart/form-data; boundary=b")


@only_sqlite
def test_a_file_that_is_too_large_is_told_so(app: Flask, college: FlaskClient) -> None:
    for size in (receiving.MOST_SENT + 1, receiving.MOST_SENT + 600_000):
        answer = send_large(college, size)

        assert answer.status_code == 413
        assert "The file is larger than 12 MB" in plain(answer)
    assert rows_of(app, Upload) == []


@only_sqlite
def test_only_an_upload_may_be_as_large_as_that(app: Flask, college: FlaskClient) -> None:
    answer = college.post("/provider/contacts", data={"contact": "x" * 3_000_000})

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\files\\ours.csv", "ours.csv"),
        ("a\u202eb\0.csv", "ab.csv"),
        ("/", "a file without a name"),
    ],
)
def test_a_file_is_called_by_its_own_name(given: str, kept: str) -> None:
    from skillsmatch.offers.desk.uploads import plain_name

    assert plain_name(given) == kept


def test_venues_come_by_file_too(app: Flask, college: FlaskClient) -> None:
    address = str(send(college, table(VENUES, VENUE), "venues.csv").location)
    assert "1" in plain(college.get(address))

    assert press(college, address, "publish").status_code == 303

    assert venues(app)["Abbey Park Campus"]["postcode"] == "LE1 3WA"
    assert press(college, address, "undo").status_code == 303
    assert venues(app) == {}


@only_sqlite
def test_a_list_of_venues_is_no_whole_list(app: Flask, college: FlaskClient) -> None:
    address = str(send(college, table(VENUES, VENUE), "venues.csv", whole="y").location)

    assert "a list of venues withdraws nothing" in plain(college.get(address))


# --- undo -----------------------------------------------------------------------------------------------


def test_undo_puts_everything_back_field_by_field(app: Flask, college: FlaskClient) -> None:
    app.config["CLOCK"] = lambda: NOW - timedelta(days=3)
    publish(college, *courses(4))
    app.config["CLOCK"] = lambda: NOW
    before, places = held(app), venues(app)
    rows = courses(
        3, COST="95", STARTDATE="2027-03-01", LOCATION_TOWN="Oadby", COURSE_NAME="Welding, changed"
    )
    rows[1] = courses(4)[1]
    new = course(COURSE_ID="N", COURSE_RUN_ID="N", COURSE_NAME="Brand new")
    address = publish(college, *rows, new, whole="y")
    assert on_offer(app) == {"Welding, changed", "Welding, part 2", "Brand new"}

    shown = plain(college.get(f"{address}/undo"))
    answer = press(college, address, "undo")

    assert "Withdrawn again: 1 Brand new" in shown
    assert "Back to what they said before: 3" in shown
    assert "On offer again: 1 Welding, part 4" in shown
    assert answer.status_code == 303
    after = held(app)
    new_row = after.pop("Brand new")
    assert after == before
    assert new_row["withdrawn_at"] == NOW
    assert venues(app) == places
    assert uploads(app)[-1][0] == "undone"
    assert noted(app)[-1] == ("upload undone", "upload 2")


def test_what_was_changed_since_is_left_out_and_named(app: Flask, college: FlaskClient) -> None:
    address = publish(college, *courses(3))
    number = held(app)["Welding, part 2"]["id"]
    answer = fill(
        college,
        f"/provider/offers/{number}/edit",
        who_for="Anybody at all.",
        do="publish",
    )
    assert answer.status_code == 303, plain(answer)

    shown = plain(college.get(f"{address}/undo"))
    press(college, address, "undo")

    assert "Left as it is: 1 Welding, part 2: it has been changed since" in shown
    assert on_offer(app) == {"Welding, part 2"}


def test_a_change_between_looking_and_undoing_is_noticed(app: Flask, college: FlaskClient) -> None:
    address = publish(college, *courses(2))
    pressed = fields_of(college.get(f"{address}/undo"))
    college.post(f"/provider/offers/{held(app)['Welding, part 1']['id']}/withdraw")
    before = held(app)

    answer = college.post(f"{address}/undo", data=pressed)

    assert answer.status_code == 409
    assert "Something has changed since you looked" in plain(answer)
    assert held(app) == before


def test_only_the_last_upload_can_be_undone_and_only_once(app: Flask, college: FlaskClient) -> None:
    first, second = publish(college, *courses(1)), publish(college, *courses(2))

    assert "Only the last can be undone" in plain(college.get(f"{first}/undo"))
    assert college.post(f"{first}/undo").status_code == 409
    assert press(college, second, "undo").status_code == 303
    assert "has been undone already" in plain(college.get(f"{second}/undo"))
    assert college.post(f"{second}/undo").status_code == 409
    assert college.post(f"{first}/undo").status_code == 409


def test_nothing_left_to_undo_is_said(app: Flask, college: FlaskClient) -> None:
    address = publish(college, *courses(1))
    college.post(f"/provider/offers/{held(app)['Welding, part 1']['id']}/withdraw")

    assert "nothing is left to undo" in plain(college.get(f"{address}/undo"))


def as_kept_by_another_version(
    app: Flask, number: int, since_added: tuple[str, ...], since_dropped: str
) -> None:
    """What undoes the upload, as if columns had been added to the tables since, and one dropped."""
    with app.app_context():
        upload = db.session.get_one(Upload, number)
        kept = json.loads(zlib.decompress(upload.undo or b""))
        after = [pair[1] for pair in kept["venues"].values()]
        rows = [*kept["changed"].values(), *kept["gone"].values(), *kept["same"].values()]
        for row in (*rows, *kept["new_venues"].values(), *(p[0] for p in kept["venues"].values()), *after):
            row[since_dropped] = "what it held"
            for name in since_added:
                row.pop(name, None)
        upload.undo = zlib.compress(json.dumps(kept).encode())
        db.session.commit()
        db.session.remove()


@only_sqlite
def test_an_upload_from_before_a_database_upgrade_is_undone_as_any_other(
    app: Flask, college: FlaskClient
) -> None:
    app.config["CLOCK"] = lambda: NOW - timedelta(days=3)
    publish(college, *courses(3))
    app.config["CLOCK"] = lambda: NOW
    before, places = held(app), venues(app)
    rows = courses(2, COST="95", LOCATION_TOWN="Oadby", COURSE_NAME="Welding, changed")
    elsewhere = course(COURSE_ID="N", COURSE_RUN_ID="N", COURSE_NAME="Brand new", LOCATION_NAME="New Forge")
    address = publish(college, *rows, elsewhere, whole="y")
    as_kept_by_another_version(
        app, 2, since_added=("website", "where_next", "desk_at"), since_dropped="motto"
    )

    shown = plain(college.get(f"{address}/undo"))
    answer = press(college, address, "undo")

    assert answer.status_code == 303
    assert "changed since" not in shown
    after = held(app)
    after.pop("Brand new")
    assert {t: {n: v for n, v in row.items() if n != "desk_at"} for t, row in after.items()} == {
        t: {n: v for n, v in row.items() if n != "desk_at"} for t, row in before.items()
    }
    assert {name: row["town"] for name, row in venues(app).items() if name in places} == {
        name: row["town"] for name, row in places.items()
    }


# --- beside the operator's loads ------------------------------------------------------------------------


def load(app: Flask, tmp_path: Path, *rows: dict[str, str], **how: Any) -> LoadReport:
    """Loads a file as the operator does."""
    with app.app_context():
        return load_offers(write_file(tmp_path, *rows), **how)


def test_a_load_by_the_operator_leaves_alone_what_a_provider_changed_at_its_desk(
    app: Flask, college: FlaskClient, tmp_path: Path
) -> None:
    load(app, tmp_path, *courses(3))
    numbers = {title: row["id"] for title, row in held(app).items()}
    fill(college, f"/provider/offers/{numbers['Welding, part 1']}/edit", title="Ours", do="publish")
    college.post(f"/provider/offers/{numbers['Welding, part 2']}/withdraw")
    before = held(app)

    report = load(app, tmp_path, *courses(3, COST="95"))

    assert (report.changed, report.kept) == (1, 2)
    assert held(app)["Ours"] == before["Ours"]
    assert on_offer(app) == {"Ours", "Welding, part 3"}

    report = load(app, tmp_path, *courses(3)[2:], complete=True)

    assert (report.changed, report.withdrawn, report.spared) == (1, 0, 1)
    assert on_offer(app) == {"Ours", "Welding, part 3"}


def test_the_providers_own_next_upload_takes_it_over_again(
    app: Flask, college: FlaskClient, tmp_path: Path
) -> None:
    load(app, tmp_path, *courses(1))
    number = held(app)["Welding, part 1"]["id"]
    fill(college, f"/provider/offers/{number}/edit", title="Ours", do="publish")

    publish(college, *courses(1))
    report = load(app, tmp_path, *courses(1, COURSE_NAME="From the nation"))

    assert (report.changed, report.kept) == (1, 0)
    assert on_offer(app) == {"From the nation"}


def test_what_was_here_before_its_provider_is_there_at_its_desk(
    app: Flask, college: FlaskClient, tmp_path: Path
) -> None:
    load(app, tmp_path, *courses(2))

    page = plain(college.get("/provider"))

    assert "Welding, part 1" in page
    assert "2 offers came from lists that whoever runs this service loads" in page


def test_offers_that_would_stand_twice_are_pointed_out(app: Flask, college: FlaskClient) -> None:
    add_offer(college, title="Welding, part 1")

    page = plain(college.get(send_rows(college, *courses(2))))

    assert "1 offer of yours that came another way has the name of a new one here" in page


def test_who_did_it_is_forgotten_after_24_months(app: Flask, college: FlaskClient) -> None:
    published, dropped = publish(college, *courses(1)), send_rows(college, *courses(2))
    press(college, dropped, "drop")
    fill(college, "/provider/offers/new", do="draft")

    def named_after(days: int) -> str:
        with app.app_context():
            app.config["CLOCK"] = lambda: NOW + timedelta(days=days)
            forget_names()
            app.config["CLOCK"] = lambda: NOW
        pages = (published, dropped, "/provider/uploads", "/provider")
        return " ".join(plain(college.get(page)) for page in pages)

    assert "Published by Ada Weld on Monday 23 November 2026" in named_after(731)
    after = named_after(732)
    assert "Published on Monday 23 November 2026" in after and "Dropped on Monday" in after
    assert "by Ada Weld" not in after
