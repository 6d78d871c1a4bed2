"""A provider who has never been here uploads its file, mends three errors from the messages alone, publishes it, and
finds an offer of its own by matching a need: in a real browser, by what stands on the pages."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from skillsmatch.accounts.roles import Role
from skillsmatch.offers.indexing import refresh_index
from skillsmatch.offers.live_courses import COLUMNS
from tests.accounts.signing import PASSWORD, make_account
from tests.browser.conftest import NARROW, WIDE, Opener
from tests.browser.hands import press
from tests.browser.site import Site
from tests.conftest import SHARED
from tests.offers.course_files import course

if TYPE_CHECKING:
    from playwright.sync_api import Page

Look = Callable[["Page", str], None]
FORGE = 10009999  # a provider that nobody has heard of
RARE = "Thatching with water reed"  # found by nobody else's offer


def our_courses(ukprn: int) -> list[dict[str, str]]:
    """A small file of live courses, as a provider has it."""
    about = {
        "COURSE_NAME": RARE,
        "WHO_THIS_COURSE_IS_FOR": "Roofers who want to thatch cottages with water reed and long straw.",
        "LOCATION_NAME": "The Barn",
        "LOCATION_POSTCODE": "LE15 6AA",
        "LOCATION_TOWN": "Oakham",
        "LOCATION_LATITUDE": "52.67000",
        "LOCATION_LONGITUDE": "-0.73000",
    }
    rows = [course(**about, COURSE_ID="T1", COURSE_RUN_ID="R1")]
    for number, name in enumerate(("Dry stone walling", "Hedge laying", "Green woodwork"), start=2):
        rows.append(course(COURSE_ID=f"T{number}", COURSE_RUN_ID="R1", COURSE_NAME=name))
    return [row | {"PROVIDER_UKPRN": str(ukprn)} for row in rows]


def as_bytes(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def planted(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same with an impossible date, a level there is not, and a price in words."""
    wrong = [dict(row) for row in rows]
    wrong[0]["STARTDATE"] = "31/02/2027"
    wrong[1]["EDUCATION_LEVEL"] = "9"
    wrong[2]["COST"] = "about five hundred"
    return wrong


def mended_from_messages(page: Page, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows put right by somebody who reads row, column and message off the page, and knows nothing else."""
    right = [dict(row) for row in rows]
    answers = {"not a date": "18/01/2027", "not a level": "3", "not a price": "500"}
    for line in page.locator("table.errors tbody tr").all():
        row, column, _, message = line.locator("td").all_inner_texts()
        right[int(row) - 2][column] = next(answers[words] for words in answers if words in message)
    return right


def choose(page: Page, name: str, content: bytes) -> None:
    page.set_input_files("#file", {"name": name, "mimeType": "text/csv", "buffer": content})


def go(page: Page, site: Site, look: Look, rows: list[dict[str, str]], email: str, need: str) -> str:
    """The whole way; returns the title of the provider's offer that the need found."""
    page.goto("/sign-in")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    press(page, "Sign in")
    page.goto("/provider")
    look(page, "desk-empty")
    page.get_by_role("link", name="Upload a file").first.click()
    look(page, "upload-form")
    wrong = planted(rows)
    choose(page, "our courses.csv", as_bytes(wrong))
    press(page, "Check the file")
    look(page, "errors")
    assert page.locator("table.errors tbody tr").count() == 3
    right = mended_from_messages(page, wrong)
    choose(page, "our courses, mended.csv", as_bytes(right))
    press(page, "Check the file")
    look(page, "difference")
    assert page.locator(".counts dd").first.inner_text() == str(len(rows))
    press(page, "Publish")
    look(page, "published")
    with site.app.app_context():
        assert refresh_index()  # what `flask work` does every three seconds
    page.get_by_role("link", name="See my offers").click()
    look(page, "desk")
    page.goto("/needs/new")
    page.fill("#text", need)
    press(page, "Show me what fits")
    look(page, "found")
    provider = page.get_by_role("link", name="Hedge and Reed Training", exact=True)
    card = page.locator("article.card", has=provider).first
    return card.locator(".card-title").inner_text()


def nothing(_page: Page, _name: str) -> None:
    """Takes no picture."""


def test_a_provider_mends_its_file_from_the_messages_and_is_found(new_context: Opener, site: Site) -> None:
    who = "reed@hedge.example"
    make_account(site.app, Role.PROVIDER, organisation="Hedge and Reed Training", ukprn=FORGE, email=who)

    found = go(
        new_context().new_page(), site, nothing, our_courses(FORGE), who, "someone to thatch with water reed"
    )

    assert found == RARE


def one_providers_courses(shared: Path) -> tuple[int, list[dict[str, str]]]:
    """The real courses of one provider that has between 20 and 200 of them."""
    with gzip.open(
        shared / "data" / "fe_courses" / "live_courses.csv.gz", "rt", encoding="utf-8-sig"
    ) as file:
        rows = list(csv.DictReader(file))
    by_provider: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_provider.setdefault(row["PROVIDER_UKPRN"], []).append(row)
    ukprn, its = next((u, r) for u, r in sorted(by_provider.items()) if 20 <= len(r) <= 200)
    return int(ukprn), its


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder does not lie beside this checkout")
def test_the_same_with_a_real_providers_courses(new_context: Opener, site: Site, shared: Path) -> None:
    ukprn, rows = one_providers_courses(shared)
    make_account(site.app, Role.PROVIDER, organisation="A real one", ukprn=ukprn, email="real@one.example")
    page = new_context().new_page()

    page.goto("/sign-in")
    page.fill("#email", "real@one.example")
    page.fill("#password", PASSWORD)
    press(page, "Sign in")
    page.goto("/provider/uploads/new")
    choose(page, "live_courses.csv", as_bytes(planted(rows)))
    press(page, "Check the file")
    assert page.locator("table.errors tbody tr").count() == 3
    choose(page, "live_courses.csv", as_bytes(mended_from_messages(page, planted(rows))))
    press(page, "Check the file")
    press(page, "Publish")

    assert f"{len(rows)} new offers" in page.inner_text(".note.good")
    assert page.viewport_size in (WIDE, NARROW)
