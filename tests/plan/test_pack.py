"""The LSIP pack: all twelve outputs, exact ones marked and made again by their filter, public ones from releases."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from skillsmatch import create_app
from skillsmatch.accounts.models import AuditEntry
from skillsmatch.area.measures import Measured
from skillsmatch.cases.actions import Said, save_action
from skillsmatch.cases.asked import Filters, asked_rows, sum_of
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.measures import enter
from skillsmatch.cases.models import GroupedFacet, NeedGroup
from skillsmatch.cases.pack import needs
from skillsmatch.cases.pack.document import TEXT_WIDTH, column_widths, write_docx
from skillsmatch.cases.pack.internal import internal_pack
from skillsmatch.cases.pack.public import public_pack, released_tables
from skillsmatch.cases.pack.sheets import Pack, Sheet, write_csv
from skillsmatch.cases.pack.workbook import write_xlsx
from skillsmatch.cases.pack.writing import files_of
from skillsmatch.cases.scorecard import cases_by_theme
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.demand import guard
from skillsmatch.demand.models import Release, ReleaseCell
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet
from tests.cases.asking import say
from tests.conftest import settings
from tests.demand.releasing import ask

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
YEAR = date(2025, 4, 1), date(2026, 3, 31)
OUTPUTS = {f"R{number}" for number in range(1, 13)}
LIVE = "=HYPERLINK(\"http://evil.example\")"


def sheet(pack: Pack, name: str) -> Sheet:
    return next(s for s in pack.sheets if s.name == name)


def column(one: Sheet, name: str) -> list[object]:
    return [row[one.header.index(name)] for row in one.rows]


def lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture(scope="session")
def files(a_year_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of both packs of the year, made once."""
    folder = tmp_path_factory.mktemp("packs")
    shutil.copy(a_year_file, folder / "year.sqlite")
    app = create_app(settings(f"sqlite:///{folder}/year.sqlite", folder))
    with app.app_context():
        made = dict(files_of(app.extensions["area"], *YEAR))
        db.session.remove()
        db.engine.dispose()
    return made


def test_both_packs_have_all_twelve_outputs_and_their_columns_the_same_bytes_each_time(
    year: Flask, files: dict[str, bytes]
) -> None:
    with year.app_context():
        area = year.extensions["area"]
        internal, public = internal_pack(area, *YEAR), public_pack(area, *YEAR)
    packs = {"internal": internal, "public": public}
    again = {f"{which}/{s.file}": write_csv(s, pack) for which, pack in packs.items() for s in pack.sheets}

    assert len(again) == 28
    assert {name: files[name] for name in again} == again

    assert {s.code for s in internal.sheets} == {s.code for s in public.sheets} == OUTPUTS
    wanted = {
        "Needs": {"Need", "SOC 2020", "SOC 2020 title", "Levels", "People wanted", "Employers", "Searches", "Status"},
        "SOC and SIC": {"SOC 2020", "SIC 2007 section", "SIC 2007 divisions of the section"},
        "Engagement": {"By", "Category", "Employers", "% of employers"},
        "Gaps": {"Need", "Offers", "Nearest km", "Soonest start", "Levels on offer", "Gap"},
        "Register": {"Reasons (skills)", "Employers", "Reviewer", "Decision", "Lead organisation", "Due", "RAG"},
        "Actions": {"Priority", "Action", "Lead", "Partners", "Start", "End", "Success measure", "Progress", "RAG"},
        "Provider demand": {"UKPRN", "Need", "SOC 2020 of the need", "Levels asked for there", "Trend", "Its offers"},
        "Provider log": {"UKPRN", "What it was asked", "What it answered", "In its words", "Outcome"},
        "Progress": {"Measure", "In these dates", "A year before", "Change"},
        "What changed": {"Need", "Provider", "Start", "People", "What the employer says"},
    }
    for name, columns in wanted.items():
        assert columns <= set(sheet(internal, name).header), name
    assert all(len(row) == len(s.header) for pack in (internal, public) for s in pack.sheets for row in s.rows)
    assert {"Size", "Sector (SIC 2007)", "District", "Membership", "Channel"} <= set(
        column(sheet(internal, "Engagement"), "By")
    )


