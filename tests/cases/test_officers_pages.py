"""The Chamber's pages: who may open them, what they hide, what they note, and that looking writes nothing."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.accounts.models import Account, AuditEntry
from skillsmatch.accounts.roles import Role
from skillsmatch.cases.asked import Filters
from skillsmatch.cases.engagement import engagement
from skillsmatch.cases.models import FiledNeed, GroupedFacet, NeedGroup
from skillsmatch.cases.pack.internal import internal_pack
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.leads.chamber import agree_to_chamber, end_chamber
from skillsmatch.leads.consent import give, stop
from skillsmatch.needs.models import Facet, Need
from tests.accounts.signing import make_account, sign_in
from tests.cases.asking import say
from tests.cases.at_work import case_about
from tests.cases.conftest import FORKLIFT, WELDING, group
from tests.conftest import NOW
from tests.test_pages import check
from tests.test_safety import everything

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TODAY = NOW.date()
WORDS = "TIG welding for two at Anvil Works, ask for Priya Patel on 07700 900123, LE10 1AA"


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def audit(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return list(db.session.execute(select(AuditEntry.action, AuditEntry.about)).tuples())


def filed_name(app: Flask, need: int) -> str:
    with app.app_context():
        return db.session.get_one(FiledNeed, need).name


def group_numbers(app: Flask) -> list[int]:
    with app.app_context():
        query = select(NeedGroup.id).where(NeedGroup.merged_into_id.is_(None)).order_by(NeedGroup.id)
        return list(db.session.scalars(query))


@pytest.fixture
def asked(app: Flask) -> tuple[int, str]:
    """A need with personal data in it, and the officers' name for it."""
    more = {"email": "owner@anvil.example", "business_name": "Anvil Works", "theme": "ENG-WELD"}
    need = say(app, 1, WORDS, "TIG welding", **more)
    group(app)
    return need, filed_name(app, need)


