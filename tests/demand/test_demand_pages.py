"""The demand pages: what a reader finds, what is refused in words, and that nothing but releases is read."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import settings
from flask import Flask
from flask.testing import FlaskClient

from skillsmatch import create_app
from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.demand import guard, lattice, published, releases
from skillsmatch.demand.models import Release
from skillsmatch.extensions import db
from tests.accounts.signing import sign_in
from tests.demand.releasing import DRAFT, NOTICE, PUBLISHED, READERS, WITHDRAWN, ask, text_of

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# The only views that may read employers' rows: officers', and what each is for.
OFFICERS_OWN = {
    "demand.make_draft",
    "demand.close_period",
    "demand.release_campaigns",  # signs of a campaign, for the officer who looks at a draft
    "demand.employers",
    "demand.employer",
    "demand.evidence",  # a college's: how many replies to leads are its own, and nothing else of them
    "demand.evidence_file",
}


def every_address() -> Iterator[str]:
    """Every page, file and JSON answer of a year and of a quarter. Charts are slow to draw, and take the same road
    as the other files: one of each kind is enough."""
    yield "/demand"
    yield "/api/v1/demand/releases"
    for period, kind in (("2025", "year"), ("2026Q1", "quarter")):
        yield f"/demand?release={period}"
        yield f"/demand/{period}/size.svg"
        yield f"/demand/{period}/size.xlsx"
        for spec in lattice.specs_for(kind):
            yield f"/demand/{period}/{spec.name}"
            yield f"/demand/{period}/{spec.name}.csv"
            yield f"/api/v1/demand/{period}/{spec.name}"
        for dimension, code in (("theme", "CON-BRICK"), ("district", "E06000016"), ("theme-group", "CON")):
            yield f"/demand/{period}/by/{dimension}/{code}"


# --- what a reader finds --------------------------------------------------------------------------


def test_the_page_opens_on_the_latest_release_and_says_what_it_rests_on(college: FlaskClient) -> None:
    page = text_of(college, "/demand")

    assert '<option value="2026Q1" selected>' in page
    assert "April 2026 to June 2026" in page or "April to June 2026" in page
    assert "employers are counted" in page
    assert published.DO_NOT_ADD_UP in page


def test_the_ten_most_asked_for_themes_stand_with_their_published_numbers(
    released: Flask, college: FlaskClient
) -> None:
    page = text_of(college, "/demand?release=2025")
    with released.app_context():
        themes = published.read_table(released.extensions["area"], "2025", "theme")
    top = [c for c in themes.shown if c.first][:10]

    section = page[page.index('id="top"') : page.index('id="districts"')]
    for cell in top:
        assert re.search(
            rf"{re.escape(cell.first_name.replace(chr(39), '&#39;'))}</a>.*?>{cell.words}</td>", section, re.S
        ), cell
    assert section.count('<th scope="row">') == 10


def test_only_published_releases_can_be_chosen(college: FlaskClient) -> None:
    page = text_of(college, "/demand")

    offered = set(re.findall(r'<option value="(\d{4}(?:Q\d)?)"', page))
    assert offered == set(PUBLISHED)


def test_the_change_is_reckoned_from_published_numbers_alone(released: Flask, college: FlaskClient) -> None:
    page = text_of(college, "/demand/2025/size")
    with released.app_context():
        area = released.extensions["area"]
        now, before = (published.read_table(area, p, "size").of("0-9").shown for p in ("2025", "2024"))

    assert now is not None
    assert before is not None
    said = "no change" if now == before else f"{'up' if now > before else 'down'} {abs(now - before)}"
    assert re.search(
        rf"Up to 9 people</a></th><td class=\"number\">{now}</td><td class=\"change\">{said}</td>", page
    )


def test_every_district_has_a_tile_with_words(released: Flask, college: FlaskClient) -> None:
    page = text_of(college, "/demand?release=2025")

    tiles = re.findall(r'<li class="tile shade-\d"><a [^>]*>([^<]+)</a>\s*<span>([^<]+)</span>', page)
    assert {name for name, _ in tiles} == {d.name for d in released.extensions["area"].districts.values()}
    assert all(re.fullmatch(r"[\d,]+|fewer than 10", words) for _, words in tiles)


def test_a_quarter_has_no_tables_of_two_things_and_says_where_they_are(college: FlaskClient) -> None:
    page = text_of(college, "/demand?release=2026Q1")

    assert "made for years only" in page
    assert 'href="/demand?release=2025"' in page


def test_a_theme_has_its_trend_and_its_cells_on_one_page(college: FlaskClient) -> None:
    page = text_of(college, "/demand/2025/by/theme/" + first_shown(college))

    assert "Is it growing?" in page
    for words in (
        "Employers by skill theme and district",
        "Employers by skill theme and sector",
        "The whole theme group",
    ):
        assert words in page


def first_shown(client: FlaskClient) -> str:
    return re.findall(r"/demand/2025/by/theme/([\w-]+)", text_of(client, "/demand?release=2025"))[0]


def test_one_of_two_things_can_be_chosen_and_the_other_is_listed(
    released: Flask, college: FlaskClient
) -> None:
    page = text_of(college, "/demand/2025/sector-by-district?second=E06000016")
    with released.app_context():
        table = published.read_table(released.extensions["area"], "2025", "sector-by-district")

    shown = [c for c in table.where(second="E06000016") if c.shown is not None]
    assert shown
    assert page.count('<th scope="row">') == len(shown)
    assert "<h1>Leicester</h1>" in page


def test_a_loosened_parameter_stands_on_every_page(released: Flask, college: FlaskClient) -> None:
    words = "Numbers are shown from 5 employers, and not from 10."

    def loosen() -> None:  # only a draft may still be changed
        release = releases.release_of(DRAFT)
        assert release is not None
        release.loosened = [words]
        releases.publish(release)

    with released.app_context():
        keep(loosen)
        db.session.remove()

    for where in (
        f"/demand?release={DRAFT}",
        f"/demand/{DRAFT}/theme",
        f"/demand/{DRAFT}/by/sector/C",
        f"/demand/{DRAFT}/level.csv",
    ):
        assert words in text_of(college, where), where


# --- what is refused, in words --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "status", "words"),
    [
        ("/demand?release=2031", 404, "no published release"),
        (f"/demand?release={DRAFT}", 404, "no published release"),
        (f"/demand/{DRAFT}/theme", 404, "no published release"),
        (f"/demand/{DRAFT}/theme.csv", 404, "no published release"),
        ("/demand?group_by=employer", 400, "cannot be asked for"),
        ("/demand?release=2025&release=2024", 400, "Choose one release"),
        ("/demand?release=2025&table=theme-by-sector-by-district", 404, "not a table of two things"),
        ("/demand?release=2026Q1&table=theme-by-district", 404, "years only"),
        ("/demand/2026Q1/theme-by-district", 404, "not a table of a quarter"),
        ("/demand/2026Q1/people", 404, "not a table of a quarter"),
        ("/demand/2025/employer_key", 404, "not a table of a year"),
        ("/demand/2025/theme?first=CON-BRICK", 400, "cannot be asked for"),
        ("/demand/2025/theme-by-district?first=x", 404, "has no"),
        ("/demand/2025/theme-by-district?first=CON-BRICK&second=E06000016", 400, "Choose one of the two"),
        ("/demand/2025/theme-by-district?second=E06000016&second=E07000129", 400, "Choose one second"),
        ("/demand/2025/theme.svg?threshold=1", 400, "cannot be asked for"),
        ("/demand/2025/by/theme/NOT-A-THEME", 404, "There is no theme"),
        ("/demand/2025/by/employer/1", 404, "There is no employer"),
        ("/demand/2025/by/theme/CON-BRICK?from=2026-01-01", 400, "cannot be asked for"),
    ],
)
def test_an_address_that_was_tampered_with_is_refused_in_words(
    college: FlaskClient, where: str, status: int, words: str
) -> None:
    assert words in text_of(college, where, status)


def test_the_api_refuses_in_json(college: FlaskClient) -> None:
    for where, status in (
        ("/api/v1/demand/2025/nothing", 404),
        (f"/api/v1/demand/{DRAFT}/theme", 404),
        ("/api/v1/demand/2025/theme?by=employer", 400),
        ("/api/v1/demand/releases?draft=1", 400),
        (f"/api/v1/demand/{WITHDRAWN}/theme", 410),
    ):
        answer = college.get(where)
        assert answer.status_code == status, where
        assert answer.get_json()["error"], where


def test_a_withdrawn_release_shows_its_notice_and_no_figures(college: FlaskClient) -> None:
    for where in (
        f"/demand?release={WITHDRAWN}",
        f"/demand/{WITHDRAWN}/theme",
        f"/demand/{WITHDRAWN}/theme.csv",
        f"/demand/{WITHDRAWN}/theme.svg",
        f"/demand/{WITHDRAWN}/theme.xlsx",
        f"/demand/{WITHDRAWN}/by/sector/C",
    ):
        page = text_of(college, where, 410)
        assert NOTICE in page, where
        assert 'class="number"' not in page, where
    assert NOTICE in text_of(college, "/demand")


# --- who may, and what is read --------------------------------------------------------------------


def test_each_route_is_for_its_roles_and_nobody_else(released: Flask) -> None:
    """The matrix of routes and roles, by real requests."""
    everybody = {None: released.test_client()} | {role: released.test_client() for role in Role}
    for role, client in everybody.items():
        if role:
            sign_in(client, released, role, organisation=f"Of {role}")
    cases = {"/demand": READERS, "/demand/2025/theme": READERS, "/demand/2025/theme.svg": READERS,
             "/demand/2025/by/sector/C": READERS, "/api/v1/demand/releases": READERS,
             "/api/v1/demand/2025/theme": READERS, "/demand/releases": (Role.CHAMBER,),
             "/demand/releases/1": (Role.CHAMBER,), "/demand/employers": (Role.CHAMBER,)}  # fmt: skip

    for where, readers in cases.items():
        for role, client in everybody.items():
            expected = 303 if role is None else 200 if role in readers else 403
            assert client.get(where).status_code == expected, (where, role)
    for where in (
        "/demand/releases",
        "/demand/releases/close",
        "/demand/releases/1/publish",
        "/demand/releases/1/withdraw",
        "/demand/employers/1",
    ):
        for role, client in everybody.items():
            if role is not Role.CHAMBER:
                assert client.post(where).status_code == (401 if role is None else 403), (where, role)


def test_only_the_officers_own_views_may_read_employers_rows(released: Flask) -> None:
    ours = {rule.endpoint for rule in released.url_map.iter_rules() if rule.endpoint.startswith("demand.")}

    assert {e for e in ours if not guard.is_kept_from_employers(released, e)} == OFFICERS_OWN


def test_every_road_out_reads_releases_and_nothing_of_employers(
    released: Flask, college: FlaskClient
) -> None:
    with guard.statements(released) as seen:
        for where in every_address():
            assert college.get(where, buffered=True).status_code == 200, where

    named = {(endpoint, table) for endpoint, statement in seen for table in guard.tables_named(statement)}
    assert len(seen) > 100
    assert named == set()


def test_no_answer_changes_when_somebody_asks(released: Flask, college: FlaskClient) -> None:
    """Body, ETag, Last-Modified and length: before and after an employer is known to search."""

    def traces() -> dict[str, tuple[object, ...]]:
        found = {}
        for where in every_address():
            answer = college.get(where, buffered=True)
            kept = [
                answer.headers.get(name)
                for name in ("ETag", "Last-Modified", "Content-Length", "Cache-Control")
            ]
            found[where] = (without_token(answer.get_data(as_text=answer.mimetype == "text/html")), *kept)
        return found

    before = traces()
    with released.app_context():
        ask("owner@only-one.example")

    assert traces() == before


def without_token(body: str | bytes) -> str | bytes:
    """A page without the token of its sign-out button, which is new each time and always as long."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", body) if isinstance(body, str) else body


