"""The evidence pack: every number from a published release, nothing that runs, nothing of an employer."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.demand import evidence, gaps, guard, published
from skillsmatch.demand.evidence import Replies, pack_for
from skillsmatch.demand.evidence_files import MAKERS
from skillsmatch.demand.ranges import change_words
from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer, Provider, Venue
from skillsmatch.offers.provision import Taught
from tests.accounts.signing import sign_in
from tests.demand.releasing import text_of

UKPRN, OTHER = 10001234, 10001235
LEICESTER, BLABY = "E06000016", "E07000129"
LIVE = '=HYPERLINK("https://bad.example")'


@pytest.fixture
def college(released: Flask) -> Iterator[FlaskClient]:
    """A college with three offers: an old one, a changed one and a new one whose title a spreadsheet would run."""
    with released.app_context():
        keep(_add_offers)
        db.session.remove()
    client = released.test_client()
    sign_in(client, released, Role.COLLEGE, organisation="Soar College", ukprn=UKPRN)
    yield client


def _add_offers() -> None:
    when = {"old": datetime(2025, 1, 5), "late": datetime(2026, 2, 3)}
    provider = Provider(ukprn=UKPRN, name="Soar College")
    venue = Venue(provider=provider, name="Main", district=LEICESTER, town="Leicester")
    second = Venue(provider=provider, name="Blaby", district=BLABY, town="Blaby")
    for number, (title, place, created, changed) in enumerate(
        (
            ("Old bricklaying", venue, "old", "old"),
            ("Changed bricklaying", second, "old", "late"),
            (LIVE, venue, "late", "late"),
        )
    ):
        db.session.add(
            Offer(
                provider=provider,
                venue=place,
                source="test",
                source_ref=str(number),
                kind="course",
                title=title,
                digest=str(number),
                confirmed_on=when["late"].date(),
                created_at=when[created],
                changed_at=when[changed],
            )
        )
    db.session.add(Provider(ukprn=OTHER, name="Elsewhere College"))


@pytest.fixture
def themed(monkeypatch: pytest.MonkeyPatch, college: FlaskClient) -> FlaskClient:
    """The same, where the index has told the offers' themes: bricklaying is nobody else's."""
    from skillsmatch.offers import provision

    def told(_themes: dict[int, str], day: Any) -> tuple[Taught, ...]:
        return plain(dict.fromkeys(range(1, 100), "CON-BRICK"), day)

    plain = provision._read
    monkeypatch.setattr(provision, "_read", told)
    return college


def pack(app: Flask, replies: Replies | None = None, period: str = "2025") -> evidence.Pack:
    provider = db.session.query(Provider).filter_by(ukprn=UKPRN).one()
    return pack_for(provider, app.extensions["area"], period, replies)


def test_numbers_of_our_districts_are_sums_of_their_published_cells(
    themed: FlaskClient, released: Flask
) -> None:
    with released.app_context():
        found, area = pack(released), released.extensions["area"]
        both = frozenset((LEICESTER, BLABY))
        now, was = (
            gaps.asked_within(
                published.read_table(area, year, "theme-by-district"), published.read_table(area, year, "theme"), both
            )
            for year in ("2025", "2024")
        )
    assert found.districts == ("Leicester", "Blaby")
    assert found.asked
    for one in found.asked:
        assert one.gap.asked == now[one.gap.theme]
        words = change_words(now[one.gap.theme], was[one.gap.theme])
        assert one.change == words or (words == "too few to tell" and "no clear change" in one.change)
    lows = [one.gap.asked.low for one in found.asked]
    assert lows == sorted(lows, reverse=True) and lows[-1] > 0


def test_what_was_added_or_changed_since_the_year_began_is_the_response(
    themed: FlaskClient, released: Flask
) -> None:
    with released.app_context():
        told = {one.title: one.did for one in pack(released).responses}

    assert told == {
        "Changed bricklaying": "changed Tuesday 3 February 2026",
        LIVE: "added Tuesday 3 February 2026",
    }


def test_each_table_used_is_cited_with_its_release(college: FlaskClient, released: Flask) -> None:
    with released.app_context():
        found = pack(released)

    assert all("Release 20" in words and "published " in words for words in found.citations)
    cited = set(re.findall(r"Release (\w+),", " ".join(found.citations)))
    assert cited == {e.period for e in found.trend_editions} | {"2025", "2024"}
    assert "2025Q2" not in cited  # it was withdrawn


def test_few_replies_to_leads_are_not_told_from_none(released: Flask, college: FlaskClient) -> None:
    since = datetime(2025, 4, 1).date()

    assert Replies(since, 0).words == Replies(since, 9).words == "fewer than 10"
    assert Replies(since, 10).words == "10"


def test_the_word_document_opens_with_its_tables_and_its_chart(themed: FlaskClient) -> None:
    answer = themed.get("/demand/evidence.docx?release=2025")
    document = Document(BytesIO(answer.data))
    words = "\n".join(p.text for p in document.paragraphs)

    assert (
        "attachment; filename=skillsmatch-2025-evidence-10001234.docx"
        in answer.headers["Content-Disposition"]
    )
    assert "What employers in Leicester and Blaby ask for" in words
    assert published.DO_NOT_ADD_UP in words
    assert "fewer than 10 replies" in words
    assert len(document.tables) >= 4
    assert len(document.inline_shapes) == 1
    package = zipfile.ZipFile(BytesIO(answer.data))
    assert package.testzip() is None
    body = package.read("word/document.xml").decode()
    assert 'descr="Bar chart.' in body
    assert "w:tblHeader" in body
    assert "w:fldSimple" not in body and "w:instrText" not in body
    outside = [name for name in package.namelist() if b'TargetMode="External"' in package.read(name)]
    assert outside == []


def test_the_workbook_has_text_and_whole_numbers_and_no_formula(themed: FlaskClient) -> None:
    book = load_workbook(BytesIO(themed.get("/demand/evidence.xlsx").data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]

    assert book.sheetnames == ["About", "Asked for", "Trend", "Priorities", "Our response", "Not yet met"]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert LIVE in {cell.value for cell in cells}


def test_the_page_shows_what_the_files_will_say_and_is_linked_from_our_provision(themed: FlaskClient) -> None:
    page = text_of(themed, "/demand/evidence")

    assert "What employers in Leicester and Blaby ask for" in page
    assert "/demand/evidence.docx?release=2025" in page
    assert "Changed bricklaying" in page
    assert "/demand/evidence" in text_of(themed, "/demand/mine")


def test_what_cannot_be_had_is_refused_in_words(college: FlaskClient, released: Flask) -> None:
    assert "There is: 2025, 2024" in text_of(college, "/demand/evidence?release=2025Q4", 404)
    text_of(college, "/demand/evidence.docx?release=2023", 404)
    text_of(college, "/demand/evidence?theme=CON-BRICK", 400)
    text_of(college, "/demand/evidence?release=2025&release=2024", 400)

    stranger = released.test_client()
    sign_in(stranger, released, Role.COLLEGE, organisation="No Number College")
    assert "has no UKPRN" in text_of(stranger, "/demand/evidence")
    text_of(stranger, "/demand/evidence.xlsx", 404)


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.CHAMBER, Role.ADMIN])
def test_only_a_college_opens_it(released: Flask, role: Role) -> None:
    client = released.test_client()
    sign_in(client, released, role, organisation="Somebody")

    for where in ("/demand/evidence", "/demand/evidence.docx", "/demand/evidence.xlsx"):
        assert client.get(where).status_code == 403
    assert released.test_client().get("/demand/evidence").status_code == 303


def test_of_employers_rows_it_counts_its_own_replies_and_reads_nothing_else(
    themed: FlaskClient, released: Flask
) -> None:
    with guard.statements(released) as seen:
        for where in ("/demand/evidence", "/demand/evidence.docx", "/demand/evidence.xlsx"):
            text = themed.get(where)
            assert text.status_code == 200

    named = [s for _, s in seen if guard.tables_named(s)]
    assert named
    assert {name for s in named for name in guard.tables_named(s)} == {"lead_reply"}
    assert all(re.match(r"SELECT count\(lead_reply\.id\)", s) and "lead_reply.ukprn = " in s for s in named)


def test_without_a_district_the_whole_area_is_meant_and_the_pack_says_so(
    released: Flask, college: FlaskClient
) -> None:
    with released.app_context():
        keep(lambda: db.session.query(Venue).update({"district": ""}))
        found, area = pack(released), released.extensions["area"]
        whole = gaps.asked_by_theme(published.read_table(area, "2025", "theme"))
        assert found.districts == ()
        assert all(one.gap.asked == whole[one.gap.theme] for one in found.asked)
        document = Document(BytesIO(MAKERS["docx"](found, area)))
    assert "No district of our offers is known" in "\n".join(p.text for p in document.paragraphs)


def test_the_command_writes_both_files_and_refuses_in_words(
    released: Flask, college: FlaskClient, tmp_path: Path
) -> None:
    run = released.test_cli_runner().invoke
    ran = run(args=["demand", "evidence", "--ukprn", str(UKPRN), "--out", str(tmp_path / "packs")])

    assert ran.exit_code == 0, ran.output
    assert sorted(p.suffix for p in (tmp_path / "packs").iterdir()) == [".docx", ".xlsx"]
    unknown = run(args=["demand", "evidence", "--ukprn", "10009999", "--out", str(tmp_path)])
    assert "we hold no provider 10009999" in unknown.output
    early = ["demand", "evidence", "--ukprn", str(UKPRN), "--release", "2019", "--out", str(tmp_path)]
    assert "no published release of the year “2019”" in run(args=early).output
    (tmp_path / "file").write_text("")
    blocked = run(args=["demand", "evidence", "--ukprn", str(UKPRN), "--out", str(tmp_path / "file" / "x")])
    assert blocked.exit_code == 1 and "could not be written" in blocked.output