def paths(app: Flask, name: str) -> list[tuple[str, str]]:
    """Every route of the Chamber's pages with each of its methods, from the service's own routes."""
    values = {"number": group_numbers(app)[0], "name": name, "form": "csv", "code": "page.privacy"}
    adapter, made = app.url_map.bind("localhost"), []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("cases."):
            path = adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})
            made += [(method, path) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return made


@only_sqlite
@pytest.mark.parametrize("roles", [(Role.COLLEGE,), (Role.PROVIDER,), (Role.COLLEGE, Role.PROVIDER)])
def test_a_college_and_a_provider_are_turned_away_from_every_page(
    app: Flask, asked: tuple[int, str], roles: tuple[Role, ...]
) -> None:
    client = app.test_client()
    sign_in(client, app, *roles, organisation="Soar College", ukprn=10003867)
    tried = paths(app, asked[1])

    assert len(tried) >= 9
    assert {client.open(path, method=method).status_code for method, path in tried} == {403}
    assert {app.test_client().open(path, method=method).status_code for method, path in tried} == {303, 401}


@only_sqlite
def test_an_officer_opens_every_page_and_looking_writes_nothing(
    app: Flask, officer: FlaskClient, asked: tuple[int, str]
) -> None:
    before = everything(app)

    for method, path in paths(app, asked[1]):
        if method == "GET":
            none_yet = ("/gathering/", "/quotes/needs", "/versions/", "/cases/open", "/cases/case/")
            there_is_none = any(part in path for part in none_yet)
            assert officer.get(path).status_code in ((200, 404) if there_is_none else (200,)), path

    assert everything(app) == before


def test_the_register_leads_to_the_group_and_on_to_the_need(needs: Flask, officer: FlaskClient) -> None:
    listing = text_of(officer, "/cases?district=E06000016")
    assert "1 group of 3 unmet needs" in listing
    assert "Internal." in listing
    link = re.search(r'href="(/cases/groups/\d+\?district=E06000016)"', listing)
    assert link is not None

    of_group = text_of(officer, link[1])
    assert "3 needs behind these numbers" in of_group
    assert all(words in of_group for words in FORKLIFT)
    by_sector = re.search(
        r'href="(/cases/groups/\d+\?district=E06000016&amp;sector=H)">[^<]* 3</a>', of_group
    )
    assert by_sector is not None
    assert "3 needs behind these numbers" in text_of(officer, by_sector[1].replace("&amp;", "&"))
    name = re.search(r'href="(/cases/needs/\w+)"', of_group)
    assert name is not None

    assert FORKLIFT[0] in text_of(officer, name[1])
    assert "No unmet need fits these choices" in text_of(officer, "/cases?size=250%2B")


@only_sqlite
def test_a_need_is_shown_with_personal_data_hidden_and_never_by_its_private_reference(
    app: Flask, officer: FlaskClient, asked: tuple[int, str]
) -> None:
    need, name = asked

    page = text_of(officer, f"/cases/needs/{name}")

    for secret in ("Priya", "07700", "LE10 1AA", "Anvil", "owner@anvil", f"private-{need}"):
        assert secret not in page
    assert "[name hidden]" in page
    assert "1 phone" in page
    assert officer.get(f"/cases/needs/private-{need}").status_code == 404
    assert officer.get(f"/needs/{name}").status_code == 404
    assert audit(app) == []


@only_sqlite
def test_the_original_words_are_a_post_that_is_noted(
    app: Flask, officer: FlaskClient, asked: tuple[int, str]
) -> None:
    _, name = asked

    page = officer.post(f"/cases/needs/{name}/original").get_data(as_text=True)

    assert WORDS in page
    assert "owner@anvil" not in page
    assert audit(app) == [("original words read", f"need {name}")]
    assert officer.get(f"/cases/needs/{name}/original").status_code == 405


@only_sqlite
def test_contact_details_need_a_consent_that_stands_and_are_noted(
    app: Flask, officer: FlaskClient, asked: tuple[int, str]
) -> None:
    need, name = asked
    assert "has not agreed" in text_of(officer, f"/cases/needs/{name}")
    refused = officer.post(f"/cases/needs/{name}/contact")
    assert refused.status_code == 409
    assert "owner@anvil" not in refused.get_data(as_text=True)
    assert audit(app) == []

    with app.app_context():
        keep(lambda: give(db.session.get_one(Need, need), named=[10003867]))
        db.session.remove()
    assert "owner@anvil" not in text_of(officer, f"/cases/needs/{name}")
    shown = officer.post(f"/cases/needs/{name}/contact").get_data(as_text=True)
    assert "owner@anvil.example" in shown
    assert audit(app) == [("contact of need read", f"need {name}")]

    def agree() -> None:
        stop(db.session.get_one(Need, need))
        agree_to_chamber(db.session.get_one(Need, need), "East Midlands Chamber")

    with app.app_context():
        keep(agree)
        db.session.remove()
    assert "agreed that the Chamber may write to it" in text_of(officer, f"/cases/needs/{name}")
    assert "Agreed to for 1 need" in text_of(officer, "/cases")
    group = text_of(officer, f"/cases/groups/{group_numbers(app)[0]}")
    assert "agreed to for 1 of them" in group and ", contact agreed to" in group
    assert "owner@anvil.example" in officer.post(f"/cases/needs/{name}/contact").get_data(as_text=True)

    with app.app_context():
        told = [json.loads(facts) for facts in db.session.scalars(select(AuditEntry.facts).order_by(AuditEntry.id))]
        assert told == [{"consent": "shared"}, {"consent": "chamber"}]
        keep(lambda: end_chamber(db.session.get_one(Need, need)))
        db.session.remove()
    assert officer.post(f"/cases/needs/{name}/contact").status_code == 409
    assert "Not agreed to" in text_of(officer, "/cases")


@only_sqlite
def test_a_group_is_renamed_merged_and_split_on_its_page(needs: Flask, officer: FlaskClient) -> None:
    first, second = group_numbers(needs)

    renamed = officer.post(f"/cases/groups/{first}/rename?district=E06000016", data={"name": "Fork lifts"})
    assert renamed.location == f"/cases/groups/{first}?district=E06000016"
    assert "<h1>Fork lifts</h1>" in text_of(officer, f"/cases/groups/{first}")

    assert officer.post(f"/cases/groups/{first}/merge", data={"other": str(second)}).status_code == 303
    assert officer.get(f"/cases/groups/{second}").location == f"/cases/groups/{first}"
    assert "6 needs behind these numbers" in text_of(officer, f"/cases/groups/{first}")

    with needs.app_context():
        welding = db.session.scalars(select(Facet.id).where(Facet.text.in_(WELDING))).all()
    split = officer.post(f"/cases/groups/{first}/split", data={"facets": welding, "name": "Welding"})
    assert split.status_code == 303
    assert "3 needs behind these numbers" in text_of(officer, split.location)
    assert [action for action, _ in audit(needs)] == [
        "need group renamed",
        "need group merged",
        "need group split",
    ]


@only_sqlite
def test_what_is_typed_wrongly_is_said_and_kept(needs: Flask, officer: FlaskClient) -> None:
    first, second = group_numbers(needs)
    tries = [
        ("rename", {"name": " "}, 422, "Give it a name"),
        ("rename", {"name": "\u202e \u200b"}, 422, "Give it a name"),
        ("rename", {"name": "x" * 121}, 422, "Use 120 characters or fewer"),
        ("merge", {}, 422, "Choose a group, or enter a number"),
        ("merge", {"number": "welding"}, 422, "“welding” is not a group&#39;s number"),
        ("merge", {"number": "G99999"}, 409, "There is no group with the number G99999"),
        ("merge", {"number": f"g{first}"}, 409, "this is the same one"),
        ("split", {"name": "Kept words"}, 422, "Choose the needs that are about something else"),
        ("split", {}, 422, 'href="#split-name">Give it a name'),
    ]
    for what, data, status, said in tries:
        answer = officer.post(f"/cases/groups/{first}/{what}", data=data)
        page = answer.get_data(as_text=True)
        assert (answer.status_code, said in page) == (status, True), (what, data)
        check(page)
        assert all(words in page for words in data.values() if words.strip("\u202e\u200b "))
    assert officer.post("/cases/groups/99999/rename", data={"name": "x"}).status_code == 404
    assert group_numbers(needs) == [first, second]
    assert audit(needs) == []


@only_sqlite
def test_the_register_says_what_waits_and_what_deserves_a_second_look(
    app: Flask, officer: FlaskClient
) -> None:
    words = "we need TIG welding refresher training for our night shift in the new shed"
    for employer in range(1, 6):
        say(app, employer, words, "TIG welding", theme="ENG-WELD", confirmed=False)
    group(app)
    say(app, 9, "drone pilots")

    page = text_of(officer, "/cases")

    assert "1 unmet need came in lately" in page
    assert "Sudden rise: 0 to 5" in page
    assert "5 employers with the same words" in page
    assert "100% without a confirmed e-mail" in page


@only_sqlite
def test_an_empty_register_says_so(app: Flask, officer: FlaskClient) -> None:
    assert "As soon as one does, it stands here" in text_of(officer, "/cases")
    assert "0 groups of 0 unmet needs" in text_of(officer, "/cases?page=7")
    assert "is not a theme on the list" in text_of(officer, "/cases?theme=nonsense&since=x")


@only_sqlite
def test_every_facet_of_a_withdrawn_need_stays_in_no_group_name_and_its_page_says_so(
    app: Flask, officer: FlaskClient, asked: tuple[int, str]
) -> None:
    from skillsmatch.needs.forgetting import forget

    need, name = asked

    def withdraw() -> None:
        found = db.session.get_one(Need, need)
        forget(found)
        found.status = "withdrawn"

    with app.app_context():
        keep(withdraw)
        assert db.session.scalars(select(GroupedFacet.facet_id)).all() != []
        db.session.remove()

    assert "withdrew it" in text_of(officer, f"/cases/needs/{name}")
    assert "No unmet need is left in this group" in text_of(officer, f"/cases/groups/{group_numbers(app)[0]}")


@only_sqlite
def test_outside_a_demonstration_no_address_leads_to_an_invented_need_or_group(
    app: Flask, officer: FlaskClient
) -> None:
    app.config["DEMO"] = True
    invented = say(app, 1, "falconry for hospital kitchens", channel="demo")
    group(app)
    name, number = filed_name(app, invented), group_numbers(app)[0]
    where = [
        f"/cases/groups/{number}",
        f"/cases/needs/{name}",
        f"/cases/open?group={number}",
        f"/cases/open?need={name}",
    ]
    assert [officer.get(path).status_code for path in where] == [200] * 4
    say(app, 2, FORKLIFT[0])

    app.config["DEMO"] = False
    group(app)

    assert [officer.get(path).status_code for path in where] == [404] * 4
    assert officer.post(f"/cases/groups/{number}/rename", data={"name": "x"}).status_code == 404
    assert officer.post(f"/cases/needs/{name}/original").status_code == 404
    real = max(group_numbers(app))
    assert "falconry" not in text_of(officer, f"/cases/groups/{real}").casefold()
    merged = officer.post(f"/cases/groups/{real}/merge", data={"number": f"G{number}"})
    assert (merged.status_code, "There is no group" in merged.get_data(as_text=True)) == (409, True)


@only_sqlite
def test_what_was_typed_for_a_group_that_a_colleague_merged_meanwhile_is_not_lost(
    needs: Flask, officer: FlaskClient
) -> None:
    first, second = group_numbers(needs)
    officer.post(f"/cases/groups/{first}/merge", data={"other": str(second)})

    answer = officer.post(f"/cases/groups/{second}/rename", data={"name": "Welding of all kinds"})
    again = officer.post(f"/cases/groups/{first}/merge", data={"number": f"G{second}"})

    page = answer.get_data(as_text=True)
    assert (answer.status_code, f"G{second} was put into this group a moment ago" in page) == (409, True)
    assert 'value="Welding of all kinds"' in page
    assert f"G{second} is in this group already" in again.get_data(as_text=True)


def test_who_was_heard_from_is_one_count_and_every_number_leads_to_as_many_needs(
    app: Flask, officer: FlaskClient
) -> None:
    near, far = {"district": "E06000016", "sic_section": "C"}, {"district": "E07000132", "sic_section": "H"}
    say(app, 1, "TIG welding", size_band="0-9", theme="ENG-WELD", **near)
    say(app, 1, "payroll", size_band="10-49", outcome="fits", **near)
    say(app, 2, "forklift training", size_band="250+", theme="TRA-FORK", channel="phone", **far)
    group(app)
    with app.app_context():
        span = Filters(TODAY.replace(year=TODAY.year - 1), TODAY)
        told, sheet = (
            engagement(span, app.extensions["area"]),
            internal_pack(app.extensions["area"], span.first, TODAY),
        )
        db.session.remove()

    r2 = next(s for s in sheet.sheets if s.code == "R2")
    assert [r[1:3] for r in r2.rows if r[0] != "All" and r[0] != "Membership"] == [
        (one.words, one.employers) for one in told.categories
    ]
    assert (told.employers, told.small, told.sized) == (2, 1, 2)
    for one in told.categories:
        page = text_of(officer, "/priorities/figures?" + urlencode(one.filters.query))
        assert f"<dd>{one.employers}, of them" in page, one
    page = text_of(officer, "/cases/engagement?sector=H&size=nothing")
    assert "The address asks for a size that is not on the list" in page
    assert re.search(r"<dt>Employers</dt><dd><a [^>]*>1</a>", page)
    figures = text_of(officer, "/priorities/figures?channel=phone&from=1/1/2026&to=23/11/2026")
    assert re.search(r'href="/cases/needs/\w+"', figures)


@only_sqlite
@pytest.mark.parametrize("name", ["needs", "gaps"])
def test_the_plans_tables_are_narrowed_and_lead_to_their_needs(
    needs: Flask, officer: FlaskClient, name: str
) -> None:
    page = text_of(officer, f"/cases/tables/{name}?sector=H&name=x")

    assert "Forklift" in page
    assert "Welding" not in page.partition("<tbody>")[2]
    link = re.search(r'href="(/priorities/figures\?[^"]*theme=TRA-FORK[^"]*)"', page)
    assert link is not None
    assert "<dd>3, of them 3 confirmed</dd>" in text_of(officer, link[1].replace("&amp;", "&"))
    assert page.index(">Employers</th>") < page.index(">Trend</th>" if name == "needs" else ">Gap</th>")
    assert "Forklift" in text_of(officer, f"/cases/tables/{name}?sector=H&page=99")  # the last there is
    assert "No employer asked" in text_of(officer, f"/cases/tables/{name}?size=250%2B")
    assert "Choose days from 2000" in text_of(
        officer, f"/cases/tables/{name}?first=1/1/0001&last=2/1/0001", 422
    )


@only_sqlite
def test_the_registers_choices_go_along_to_the_other_tables(needs: Flask, officer: FlaskClient) -> None:
    page = text_of(officer, "/cases?since=2026-04-01&sector=H&theme=TRA-FORK")

    links = re.findall(r'href="(/cases/(?:tables/\w+|engagement|unheard)[^"]*)"', page)
    assert [link.replace("&amp;", "&") for link in links[:4]] == [
        *(
            f"/cases/{table}?first=2026-04-01&last={TODAY}&sector=H"
            for table in ("tables/needs", "tables/gaps", "engagement")
        ),
        "/cases/unheard?since=2026-04-01&sector=H",
    ]
    table = text_of(officer, links[0].replace("&amp;", "&"))
    assert ("Forklift" in table, "Welding" in table.partition("<tbody>")[2]) == (True, False)
    assert 'href="/cases/tables/needs"' in text_of(officer, "/cases")


@only_sqlite
def test_a_case_whose_owner_left_is_without_one_beside_its_group_as_in_the_list(
    needs: Flask, officer: FlaskClient
) -> None:
    group_number = group_numbers(needs)[0]
    by = make_account(needs, Role.CHAMBER, name="Olu Officer")
    number = case_about(needs, group_number, by)
    with needs.app_context():
        keep(lambda: setattr(db.session.get_one(Account, by), "disabled_at", NOW))

    for path in ("/cases", f"/cases/groups/{group_number}"):
        assert re.search(rf'/cases/case/{number}">Case {number}</a>: [^<]*without an owner', text_of(officer, path))


def test_levels_and_reasons_of_a_group_lead_to_their_needs(needs: Flask, officer: FlaskClient) -> None:
    first = group_numbers(needs)[0]

    page = text_of(officer, f"/cases/groups/{first}")

    for part, code in (("level", "none"), ("reason", "no-provision")):
        assert f"/cases/groups/{first}?{part}={code}" in page
        assert "3 needs behind these numbers" in text_of(officer, f"/cases/groups/{first}?{part}={code}")
    assert "No unmet need of this group" in text_of(officer, f"/cases/groups/{first}?reason=too-far")
    assert "1 group of 3 unmet needs" in text_of(officer, "/cases?reason=no-provision&district=E06000016")
    assert officer.get("/cases/unheard?reason=no-provision&level=2").status_code == 200


@only_sqlite
def test_the_register_and_its_file_name_the_case_of_a_group_also_of_one_that_was_merged_into_it(
    needs: Flask, officer: FlaskClient
) -> None:
    first, second = group_numbers(needs)
    by = make_account(needs, Role.CHAMBER, name="Olu Officer")
    number = case_about(needs, second, by, lead="Soar College")
    officer.post(f"/cases/groups/{first}/merge", data={"other": str(second)})

    page = text_of(officer, "/cases")
    line = next(iter(csv.DictReader(StringIO(officer.get("/cases/register.csv").get_data().decode("utf-8-sig")))))

    assert re.search(rf'href="/cases/case/{number}">Case {number}</a>: [^<]*owned by Olu Officer', page)
    assert (line["case"], line["case_owner"], line["lead_organisation"]) == (
        f"Case {number}", "Olu Officer", "Soar College"
    )  # fmt: skip