# --- before the first release ---------------------------------------------------------------------


@only_sqlite
def test_before_the_first_release_the_page_says_when_and_shows_public_rankings(
    app: Flask, client: FlaskClient
) -> None:
    sign_in(client, app, Role.COLLEGE)

    page = text_of(client, "/demand")

    assert "There is no release yet" in page
    assert "50 employers" in page
    assert "Vacancies by occupation" in page
    assert "Caring personal service occupations" in page
    assert "Department for Education" in page


@only_sqlite
def test_how_far_off_the_first_release_is_gives_nothing_away(app: Flask, client: FlaskClient) -> None:
    sign_in(client, app, Role.COLLEGE)
    said = []
    for number in (0, 1, 60):
        with app.app_context():
            ask("@firm.example" if number > 1 else "owner@firm.example", number)
        said.append(without_token(text_of(client, "/demand")))

    assert said[0] == said[1] == said[2]


def test_a_service_of_another_area_has_no_rankings_and_still_answers(
    migrated_sqlite: object, tmp_path: object
) -> None:

    folder = Path(str(tmp_path))
    shutil.copy(str(migrated_sqlite), folder / "x.sqlite")
    config = settings(f"sqlite:///{folder}/x.sqlite", folder)
    config.AREA = "example"
    app = create_app(config)
    client = app.test_client()
    sign_in(client, app, Role.COLLEGE)

    assert "There is no release yet" in text_of(client, "/demand")
    with app.app_context():
        assert db.session.query(Release).count() == 0
        db.engine.dispose()
