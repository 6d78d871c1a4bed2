"""Employers that are one firm: suggested, decided by an officer, counted as one afterwards, and undone."""

from __future__ import annotations

import re
from datetime import date
from itertools import combinations
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.cases.firm_names import legal_name, loose_name, trading_name
from skillsmatch.cases.merging import Firm, compare, known_firms, suggestions
from skillsmatch.cases.pack.internal import internal_pack
from skillsmatch.clock import today
from skillsmatch.database import keep
from skillsmatch.demand import merging
from skillsmatch.demand.counting import count as counted
from skillsmatch.demand.disclosure import rules_of
from skillsmatch.demand.employers import NotAnEmployer, employer_key
from skillsmatch.demand.merging import MergeRefused, decide, roots_of, undo
from skillsmatch.demand.models import EmployerPair, MergedEmployer
from skillsmatch.demand.periods import read_period
from skillsmatch.demand.signals import Coded, add_signal, make_countable
from skillsmatch.extensions import db
from tests.accounts.signing import PASSWORD  # noqa: F401
from tests.cases.at_once import both, meet_in
from tests.cases.gathered import noted, officer_of, send_file, write_down
from tests.needs.journey import plain

only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
sqlite_app = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CODED = Coded(
    theme="CON-BRICK", theme_confirmed=True, soc_guessed="", soc_confirmed="", sic_section="F", district="E06000016",
    level=2, need_kind="", who_for="", size_band="", people=4, outcome="offers-shown", reasons=[],
)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Acme Packaging Ltd", "ACME PACKAGING LIMITED", True),
        ("Acme Packaging Ltd.", "Acme Packaging", True),
        ("Smith & Sons PLC", "Smith and Sons", True),
        ("Forge Co. Ltd", "Forge Co", True),
        ("O'Neill's C.I.C.", "ONeills", True),
        ("Café Léon Ltd", "Cafe Leon", True),
        ("Limited", "Ltd", False),
        ("Acme Packaging", "Acme Printing", False),
    ],
)
def test_a_legal_form_is_no_part_of_a_name(one: str, other: str, same: bool) -> None:
    assert (legal_name(one) == legal_name(other)) == same


def test_a_loose_name_is_without_group_and_uk_and_knows_what_stands_behind_trading_as() -> None:
    assert loose_name("The Acme Group (UK) Holdings Ltd") == "acme"
    assert (
        trading_name("J Smith t/a Smith's Bakery") == "smiths bakery"
        and loose_name("J Smith t/a X") == "j smith"
    )
    assert loose_name("Group Ltd") == "group" and loose_name("有限公司")


def firm(key: int, name: str, domain: str = "", outcode: str = "") -> Firm:
    made = Firm(key)
    made.names = {name: None} if name else {}
    made.domains = {domain: None} if domain else {}
    made.outcodes = {outcode: None} if outcode else {}
    return made


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (("Acme Packging", "", "LE10"), ("Acme Packaging Ltd", "", "LE10"), "same postcode district LE10"),
        (("Acme Packging", "", "LE10"), ("Acme Packaging Ltd", "", "LE1"), None),
        (("Acme Packaging", "", "LE10"), ("Acme Packaging Ltd", "", "LE1"), "names alike: 100 of 100"),
        (("Acme", "acme.example", ""), ("Acme", "acme-group.example", ""), None),
        (("A", "acme.co.uk", ""), ("B", "acme.co.uk", ""), "same web domain acme.co.uk"),
        (("Acme Packs", "acme.co.uk", ""), ("Acme Packing", "acme.com", ""), "web names alike: acme"),
        (
            ("", "acmepackaging.co.uk", ""),
            ("Acme Packaging Ltd", "", "LE1"),
            "the web name of one is the name",
        ),
        (("Smith", "", "LE1"), ("Jones", "", "LE1"), None),
        (("J Smith t/a Crumb", "", "LE1"), ("Crumb Ltd", "", "LE1"), "names alike: 100 of 100"),
    ],
)
def test_a_pair_is_suggested_by_name_web_and_place(one: tuple, other: tuple, why: str | None) -> None:
    found = compare(firm(1, *one), firm(2, *other))

    assert (found is not None) == (why is not None), found
    assert why is None or why in "; ".join(found.why if found else ())


def three(app: Flask) -> list[int]:
    """Keys of three employers that asked for the same and count."""
    made: list[int] = []

    def add() -> None:
        for number in range(3):
            key = employer_key(f"owner@firm{number}.example", "")
            make_countable(add_signal(key, CODED, today(), "web", suspect=False), key)
            db.session.flush()
            made.append(key.id)

    keep(add)
    return made


def employers_counted(app: Flask) -> tuple[int, int, int]:
    """Employers in all, of the one theme, and the people they want, as a release would count them."""
    area = app.extensions["area"]
    counts = counted(read_period("2026", 4), area, rules_of(app.config), (), False)
    return (
        counts.employers,
        counts.tables["theme"]["CON-BRICK", ""].employers,
        counts.people["CON-BRICK", ""].people,
    )


