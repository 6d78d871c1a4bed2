"""No page is forgotten, and what looks at them would see a fault."""

from __future__ import annotations

from flask import url_for

from skillsmatch.accounts.roles import Role
from tests.accounts.signing import enter, make_account
from tests.browser.account_ways import LONG
from tests.browser.conftest import NARROW, Opener
from tests.browser.site import Site
from tests.browser.states import STATES
from tests.browser.test_every_page import LEAST, NO_PAGES, RULES, TOO_SMALL, TOO_WIDE, faults


def test_every_page_of_the_service_has_a_state_that_is_looked_at(site: Site) -> None:
    answered = {rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())}

    assert answered - NO_PAGES == {state.endpoint for state in STATES} - {""}


def test_what_is_left_out_is_nothing_that_a_person_reads(site: Site) -> None:
    for endpoint in sorted(NO_PAGES - {"static"}):
        rule = next(site.app.url_map.iter_rules(endpoint))
        client = site.app.test_client()
        roles = {"cases": (Role.CHAMBER,), "desk": (Role.PROVIDER,)}.get(endpoint.split(".")[0], (Role.COLLEGE,))
        enter(client, site.app, make_account(site.app, *roles, organisation=LONG, ukprn=10003867))
        known = {"period": "2025", "name": "size", "form": "xlsx"}
        parameters = {name: known.get(name, 1) for name in rule.arguments}
        with site.app.test_request_context():
            where = url_for(endpoint, **parameters)
        answer = client.get(where)
        assert answer.status_code == 200, endpoint
        assert answer.mimetype != "text/html"


def test_every_state_has_a_name_of_its_own() -> None:
    assert len({state.name for state in STATES}) == len(STATES)


def test_a_page_with_faults_put_into_it_is_caught(new_context: Opener) -> None:
    page = new_context(bypass_csp=True, viewport=NARROW).new_page()
    page.goto("/")
    faulty = """<img src="/static/mark.svg"><p id="pale" style="color: #bbb; background: #fff">pale</p>
        <button style="all: unset; width: 9px; height: 9px; font-size: 5px">a</button>
        <button style="all: unset; width: 9px; height: 9px; font-size: 5px">b</button>
        <p id="wide" style="width: 500px">wide</p>"""
    page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", faulty)

    found = {line.partition(":")[0] for line in faults(page, RULES)}

    assert {"image-alt", "color-contrast", "target-size"} <= found
    assert len(page.evaluate(TOO_SMALL, LEAST)) == 2
    assert page.evaluate("() => document.documentElement.scrollWidth") > NARROW["width"]
    assert any("wide" in line for line in page.evaluate(TOO_WIDE))
