"""What other sites do with us, in a browser: their box leads to our form, and their scripts read open data."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from skillsmatch.extensions import db
from skillsmatch.needs.models import Need
from tests.browser.conftest import NARROW
from tests.browser.hands import press
from tests.browser.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WORDS = "two welders & “two” fork-lift drivers"


@pytest.fixture
def other_site(site: Site) -> Iterator[str]:
    """A page elsewhere (localhost is another site than 127.0.0.1) with the box as our page gives it."""
    page = site.client.get("/embed", base_url=site.origin).get_data(as_text=True)
    box = page[page.index('<form method="post"') : page.index("</form>")] + "</form>"

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<!doctype html><meta charset=windows-1252><title>Elsewhere</title>{box}".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


def needs(site: Site) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Need)) or 0


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_their_box_leads_to_our_form_and_from_there_to_results(
    browser: Browser, site: Site, other_site: str, scripts: bool
) -> None:
    # given a visitor of theirs
    context = browser.new_context(java_script_enabled=scripts, viewport=NARROW)
    page = context.new_page()
    page.goto(other_site)
    before = needs(site)

    # when the box is filled in
    page.fill("textarea", WORDS)
    page.fill("[name=postcode]", "LE10")
    press(page, "Find local training")

    # then our form has the words, no address has them, and nothing is stored or set
    assert page.url == f"{site.origin}/needs/start"
    assert page.input_value("#text") == WORDS
    assert page.input_value("#postcode") == "LE10"
    assert context.cookies() == []
    assert needs(site) == before

    # and sending it brings the results at once
    press(page, "Show me what fits")
    assert page.url.startswith(f"{site.origin}/needs/")
    assert page.locator("h1").count() == 1
    assert needs(site) == before + 1
    context.close()


def test_their_scripts_read_open_data_and_ask_for_matches(browser: Browser, site: Site, other_site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(other_site)

    found = page.evaluate(
        """async origin => {
            const list = await fetch(origin + '/api/v1/offers?limit=1');
            const known = {headers: {'If-None-Match': list.headers.get('ETag')}, cache: 'no-store'};
            const again = await fetch(origin + '/api/v1/offers?limit=1', known);
            const how = {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"text": "welding"}'};
            const match = await fetch(origin + '/api/v1/match', how);
            const wrong = await fetch(origin + '/api/v1/offers?level=x');
            let page = 'refused';
            try { page = (await fetch(origin + '/offers/1')).status } catch {}
            return [(await list.json()).offers.length, again.status, (await match.json()).facets.length,
                    (await wrong.json()).parameter, page];
        }""",
        site.origin,
    )

    assert found == [1, 304, 1, "level", "refused"]
    assert context.cookies() == []
    context.close()


def test_a_block_of_linked_data_breaks_no_content_policy(browser: Browser, site: Site) -> None:
    """The policy allows no script at all; a data block is none. A script put there is stopped, so it is looked at."""
    context, broken = browser.new_context(), []
    context.expose_binding("policyBroken", lambda _source, words: broken.append(words))
    context.add_init_script("addEventListener('securitypolicyviolation', e => policyBroken(e.violatedDirective))")
    page = context.new_page()
    page.goto(f"{site.origin}/offers/1")

    block = "document.querySelector('script[type=\"application/ld+json\"]').textContent"
    assert page.evaluate(f"() => JSON.parse({block})['@context']") == "https://schema.org"
    assert broken == []

    page.evaluate("() => { const s = document.createElement('script'); s.textContent = '1'; document.body.append(s) }")
    page.wait_for_function("() => true")
    assert broken == ["script-src-elem"]
    context.close()