def test_merged_employers_count_as_one_in_any_order_and_undoing_one_leaves_the_others(in_app: Flask) -> None:
    a, b, c = three(in_app)
    assert employers_counted(in_app) == (3, 3, 12)

    first = keep(lambda: decide(c, b, same=True, by=None).id)
    assert roots_of((a, b, c)) == {a: a, b: b, c: b} and employers_counted(in_app) == (2, 2, 8)
    second = keep(lambda: decide(b, a, same=True, by=None).id)
    assert set(roots_of((a, b, c)).values()) == {a} and employers_counted(in_app) == (1, 1, 4)
    assert keep(lambda: decide(a, b, same=True, by=None).id) == second  # said twice, it is said once

    keep(lambda: undo(first))
    assert roots_of((a, b, c)) == {a: a, b: a, c: c} and employers_counted(in_app) == (2, 2, 8)
    keep(lambda: undo(second))
    assert employers_counted(in_app) == (3, 3, 12) and db.session.scalars(select(MergedEmployer)).all() == []
    with pytest.raises(MergeRefused, match="undone already"):
        keep(lambda: undo(second))


@sqlite_app
def test_the_noise_of_a_merged_employer_is_that_of_the_oldest_key(in_app: Flask) -> None:
    from skillsmatch.demand.models import EmployerKey

    a, _b, c = three(in_app)
    keep(lambda: decide(a, c, same=True, by=None))
    merged = db.session.scalars(select(MergedEmployer)).one()

    assert (merged.key_id, merged.root_id) == (c, a)
    assert merged.record_key == db.session.get_one(EmployerKey, a).record_key


@sqlite_app
def test_what_makes_no_sense_is_refused_in_words(in_app: Flask) -> None:
    a, b, _c = three(in_app)
    with pytest.raises(MergeRefused, match="one employer already"):
        keep(lambda: decide(a, a, same=True, by=None))
    with pytest.raises(NotAnEmployer):
        keep(lambda: decide(a, 999, same=True, by=None))
    keep(lambda: decide(a, b, same=True, by=None))
    with pytest.raises(MergeRefused, match="Undo that first"):
        keep(lambda: decide(a, b, same=False, by=None))