def test_every_internal_number_of_employers_comes_out_again_by_the_filter_beside_it(
    year: Flask, officer_of_year: FlaskClient, files: dict[str, bytes]
) -> None:
    tried = 0
    with year.app_context():
        for name in ("R1-needs", "R1-soc-and-sic", "R2-engagement", "R3-gaps"):
            header, *rows = lines(files[f"internal/{name}.csv"])
            at, by = header.index("Employers"), header.index("Filter")
            every = [(row[at], row[by]) for row in rows if len(row) == len(header) and row[by]]
            for employers, words in every[:: 1 + len(every) // 20]:
                said = dict(part.split("=") for part in words.split())
                first, last = date.fromisoformat(said.pop("from")), date.fromisoformat(said.pop("to"))
                found = asked_rows(Filters(first, last, **said), year.extensions["area"])
                assert sum_of(found).employers == int(employers), (name, words)
                tried += 1
    assert tried > 40
    page = officer_of_year.get("/priorities/figures?" + "&".join(words.split())).get_data(as_text=True)
    assert f"<dd>{employers}, of them" in page


@only_sqlite
def test_the_register_has_groups_with_their_cases_and_what_is_in_no_group_yet(app: Flask, officer: FlaskClient) -> None:
    for number, theme in ((1, "ENG-WELD"), (2, "ENG-WELD"), (3, "TRA-FORK")):
        say(app, number, "TIG welding", theme=theme, district="E07000132", people=2)

    def work() -> None:
        group = NeedGroup(name="TIG welders", theme="ENG-WELD", created_at=now())
        db.session.add(group)
        db.session.flush()
        for facet in db.session.scalars(select(Facet).where(Facet.theme == "ENG-WELD")):
            db.session.add(GroupedFacet(facet_id=facet.id, group_id=group.id, grouped_at=now()))
        db.session.add(Case(group_id=group.id, lead="The college", rag="red", opened_at=now()))

    with app.app_context():
        keep(work)
        one = sheet(internal_pack(app.extensions["area"], date(2026, 4, 1), date(2027, 3, 31)), "Register")
        assert cases_by_theme(Filters(date(2026, 4, 1), date(2027, 3, 31))) == {"ENG-WELD": 1}
        assert cases_by_theme(Filters(*YEAR)) == {}
        again = [str(words) for words in column(one, "Filter")]
        (welders, forklifts) = (dict(zip(one.header, row, strict=True)) for row in one.rows)

    assert (welders["Need"], welders["Employers"], welders["People wanted"]) == ("TIG welders", 2, 4)
    assert (welders["Lead organisation"], welders["RAG"], welders["Where it stands"]) == (
        *("The college", "red", "Under review"),
    )
    assert (forklifts["Employers"], forklifts["Where it stands"]) == (1, "no case yet")
    assert again[1] == "from=2026-04-01 to=2027-03-31 theme=TRA-FORK outcome=unmet: less those in groups"
    page = officer.get(again[0]).get_data(as_text=True)
    assert "TIG welders" in page


def published(app: Flask) -> set[int]:
    """Every number that any release shows."""
    with app.app_context():
        shown = db.session.scalars(select(ReleaseCell.shown).join(Release, Release.id == ReleaseCell.release_id))
        return {number for number in shown if number is not None}


def test_each_cell_of_the_public_pack_is_a_released_cell(year: Flask, files: dict[str, bytes]) -> None:
    with year.app_context():
        cells = {
            (r.period, c.table_name, c.first, c.second): c.shown
            for r, c in db.session.execute(
                select(Release, ReleaseCell).join(ReleaseCell, ReleaseCell.release_id == Release.id)
            )
        }
    told = json.loads(files["public/lsip.json"])
    seen = 0
    for table in told["tables"]:
        for cell in table["cells"]:
            codes = [cell[dimension]["code"] for dimension in table["dimensions"]] + [""]
            assert cell["shown"] == cells[table["release"], table["table"], codes[0], codes[1]]
            seen += 1
    assert seen == len(cells)
    by_theme = next(s for s in told["sheets"] if s["name"] == "Needs")
    assert len(by_theme["rows"]) > 200
    for release, code, _name, _soc, _titles, shown, *_ in by_theme["rows"]:
        assert shown == cells[release, "theme", code, ""]
    at = {"Size": "size", "Sector (SIC 2007)": "sector", "District": "district", "Counted": "employers"}
    for release, by, _category, shown, words in next(s for s in told["sheets"] if s["name"] == "Engagement")["rows"]:
        assert shown in {v for (r, t, _, _), v in cells.items() if (r, t) == (release, at[by])}
        assert (shown is None) == (words == "fewer than 10")
    numbers = published(year)
    for one in told["sheets"]:
        if one["name"] in ("Sectors", "Unmet needs"):
            assert {row[one["header"].index("Employers")] for row in one["rows"]} <= numbers | {None}
    gaps = next(s for s in told["sheets"] if s["name"] == "Gaps")["rows"]
    assert all((row[3], row[4]) == ((row[3], row[3]) if row[3] else (0, 9)) for row in gaps)


def test_the_public_pack_reads_no_employer_and_says_the_same_after_a_known_search(year: Flask) -> None:
    """Every file is made of the pack and of the released tables, so these are compared."""
    area, said = year.extensions["area"], []
    with year.app_context(), guard.statements(year) as seen:
        said.append((public_pack(area, *YEAR), released_tables(area, *YEAR)))
    with year.app_context():
        ask("owner@known-to-the-attacker.example")
        said.append((public_pack(area, *YEAR), released_tables(area, *YEAR)))

    assert len(seen) > 5
    assert [named for _, statement in seen if (named := guard.tables_named(statement))] == []
    assert said[0] == said[1]


def test_internal_files_are_marked_on_every_sheet_and_public_ones_name_their_releases(files: dict[str, bytes]) -> None:
    mark = "INTERNAL: exact numbers, for officers of East Midlands Chamber only"
    for page in load_workbook(io.BytesIO(files["internal/lsip.xlsx"])):
        assert str(page["A1"].value).startswith(mark), page.title
    assert mark in Document(io.BytesIO(files["internal/lsip.docx"])).sections[0].header.paragraphs[0].text
    public = [name for name in files if name.startswith("public/")]
    for name in public:
        assert mark.encode() not in files[name]
    for name, content in files.items():
        if name.startswith("internal/") and name.endswith(".csv"):
            assert any(line[0] == "internal" and line[1].startswith(mark) for line in lines(content)), name
    contents_page = load_workbook(io.BytesIO(files["public/lsip.xlsx"]))["Contents"]
    words = " ".join(str(cell.value) for row in contents_page for cell in row)
    assert "2025 (April 2025 to March 2026); 2025Q4 (January to March 2026)" in words
    document = Document(io.BytesIO(files["public/lsip.docx"]))
    assert len(document.tables) >= 6
    page = document.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (297, 210), "A4 on its side"
    assert len(Document(io.BytesIO(files["internal/lsip.docx"])).inline_shapes) == 2
    assert {"What skills are needed", "What employers say", "Method"} <= {p.text for p in document.paragraphs}


@only_sqlite
def test_with_no_data_and_no_release_a_pack_is_whole_and_says_so(app: Flask, tmp_path: Path) -> None:
    dates = ["--from", "2030-04-01", "--to", "2031-03-31"]
    done = app.test_cli_runner().invoke(args=["cases", "pack", *dates, "--out", str(tmp_path / "out")])

    assert done.exit_code == 0, done.output
    assert "Releases within these dates: none" in done.output
    pages = load_workbook(tmp_path / "out" / "internal" / "lsip.xlsx")
    assert "lie in the future" in " ".join(str(cell.value) for row in pages["Contents"] for cell in row)
    assert {title.split()[0] for title in pages.sheetnames[1:]} == OUTPUTS
    public = json.loads((tmp_path / "out" / "public" / "lsip.json").read_text())
    assert any("No published release lies within these dates" in words for words in public["notes"])
    assert (tmp_path / "out" / "internal" / "lsip.xlsx").stat().st_mode & 0o077 == 0
    with app.app_context():
        past, now = (internal_pack(app.extensions["area"], date(y, 4, 1), date(y + 1, 3, 31)) for y in (2020, 2026))
    assert past.opening == ("Nobody has asked for anything in these dates.",)
    assert now.opening[0].startswith("These dates are not over: the numbers are as far as today")


@only_sqlite
def test_what_an_officer_typed_is_never_a_live_formula(app: Flask) -> None:
    with app.app_context():

        def work() -> None:
            save_action(None, Said("LSIP25-6", LIVE, LIVE, due_on=date(2026, 3, 31), public=True), 0, "Ola")
            enter(Measured("short-courses", date(2026, 3, 31), 12, "", LIVE, ""), "Ola")  # type: ignore[arg-type]

        keep(work)
        packs = internal_pack(app.extensions["area"], *YEAR), public_pack(app.extensions["area"], *YEAR)
    files = {f"{n}.xlsx": write_xlsx(pack) for n, pack in enumerate(packs)}
    files |= {f"{n}{s.file}": write_csv(s, pack) for n, pack in enumerate(packs) for s in pack.sheets}

    typed = 0
    for name, content in files.items():
        if name.endswith(".xlsx"):
            for cell in (c for page in load_workbook(io.BytesIO(content)) for row in page for c in row):
                assert cell.data_type != "f", (name, cell)
                typed += cell.value == LIVE
        if name.endswith(".csv"):
            assert not any(cell.startswith(("=", "+", "@")) for line in lines(content) for cell in line), name
    assert typed >= 4


def test_a_cell_of_a_csv_never_begins_like_a_formula() -> None:
    one = Sheet("R5", "Actions", "Title", ("=1",), ("=2",), (("-3",), ("\t=4",), (5,), (None,), (date(2026, 4, 1),)))
    pack = Pack("Area", "Chamber", *YEAR, date(2026, 4, 1), "", (), (one,))

    assert [line[-1] for line in lines(write_csv(one, pack))] == [
        *("'=2", "'-3", "'\t=4", "5", "", "2026-04-01", "R5 Title, 1 April 2025 to 31 March 2026", "'=1"),
    ]


def test_no_character_of_an_employers_words_stops_a_file_and_days_and_numbers_are_cells_of_their_kind() -> None:
    odd = "Welders\x00 \ufffe\ud800 " + "x" * 40_000
    one = Sheet("R4", "Register", "Title", (odd,), ("Need", "Due", "Employers", "Share"),
                ((odd, date(2026, 4, 1), 1234, 12.5), (None, None, None, None)))  # fmt: skip
    mark = "INTERNAL: of Kent & Medway"
    pack = Pack("Kent & Medway", "Chamber", *YEAR, date(2026, 4, 1), mark, (odd,), (one,), ((odd, odd),))

    page = load_workbook(io.BytesIO(write_xlsx(pack)))["R4 Register"]
    document = Document(io.BytesIO(write_docx(pack)))

    head = next(row for row in page.iter_rows() if row[0].value == "Need")
    need, due, employers, share = page[head[0].row + 1]
    assert str(need.value).startswith("Welders")
    assert (due.value.date(), due.number_format) == (date(2026, 4, 1), "d mmm yyyy")
    assert (employers.value, employers.number_format, share.number_format) == (1234, "#,##0", "#,##0.0")
    assert need.alignment.wrap_text
    assert page.auto_filter.ref == f"A{head[0].row}:D{head[0].row + 2}"
    assert page.oddHeader.center.text == "INTERNAL: of Kent && Medway"
    assert document.tables[0].cell(1, 1).text == "1 April 2026"
    assert "NUMPAGES" in document.sections[0].footer._element.xml
    assert b"12.5" in write_csv(one, pack)


@pytest.mark.parametrize(
    ("now", "before", "status"), [(10, 99, "current"), (9, 8, "emerging"), (9, 9, "monitoring"), (2, 0, "monitoring")]
)
def test_a_need_is_current_emerging_or_watched(now: int, before: int, status: str) -> None:
    assert needs.status_of(now, before) == status


@only_sqlite
def test_an_officer_gets_the_pack_by_a_button_and_the_audit_log_says_so(app: Flask, officer: FlaskClient) -> None:
    wrong = officer.post("/priorities/pack", data={"first": "1/4/2026", "last": "1/4/2025", "what": "both"})
    for days in (("1/1/0001", "1/1/0002"), ("1/1/9999", "31/12/9999")):
        slip = officer.post("/priorities/pack", data={"first": days[0], "last": days[1], "what": "both"})
        assert (slip.status_code, "Choose days from 2000 to 2100" in slip.get_data(as_text=True)) == (422, True)
    answer = officer.post("/priorities/pack", data={"first": "1/4/2025", "last": "31/3/2026", "what": "public"})

    assert wrong.status_code == 422
    assert "The last day is before the first" in wrong.get_data(as_text=True)
    assert answer.headers["Content-Disposition"] == "attachment; filename=lsip-2025-04-01-2026-03-31-public.zip"
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert "lsip/public/lsip.docx" in names
    assert not any("internal" in name for name in names)
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "LSIP pack made")).one()
        assert (entry.about, entry.facts) == ("pack 2025-04-01 to 2026-03-31", '{"which": ["public"]}')


@only_sqlite
def test_the_command_refuses_dates_the_wrong_way_round_and_a_folder_it_cannot_write(
    app: Flask, tmp_path: Path
) -> None:
    run = app.test_cli_runner().invoke
    (tmp_path / "file").write_text("")

    turned = run(args=["cases", "pack", "--from", "2026-04-02", "--to", "2026-04-01", "--out", str(tmp_path)])
    barred = run(
        args=["cases", "pack", "--from", "2026-04-01", "--to", "2026-04-02", "--out", str(tmp_path / "file" / "x")]
    )

    assert (turned.exit_code, barred.exit_code) == (2, 1)
    assert "the last day is before the first" in turned.output
    assert "could not be written" in barred.output


def test_a_column_of_the_document_has_room_for_its_longest_word_and_more_where_much_stands() -> None:
    lines = [["SIC sections", "Employers"], ["Manufacturing and food production; construction " * 3, "12"]]

    sections, employers = column_widths(lines)

    assert sections + employers == pytest.approx(TEXT_WIDTH)
    assert sections > 1.5 * employers
    assert employers > len("Employers") * 1.7, "millimetres; a letter of 8.5 point takes 1.7 at most"
