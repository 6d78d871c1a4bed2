"""Offers by hand: added, changed, copied, withdrawn, brought back; drafts, and two people at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from skillsmatch.extensions import db
from skillsmatch.offers.desk.models import OfferDraft
from skillsmatch.offers.models import Offer
from tests.conftest import NOW
from tests.needs.journey import fields_of, plain
from tests.offers.course_files import course
from tests.offers.desk.at_the_desk import (
    ANSWERS,
    add_offer,
    fill,
    held,
    noted,
    on_offer,
    publish,
    rows_of,
    venues,
)

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_an_offer_typed_by_hand_says_what_was_typed(app: Flask, college: FlaskClient) -> None:
    number = add_offer(college, start_dates="1/3/2027\n18/01/2027")

    offer = held(app)["TIG welding for stainless steel"]
    assert (offer["id"], offer["source"], offer["kind"], offer["level"]) == (
        number,
        "desk",
        "short-course",
        2,
    )
    assert (offer["route"], offer["mode"], offer["start_dates"]) == (
        "engineering",
        "online",
        ["2027-01-18", "2027-03-01"],
    )
    assert (offer["duration_value"], offer["duration_unit"], offer["cost"]) == (
        Decimal(10),
        "weeks",
        Decimal(420),
    )
    assert (offer["confirmed_on"], offer["confirmed_by"], offer["desk_at"]) == (
        NOW.date(),
        "Leicester College",
        NOW,
    )
    assert noted(app) == [("offer added", f"offer {number}")]
    assert "TIG welding for stainless steel" in plain(college.get(f"/offers/{number}"))


@pytest.mark.parametrize(
    ("box", "typed", "words"),
    [
        ("kind", "", "“Kind of training” is empty; choose the kind of training"),
        ("title", "", "“Name” is empty"),
        ("who_for", "x" * 2_001, "is 2,001 characters long; the most is 2,000"),
        ("who_for", "<b>All</b>", "“Who it is for” holds HTML"),
        ("mode", None, "“How is it taught” is empty"),
        (
            "start_dates",
            "18/01/2026",
            "has passed; give a date to come, or tick “People can start at any time”",
        ),
        ("start_dates", "", "“Start dates” is empty; give a date to come"),
        ("start_dates", "+30", "is not a date from 2000 to 2100"),
        ("duration", "ten", '“Length”: "ten" is not a length of time'),
        ("duration_unit", "", "“Unit of length” is empty"),
        ("cost", "dear", '“Price for one person, in pounds”: "dear" is not a price'),
        ("cost", "", "is empty, and so is “About the price”; fill in one of them"),
        ("url", "http://example.org", "is not a secure address"),
        ("url", "javascript:alert(1)", "“Web page”"),
        ("contact_email", "me at work", "is not an e-mail address"),
        ("reference", "ABC", "is not a reference"),
        ("mode", "classroom", "“Venue” is empty, and what is taught in a classroom needs a place"),
        ("mode", "workplace", "“Can you teach it anywhere in England” is empty"),
        ("venue", "999", "Choose from the answers given for “Venue”"),
    ],
)
@only_sqlite
def test_what_is_wrong_is_told_at_its_box_and_nothing_typed_is_lost(
    app: Flask, college: FlaskClient, box: str, typed: str | None, words: str
) -> None:
    answer = fill(college, "/provider/offers/new", **{**ANSWERS, "do": "publish", box: typed})

    assert answer.status_code == 422
    assert words in plain(answer)
    assert 'aria-invalid="true"' in answer.get_data(as_text=True)
    assert fields_of(answer)["what_learned"] == ANSWERS["what_learned"]
    assert held(app) == {}


def test_the_form_sent_twice_makes_one_offer(app: Flask, college: FlaskClient) -> None:
    fields = fields_of(college.get("/provider/offers/new")) | ANSWERS | {"do": "publish"}

    first, second = (college.post("/provider/offers/new", data=fields) for _ in range(2))

    assert first.location == second.location
    assert len(held(app)) == 1


def test_the_form_sent_again_with_other_words_shows_both_versions(app: Flask, college: FlaskClient) -> None:
    fields = fields_of(college.get("/provider/offers/new")) | ANSWERS | {"do": "publish"}
    college.post("/provider/offers/new", data=fields)

    answer = college.post("/provider/offers/new", data=fields | {"cost": "95"})

    assert answer.status_code == 409
    assert "as it is now: 420 as you have it: 95" in plain(answer)
    assert held(app)["TIG welding for stainless steel"]["cost"] == 420


def test_changing_an_offer_keeps_what_the_form_does_not_ask(app: Flask, college: FlaskClient) -> None:
    publish(college, course())
    before = held(app)["MIG welding for beginners"]

    answer = fill(college, f"/provider/offers/{before['id']}/edit", cost="95", do="publish")

    assert answer.status_code == 303
    after = held(app)["MIG welding for beginners"]
    assert {n for n in after if after[n] != before[n]} == {"cost", "digest", "desk_at"}
    assert venues(app)["Abbey Park Campus"]["lat"] == 52.6447


def test_saving_what_did_not_change_changes_nothing(app: Flask, college: FlaskClient) -> None:
    number = add_offer(college)
    before, done = held(app), noted(app)

    assert fill(college, f"/provider/offers/{number}/edit", do="publish").status_code == 303

    assert (held(app), noted(app)) == (before, done)


def test_of_two_who_edit_the_later_is_refused_and_sees_both(app: Flask, college: FlaskClient) -> None:
    number = add_offer(college)
    mine = fields_of(college.get(f"/provider/offers/{number}/edit")) | {"do": "publish"}
    theirs = dict(mine)
    assert college.post(f"/provider/offers/{number}/edit", data=theirs | {"cost": "95"}).status_code == 303

    answer = college.post(f"/provider/offers/{number}/edit", data=mine | {"title": "TIG, evenings"})

    page = plain(answer)
    assert answer.status_code == 409
    assert "Somebody else saved this offer while you were typing" in page
    assert "as it is now: 95 as you have it: 420" in page
    assert "as it is now: TIG welding for stainless steel as you have it: TIG, evenings" in page
    assert fields_of(answer)["title"] == "TIG, evenings"
    assert list(held(app)) == ["TIG welding for stainless steel"]

    answer = college.post(f"/provider/offers/{number}/edit", data=fields_of(answer) | {"do": "publish"})

    assert answer.status_code == 303
    assert held(app)["TIG, evenings"]["cost"] == 420


def test_an_offer_that_a_colleague_withdrew_is_not_brought_back_by_the_way(
    app: Flask, college: FlaskClient
) -> None:
    number = add_offer(college)
    fields = fields_of(college.get(f"/provider/offers/{number}/edit")) | {"do": "publish", "cost": "95"}
    college.post(f"/provider/offers/{number}/withdraw")

    answer = college.post(f"/provider/offers/{number}/edit", data=fields)

    assert answer.status_code == 409
    assert "It has also been withdrawn" in plain(answer)
    assert on_offer(app) == set()


def test_a_copy_begins_with_everything_and_is_another_offer(app: Flask, college: FlaskClient) -> None:
    number = add_offer(college)

    answer = fill(college, f"/provider/offers/new?copy={number}", title="TIG, again", do="publish")

    assert answer.status_code == 303
    one, two = held(app)["TIG welding for stainless steel"], held(app)["TIG, again"]
    same = {"title", "id", "source_ref", "digest"}
    assert {n for n in one if one[n] != two[n]} == same


def test_withdrawn_and_brought_back(app: Flask, college: FlaskClient) -> None:
    number = add_offer(college)

    for _ in range(2):
        assert college.post(f"/provider/offers/{number}/withdraw").status_code == 303
    assert on_offer(app) == set()
    assert "Withdrawn" in plain(college.get(f"/provider/offers/{number}"))

    for _ in range(2):
        assert college.post(f"/provider/offers/{number}/bring-back").status_code == 303
    assert len(on_offer(app)) == 1
    actions = ["offer added", "offer withdrawn", "offer brought back"]
    assert [action for action, _ in noted(app)] == actions


@only_sqlite
def test_how_it_would_look_is_shown_and_nothing_is_saved(app: Flask, college: FlaskClient) -> None:
    answer = fill(college, "/provider/offers/new", **ANSWERS, do="look")

    assert answer.status_code == 200
    assert "How employers would see it Nothing is saved yet" in plain(answer)
    assert "Monday 18 January 2027" in plain(answer)
    assert fields_of(answer)["title"] == ANSWERS["title"]
    assert held(app) == {}


# --- drafts ---------------------------------------------------------------------------------------------


def test_a_draft_may_be_unfinished_and_becomes_an_offer_later(app: Flask, college: FlaskClient) -> None:
    answer = fill(college, "/provider/offers/new", title="TIG one day", cost="not sure", do="draft")
    draft = str(answer.location)

    assert answer.status_code == 303
    assert held(app) == {}
    assert "Draft: TIG one day" in plain(college.get("/provider"))
    assert fields_of(college.get(draft))["cost"] == "not sure"

    assert fill(college, draft, do="publish").status_code == 422
    assert fill(college, draft, **ANSWERS, do="publish").status_code == 303
    assert list(held(app)) == ["TIG welding for stainless steel"]
    assert rows_of(app, OfferDraft) == []


def test_a_draft_of_changes_leaves_the_offer_as_it_is(app: Flask, college: FlaskClient) -> None:
    number = add_offer(college)
    before = held(app)

    draft = str(fill(college, f"/provider/offers/{number}/edit", cost="95", do="draft").location)

    assert held(app) == before
    assert "There is a draft of changes" in plain(college.get(f"/provider/offers/{number}"))
    assert fill(college, draft, do="publish").status_code == 303
    assert held(app)["TIG welding for stainless steel"]["cost"] == 95


def test_a_draft_of_changes_notices_that_the_offer_has_changed_since(
    app: Flask, college: FlaskClient
) -> None:
    number = add_offer(college)
    draft = str(fill(college, f"/provider/offers/{number}/edit", cost="95", do="draft").location)
    fill(college, f"/provider/offers/{number}/edit", title="TIG, evenings", do="publish")

    answer = fill(college, draft, do="publish")

    assert answer.status_code == 409
    assert "TIG, evenings" in plain(answer)
    assert "TIG, evenings" in held(app)


def test_of_two_who_save_a_draft_the_later_sees_both(app: Flask, college: FlaskClient) -> None:
    draft = str(fill(college, "/provider/offers/new", title="First", do="draft").location)
    mine = fields_of(college.get(draft))
    college.post(draft, data=mine | {"title": "Theirs", "do": "draft"})

    answer = college.post(draft, data=mine | {"title": "Mine", "do": "draft"})

    assert answer.status_code == 409
    assert "as it is now: Theirs as you have it: Mine" in plain(answer)
    assert college.post(draft, data=fields_of(answer) | {"do": "draft"}).status_code == 303
    assert "Draft: Mine" in plain(college.get("/provider"))


def test_the_draft_button_pressed_twice_makes_one_draft(app: Flask, college: FlaskClient) -> None:
    fields = fields_of(college.get("/provider/offers/new")) | {"title": "Once", "do": "draft"}

    for _ in range(2):
        assert college.post("/provider/offers/new", data=fields).status_code == 303

    assert len(rows_of(app, OfferDraft)) == 1


def test_a_dropped_draft_is_gone(app: Flask, college: FlaskClient) -> None:
    draft = str(fill(college, "/provider/offers/new", title="Never", do="draft").location)

    assert college.post(f"{draft}/drop").status_code == 303

    assert rows_of(app, OfferDraft) == []
    assert college.get(draft).status_code == 404


# --- still right? ---------------------------------------------------------------------------------------


def age(app: Flask, title: str, **values: object) -> None:
    with app.app_context():
        db.session.execute(update(Offer).where(Offer.title == title).values(**values))
        db.session.commit()


def test_one_press_confirms_what_is_shown_save_what_has_passed(app: Flask, college: FlaskClient) -> None:
    for title in ("Old", "Older", "Gone by"):
        add_offer(college, title=title)
    for title in ("Old", "Older", "Gone by"):
        age(app, title, confirmed_on=date(2026, 1, 5), confirmed_by="")
    age(app, "Gone by", start_dates=["2026-11-22"])
    page = college.get("/provider?show=to-confirm")
    shown = plain(page)
    assert "2 more offers to confirm" in shown
    assert "1 offer with a start date that has passed" in shown

    from re import findall

    numbers = findall(r'name="offer" value="(\d+)"', page.get_data(as_text=True))
    answer = college.post("/provider/confirm", data={"offer": numbers, "show": "to-confirm"})

    assert len(numbers) == 2
    assert answer.location == "/provider?show=to-confirm"
    found = held(app)
    assert {t: found[t]["confirmed_on"] for t in found} == {
        "Old": NOW.date(),
        "Older": NOW.date(),
        "Gone by": date(2026, 1, 5),
    }
    assert found["Old"]["confirmed_by"] == "Leicester College"
    assert noted(app)[-1] == ("offers confirmed", "provider 10003867")


def test_an_offer_whose_start_has_passed_cannot_be_confirmed(app: Flask, college: FlaskClient) -> None:
    number = add_offer(college)
    age(app, ANSWERS["title"], start_dates=["2026-11-22"], confirmed_on=date(2026, 1, 5))

    college.post(f"/provider/offers/{number}/confirm")

    assert "1 offer has a start date that passed" in plain(college.get("/provider"))
    assert held(app)[ANSWERS["title"]]["confirmed_on"] == date(2026, 1, 5)


def test_a_confirmed_offer_is_read_into_the_index_again(app: Flask, college: FlaskClient) -> None:
    from skillsmatch.offers.models import Catalogue

    number = add_offer(college)
    with app.app_context():
        before = db.session.scalar(select(Catalogue.number))

    college.post(f"/provider/offers/{number}/confirm")

    with app.app_context():
        assert db.session.scalar(select(Catalogue.number)) == (before or 0) + 1


@only_sqlite
def test_what_needs_looking_at_stands_first_and_the_filters_narrow(app: Flask, college: FlaskClient) -> None:
    for title in ("Alpha", "Beta 100%", "Zeta"):
        add_offer(college, title=title, kind="course" if title == "Alpha" else "esol")
    age(app, "Zeta", confirmed_on=date(2025, 11, 1))

    page = plain(college.get("/provider"))
    assert page.index("Zeta") < page.index("Alpha") < page.index("Beta")
    assert "Not confirmed for 12 months: employers no longer see it" in page

    def shown(query: str) -> set[str]:
        words = plain(college.get(f"/provider?{query}")).split("My offers")[1]
        return {title for title in ("Alpha", "Beta 100%", "Zeta") if title in words}

    assert shown("words=100%25") == {"Beta 100%"}
    assert shown("kind=course") == {"Alpha"}
    assert shown("show=hidden") == shown("show=to-confirm") == {"Zeta"}
    assert shown("show=confirmed") == {"Alpha", "Beta 100%"}
    assert shown("show=withdrawn") == set()
    assert shown("venue=none") == {"Alpha", "Beta 100%", "Zeta"}
    for query in ("show=nonsense", "kind=nonsense", "venue=999", "venue=x"):
        assert college.get(f"/provider?{query}").status_code == 404, query
    assert college.get("/provider?page=99").status_code == 200


@only_sqlite
def test_an_empty_desk_says_how_to_begin(college: FlaskClient) -> None:
    page = plain(college.get("/provider"))

    assert "How to begin" in page
    assert "Leicester College" in page