def test_two_officers_who_merge_with_one_employer_at_one_moment_make_all_three_one(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    officers = officer_of(app), officer_of(app)
    with app.app_context():
        a, b, c = three(app)
        db.session.remove()
    meet_in(monkeypatch, merging, "_work_out")

    def merge(officer: FlaskClient, one: int, other: int) -> int:
        sent = {"one": str(one), "other": str(other), "same": "yes"}
        return officer.post("/cases/employers/decide", data=sent).status_code

    assert both(lambda: merge(officers[0], a, b), lambda: merge(officers[1], b, c)) == [303, 303]
    assert both(lambda: merge(officers[0], a, c), lambda: merge(officers[1], a, c)) == [303, 303]

    with app.app_context():
        assert set(roots_of((a, b, c)).values()) == {a}
        assert len(db.session.scalars(select(EmployerPair)).all()) == 3


def test_what_was_said_to_be_apart_is_not_joined_by_way_of_a_third(in_app: Flask) -> None:
    a, b, c = three(in_app)
    apart = keep(lambda: decide(a, b, same=False, by=None).id)
    keep(lambda: decide(a, c, same=True, by=None))

    with pytest.raises(MergeRefused, match=r"are not the same\. Undo that decision first"):
        keep(lambda: decide(b, c, same=True, by=None))

    assert employers_counted(in_app) == (2, 2, 8)
    keep(lambda: undo(apart))
    keep(lambda: decide(b, c, same=True, by=None))
    assert employers_counted(in_app) == (1, 1, 4)


def test_undoing_gives_back_what_was_though_both_have_asked_since_or_one_is_forgotten(service: Flask) -> None:
    officer = officer_of(service)
    for name, domain in (("Acme", "acme.example"), ("Acme Two", "acme-two.example")):
        write_down(officer, confirmed="y", business_name=name, website=domain, text="Two welders")
    with service.app_context():
        before = known_firms()
        one, other = sorted(before)
        pair = keep(lambda: decide(one, other, same=True, by=None).id)
        assert [(firm.needs, len(firm.domains)) for firm in known_firms().values()] == [(2, 0)]
        db.session.remove()
    write_down(officer, confirmed="y", business_name="Acme Two", website="acme-two.example", text="Forklift licences")
    officer.post("/cases/gathering/needs/1/take-back")  # the older one, by whose key they count, is forgotten
    with service.app_context():
        assert {key: firm.needs for key, firm in known_firms().items()} == {one: 2}
        keep(lambda: undo(pair))
        assert {key: (firm.needs, list(firm.names)) for key, firm in known_firms().items()} == {
            other: (2, ["Acme Two"])
        }
        db.session.remove()
    assert "No two employers look alike" in plain(officer.get("/cases/employers"))


def test_an_officer_merges_what_is_suggested_and_undoes_it(service: Flask) -> None:
    officer = officer_of(service)
    send_file(officer, "members", "business,website,member\nAcme Packaging Limited,acme.example,yes\n")
    officer.post("/cases/gathering/files/1/save")
    write_down(officer, website="", business_name="Acme Packaging", postcode="LE10")
    write_down(officer, website="", business_name="Acme Packging", postcode="LE10", text="Forklift")
    page = officer.get("/cases/employers").get_data(as_text=True)
    assert "Acme Packging" in page and "same postcode district LE10" in page and "a member" in page
    with service.app_context():
        assert len(suggestions()) == 2
        pair = next(s for s in suggestions() if "Acme Packaging Limited" in s.one.names | s.other.names)
        keys = {"one": str(pair.one.key), "other": str(pair.other.key)}

    done = officer.post("/cases/employers/decide", data=keys | {"same": "yes"}, follow_redirects=True)
    assert "They count as one from now on." in plain(done)
    with service.app_context():
        assert len(known_firms()) == 2 and len(suggestions()) == 1
        last = suggestions()[0]
        keys = {"one": str(last.one.key), "other": str(last.other.key)}
    officer.post("/cases/employers/decide", data=keys | {"same": "no"})
    page = plain(officer.get("/cases/employers"))
    assert "No two employers look alike" in page and "not the same" in page
    with service.app_context():
        number = db.session.scalars(select(EmployerPair.id).where(EmployerPair.same)).one()
    assert officer.post(f"/cases/employers/undo/{number}").status_code == 303
    again = officer.post(f"/cases/employers/undo/{number}")
    assert again.status_code == 409 and "That was undone already" in plain(again)
    assert noted(service)[-3:] == ["employers merged", "employers kept apart", "employers' decision undone"]


@sqlite_app
@pytest.mark.parametrize("sent", [{}, {"one": "x", "other": "2"}, {"one": "1", "other": "99999999999"}])
def test_a_decision_about_nobody_is_refused(app: Flask, sent: dict[str, str]) -> None:
    assert officer_of(app).post("/cases/employers/decide", data=sent).status_code == 400


@sqlite_app
def test_whom_we_heard_from_counts_merged_employers_once_and_members_among_them(app: Flask) -> None:
    officer = officer_of(app)
    with app.app_context():
        a, b, _c = three(app)
        keep(lambda: decide(a, b, same=True, by=None))
    rows = "business,website,size,member\nFirm,firm1.example,12,yes\n"
    send_file(officer, "members", rows)
    officer.post("/cases/gathering/files/1/save")

    page = plain(officer.get("/cases/engagement"))

    assert re.search(r"Employers 2 Of them, confirmed 2", page), page
    assert "100% of the 1 employer whose size is known" in page
    assert re.search(r"10 to 49 1 employers: \S+ to \S+ \(1 by the list\) 50%", page), page
    assert re.search(r"Members 1 [^%]* 50%", page) and re.search(r"Not on the list 1 [^%]* 50%", page), page
    assert re.search(r"On the web 2 [^%]* 100%", page), page
    with app.app_context():
        pack = internal_pack(app.extensions["area"], date(2020, 1, 1), today())
        rows_of_r2 = next(sheet.rows for sheet in pack.sheets if sheet.code == "R2")
        db.session.remove()
    by_size = {row[1]: row[2:5] for row in rows_of_r2 if row[0] == "Size"}
    assert by_size["10 to 49"] == (1, 50.0, 1)
    assert {row[1:3] for row in rows_of_r2 if row[0] == "Membership" and row[2]} == {
        ("Members", 1), ("Not on the list", 1)
    }  # fmt: skip
    assert ("All", "Employers", 2) in {row[:3] for row in rows_of_r2}
    assert "Employers 0" in plain(officer.get("/cases/engagement?first=1/1/2020&last=2/1/2020"))
    wrong = officer.get("/cases/engagement?first=1/1/2020&last=x")
    assert wrong.status_code == 422 and "Enter “To” as a day" in plain(wrong)
    assert officer.get("/cases/engagement?first=2/1/2020&last=1/1/2020").status_code == 422


def test_what_is_suggested_is_what_comparing_every_pair_would_suggest(app: Flask) -> None:
    chance = Random(7)
    first, trade = (
        ["Acme", "Forge", "Soar", "Akme", "Midland"],
        ["Packaging", "Engineering", "Print", "Packging"],
    )
    firms: dict[int, Firm] = {}
    for key in range(150):
        name = (
            f"{chance.choice(first)} {chance.choice(trade)} {chance.choice(['', 'Ltd', 'Leicester'])}".strip()
        )
        domain = chance.choice(["", f"w{key}.example", f"{name.split()[0].lower()}.example"])
        firms[key] = Firm(
            key,
            names={name: None} if chance.random() < 0.9 else {},
            domains={domain: None} if domain else {},
            outcodes={f"LE{chance.randint(1, 4)}": None},
            needs=chance.randint(0, 1),
        )

    with app.app_context():
        found = {(s.one.key, s.other.key): (s.points, s.why) for s in suggestions(firms)}

    every = ((one, other) for one, other in combinations(firms.values(), 2) if one.needs or other.needs)
    wanted = {
        (made.one.key, made.other.key): (made.points, made.why) for a, b in every if (made := compare(a, b))
    }
    assert len(wanted) > 100
    assert found == wanted
