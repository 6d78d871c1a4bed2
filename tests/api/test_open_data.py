"""The catalogue as open data: tables, feed, linked data and JSON, each with the same filters."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from skillsmatch.extensions import db
from skillsmatch.offers.inert import is_live
from skillsmatch.offers.models import Offer
from skillsmatch.offers.open_data import COLUMNS
from skillsmatch.offers.records import CourseRow
from skillsmatch.offers.standing import offered
from tests.offers.course_files import read_file

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
ATOM = "{http://www.w3.org/2005/Atom}"


def get(client: FlaskClient, path: str, status: int = 200) -> dict[str, object]:
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    found: dict[str, object] = json.loads(answer.get_data())
    return found


def ids(client: FlaskClient, query: str) -> set[int]:
    """The ids of all pages."""
    found: list[int] = []
    path = f"/api/v1/offers?{query}"
    while path:
        page = get(client, path)
        found += [offer["id"] for offer in page["offers"]]  # type: ignore[index,attr-defined]
        path = str(page["next"] or "").removeprefix("http://localhost")
    assert len(found) == len(set(found))
    assert found == sorted(found)
    return set(found)


def rows(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    text = client.get(f"/offers.csv?{query}", buffered=True).get_data(as_text=True)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_every_page_of_offers_makes_the_whole_catalogue_once(service: Flask, visitor: FlaskClient) -> None:
    with service.app_context():
        standing = set(db.session.scalars(select(Offer.id).where(offered())))

    assert ids(visitor, "limit=50") == standing
    assert {int(row["id"]) for row in rows(visitor)} == standing
    assert get(visitor, "/api/v1/offers?limit=1")["total"] == len(standing)


def test_a_next_page_is_the_same_though_offers_go_meanwhile(service: Flask, visitor: FlaskClient) -> None:
    first = get(visitor, "/api/v1/offers?limit=10")
    with service.app_context():
        gone = [offer["id"] for offer in first["offers"]][:5]  # type: ignore[index,attr-defined]
        db.session.execute(
            update(Offer).where(Offer.id.in_(gone)).values(withdrawn_at=datetime(2026, 11, 23))
        )
        db.session.commit()

    second = get(visitor, str(first["next"]).removeprefix("http://localhost"))

    assert second["offers"][0]["id"] > first["offers"][-1]["id"]  # type: ignore[index]
    with service.app_context():
        following = select(Offer.id).where(Offer.id > first["offers"][-1]["id"], offered()).order_by(Offer.id)  # type: ignore[index]
        expected = db.session.scalars(following.limit(10)).all()
    assert [offer["id"] for offer in second["offers"]] == expected  # type: ignore[index,attr-defined]


FILTERS = {
    "kind=esol": lambda o: o.kind == "esol",
    "route=engineering": lambda o: o.route == "engineering",
    "district=E06000016": lambda o: (
        o.mode != "online"
        and not (o.mode == "workplace" and o.national)
        and o.venue
        and o.venue.district == "E06000016"
    ),
    "provider=10003867": lambda o: o.provider.ukprn == 10003867,
    "level=3": lambda o: o.level == 3,
    "level=0": lambda o: o.level == 0,
    "mode=online": lambda o: o.mode == "online",
    "starts_from=2027-01-01&starts_to=2027-01-31": lambda o: (
        o.flexible_start or any("2027-01-01" <= day <= "2027-01-31" for day in o.start_dates)
    ),
    "starts_from=2027-03-01": lambda o: o.flexible_start or any(day >= "2027-03-01" for day in o.start_dates),
    "kind=course&level=2&mode=classroom": lambda o: (o.kind, o.level, o.mode) == ("course", 2, "classroom"),
    "updated_since=2026-11-23T10:30:00Z": lambda o: True,
    "updated_since=2026-11-23T12:30:01%2B02:00": lambda o: False,
}


def test_each_filter_lets_through_what_it_says(service: Flask, visitor: FlaskClient) -> None:
    with service.app_context():
        offers = db.session.scalars(select(Offer).where(offered())).all()
        expected = {query: {o.id for o in offers if fits(o)} for query, fits in FILTERS.items()}

    for query, wanted in expected.items():
        assert ids(visitor, query) == wanted, query
        assert {int(row["id"]) for row in rows(visitor, query)} == wanted, query
        assert wanted or "12:30" in query, query


@only_sqlite
def test_whoever_keeps_a_copy_is_told_what_was_withdrawn(service: Flask, visitor: FlaskClient) -> None:
    with service.app_context():
        later = {"withdrawn_at": datetime(2026, 11, 24), "changed_at": datetime(2026, 11, 24)}
        db.session.execute(update(Offer).where(Offer.id == 5).values(**later))
        db.session.commit()

    assert 5 not in ids(visitor, "limit=500")
    changed = get(visitor, "/api/v1/offers?updated_since=2026-11-23T20:00:00Z")["offers"]
    assert [(o["id"], o["withdrawn_at"]) for o in changed] == [(5, "2026-11-24T00:00:00Z")]  # type: ignore[index,attr-defined]
    assert get(visitor, "/api/v1/offers/5")["withdrawn_at"] == "2026-11-24T00:00:00Z"
    assert get(visitor, "/offers/5.jsonld", 410)["detail"]
    assert "ld+json" not in visitor.get("/offers/5").get_data(as_text=True)


@only_sqlite
@pytest.mark.parametrize(
    ("query", "parameter", "words"),
    [
        ("kind=nonsense", "kind", 'kind "nonsense" is not on the list; use one of course,'),
        ("route=x", "route", "use one of"),
        ("district=x", "district", "anywhere, elsewhere"),
        ("provider=1", "provider", "a UKPRN: 8 digits"),
        ("provider=10000001", "provider", "10000001 is no provider that we hold"),
        ("level=9", "level", "use 0 for Entry, or 1 to 8"),
        ("level=%C2%B2", "level", "use 0 for Entry, or 1 to 8"),
        ("mode=bus", "mode", "use one of classroom, online"),
        ("starts_from=31/01/2027", "starts_from", "write it as 2027-01-31"),
        ("starts_from=2027-02-01&starts_to=2027-01-01", "starts_to", "lies before starts_from"),
        ("updated_since=yesterday", "updated_since", "2027-01-31T09:30:00Z"),
        ("updated_since=0001-01-01T00:00:00%2B14:00", "updated_since", "is not a date or time"),
        ("limit=0", "limit", "a whole number from 1 to 500"),
        ("limit=501", "limit", "a whole number from 1 to 500"),
        ("after=-1", "after", "a whole number from 0"),
        ("after=99999999999", "after", "a whole number from 0"),
        ("page=2", "page", "is not a parameter here; use kind, route,"),
        ("kind=%00%1b[31m", "kind", "is not on the list"),
    ],
)
def test_a_parameter_that_cannot_be_taken_is_named(
    visitor: FlaskClient, query: str, parameter: str, words: str
) -> None:
    answer = visitor.get(f"/api/v1/offers?{query}")

    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    told = json.loads(answer.get_data())
    assert told["parameter"] == parameter
    assert words in told["detail"]
    assert told["detail"].isprintable()
    if parameter not in ("limit", "after"):
        assert visitor.get(f"/offers.csv?{query}").status_code == 400
        assert visitor.get(f"/offers.atom?{query}").status_code == 400


@only_sqlite
@pytest.mark.parametrize(
    "path", ["/api/v1/offers?limit=3", "/api/v1/offers/1", "/api/v1/providers", "/offers.atom"]
)
def test_who_has_it_already_is_told_so_until_it_changes(
    service: Flask, visitor: FlaskClient, path: str
) -> None:
    first = visitor.get(path)
    known = {"If-None-Match": first.headers["ETag"]}

    again = visitor.get(path, headers=known)

    assert again.status_code == 304
    assert again.get_data() == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    with service.app_context():
        db.session.execute(
            update(Offer).values(title="Changed", kind="esol", changed_at=datetime(2026, 12, 1))
        )
        db.session.execute(update(Offer).where(Offer.id == 2).values(withdrawn_at=datetime(2026, 12, 1)))
        db.session.commit()
    assert visitor.get(path, headers=known).status_code == 200


@only_sqlite
def test_an_answer_says_when_the_catalogue_changed_and_how_long_it_may_be_kept(visitor: FlaskClient) -> None:
    answer = visitor.get("/api/v1/offers?limit=1")

    assert answer.headers["Last-Modified"] == "Mon, 23 Nov 2026 10:30:00 GMT"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert re.fullmatch(
        r'<http://localhost/api/v1/offers\?limit=1&after=1>; rel="next"', answer.headers["Link"]
    )
    since = {"If-Modified-Since": answer.headers["Last-Modified"]}
    assert visitor.get("/api/v1/offers?limit=1", headers=since).status_code == 304


@only_sqlite
def test_only_open_data_may_be_read_by_other_sites(visitor: FlaskClient) -> None:
    for path in (
        "/offers.csv?kind=esol",
        "/offers.xlsx?kind=esol",
        "/offers.atom",
        "/offers/1.jsonld",
        "/api/v1/offers",
        "/api/v1/offers/1",
        "/api/v1/providers",
        "/api/v1/openapi.json",
    ):
        assert visitor.get(path, buffered=True).headers["Access-Control-Allow-Origin"] == "*", path
    for path in ("/", "/offers", "/offers/1", "/needs/new", "/offers/1/enquiry", "/api", "/embed"):
        assert "Access-Control-Allow-Origin" not in visitor.get(path).headers, path
    asked = visitor.options("/api/v1/offers", headers={"Origin": "https://other.example"})
    assert set(asked.headers["Access-Control-Allow-Methods"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert "Access-Control-Allow-Credentials" not in asked.headers


@only_sqlite
def test_an_address_of_the_api_that_is_not_there_is_a_problem_in_words(visitor: FlaskClient) -> None:
    missing = visitor.get("/api/v1/nothing")
    wrong = visitor.delete("/api/v1/offers")
    no_offer = visitor.get("/api/v1/offers/99999")

    assert [a.status_code for a in (missing, wrong, no_offer)] == [404, 405, 404]
    assert {a.mimetype for a in (missing, wrong, no_offer)} == {"application/problem+json"}
    assert json.loads(no_offer.get_data())["detail"] == "We hold no offer with the id 99999."


def test_the_table_has_every_column_and_no_formula(service: Flask, visitor: FlaskClient) -> None:
    with service.app_context():
        db.session.execute(update(Offer).where(Offer.id < 9).values(title="=HYPERLINK(1)", regions="＝1"))
        db.session.commit()

    answer = visitor.get("/offers.csv", buffered=True)
    cells = list(csv.reader(io.StringIO(answer.get_data(as_text=True)[1:])))

    assert tuple(cells[0]) == COLUMNS
    assert {len(row) for row in cells} == {len(COLUMNS)}
    assert not [cell for row in cells for cell in row if is_live(cell)]
    assert len([cell for row in cells for cell in row if cell.startswith("'=HYPERLINK")]) == 8
    assert answer.headers["Content-Disposition"] == 'attachment; filename="offers.csv"'


@only_sqlite
def test_the_table_is_sent_while_it_is_read(visitor: FlaskClient) -> None:
    answer = visitor.get("/offers.csv")

    assert answer.is_streamed
    assert answer.headers.get("Content-Length") is None
    answer.close()


@only_sqlite
def test_the_workbook_says_the_same_as_the_table_in_cells_of_text(visitor: FlaskClient) -> None:
    answer = visitor.get("/offers.xlsx?kind=esol", buffered=True)

    sheet = load_workbook(io.BytesIO(answer.get_data())).active
    cells = [[cell.value or "" for cell in row] for row in sheet.iter_rows()]

    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert [dict(zip(cells[0], row, strict=True)) for row in cells[1:]] == rows(visitor, "kind=esol")


@only_sqlite
def test_too_many_offers_for_a_workbook_are_refused_in_words(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skillsmatch.offers.open_views.MOST_IN_A_WORKBOOK", 3)

    assert "A workbook holds 3 offers" in str(get(visitor, "/offers.xlsx", 400)["detail"])


def test_the_feed_has_what_came_last_first_and_is_valid(service: Flask, visitor: FlaskClient) -> None:
    with service.app_context():
        db.session.execute(
            update(Offer).where(Offer.id == 7).values(created_at=datetime(2026, 12, 1), title="New & <b>")
        )
        db.session.commit()

    answer = visitor.get("/offers.atom")
    feed = ET.fromstring(answer.get_data())

    assert answer.mimetype == "application/atom+xml"
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 50
    assert entries[0].findtext(f"{ATOM}title") == "New & <b>"
    for thing in (feed, *entries):  # RFC 4287: each has these, once
        for name in ("id", "title", "updated"):
            assert len(thing.findall(f"{ATOM}{name}")) == 1
            assert thing.findtext(f"{ATOM}{name}")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(thing.findtext(f"{ATOM}updated")))
        assert thing.findtext(f"{ATOM}author/{ATOM}name")
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 50
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": "http://localhost/offers.atom", "alternate": "http://localhost/offers"}


@only_sqlite
def test_a_feed_may_be_filtered_and_be_empty(visitor: FlaskClient) -> None:
    esol = ET.fromstring(visitor.get("/offers.atom?kind=esol").get_data())
    none = ET.fromstring(visitor.get("/offers.atom?kind=esol&level=8").get_data())

    assert {c.get("term") for c in esol.iter(f"{ATOM}category")} == {"esol"}
    assert none.findall(f"{ATOM}entry") == []
    assert none.findtext(f"{ATOM}updated")


@only_sqlite
def test_the_list_leads_to_its_table_workbook_and_feed_with_the_same_filters(visitor: FlaskClient) -> None:
    page = visitor.get("/offers?kind=esol").get_data(as_text=True)

    assert (
        '<link rel="alternate" type="application/atom+xml" title="New training" href="/offers.atom?kind=esol">'
        in page
    )
    for path in ("/offers.csv?kind=esol", "/offers.xlsx?kind=esol", "/offers.atom?kind=esol"):
        assert f'<a href="{path}">' in page
        assert visitor.get(path, buffered=True).status_code == 200


def linked(client: FlaskClient, number: int) -> dict[str, object]:
    page = client.get(f"/offers/{number}").get_data(as_text=True)
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert block is not None
    assert f'<link rel="alternate" type="application/ld+json" href="/offers/{number}.jsonld">' in page
    found: dict[str, object] = json.loads(block[1])
    assert found == get(client, f"/offers/{number}.jsonld")
    return found


@only_sqlite
def test_what_an_offers_page_says_as_linked_data_our_own_reader_reads(
    service: Flask, visitor: FlaskClient, tmp_path: Path
) -> None:
    with service.app_context():
        offers = db.session.scalars(select(Offer).where(offered()).order_by(func.random()).limit(60)).all()
        for offer in offers:
            path = tmp_path / "one.json"
            path.write_text(json.dumps(linked(visitor, offer.id)), encoding="utf-8")

            (read,) = read_file(path, date(2026, 11, 23), ukprn=offer.provider.ukprn)

            assert isinstance(read, CourseRow), read
            same = ("title", "kind", "level", "route", "mode", "study_mode", "attendance", "who_for", "url")
            same += ("what_learned", "entry_requirements", "awarding_body", "lars_ref", "standard_ref")  # type: ignore[assignment]
            same += ("duration_value", "duration_unit", "cost", "cost_description")  # type: ignore[assignment]
            assert {n: getattr(read, n) for n in same} == {n: getattr(offer, n) for n in same}
            assert list(read.start_dates) == offer.start_dates
            if offer.venue:
                venue = (offer.venue.name, offer.venue.postcode, offer.venue.town, offer.venue.lat)
                assert (read.venue_name, read.venue_postcode, read.venue_town, read.lat) == venue


@only_sqlite
def test_an_apprenticeship_is_a_programme_too(service: Flask, visitor: FlaskClient) -> None:
    with service.app_context():
        number = db.session.scalar(select(Offer.id).where(Offer.kind == "apprenticeship", offered()).limit(1))

    things = {thing["@type"]: thing for thing in linked(visitor, number or 0)["@graph"]}  # type: ignore[attr-defined]

    assert set(things) == {"Course", "EducationalOccupationalProgram"}
    assert things["EducationalOccupationalProgram"]["hasCourse"] == {"@id": things["Course"]["@id"]}


@only_sqlite
def test_words_of_a_provider_cannot_end_the_block_of_linked_data(
    service: Flask, visitor: FlaskClient
) -> None:
    with service.app_context():
        bad = '</script><script>alert("x")</script><!--'
        db.session.execute(update(Offer).where(Offer.id == 1).values(title=bad, who_for=bad))
        db.session.commit()

    page = visitor.get("/offers/1").get_data(as_text=True)

    assert page.count("<script") == page.count("</script>") == 1
    assert linked(visitor, 1)["@graph"][0]["name"] == bad  # type: ignore[index]
